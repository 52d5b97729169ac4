import type { DayQuality } from '../domain/day-quality.ts'
import { dayFromNumber, dayNumber } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { dayQuality } from './schema/clean.ts'

/** Writes qualities, replacing those of their days; with `all` every other day's go. One transaction. */
export function writeDayQuality(
  store: Store,
  qualities: Iterable<DayQuality>,
  replace: 'all' | 'days',
): void {
  store.sqlite.transaction(() => {
    if (replace === 'all') store.db.delete(dayQuality).run()
    for (const quality of qualities) {
      const row = { ...quality, day: dayNumber(quality.day) }
      store.db.insert(dayQuality).values(row).onConflictDoUpdate({ target: dayQuality.day, set: row }).run()
    }
  })()
}

/** The qualities of every complete day they are known for, ascending. */
export function listDayQualities(store: Store): DayQuality[] {
  return store.db
    .select()
    .from(dayQuality)
    .orderBy(dayQuality.day)
    .all()
    .map(row => ({ ...row, day: dayFromNumber(row.day) }))
}
