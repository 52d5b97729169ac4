import { and, asc, desc, eq, ne } from 'drizzle-orm'
import type { EffectiveBy, Sweep, SweepPage, SweepState } from '../domain/sweep.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { dropObservationPacks } from './observation-packs.ts'
import type { Store } from './open-store.ts'
import { sweep, sweepPage } from './schema/sweep.ts'
import { addRanges } from './sweep-ranges.ts'

export interface NewSweep {
  source: string
  notice: string | null
  day: UtcDay
  /** Milliseconds since the epoch. */
  startedAt: number
}

/** Opens a sweep with its ranges, which part at `boundaries` (`_id`s, ascending; none for one walker). Returns it. */
export function beginSweep(store: Store, start: NewSweep, boundaries: readonly string[] = []): Sweep {
  return store.sqlite.transaction(() => {
    const row = store.db
      .insert(sweep)
      .values({ ...start, day: dayNumber(start.day), state: 'running' })
      .returning()
      .get()
    addRanges(store, row.sweepKey, boundaries)
    // An earlier sweep of this day, partial or held, may have been packed; this one may write its observations anew.
    dropObservationPacks(store, row.day)
    return fromRow(row)
  })()
}

/** The newest sweep that is still running, if any. */
export function findRunningSweep(store: Store): Sweep | null {
  const row = store.db
    .select()
    .from(sweep)
    .where(eq(sweep.state, 'running'))
    .orderBy(desc(sweep.sweepKey))
    .get()
  return row ? fromRow(row) : null
}

/** The newest complete sweep, by day; with `other`, the newest one but that. */
export function findCompleteSweep(store: Store, other?: Sweep): Sweep | null {
  const isComplete = eq(sweep.state, 'complete')
  const row = store.db
    .select()
    .from(sweep)
    .where(other ? and(isComplete, ne(sweep.sweepKey, other.sweepKey)) : isComplete)
    .orderBy(desc(sweep.day), desc(sweep.sweepKey))
    .get()
  return row ? fromRow(row) : null
}

/** Every sweep, oldest day first. */
export function listSweeps(store: Store): Sweep[] {
  return store.db.select().from(sweep).orderBy(sweep.day, sweep.sweepKey).all().map(fromRow)
}

/** Days with a complete sweep, ascending, each once. */
export function listCompleteDays(store: Store): UtcDay[] {
  const rows = store.db
    .selectDistinct({ day: sweep.day })
    .from(sweep)
    .where(eq(sweep.state, 'complete'))
    .orderBy(sweep.day)
    .all()
  return rows.map(row => dayFromNumber(row.day))
}

/** What the sources of this file say of their own data, each text once; empty for the real Hub alone. */
export function listNotices(store: Store): string[] {
  const rows = store.db.selectDistinct({ notice: sweep.notice }).from(sweep).all()
  return rows.flatMap(row => (row.notice === null ? [] : [row.notice])).sort()
}

/** Notes that the Hub refused an `expand` field during this sweep. */
export function recordRefusedField(store: Store, { sweepKey, day }: Sweep, field: string): void {
  store.sqlite.transaction(() => {
    const found = store.db
      .select({ fields: sweep.refusedFields })
      .from(sweep)
      .where(eq(sweep.sweepKey, sweepKey))
      .get()
    // Walkers side by side are refused side by side; once is enough to know it.
    if (found?.fields?.split(',').includes(field)) return
    const fields = found?.fields ? [...found.fields.split(','), field] : [field]
    store.db
      .update(sweep)
      .set({ refusedFields: fields.join(',') })
      .where(eq(sweep.sweepKey, sweepKey))
      .run()
    store.sqlite
      .prepare("INSERT INTO event (kind, day, detail) VALUES ('field-refused', ?, ?)")
      .run(dayNumber(day), JSON.stringify({ field }))
  })()
}

/** Notes that a sweep asks for the text of the cards, once in a file: from its day on, bases may be known from cards alone. */
export function recordCardText(store: Store, { day }: Sweep): void {
  if (hasCardText(store)) return
  store.sqlite
    .prepare("INSERT INTO event (kind, day, detail) VALUES ('card-text', ?, '{}')")
    .run(dayNumber(day))
}

/** Whether any sweep of the file asked for the text of the cards. */
export function hasCardText(store: Store): boolean {
  // By the days of sweeps, which the index of events begins with.
  const found = store.sqlite
    .prepare("SELECT 1 FROM event WHERE day IN (SELECT day FROM sweep) AND kind = 'card-text' LIMIT 1")
    .get()
  return found !== undefined
}

/** The pages of a sweep in the order they were committed. */
export function listSweepPages(store: Store, sweepKey: number): SweepPage[] {
  const { observedAt, rowCount, movedCount } = sweepPage
  return store.db
    .select({ observedAt, rowCount, movedCount })
    .from(sweepPage)
    .where(eq(sweepPage.sweepKey, sweepKey))
    .orderBy(asc(sweepPage.page))
    .all()
}

/** Notes the day of the refresh that a sweep saw, and how it is known. */
export function recordEffectiveDay(
  store: Store,
  sweepKey: number,
  effectiveDay: UtcDay,
  effectiveBy: EffectiveBy,
): void {
  store.db
    .update(sweep)
    .set({ effectiveDay: dayNumber(effectiveDay), effectiveBy })
    .where(eq(sweep.sweepKey, sweepKey))
    .run()
}

/** Closes a sweep without making anything gone. */
export function closeSweep(store: Store, sweepKey: number, state: SweepState, finishedAt: number): Sweep {
  const row = store.db
    .update(sweep)
    .set({ state, finishedAt })
    .where(eq(sweep.sweepKey, sweepKey))
    .returning()
    .get()
  return fromRow(row)
}

/**
 * Completes a sweep. When `mayRemove` holds, repositories absent from it become gone on its day, with an event each;
 * otherwise absences stay recorded and nothing becomes gone. One transaction.
 */
export function completeSweep(store: Store, sweepKey: number, finishedAt: number, mayRemove: boolean): Sweep {
  return store.sqlite.transaction(() => {
    const done = closeSweep(store, sweepKey, 'complete', finishedAt)
    if (mayRemove) {
      const day = dayNumber(done.day)
      store.sqlite
        .prepare(
          `INSERT INTO event (kind, day, repo_key, detail)
           SELECT 'removal', @day, repo_key, json_object('repoId', repo_id, 'downloadsAllTime', downloads_all_time)
           FROM sweep_absence JOIN repo USING (repo_key)
           WHERE sweep_key = @sweepKey AND gone_on IS NULL ORDER BY repo_key`,
        )
        .run({ day, sweepKey })
      store.sqlite
        .prepare(
          `UPDATE repo SET gone_on = @day
           WHERE gone_on IS NULL AND repo_key IN (SELECT repo_key FROM sweep_absence WHERE sweep_key = @sweepKey)`,
        )
        .run({ day, sweepKey })
    }
    return done
  })()
}

function fromRow(row: typeof sweep.$inferSelect): Sweep {
  const { refusedFields, ...rest } = row
  return {
    ...rest,
    day: dayFromNumber(row.day),
    effectiveDay: row.effectiveDay === null ? null : dayFromNumber(row.effectiveDay),
    downloadsAllTimeTotal: row.allTimeKnownCount > 0 ? row.downloadsAllTimeTotal : null,
    refusedFields: refusedFields === null ? [] : refusedFields.split(','),
  }
}
