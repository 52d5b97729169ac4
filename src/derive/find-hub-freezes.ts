import type { FoundEvent } from '../domain/counter-event.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { dayFromNumber, dayNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { least, frozenShare, freezeCutDays } = DETECTOR_RULES.panel
/** Nothing an event says may come from a day further off. */
const CATCH_UP_DAYS = 60 - 2 * freezeCutDays

/** Whether neither counter moved for more than half of the panel (method.md M17); a panel below 25 says nothing. */
export function isHubFrozen({
  panel,
  panelUnchanged,
}: Pick<DayQuality, 'panel' | 'panelUnchanged'>): boolean {
  return panel >= least && panelUnchanged !== null && panelUnchanged > frozenShare
}

/**
 * Stretches of complete days on which the whole Hub stood still, one event each; `until` is null while the newest day is one.
 * Evidence: `days` observed standing still, the smallest `panel` among them, the smallest `share` of it that stood still, and the
 * first moving day after them (`catchUpOn`) with its `catchUpRatio`. One that has lasted for 21 days is cut at the next day
 * whose number is a multiple of 21. `qualities` ascending.
 */
export function findHubFreezes(qualities: readonly DayQuality[]): FoundEvent[] {
  const events: FoundEvent[] = []
  for (let first = 0; first < qualities.length; first += 1) {
    if (!isHubFrozen(qualities[first]!)) continue
    let end = first + 1
    while (end < qualities.length && isHubFrozen(qualities[end]!)) end += 1
    let from = first
    for (let at = first + 1; at < end; at += 1) {
      if (!isCutAt(qualities, first, at)) continue
      events.push(freezeOf(qualities.slice(from, at), qualities[at], true))
      from = at
    }
    events.push(freezeOf(qualities.slice(from, end), qualities[end], false))
    first = end
  }
  return events
}

function isCutAt(qualities: readonly DayQuality[], first: number, at: number): boolean {
  const day = dayNumber(qualities[at]!.day)
  const cut = day - (day % freezeCutDays)
  return cut > dayNumber(qualities[at - 1]!.day) && dayNumber(qualities[first]!.day) <= cut - freezeCutDays
}

/** `next`: the complete day after them, frozen as well where the stretch `isCut`. */
function freezeOf(frozen: readonly DayQuality[], next: DayQuality | undefined, isCut: boolean): FoundEvent {
  const from = dayNumber(frozen[0]!.day)
  const after =
    next === undefined || isCut || dayNumber(next.day) > dayNumber(frozen.at(-1)!.day) + CATCH_UP_DAYS
      ? null
      : next
  return {
    kind: 'frozen',
    from,
    until: next === undefined ? null : dayNumber(frozen.at(-1)!.day),
    evidence: {
      days: frozen.length,
      panel: Math.min(...frozen.map(({ panel }) => panel)),
      share: Math.min(...frozen.map(({ panelUnchanged }) => panelUnchanged!)),
      catchUpOn: after === null ? null : dayFromNumber(dayNumber(after.day)),
      catchUpRatio: after === null ? null : after.panelRatio,
    },
  }
}
