import type { ShareCounter } from './derivative.ts'
import type { AnswerBasis } from './headline.ts'
import type { SweepState } from './sweep.ts'
import type { UtcDay } from './utc-day.ts'

/** Sums over the listed repositories of a group. */
export interface ListedSums {
  repos: number
  downloads30d: number
  /** Last known values; null when not one of the repositories has a known counter. */
  downloadsAllTime: number | null
  /** Repositories whose lifetime counter is unknown: in no lifetime sum. */
  allTimeUnknownRepos: number
}

/** One repository with its latest counters; the lifetime counter is the last one that was known. */
export interface ListedRepo {
  repoId: string
  downloads30d: number
  downloadsAllTime: number | null
}

/** A publisher nobody has reviewed. Shares are 0 to 1 of the downloads of every listed repository. */
export interface PublisherGap extends ListedSums {
  handle: string
  share30d: number | null
  shareAllTime: number | null
  /** Its most used repositories by the counter of the ranking, at most three. */
  topModels: readonly ListedRepo[]
}

/** A sweep after the as-of day's, whose pages the current counters hold already. */
export interface LaterSweep {
  day: UtcDay
  state: SweepState
}

/** The work list of the registry: whose review would answer for the most downloads. */
export interface ReviewGaps {
  basis: AnswerBasis
  laterSweep: LaterSweep | null
  by: ShareCounter
  /** Every listed repository. */
  whole: ListedSums
  unreviewed: ListedSums
  unreviewedPublishers: number
  /** Part of all downloads whose publisher is reviewed, 0 to 1; null over an empty or unknown whole. */
  reviewed30d: number | null
  reviewedAllTime: number | null
  /** Largest first. */
  gaps: readonly PublisherGap[]
}
