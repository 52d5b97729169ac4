import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { downloads } = DETECTOR_RULES.firstMove
const { reachDays } = DETECTOR_RULES.series

/**
 * The day on which the lifetime counter of a repository, zero on every observed day of the last 60 (one at least), jumped to
 * 1,000 or more: downloads that were counted late, not made on that day. `createdOn` is the day of its creation (days since
 * 1970-01-01); evidence has the age, and the days it was seen at zero.
 */
export function findFirstMove(series: CounterSeries, createdOn: number): FoundEvent[] {
  const { days, downloadsAllTime } = series
  const events: FoundEvent[] = []
  for (let at = 1; at < days.length; at += 1) {
    if (!(downloadsAllTime[at]! >= downloads)) continue
    const daysAtZero = countZeros(series, at)
    // A lifetime counter that has moved once does not stand at zero again, but where it was restated.
    if (daysAtZero > 0) {
      events.push({
        kind: 'first-move',
        from: days[at]!,
        until: days[at]!,
        evidence: {
          downloadsAllTime: downloadsAllTime[at]!,
          daysAtZero,
          ageDays: days[at]! - createdOn,
        },
      })
    }
  }
  return events
}

/** Observed days at zero in the 60 before, 0 when any of them was not: the common case ends at once. */
function countZeros({ days, downloadsAllTime }: CounterSeries, at: number): number {
  let zeros = 0
  for (let before = at - 1; before >= 0 && days[at]! - days[before]! <= reachDays; before -= 1) {
    const value = downloadsAllTime[before]!
    if (value > 0) return 0
    if (value === 0) zeros += 1
  }
  return zeros
}
