import { describe, expect, test } from 'vitest'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkRegistry } from '../../src/registry/check-registry.ts'
import { formatRegistryProblem } from '../../src/registry/registry-problem.ts'
import { BUNDLED, bundled } from './bundled.ts'

function familiesOf(key: string, name: string): string[] {
  const families = bundled.labs.get(key)?.families ?? []
  return families
    .filter(({ patterns }) => patterns.some(pattern => pattern.test(name)))
    .map(family => family.key)
}

describe('the bundled files', () => {
  test('have no problem', () => {
    expect(checkRegistry(BUNDLED).map(formatRegistryProblem)).toEqual([])
  })

  test('were reviewed within a year of the last review', () => {
    const last = [...bundled.labs.values()]
      .map(lab => lab.checked)
      .sort()
      .at(-1)!
    expect(checkRegistry(BUNDLED, parseUtcDay(last)).map(formatRegistryProblem)).toEqual([])
  })

  test('hold the labs in key order and carry a revision', () => {
    const keys = [...bundled.labs.keys()]
    expect(keys.length).toBeGreaterThanOrEqual(230)
    expect(keys).toEqual([...keys].sort())
    expect(bundled.revision).toMatch(/^[0-9a-f]{12}$/)
  })

  test('answer every lab with a second seat in a note', () => {
    const unexplained = [...bundled.labs.values()].filter(
      lab => lab.secondCountry !== null && lab.note === null,
    )
    expect(unexplained.map(lab => lab.key)).toEqual([])
  })
})

describe('families', () => {
  test.each([
    ['alibaba-qwen', 'Qwen3-8B', ['qwen']],
    ['alibaba-qwen', 'CodeQwen1.5-7B', ['qwen']],
    ['alibaba-qwen', 'QwQ-32B', ['qwen']],
    ['alibaba-qwen', 'WorldPM-72B', []],
    ['meta', 'Meta-Llama-3-8B', ['llama']],
    ['meta', 'llama-7b', ['llama']],
    ['meta', 'opt-125m', []],
    ['deepseek', 'deepseek-coder-6.7b-base', ['deepseek']],
    ['mistral-ai', 'Mixtral-8x7B-v0.1', ['mistral']],
    ['mistral-ai', 'Magistral-Small-2506', ['mistral']],
    ['google', 'gemma-3-27b-it', ['gemma']],
    ['google', 'embeddinggemma-300m', ['gemma']],
    ['google', 'flan-t5-base', ['t5']],
    ['google', 't5gemma-2b-2b-ul2', ['gemma']],
    ['google', 'bert-base-uncased', []],
    ['openai', 'gpt-oss-20b', ['gpt-oss']],
    ['openai', 'whisper-large-v3', ['whisper']],
    ['microsoft', 'Phi-4-mini-instruct', ['phi']],
    ['microsoft', 'phi-1_5', ['phi']],
    ['allen-institute-for-ai', 'OLMoE-1B-7B-0924', ['olmo']],
    ['allen-institute-for-ai', 'olmOCR-7B-0225-preview', []],
    ['nvidia', 'Llama-3_3-Nemotron-Super-49B-v1', ['nemotron']],
    ['nvidia', 'OpenReasoning-Nemotron-7B', ['nemotron']],
    ['ibm', 'granite-4.0-h-small', ['granite']],
    ['zhipu-ai', 'chatglm3-6b', ['glm']],
    ['zhipu-ai', 'agentlm-7b', []],
    ['moonshot-ai', 'Kimi-K2-Instruct', ['kimi']],
    ['minimax', 'MiniMax-M2', ['minimax']],
    ['baidu', 'ERNIE-4.5-0.3B-PT', ['ernie']],
    ['tencent', 'Hunyuan-7B-Instruct', ['hunyuan']],
    ['tencent', 'Hy3', ['hunyuan']],
    ['shanghai-ai-laboratory', 'internlm2_5-7b-chat', ['internlm']],
    ['01-ai', 'Yi-1.5-9B', ['yi']],
    ['baichuan', 'Baichuan2-7B-Base', ['baichuan']],
    ['tii', 'falcon-mamba-7b', ['falcon']],
    ['cohere', 'c4ai-command-r-v01', ['command']],
    ['cohere', 'aya-23-8B', ['aya']],
    ['lg-ai-research', 'K-EXAONE-236B-A23B', ['exaone']],
    ['hugging-face', 'SmolLM2-135M', ['smollm']],
    ['allen-institute-for-ai', 'FlexOlmo-7x7B-1T', ['olmo']],
    ['allen-institute-for-ai', 'Bolmo-7B', ['olmo']],
    ['allen-institute-for-ai', 'codetulu-2-7b', ['tulu']],
    ['mistral-ai', 'Shieldstral-1.0-3B', ['mistral']],
    ['nvidia', 'NVIDIA-NemotronLabs-VoiceChat-11B', ['nemotron']],
    ['nvidia', 'Mistral-NeMo-12B-Base', []],
    ['zhipu-ai', 'AutoGLM-Phone-9B', ['glm']],
    ['zhipu-ai', 'LongCite-glm4-9b', ['glm']],
    ['zhipu-ai', 'LongCite-llama3.1-8b', []],
    ['zhipu-ai', 'cogvlm2-llama3-chat-19B', []],
    ['stepfun', 'Step-Audio-2-mini', ['step']],
    ['stepfun', 'step3', ['step']],
  ])('%s publishes %s in %j', (lab, name, families) => {
    expect(familiesOf(lab, name)).toEqual(families)
  })
})

