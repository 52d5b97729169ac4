import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { HEADLINE_RELATIONS, HEADLINE_THRESHOLD } from '../../src/derive/headline-metrics.ts'
import type { NamedBase, RepoFacts, RootShare } from '../../src/domain/attribution.ts'
import { createdFrom, type MonthlyShare, SHARE_BIRTHS, SHARE_COUNTERS } from '../../src/domain/derivative.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import { addDays, daysBetween, parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { readMonthlyShares } from '../../src/store/monthly-shares.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { type PlainRepo, plainMonthlyShares, plainShare } from '../derive/plain-derivation.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { type Capturing, capturing, readRaw } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { OPEN_GATE } from '../support/open-gate.ts'

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'].map(parseUtcDay) as [
  UtcDay,
  UtcDay,
  UtcDay,
  UtcDay,
]
const OWNERS = ['qwen', 'meta', 'mistral', 'bloke', 'mover', 'nobody'] as const

/** Born on the day that is a year before the second day, or one day beside it, or long ago; or 30 days old about now. */
const bornAt = [-400, -366, -365, -364, -34, -29].map(days => addDays(DAYS[1], days))
/** `_id`s tell the time of birth: a number of seconds since the fixture's own beginning. */
const numberOf = (index: number) =>
  Date.parse(`${bornAt[index % bornAt.length]}T06:00:00Z`) / 1000 - 1_700_000_000 + index

interface Life {
  owners: (typeof OWNERS)[number][]
  bases: string[]
  relation: 'finetune' | 'quantized'
  days: {
    isListed: boolean
    downloads: number
    allTime: number | null
    owner: number
    declares: boolean
  }[]
}

const near = fc.integer({ min: 4, max: 7 })
const life: fc.Arbitrary<Life> = fc.record({
  owners: fc.tuple(fc.constantFrom(...OWNERS), fc.constantFrom(...OWNERS)),
  bases: fc.uniqueArray(
    fc.constantFrom(
      'qwen/base',
      'meta/base',
      'mover/base',
      'elsewhere/base',
      'C:\\base',
      'bloke/m0',
      'qwen/m1',
    ),
    { maxLength: 3 },
  ),
  relation: fc.constantFrom('finetune', 'finetune', 'finetune', 'quantized'),
  days: fc.array(
    fc.record({
      isListed: fc.integer({ min: 0, max: 4 }).map(value => value > 0),
      downloads: near,
      allTime: fc.option(near, { freq: 4 }),
      owner: fc.integer({ min: 0, max: 3 }).map(value => (value === 0 ? 1 : 0)),
      declares: fc.integer({ min: 0, max: 4 }).map(value => value > 0),
    }),
    { minLength: DAYS.length, maxLength: DAYS.length },
  ),
})
const lives = fc.array(life, { minLength: 2, maxLength: 9, size: 'max' })

function rowOn({ owners, bases, relation, days }: Life, index: number, at: number): CatalogueRow[] {
  const { isListed, downloads, allTime, owner, declares } = days[at]!
  if (!isListed) return []
  return [
    row(numberOf(index), {
      id: `${owners[owner]}/m${index}`,
      downloads,
      ...(allTime === null ? {} : { downloadsAllTime: allTime }),
      tags: declares ? bases.map(base => `base_model:${relation}:${base}`) : [],
    }),
  ]
}

/** Always listed: enough that one repository fewer is believed. */
const STANDING = [
  ...['qwen/base', 'meta/base', 'mover/base'].map((id, index) => row(index + 1, { id, downloads: 50 })),
  ...Array.from({ length: 110 }, (_, index) => row(100 + index, { id: `anchor/${index}` })),
]
const rowsOn = (all: readonly Life[], at: number) => [
  ...STANDING,
  ...all.flatMap((one, index) => rowOn(one, index, at)),
]

/** A repository as the public views tell it, with the texts it declares. */
interface Known extends Omit<PlainRepo, 'repo'> {
  repo: Omit<RepoFacts, 'bases' | 'roots'>
  edges: { declared: string; relation: string }[]
  names: string[]
}

