import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { endOfIncident } from './end-of-incident.ts'
import { type MarkedSpan, markedAs, touchesMarked } from './marked-days.ts'
import { usualDaily } from './usual-rate.ts'

const { followDays, neighbourDays } = DETECTOR_RULES.series
const { expected } = DETECTOR_RULES.frozen

/**
 * Whether neither download counter differs from the observation before, at most a week earlier. A lifetime counter that is
 * unknown on both days does not differ.
 */
export function standsStill({ days, downloads30d, downloadsAllTime }: CounterSeries, index: number): boolean {
  if (index === 0 || downloads30d[index] !== downloads30d[index - 1]) return false
  if (days[index]! - days[index - 1]! > neighbourDays) return false
  const allTime = downloadsAllTime[index]!
  const before = downloadsAllTime[index - 1]!
  return allTime === before || (Number.isNaN(allTime) && Number.isNaN(before))
}

/**
 * Stretches on which both download counters of one repository stood still although, at its usual rate, at least 300 downloads
 * were missed. The days of Hub-wide frozen spans are left out: they are the Hub's. A stretch is followed for 45 days; `until`
 * is null while no later observation shows that it ended. Evidence: `days` observed standing still, the usual rate, what it makes of
 * them (`missed`), and what the first moving day brought since the last good one (`catchUp`).
 */
export function findFrozen(series: CounterSeries, marked: readonly MarkedSpan[]): FoundEvent[] {
  const { days } = series
  const events: FoundEvent[] = []
  for (let first = 1; first < days.length; first += 1) {
    if (!standsStill(series, first)) continue
    let last = first
    while (standsStill(series, last + 1)) last += 1
    // A 30-day counter alone may well be the same on two days.
    const isKnown = !Number.isNaN(series.downloadsAllTime[first]!)
    if (isKnown && isLarge(series, first, last)) addStretch(events, series, first, last, marked)
    first = last
  }
  return events
}

/** Cheap, and true of whatever can reach the threshold: half of seven increments at the rate needed were already counted. */
function isLarge(
  { days, downloads30d, downloadsAllTime }: CounterSeries,
  first: number,
  last: number,
): boolean {
  const length = Math.min(days[last]! - days[first - 1]!, followDays + neighbourDays)
  return (
    downloadsAllTime[first - 1]! * length >= 4 * expected ||
    downloads30d[first - 1]! * length >= 30 * expected
  )
}

function addStretch(
  events: FoundEvent[],
  series: CounterSeries,
  first: number,
  stillUntil: number,
  marked: readonly MarkedSpan[],
): void {
  const { days, downloadsAllTime } = series
  const before = first - 1
  const usual = usualDaily(series, before)
  const end = days[first]! + followDays
  let last = stillUntil
  while (days[last]! >= end) last -= 1
  const ended = endOfIncident(days, days[first]!, last)
  // A stretch cut by the length it is followed has no catch-up to show.
  const after = ended === null || last < stillUntil ? null : last + 1
  const hubWide = markedAs(marked, 'frozen')
  for (let from = first; from <= last; from += 1) {
    if (touchesMarked(hubWide, days[from]!, days[from]!)) continue
    let until = from
    while (until < last && !touchesMarked(hubWide, days[until + 1]!, days[until + 1]!)) until += 1
    const missed = usual * (days[until]! - days[from - 1]!)
    if (missed >= expected) {
      events.push({
        kind: 'frozen',
        from: days[from]!,
        until: until === last ? ended : days[until]!,
        evidence: {
          days: until - from + 1,
          usualDaily: usual,
          missed: Math.round(missed),
          catchUpOn: after === null ? null : dayFromNumber(days[after]!),
          catchUp: after === null ? null : knownOrNull(downloadsAllTime[after]! - downloadsAllTime[before]!),
        },
      })
    }
    from = until
  }
}

function knownOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
