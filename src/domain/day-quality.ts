import type { UtcDay } from './utc-day.ts'

/**
 * How far the counters of one complete day can be trusted, from observations alone. Shares are 0 to 1, null where there is
 * nothing to take them of. "The day before" is the complete day before it, however long ago (`daysSince`).
 */
export interface DayQuality {
  day: UtcDay
  /** Days since the complete day before; null for the first. */
  daysSince: number | null
  /** Repositories listed and seen before: those that can be compared. */
  compared: number
  /** Of these: neither download counter differs from the day before. */
  unchanged: number
  /** Of these: the lifetime counter is below that of the day before. */
  fell: number
  /** By how much, added up. */
  fellDownloads: number
  /**
   * The panel: the most downloaded repositories by their 30-day counter, the higher of the two days (at most 1,000, at least 1,000
   * downloads each, at least 30 days old: the window of a younger one still fills).
   */
  panel: number
  /** Median of today's over yesterday's 30-day counter in the panel; null for fewer than 25. */
  panelRatio: number | null
  /** Share of the panel of which neither download counter moved. */
  panelUnchanged: number | null
  /**
   * Repositories for which the lifetime counter of 30 days before is known, with at least 100 downloads in 30 days today: the
   * growth of the one must be the other (method.md M20).
   */
  reconciled: number
  /** Of these: off by at most 2 %. */
  within2Percent: number
  /** Median of growth over the 30-day counter; null for none. */
  medianRatio: number | null
  /** Sum of the growth, and of the 30-day counters, of these repositories. */
  grownDownloads: number
  windowDownloads: number
}
