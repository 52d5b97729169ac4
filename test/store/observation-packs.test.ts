import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import {
  dropObservationPacks,
  listUnpackedDays,
  openPackedObservations,
  packObservations,
} from '../../src/store/observation-packs.ts'
import type { Store } from '../../src/store/open-store.ts'
import { beginSweep } from '../../src/store/sweep-ledger.ts'
import { lab, registryOf } from '../derive/small-registry.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { temporaryStore } from '../support/census.ts'
import { OPEN_GATE } from '../support/open-gate.ts'
import { type Capturing, capturing, readRaw } from './capturing.ts'

type Observed = [repoKey: number, downloads30d: number, downloadsAllTime: number | null]

const EVER = [-1, Number.MAX_SAFE_INTEGER] as const

function observe(store: Store, day: number, rows: readonly Observed[]): void {
  const add = store.sqlite.prepare(
    `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET downloads_30d = excluded.downloads_30d, downloads_all_time = excluded.downloads_all_time`,
  )
  store.sqlite.transaction(() => {
    for (const found of rows) add.run(day, ...found)
  })()
}

/** What the packs tell of the days after `after` and up to `until`, in the order they tell it. */
function told(store: Store, [after, until]: readonly [number, number] = EVER): Observed[] {
  const heard: Observed[] = []
  openPackedObservations(store)(after, until, (repoKey, downloads30d, allTime) => {
    heard.push([repoKey, downloads30d, Number.isNaN(allTime) ? null : allTime])
  })
  return heard
}

const observed = (store: Store, [after, until]: readonly [number, number] = EVER) =>
  readRaw(
    store,
    `SELECT repo_key, downloads_30d, downloads_all_time FROM observation
     WHERE day > ? AND day <= ? ORDER BY day, repo_key`,
    after,
    until,
  )

/** The ends of packs and of readings, the ends of the number of bytes a gap or a counter takes, and anything else. */
const LIMITS = [
  1, 2, 127, 128, 129, 2047, 2048, 2049, 4095, 4096, 32_767, 32_768, 65_535, 65_536, 131_071, 131_072,
  4_999_999,
]
const repoKey = fc.oneof(
  fc.constantFrom(...LIMITS),
  fc.nat(5_000_000),
  fc.integer({ min: 2000, max: 2100 }),
  fc.nat(300),
)
const POWERS = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].map(bits => 2 ** bits)
const counter = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 2),
  fc.constantFrom(...POWERS.flatMap(power => [power - 2, power - 1, power])).filter(v => v <= 2 ** 53 - 2),
  fc.nat(1000),
  fc.maxSafeNat().map(value => Math.min(value, 2 ** 53 - 2)),
)
const anyRow: fc.Arbitrary<Observed> = fc.tuple(repoKey, counter, fc.option(counter, { freq: 3 }))
const anyRows = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyRow, { maxLength: 60, size: 'max' }) },
  // A stretch without a gap, across whatever ends there are in it.
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(0, 1900, 32_700, 65_400),
        fc.array(fc.tuple(counter, fc.option(counter)), { maxLength: 200, size: 'max' }),
      )
      .map(([from, some]) => some.map(([a, b], index): Observed => [from + index, a, b])),
  },
)

