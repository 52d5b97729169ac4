import type { CounterChoice, DailyCorrection } from '../domain/clean.ts'
import type { DailyTotal } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readCorrectionSeries, readCorrectionsOn } from '../store/daily-corrections.ts'
import { readTotalSeries, readTotalsOn, type TotalsQuery } from '../store/daily-totals.ts'
import type { Store } from '../store/open-store.ts'

/** Published totals by the counters asked for, with what they were made of. */
export interface ChosenTotals {
  /** Raw plus the corrections, in the order of `raw` for a series, else largest lifetime sum first. */
  totals: DailyTotal[]
  raw: DailyTotal[]
  /** Of the rules that are on. */
  corrections: DailyCorrection[]
}

/** One day's totals by every key. Whoever publishes downloads of a group reads them here. */
export function chosenTotalsOn(
  store: Store,
  day: UtcDay,
  query: TotalsQuery,
  counters: CounterChoice,
): ChosenTotals {
  const raw = readTotalsOn(store, day, query)
  if (counters.length === 0) return { totals: raw, raw, corrections: [] }
  const corrections = readCorrectionsOn(store, day, query).filter(({ rule }) => counters.includes(rule))
  const totals = addCorrections(raw, corrections, ({ key }) => key)
  return { totals: totals.sort(compareTotals), raw, corrections }
}

/** One key's totals over time, by day. Days on which the key had no repository are absent. */
export function chosenTotalSeries(
  store: Store,
  query: TotalsQuery & { key: string },
  counters: CounterChoice,
): ChosenTotals {
  const raw = readTotalSeries(store, query)
  if (counters.length === 0) return { totals: raw, raw, corrections: [] }
  const corrections = readCorrectionSeries(store, query).filter(({ rule }) => counters.includes(rule))
  return { totals: addCorrections(raw, corrections, ({ day }) => day), raw, corrections }
}

/** What a group's repositories count, and which are gone, is no matter of counters: only the sums move. */
function addCorrections(
  raw: readonly DailyTotal[],
  corrections: readonly DailyCorrection[],
  placeOf: (row: DailyTotal | DailyCorrection) => string,
): DailyTotal[] {
  const totals = new Map(raw.map(total => [placeOf(total), { ...total }]))
  for (const correction of corrections) {
    const total = totals.get(placeOf(correction))
    if (total === undefined) continue
    total.downloads30d += correction.downloads30d
    total.downloadsAllTime += correction.downloadsAllTime
  }
  return [...totals.values()]
}

/** As the store orders raw ones. */
function compareTotals(a: DailyTotal, b: DailyTotal): number {
  return (
    b.downloadsAllTime - a.downloadsAllTime || b.downloads30d - a.downloads30d || (a.key < b.key ? -1 : 1)
  )
}
