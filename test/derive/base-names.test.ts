import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAliasFinder, createReuploadFinder, looseCause } from '../../src/derive/base-names.ts'
import { LOOSE_CAUSES } from '../../src/domain/lineage.ts'
import type { Alias, ReuploadRule } from '../../src/domain/registry.ts'
import { handleOf, isRepoId } from '../../src/domain/repo.ts'
import { bundled } from '../registry/bundled.ts'
import { day } from './small-registry.ts'

function rule(handle: string, pattern: RegExp, to: string, repoId: string | null = null): ReuploadRule {
  return { handle, pattern, to, repoId, reason: 'a test', evidence: 'unverified' }
}

function alias(to: string): Alias {
  return { to, evidence: 'unverified', checked: day('2026-01-01') }
}

describe('copies', () => {
  test('the first rule of a handle decides, and a single repository comes before all rules', () => {
    const find = createReuploadFinder({
      reuploads: [
        rule('bloke', /^(a)-(\d)?$/i, 'lab/$1.$2'),
        rule('bloke', /^a-.*$/i, 'other/a'),
        rule('bloke', /^a-3$/, 'lab/three', 'bloke/a-3'),
      ],
    })
    const found = (repoId: string) => find(repoId)?.repoId ?? null
    expect(['bloke/A-2', 'bloke/a-', 'bloke/a-x', 'bloke/a-3', 'bloke/A-3'].map(found)).toEqual([
      'lab/A.2',
      'lab/a.',
      'other/a',
      'lab/three',
      'lab/A.3',
    ])
  })

  test('a target that is no repository once its groups are filled in is none', () => {
    const find = createReuploadFinder({ reuploads: [rule('bloke', /^a(b)?$/i, 'lab/$1')] })
    expect(find('bloke/ab')?.repoId).toBe('lab/b')
    expect(find('bloke/a')).toBeNull()
  })

  test('an id longer than any on the Hub is not tried', () => {
    const find = createReuploadFinder({ reuploads: [rule('bloke', /^(a+)$/i, 'lab/$1')] })
    expect(find(`bloke/${'a'.repeat(506)}`)).not.toBeNull()
    expect(find(`bloke/${'a'.repeat(507)}`)).toBeNull()
  })

  test.each([
    ['unsloth/Qwen3-8B', 'Qwen/Qwen3-8B'],
    ['unsloth/qwen3-8b-unsloth-bnb-4bit', 'Qwen/qwen3-8b'],
    ['unsloth/Qwen3.6-35B-A3B-MTP-GGUF', 'Qwen/Qwen3.6-35B-A3B'],
    ['unsloth/Olmo-3-7B-Instruct', 'allenai/Olmo-3-7B-Instruct'],
    ['unsloth/gemma-3-4b-it', 'google/gemma-3-4b-it'],
    ['unsloth/gemma-4-12b-it', 'google/gemma-4-12B-it'],
    ['unsloth/gemma-4-e2b-it-unsloth-bnb-4bit', 'google/gemma-4-E2B-it'],
    ['unsloth/gemma-4-12B-it-qat-GGUF', 'google/gemma-4-12B-it-qat-q4_0-unquantized'],
    ['unsloth/gemma-4-E4B-it-qat-q4_0-unquantized', 'google/gemma-4-E4B-it-qat-q4_0-unquantized'],
    ['unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit', 'meta-llama/Llama-3.1-8B-Instruct'],
    ['unsloth/llama-3-8b-Instruct-bnb-4bit', 'meta-llama/Meta-Llama-3-8B-Instruct'],
    ['unsloth/Llama-3.2-11B-Vision-Instruct-bnb-4bit', 'meta-llama/Llama-3.2-11B-Vision-Instruct'],
    ['unsloth/mistral-7b-instruct-v0.3-bnb-4bit', 'mistralai/Mistral-7B-Instruct-v0.3'],
    ['unsloth/DeepSeek-R1-Distill-Llama-8B-unsloth-bnb-4bit', 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B'],
    ['unsloth/phi-4-mini-reasoning-unsloth-bnb-4bit', 'microsoft/Phi-4-mini-reasoning'],
    ['unsloth/Phi-3.5-mini-instruct', 'microsoft/Phi-3.5-mini-instruct'],
    ['unsloth/Phi-3-mini-4k-instruct-bnb-4bit', 'microsoft/Phi-3-mini-4k-instruct'],
    ['unsloth/gpt-oss-20b-BF16', 'openai/gpt-oss-20b'],
    ['NousResearch/Meta-Llama-3-8B', 'meta-llama/Meta-Llama-3-8B'],
    ['NousResearch/Llama-2-7b-chat-hf', 'meta-llama/Llama-2-7b-chat-hf'],
    ['TheBloke/Llama-2-13B-chat-GPTQ', 'meta-llama/Llama-2-13B-chat-hf'],
    ['bartowski/Qwen_Qwen3-8B-GGUF', 'Qwen/Qwen3-8B'],
    ['bartowski/THUDM_GLM-4-9B-0414-GGUF', 'zai-org/GLM-4-9B-0414'],
    ['mlx-community/Qwen3-4B-Instruct-2507-4bit', 'Qwen/Qwen3-4B-Instruct-2507'],
    ['mlx-community/gemma-3-1b-it-4bit', 'google/gemma-3-1b-it'],
    ['lmstudio-community/Muse-Glimmer-30B-GGUF', 'meta-models/Muse-Glimmer-30B'],
    ['RedHatAI/starcoder2-7b-quantized.w8a16', 'bigcode/starcoder2-7b'],
    ['RedHatAI/GLM-5.2-MXFP4xFP8_BLOCK', 'zai-org/GLM-5.2'],
    ['RedHatAI/Qwen3.8-27B', 'Qwen/Qwen3.8-27B'],
  ])('%s is a copy of %s', (repoId, model) => {
    expect(createReuploadFinder(bundled)(repoId)?.repoId).toBe(model)
  })

  test.each([
    'NousResearch/Hermes-3-Llama-3.1-8B',
    'NousResearch/DeepHermes-3-Llama-3-8B-Preview',
    'huihui-ai/Huihui-Qwen3.8-27B-abliterated',
    'huihui-ai/Llama-3.3-70B-Instruct-abliterated',
    'RedHatAI/GLM-5.2-speculator.dspark',
    'mlx-community/gemma-4-12b-coder-fable5-composer2.5-4bit',
    'mlx-community/Qwythos-9B-v2-OptiQ-4bit',
    'mlx-community/Qwen2.5-7B-Instruct-Uncensored-4bit',
    'lmstudio-community/Qwen3-42B-A3B-Stranger-Thoughts-GGUF',
    'TheBloke/Mistral-7B-Merge-14-v0.1-GGUF',
    'Unsloth/Qwen3-8B',
  ])('%s is nobody’s copy', repoId => {
    expect(createReuploadFinder(bundled)(repoId)).toBeNull()
  })
})

describe('aliases', () => {
  test('the id itself comes before its handle, and a renamed handle before the id that moved under it', () => {
    const find = createAliasFinder({
      aliases: {
        ids: new Map([
          ['old', alias('new/old')],
          ['was/special', alias('else/where')],
          ['now/a', alias('now/b')],
        ]),
        handles: new Map([['was', alias('now')]]),
      },
    })
    expect(find('old')).toEqual({ repoId: 'new/old', rule: 'legacy-id' })
    expect(find('was/special')).toEqual({ repoId: 'else/where', rule: 'legacy-id' })
    expect(find('was/x')).toEqual({ repoId: 'now/x', rule: 'renamed-handle' })
    expect(find('was/a')).toEqual({ repoId: 'now/b', rule: 'renamed-handle' })
  })

  test.each([
    ['gpt2', 'openai-community/gpt2', 'legacy-id'],
    ['bert-base-uncased', 'google-bert/bert-base-uncased', 'legacy-id'],
    ['xlm-roberta-base', 'FacebookAI/xlm-roberta-base', 'legacy-id'],
    ['distilgpt2', 'distilbert/distilgpt2', 'legacy-id'],
    ['meta-llama/Meta-Llama-3.1-8B', 'meta-llama/Llama-3.1-8B', 'legacy-id'],
    ['THUDM/chatglm3-6b', 'zai-org/chatglm3-6b', 'renamed-handle'],
    ['CohereForAI/aya-23-8B', 'CohereLabs/aya-23-8B', 'renamed-handle'],
  ])('%s went to %s', (declared, repoId, rule) => {
    expect(createAliasFinder(bundled)(declared)).toEqual({ repoId, rule })
  })

  test.each(['GPT2', 'meta-llama/Meta-Llama-3-8B', 'zai-org/GLM-5.2', 'THUDM'])('%s stays', declared => {
    expect(createAliasFinder(bundled)(declared)).toBeNull()
  })
})

describe('a text that leads nowhere', () => {
  test.each([
    ['/data/model_base', 'path'],
    ['/', 'path'],
    ['./x', 'path'],
    ['../x', 'path'],
    ['.', 'path'],
    ['..', 'path'],
    ['~/x', 'path'],
    ['C:\\Models\\Apriel-5B-Instruct', 'path'],
    ['c:/models', 'path'],
    ['\\\\server\\share', 'path'],
    ['outputs/run/checkpoints/last', 'path'],
    ['a b/c/d', 'path'],
    ['//x', 'path'],
    ['https://huggingface.co/Qwen/Qwen3-8B', 'address'],
    ['HTTP://example.org', 'address'],
    ['gpt2', 'bare-name'],
    ['Llama-3.1_8B', 'bare-name'],
    ['Qwen/Qwen9-8B', 'absent'],
    ['__proto__', 'malformed'],
    ['', 'malformed'],
    [' ', 'malformed'],
    ['Qwen/', 'malformed'],
    ['Qwen/Qwen3 8B', 'malformed'],
    ['Qwеn/Qwen3-8B', 'malformed'],
    ['Qwen/Qwen3-8B\n', 'malformed'],
    ['.hidden', 'malformed'],
    ['a:b', 'malformed'],
    [`a/${'b'.repeat(510)}`, 'absent'],
    [`a/${'b'.repeat(511)}`, 'malformed'],
    [`/${'b'.repeat(512)}`, 'malformed'],
  ])('%j is %s', (declared, cause) => {
    expect(looseCause(declared)).toBe(cause)
  })
})

/** Any text, ids, and what the reviewed files know, bent a little. */
const declared = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 700 }),
  fc.stringMatching(/^[\w.~:\\/ -]{0,40}$/),
  fc
    .tuple(
      fc.constantFrom(
        ...bundled.reuploads.map(({ handle }) => handle),
        ...bundled.aliases.handles.keys(),
        '__proto__',
        'Qwen',
      ),
      fc.oneof(
        fc.stringMatching(/^[\w.-]{0,30}$/),
        fc.constantFrom(
          'Qwen3-8B',
          'Llama-3.1-8B-Instruct',
          'gemma-4-12b-it-GGUF',
          'Meta-Llama-3.1-8B',
          'constructor',
        ),
      ),
    )
    .map(parts => parts.join('/')),
  fc.constantFrom(...bundled.aliases.ids.keys()),
)

