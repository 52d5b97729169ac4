import type { UtcDay } from './utc-day.ts'

export const TOTAL_ATTRIBUTIONS = ['publisher', 'base', 'root'] as const
/** `publisher`: whose handle published it. `base`: whose work it stands on, one step back. `root`: at the end of the walk. */
export type TotalAttribution = (typeof TOTAL_ATTRIBUTIONS)[number]
/**
 * `left-out` counts, by line, what a first-party scope would hold if its publisher were a reviewed lab. `family` counts
 * by publisher what a family publishes itself, by base and root what counts for it by these; `descendants`, by base and
 * root alone, the part of it that the family does not publish itself.
 */
export type TotalAxis = 'region' | 'lab' | 'family' | 'descendants' | 'left-out'

/** Sums of one day over one group of repositories. */
export interface DailyTotal {
  day: UtcDay
  scope: string
  attribution: TotalAttribution
  axis: TotalAxis
  /** A region line, a lab key, or `lab/family`. */
  key: string
  /** Repositories listed that day. One with several bases counts once, under the last of them. */
  repos: number
  /** Rolling 30-day downloads of the repositories listed. */
  downloads30d: number
  /** Lifetime downloads where known, the last known value of gone repositories included. */
  downloadsAllTime: number
  /** Repositories, gone ones included, whose lifetime counter is unknown. */
  allTimeUnknownRepos: number
  goneRepos: number
  /** The part of `downloadsAllTime` that gone repositories carry. */
  goneDownloadsAllTime: number
}

/** Whether a group's lifetime sum says anything: at least one repository, or part of a merge, has a known counter. */
export function isAllTimeKnown(
  total: Pick<DailyTotal, 'repos' | 'goneRepos' | 'allTimeUnknownRepos' | 'downloadsAllTime'>,
): boolean {
  return total.downloadsAllTime > 0 || total.allTimeUnknownRepos < total.repos + total.goneRepos
}
