import type { CounterSeries } from '../domain/counter-series.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { type CounterChanges, openChangeStretches } from './counter-changes.ts'
import { KEYS_A_PACK, listObservedDays } from './observation-packs.ts'
import type { Store } from './open-store.ts'
import { type Absences, openAbsenceReader } from './read-absences.ts'
import { findHighestKey } from './read-population.ts'
import { listCompleteDays } from './sweep-ledger.ts'

/** The first and the last day of a series, both included. */
export interface SeriesSpan {
  from?: UtcDay
  until?: UtcDay
}

/**
 * The counters of one repository on every complete day on which it was listed, from the first on which it was known: what it was
 * last observed with by then, be it in a sweep that was never completed; NaN where the Hub left a counter out of that
 * observation. Days on which it was gone, or missed by the complete sweep, are absent.
 */
export function readCounterSeries(store: Store, repoKey: number, span: SeriesSpan = {}): CounterSeries {
  return openCounterSeries(store, span)(repoKey)
}

type Observation = [day: number, downloads30d: number, downloadsAllTime: number | null, likes: number | null]

/** Reads series as `readCounterSeries` does, for many repositories: a look-up by key a day of the span, and a few before it. */
export function openCounterSeries(store: Store, span: SeriesSpan = {}): (repoKey: number) => CounterSeries {
  const completeDays = daysWithin(store, span)
  const first = completeDays[0] ?? 0
  const days = listObservedDays(store, completeDays.at(-1) ?? -1)
  const within = JSON.stringify(days.filter(day => day > first))
  const before = days.filter(day => day <= first).reverse()
  const readAbsences = openAbsenceReader(store)
  const columns = 'observation.day, downloads_30d, downloads_all_time, likes'
  const read = store.sqlite
    .prepare<[string, number], Observation>(
      `SELECT ${columns} FROM json_each(?) AS swept
       CROSS JOIN observation ON observation.day = swept.value AND observation.repo_key = ? ORDER BY swept.key`,
    )
    .raw()
  const look = store.sqlite
    .prepare<[number, number], Observation>(
      `SELECT ${columns} FROM observation WHERE day = ? AND repo_key = ?`,
    )
    .raw()
  const seen = store.sqlite
    .prepare<[number], [number, number]>('SELECT first_seen_on, observed_on FROM repo WHERE repo_key = ?')
    .raw()

  /** What it was observed with last, up to the first day of the span. */
  function findStart(repoKey: number): Observation[] {
    const [firstSeenOn, observedOn] = seen.get(repoKey) ?? [Number.POSITIVE_INFINITY, 0]
    if (firstSeenOn > first) return []
    // One that has not moved since is found at once, however long ago that was.
    for (const day of observedOn <= first ? [observedOn] : before) {
      const found = look.get(day, repoKey)
      if (found !== undefined) return [found]
    }
    return []
  }

  return repoKey => {
    const rows = [...findStart(repoKey), ...read.all(within, repoKey)]
    const changes: CounterSeries = {
      days: Int32Array.from(rows, row => row[0]),
      downloads30d: Float64Array.from(rows, row => row[1]),
      downloadsAllTime: Float64Array.from(rows, row => row[2] ?? Number.NaN),
      likes: Float64Array.from(rows, row => row[3] ?? Number.NaN),
    }
    return openExpanding(completeDays)(changes, readAbsences(repoKey, repoKey + 1).get(repoKey))
  }
}

export interface EachSeriesOptions {
  /** The last day of the series. */
  until?: UtcDay
  /** Asked first, of the observations as they lie: nobody it says no of is expanded and told. */
  isWorthwhile?(repoKey: number, changes: CounterChanges): boolean
}

/**
 * Tells the counters of every repository that has some, ascending by key, as `readCounterSeries` has them but for likes, which
 * packs do not hold: NaN. What is told, or asked about, lies in buffers that are written to again: keep copies.
 */
export function eachCounterSeries(
  store: Store,
  hear: (repoKey: number, series: CounterSeries) => void,
  { until, isWorthwhile }: EachSeriesOptions = {},
): void {
  const completeDays = daysWithin(store, until === undefined ? {} : { until })
  const readChanges = openChangeStretches(store, listObservedDays(store, completeDays.at(-1) ?? -1))
  const readAbsences = openAbsenceReader(store)
  const expand = openExpanding(completeDays)
  const highestKey = findHighestKey(store)
  for (let pack = 0; pack * KEYS_A_PACK <= highestKey; pack += 1) {
    for (const { firstKey, starts, days, downloads30d, downloadsAllTime } of readChanges(pack)) {
      const size = starts.length - 1
      const absences = readAbsences(firstKey, firstKey + size)
      for (let at = 0; at < size; at += 1) {
        const [start, end] = [starts[at]!, starts[at + 1]!]
        if (start === end) continue
        const repoKey = firstKey + at
        const changes = {
          days: days.subarray(start, end),
          downloads30d: downloads30d.subarray(start, end),
          downloadsAllTime: downloadsAllTime.subarray(start, end),
        }
        if (isWorthwhile !== undefined && !isWorthwhile(repoKey, changes)) continue
        const series = expand(changes, absences.get(repoKey))
        if (series.days.length > 0) hear(repoKey, series)
      }
    }
  }
}

/** The complete days of a span, as days since 1970-01-01. */
function daysWithin(store: Store, { from, until }: SeriesSpan): Int32Array {
  const days = listCompleteDays(store).filter(
    day => (from === undefined || day >= from) && (until === undefined || day <= until),
  )
  return Int32Array.from(days, dayNumber)
}

/** Writes changes out over the complete days on which a repository was not absent, into buffers that are used again. */
function openExpanding(
  completeDays: Int32Array,
): (changes: CounterChanges & Partial<Pick<CounterSeries, 'likes'>>, absences?: Absences) => CounterSeries {
  const count = completeDays.length
  const series: CounterSeries = {
    days: new Int32Array(count),
    downloads30d: new Float64Array(count),
    downloadsAllTime: new Float64Array(count),
    likes: new Float64Array(count).fill(Number.NaN),
  }
  return (changes, absences = []) => {
    const { days, downloads30d, downloadsAllTime, likes } = changes
    const changeCount = days.length
    let next = 0
    let length = 0
    for (let place = 0; place < count; place += 1) {
      const day = completeDays[place]!
      while (next < changeCount && days[next]! <= day) next += 1
      if (next === 0 || (absences.length > 0 && isWithin(absences, day))) continue
      series.days[length] = day
      series.downloads30d[length] = downloads30d[next - 1]!
      series.downloadsAllTime[length] = downloadsAllTime[next - 1]!
      if (likes !== undefined) series.likes[length] = likes[next - 1]!
      length += 1
    }
    return {
      days: series.days.subarray(0, length),
      downloads30d: series.downloads30d.subarray(0, length),
      downloadsAllTime: series.downloadsAllTime.subarray(0, length),
      likes: series.likes.subarray(0, length),
    }
  }
}

function isWithin(absences: Absences, day: number): boolean {
  return absences.some(([from, before]) => day >= from && day < before)
}