describe('for every text', () => {
  const finders = [createReuploadFinder(bundled), createAliasFinder(bundled)]

  test('each finder answers null or another repository id, and has nothing to add to its own answer', () => {
    fc.assert(
      fc.property(declared, text => {
        for (const find of finders) {
          const found = find(text)
          if (found === null) continue
          expect(isRepoId(found.repoId)).toBe(true)
          expect(found.repoId).not.toBe(text)
          expect(find(found.repoId)).toBeNull()
          expect(find(text)).toEqual(found)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a copy leads to a handle that somebody reviewed, and never to an old name', () => {
    const listed = new Set([...bundled.labs.values()].flatMap(lab => lab.handles.map(({ handle }) => handle)))
    const [copyOf, aliasOf] = [createReuploadFinder(bundled), createAliasFinder(bundled)]
    fc.assert(
      fc.property(declared, text => {
        const found = copyOf(text)
        if (found === null) return
        expect(listed.has(handleOf(found.repoId))).toBe(true)
        expect(aliasOf(found.repoId)).toBeNull()
      }),
      { numRuns: 2000 },
    )
  })

  test('exactly one cause is given, and `absent` for ids alone', () => {
    fc.assert(
      fc.property(declared, text => {
        const cause = looseCause(text)
        expect(LOOSE_CAUSES).toContain(cause)
        expect(cause).not.toBe('self')
        expect(looseCause(text)).toBe(cause)
        expect(cause === 'absent').toBe(isRepoId(text) && text.length <= 512)
      }),
      { numRuns: 2000 },
    )
  })
})
