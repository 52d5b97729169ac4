import type { UtcDay } from './utc-day.ts'

export const TOTAL_ATTRIBUTIONS = ['publisher', 'base'] as const
/** `publisher`: whose handle published it. `base`: whose work it stands on, one step back. */
export type TotalAttribution = (typeof TOTAL_ATTRIBUTIONS)[number]
/** `left-out` counts, by line, what a first-party scope would hold if its publisher were a reviewed lab. */
export type TotalAxis = 'region' | 'lab' | 'left-out'

/** Sums of one day over one group of repositories. */
export interface DailyTotal {
  day: UtcDay
  scope: string
  attribution: TotalAttribution
  axis: TotalAxis
  /** A region line, or a lab key. */
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
