import type { EffectiveBy, SweepPage } from '../domain/sweep.ts'
import { addDays, dayNumber, dayOf, type UtcDay } from '../domain/utc-day.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { refresh: rules } = DETECTOR_RULES

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What a sweep or capture before saw: the day of its refresh, and when it ended (milliseconds since the epoch). */
export interface SeenRefresh {
  effectiveDay: UtcDay
  until: number
}

export interface EffectiveDay {
  effectiveDay: UtcDay
  by: EffectiveBy
}

/**
 * The newest refresh that surely had happened at an instant (milliseconds since the epoch): before 12 UTC that of the day before,
 * from 12 UTC on that day's. Between 07 and 12 the clock cannot know whether the day's had come (`isSure` false).
 */
export function clockDay(at: number): { day: UtcDay; isSure: boolean } {
  const hour = (at % DAY_MS) / HOUR_MS
  const today = dayOf(at)
  return {
    day: hour >= rules.untilHour ? today : addDays(today, -1),
    isSure: hour < rules.fromHour || hour >= rules.untilHour,
  }
}

/** The one day whose refresh hours (07 to 12 UTC) meet the time after `after` until `until`; null for none or several. */
export function refreshBetween(after: number, until: number): UtcDay | null {
  const reachesInto = (until - rules.fromHour * HOUR_MS) / DAY_MS
  const last = Math.floor(reachesInto)
  const first = Math.floor((after - rules.untilHour * HOUR_MS) / DAY_MS) + 1
  return first === last ? dayOf(first * DAY_MS) : null
}

/**
 * The day of the Hub's refresh whose 30-day counters a sweep saw (method.md 0.5). `pages` are those of the sweep, in any order, at
 * least one; `before` is the complete sweep before it, null when there is none: against its counters pages count what moved.
 * - Next to nothing moved: it saw the refresh that the sweep before saw (`found`).
 * - Next to nothing moved at first and much from some page on: the refresh came in between (`across`); the day is that of
 *   the larger part, by rows.
 * - Much moved, and only one day's refresh hours lie between the end of the one sweep and that of the other: it saw that day's
 *   (`found`).
 * - Else the clock: before 07 UTC the day before's, from 12 UTC on the day's. Between 07 and 12 the clock cannot know, and the day
 *   before's is said, which surely had come. A sweep that lies across both counts by its larger part (`across`).
 * Throws a RangeError for a sweep without pages.
 */
export function effectiveDay(pages: readonly SweepPage[], before: SeenRefresh | null): EffectiveDay {
  if (pages.length === 0) throw new RangeError('a sweep without pages saw no refresh')
  const inTime = [...pages].sort((a, b) => a.observedAt - b.observedAt)
  const byClock = ofClock(inTime)
  if (before === null || inTime.some(({ movedCount }) => movedCount === null)) return byClock
  const rowsBefore = rowsBeforeRefresh(inTime)
  if (rowsBefore === null) return byClock
  const rows = rowsOf(inTime)
  if (rowsBefore.rows === rows) return { effectiveDay: before.effectiveDay, by: 'found' }
  const last = inTime.at(-1)!.observedAt
  if (rowsBefore.pages === 0) {
    // Until the last page: a second refresh could have come while the sweep was under way.
    const only = refreshBetween(Math.max(before.until, endOfRefresh(before.effectiveDay)), last)
    return only === null ? byClock : { effectiveDay: only, by: 'found' }
  }
  if (rowsBefore.rows * 2 > rows) return { effectiveDay: before.effectiveDay, by: 'across' }
  const lastBefore = inTime[rowsBefore.pages - 1]!.observedAt
  const refreshed = refreshBetween(lastBefore, inTime[rowsBefore.pages]!.observedAt) ?? clockDay(last).day
  return { effectiveDay: refreshed, by: 'across' }
}

/** When the refresh of a day has surely ended: who saw it cannot see it again. */
function endOfRefresh(day: UtcDay): number {
  return dayNumber(day) * DAY_MS + rules.untilHour * HOUR_MS
}

function ofClock(inTime: readonly SweepPage[]): EffectiveDay {
  const rowsByDay = new Map<UtcDay, number>()
  const sure = new Set<UtcDay>()
  for (const { observedAt, rowCount } of inTime) {
    const { day, isSure } = clockDay(observedAt)
    rowsByDay.set(day, (rowsByDay.get(day) ?? 0) + rowCount)
    if (isSure) sure.add(day)
  }
  const [largest] = [...rowsByDay].sort(
    ([a, rowsA], [b, rowsB]) => rowsB - rowsA || dayNumber(a) - dayNumber(b),
  )
  return { effectiveDay: largest![0], by: sure.size > 1 ? 'across' : 'clock' }
}

/**
 * How many pages and rows were read before a refresh that the sweep before had not seen: all when hardly anything moved, none
 * when much did from the start. Null when the pages do not say.
 */
function rowsBeforeRefresh(inTime: readonly SweepPage[]): { pages: number; rows: number } | null {
  const rows = rowsOf(inTime)
  if (rows < rules.rows) return null
  const share = movedOf(inTime) / rows
  if (share < rules.stillShare) return splitAt(inTime, share) ?? { pages: inTime.length, rows }
  const split = splitAt(inTime, share)
  if (split !== null) return split
  return share >= rules.movedShare ? { pages: 0, rows: 0 } : null
}

/**
 * The page on which movement sets in: where the rows so far have moved least against the share of the whole sweep (CUSUM).
 * Null unless what comes before is still, what comes after moved, and both are large enough to say so.
 */
function splitAt(inTime: readonly SweepPage[], share: number): { pages: number; rows: number } | null {
  let lag = 0
  let lowest = 0
  let pages = 0
  for (const [at, { rowCount, movedCount }] of inTime.entries()) {
    lag += movedCount! - share * rowCount
    if (lag < lowest) {
      lowest = lag
      pages = at + 1
    }
  }
  const first = inTime.slice(0, pages)
  const rest = inTime.slice(pages)
  const rows = rowsOf(first)
  const isSplit =
    rows >= rules.rows &&
    rowsOf(rest) >= rules.rows &&
    movedOf(first) < rules.stillShare * rows &&
    movedOf(rest) >= rules.movedShare * rowsOf(rest)
  return isSplit ? { pages, rows } : null
}

function rowsOf(pages: readonly SweepPage[]): number {
  return pages.reduce((sum, { rowCount }) => sum + rowCount, 0)
}

function movedOf(pages: readonly SweepPage[]): number {
  return pages.reduce((sum, { movedCount }) => sum + (movedCount ?? 0), 0)
}
