import fc from 'fast-check'
import { detectSeries } from '../../src/derive/detect-series.ts'
import type { MarkedSpan } from '../../src/derive/marked-days.ts'
import type { FoundEvent } from '../../src/domain/counter-event.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import { seriesOf } from '../support/all-time-counters.ts'

/** The first day of every series made here. */
export const DAY = 20_000

/** A series of days in a row from DAY: `[30-day, all-time]` or `[30-day, all-time, likes]` of each; null for a day not observed. */
export function seriesFrom(rows: readonly (readonly number[] | null)[]): CounterSeries {
  return seriesOf(rows.flatMap((row, at) => (row === null ? [] : [[DAY + at, ...row]])))
}

/** As many days of a repository with the same downloads every day. */
export function steady(count: number, daily: number, start = 30 * daily): number[][] {
  return Array.from({ length: count }, (_, at) => [30 * daily, start + daily * at, 10])
}

/** What the detectors find; days are counted from DAY. */
export function found(
  series: CounterSeries,
  {
    marked = [],
    through = series.days.at(-1) ?? 0,
  }: { marked?: readonly MarkedSpan[]; through?: number } = {},
): FoundEvent[] {
  const until = (day: number | null) => (day === null ? null : day - DAY)
  return detectSeries(series, { marked, through, createdOn: DAY }).map(event => ({
    ...event,
    from: event.from - DAY,
    until: until(event.until),
  }))
}

/** What can happen to a counter from a day on. */
const anyFault = fc.oneof(
  // It falls by a share and regains a share of that some days later.
  fc.record({
    what: fc.constant('fall' as const),
    share: fc.double({ min: 0.001, max: 1, noNaN: true }),
    regained: fc.oneof(fc.constant(1), fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
    days: fc.integer({ min: 1, max: 20 }),
    withWindow: fc.boolean(),
  }),
  fc.record({ what: fc.constant('freeze' as const), days: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ what: fc.constant('gap' as const), days: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ what: fc.constant('unknown' as const), days: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    what: fc.constant('burst' as const),
    days: fc.integer({ min: 1, max: 60 }),
    daily: fc.integer({ min: 100_000, max: 5_000_000 }),
  }),
  fc.record({ what: fc.constant('idle' as const), days: fc.integer({ min: 20, max: 90 }) }),
)

/** A life of a repository: its usual rate, what befalls it on which day, and whether its likes are known. */
const anyLife = fc.record({
  length: fc.integer({ min: 1, max: 320 }),
  start: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50_000_000 })),
  daily: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 300_000 })),
  noise: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 13 }),
  faults: fc.array(fc.tuple(fc.nat(319), anyFault), { maxLength: 7 }),
  hasLikes: fc.boolean(),
})

/** Random series with falls, recoveries, freezes, gaps, unknown values and bursts. */
export const anySeries = anyLife.map(({ length, start, daily, noise, faults, hasLikes }) => {
  const loads = Array.from({ length }, (_, at) => Math.round(daily * noise[at % noise.length]!))
  const span = (from: number, days: number, edit: (at: number) => void) => {
    for (let at = from; at < Math.min(length, from + days); at += 1) edit(at)
  }
  for (const [from, fault] of faults) {
    if (fault.what === 'burst') span(from, fault.days, at => (loads[at]! += fault.daily))
    if (fault.what === 'idle') span(from, fault.days, at => (loads[at] = 0))
  }
  const allTime: number[] = []
  const window: number[] = []
  let sum = start
  for (const [at, load] of loads.entries()) {
    sum += load
    allTime.push(sum)
    const early = Math.max(0, 29 - at) * daily
    window.push(loads.slice(Math.max(0, at - 29), at + 1).reduce((a, b) => a + b, early))
  }
  for (const [from, fault] of faults) {
    if (fault.what !== 'fall' || from >= length) continue
    const lost = Math.round(allTime[from]! * fault.share)
    const kept = Math.round(lost * (1 - fault.regained))
    span(from, length, at => {
      const missing = Math.min(allTime[at]!, at < from + fault.days ? lost : kept)
      allTime[at]! -= missing
      if (fault.withWindow && at < from + fault.days) window[at] = Math.max(0, window[at]! - missing)
    })
  }
  const observed = allTime.map((value, at) => [
    window[at]!,
    value,
    hasLikes ? 10 + Math.floor(at / 50) : Number.NaN,
  ])
  const rows: (number[] | null)[] = observed
  for (const [from, fault] of faults) {
    if (fault.what === 'freeze' && from > 0)
      span(from, fault.days, at => (rows[at] = [...(observed[from - 1] ?? observed[at]!)]))
  }
  for (const [from, fault] of faults) {
    if (fault.what === 'gap') span(from, fault.days, at => (rows[at] = null))
    if (fault.what === 'unknown') span(from, fault.days, at => rows[at]?.splice(1, 1, Number.NaN))
  }
  return seriesFrom(rows)
})

/** A few Hub-wide marked spans. */
export const anyMarks: fc.Arbitrary<MarkedSpan[]> = fc.array(
  fc
    .tuple(fc.constantFrom('hub-incident' as const, 'frozen' as const), fc.nat(330), fc.option(fc.nat(10)))
    .map(([kind, from, days]) => ({
      kind,
      from: DAY + from,
      until: days === null ? null : DAY + from + days,
    })),
  { maxLength: 4 },
)

/** The days of a series from `from` to `until`, both included. */
export function cut(series: CounterSeries, isKept: (at: number) => boolean): CounterSeries {
  const places = Array.from(series.days.keys()).filter(isKept)
  const column = (values: Float64Array) => Float64Array.from(places, at => values[at]!)
  return {
    days: Int32Array.from(places, at => series.days[at]!),
    downloads30d: column(series.downloads30d),
    downloadsAllTime: column(series.downloadsAllTime),
    likes: column(series.likes),
  }
}
