import type { UtcDay } from './utc-day.ts'

export type SweepState = 'running' | 'complete' | 'partial' | 'held' | 'rejected'

/**
 * How the day of the refresh that a sweep saw is known: by the hour of the sweep alone, found in its pages, or the refresh came
 * while the sweep was under way.
 */
export type EffectiveBy = 'clock' | 'found' | 'across'

/** One capture of the catalogue: rows in = stored + unchanged + quarantined, always. */
export interface Sweep {
  sweepKey: number
  source: string
  notice: string | null
  day: UtcDay
  state: SweepState
  /** Milliseconds since the epoch. */
  startedAt: number
  finishedAt: number | null
  pageCount: number
  rowCount: number
  storedCount: number
  unchangedCount: number
  quarantinedCount: number
  duplicateCount: number
  privateCount: number
  laterCount: number
  absentCount: number
  downloads30dTotal: number
  /** Null when no row carried an all-time counter: unknown, not 0. */
  downloadsAllTimeTotal: number | null
  allTimeKnownCount: number
  /** `expand` fields the Hub refused, in the order they were dropped. */
  refusedFields: readonly string[]
  /** The day of the Hub's refresh whose 30-day counters it saw; null before that is known. */
  effectiveDay: UtcDay | null
  effectiveBy: EffectiveBy | null
}

/** When a page of a sweep was observed and how much had changed on it. */
export interface SweepPage {
  /** Milliseconds since the epoch. */
  observedAt: number
  rowCount: number
  /** Repositories known before whose 30-day counter differed from the last known; null where it was not counted. */
  movedCount: number | null
}

/** A stretch of the creation order that one walker of a sweep takes. */
export interface SweepRange {
  /** From 0, in creation order. */
  range: number
  /** The range begins after this `_id`; null for the first. */
  afterHubId: string | null
  /** The last `_id` that belongs to it; null for the last range, which is open. */
  untilHubId: string | null
  /** Opaque cursor of the next page, as the Hub gave it; null before the first page and after the last. */
  cursor: string | null
  pageCount: number
  isDone: boolean
}
