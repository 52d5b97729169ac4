import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { Registry } from '../../src/domain/registry.ts'
import type { Sweep } from '../../src/domain/sweep.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { EVERY_KIND, lab, registryOf } from '../derive/small-registry.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { capturing, readRaw } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { OPEN_GATE } from '../support/open-gate.ts'

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'] as const
const OWNERS = ['qwen', 'meta', 'mistral', 'bloke', 'ci', 'many', 'mystery', 'mover', 'nobody', 'Qwen']

interface LifeDay {
  listed: boolean
  downloads: number
  allTime: number | null
  likes: number
  renamed: boolean
  /** Another owner that day, or the first one. */
  owner: string | null
  retasked: boolean
  /** Which of its bases it declares that day. */
  declares: 'all' | 'first' | 'none'
}

interface Life {
  owner: string
  task: string | null
  bases: number[]
  strangeBase: string | null
  relation: 'finetune' | 'quantized' | 'merge'
  days: LifeDay[]
}

/** Whoever bears a name of one owner without a base is a copy of the other's. */
const WITH_COPIES: Registry = {
  ...EVERY_KIND,
  reuploads: [
    {
      handle: 'mystery',
      repoId: null,
      pattern: /^(m\d)(?:-r)?$/i,
      to: 'qwen/$1',
      reason: 'a test',
      evidence: 'unverified',
    },
  ],
}

const count = fc.oneof(fc.nat(5), fc.nat(1000), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 33 }))
const lifeDay: fc.Arbitrary<LifeDay> = fc.record({
  listed: fc.integer({ min: 0, max: 3 }).map(value => value > 0),
  downloads: count,
  allTime: fc.option(count, { freq: 4 }),
  likes: fc.nat(3),
  renamed: fc.integer({ min: 0, max: 4 }).map(value => value === 0),
  owner: fc.option(fc.constantFrom(...OWNERS), { freq: 1 }),
  retasked: fc.integer({ min: 0, max: 4 }).map(value => value === 0),
  declares: fc.constantFrom('all', 'all', 'first', 'none'),
})
const life: fc.Arbitrary<Life> = fc.record({
  owner: fc.constantFrom(...OWNERS),
  task: fc.constantFrom(null, 'text-generation', 'fill-mask'),
  bases: fc.uniqueArray(fc.nat(9), { maxLength: 3 }),
  strangeBase: fc.option(
    // Some name a repository of the catalogue that has, had or will have the name, or nearly.
    fc.constantFrom(
      'C:\\models\\x',
      'elsewhere/base',
      'meta/absent',
      'qwen/m0',
      'QWEN/M1',
      'mystery/m2-r',
      'qwen/m3',
    ),
    { freq: 3 },
  ),
  relation: fc.constantFrom('finetune', 'quantized', 'merge'),
  days: fc.array(lifeDay, { minLength: DAYS.length, maxLength: DAYS.length }),
})
const lives = fc.array(life, { minLength: 1, maxLength: 10 })

/** What the repository is called on a day: it may change its name and its owner. */
const nameOn = (all: readonly Life[], index: number, at: number) =>
  `${all[index]!.days[at]!.owner ?? all[index]!.owner}/m${index}${all[index]!.days[at]!.renamed ? '-r' : ''}`

function rowOn(all: readonly Life[], index: number, at: number): CatalogueRow {
  const one = all[index]!
  const { downloads, allTime, likes, retasked, declares } = one.days[at]!
  const task = retasked ? 'image-text-to-text' : one.task
  const known = one.bases.filter(base => base < all.length)
  const bases = declares === 'none' ? [] : declares === 'first' ? known.slice(0, 1) : known
  const models = bases.map(base => ({ _id: hubId(base + 1), id: nameOn(all, base, at) }))
  return row(index + 1, {
    id: nameOn(all, index, at),
    downloads,
    likes,
    ...(allTime === null ? {} : { downloadsAllTime: allTime }),
    ...(task === null ? {} : { pipeline_tag: task }),
    ...(models.length === 0 ? {} : { baseModels: { relation: one.relation, models } }),
    tags:
      one.strangeBase === null || declares === 'none'
        ? []
        : [`base_model:${one.relation}:${one.strangeBase}`],
  })
}

