import type { ListedEvent } from './counter-event.ts'
import type { SweepState } from './sweep.ts'
import type { UtcDay } from './utc-day.ts'

/** Why somebody decides on a day, at most so many characters. */
export const LONGEST_WHY = 500

export const DAY_DECISIONS = ['accept', 'reject'] as const
/** What a person may do with a day. */
export type DayDecision = (typeof DAY_DECISIONS)[number]

/** A decision that was taken. */
export interface DecidedDay {
  day: UtcDay
  decision: DayDecision
  before: SweepState
  /** Repositories that became gone by it, or that count as listed again. */
  goneRepos: number
  /** The newest complete day after it, at which the headline stands; null for none. */
  newest: UtcDay | null
}

/** A day that is held, and what was found; null where no event tells. */
export interface HeldNote {
  day: UtcDay
  because: string | null
}

/** What `hub-census day list` says. */
export interface DayStates {
  /** Days whose state is not complete, ascending. */
  days: readonly (HeldNote & { state: Exclude<SweepState, 'complete'> })[]
  /** What was held and what people decided, ascending. */
  decisions: readonly ListedEvent[]
  newest: UtcDay | null
}
