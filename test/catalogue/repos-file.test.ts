import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CatalogueFileError, parseRepos } from '../../fixtures/catalogue/repos-file.ts'
import { LAB_HANDLES } from './lab-handles.ts'

const file = fileURLToPath(new URL('../../fixtures/catalogue/repos.tsv', import.meta.url))
const text = readFileSync(file, 'utf8')
const repos = parseRepos(text)
const ids = new Set(repos.map(repo => repo.id))
const labHandles = new Set(Object.values(LAB_HANDLES).flatMap(handles => [...handles]))
const handleOf = (id: string) => id.split('/')[0]!
const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Bases the catalogue leaves out on purpose: unlisted, deleted, or written in the wrong letter case. */
const BASES_LEFT_OUT = `
  AIDC-ai-business/Marcoroni-7B-v3
  EmbeddedLLM/Mistral-7B-Merge-14-v0.1
  Epiculous/Violet_Twilight-v0.2
  KaraKaraWarehouse/Llama-3.3-MagicalGirl-2.5
  Lambent/Mira-v1.15-27B
  LeoLM/leo-mistral-hessianai-7b
  argilla/distilabeled-Marcoro14-7B-slerp
  baffo32/decapoda-research-llama-7B-hf
  codellama/CodeLlama-7b-instruct-hf
  cstr/llama3-discolm-orca
  garage-bAInd/Platypus2-13B
  huggyllama/llama-65b
  huggyllama/llama-7b
  mlabonne/Llama-3-8B-Instruct-abliterated-LORA
  mlabonne/NeuBeagle-7B
  mlabonne/NeuralOmniBeagle-7B
  mlabonne/OmniTruthyBeagle-7B-v0
  moreh/MoMo-72B-lora-1.8.7-DPO
  princeton-nlp/Llama-3-8B-ProLong-512k-Base
  runwayml/stable-diffusion-v1-5
  thomas-sounack/BioClinical-ModernBERT-large
  yl4579/StyleTTS2-LJSpeech
`
  .trim()
  .split(/\s+/)

describe('repos.tsv', () => {
  test('has 1,400 to 1,800 repos, sorted by id, each once', () => {
    expect(repos.length).toBeGreaterThanOrEqual(1400)
    expect(repos.length).toBeLessThanOrEqual(1800)
    expect(ids.size).toBe(repos.length)
    const misplaced = repos.filter((repo, i) => i > 0 && bytewise(repos[i - 1]!.id, repo.id) > 0)
    expect(misplaced.map(repo => repo.id)).toEqual([])
  })

  test('covers at least 110 handles of labs and 600 derivatives by the community', () => {
    const present = new Set(repos.map(repo => handleOf(repo.id)).filter(handle => labHandles.has(handle)))
    expect(present.size).toBeGreaterThanOrEqual(110)
    const community = repos.filter(repo => repo.relation !== null && !labHandles.has(handleOf(repo.id)))
    expect(community.length).toBeGreaterThanOrEqual(600)
  })

  test('has no repo from before the Hub kept creation dates or after 2025', () => {
    const outside = repos.filter(repo => repo.createdOn < '2022-03-02' || repo.createdOn > '2025-12-31')
    expect(outside.map(repo => repo.id)).toEqual([])
  })

  test('names bases that are in the catalogue, save the ones left out on purpose', () => {
    const unknown = new Set(repos.flatMap(repo => repo.bases).filter(base => !ids.has(base)))
    expect([...unknown].sort(bytewise)).toEqual(BASES_LEFT_OUT)
  })

  test('names no repo as its own base, and few bases younger than the repo', () => {
    // Labs upload a base after its chat model, and authors point an old card at a new base.
    const created = new Map(repos.map(repo => [repo.id, repo.createdOn]))
    expect(repos.filter(repo => repo.bases.includes(repo.id)).map(repo => repo.id)).toEqual([])
    const early = repos.filter(repo => repo.bases.some(base => (created.get(base) ?? '') > repo.createdOn))
    expect(early.length).toBeLessThan(15)
  })

  test('shows the community turning to Chinese bases', () => {
    const byId = new Map(repos.map(repo => [repo.id, repo]))
    const rootOf = (id: string, steps = 0): string => {
      const base = byId.get(id)?.bases[0]
      return base === undefined || steps === 8 || labHandles.has(handleOf(id)) ? id : rootOf(base, steps + 1)
    }
    const share = (from: string, until: string) => {
      const finetunes = repos.filter(
        repo =>
          repo.relation === 'finetune' &&
          !labHandles.has(handleOf(repo.id)) &&
          repo.createdOn >= from &&
          repo.createdOn <= until,
      )
      return (
        finetunes.filter(repo => LAB_HANDLES.china.has(handleOf(rootOf(repo.id)))).length / finetunes.length
      )
    }
    expect(share('2022-03-02', '2023-12-31')).toBeLessThan(0.15)
    expect(share('2022-03-02', '2025-06-30')).toBeGreaterThan(0.35)
    expect(share('2022-03-02', '2025-12-31')).toBeLessThan(0.5)
    expect(share('2025-09-01', '2025-12-31')).toBeGreaterThan(0.55)
  })
})

test('a damaged line is refused with its number', () => {
  const header = text.split('\n')[0]!
  const broken = `${header}\nowner/name\tyesterday\t\t\t\t\t\t\t\tnone\trelease\t1\t\n`
  expect(() => parseRepos(broken)).toThrow(CatalogueFileError)
  expect(() => parseRepos(broken)).toThrow('repos.tsv:2 created "yesterday" is not YYYY-MM-DD')
})
