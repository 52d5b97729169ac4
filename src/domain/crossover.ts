import type { UtcDay } from './utc-day.ts'

/** Both series on one observed day. */
export interface CrossingPoint {
  day: UtcDay
  a: number
  b: number
}

/** One change of the lead, as an interval between two observed days. */
export interface Crossing {
  /** `ahead`: the first series takes the lead; `behind`: it loses it. */
  direction: 'ahead' | 'behind'
  /** Last observed day before the change, with both values. */
  lastBefore: CrossingPoint
  /** First observed day after it. */
  firstAfter: CrossingPoint
  /** Where straight lines between the two meet; labelled as interpolated wherever it is shown. */
  interpolated: UtcDay
  /** Whether the lead was observed to last the whole hold. */
  isHeld: boolean
  /** Days observed from `firstAfter` to the last observation. */
  observedAfter: number
}

export type CrossoverOutcome = 'crossed' | 'provisional' | 'never' | 'ahead-from-the-start' | 'no-data'

export interface Crossover {
  outcome: CrossoverOutcome
  /** The first lasting lead of the first series; null for `never`, `ahead-from-the-start` and `no-data`. */
  crossing: Crossing | null
  /** Every lasting change of the lead, both directions, oldest first. */
  crossings: readonly Crossing[]
  /** Leads of the first series that were lost within the hold. */
  lostLeads: number
  /** Times the first series, holding the lead, fell behind and came back within the hold. */
  dips: number
  /** Whether the first series holds the lead at the end. */
  isAhead: boolean
  firstDay: UtcDay | null
  lastDay: UtcDay | null
  holdDays: number
}
