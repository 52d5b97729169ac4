import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RAW_COUNTERS } from '../../src/domain/clean.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { Registry, Scope } from '../../src/domain/registry.ts'
import type { Movement, RegistryComparison } from '../../src/domain/registry-comparison.ts'
import { isAllTimeKnown } from '../../src/domain/total.ts'
import { readRegionTable } from '../../src/pipeline/answer-basis.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { compareRegistries, compareWithFolder } from '../../src/pipeline/compare-registries.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { registryComparisonText } from '../../src/present/registry-comparison-text.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { readTotalsOn } from '../../src/store/daily-totals.ts'
import { day, EVERY_KIND, LLM, lab, registryOf, scope } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { type Capturing, capturing, readRaw } from '../store/capturing.ts'
import { REGISTRY, temporaryFolder, temporaryStore } from '../support/census.ts'

const DAY = '2026-03-01'
const TEXT = 'text-generation'

const rows = () => [
  row(1, { id: 'qwen/a', pipeline_tag: TEXT, downloads: 600, downloadsAllTime: 5000 }),
  row(2, { id: 'meta/b', pipeline_tag: TEXT, downloads: 300, downloadsAllTime: 4000 }),
  row(3, {
    id: 'newcomer/tune',
    pipeline_tag: TEXT,
    downloads: 100,
    downloadsAllTime: 1000,
    tags: ['base_model:qwen/a', 'base_model:finetune:qwen/a'],
  }),
  row(4, { id: 'mystery/x', downloads: 7 }),
]

async function census(): Promise<Capturing> {
  const taken = await capturing({ [DAY]: rows() })
  await taken.capture(DAY)
  return taken
}

const without = (registry: Registry, key: string) =>
  [...registry.labs.values()].filter(one => one.key !== key)
const NEWCOMER = registryOf([...EVERY_KIND.labs.values(), lab('newcomer')], undefined, 'aaaaaaaaaaaa')
const SEAT = registryOf(
  [...without(EVERY_KIND, 'qwen'), lab('qwen', { countries: ['US'] })],
  undefined,
  'bbbbbbbbbbbb',
)

const table = ({ tables }: RegistryComparison, scopeKey: string, attribution: string) =>
  tables.find(found => found.scope === scopeKey && found.attribution === attribution)!
const changes = (movements: readonly Movement[]) =>
  movements.map(({ key, change }) => [key, change.downloadsAllTime, change.downloads30d])

test('a lab added takes its downloads from the unreviewed, and only where its publisher decides', async () => {
  const { store } = await census()
  const answer = compareRegistries(NEWCOMER, { store, registry: EVERY_KIND })
  const all = table(answer, 'all', 'publisher')
  expect(changes(all.lines)).toEqual([
    ['china', 1000, 100],
    ['unreviewed', -1000, -100],
  ])
  expect(changes(all.labs)).toEqual([['newcomer', 1000, 100]])
  expect(all.lines[0]!.change.share30d).toBeCloseTo(100 / 1007, 12)
  expect(all.whole.change).toMatchObject({ repos: 0, downloads30d: 0, downloadsAllTime: 0 })
  // Its base was reviewed all the time.
  expect(table(answer, 'all', 'base')).toMatchObject({ lines: [], labs: [] })
  // A first-party scope grows by it, and the whole with it.
  const llm = table(answer, 'llm', 'publisher')
  // The United States lose share alone.
  expect(changes(llm.lines)).toEqual([
    ['china', 1000, 100],
    ['united-states', 0, 0],
  ])
  expect(llm.whole.change).toMatchObject({ repos: 1, downloads30d: 100, downloadsAllTime: 1000 })
  expect(llm.coverage.before.attributed).toBeCloseTo(0.9, 12)
  expect(llm.coverage.after.attributed).toBe(1)
  expect(answer.entries).toEqual([
    { kind: 'lab', subject: 'newcomer', before: null, after: 'Lab newcomer (company)' },
    { kind: 'seat', subject: 'newcomer', before: null, after: 'CN' },
    { kind: 'handle', subject: 'newcomer', before: null, after: 'newcomer' },
  ])
})

test('a seat that moves moves its line and its derivatives by base, and no lab', async () => {
  const { store } = await census()
  const answer = compareRegistries(SEAT, { store, registry: EVERY_KIND })
  expect(changes(table(answer, 'all', 'publisher').lines)).toEqual([
    ['china', -5000, -600],
    ['united-states', 5000, 600],
  ])
  expect(changes(table(answer, 'all', 'base').lines)).toEqual([
    ['china', -6000, -700],
    ['united-states', 6000, 700],
  ])
  expect(table(answer, 'all', 'base').labs).toEqual([])
  expect(answer.entries).toEqual([{ kind: 'seat', subject: 'qwen', before: 'CN', after: 'US' }])
})

