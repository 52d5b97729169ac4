import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/**
 * Repositories whose lifetime counter a sweep saw below its last known value after the day `since` (ever, for null), sweeps that are
 * not complete included: what they saw is what the next complete one begins from.
 */
export function listFallen({ sqlite }: Store, since: UtcDay | null): number[] {
  return sqlite
    .prepare<[number], number>(
      "SELECT DISTINCT repo_key FROM event WHERE day > ? AND kind = 'drop' ORDER BY repo_key",
    )
    .pluck()
    .all(since === null ? -1 : dayNumber(since))
}
