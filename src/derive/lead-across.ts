import type { CounterSeries } from '../domain/counter-series.ts'
import { standsStill } from './find-frozen.ts'
import { type MarkedSpan, touchesMarked } from './marked-days.ts'
import { levelLine, type SpanBook, type SpanBooks } from './span-book.ts'

/** The 30-day counter in a straight line across the marked days of an incident; held while there is no good day after it. */
export function leadAcrossIncidents(
  series: CounterSeries,
  incidents: readonly MarkedSpan[],
  books: SpanBooks,
): void {
  if (incidents.length === 0) return
  const { days, downloads30d } = series
  eachStretch(
    days,
    at => touchesMarked(incidents, days[at]!, days[at]!),
    (before, after) => {
      const start = downloads30d[before]!
      const end = after < days.length ? downloads30d[after]! : start
      lead(books.downloads30d, days, before, after, start, end)
    },
  )
}

/**
 * Both counters in a straight line across the days of `spans` on which the repository stood still, to the next that moved. Nothing
 * where there is none yet, or where the lifetime counter came back lower: that is a fall.
 */
export function leadAcrossFrozen(
  series: CounterSeries,
  spans: readonly { from: number; until: number | null }[],
  books: SpanBooks,
): void {
  if (spans.length === 0) return
  const { days, downloads30d, downloadsAllTime } = series
  const isFrozen = (at: number) =>
    standsStill(series, at) &&
    spans.some(({ from, until }) => from <= days[at]! && (until === null || until >= days[at]!))
  eachStretch(days, isFrozen, (before, after) => {
    if (after === days.length || downloadsAllTime[after]! < downloadsAllTime[before]!) return
    const clean30d = (at: number) => Math.round(books.downloads30d.valueOn(days[at]!, downloads30d[at]!))
    lead(books.downloads30d, days, before, after, clean30d(before), clean30d(after))
    lead(books.downloadsAllTime, days, before, after, downloadsAllTime[before]!, downloadsAllTime[after]!)
  })
}

/** Hears of every run of such days that has a day before it: its indices, and that after it, which may be past the end. */
function eachStretch(
  days: Int32Array,
  isWithin: (at: number) => boolean,
  hear: (before: number, after: number) => void,
): void {
  for (let first = 1; first < days.length; first += 1) {
    if (!isWithin(first)) continue
    let after = first + 1
    while (after < days.length && isWithin(after)) after += 1
    if (!isWithin(first - 1)) hear(first - 1, after)
    first = after - 1
  }
}

/** A straight line between two observations, in whole downloads: a step for each day observed, until the next. */
function lead(
  book: SpanBook,
  days: Int32Array,
  before: number,
  after: number,
  start: number,
  end: number,
): void {
  if (Number.isNaN(start) || Number.isNaN(end)) return
  const length = (days[after] ?? Number.POSITIVE_INFINITY) - days[before]!
  for (let at = before + 1; at < after; at += 1) {
    const value = Math.round(start + ((end - start) * (days[at]! - days[before]!)) / length)
    book.change(days[at]!, (days[at + 1] ?? Number.POSITIVE_INFINITY) - 1, () => levelLine(value))
  }
}
