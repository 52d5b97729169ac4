import type { DayQuality } from '../domain/day-quality.ts'
import { dayNumber } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { isHubFrozen } from './find-hub-freezes.ts'

const { lowestRatio, highestRatio, catchUpDays, neighbourDays } = DETECTOR_RULES.panel

/** One complete day as the search for Hub-wide incidents sees it. */
export interface PanelDay {
  day: number
  panel: number
  /** Median of the panel against the complete day before; null says nothing. */
  ratio: number | null
  /** Days the ratio spans; null where it is not compared. */
  spanDays: number | null
  /** Whether the ratio is one that no traffic explains, and no late catch-up of a freeze. */
  isOut: boolean
  /** Of a late catch-up: place of the first day after the freeze, from which on the level was off; null of other days. */
  offSince: number | null
}

/** Whether a level is where it was, give or take what a single day may move (method.md M17). */
export function isInBand(level: number): boolean {
  return level >= lowestRatio && level <= highestRatio
}

/**
 * Judges every complete day (ascending) by the ratio of the panel. A ratio spans the days since the last complete one that was
 * not frozen, and each may have moved it as far as a single day may: the band widens to 0.95^n..1.05^n. More than a week
 * is not judged. A jump within a week after a freeze that brings the level back to what it was before is its late catch-up: the
 * days between were counted in part only.
 */
export function judgePanelDays(qualities: readonly DayQuality[]): PanelDay[] {
  const judged: PanelDay[] = []
  for (const [at, { day, panel, panelRatio }] of qualities.entries()) {
    const spanDays = spanOf(qualities, at)
    const isJump =
      panelRatio !== null &&
      spanDays !== null &&
      (panelRatio < lowestRatio ** spanDays || panelRatio > highestRatio ** spanDays)
    const offSince = isJump ? firstAfterFreeze(qualities, at) : null
    const isOut = isJump && offSince === null
    judged.push({ day: dayNumber(day), panel, ratio: panelRatio, spanDays, isOut, offSince })
  }
  return judged
}

function spanOf(qualities: readonly DayQuality[], at: number): number | null {
  let span = 0
  for (let index = at; index >= 0; index -= 1) {
    if (index < at && !isHubFrozen(qualities[index]!)) return span
    const { daysSince } = qualities[index]!
    if (daysSince === null) return null
    span += daysSince
    if (span > neighbourDays) return null
  }
  // The first of a list need not be the first of the record: how far back it reaches is in its own daysSince.
  return span
}

/** The median of a frozen day is 1, so the level before a freeze is the one on its last day. */
function firstAfterFreeze(qualities: readonly DayQuality[], at: number): number | null {
  const today = dayNumber(qualities[at]!.day)
  const ratio = qualities[at]!.panelRatio!
  let level = ratio
  for (
    let index = at - 1;
    index >= 0 && today - dayNumber(qualities[index]!.day) <= catchUpDays;
    index -= 1
  ) {
    if (isHubFrozen(qualities[index]!) && isInBand(level) && isNearer(level, level / ratio)) return index + 1
    level *= qualities[index]!.panelRatio ?? 1
  }
  return null
}

function isNearer(level: number, other: number): boolean {
  return Math.abs(Math.log(level)) < Math.abs(Math.log(other))
}
