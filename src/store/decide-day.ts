import type { Evidence, NotedKind } from '../domain/counter-event.ts'
import type { Sweep } from '../domain/sweep.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { findCompleteSweep } from './sweep-ledger.ts'

/** What is noted of a whole day. */
export type DayNote = Extract<NotedKind, 'day-held' | 'day-accepted' | 'day-rejected'>

/** Notes what happened to a day as a whole; belongs into the transaction that changes its state. */
export function noteDay({ sqlite }: Store, kind: DayNote, day: UtcDay, evidence: Evidence): void {
  sqlite
    .prepare('INSERT INTO event (kind, day, detail) VALUES (?, ?, ?)')
    .run(kind, dayNumber(day), JSON.stringify(evidence))
}

/** What was found when a day was last held; null when no event tells. */
export function findHold({ sqlite }: Store, day: UtcDay): Evidence | null {
  const detail = sqlite
    .prepare<[number], string>(
      "SELECT detail FROM event WHERE day = ? AND kind = 'day-held' ORDER BY event_key DESC LIMIT 1",
    )
    .pluck()
    .get(dayNumber(day))
  return detail === undefined ? null : (JSON.parse(detail) as Evidence)
}

/**
 * Rejects every sweep of a day that is complete or held, in the caller's transaction. Whoever is gone only by days after the
 * newest complete one that is left counts as listed again, by an event each: nobody is gone by a list that is not believed.
 * Returns how many these are.
 */
export function rejectDay(store: Store, day: UtcDay): number {
  const { sqlite } = store
  sqlite
    .prepare("UPDATE sweep SET state = 'rejected' WHERE day = ? AND state IN ('complete', 'held')")
    .run(dayNumber(day))
  const lastGood = findCompleteSweep(store)
  const span = { day: dayNumber(day), lastGood: lastGood === null ? -1 : dayNumber(lastGood.day) }
  // What is gone by a day that is still believed stays gone.
  if (span.day <= span.lastGood) return 0
  sqlite
    .prepare<[typeof span]>(
      `INSERT INTO event (kind, day, repo_key, detail)
       SELECT 'return', max(gone_on, @day), repo_key, json_object('goneOn', gone_on, 'because', 'day-rejected')
       FROM repo WHERE gone_on > @lastGood ORDER BY repo_key`,
    )
    .run(span)
  // A later sweep noted no absence of whoever was gone already, and it did not list them.
  sqlite
    .prepare<[typeof span]>(
      `INSERT OR IGNORE INTO sweep_absence (sweep_key, repo_key)
       SELECT sweep_key, repo_key FROM repo CROSS JOIN sweep ON sweep.day > gone_on
       WHERE gone_on > @lastGood AND state IN ('held', 'rejected')`,
    )
    .run(span)
  sqlite
    .prepare<[typeof span]>(
      `UPDATE sweep SET absent_count = (SELECT count(*) FROM sweep_absence WHERE sweep_absence.sweep_key = sweep.sweep_key)
       WHERE day > @lastGood AND state IN ('held', 'rejected')`,
    )
    .run(span)
  return sqlite.prepare<[typeof span]>('UPDATE repo SET gone_on = NULL WHERE gone_on > @lastGood').run(span)
    .changes
}

/** Whether any sweep with pages was begun after this one: then the current counters are no longer its own. */
export function isNewestSweep({ sqlite }: Store, { sweepKey }: Sweep): boolean {
  const later = sqlite.prepare('SELECT 1 FROM sweep WHERE sweep_key > ? AND page_count > 0 LIMIT 1')
  return later.get(sweepKey) === undefined
}

/** Repositories that are gone now. */
export function countGone({ sqlite }: Store): number {
  return sqlite.prepare<[], number>('SELECT count(gone_on) FROM repo').pluck().get()!
}
