import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'

/**
 * Daily downloads of a clean series with what a transient drop hid spread over its days: the level is held until the day it is
 * back (method.md M14), so by differences there would be zeros and then all of it at once. Each such day gets its equal part,
 * in whole downloads, of the growth from the last day before to the day it is back; the sum is the same. While a drop lasts its
 * days are null: what was downloaded on them is not known; so is the day of a restatement, whose clean difference is zero by
 * its making. The day after a gap stays null. `daily` has one value
 * for each day of the series; of `events`, those of the repository, only falls are looked at.
 */
export function spreadHeld(
  daily: readonly (number | null)[],
  { days, downloadsAllTime }: CounterSeries,
  events: readonly FoundEvent[],
): (number | null)[] {
  const spread = [...daily]
  for (const { kind, from, until } of events) {
    const restated = kind === 'restatement' ? days.indexOf(from) : -1
    if (restated >= 0) spread[restated] = null
    if (kind !== 'transient-drop' && kind !== 'pending-drop') continue
    const first = days.findIndex(day => day >= from)
    const back = until === null ? days.length : days.findIndex(day => day > until)
    if (first < 1 || back < 0) continue
    if (until === null) {
      spread.fill(null, first)
      continue
    }
    const before = first - 1
    const length = days[back]! - days[before]!
    const grown = downloadsAllTime[back]! - downloadsAllTime[before]!
    if (Number.isNaN(grown)) continue
    for (let at = first; at <= back; at += 1) {
      if (days[at]! - days[at - 1]! !== 1) continue
      const step = days[at]! - days[before]!
      spread[at] = Math.floor((grown * step) / length) - Math.floor((grown * (step - 1)) / length)
    }
  }
  return spread
}
