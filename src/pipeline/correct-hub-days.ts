import { corrected, type DayTotals, hubCorrections } from '../derive/hub-corrections.ts'
import { KEPT_RULES } from '../domain/clean.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { clearHubCorrections, readRuleOn, replaceHubCorrections } from '../store/daily-corrections.ts'
import { readEveryTotal } from '../store/daily-totals.ts'
import { readHubEvents } from '../store/detected-events.ts'
import type { Store } from '../store/open-store.ts'
import { markedSpans } from './detection.ts'

/**
 * Corrects the published totals on days that are marked Hub-wide, in the caller's transaction: every stretch that ends with
 * `since` or later, or lasts; all there are for null. They come last: the line is drawn on what the corrections of single
 * repositories leave, and a freeze within an incident on what the incident's leaves. `days` are the published days, ascending.
 */
export function correctHubDays(store: Store, days: readonly UtcDay[], since: UtcDay | null): void {
  if (since === null) clearHubCorrections(store)
  const marked = markedSpans(readHubEvents(store))
  for (const kind of ['hub-incident', 'frozen'] as const) {
    const rule = kind === 'frozen' ? 'frozen-day' : 'hub-incident'
    const totalsOf = (day: UtcDay): DayTotals => {
      const earlier = kind === 'hub-incident' ? KEPT_RULES : ([...KEPT_RULES, 'hub-incident'] as const)
      return earlier.reduce((found, rule) => corrected(found, readRuleOn(store, day, rule)), {
        day,
        totals: readEveryTotal(store, day),
      } as DayTotals)
    }
    for (const { from, until } of marked.filter(span => span.kind === kind)) {
      const within = days.filter(day => dayNumber(day) >= from && (until === null || dayNumber(day) <= until))
      const before = days.findLast(day => dayNumber(day) < from)
      const after = until === null ? undefined : days.find(day => dayNumber(day) > until)
      const isTouched = since === null || after === undefined || after >= since
      if (within.length === 0 || before === undefined || !isTouched) continue
      const stretch = {
        kind,
        before: totalsOf(before),
        within: within.map(totalsOf),
        after: after === undefined ? null : totalsOf(after),
      }
      replaceHubCorrections(store, rule, within, hubCorrections(stretch))
    }
  }
}
