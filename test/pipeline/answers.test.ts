import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { ScopeHeadline } from '../../src/domain/headline.ts'
import { answerCumulativeChart } from '../../src/pipeline/answer-chart.ts'
import { answerCrossover, type CrossoverQuery } from '../../src/pipeline/answer-crossover.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { explainRepo } from '../../src/pipeline/explain-repo.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { day } from '../derive/small-registry.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { bundled as registry } from '../registry/bundled.ts'
import { capturing } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS, temporaryStore } from '../support/census.ts'

/** The first of each month of two years: month 0 is January 2024, month 23 December 2025. */
const MONTHS = Array.from(
  { length: 24 },
  (_, k) => `${2024 + Math.floor(k / 12)}-${String((k % 12) + 1).padStart(2, '0')}-01`,
)
const TEXT = 'text-generation'
const FIRST_NAME = 'a-tuner-nobody-knows/first-name'

/**
 * By hand. China: 1,000 k. US: 10,000 + 100 k. China passes when 900 k > 10,000: behind in month 11 (11,000 against
 * 11,100), ahead in month 12 (12,000 against 11,200). Europe is outside the scope llm. Two fine-tunes by unreviewed
 * handles: one of the Chinese model, one, from month 15, of both.
 */
function rowsOn(k: number): CatalogueRow[] {
  const tunes = (...bases: string[]) =>
    bases.flatMap(base => [`base_model:${base}`, `base_model:finetune:${base}`])
  const rows = [
    row(1, { id: 'Qwen/A', pipeline_tag: TEXT, downloads: 100 + k, downloadsAllTime: 1000 * k }),
    row(2, { id: 'meta-llama/B', pipeline_tag: TEXT, downloads: 200, downloadsAllTime: 10_000 + 100 * k }),
    row(3, { id: 'mistralai/C', pipeline_tag: 'fill-mask', downloads: 50, downloadsAllTime: 500 }),
    row(4, {
      id: k < 20 ? FIRST_NAME : 'a-tuner-nobody-knows/second-name',
      pipeline_tag: TEXT,
      downloads: 10,
      downloadsAllTime: 6,
      tags: tunes('Qwen/A'),
    }),
    row(5, {
      id: 'another-unknown-tuner/both',
      pipeline_tag: TEXT,
      createdAt: '2025-03-01T00:00:00.000Z',
      downloads: 8,
      downloadsAllTime: 5,
      tags: tunes('Qwen/A', 'meta-llama/B'),
    }),
  ]
  return k < 15 ? rows.slice(0, 4) : rows
}

/** Sweeps and publishes every month into a new file. */
async function censusOf(file: string, edit: (found: CatalogueRow) => CatalogueRow): Promise<Store> {
  const days = new Map(MONTHS.map((month, k) => [month, rowsOn(k).map(edit)]))
  const hub = await startMiniatureHub({
    catalogue: catalogueFromDays(days, 'a catalogue made by hand'),
    quota: null,
  })
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  const clock = fakeClock(0)
  const client = createHubClient({
    endpoint: hub.origin,
    token: null,
    userAgent: 'hub-census-test',
    quotaShare: 1,
    clock,
    log: silentLog,
  })
  const effects = { hub: client, store, registry, clock, log: silentLog }
  for (const month of MONTHS) {
    hub.serveDay(month)
    clock.set(`${month}T12:00:00Z`)
    await captureSweep({ pageSize: 3, notice: 'a catalogue made by hand' }, effects)
    publishDailyTotals(effects)
  }
  await client.close()
  await hub.close()
  return store
}

const folder = mkdtempSync(join(tmpdir(), 'hub-census-'))
let store: Store
let unknown: Store
beforeAll(async () => {
  store = await censusOf(join(folder, 'known.db'), found => found)
  unknown = await censusOf(
    join(folder, 'unknown.db'),
    ({ downloadsAllTime: _, ...found }) => found as CatalogueRow,
  )
})
afterAll(() => {
  store?.close()
  unknown?.close()
  rmSync(folder, { recursive: true, force: true })
})

