import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { usualDays, usualKnown, neighbourDays } = DETECTOR_RULES.series

/**
 * The median of the known daily increments of the lifetime counter in the 28 days that end on the day at `index`; NaN for fewer
 * than seven. Only steps of one day count, and a fall is no increment.
 */
export function medianIncrement({ days, downloadsAllTime }: CounterSeries, index: number): number {
  const first = days[index]! - usualDays
  const increments: number[] = []
  for (let at = index; at > 0 && days[at]! > first; at -= 1) {
    const increment = downloadsAllTime[at]! - downloadsAllTime[at - 1]!
    if (increment >= 0 && days[at]! - days[at - 1]! === 1) increments.push(increment)
  }
  if (increments.length < usualKnown) return Number.NaN
  increments.sort((a, b) => a - b)
  const half = increments.length >> 1
  return increments.length % 2 === 1 ? increments[half]! : (increments[half - 1]! + increments[half]!) / 2
}

/** Usual downloads a day as of the day at `index`: the median increment, else a thirtieth of the 30-day counter (may be NaN). */
export function usualDaily(series: CounterSeries, index: number): number {
  const median = medianIncrement(series, index)
  return Number.isNaN(median) ? series.downloads30d[index]! / 30 : median
}

/**
 * Downloads a day between the observation at `index` and the last one before it whose counter is known; NaN where they are no
 * neighbours or the one at `index` is unknown.
 */
export function dailyRate({ days, downloadsAllTime }: CounterSeries, index: number): number {
  let before = index - 1
  while (before > 0 && Number.isNaN(downloadsAllTime[before]!)) before -= 1
  if (before < 0) return Number.NaN
  const length = days[index]! - days[before]!
  if (length > neighbourDays) return Number.NaN
  return (downloadsAllTime[index]! - downloadsAllTime[before]!) / length
}
