import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { backDays, regainedShare } = DETECTOR_RULES.fall
const { reachDays } = DETECTOR_RULES.series

/**
 * Falls of the lifetime counter (method.md M14). A fall begins on a day below the last known value, its old level; that day may
 * lie beyond a gap of any length. From there:
 * - at or above the old level on a day at most 14 days later: `transient-drop`, until the day before. Further falls while it is
 *   below belong to it.
 * - not yet, and `through` (the newest complete day) is at most 14 days later: `pending-drop`, which lasts.
 * - never in the 14 days, yet it regained four fifths of what it had lost: `transient-drop` until the day before it had, and a
 *   `restatement` from the old level to what it came back to, on that day.
 * - else a `restatement` on the first day. Later falls are compared with the new level.
 * After an incident the comparison starts from the value on its last day. An unknown value is no fall.
 */
export function findFalls(series: CounterSeries, through: number): FoundEvent[] {
  const { days, downloadsAllTime } = series
  const events: FoundEvent[] = []
  let known = -1
  for (let at = 0; at < days.length; at += 1) {
    const value = downloadsAllTime[at]!
    if (Number.isNaN(value)) continue
    if (known < 0 || value >= downloadsAllTime[known]!) {
      known = at
      continue
    }
    const fall = follow(series, known, at)
    const end = fall.back ?? (through <= days[at]! + backDays ? null : (fall.regained ?? at))
    if (end === null) {
      events.push(pendingDrop(series, fall))
      return events
    }
    if (end > at) events.push(transientDrop(series, fall, end))
    if (fall.back === null) events.push(restatement(series, fall, end))
    at = end
    known = end
  }
  return events
}

/** A fall as its 14 days show it; places are indices into the series. */
interface Fall {
  before: number
  first: number
  /** Where it is back at the old level, and where it first had regained enough of what it lost: null for nowhere. */
  back: number | null
  regained: number | null
  lowest: number
}

function follow({ days, downloadsAllTime }: CounterSeries, before: number, first: number): Fall {
  const level = downloadsAllTime[before]!
  const last = days[first]! + backDays
  const fall: Fall = { before, first, back: null, regained: null, lowest: downloadsAllTime[first]! }
  let low = fall.lowest
  for (let at = first + 1; at < days.length && days[at]! <= last; at += 1) {
    const value = downloadsAllTime[at]!
    if (value >= level) {
      fall.back = at
      fall.lowest = low
      return fall
    }
    if (value < low) low = value
    if (fall.regained === null && value - low >= regainedShare * (level - low)) {
      fall.regained = at
      fall.lowest = low
    }
  }
  if (fall.regained === null) fall.lowest = low
  return fall
}

function transientDrop(series: CounterSeries, fall: Fall, end: number): FoundEvent {
  const { days, downloadsAllTime } = series
  return {
    kind: 'transient-drop',
    from: days[fall.first]!,
    until: days[end]! - 1,
    evidence: {
      ...lossOf(series, fall),
      backOn: dayFromNumber(days[end]!),
      backAt: downloadsAllTime[end]!,
    },
  }
}

function pendingDrop(series: CounterSeries, fall: Fall): FoundEvent {
  return {
    kind: 'pending-drop',
    from: series.days[fall.first]!,
    until: null,
    evidence: {
      ...lossOf(series, fall),
      decidedAfter: dayFromNumber(series.days[fall.first]! + backDays),
    },
  }
}

/** `from`: the old level; `to`: the lowest value; `lost`: between them. */
function lossOf({ downloads30d, downloadsAllTime }: CounterSeries, { before, first, lowest }: Fall) {
  const from = downloadsAllTime[before]!
  return {
    from,
    to: lowest,
    lost: from - lowest,
    downloads30dBefore: knownOrNull(downloads30d[before]!),
    downloads30d: knownOrNull(downloads30d[first]!),
  }
}

/**
 * `daysObserved`: days among the 14 after the fall on which a recovery could have been seen; with none the question was settled
 * by a gap. `decidedOn`: the first day observed after them, null where the series has none within 60 days.
 */
function restatement(series: CounterSeries, fall: Fall, at: number): FoundEvent {
  const { days, downloads30d, downloadsAllTime } = series
  const from = downloadsAllTime[fall.before]!
  const to = downloadsAllTime[at]!
  const first = days[fall.first]!
  let daysObserved = 0
  let decidedOn: number | null = null
  for (let next = fall.first + 1; next < days.length && days[next]! <= first + reachDays; next += 1) {
    if (Number.isNaN(downloadsAllTime[next]!)) continue
    if (days[next]! > first + backDays) {
      decidedOn = days[next]!
      break
    }
    daysObserved += 1
  }
  return {
    kind: 'restatement',
    from: days[at]!,
    until: days[at]!,
    evidence: {
      from,
      to,
      ratio: to / from,
      downloads30dBefore: knownOrNull(downloads30d[fall.before]!),
      downloads30d: knownOrNull(downloads30d[at]!),
      lastKnownOn: dayFromNumber(days[fall.before]!),
      daysObserved,
      decidedOn: decidedOn === null ? null : dayFromNumber(decidedOn),
    },
  }
}

function knownOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
