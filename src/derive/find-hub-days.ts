import type { FoundEvent } from '../domain/counter-event.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { findHubFreezes } from './find-hub-freezes.ts'
import { findHubIncidents } from './find-hub-incidents.ts'

/**
 * What happened to the counters of the whole Hub (method.md M17), by day: freezes and incidents. `qualities` in any order, one a
 * day. Rests on ratios and shares alone: counters of another scale give the same.
 */
export function findHubDays(qualities: readonly DayQuality[]): FoundEvent[] {
  const ascending = [...qualities].sort((a, b) => (a.day < b.day ? -1 : 1))
  return [...findHubFreezes(ascending), ...findHubIncidents(ascending)].sort((a, b) => a.from - b.from)
}