/** Always listed, and enough that nothing here shrinks the catalogue by a tenth: that sweep would be held. */
const ANCHORS = 100

const rowsOn = (all: readonly Life[], at: number) => [
  ...Array.from({ length: ANCHORS }, (_, index) =>
    row(100 + index, { id: `anchor/always-${index}`, downloads: 7, downloadsAllTime: 70 }),
  ),
  ...all.flatMap((one, index) => (one.days[at]!.listed ? [rowOn(all, index, at)] : [])),
]

interface Known {
  repoId: string
  downloads: number
  allTime: number | null
  /** The latest lifetime counter that was known. */
  lastKnown: number | null
  likes: number
  firstSeenOn: string
  goneOn: string | null
  observations: [string, number, number | null, number][]
}

/** The same census in a few lines: what the file has to say after each day. */
class Oracle {
  readonly known = new Map<string, Known>()
  readonly sweeps: {
    day: string
    rows: number
    downloads: number
    allTime: number
    allTimeKnown: number
    absent: string[]
  }[] = []

  take(day: string, rows: readonly CatalogueRow[]): void {
    const listed = new Set(rows.map(found => found._id))
    const absent = [...this.known]
      .filter(([id, entry]) => entry.goneOn === null && !listed.has(id))
      .map(([id]) => id)
    for (const found of rows) {
      const allTime = found.downloadsAllTime ?? null
      const entry = this.known.get(found._id)
      const isSame =
        entry?.downloads === found.downloads && entry.allTime === allTime && entry.likes === found.likes
      const observations = entry?.observations ?? []
      if (!isSame) observations.push([day, found.downloads, allTime, found.likes])
      this.known.set(found._id, {
        repoId: found.id,
        downloads: found.downloads,
        allTime,
        lastKnown: allTime ?? entry?.lastKnown ?? null,
        likes: found.likes,
        firstSeenOn: entry?.firstSeenOn ?? day,
        goneOn: null,
        observations,
      })
    }
    const before = this.sweeps.at(-1)?.rows ?? 0
    if (rows.length >= before * 0.99) for (const id of absent) this.known.get(id)!.goneOn = day
    const allTimes = rows.flatMap(found => found.downloadsAllTime ?? [])
    this.sweeps.push({
      day,
      rows: rows.length,
      downloads: rows.reduce((sum, found) => sum + found.downloads, 0),
      allTime: allTimes.reduce((sum, value) => sum + value, 0),
      allTimeKnown: allTimes.length,
      absent,
    })
  }
}

function expectSameCensus(store: Store, oracle: Oracle): void {
  const repos = [...oracle.known].sort(([a], [b]) => (a < b ? -1 : 1))
  expect(
    readRaw(
      store,
      'SELECT hub_id, repo_id, downloads_30d, downloads_all_time, likes, first_seen_on, gone_on FROM v1_repo ORDER BY hub_id',
    ),
  ).toEqual(
    repos.map(([id, found]) => [
      id,
      found.repoId,
      found.downloads,
      found.allTime,
      found.likes,
      found.firstSeenOn,
      found.goneOn,
    ]),
  )
  expect(
    readRaw(
      store,
      'SELECT hub_id, day, downloads_30d, downloads_all_time, likes FROM v1_observation ORDER BY hub_id, day',
    ),
  ).toEqual(repos.flatMap(([id, found]) => found.observations.map(values => [id, ...values])))
}

function expectSameSweep(sweep: Sweep, expected: Oracle['sweeps'][number]): void {
  expect(sweep).toMatchObject({
    day: expected.day,
    state: 'complete',
    rowCount: expected.rows,
    duplicateCount: 0,
    quarantinedCount: 0,
    absentCount: expected.absent.length,
    downloads30dTotal: expected.downloads,
    downloadsAllTimeTotal: expected.allTimeKnown > 0 ? expected.allTime : null,
    allTimeKnownCount: expected.allTimeKnown,
  })
}

