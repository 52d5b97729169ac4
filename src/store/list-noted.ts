import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/**
 * Repositories of which the sweeps after the day `since` (ever, for null) noted an event of this kind; sweeps that are not complete
 * included: what they saw is what the next complete one begins from.
 */
export function listNoted({ sqlite }: Store, kind: 'drop' | 'return', since: UtcDay | null): number[] {
  return sqlite
    .prepare<[number, string], number>(
      'SELECT DISTINCT repo_key FROM event WHERE day > ? AND kind = ? AND repo_key IS NOT NULL ORDER BY repo_key',
    )
    .pluck()
    .all(since === null ? -1 : dayNumber(since), kind)
}

/** Repositories that the complete sweep of a day missed, gone or not. */
export function listMissed({ sqlite }: Store, day: UtcDay): number[] {
  return sqlite
    .prepare<[number], number>(
      "SELECT repo_key FROM sweep CROSS JOIN sweep_absence USING (sweep_key) WHERE day = ? AND state = 'complete'",
    )
    .pluck()
    .all(dayNumber(day))
}