test.each([
  ['a lab more', NEWCOMER],
  ['another seat', SEAT],
  ['nobody', registryOf([], undefined, 'cccccccccccc')],
])('before and after are what publishing with either registry gives: %s', async (_, proposed) => {
  const { store, clock } = await census()
  const effects = (registry: Registry) => ({ store, registry, clock, log: silentLog })
  const answer = compareRegistries(proposed, { store, registry: EVERY_KIND })
  for (const [side, registry] of [
    ['before', EVERY_KIND],
    ['after', proposed],
  ] as const) {
    publishDailyTotals(effects(registry))
    const { shares } = answerHeadline({}, { store, registry })
    for (const { attribution, counter, createdFrom, counted, lines } of answer.shares) {
      const published = shares.find(
        share =>
          share.attribution === attribution && share.counter === counter && share.createdFrom === createdFrom,
      )!
      expect(counted).toBe(published.counted)
      const parts = new Map(published.lines.map(({ line, repos }) => [line, repos / published.counted]))
      for (const line of lines) expect(line[side]).toBeCloseTo(parts.get(line.key) ?? 0, 12)
    }
    expect(answer.shares).toHaveLength(shares.length)
    for (const { scope: key, attribution, whole, lines, labs, lead } of answer.tables) {
      const effects = { store, registry }
      const published = readRegionTable(day(DAY), key, attribution, effects, undefined, RAW_COUNTERS)
      const downloadsOf = (line: string) =>
        published.lines.find(found => found.line === line)!.downloadsAllTime
      const [china, states] = [downloadsOf('china'), downloadsOf('united-states')]
      expect(lead[side]).toBe(china === null || states === null ? null : china - states)
      expect(whole[side]).toMatchObject({
        repos: published.repos,
        downloads30d: published.downloads30d,
        downloadsAllTime: published.downloadsAllTime,
      })
      for (const line of lines) {
        const {
          line: _line,
          name: _name,
          raw: _raw,
          ...standing
        } = published.lines.find(one => one.line === line.key)!
        expect(line[side]).toEqual(standing)
      }
      const totals = readTotalsOn(store, day(DAY), { scope: key, attribution, axis: 'lab' })
      // Of an empty scope the headline knows nothing.
      const nothing = published.downloadsAllTime === null ? null : 0
      for (const moved of labs) {
        const total = totals.find(one => one.key === moved.key)
        expect(moved[side]).toMatchObject({
          downloads30d: total?.downloads30d ?? 0,
          downloadsAllTime: total && isAllTimeKnown(total) ? total.downloadsAllTime : total ? null : nothing,
        })
      }
    }
  }
})

test('the lead of the headline pair is told in every scope and attribution, moved or not, and its turn is named', async () => {
  const { store } = await census()
  const answer = compareRegistries(SEAT, { store, registry: EVERY_KIND })
  expect(answer.pair).toEqual({ a: 'China', b: 'United States' })
  expect(table(answer, 'all', 'publisher').lead).toEqual({ before: 1000, after: -9000 })
  expect(table(answer, 'all', 'base').lead).toEqual({ before: 2000, after: -10_000 })
  const text = registryComparisonText(answer)
  expect(text).toMatch(/^all, by publisher +\+1,000 +-9,000 +-10,000 +the lead turns$/m)
  expect(text).toContain('China less United States, cumulative downloads on 2026-03-01\ndates of crossovers')
  const same = registryComparisonText(compareRegistries(SEAT, { store, registry: SEAT }))
  expect(same).toMatch(/^all, by publisher +-9,000 +-9,000 +0$/m)
  // Nobody on either side is level; a scope nobody is in knows nothing, and so does a registry without the region.
  const nobody = registryOf([])
  const none = compareRegistries(nobody, { store, registry: { ...nobody, regions: [] } })
  expect(table(none, 'all', 'publisher').lead).toEqual({ before: null, after: 0 })
  expect(table(none, 'llm', 'publisher').lead).toEqual({ before: null, after: null })
  expect(registryComparisonText(none)).toMatch(/^all, by publisher +unknown +level +–$/m)
})