const effects = () => ({ store, registry })
const find = (scopes: readonly ScopeHeadline[], scope: string, attribution: string) =>
  scopes.find(found => found.scope === scope && found.attribution === attribution)!
/** Repositories, 30-day and lifetime downloads of the lines that hold anything. */
const filled = ({ table }: ScopeHeadline) =>
  Object.fromEntries(
    table.lines
      .filter(line => line.downloads30d > 0)
      .map(line => [line.line, [line.repos, line.downloads30d, line.downloadsAllTime]]),
  )

function refusal(ask: () => unknown): CensusError {
  try {
    ask()
  } catch (error) {
    expect(error).toBeInstanceOf(CensusError)
    return error as CensusError
  }
  throw new Error('there was an answer')
}

describe('the headline of a catalogue made by hand', () => {
  test('carries its basis', () => {
    const { basis, sweep } = answerHeadline({}, effects())
    expect(basis).toMatchObject({
      asOf: '2025-12-01',
      notice: 'a catalogue made by hand',
      registryRevision: registry.revision,
    })
    expect(sweep).toMatchObject({
      day: '2025-12-01',
      rowCount: 5,
      downloads30dTotal: 391,
      downloadsAllTimeTotal: 35_811,
    })
  })

  test('has the sums by publisher', () => {
    const { scopes } = answerHeadline({}, effects())
    const all = find(scopes, 'all', 'publisher')
    expect(filled(all)).toEqual({
      china: [1, 123, 23_000],
      'united-states': [1, 200, 12_300],
      europe: [1, 50, 500],
      unreviewed: [2, 18, 11],
    })
    expect(all.table).toMatchObject({
      repos: 5,
      downloads30d: 391,
      downloadsAllTime: 35_811,
      allTimeUnknownRepos: 0,
      goneRepos: 0,
    })
    const china = all.table.lines.find(line => line.line === 'china')!
    expect(china.shareAllTime).toBeCloseTo(23_000 / 35_811, 12)
    expect(china.share30d).toBeCloseTo(123 / 391, 12)
    expect(all.table.coverage.attributed).toBeCloseTo(35_800 / 35_811, 12)
    expect(all.table.coverage.unreviewed).toBeCloseTo(11 / 35_811, 12)
    expect(all.topLabs.map(lab => [lab.key, lab.downloadsAllTime])).toEqual([
      ['alibaba-qwen', 23_000],
      ['meta', 12_300],
      ['mistral-ai', 500],
    ])
  })

  test('has the sums by base: a fine-tune of two bases gives each a half, to the unit', () => {
    const { scopes } = answerHeadline({}, effects())
    expect(filled(find(scopes, 'all', 'base'))).toEqual({
      china: [2, 123 + 10 + 4, 23_000 + 6 + 2],
      'united-states': [2, 200 + 4, 12_300 + 3],
      europe: [1, 50, 500],
    })
  })

  test('has the scope llm without other tasks and without unreviewed publishers, and says so in its coverage', () => {
    const llm = find(answerHeadline({}, effects()).scopes, 'llm', 'publisher')
    expect(filled(llm)).toEqual({ china: [1, 123, 23_000], 'united-states': [1, 200, 12_300] })
    expect(llm.table.leftOut).toEqual([
      { line: 'unreviewed', name: 'Unreviewed publishers', repos: 2, downloads30d: 18, downloadsAllTime: 11 },
    ])
    expect(llm.table.coverage.attributed).toBeCloseTo(35_300 / 35_311, 12)
    expect(llm.table.coverage.unreviewed).toBeCloseTo(11 / 35_311, 12)
  })

  test('has the shares of fine-tunes', () => {
    const { shares } = answerHeadline({}, effects())
    const counted = (counter: string, createdFrom: string | null) => {
      const found = shares.find(share => share.counter === counter && share.createdFrom === createdFrom)!
      return [
        found.considered,
        found.counted,
        found.publishers,
        Object.fromEntries(found.lines.map(({ line, repos }) => [line, repos])),
      ]
    }
    // Six is more than five, five is not.
    expect(counted('downloadsAllTime', null)).toEqual([2, 1, 1, { china: 1 }])
    expect(counted('downloads30d', null)).toEqual([2, 2, 2, { china: 1.5, 'united-states': 0.5 }])
    expect(counted('downloadsAllTime', '2024-12-01')).toEqual([1, 0, 0, {}])
    expect(counted('downloads30d', '2024-12-01')).toEqual([1, 1, 1, { china: 0.5, 'united-states': 0.5 }])
  })

  test('has the crossover as the bracket of two months', () => {
    const { crossovers } = answerHeadline({}, effects())
    const { crossover } = crossovers.find(
      found => found.scope === 'llm' && found.attribution === 'publisher',
    )!
    expect(crossover).toMatchObject({
      outcome: 'crossed',
      lostLeads: 0,
      firstDay: '2024-01-01',
      lastDay: '2025-12-01',
    })
    expect(crossover.crossings).toEqual([
      {
        direction: 'ahead',
        lastBefore: { day: '2024-12-01', a: 11_000, b: 11_100 },
        firstAfter: { day: '2025-01-01', a: 12_000, b: 11_200 },
        // 100 of 900 on the way: 31 / 9 = 3.4 days.
        interpolated: '2024-12-05',
        isHeld: true,
        observedAfter: 334,
      },
    ])
  })

  test('of an earlier day has that day’s figures and knows nothing of later ones', () => {
    const { basis, scopes, crossovers, shares } = answerHeadline({ asOf: day('2024-06-15') }, effects())
    expect(basis.asOf).toBe('2024-06-01')
    expect(filled(find(scopes, 'all', 'publisher'))).toEqual({
      china: [1, 105, 5000],
      'united-states': [1, 200, 10_500],
      europe: [1, 50, 500],
      unreviewed: [1, 10, 6],
    })
    for (const { crossover } of crossovers.filter(({ scope }) => scope !== 'atom'))
      expect(crossover).toMatchObject({ outcome: 'never', crossing: null, lastDay: '2024-06-01' })
    // None of them is on the published list: an empty scope has no race to tell of.
    for (const { crossover } of crossovers.filter(({ scope }) => scope === 'atom'))
      expect(crossover).toMatchObject({ outcome: 'no-data', crossing: null, lastDay: null })
    expect(new Set(shares.map(share => share.considered))).toEqual(new Set([1]))
    const soon = answerHeadline(
      { asOf: day('2025-01-10'), scope: 'llm', attribution: 'publisher' },
      effects(),
    )
    expect(soon.scopes).toHaveLength(1)
    expect(soon.crossovers[0]!.crossover).toMatchObject({
      outcome: 'provisional',
      crossing: { isHeld: false, observedAfter: 0 },
    })
  })

  test('draws the same sums over the months', () => {
    const chart = answerCumulativeChart('llm', 'publisher', effects())
    expect(chart.series.map(line => line.key)).toEqual(['china', 'united-states'])
    expect(chart.series[0]!.points.map(point => point.value)).toEqual(MONTHS.map((_, k) => 1000 * k))
    expect(chart.series[1]!.points.at(-1)).toEqual({ day: '2025-12-01', value: 12_300 })
  })
})