describe('packed observations', () => {
  test('tell exactly what the rows of their days say, day by day, ascending by key', () => {
    const store = temporaryStore()
    const days = fc.dictionary(fc.constantFrom('1', '2', '3', '9', '20000'), anyRows, { maxKeys: 4 })
    const seen = { packs: 0, null: 0, large: 0 }
    fc.assert(
      fc.property(
        days,
        fc.array(fc.integer({ min: -1, max: 10 }), { minLength: 2, maxLength: 2 }),
        (all, ends) => {
          store.sqlite.exec('DELETE FROM observation; DELETE FROM observation_pack')
          for (const [day, rows] of Object.entries(all)) observe(store, Number(day), rows)
          for (const day of Object.keys(all)) packObservations(store, Number(day))
          const expected = observed(store) as Observed[]
          expect(told(store)).toEqual(expected)
          const window = ends.sort((a, b) => a - b) as [number, number]
          expect(told(store, window)).toEqual(observed(store, window))
          expect(readRaw(store, 'SELECT sum(row_count) FROM observation_pack')).toEqual([
            [expected.length || null],
          ])
          const [[packs]] = readRaw(store, 'SELECT count(*) FROM observation_pack') as [[number]]
          seen.packs = Math.max(seen.packs, packs)
          seen.null += expected.filter(([, , allTime]) => allTime === null).length
          seen.large += expected.filter(([, , allTime]) => allTime === 2 ** 53 - 2).length
        },
      ),
      { numRuns: 400 },
    )
    expect(Math.min(seen.null, seen.large), JSON.stringify(seen)).toBeGreaterThan(0)
    expect(seen.packs, JSON.stringify(seen)).toBeGreaterThan(20)
  })

  test('tell a day that fills more than one pack', () => {
    const store = temporaryStore()
    const keys = Array.from({ length: 70_000 }, (_, index) => 1 + index * (1 + (index % 3)))
    observe(
      store,
      20_000,
      [...new Set(keys)].map((key): Observed => [key, key % 300, key % 7 === 0 ? null : key * 1000]),
    )
    packObservations(store, 20_000)
    expect(told(store)).toEqual(observed(store))
    expect(readRaw(store, 'SELECT max(pack) FROM observation_pack')[0]![0]).toBeGreaterThan(1)
  })

  test('have room for a pack without a gap in which every counter is as large as can be', () => {
    const store = temporaryStore()
    const largest = 2 ** 53 - 2
    observe(
      store,
      20_000,
      Array.from({ length: 66_000 }, (_, key): Observed => [key, largest, largest]),
    )
    packObservations(store, 20_000)
    expect(told(store)).toEqual(observed(store))
  })

  test('are replaced when a day is packed again, and dropped for one day alone', () => {
    const store = temporaryStore()
    fc.assert(
      fc.property(anyRows, anyRows, anyRows, (first, second, other) => {
        store.sqlite.exec('DELETE FROM observation; DELETE FROM observation_pack')
        observe(store, 7, first)
        observe(store, 8, other)
        for (const day of [7, 8]) packObservations(store, day)
        observe(store, 7, second)
        store.sqlite.prepare('DELETE FROM observation WHERE day = 7 AND repo_key % 5 = 0').run()
        packObservations(store, 7)
        expect(told(store)).toEqual(observed(store))
        dropObservationPacks(store, 7)
        expect(told(store)).toEqual(observed(store, [7, 8]))
      }),
      { numRuns: 100 },
    )
  })

  test('leave nothing behind of a day that lost every observation', () => {
    const store = temporaryStore()
    observe(store, 7, [[1, 2, 3]])
    packObservations(store, 7)
    store.sqlite.exec('DELETE FROM observation')
    packObservations(store, 7)
    expect(readRaw(store, 'SELECT * FROM observation_pack')).toEqual([])
  })
})