test('shares of fine-tunes move with the region of what they stand on', async () => {
  const { store } = await census()
  const answer = compareRegistries(SEAT, { store, registry: EVERY_KIND })
  const byBase = answer.shares.filter(({ attribution }) => attribution === 'base')
  expect(byBase.map(({ counter, threshold, counted }) => [counter, threshold, counted])).toEqual([
    ['downloadsAllTime', 5, 1],
    ['downloads30d', 5, 1],
    // It was created more than a year before.
    ['downloadsAllTime', 5, 0],
    ['downloads30d', 5, 0],
  ])
  for (const { lines, counted } of byBase) {
    if (counted === 0) expect(lines).toEqual([])
    else
      expect(lines).toEqual([
        { key: 'china', name: 'China', before: 1, after: 0, change: -1 },
        { key: 'united-states', name: 'United States', before: 0, after: 1, change: 1 },
      ])
  }
  expect(registryComparisonText(answer)).toMatch(
    /^Share of fine-tunes by region of their immediate base: more than 5 all-time downloads, whenever created, of 1\n.+\n.+\nChina +100\.0 % +0\.0 % +-100\.00$/m,
  )
  const same = compareRegistries(SEAT, { store, registry: SEAT })
  expect(same.shares.flatMap(({ lines }) => lines)).toEqual([])
  expect(registryComparisonText(same)).toContain('\n\nShare of fine-tunes by region: nothing moves\n\n')
})

test('a rule that changed under its old version is a finding, whatever it moves', async () => {
  const { store } = await census()
  const found = (rule: Partial<Scope>) => {
    const before = registryOf([], [scope('all'), { ...LLM, version: 2 }])
    const after = registryOf([], [scope('all'), { ...LLM, version: 2, ...rule }, scope('added')])
    const answer = compareRegistries(after, { store, registry: before })
    return { stale: answer.staleVersions, text: registryComparisonText(answer) }
  }
  const changed = found({ rejectNames: [...LLM.rejectNames, /reward/i] })
  expect(changed.stale).toEqual([{ scope: 'llm', version: { before: 2, after: 2 } }])
  expect(changed.text).toContain(
    'Findings\n  scope llm: its rule differs from that of 0123456789ab but the version is still 2: raise it\n',
  )
  expect(found({ rejectNames: [], version: 3 }).stale).toEqual([])
  expect(found({ rejectNames: [], version: 1 }).text).toContain('but the version fell from 2 to 1: raise it')
  // The same rule is the same rule under any version and in any words.
  for (const rule of [{ version: 3 }, { version: 1 }, { title: 'T', definition: 'D', source: 'S' }]) {
    expect(found(rule).stale).toEqual([])
    expect(found(rule).text).not.toContain('Findings')
  }
  expect(found({ tasks: new Set(['text-generation']) }).stale).toEqual([])
  expect(found({ listed: new Set(['a/b']) }).stale).toHaveLength(1)
})

test('what is left out of a comparison does not differ, and exchanging the sides exchanges the signs', async () => {
  const { store } = await census()
  const there = compareRegistries(SEAT, { store, registry: NEWCOMER })
  const back = compareRegistries(NEWCOMER, { store, registry: SEAT })
  for (const [at, one] of there.tables.entries()) {
    const other = back.tables[at]!
    expect(one.lines.map(({ key, before, after }) => ({ key, before: after, after: before }))).toEqual(
      other.lines.map(({ key, before, after }) => ({ key, before, after })),
    )
  }
  const same = compareRegistries(SEAT, { store, registry: SEAT })
  expect(same.entries).toEqual([])
  expect(same.tables.flatMap(({ lines, labs }) => [...lines, ...labs])).toEqual([])
  expect(registryComparisonText(same)).toContain('The two registries are the same.')
})

test('unknown stays unknown: a line of repositories without a counter has no cumulative change', async () => {
  const { store } = await census()
  const proposed = registryOf([...without(EVERY_KIND, 'mystery'), lab('mystery', { countries: ['JP'] })])
  const [other, unknown] = table(
    compareRegistries(proposed, { store, registry: EVERY_KIND }),
    'all',
    'publisher',
  ).lines
  expect([other!.key, other!.before.downloadsAllTime, other!.after.downloadsAllTime]).toEqual([
    'other',
    0,
    null,
  ])
  expect(other!.change).toMatchObject({ downloads30d: 7, downloadsAllTime: null })
  expect([unknown!.key, unknown!.change.downloads30d]).toEqual(['unknown', -7])
})

