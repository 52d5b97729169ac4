import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../../src/domain/utc-day.ts'
import { openChangeStretches } from '../../src/store/counter-changes.ts'
import { countersAsOf } from '../../src/store/counters-as-of.ts'
import { listObservedDays, packObservations } from '../../src/store/observation-packs.ts'
import type { Store } from '../../src/store/open-store.ts'
import {
  eachCounterSeries,
  openCounterSeries,
  readCounterSeries,
  type SeriesSpan,
} from '../../src/store/read-counter-series.ts'
import { temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'
import {
  anyHistory,
  dayAfter,
  FIRST_DAY,
  type History,
  makeHistory,
  randomFrom,
  writeHistory,
} from './histories.ts'

type Row = [day: number, downloads30d: number, downloadsAllTime: number | null, likes: number | null]

/** Every observation of a repository, straight from the table. */
const observations = (store: Store, repoKey: number) =>
  readRaw(
    store,
    'SELECT day, downloads_30d, downloads_all_time, likes FROM observation WHERE repo_key = ? ORDER BY day',
    repoKey,
  ) as Row[]

/** Repository keys with the number that the history gave them. */
const repos = (store: Store) =>
  readRaw(
    store,
    "SELECT repo_key, CAST(substr(repo_id, 11) AS INTEGER) FROM repo WHERE repo_id LIKE 'lab/%'",
  ) as [number, number][]

/** The series that the sweeps and the observations say, day by day. */
function plainSeries(
  store: Store,
  history: History,
  [repoKey, number]: [number, number],
  span: SeriesSpan,
): Row[] {
  const rows = observations(store, repoKey)
  return history.sweeps.flatMap(({ day, state, rows: listed }): Row[] => {
    const utcDay = dayFromNumber(day)
    if (state !== 'complete' || !listed.some(({ repo }) => repo === number)) return []
    if ((span.from !== undefined && utcDay < span.from) || (span.until !== undefined && utcDay > span.until))
      return []
    const [, ...counters] = rows.findLast(([on]) => on <= day)!
    return [[day, ...counters]]
  })
}

const unknown = (value: number) => (Number.isNaN(value) ? null : value)

function rowsOf({ days, downloads30d, downloadsAllTime, likes }: CounterSeries): Row[] {
  expect([downloads30d.length, downloadsAllTime.length, likes.length]).toEqual(Array(3).fill(days.length))
  return Array.from(days, (day, at) => [
    day,
    downloads30d[at]!,
    unknown(downloadsAllTime[at]!),
    unknown(likes[at]!),
  ])
}

/** Repositories get keys on both sides of the end of a pack. */
function spreadKeys(store: Store): void {
  store.sqlite.exec(
    `INSERT INTO publisher (handle) VALUES ('nobody');
     INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gone_on, gated, is_disabled,
       downloads_30d, observed_on, detail_hash)
     VALUES (65500, zeroblob(12), 'nobody/first', 1, 0, 0, 0, 'no', 0, 0, 0, 0)`,
  )
}

const SPANS = fc.record(
  {
    from: fc.integer({ min: -1, max: 30 }).map(dayAfter),
    until: fc.integer({ min: -1, max: 30 }).map(dayAfter),
  },
  { requiredKeys: [] },
)

describe('the series of a repository', () => {
  test('is what it was last observed with, on every complete day that listed it', () => {
    const seen = { carried: 0, gaps: 0, unknown: 0, noLikes: 0, empty: 0 }
    fc.assert(
      fc.property(anyHistory({ repos: 8, days: 14 }), SPANS, (shape, span) => {
        const store = temporaryStore()
        const history = makeHistory(shape)
        writeHistory(store, history)
        const read = openCounterSeries(store, span)
        for (const repo of repos(store)) {
          const expected = plainSeries(store, history, repo, span)
          expect(rowsOf(read(repo[0]))).toEqual(expected)
          expect(rowsOf(readCounterSeries(store, repo[0], span))).toEqual(expected)
          const days = expected.map(([day]) => day)
          const observed = new Set(observations(store, repo[0]).map(([day]) => day))
          seen.carried += days.some(day => !observed.has(day)) ? 1 : 0
          seen.gaps += days.length > 1 && days.at(-1)! - days[0]! >= days.length ? 1 : 0
          seen.unknown += expected.some(([, , allTime]) => allTime === null) ? 1 : 0
          seen.noLikes += expected.some(([, , , likes]) => likes === null) ? 1 : 0
          seen.empty += expected.length === 0 ? 1 : 0
        }
        store.close()
      }),
      { numRuns: 90 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2)
  })

  test('is told of every repository alike, but for the likes, from packs and rows on both sides of their ends', () => {
    const seen = { packs: 0, told: 0 }
    fc.assert(
      fc.property(
        anyHistory({ repos: 120, days: 8 }),
        fc.option(fc.integer({ min: -1, max: 20 })),
        (shape, end) => {
          const store = temporaryStore()
          spreadKeys(store)
          const history = makeHistory(shape)
          writeHistory(store, history)
          const span = end === null ? {} : { until: dayAfter(end) }
          const heard: [number, Row[]][] = []
          eachCounterSeries(store, (repoKey, series) => heard.push([repoKey, rowsOf(series)]), span)
          const expected = repos(store)
            .map((repo): [number, Row[]] => [repo[0], plainSeries(store, history, repo, span)])
            .filter(([, rows]) => rows.length > 0)
            .map(([repoKey, rows]) => [repoKey, rows.map(([day, a, b]) => [day, a, b, null])])
          expect(heard).toEqual(expected)
          seen.packs +=
            (readRaw(store, 'SELECT count(DISTINCT pack) FROM observation_pack')[0]![0] as number) > 1 ? 1 : 0
          seen.told += heard.length
          store.close()
        },
      ),
      { numRuns: 40 },
    )
    expect(seen.packs).toBeGreaterThan(3)
    expect(seen.told).toBeGreaterThan(200)
  })

  test('is told only of those found worthwhile by what they were observed with', () => {
    const store = temporaryStore()
    const history = makeHistory({ seed: 7, repos: 60, days: 10, activity: 0.3 })
    writeHistory(store, history)
    const asked: [number, number[]][] = []
    const heard: number[] = []
    eachCounterSeries(store, repoKey => heard.push(repoKey), {
      isWorthwhile(repoKey, { days, downloads30d, downloadsAllTime }) {
        expect([downloads30d.length, downloadsAllTime.length]).toEqual([days.length, days.length])
        asked.push([repoKey, [...days]])
        return repoKey % 3 === 0
      },
    })
    const all = repos(store).map(([repoKey]) => repoKey)
    const last = history.sweeps.findLast(sweep => sweep.state === 'complete')!.day
    expect(asked).toEqual(
      all.map(repoKey => [
        repoKey,
        observations(store, repoKey)
          .map(([day]) => day)
          .filter(day => day <= last),
      ]),
    )
    expect(heard.length).toBeGreaterThan(10)
    expect(heard.every(repoKey => repoKey % 3 === 0)).toBe(true)
  })

  test('is empty in a file without a complete day', () => {
    const store = temporaryStore()
    expect(rowsOf(readCounterSeries(store, 1))).toEqual([])
    eachCounterSeries(store, () => expect.unreachable())
    writeHistory(store, {
      sweeps: [
        {
          day: FIRST_DAY,
          state: 'held',
          mayRemove: false,
          rows: [{ repo: 1, downloads30d: 1, downloadsAllTime: 1, likes: 1 }],
        },
      ],
      packed: new Set([FIRST_DAY]),
    })
    expect(observations(store, 1)).toHaveLength(1)
    expect(rowsOf(readCounterSeries(store, 1))).toEqual([])
    eachCounterSeries(store, () => expect.unreachable())
  })
})

describe('changes by repository', () => {
  test('are the same however few are held at once', () => {
    const store = temporaryStore()
    writeHistory(store, makeHistory({ seed: 3, repos: 40, days: 9, activity: 0.9 }))
    const days = listObservedDays(store, Number.MAX_SAFE_INTEGER)
    const read = (mostHeld: number) => {
      const found: unknown[] = []
      let stretches = 0
      for (const stretch of openChangeStretches(store, days, mostHeld)(0)) {
        stretches += 1
        for (let at = 0; at + 1 < stretch.starts.length; at += 1) {
          for (let change = stretch.starts[at]!; change < stretch.starts[at + 1]!; change += 1)
            found.push([
              stretch.firstKey + at,
              stretch.days[change],
              stretch.downloads30d[change],
              unknown(stretch.downloadsAllTime[change]!),
            ])
        }
      }
      return { found, stretches }
    }
    const whole = read(1_000_000)
    expect(whole.stretches).toBe(1)
    expect(whole.found).toEqual(
      readRaw(
        store,
        'SELECT repo_key, day, downloads_30d, downloads_all_time FROM observation ORDER BY repo_key, day',
      ),
    )
    for (const mostHeld of [1, 10, 33, 100]) {
      const parts = read(mostHeld)
      expect(parts.stretches).toBeGreaterThan(2)
      expect(parts.found).toEqual(whole.found)
    }
  })
})

describe('counters as of a day', () => {
  /** Straight from the table. */
  function plainCounters(store: Store, day: UtcDay, repoKey: number): (number | null)[] {
    const known = observations(store, repoKey).filter(([on]) => on <= dayNumber(day))
    return [known.at(-1)?.[1] ?? null, known.findLast(([, , allTime]) => allTime !== null)?.[2] ?? null]
  }

  test('are those last known by then, of those wanted and nobody else', () => {
    const seen = { before: 0, after: 0, neverAllTime: 0, earlierAllTime: 0 }
    fc.assert(
      fc.property(
        anyHistory({ repos: 160, days: 16 }),
        fc.integer({ min: -1, max: 26 }),
        fc.constantFrom(0, 0.1, 1),
        (shape, end, share) => {
          const store = temporaryStore()
          spreadKeys(store)
          const history = makeHistory(shape)
          writeHistory(store, history)
          const random = randomFrom(shape.seed)
          const all = repos(store)
          const day = dayAfter(end)
          const wanted = new Uint8Array(Math.max(0, ...all.map(([repoKey]) => repoKey)) + 3)
          for (let repoKey = 0; repoKey < wanted.length; repoKey += 1)
            wanted[repoKey] = random() < share ? 1 : 0
          const found = countersAsOf(store, day, wanted)
          expect([found.downloads30d.length, found.downloadsAllTime.length]).toEqual([
            wanted.length,
            wanted.length,
          ])
          const isRepo = new Set(all.map(([repoKey]) => repoKey))
          for (let repoKey = 65_501; repoKey < wanted.length; repoKey += 1) {
            const is = [unknown(found.downloads30d[repoKey]!), unknown(found.downloadsAllTime[repoKey]!)]
            const isWanted = wanted[repoKey] === 1 && isRepo.has(repoKey)
            const expected = isWanted ? plainCounters(store, day, repoKey) : [null, null]
            expect(is).toEqual(expected)
            if (!isWanted) continue
            const rows = observations(store, repoKey)
            seen.before += expected[0] === null ? 1 : 0
            seen.after += rows.at(-1)![0] > dayNumber(day) ? 1 : 0
            seen.neverAllTime += expected[0] !== null && expected[1] === null ? 1 : 0
            const latest = rows.findLast(([on]) => on <= dayNumber(day))
            seen.earlierAllTime += latest?.[2] === null && expected[1] !== null ? 1 : 0
          }
          store.close()
        },
      ),
      { numRuns: 60 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2)
  })

  test('are found however long ago somebody moved, with packs of all days or of none', () => {
    const store = temporaryStore()
    /** A hundred never move, fifty move on day 67 alone, the others on each of the last three; ten on every tenth day, too. */
    const valueOn = (turn: number, index: number) => {
      if (turn >= 67 && index < 50) return index + turn
      if (turn >= 67 && index < 100) return index + 67
      return index < 10 && turn % 10 === 0 ? index + turn : index
    }
    const sweeps = Array.from({ length: 70 }, (_, turn) => ({
      day: FIRST_DAY + turn,
      state: 'complete' as const,
      mayRemove: true,
      rows: Array.from({ length: 200 }, (_, index) => {
        const value = valueOn(turn, index)
        return { repo: index + 1, downloads30d: value, downloadsAllTime: value, likes: null }
      }),
    }))
    writeHistory(store, { sweeps, packed: new Set() })
    const wanted = new Uint8Array(201).fill(1)
    const asOf = (count: number) => countersAsOf(store, dayAfter(count), wanted)
    const expected = [0, 66, 67, 69].map(asOf)
    for (const [at, count] of [0, 66, 67, 69].entries()) {
      for (let repoKey = 1; repoKey <= 200; repoKey += 1) {
        expect([expected[at]!.downloads30d[repoKey], expected[at]!.downloadsAllTime[repoKey]]).toEqual(
          plainCounters(store, dayAfter(count), repoKey),
        )
      }
    }
    for (const { day } of sweeps) packObservations(store, day)
    expect([0, 66, 67, 69].map(asOf)).toEqual(expected)
  })
})