const VALUES =
  'repos, downloads_30d, downloads_all_time, all_time_unknown_repos, gone_repos, gone_downloads_all_time'
const SUMS = VALUES.replace(/(\w+)/g, 'sum($1)')
const dailyTotals = (store: Store) =>
  readRaw(
    store,
    `SELECT day, scope, attribution, axis, key, ${VALUES} FROM daily_total ORDER BY 1, 2, 3, 4, 5`,
  )

/** Everything else that is published: shares, ages, lineage. */
const DERIVED = [
  'daily_share',
  'daily_share_line',
  'monthly_share',
  'monthly_share_line',
  'age_counter',
].concat(
  ['base_link', 'loose_base', 'lineage_root', 'derivative_count'],
  ['clean_span', 'day_quality', 'daily_correction'],
)
const derivedRows = (store: Store) =>
  DERIVED.map(table => [
    table,
    readRaw(store, `SELECT * FROM ${table}`)
      .map(found => JSON.stringify(found))
      .sort(),
  ])

/** By region and by lab, for each of the three attributions. */
const CUTS = 6

/** For every day and scope one set of sums, whichever way the whole is cut. */
function expectTheSameWhole(store: Store): void {
  const cuts = readRaw(
    store,
    `SELECT day, scope, ${SUMS} FROM daily_total WHERE axis IN ('region', 'lab')
     GROUP BY day, scope, attribution, axis ORDER BY day, scope`,
  ).map(found => JSON.stringify(found))
  expect(cuts.length % CUTS).toBe(0)
  for (let index = 0; index < cuts.length; index += CUTS)
    expect(
      new Set(cuts.slice(index, index + CUTS)),
      cuts.slice(index, index + CUTS).join('\n'),
    ).toHaveProperty('size', 1)
}

function expectWholeHub(store: Store, sweep: Sweep, oracle: Oracle): void {
  const all = [...oracle.known.entries()]
  const listed = all.filter(([, found]) => found.goneOn === null)
  const gone = all.filter(([, found]) => found.goneOn !== null)
  const sum = (some: typeof all, pick: (found: Known) => number) =>
    some.reduce((total, [, found]) => total + pick(found), 0)
  const [whole] = readRaw(
    store,
    `SELECT ${SUMS} FROM daily_total
     WHERE date(day * 86400, 'unixepoch') = ? AND scope = 'all' AND attribution = 'publisher' AND axis = 'region'`,
    sweep.day,
  )
  expect(whole).toEqual([
    listed.length,
    sum(listed, found => found.downloads),
    sum(all, found => found.lastKnown ?? 0),
    all.filter(([, found]) => found.lastKnown === null).length,
    gone.length,
    sum(gone, found => found.lastKnown ?? 0),
  ])
  // Whoever was absent without being believed gone stays in with the last known counters; else this is the sweep's total.
  const held = listed.filter(([id]) => oracle.sweeps.at(-1)!.absent.includes(id))
  expect(whole![0]).toBe(sweep.rowCount + held.length)
  expect(whole![1]).toBe(sweep.downloads30dTotal + sum(held, found => found.downloads))
  const unseen = [...held, ...gone, ...listed.filter(([, found]) => found.allTime === null)]
  const lastKnown = new Map(unseen.map(([id, found]) => [id, found.lastKnown ?? 0]))
  expect(whole![2]).toBe(
    (sweep.downloadsAllTimeTotal ?? 0) + [...lastKnown.values()].reduce((total, value) => total + value, 0),
  )
}