test('entries that differ are named by what decides, whatever the kind', async () => {
  const { store } = await census()
  const before = registryOf([
    lab('a', { handles: ['a', ['hand', null, '2025-01-01']], exceptions: ['host/x'], note: 'old' }),
    lab('b', { handles: ['b'], families: [{ key: 'fam', name: 'Fam', patterns: [/^f/i] }] }),
  ])
  const after = registryOf(
    [
      lab('a', { handles: ['a', ['hand', null, '2025-01-01']], note: 'new', kind: 'community' }),
      lab('b', {
        handles: ['b', ['hand', '2025-01-01', null]],
        secondCountry: 'FR',
        families: [{ key: 'fam', name: 'Fam', patterns: [/^f/i, /^g/i] }],
      }),
    ],
    [scope('all'), { ...LLM, createdAfter: null }, scope('new')],
  )
  expect(compareRegistries(after, { store, registry: before }).entries).toEqual([
    { kind: 'lab', subject: 'a', before: 'Lab a (company)', after: 'Lab a (community)' },
    { kind: 'second seat', subject: 'b', before: null, after: 'FR' },
    {
      kind: 'handle',
      subject: 'hand',
      before: 'a until 2025-01-01',
      after: 'a until 2025-01-01, b from 2025-01-01',
    },
    { kind: 'exception', subject: 'host/x', before: 'a', after: null },
    { kind: 'family', subject: 'fam', before: 'b: ^f', after: 'b: ^f ^g' },
    { kind: 'scope', subject: 'llm', before: 'v1', after: 'v1 with another rule' },
    { kind: 'scope', subject: 'new', before: null, after: 'v1' },
  ])
})

test('nothing is written to the census file', async () => {
  const { store, clock } = await census()
  publishDailyTotals({ store, registry: EVERY_KIND, clock, log: silentLog })
  const changed = () => readRaw(store, 'SELECT total_changes()')
  const before = changed()
  compareRegistries(NEWCOMER, { store, registry: EVERY_KIND })
  expect(changed()).toEqual(before)
})

test('before the first complete sweep there is no answer', () => {
  const store = temporaryStore()
  expect(() => compareRegistries(NEWCOMER, { store, registry: EVERY_KIND })).toThrow('No sweep is complete')
})

test('the text makes a hostile name harmless and says what is moved', async () => {
  const { store } = await census()
  const proposed = registryOf(
    [...EVERY_KIND.labs.values(), lab('newcomer', { name: 'New\u001b[31mcomer\u202e' })],
    undefined,
    'dddddddddddd',
  )
  const text = registryComparisonText(compareRegistries(proposed, { store, registry: EVERY_KIND }))
  for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden)
  expect(text).toContain('registry dddddddddddd instead of 0123456789ab, as of 2026-03-01')
  expect(text).toMatch(/China +5,000 +6,000 +\+1,000 +50\.0 % +60\.0 % +\+10\.00/)
  expect(text).toContain('Scope all v1 · by immediate base: nothing moves')
})

test('an earlier revision is what was, proposed files are what would be: one edit has opposite signs', async () => {
  const taken = await capturing({ [DAY]: [row(1, { id: 'aa-a-stranger/x', downloads: 25 })] })
  await taken.capture(DAY)
  const folder = temporaryFolder()
  cpSync(REGISTRY, folder, { recursive: true, filter: path => !path.endsWith('.ts') })
  const file = join(folder, 'labs.yml')
  const stranger = `- key: 00-stranger
  name: The Stranger
  kind: company
  countries:
    - country: "JP"
      evidence: unverified
  handles:
    - handle: "aa-a-stranger"
  checked: "2026-01-01"

- key: `
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^- key: /m, stranger))
  const effects = { store: taken.store, registry: loadRegistry(REGISTRY) }
  const compare = (is: 'before' | 'after') => compareWithFolder({ folder, named: 'the other', is }, effects)
  const proposed = compare('after')
  const earlier = compare('before')
  expect(changes(table(proposed, 'all', 'publisher').labs)).toEqual([['00-stranger', null, 25]])
  expect(changes(table(earlier, 'all', 'publisher').labs)).toEqual([['00-stranger', null, -25]])
  expect(proposed.entries).toContainEqual(expect.objectContaining({ kind: 'lab', before: null }))
  expect(earlier.entries).toContainEqual(expect.objectContaining({ kind: 'lab', after: null }))
  expect(registryComparisonText(proposed)).toContain('before: the files in use · after: the other')
  expect(registryComparisonText(earlier)).toContain('before: the other · after: the files in use')
})