/** What the file says of every repository at this moment, by its public views; its lineage is walked here once more. */
function knownNow(store: Store): PlainRepo[] {
  const repos = readRaw(
    store,
    'SELECT hub_id, repo_id, handle, substr(created_at, 1, 10), task, gone_on, downloads_30d FROM v1_repo',
  ) as [string, string, string, string, string | null, string | null, number][]
  const known = repos.map(([hubId, repoId, handle, createdOn, task, goneOn, downloads30d]): Known => {
    const [allTime] = readRaw(
      store,
      `SELECT downloads_all_time FROM v1_observation
       WHERE hub_id = ? AND downloads_all_time IS NOT NULL ORDER BY day DESC`,
      hubId,
    )
    const [[repoKey]] = readRaw(store, 'SELECT repo_key FROM repo WHERE lower(hex(hub_id)) = ?', hubId) as [
      [number],
    ]
    const edges = readRaw(
      store,
      'SELECT base_declared, relation FROM v1_base_edge WHERE hub_id = ? AND ended_on IS NULL',
      hubId,
    ) as [string, string][]
    const names = readRaw(store, 'SELECT repo_id FROM v1_repo_name WHERE hub_id = ?', hubId) as [string][]
    return {
      repo: { repoKey, repoId, formerNames: [], handle, createdOn, task },
      counters: { downloads30d, downloadsAllTime: (allTime?.[0] as number | undefined) ?? null },
      isGone: goneOn !== null,
      edges: edges.map(([declared, relation]) => ({ declared, relation })),
      names: names.map(([name]) => name),
    }
  })
  return known.map(found => ({
    repo: { ...found.repo, bases: basesOf(known, found), roots: rootsOf(known, found) },
    counters: found.counters,
    isGone: found.isGone,
  }))
}

/** Nobody here takes over another's name: whoever had it is meant, whatever it is called now. */
const bearer = (known: readonly Known[], declared: string) =>
  known.find(({ repo, names }) => repo.repoId === declared || names.includes(declared))

function basesOf(known: readonly Known[], { repo, edges }: Known): NamedBase[] {
  return edges.flatMap(({ declared, relation }) => {
    const found = bearer(known, declared)
    if (found?.repo.repoId === repo.repoId) return []
    return [{ declared, relation, repoId: found?.repo.repoId ?? (declared.includes('/') ? declared : null) }]
  })
}

/** Whether a walk up the bases leads from one repository to another. */
function leadsTo(known: readonly Known[], from: Known, to: Known, seen = new Set<Known>()): boolean {
  if (seen.has(from)) return false
  seen.add(from)
  const bases = basesOf(known, from).flatMap(({ declared }) => bearer(known, declared) ?? [])
  return bases.some(base => base === to || leadsTo(known, base, to, seen))
}

function rootsOf(known: readonly Known[], from: Known): RootShare[] {
  const distinct = new Map(
    basesOf(known, from).map(({ declared, repoId }) => {
      const base = bearer(known, declared)
      return [base ?? declared, { base, repoId }]
    }),
  )
  // Who leads back stands in one circle with it: that step is not taken.
  const bases = [...distinct.values()].filter(({ base }) => base === undefined || !leadsTo(known, base, from))
  if (bases.length === 0) return [{ repoId: from.repo.repoId, weight: 1 }]
  return bases.flatMap(({ base, repoId }) =>
    base === undefined
      ? [{ repoId, weight: 1 / bases.length }]
      : rootsOf(known, base).map(root => ({ ...root, weight: root.weight / bases.length })),
  )
}

const rounded = (value: number) => Math.round(value * 1e9) / 1e9