describe('lifetime counters that the source does not give', () => {
  const answer = () => answerHeadline({}, { store: unknown, registry })

  test('are unknown in every table, never zero', () => {
    for (const { table, topLabs } of answer().scopes) {
      expect(table.downloadsAllTime).toBeNull()
      expect(table.coverage.basis).toBe('downloads30d')
      expect(table.allTimeUnknownRepos).toBe(table.repos)
      for (const line of table.lines) expect([line.downloadsAllTime, line.shareAllTime]).toEqual([null, null])
      for (const lab of topLabs) expect(lab.downloadsAllTime).toBeNull()
    }
    const all = find(answer().scopes, 'all', 'publisher')
    expect(all.table.downloads30d).toBe(391)
    expect(all.table.coverage.unreviewed).toBeCloseTo(18 / 391, 12)
  })

  test('give no crossover and no share, and nothing to draw', () => {
    for (const { crossover } of answer().crossovers)
      expect(crossover).toMatchObject({ outcome: 'no-data', crossing: null })
    expect(answer().shares.find(share => share.counter === 'downloadsAllTime')).toMatchObject({
      considered: 2,
      counterUnknown: 2,
      counted: 0,
      lines: [],
    })
    expect(answer().shares.find(share => share.counter === 'downloads30d')).toMatchObject({
      counterUnknown: 0,
      counted: 2,
    })
    expect(answerCumulativeChart('llm', 'publisher', { store: unknown, registry }).series).toEqual([])
  })
})