describe('any small catalogue over four days', () => {
  test('is captured as a simple model says, and published the same night by night as in one recomputation', async () => {
    const folder = temporaryFolder()
    let files = 0
    const seen = { gone: 0, kept: 0, returned: 0, latest: 0 }
    await fc.assert(
      fc.asyncProperty(lives, async all => {
        const rows = DAYS.map((_, at) => rowsOn(all, at))
        const catalogue = catalogueFromDays(new Map(DAYS.map((day, at) => [day, rows[at]!])))
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
        try {
          const effects = { store, registry: WITH_COPIES, clock, log: silentLog }
          const oracle = new Oracle()
          for (const [at, day] of DAYS.entries()) {
            hub.serveDay(day)
            clock.set(`${day}T12:00:00Z`)
            const { sweep } = await captureSweep(
              { pageSize: 31, notice: null, gate: OPEN_GATE },
              { ...effects, hub: client },
            )
            const goneBefore = [...oracle.known.values()].filter(found => found.goneOn !== null).length
            oracle.take(day, rows[at]!)
            const goneNow = [...oracle.known.values()].filter(found => found.goneOn !== null).length
            expectSameSweep(sweep, oracle.sweeps.at(-1)!)
            expectSameCensus(store, oracle)
            // A night that corrects earlier days makes all of them anew.
            const { days, from } = publishDailyTotals(effects)
            expect(days).toBe(from === 'latest' ? 1 : at + 1)
            if (at === 0) expect(from).toBe('history')
            expectWholeHub(store, sweep, oracle)
            seen.latest += from === 'latest' ? 1 : 0
            seen.gone += goneNow > goneBefore ? 1 : 0
            seen.returned += goneNow < goneBefore ? 1 : 0
            seen.kept += oracle.sweeps.at(-1)!.absent.length > 0 && goneNow <= goneBefore ? 1 : 0
          }
          expectTheSameWhole(store)
          const nightByNight = dailyTotals(store)
          const derived = derivedRows(store)
          store.sqlite.exec('DELETE FROM detection_basis')
          expect(publishDailyTotals(effects, { recompute: true })).toMatchObject({ days: 4, from: 'history' })
          expect(dailyTotals(store)).toEqual(nightByNight)
          expect(derivedRows(store)).toEqual(derived)
          expect(readRaw(store, 'PRAGMA foreign_key_check')).toEqual([])
        } finally {
          store.close()
          await client.close()
          await hub.close()
        }
      }),
      { numRuns: 120 },
    )
    // A generator that never reached these cases would prove nothing about them.
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
  }, 400_000)
})