describe('the scope llm', () => {
  const llm = bundled.scopes.get('llm')!
  const rejects = (name: string) => llm.rejectNames.some(pattern => pattern.test(name))

  test.each([
    'Llama-Guard-3-8B',
    'Qwen3Guard-Gen-8B',
    'shieldgemma-2b',
    'gpt-oss-safeguard-20b',
    'Skywork-Reward-Llama-3.1-8B',
    'NV-Embed-v2',
    'embeddinggemma-300m',
    'Qwen3-8B-GGUF',
    'Qwen2.5-7B-Instruct-AWQ',
    'granite-3.3-8b-lora-math',
    'model_test',
    'qwen-tests-2',
    'SAE-Res-Qwen3',
  ])('leaves %s out by its name', name => {
    expect(rejects(name)).toBe(true)
  })

  test.each([
    'command-r-latest',
    'contest-solver-7b',
    'fastest-llm',
    'Flora-7B',
    'Pandora-7B',
    'Vanguard-7B',
    'embedded-code-7b',
    'Qwen3-8B',
    'gemma-3-27b-it',
    'Isaelle-7B',
  ])('keeps %s in', name => {
    expect(rejects(name)).toBe(false)
  })

  test('is the rule of the ATOM project, with first-party weights after ChatGPT', () => {
    expect([...llm.tasks!]).toEqual(['any-to-any', 'image-text-to-text', 'text-generation'])
    expect(llm.createdAfter).toBe('2022-11-30')
    expect(llm.firstParty).toBe(true)
    expect(llm.precisionSuffixes).toEqual(expect.arrayContaining(['BF16', 'FP8', 'NVFP4', 'W4A16', 'W4A4']))
  })

  test('says in its definition what its fields do', () => {
    for (const task of llm.tasks!) expect(llm.definition).toContain(task)
    expect(llm.definition).toContain('30 November 2022')
    expect(llm.definition).toContain('a reviewed correction')
  })

  test('the scope atom is its list and nothing else', () => {
    const { listed, definition, ...rule } = bundled.scopes.get('atom')!
    expect(rule).toMatchObject({
      version: 2,
      tasks: null,
      rejectNames: [],
      createdAfter: null,
      firstParty: false,
      precisionSuffixes: null,
    })
    expect(listed!.size).toBe(1772)
    expect(definition).toContain('1,772')
    expect(definition).toContain('THUDM')
  })

  test('the scope new is an age and nothing else', () => {
    const { definition, ...rule } = bundled.scopes.get('new')!
    expect(rule).toMatchObject({
      version: 1,
      tasks: null,
      rejectNames: [],
      createdAfter: null,
      bornWithinDays: 365,
      firstParty: false,
      listed: null,
    })
    expect(definition).toContain('365 days')
  })

  test('the scope all restricts nothing', () => {
    expect(bundled.scopes.get('all')).toMatchObject({
      listed: null,
      version: 1,
      tasks: null,
      rejectNames: [],
      createdAfter: null,
      firstParty: false,
      precisionSuffixes: null,
    })
  })
})