describe('a question', () => {
  const crossover = (parts: Partial<CrossoverQuery>) =>
    answerCrossover(
      {
        a: 'china',
        b: 'united-states',
        scope: 'llm',
        attribution: 'publisher',
        metric: 'downloadsAllTime',
        ...parts,
      },
      effects(),
    )

  test('about two labs is answered by lab', () => {
    const found = crossover({ a: 'alibaba-qwen', b: 'meta' })
    expect(found).toMatchObject({
      axis: 'lab',
      crossover: { outcome: 'crossed', crossing: { firstAfter: { day: '2025-01-01' } } },
    })
  })

  test('turned round finds the same days, the other way', () => {
    const { outcome, crossings } = crossover({ a: 'united-states', b: 'china' }).crossover
    expect(outcome).toBe('ahead-from-the-start')
    expect(crossings.map(({ direction, firstAfter }) => [direction, firstAfter.day])).toEqual([
      ['behind', '2025-01-01'],
    ])
  })

  test('about a line that never held a repository finds a true zero, not a gap', () => {
    expect(crossover({ b: 'other' }).crossover).toMatchObject({
      outcome: 'crossed',
      crossing: { lastBefore: { a: 0, b: 0 }, firstAfter: { a: 1000, b: 0 } },
    })
  })

  test.each([
    ['scope', { scope: 'llms' }, 'llm'],
    ['region', { a: 'chin' }, 'china'],
    ['region beside a lab', { b: 'alibaba-qwen' }, 'two regions or two labs'],
    ['name of an object’s property', { a: '__proto__', b: 'constructor' }, 'china'],
  ])('with an unknown %s is refused with names to try', (_, parts, suggestion) => {
    const error = refusal(() => crossover(parts))
    expect(error.exitCode).toBe(2)
    expect(error.remedy.next).toContain(suggestion)
  })

  test('for a scope nobody defined, or a day before the first, is refused', () => {
    expect(refusal(() => answerHeadline({ scope: 'lm' }, effects())).remedy.next).toContain('llm')
    const early = refusal(() => answerHeadline({ asOf: day('2023-12-31') }, effects()))
    expect([early.exitCode, early.remedy.next]).toEqual([2, 'Ask for 2024-01-01 or later.'])
  })

  test('to an empty census is refused, and told what to type', () => {
    const error = refusal(() => answerHeadline({}, { store: temporaryStore(), registry }))
    expect([error.exitCode, error.remedy.next]).toEqual([
      2,
      'Type "hub-census sweep", then "hub-census metrics".',
    ])
  })
})