describe('published totals', () => {
  const [D1, D2, D3] = DAYS
  const registry = registryOf([lab('china', { countries: ['CN'] }), lab('states', { countries: ['US'] })])
  const effects = ({ store, clock }: Awaited<ReturnType<typeof capturing>>) => ({
    store,
    registry,
    clock,
    log: silentLog,
  })

  test('keep a line that holds only parts of a merge: a half is not nothing', async () => {
    const merge = row(1, {
      id: 'states/merged',
      pipeline_tag: 'text-generation',
      downloads: 101,
      downloadsAllTime: 1001,
      tags: ['base_model:merge:china/a', 'base_model:merge:states/b'],
    })
    const census = await capturing({ [D1]: [merge] })
    await census.capture(D1)
    publishDailyTotals(effects(census))
    for (const scope of ['all', 'llm']) {
      expect(
        census.sql(
          `SELECT key, repos, downloads_30d, downloads_all_time FROM daily_total
           WHERE scope = ? AND attribution = 'base' AND axis = 'region' ORDER BY key`,
          scope,
        ),
      ).toEqual([
        ['china', 0, 50, 500],
        ['united-states', 1, 51, 501],
      ])
    }
  })

  test('are left alone when nothing changed, and follow a changed registry back to the first day', async () => {
    const rows = [
      row(1, { id: 'china/a', downloadsAllTime: 10 }),
      row(2, { id: 'states/b', downloadsAllTime: 20 }),
    ]
    const census = await capturing({ [D1]: rows, [D2]: rows })
    for (const day of [D1, D2]) {
      await census.capture(day)
      publishDailyTotals(effects(census))
    }
    expect(publishDailyTotals(effects(census))).toEqual({ days: 0, rows: 0, from: 'none' })
    const moved = registryOf(
      [lab('china', { countries: ['US'] }), lab('states', { countries: ['US'] })],
      undefined,
      'ba9876543210',
    )
    expect(publishDailyTotals({ ...effects(census), registry: moved })).toMatchObject({
      days: 2,
      from: 'history',
    })
    expect(
      census.sql(
        "SELECT day, key, downloads_all_time FROM v1_daily_total WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' ORDER BY day",
      ),
    ).toEqual([
      [D1, 'united-states', 30],
      [D2, 'united-states', 30],
    ])
  })

  test('of a complete day stand: a second sweep of that day does nothing', async () => {
    const census = await capturing({
      [D1]: [row(1, { id: 'china/a', downloads: 10 })],
      [D2]: [row(1, { id: 'china/a', downloads: 12 })],
    })
    const first = await census.capture(D1)
    publishDailyTotals(effects(census))
    const asked = census.hub.requests.length
    const second = await census.capture(D2, { at: `${D1}T20:00:00Z` })
    expect(second).toMatchObject({ began: 'already-complete', sweep: { sweepKey: first.sweep.sweepKey } })
    expect(census.hub.requests.length).toBe(asked)
    expect(publishDailyTotals(effects(census)).from).toBe('none')
    expect(census.sql('SELECT day, downloads_30d FROM v1_observation')).toEqual([[D1, 10]])
  })

  test('of a day are not put behind a later one: observations are changes, and their order is time', async () => {
    const census = await capturing({ [D1]: [row(1, { downloads: 10 })], [D2]: [row(1, { downloads: 12 })] })
    await census.capture(D2)
    await expect(census.capture(D1)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`It is ${D1} by the clock`),
    })
    expect(census.sql('SELECT day, state FROM v1_sweep')).toEqual([[D2, 'complete']])
  })

  test('keep what was known when the Hub refuses a field of the description in the middle of a walk', async () => {
    const tasks = (task: string) =>
      Array.from({ length: 4 }, (_, index) =>
        row(index + 1, { id: `states/m${index}`, pipeline_tag: task, downloadsAllTime: 10 }),
      )
    const newcomer = row(9, { id: 'china/new', pipeline_tag: 'text-generation', downloadsAllTime: 7 })
    const census = await capturing({
      [D1]: tasks('text-generation'),
      [D2]: [...tasks('text-generation'), newcomer],
      [D3]: [...tasks('text-generation'), newcomer],
    })
    const llm = () =>
      census.sql(
        "SELECT key, downloads_all_time FROM v1_daily_total WHERE scope = 'llm' AND attribution = 'publisher' AND axis = 'region' AND day = (SELECT max(day) FROM v1_daily_total) ORDER BY key",
      )
    await census.capture(D1)
    census.hub.faults.push({ kind: 'rejectExpand', value: 'pipeline_tag', nth: 2, times: 99 })
    const { sweep } = await census.capture(D2)
    expect(sweep).toMatchObject({ state: 'complete', refusedFields: ['pipeline_tag'] })
    publishDailyTotals(effects(census))
    expect(llm()).toEqual([['united-states', 40]])
    expect(census.sql("SELECT count(*) FROM event WHERE kind = 'task-change'")).toEqual([[0]])
    census.hub.faults.clear()
    await census.capture(D3)
    publishDailyTotals(effects(census))
    expect(llm()).toEqual([
      ['china', 7],
      ['united-states', 40],
    ])
  })

  test('have no row for a day whose sweep was held, and fill a hole from the observations', async () => {
    const rows = (downloads: number) => [row(1, { id: 'china/a', downloads }), row(2), row(3)]
    const census = await capturing({ [D1]: rows(1), [D2]: rows(2), [D3]: rows(3) })
    await census.capture(D1)
    census.hub.faults.push(
      { kind: 'editRows', edit: found => [found[0], null] },
      { kind: 'editRows', edit: () => [null] },
    )
    expect((await census.capture(D2)).sweep.state).toBe('held')
    await census.capture(D3)
    expect(publishDailyTotals(effects(census))).toMatchObject({ days: 2, from: 'history' })
    expect(
      census.sql(
        "SELECT day, downloads_30d FROM v1_daily_total WHERE key = 'china' AND scope = 'all' AND attribution = 'publisher' AND axis = 'region' ORDER BY day",
      ),
    ).toEqual([
      [D1, 1],
      [D3, 3],
    ])
  })
})
