import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { modelledCatalogue } from '../../fixtures/catalogue/modelled-catalogue.ts'

const dataFolder = fileURLToPath(new URL('../../fixtures/catalogue', import.meta.url))
const catalogue = modelledCatalogue(dataFolder)
const lastRows = catalogue.rowsOn('2025-12-31')
const rowOf = (id: string, day = '2025-12-31') => catalogue.rowsOn(day).find(row => row.id === id)

describe('the modelled catalogue', () => {
  test('says with every use that it is modelled', () => {
    expect(catalogue.notice).toBe('modelled demonstration data')
  })

  test('serves every day from November 2023 to the end of 2025', () => {
    expect(catalogue.days).toHaveLength(792)
    expect(catalogue.days[0]).toBe('2023-11-01')
    expect(catalogue.days.at(-1)).toBe('2025-12-31')
    expect(() => catalogue.rowsOn('2026-01-01')).toThrow(RangeError)
  })

  test('can serve fewer days, and ends on the last one asked for', () => {
    const monthly = modelledCatalogue(dataFolder, { from: '2025-01-01', until: '2025-03-15', everyDays: 30 })
    expect(monthly.days).toEqual(['2025-01-01', '2025-01-31', '2025-03-02', '2025-03-15'])
    expect(monthly.rowsOn('2025-03-02')).toEqual(catalogue.rowsOn('2025-03-02'))
    expect(() => modelledCatalogue(dataFolder, { from: '2023-01-01' })).toThrow(RangeError)
    expect(() => modelledCatalogue(dataFolder, { everyDays: 0 })).toThrow(RangeError)
  })

  test('orders rows by _id, which is unique and begins with the second of creation', () => {
    const hubIds = lastRows.map(row => row._id)
    expect(hubIds).toEqual([...new Set(hubIds)].sort())
    const wrong = lastRows.filter(
      row =>
        !/^[0-9a-f]{24}$/.test(row._id) ||
        Number.parseInt(row._id.slice(0, 8), 16) !== Date.parse(row.createdAt) / 1000,
    )
    expect(wrong).toEqual([])
  })

  test('lists a repo from the day of its creation on', () => {
    expect(rowOf('Qwen/Qwen3-8B', '2025-04-26')).toBeUndefined()
    expect(rowOf('Qwen/Qwen3-8B', '2025-04-27')?.createdAt.slice(0, 10)).toBe('2025-04-27')
    const early = lastRows.filter(row => row.createdAt > '2026' || (row.lastModified ?? '') > '2026')
    expect(early).toEqual([])
  })

  test('gives repos older than the Hub’s own record its floor', () => {
    const row = rowOf('google-bert/bert-base-uncased')
    expect(row?.createdAt).toBe('2022-03-02T23:29:04.000Z')
    expect(row?._id.slice(0, 8)).toBe('621ffdc0')
  })

  test('has the shape of the Hub’s rows', () => {
    expect(rowOf('meta-llama/Llama-3.1-8B-Instruct')).toMatchObject({
      author: 'meta-llama',
      private: false,
      gated: 'manual',
      pipeline_tag: 'text-generation',
      library_name: 'transformers',
      safetensors: { total: 8030000000 },
      tags: [
        'transformers',
        'safetensors',
        'text-generation',
        'base_model:meta-llama/Llama-3.1-8B',
        'base_model:finetune:meta-llama/Llama-3.1-8B',
        'license:llama3.1',
        'region:us',
      ],
    })
    const quantized = rowOf('bartowski/Llama-3.2-3B-Instruct-GGUF')
    expect(quantized?.safetensors).toBeUndefined()
    expect(quantized?.gguf?.total).toBeGreaterThan(3e9)
    expect(rowOf('hf-internal-testing/tiny-random-gpt2')).not.toHaveProperty('pipeline_tag')
  })

  test('sorts several bases by their bytes, each with its relation', () => {
    const tags = rowOf('FuseAI/FuseO1-DeepSeekR1-QwQ-SkyT1-32B-Preview')?.tags ?? []
    expect(tags.filter(tag => tag.startsWith('base_model:'))).toEqual([
      'base_model:NovaSky-AI/Sky-T1-32B-Preview',
      'base_model:merge:NovaSky-AI/Sky-T1-32B-Preview',
      'base_model:Qwen/QwQ-32B-Preview',
      'base_model:merge:Qwen/QwQ-32B-Preview',
      'base_model:deepseek-ai/DeepSeek-R1-Distill-Qwen-32B',
      'base_model:merge:deepseek-ai/DeepSeek-R1-Distill-Qwen-32B',
    ])
  })

  test('stands still on the days on which the Hub did, likes apart, and catches up after', () => {
    const downloadsOn = (day: string) =>
      new Map(catalogue.rowsOn(day).map(row => [row._id, [row.downloads, row.downloadsAllTime]]))
    const sumOn = (day: string) =>
      catalogue.rowsOn(day).reduce((sum, row) => sum + (row.downloadsAllTime ?? 0), 0)
    for (const [still, before, after] of [
      ['2025-06-25', '2025-06-24', '2025-06-28'],
      ['2025-06-27', '2025-06-24', '2025-06-28'],
      ['2025-07-01', '2025-06-28', '2025-07-02'],
    ] as const) {
      const known = downloadsOn(before)
      const shown = downloadsOn(still)
      for (const [hubId, counters] of known) expect(shown.get(hubId)).toEqual(counters)
      expect(sumOn(after)).toBeGreaterThan(sumOn(before))
    }
    expect(downloadsOn('2025-06-24')).not.toEqual(downloadsOn('2025-06-23'))
  })

  test('is the same everywhere: the rows of one day have one hash', () => {
    const hash = createHash('sha256')
      .update(JSON.stringify(catalogue.rowsOn('2025-06-30')))
      .digest('hex')
    expect(hash).toBe('7611fcbef27c5e91181b11d4e88e714be7e282360269a15f4510bf2c85ce711b')
  })
})
