import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { capturing, factsHash } from '../store/capturing.ts'

const DAYS = ['2026-08-19', '2026-08-20', '2026-08-21', '2026-08-22', '2026-08-23', '2026-08-24'] as const
const [D1, D2, D3, D4, D5, D6] = DAYS
const CARDS = { readsCardText: true } as const

const tagsOf = (name: string) => [`base_model:${name}`, `base_model:finetune:${name}`]
const BASE = row(1, { id: 'lab/base' })
/** Names its base in the card alone: no tag, nothing resolved. */
const CARD_ONLY = row(2, { cardData: { base_model: 'gpt2', base_model_relation: 'quantized' } })
/** Says in the card what tag and Hub say, under the base's old name. */
const RESOLVED = row(3, {
  tags: tagsOf('lab/base'),
  baseModels: { relation: 'finetune', models: [{ _id: hubId(1), id: 'lab/base' }] },
  cardData: { base_model: 'lab/old-base' },
})
/** Tagged, and not resolved. */
const TAGGED = row(4, { tags: ['base_model:adapter:/data/base'], cardData: { base_model: '/data/base' } })
const POPULATION = [BASE, CARD_ONLY, RESOLVED, TAGGED]

const everyDay = (rows: CatalogueRow[]) => Object.fromEntries(DAYS.map(day => [day, rows]))
const changed = (number: number, parts: Partial<CatalogueRow>) =>
  POPULATION.map(found => (found._id === hubId(number) ? { ...found, ...parts } : found))

const EDGES =
  'SELECT repo_id, base_declared, relation, base_hub_id IS NOT NULL, first_seen_on, ended_on FROM v1_base_edge ORDER BY 1, 2, 3, 5'

const resolvedEdge = ['lab/model-3', 'lab/base', 'finetune', 1, D1, null]
const taggedEdge = ['lab/model-4', '/data/base', 'adapter', 0, D1, null]
const cardEdge = (from: string, until: string | null = null) => [
  'lab/model-2',
  'gpt2',
  'quantized',
  0,
  from,
  until,
]

