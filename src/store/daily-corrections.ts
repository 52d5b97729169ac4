import { and, asc, eq } from 'drizzle-orm'
import type { CleanRule, DailyCorrection } from '../domain/clean.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { openBulkInsert } from './bulk-insert.ts'
import type { TotalsQuery } from './daily-totals.ts'
import type { Store } from './open-store.ts'
import { dailyCorrection } from './schema/clean.ts'

const COLUMNS = [
  'day',
  'scope',
  'attribution',
  'axis',
  'key',
  'rule',
  'repos',
  'downloads_30d',
  'downloads_all_time',
]

/** Writes corrections in the caller's transaction; their days hold none of the same group and rule. */
export function writeCorrections(store: Store, corrections: Iterable<DailyCorrection>): void {
  const insert = openBulkInsert(store.sqlite, 'daily_correction', COLUMNS)
  for (const row of corrections) {
    const { scope, attribution, axis, key, rule, repos, downloads30d, downloadsAllTime } = row
    insert.add([
      dayNumber(row.day),
      scope,
      attribution,
      axis,
      key,
      rule,
      repos,
      downloads30d,
      downloadsAllTime,
    ])
  }
  insert.flush()
}

/** Forgets the corrections of one day, or all of them, in the caller's transaction. */
export function clearCorrections({ sqlite }: Store, which: 'all' | UtcDay): void {
  if (which === 'all') sqlite.exec('DELETE FROM daily_correction')
  else sqlite.prepare('DELETE FROM daily_correction WHERE day = ?').run(dayNumber(which))
}

/** Replaces what a rule that is about the whole Hub adds on some days, in the caller's transaction. */
export function replaceHubCorrections(
  store: Store,
  rule: CleanRule,
  days: readonly UtcDay[],
  corrections: Iterable<DailyCorrection>,
): void {
  const clear = store.sqlite.prepare('DELETE FROM daily_correction WHERE day = ? AND rule = ?')
  for (const day of days) clear.run(dayNumber(day), rule)
  writeCorrections(store, corrections)
}

/** Replaces what the rules about single repositories add on a day, in the caller's transaction. */
export function replaceKeptCorrections(
  store: Store,
  day: UtcDay,
  corrections: Iterable<DailyCorrection>,
): void {
  store.sqlite
    .prepare(
      "DELETE FROM daily_correction WHERE day = ? AND rule IN ('transient-drop', 'restatement', 'spike')",
    )
    .run(dayNumber(day))
  writeCorrections(store, corrections)
}

/** Forgets what the rules about the whole Hub add on any day, in the caller's transaction. */
export function clearHubCorrections({ sqlite }: Store): void {
  sqlite.exec("DELETE FROM daily_correction WHERE rule IN ('hub-incident', 'frozen-day')")
}

/** Every correction of one rule on one day. */
export function readRuleOn(store: Store, day: UtcDay, rule: CleanRule): DailyCorrection[] {
  return store.db
    .select()
    .from(dailyCorrection)
    .where(and(eq(dailyCorrection.day, dayNumber(day)), eq(dailyCorrection.rule, rule)))
    .all()
    .map(row => ({ ...row, day }))
}

/** The corrections of one key over time, by day and rule; a day without any is absent. */
export function readCorrectionSeries(store: Store, query: TotalsQuery & { key: string }): DailyCorrection[] {
  return store.db
    .select()
    .from(dailyCorrection)
    .where(and(...conditions(query), eq(dailyCorrection.key, query.key)))
    .orderBy(asc(dailyCorrection.day), asc(dailyCorrection.rule))
    .all()
    .map(row => ({ ...row, day: dayFromNumber(row.day) }))
}

/** The corrections of one day, by key and rule. */
export function readCorrectionsOn(store: Store, day: UtcDay, query: TotalsQuery): DailyCorrection[] {
  return store.db
    .select()
    .from(dailyCorrection)
    .where(and(eq(dailyCorrection.day, dayNumber(day)), ...conditions(query)))
    .orderBy(asc(dailyCorrection.key), asc(dailyCorrection.rule))
    .all()
    .map(row => ({ ...row, day }))
}

function conditions(query: TotalsQuery) {
  return [
    eq(dailyCorrection.scope, query.scope),
    eq(dailyCorrection.attribution, query.attribution),
    eq(dailyCorrection.axis, query.axis),
  ]
}
