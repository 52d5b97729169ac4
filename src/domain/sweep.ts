import type { UtcDay } from './utc-day.ts'

export type SweepState = 'running' | 'complete' | 'partial' | 'held' | 'rejected'

/** One capture of the catalogue: rows in = stored + unchanged + quarantined, always. */
export interface Sweep {
  sweepKey: number
  source: string
  notice: string | null
  day: UtcDay
  state: SweepState
  cursor: string | null
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
}