/** Shares of the file as rows, with the lines of each as far as floating point says anything about them. */
function published(store: Store, day?: UtcDay): unknown[] {
  const shares = readRaw(
    store,
    `SELECT date(day * 86400, 'unixepoch'), counter, born, threshold, considered, counter_unknown, counted, publishers
     FROM daily_share ORDER BY day, counter, born`,
  ) as [string, string, string, ...number[]][]
  return shares
    .filter(([on]) => day === undefined || on === day)
    .map(share => {
      const lines = readRaw(
        store,
        `SELECT attribution, line, repos FROM v1_derivative_share WHERE day = ? AND counter = ? AND born = ?
         ORDER BY attribution, line`,
        ...share.slice(0, 3),
      ) as [string, string, number][]
      return [...share, lines.map(([attribution, line, repos]) => [attribution, line, rounded(repos)])]
    })
}

const COLUMNS = { downloads30d: 'downloads_30d', downloadsAllTime: 'downloads_all_time' } as const

function counted(known: readonly PlainRepo[], day: UtcDay): unknown[] {
  return [...SHARE_COUNTERS]
    .sort()
    .flatMap(counter => [...SHARE_BIRTHS].sort().map(born => ({ counter, born })))
    .map(({ counter, born }) => {
      const shares = TOTAL_ATTRIBUTIONS.map(attribution =>
        plainShare(EVERY_KIND, known, day, {
          ...{ relations: HEADLINE_RELATIONS, attribution, counter, threshold: HEADLINE_THRESHOLD },
          createdFrom: createdFrom(day, born),
        }),
      )
      const { considered, counterUnknown, counted: count, publishers } = shares[0]!
      return [
        ...[day, COLUMNS[counter], born, HEADLINE_THRESHOLD],
        ...[considered, counterUnknown, count, publishers],
        shares
          .flatMap(({ attribution, lines }) =>
            lines.map(({ line, repos }) => [attribution, line, rounded(repos)]),
          )
          .sort(),
      ]
    })
}

