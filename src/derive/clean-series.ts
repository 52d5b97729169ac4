import { type CleanCounter, type CleanSpan, type CounterChoice, correctionOf } from '../domain/clean.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { type MarkedSpan, touchesMarked } from './marked-days.ts'

/**
 * The series with the corrections of the rules of `choice` added; `spans` are those of one repository, in any order. The raw series is
 * left as it is, unknown values stay unknown.
 */
export function cleanSeries(
  series: CounterSeries,
  spans: readonly CleanSpan[],
  choice: CounterChoice,
): CounterSeries {
  const clean = {
    days: series.days,
    downloads30d: series.downloads30d.slice(),
    downloadsAllTime: series.downloadsAllTime.slice(),
    likes: series.likes,
  }
  for (const span of spans) {
    if (choice.includes(span.rule)) addCorrections(span, series, clean)
  }
  return clean
}

function addCorrections(
  span: CleanSpan,
  raw: CounterSeries,
  clean: Record<CleanCounter, Float64Array>,
): void {
  const { days } = raw
  const until = span.until ?? Number.POSITIVE_INFINITY
  for (let at = firstFrom(days, span.from); at < days.length && days[at]! <= until; at += 1) {
    clean[span.counter][at]! += correctionOf(span, days[at]!, raw[span.counter][at]!)
  }
}

/** The index of the first day on or after `day`. */
function firstFrom(days: Int32Array, day: number): number {
  let low = 0
  let high = days.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]! < day) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Daily downloads of a series, one value for each of its days: the lifetime counter less that of the day before. Null on the first
 * day, across a gap, where one of the two is unknown, and where either lies on one of the `marked` days (none for a clean series,
 * which has been led across them). A fall that is not corrected is a negative number.
 */
export function dailyDownloads(
  { days, downloadsAllTime }: CounterSeries,
  marked: readonly MarkedSpan[] = [],
): (number | null)[] {
  return Array.from(days, (day, at) => {
    if (at === 0 || day - days[at - 1]! !== 1 || touchesMarked(marked, day - 1, day)) return null
    const downloads = downloadsAllTime[at]! - downloadsAllTime[at - 1]!
    return Number.isNaN(downloads) ? null : downloads
  })
}
