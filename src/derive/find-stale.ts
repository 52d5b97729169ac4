import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { endOfIncident } from './end-of-incident.ts'

const { downloads30d: atLeast, unchangedDays } = DETECTOR_RULES.stale
const { followDays } = DETECTOR_RULES.series

/**
 * Days on which the 30-day counter claims at least 100 downloads although the lifetime counter stands where it stood 31 or more
 * days before and no other value was seen in between: from the first such day to the last, null while it lasts. It is followed
 * for 45 days. 31 days without a known value hide what was in between and start the count anew; an unknown value ends nothing.
 */
export function findStale(series: CounterSeries): FoundEvent[] {
  const { days, downloads30d, downloadsAllTime } = series
  const events: FoundEvent[] = []
  let since = -1
  let known = -1
  let last = -1
  let open: FoundEvent | null = null
  for (let at = 0; at < days.length; at += 1) {
    const value = downloadsAllTime[at]!
    if (Number.isNaN(value)) continue
    if (known < 0 || value !== downloadsAllTime[known]! || days[at]! - days[known]! >= unchangedDays)
      since = at
    known = at
    const isStale = downloads30d[at]! >= atLeast && days[at]! - days[since]! >= unchangedDays
    if (!isStale) {
      if (open !== null) open.until = endOfIncident(days, open.from, last)
      open = null
      continue
    }
    if (open === null) {
      open = staleFrom(series, at)
      events.push(open)
    }
    if (days[at]! - open.from < followDays) last = at
  }
  if (open !== null) open.until = endOfIncident(days, open.from, last)
  return events
}

/** `sameOn`: the last day, 31 or more days before, on which the lifetime counter was the same. */
function staleFrom({ days, downloads30d, downloadsAllTime }: CounterSeries, at: number): FoundEvent {
  let earlier = at
  while (days[at]! - days[earlier]! < unchangedDays || Number.isNaN(downloadsAllTime[earlier]!)) earlier -= 1
  return {
    kind: 'stale-window',
    from: days[at]!,
    until: null,
    evidence: {
      downloads30d: downloads30d[at]!,
      downloadsAllTime: downloadsAllTime[at]!,
      sameOn: dayFromNumber(days[earlier]!),
    },
  }
}