describe('a base that only a card names', () => {
  test('is an edge when the sweep reads card text, over a real connection, and none when it does not', async () => {
    const read = await capturing(everyDay(POPULATION))
    await read.capture(D1, CARDS)
    expect(read.sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
    expect(read.hub.requests.every(({ url }) => url.includes('cardData'))).toBe(true)
    expect(
      read.sql("SELECT date(day * 86400, 'unixepoch'), detail FROM event WHERE kind = 'card-text'"),
    ).toEqual([[D1, '{}']])

    const plain = await capturing(everyDay(POPULATION))
    await plain.capture(D1)
    expect(plain.sql(EDGES)).toEqual([resolvedEdge, taggedEdge])
    expect(plain.hub.requests.some(({ url }) => url.includes('cardData'))).toBe(false)
    expect(plain.sql("SELECT count(*) FROM event WHERE kind = 'card-text'")).toEqual([[0]])
    // As many requests either way.
    expect(read.hub.requests.length).toBe(plain.hub.requests.length)
  })

  test('begins on the day card text is first read, is unchanged the night after and ends with the card’s word', async () => {
    const { capture, sql } = await capturing({
      ...everyDay(POPULATION),
      [D4]: changed(2, { cardData: { license: 'mit' } }),
    })
    await capture(D1)
    await capture(D2, CARDS)
    expect((await capture(D3, CARDS)).sweep).toMatchObject({ storedCount: 0, unchangedCount: 4 })
    expect(sql(EDGES)).toEqual([cardEdge(D2), resolvedEdge, taggedEdge])
    await capture(D4, CARDS)
    expect(sql(EDGES)).toEqual([cardEdge(D2, D4), resolvedEdge, taggedEdge])
    expect(sql("SELECT count(*) FROM event WHERE kind = 'card-text'")).toEqual([[1]])
  })

  test('outlives sweeps that do not ask, however often, while the rest of the description goes on', async () => {
    const { capture, sql } = await capturing({
      ...everyDay(POPULATION),
      [D3]: changed(2, { pipeline_tag: 'text-generation', tags: ['license:mit'] }),
    })
    await capture(D1, CARDS)
    await capture(D2)
    expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
    await capture(D3)
    expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
    expect(
      sql('SELECT word FROM repo JOIN term ON term_key = task_key WHERE repo_id = ?', 'lab/model-2'),
    ).toEqual([['text-generation']])
    await capture(D4)
    await capture(D5, CARDS)
    expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
    // Described again with its card: from now on there is nothing to write.
    expect((await capture(D6, CARDS)).sweep).toMatchObject({ storedCount: 0 })
  })

  test('withdrawn while nobody asked ends with the first sweep that asks', async () => {
    const { capture, sql } = await capturing({
      [D1]: POPULATION,
      [D2]: changed(2, { cardData: {} }),
      [D3]: changed(2, { cardData: {} }),
    })
    await capture(D1, CARDS)
    await capture(D2)
    expect(sql(EDGES)[0]).toEqual(cardEdge(D1))
    await capture(D3, CARDS)
    expect(sql(EDGES)[0]).toEqual(cardEdge(D1, D3))
  })

  test('ends without its card once a tag or the Hub names it', async () => {
    const { capture, sql } = await capturing({
      [D1]: POPULATION,
      [D2]: changed(2, {
        tags: tagsOf('gpt2'),
        baseModels: { relation: 'finetune', models: [{ _id: hubId(1), id: 'gpt2' }] },
      }),
    })
    await capture(D1, CARDS)
    await capture(D2)
    expect(sql(EDGES).slice(0, 2)).toEqual([
      ['lab/model-2', 'gpt2', 'finetune', 1, D2, null],
      cardEdge(D1, D2),
    ])
  })

  test('is kept when the Hub refuses the field, and the refusal is noted', async () => {
    const { capture, sql, hub } = await capturing({
      ...everyDay(POPULATION),
      [D2]: changed(2, { pipeline_tag: 'text-generation' }),
    })
    await capture(D1, CARDS)
    hub.faults.push({ kind: 'rejectExpand', value: 'cardData', times: Number.POSITIVE_INFINITY })
    expect((await capture(D2, CARDS)).sweep).toMatchObject({ state: 'complete', refusedFields: ['cardData'] })
    expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
    expect(sql('SELECT count(*) FROM repo WHERE task_key IS NOT NULL')).toEqual([[1]])
    hub.faults.clear()
    expect((await capture(D3, CARDS)).sweep).toMatchObject({ refusedFields: [] })
    expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
  })
})

test('in a file that never read card text an unresolved base ends as soon as its tag is gone', async () => {
  const { capture, sql } = await capturing({ [D1]: POPULATION, [D2]: changed(4, { tags: [] }) })
  await capture(D1)
  await capture(D2)
  expect(sql(EDGES)).toEqual([resolvedEdge, [...taggedEdge.slice(0, 5), D2]])
})

test('a resolved base that is gone ends, whether card text was read or not', async () => {
  const { capture, sql } = await capturing({
    [D1]: POPULATION,
    [D2]: changed(3, { tags: [], baseModels: undefined }),
  })
  await capture(D1, CARDS)
  await capture(D2)
  expect(sql(EDGES)).toEqual([cardEdge(D1), [...resolvedEdge.slice(0, 5), D2], taggedEdge])
})

test('cards that no page can hold cost their page the bases of cards, and nothing else', async () => {
  const deep: unknown = JSON.parse('['.repeat(80) + ']'.repeat(80))
  const { capture, sql } = await capturing({
    [D1]: POPULATION,
    [D2]: changed(1, { cardData: { deep }, downloads: 7 }),
  })
  await capture(D1, CARDS)
  // Two rows a page: the base shares its page with the derivative that only its card ties to a base.
  expect((await capture(D2, CARDS)).sweep).toMatchObject({
    state: 'complete',
    rowCount: 4,
    quarantinedCount: 0,
  })
  expect(sql(EDGES)).toEqual([cardEdge(D1), resolvedEdge, taggedEdge])
  expect(sql('SELECT downloads_30d FROM repo WHERE repo_id = ?', 'lab/base')).toEqual([[7]])
})

test('hostile cards are stored as they were typed, or not at all', async () => {
  const texts = [
    "'; DROP TABLE repo; --",
    '__proto__',
    'a\u0000b',
    '\u001b[31m',
    '<script>',
    '模型/基',
    ' x ',
  ]
  const rows = [
    row(1, { cardData: { base_model: texts } }),
    row(2, { cardData: { base_model: Array.from({ length: 10_000 }, (_, index) => `n/${index}`) } }),
    row(3, { cardData: { base_model: ['\ud800', '\udfff', 'x'.repeat(513), 7, null] } }),
    row(4, { cardData: 'base_model: a/b' }),
  ]
  const { capture, sql, store } = await capturing({ [D1]: rows, [D2]: rows })
  expect((await capture(D1, CARDS)).sweep).toMatchObject({ rowCount: 4, quarantinedCount: 0 })
  const declared = (name: string) =>
    sql('SELECT declared FROM base_edge JOIN repo USING (repo_key) WHERE repo_id = ?', name).flat()
  expect(declared('lab/model-1').sort()).toEqual(texts.toSorted())
  expect(declared('lab/model-2')).toHaveLength(100)
  expect(declared('lab/model-3')).toEqual([])
  expect(declared('lab/model-4')).toEqual([])
  const before = factsHash(store)
  expect((await capture(D2, CARDS)).sweep).toMatchObject({ storedCount: 0, unchangedCount: 4 })
  expect(factsHash(store)).toBe(before)
})
