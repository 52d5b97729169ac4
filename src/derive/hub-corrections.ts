import type { CleanRule, DailyCorrection } from '../domain/clean.ts'
import type { DailyTotal } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'

/** The totals of one complete day. */
export interface DayTotals {
  day: UtcDay
  totals: readonly DailyTotal[]
}

/** A stretch of Hub-wide marked days between two good ones. */
export interface HubStretch {
  kind: 'hub-incident' | 'frozen'
  before: DayTotals
  within: readonly DayTotals[]
  /** The first good day after it; null while it lasts. */
  after: DayTotals | null
}

/**
 * What Hub-wide marked days add to every total: on a frozen day both counters, in an incident the 30-day counter, lie on the
 * straight line between the good days on either side (method.md M17: no growth across them). While an incident lasts, the
 * last good level is held; a freeze that lasts is corrected by nothing, for what it hides is not known. A group that one of
 * the good days does not know keeps its raw counters.
 */
export function hubCorrections({ kind, before, within, after }: HubStretch): DailyCorrection[] {
  if (kind === 'frozen' && after === null) return []
  const rule: CleanRule = kind === 'frozen' ? 'frozen-day' : 'hub-incident'
  const first = groupsOf(before)
  const last = after === null ? first : groupsOf(after)
  const start = dayNumber(before.day)
  const span = (after === null ? start + 1 : dayNumber(after.day)) - start
  return within.flatMap(({ day, totals }) => {
    const way = after === null ? 0 : (dayNumber(day) - start) / span
    return totals.flatMap(total => {
      const from = first.get(groupOf(total))
      const to = last.get(groupOf(total))
      if (from === undefined || to === undefined) return []
      const line = (a: number, b: number) => Math.round(a + (b - a) * way)
      const downloads30d = line(from.downloads30d, to.downloads30d) - total.downloads30d
      const downloadsAllTime =
        kind === 'frozen' ? line(from.downloadsAllTime, to.downloadsAllTime) - total.downloadsAllTime : 0
      if (downloads30d === 0 && downloadsAllTime === 0) return []
      const { scope, attribution, axis, key } = total
      return [{ day, scope, attribution, axis, key, rule, repos: 0, downloads30d, downloadsAllTime }]
    })
  })
}

/** The totals of a day with corrections of the same day added: what a later rule finds. */
export function corrected({ day, totals }: DayTotals, corrections: readonly DailyCorrection[]): DayTotals {
  const byGroup = new Map(corrections.map(row => [groupOf(row), row]))
  return {
    day,
    totals: totals.map(total => {
      const row = byGroup.get(groupOf(total))
      if (row === undefined) return total
      return {
        ...total,
        downloads30d: total.downloads30d + row.downloads30d,
        downloadsAllTime: total.downloadsAllTime + row.downloadsAllTime,
      }
    }),
  }
}

function groupsOf({ totals }: DayTotals): Map<string, DailyTotal> {
  return new Map(totals.map(total => [groupOf(total), total]))
}

function groupOf({
  scope,
  attribution,
  axis,
  key,
}: Pick<DailyTotal, 'scope' | 'attribution' | 'axis' | 'key'>): string {
  return JSON.stringify([scope, attribution, axis, key])
}