/** Monthly shares as far as floating point says anything about them, in an order of their own. */
const readable = (shares: readonly MonthlyShare[]) =>
  shares
    .map(({ lines, ...share }) => ({
      ...share,
      capped: rounded(share.capped),
      lines: lines
        .map(({ repos, capped, ...line }) => ({ ...line, repos: rounded(repos), capped: rounded(capped) }))
        .sort((a, b) => (`${a.attribution} ${a.line}` < `${b.attribution} ${b.line}` ? -1 : 1)),
    }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
const keyOf = ({ month, relations, counter, threshold }: MonthlyShare) =>
  `${month} ${relations} ${counter} ${threshold}`

/** Remembers what every repository had on the first of these days on which it was 30 to 33 days old. */
function rememberAges(ages: Map<number, number>, known: readonly PlainRepo[], day: UtcDay): void {
  for (const { repo, counters, isGone } of known) {
    const age = daysBetween(parseUtcDay(repo.createdOn), day)
    if (isGone || age < 30 || age > 33 || ages.has(repo.repoKey)) continue
    ages.set(repo.repoKey, counters!.downloads30d)
  }
}

/** The view as its reader adds it up: the lines of a share are the whole of it. */
function expectWholeShares(store: Store): void {
  const sums = readRaw(
    store,
    `SELECT sum(repos), max(counted), min(counted), sum(share) FROM v1_derivative_share
     GROUP BY day, counter, born, attribution`,
  ) as [number, number, number, number][]
  for (const [repos, most, least, share] of sums) {
    expect(most).toBe(least)
    expect(repos).toBeCloseTo(most, 9)
    expect(share).toBeCloseTo(1, 9)
  }
  // A share of nothing has a row and no line.
  const [[shares]] = readRaw(store, 'SELECT count(*) FROM daily_share WHERE counted > 0') as [[number]]
  expect(sums).toHaveLength(shares * TOTAL_ATTRIBUTIONS.length)
}

describe('the shares of any small catalogue over four days', () => {
  test('are every night what counting by hand gives, add up, and are the same in one recomputation', async () => {
    const folder = temporaryFolder()
    let files = 0
    const seen = { counted: 0, split: 0, gone: 0, unknown: 0, younger: 0, aged: 0, rooted: 0 }
    await fc.assert(
      fc.asyncProperty(lives, async all => {
        const catalogue = catalogueFromDays(new Map(DAYS.map((day, at) => [day, rowsOn(all, at)])))
        const hub = await startMiniatureHub({ catalogue, quota: null })
        const clock = fakeClock(0)
        const client = createHubClient({
          endpoint: hub.origin,
          token: null,
          userAgent: 'hub-census-test',
          quotaShare: 1,
          clock,
          log: silentLog,
        })
        const store = openStore({ file: join(folder, `${files++}.db`), migrationsFolder: MIGRATIONS })
        const effects = { store, registry: EVERY_KIND, clock, log: silentLog }
        const ages = new Map<number, number>()
        try {
          for (const day of DAYS) {
            hub.serveDay(day)
            clock.set(`${day}T12:00:00Z`)
            await captureSweep({ pageSize: 50, notice: null, gate: OPEN_GATE }, { ...effects, hub: client })
            publishDailyTotals(effects)
            const known = knownNow(store)
            const expected = counted(known, day)
            expect(published(store, day)).toEqual(expected)
            rememberAges(ages, known, day)
            const monthly = plainMonthlyShares(EVERY_KIND, known, day, ages)
            expect(readable(readMonthlyShares(store))).toEqual(readable(monthly))
            seen.aged += monthly.some(
              ({ counter, counted }) => counter === 'downloads30dAt30Days' && counted > 0,
            )
              ? 1
              : 0
            seen.rooted += known.some(
              ({ repo }) =>
                repo.roots.length > 0 && repo.roots[0]!.repoId !== (repo.bases[0]?.repoId ?? repo.repoId),
            )
              ? 1
              : 0
            const [ever, year, everByAllTime] = expected as number[][]
            seen.counted += ever![6]! > 1 ? 1 : 0
            seen.younger += year![4]! < ever![4]! ? 1 : 0
            seen.unknown += everByAllTime![5]! > 0 ? 1 : 0
            seen.split += JSON.stringify(expected).includes('.5') ? 1 : 0
            seen.gone += known.some(({ repo, isGone }) => isGone && repo.bases.length > 0) ? 1 : 0
          }
          expectWholeShares(store)
          const nightByNight = published(store)
          const monthly = readable(readMonthlyShares(store))
          expect(nightByNight).toHaveLength(DAYS.length * 4)
          expect(publishDailyTotals(effects, { recompute: true })).toMatchObject({ from: 'history' })
          expect(published(store)).toEqual(nightByNight)
          expect(readable(readMonthlyShares(store))).toEqual(monthly)
          expectWholeShares(store)
        } finally {
          store.close()
          await client.close()
          await hub.close()
        }
      }),
      { numRuns: 40 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
  }, 120_000)
})

describe('published shares', () => {
  const [D1, D2, D3, D4] = DAYS
  const effects = ({ store, clock }: Capturing) => ({ store, registry: EVERY_KIND, clock, log: silentLog })
  const child = (number: number, base: string, parts: Partial<CatalogueRow> = {}) =>
    row(number, {
      id: `nobody/m${number}`,
      downloads: 6,
      downloadsAllTime: 60,
      tags: [`base_model:finetune:${base}`],
      ...parts,
    })
  const rows = (factor: number) =>
    Array.from({ length: 6 }, (_, index) =>
      child(index + 1, index % 2 === 0 ? 'qwen/a' : 'meta/b', { downloads: 4 + index * factor }),
    )

  async function threeNights(): Promise<Capturing> {
    const census = await capturing({ [D1]: rows(0), [D2]: rows(1), [D3]: rows(2), [D4]: rows(3) })
    for (const day of [D1, D2, D3]) {
      await census.capture(day)
      publishDailyTotals(effects(census))
    }
    return census
  }

  test.each([
    ['of every day', 'DELETE FROM daily_share; DELETE FROM daily_share_line'],
    ['of the newest day', `DELETE FROM daily_share WHERE day = (SELECT max(day) FROM daily_total)`],
    ['of a day before', `DELETE FROM daily_share WHERE day = (SELECT min(day) FROM daily_total)`],
  ])('%s are made where a file has totals without them', async (_, forget) => {
    const census = await threeNights()
    const { store } = census
    const whole = published(store)
    const totals = readRaw(store, 'SELECT * FROM daily_total')
    expect(whole).toHaveLength(12)
    store.sqlite.exec(forget)
    expect(published(store)).not.toEqual(whole)
    expect(publishDailyTotals(effects(census)).days).toBeGreaterThan(0)
    expect(published(store)).toEqual(whole)
    expect(readRaw(store, 'SELECT * FROM daily_total')).toEqual(totals)
    expect(publishDailyTotals(effects(census)).from).toBe('none')
  })

  test('are what the headline of each day shows, and a file without any has a headline without shares', async () => {
    const census = await threeNights()
    const { store } = census
    const shown = () =>
      [D1, D2, D3].map(asOf =>
        answerHeadline({ asOf }, effects(census))
          .shares.filter(({ attribution }) => attribution === 'base')
          .map(share => [share.counter, share.createdFrom, share.counted, share.lines]),
      )
    const [first, second, third] = shown()
    expect(first).toEqual([
      [
        'downloadsAllTime',
        null,
        6,
        [
          { line: 'china', repos: 3 },
          { line: 'united-states', repos: 3 },
        ],
      ],
      ['downloads30d', null, 0, []],
      ['downloadsAllTime', addDays(D1, -365), 0, []],
      ['downloads30d', addDays(D1, -365), 0, []],
    ])
    expect(second![1]).toEqual([
      'downloads30d',
      null,
      4,
      [
        { line: 'china', repos: 2 },
        { line: 'united-states', repos: 2 },
      ],
    ])
    expect(third![1]![2]).toBe(5)
    store.sqlite.exec('DELETE FROM daily_share')
    expect(shown()).toEqual([[], [], []])
  })

  test('of the days before stand while a sweep is half way, whatever it has met so far', async () => {
    const before = [
      row(1, { id: 'qwen/base', downloads: 9 }),
      child(2, 'qwen/base'),
      child(3, 'meta/unseen'),
      child(4, 'qwen/base', { pipeline_tag: 'text-generation' }),
      child(9, 'qwen/base'),
    ]
    const after = [
      row(1, { id: 'meta/base', downloads: 9 }),
      child(2, 'mistral/else', { id: 'bloke/renamed', downloads: 3 }),
      child(3, 'meta/unseen', { downloadsAllTime: 3 }),
      child(4, 'meta/base', { pipeline_tag: 'fill-mask' }),
      child(5, 'meta/base'),
      row(6, { id: 'meta/unseen' }),
      child(9, 'meta/base'),
    ]
    const census = await capturing({ [D1]: before, [D2]: before, [D3]: after })
    const { store } = census
    for (const day of [D1, D2]) {
      await census.capture(day)
      publishDailyTotals(effects(census))
    }
    const whole = published(store)
    const totals = readRaw(store, 'SELECT * FROM daily_total')
    const stop = new AbortController()
    const onPage = ({ pageCount }: { pageCount: number }) => {
      if (pageCount === 3) stop.abort()
    }
    expect(await census.capture(D3, { signal: stop.signal, onPage })).toMatchObject({ interrupted: true })
    expect(publishDailyTotals(effects(census))).toMatchObject({ from: 'none' })
    expect(publishDailyTotals(effects(census), { recompute: true })).toMatchObject({
      from: 'history',
      days: 2,
    })
    expect(published(store)).toEqual(whole)
    expect(readRaw(store, 'SELECT * FROM daily_total')).toEqual(totals)
    // And the day itself counts everything once it is complete.
    await census.capture(D3)
    publishDailyTotals(effects(census))
    expect(published(store).slice(0, 8)).toEqual(whole)
    expect(published(store, D3)).toEqual(counted(knownNow(store), D3))
  })
})
