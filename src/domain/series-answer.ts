import type { CleanCounter, CleanRule } from './clean.ts'
import type { EventKind, ListedEvent } from './counter-event.ts'
import type { AskedRepo } from './event-answer.ts'
import type { AnswerBasis } from './headline.ts'
import type { UtcDay } from './utc-day.ts'

/** A value by the counters as the Hub gave them, and cleaned by the rules that are on; null where it is unknown. */
export interface BothWays {
  raw: number | null
  clean: number | null
}

/** One observed day of a repository. */
export interface SeriesDay {
  day: UtcDay
  downloadsAllTime: BothWays
  downloads30d: BothWays
  /** What the lifetime counter gained since the day before; null on the first day and across a gap, which is no zero. */
  dailyDownloads: BothWays
  likes: number | null
  /**
   * Growth of the raw lifetime counter over 30 days less the raw 30-day counter (method.md M20); null where the day 30 days
   * before was not observed.
   */
  residual: number | null
  /** Kinds of the events that the day lies in: its own, its publisher's, the whole Hub's. */
  events: readonly EventKind[]
}

/** What a cleaning rule adds to a counter of a repository over days that follow each other. */
export interface SeriesCorrection {
  rule: CleanRule
  counter: CleanCounter
  from: UtcDay
  /** The last day; null for no end. */
  until: UtcDay | null
  /** Whether the rule is on: else the clean series goes without it. */
  isOn: boolean
  /** Observed days within it whose counter it moves. */
  days: number
  /** What it adds on the first and on the last of these days. */
  first: number
  last: number
}

/** What `hub-census series` says. */
export interface SeriesAnswer {
  basis: AnswerBasis
  repo: AskedRepo
  /** Days asked for, both included; null for no bound. */
  from: UtcDay | null
  until: UtcDay | null
  /** Observed days, ascending; a day that is absent is a gap, or kept out. */
  days: readonly SeriesDay[]
  /** Days between the first and the last of them that were swept and are in no number, ascending; others that are absent are gaps. */
  keptOut: readonly { day: UtcDay; state: 'held' | 'rejected' }[]
  /** Of the repository, its publisher and the Hub that touch the days, in order of day. */
  events: readonly ListedEvent[]
  /** That touch the days, in the order in which the rules apply. */
  corrections: readonly SeriesCorrection[]
}