describe('an explanation', () => {
  test('finds a repository by its former name', () => {
    const found = explainRepo(FIRST_NAME, effects())
    expect(found).toMatchObject({
      hubId: hubId(4),
      repoId: 'a-tuner-nobody-knows/second-name',
      askedAs: FIRST_NAME,
      formerNames: [{ repoId: FIRST_NAME, from: '2024-01-01', until: '2025-09-01' }],
      publisher: { attribution: { line: 'unreviewed' } },
      bases: [
        {
          repoId: 'Qwen/A',
          relation: 'finetune',
          found: 'hub-id',
          weight: 1,
          attribution: { line: 'china' },
        },
      ],
      counters: { downloads30d: 10, downloadsAllTime: 6 },
    })
    expect(found.scopes).toContainEqual({
      scope: 'llm',
      version: registry.scopes.get('llm')!.version,
      verdict: 'not-first-party',
      pattern: null,
    })
    expect(explainRepo('a-tuner-nobody-knows/second-name', effects()).askedAs).toBeNull()
  })

  test('agrees with the sums about the weight of each base', () => {
    const { bases } = explainRepo('another-unknown-tuner/both', effects())
    expect(bases.map(base => [base.repoId, base.weight])).toEqual([
      ['Qwen/A', 0.5],
      ['meta-llama/B', 0.5],
    ])
  })

  test('prefers who has a name now over who had it', async () => {
    const { capture, store: own } = await capturing({
      '2026-01-01': [row(1, { id: 'a/x', downloads: 1 })],
      '2026-01-02': [row(1, { id: 'a/moved', downloads: 1 }), row(2, { id: 'a/x', downloads: 2 })],
    })
    await capture('2026-01-01')
    await capture('2026-01-02')
    expect(explainRepo('a/x', { store: own, registry })).toMatchObject({ hubId: hubId(2), askedAs: null })
    expect(explainRepo('a/moved', { store: own, registry })).toMatchObject({ hubId: hubId(1) })
  })

  test('of a name nobody has suggests one, and matches exactly', () => {
    for (const [typed, suggestion] of [
      ['qwen/a', 'Qwen/A'],
      ['x/second-name', 'a-tuner-nobody-knows/second-name'],
    ] as const) {
      const error = refusal(() => explainRepo(typed, effects()))
      expect(error.exitCode).toBe(2)
      expect(error.remedy.next).toContain(`Did you mean ${suggestion}`)
    }
    expect(refusal(() => explainRepo("'); DROP TABLE repo;--/%", effects())).remedy.next).toBe(
      'Give the full owner/name.',
    )
  })
})

test('a fine-tune that is gone counts in the shares of the days before it went, and in none after', async () => {
  const tune = (number: number) => row(number, { downloads: 9, tags: ['base_model:finetune:Qwen/A'] })
  const census = await capturing({
    '2026-01-01': [tune(1), tune(2)],
    '2026-01-02': [tune(2), tune(3)],
    '2026-01-03': [tune(1), tune(2), tune(3)],
  })
  for (const on of ['2026-01-01', '2026-01-02', '2026-01-03']) {
    await census.capture(on)
    publishDailyTotals({ store: census.store, registry, clock: census.clock, log: silentLog })
  }
  const considered = ['2026-01-01', '2026-01-02', '2026-01-03'].map(on => {
    const { shares } = answerHeadline({ asOf: day(on) }, { store: census.store, registry })
    return shares.find(share => share.counter === 'downloads30d')!.counted
  })
  expect(considered).toEqual([2, 2, 3])
})

test('a file that holds modelled data takes no observations of the Hub, and the other way round', async () => {
  const days = { '2026-01-01': [row(1)] }
  const modelled = await capturing(days, { notice: 'modelled' })
  await modelled.capture('2026-01-01')
  await expect(modelled.capture('2026-01-01', { notice: null })).rejects.toMatchObject({ exitCode: 2 })
  const observed = await capturing(days)
  await observed.capture('2026-01-01')
  await expect(observed.capture('2026-01-01', { notice: 'modelled' })).rejects.toMatchObject({ exitCode: 2 })
  expect(observed.sql('SELECT count(*) FROM sweep')).toEqual([[1]])
})
