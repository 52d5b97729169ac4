import type { FoundEvent } from '../domain/counter-event.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { judgePanelDays, type PanelDay } from './out-of-band.ts'

const { lowestRatio, highestRatio, backDays, incidentCutDays } = DETECTOR_RULES.panel

/**
 * Hub-wide incidents (method.md M17): from the first day on which the panel moved as no traffic does until the day before
 * it is back at 0.95 (after a rise 1.05) of its old level, at most 14 days later: `recovered`. Jumps the same way back in these
 * 14 days belong to it. One that is not back is a lasting shift (`shifted`), until its last such day; while neither is known,
 * it is `open` and lasts. Days after a freeze whose level only a later jump brought back are `recovered` ones as well, however
 * small each step. `qualities` ascending; a day without a ratio counts as one on which nothing moved.
 *
 * Evidence: `status`, `ratio` of the first day over `spanDays`, the furthest `level` of the panel and the one at the
 * end (`endLevel`), both as a part of that before it, `backOn`, and the size of the `panel`.
 */
export function findHubIncidents(qualities: readonly DayQuality[]): FoundEvent[] {
  const days = judgePanelDays(qualities)
  const cuts = cutsOf(days)
  const events: FoundEvent[] = []
  const catchUps = lateCatchUps(days)
  for (let first = 0; first < days.length; first += 1) {
    const back = catchUps.get(first)
    if (!days[first]!.isOut && back === undefined) continue
    const incident = back === undefined ? follow(days, first, cuts) : caughtUp(days, first, back)
    events.push(incident.event)
    first = incident.last
  }
  return events
}

/** Place of the day that caught up by the first day after the freeze, where nothing else happened in between. */
function lateCatchUps(days: readonly PanelDay[]): Map<number, number> {
  const found = new Map<number, number>()
  for (const [at, { offSince }] of days.entries()) {
    if (offSince === null || found.has(offSince)) continue
    if (!days.slice(offSince, at).some(({ isOut }) => isOut)) found.set(offSince, at)
  }
  return found
}

function caughtUp(days: readonly PanelDay[], first: number, back: number): Followed {
  let endLevel = 1
  let level = 1
  for (let at = first; at <= back; at += 1) {
    endLevel *= days[at]!.ratio ?? 1
    if (Math.abs(Math.log(endLevel)) > Math.abs(Math.log(level))) level = endLevel
  }
  const { day: from, ratio, spanDays, panel } = days[first]!
  const backOn = dayFromNumber(days[back]!.day)
  const evidence = { status: 'recovered', ratio, spanDays, level, endLevel, backOn, panel }
  return { event: { kind: 'hub-incident', from, until: days[back - 1]!.day, evidence }, last: back }
}

/** `last`: the place of the last day that belongs to it, the one on which it is back included. */
interface Followed {
  event: FoundEvent
  last: number
}

function follow(
  days: readonly PanelDay[],
  first: number,
  isCut: (after: number, until: number) => boolean,
): Followed {
  const { day: from, ratio, spanDays, panel } = days[first]!
  const isFall = ratio! < 1
  let level = ratio!
  let furthest = level
  let lastOut = first
  let back: number | null = null
  let backLevel: number | null = null
  let at = first + 1
  for (; at < days.length && days[at]!.day <= from + backDays && !isCut(from, days[at]!.day); at += 1) {
    const { ratio: step, isOut } = days[at]!
    level *= step ?? 1
    if (back === null) {
      furthest = isFall ? Math.min(furthest, level) : Math.max(furthest, level)
      if (isFall ? level >= lowestRatio : level <= highestRatio) back = at
      if (isOut) lastOut = at
    } else if (isOut) {
      if (step! < 1 === isFall) break
      back = at
    }
    if (back === at) backLevel = level
  }
  const isOpen = back === null && at === days.length && days.at(-1)!.day < from + backDays
  const event: FoundEvent = {
    kind: 'hub-incident',
    from,
    until: isOpen ? null : days[back === null ? lastOut : back - 1]!.day,
    evidence: {
      status: back !== null ? 'recovered' : isOpen ? 'open' : 'shifted',
      ratio,
      spanDays,
      level: furthest,
      endLevel: backLevel ?? level,
      backOn: back === null ? null : dayFromNumber(days[back]!.day),
      panel,
    },
  }
  return { event, last: back ?? (isOpen ? days.length : lastOut) }
}

/**
 * Where incidents that follow each other without a quiet fortnight are cut: at multiples of 14 days with no first day of such a
 * row in the fortnight before. Whether a day begins an incident then never hangs on one further off than 60 days.
 */
function cutsOf(days: readonly PanelDay[]): (after: number, until: number) => boolean {
  const begins = new Set<number>()
  let lastOut = Number.NEGATIVE_INFINITY
  for (const { day, isOut } of days) {
    if (!isOut) continue
    if (day - lastOut > backDays) begins.add(day)
    lastOut = day
  }
  return (after, until) => {
    for (let cut = until - (until % incidentCutDays); cut > after; cut -= incidentCutDays) {
      let hasBegun = false
      for (let day = cut; day > cut - incidentCutDays; day -= 1) if (begins.has(day)) hasBegun = true
      if (!hasBegun) return true
    }
    return false
  }
}
