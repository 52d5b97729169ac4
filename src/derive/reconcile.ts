import type { CounterSeries } from '../domain/counter-series.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { medianOf } from './median.ts'
import type { CounterColumns } from './panel.ts'

const { reconcile: rules } = DETECTOR_RULES

export type Reconciliation = Pick<
  DayQuality,
  'reconciled' | 'within2Percent' | 'medianRatio' | 'grownDownloads' | 'windowDownloads'
>

/**
 * Growth of the lifetime counter over 30 days against the 30-day counter (method.md M20), over the repositories listed today
 * (1 in `isListed`) with at least 100 downloads in 30 days whose lifetime counter is known on both days.
 */
export function reconcile(
  today: CounterColumns,
  monthBefore: Pick<CounterColumns, 'downloadsAllTime'>,
  isListed: Uint8Array,
): Reconciliation {
  const ratios = new Float64Array(isListed.length)
  let reconciled = 0
  let within2Percent = 0
  let grownDownloads = 0
  let windowDownloads = 0
  for (let key = 0; key < isListed.length; key += 1) {
    if (isListed[key] !== 1) continue
    const inWindow = today.downloads30d[key]!
    const grown = today.downloadsAllTime[key]! - monthBefore.downloadsAllTime[key]!
    if (!(inWindow >= rules.downloads30d) || Number.isNaN(grown)) continue
    ratios[reconciled] = grown / inWindow
    reconciled += 1
    if (Math.abs(grown - inWindow) <= rules.tolerance * inWindow) within2Percent += 1
    grownDownloads += grown
    windowDownloads += inWindow
  }
  const medianRatio = reconciled === 0 ? null : medianOf(ratios.subarray(0, reconciled))
  return { reconciled, within2Percent, medianRatio, grownDownloads, windowDownloads }
}

/** The two counters of one repository against each other on one day. */
export interface Residual {
  /** Days since 1970-01-01. */
  day: number
  downloads30d: number
  /** Growth of the lifetime counter since 30 days before. */
  grown: number
  /** Growth less the 30-day counter: what one of the two counts and the other does not. */
  residual: number
  /** Growth over the 30-day counter; null below 100 downloads. */
  ratio: number | null
}

/** Residuals of one series (method.md M20), for every day on which it was also observed exactly 30 days before. */
export function residuals({ days, downloads30d, downloadsAllTime }: CounterSeries): Residual[] {
  const found: Residual[] = []
  let earlier = 0
  for (let at = 0; at < days.length; at += 1) {
    const wanted = days[at]! - rules.windowDays
    while (days[earlier]! < wanted) earlier += 1
    if (days[earlier] !== wanted) continue
    const inWindow = downloads30d[at]!
    const grown = downloadsAllTime[at]! - downloadsAllTime[earlier]!
    const residual = grown - inWindow
    if (Number.isNaN(residual)) continue
    const ratio = inWindow >= rules.downloads30d ? grown / inWindow : null
    found.push({ day: days[at]!, downloads30d: inWindow, grown, residual, ratio })
  }
  return found
}