describe('the days without packs', () => {
  test('are those that have observations and none packed, up to a day, ascending', () => {
    const store = temporaryStore()
    const days = fc.uniqueArray(fc.nat(40))
    fc.assert(
      fc.property(days, days, fc.integer({ min: -1, max: 41 }), (withRows, packed, until) => {
        store.sqlite.exec('DELETE FROM observation; DELETE FROM observation_pack')
        for (const day of withRows)
          observe(store, day, [
            [day + 1, 1, 1],
            [day + 5000, 1, 1],
          ])
        for (const day of packed) packObservations(store, day)
        expect(listUnpackedDays(store, until)).toEqual(
          withRows.filter(day => day <= until && !packed.includes(day)).sort((a, b) => a - b),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('include one that a new sweep is about to observe anew, and no other', () => {
    const store = temporaryStore()
    const begin = (day: string) =>
      beginSweep(store, { source: 'x', notice: null, day: parseUtcDay(day), startedAt: 0 })
    const [one, other] = ['2026-03-01', '2026-03-02'].map(day => dayNumber(parseUtcDay(day))) as [
      number,
      number,
    ]
    for (const day of [one, other]) {
      observe(store, day, [[1, 2, 3]])
      packObservations(store, day)
    }
    begin('2026-03-02')
    expect(listUnpackedDays(store, other)).toEqual([other])
    begin('2026-03-03')
    expect(listUnpackedDays(store, other)).toEqual([other])
  })
})

describe('history from packs', () => {
  const [D1, D2, D2B, D3, D4] = [
    '2026-03-01',
    '2026-03-02',
    '2026-03-12',
    '2026-03-03',
    '2026-03-04',
  ] as const
  const registry = registryOf([lab('china'), lab('states', { countries: ['US'] })])
  const publish = ({ store, clock }: Capturing, recompute = false) =>
    publishDailyTotals({ store, registry, clock, log: silentLog }, { recompute })

  const LINES: Record<string, string> = { china: 'china', states: 'united-states' }

  /** The same totals straight from `observation`, day by day and repository by repository. */
  function byHand(store: Store): unknown[][] {
    const days = readRaw(
      store,
      "SELECT DISTINCT day FROM sweep WHERE state = 'complete' ORDER BY day",
    ).flat() as number[]
    const repos = readRaw(store, 'SELECT repo_key, repo_id FROM repo') as [number, string][]
    return days.flatMap(day => {
      const lines = new Map<string, number[]>()
      for (const [key, repoId] of repos) {
        const all = readRaw(
          store,
          'SELECT downloads_30d, downloads_all_time FROM observation WHERE repo_key = ? AND day <= ? ORDER BY day',
          key,
          day,
        ) as [number, number | null][]
        const last = all.at(-1)
        if (!last) continue
        const allTime = all.findLast(([, found]) => found !== null)?.[1] ?? null
        const [turn] = readRaw(
          store,
          "SELECT kind FROM event WHERE repo_key = ? AND day <= ? AND kind IN ('removal', 'return') ORDER BY event_key DESC",
          key,
          day,
        )
        const isGone = turn?.[0] === 'removal'
        const line = LINES[repoId.split('/')[0]!] ?? 'unreviewed'
        const sums = lines.get(line) ?? [0, 0, 0, 0, 0, 0]
        const parts = [
          isGone ? 0 : 1,
          isGone ? 0 : last[0],
          allTime ?? 0,
          allTime === null ? 1 : 0,
          isGone ? 1 : 0,
          isGone ? (allTime ?? 0) : 0,
        ]
        lines.set(
          line,
          sums.map((sum, index) => sum + parts[index]!),
        )
      }
      return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([line, sums]) => [day, line, ...sums])
    })
  }

  const published = (store: Store) =>
    readRaw(
      store,
      `SELECT day, key, repos, downloads_30d, downloads_all_time, all_time_unknown_repos, gone_repos,
         gone_downloads_all_time
       FROM daily_total WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' ORDER BY day, key`,
    )

  /** Whole history, as published night by night and as recomputed, against the observations themselves. */
  function expectTheSameHistory(census: Capturing): void {
    const { store } = census
    const newest = Math.max(...(published(store).map(([day]) => day) as number[]))
    expect(listUnpackedDays(store, newest)).toEqual([])
    const nightByNight = published(store)
    expect(nightByNight).toEqual(byHand(store))
    publish(census, true)
    expect(published(store)).toEqual(nightByNight)
    // Nothing else knows what a pack holds, so this is what a wrong one would show in.
    expect(told(store, [-1, newest])).toEqual(observed(store, [-1, newest]))
    store.sqlite.exec('DELETE FROM observation_pack')
    expect(publish(census, true).from).toBe('history')
    expect(published(store)).toEqual(nightByNight)
  }

  const OWNERS = ['china', 'states', 'nobody']
  const rows = (factor: number, count = 40) =>
    Array.from({ length: count }, (_, index) =>
      row(index + 1, {
        id: `${OWNERS[index % 3]}/m${index}`,
        downloads: index * factor,
        ...(index % 4 === 0 ? {} : { downloadsAllTime: index * 10 * factor }),
      }),
    )

  test.each([
    ['as it stands', false],
    ['although the partial one was packed', true],
  ])('takes the second sweep of a day after a partial one, %s', async (_, isPacked) => {
    const census = await capturing({ [D1]: rows(1), [D2]: rows(2), [D2B]: rows(3), [D3]: rows(3) })
    await census.capture(D1)
    publish(census)
    census.hub.faults.push({ kind: 'status', status: 403, nth: 5, times: 99 })
    await expect(census.capture(D2, { at: `${D2}T00:30:00Z` })).rejects.toThrow()
    census.hub.faults.clear()
    expect(
      readRaw(
        census.store,
        'SELECT count(*) FROM observation WHERE day = ?',
        dayNumber(parseUtcDay(D2)),
      )[0]![0],
    ).toBeGreaterThan(0)
    if (isPacked) packObservations(census.store, dayNumber(parseUtcDay(D2)))
    expect(publish(census).from).toBe('none')
    await census.capture(D2B, { at: `${D2}T23:00:00Z`, gate: OPEN_GATE })
    expect(census.sql('SELECT day, state FROM v1_sweep ORDER BY started_at')).toEqual([
      [D1, 'complete'],
      [D2, 'partial'],
      [D2, 'complete'],
    ])
    publish(census)
    expectTheSameHistory(census)
    // Two sweeps of a day are one day of observations to whoever asks for them.
    for (const view of ['v1_observation', 'v1_series'])
      expect(census.sql(`SELECT count(*) FROM ${view}`)).toEqual(
        census.sql('SELECT count(*) FROM observation'),
      )
    await census.capture(D3)
    publish(census)
    expectTheSameHistory(census)
  })

  test('takes the day that a person accepted after it was held', async () => {
    const census = await capturing({
      [D1]: rows(1),
      [D2]: rows(2, 20),
      [D2B]: rows(3, 19),
      [D3]: rows(3, 19),
      [D4]: rows(4),
    })
    await census.capture(D1)
    publish(census)
    expect((await census.capture(D2)).sweep.state).toBe('held')
    packObservations(census.store, dayNumber(parseUtcDay(D2)))
    publish(census)
    const accepted = await census.capture(D2B, { at: `${D2}T20:00:00Z`, acceptShrinkage: true })
    expect(accepted.sweep).toMatchObject({ state: 'complete', absentCount: 21 })
    publish(census)
    expectTheSameHistory(census)
    for (const day of [D3, D4]) {
      await census.capture(day)
      publish(census)
    }
    expectTheSameHistory(census)
  })

  test('keeps what a sweep saw that was never completed, from the next complete day on', async () => {
    const census = await capturing({ [D1]: rows(1), [D2]: rows(2), [D3]: rows(3, 39), [D4]: rows(3) })
    await census.capture(D1)
    publish(census)
    // From this sweep alone is what is known of the repository that the next one lacks.
    census.hub.faults.push({ kind: 'editRows', times: 2, edit: found => found.map(() => null) })
    expect((await census.capture(D2)).sweep.state).toBe('held')
    await census.capture(D3)
    publish(census)
    expectTheSameHistory(census)
    expect(census.sql('SELECT day FROM v1_observation WHERE hub_id = ? ORDER BY day', hubId(40))).toEqual([
      [D1],
      [D2],
    ])
    await census.capture(D4)
    publish(census)
    expectTheSameHistory(census)
  })
})
