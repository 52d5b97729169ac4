import { and, asc, eq } from 'drizzle-orm'
import type { DailyTotal, TotalAttribution, TotalAxis } from '../domain/total.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { dailyTotal, dailyTotalBasis } from './schema/derived.ts'

/** By what the stored totals were computed. */
export interface TotalsBasis {
  registryRevision: string
  definitionVersion: number
  /** The newest complete sweep the totals know. */
  sweepKey: number
}

/** The basis of the stored totals, or null when there are none. */
export function findTotalsBasis(store: Store): TotalsBasis | null {
  return store.db.select().from(dailyTotalBasis).get() ?? null
}

/** Days with totals, ascending. */
export function listTotalDays(store: Store): UtcDay[] {
  const rows = store.db
    .selectDistinct({ day: dailyTotal.day })
    .from(dailyTotal)
    .orderBy(asc(dailyTotal.day))
    .all()
  return rows.map(row => dayFromNumber(row.day))
}

/**
 * Publishes totals in one transaction: readers see the old state or the new. With `replace: 'all'` every stored day
 * goes first; else only the days given.
 */
export function publishTotals(
  store: Store,
  totals: Iterable<DailyTotal>,
  basis: TotalsBasis & { publishedAt: number },
  replace: 'all' | 'days',
): number {
  const insert = store.sqlite.prepare(
    `INSERT INTO daily_total (day, scope, attribution, axis, key, repos, downloads_30d, downloads_all_time,
       all_time_unknown_repos, gone_repos, gone_downloads_all_time)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const clearDay = store.sqlite.prepare('DELETE FROM daily_total WHERE day = ?')
  return store.sqlite.transaction(() => {
    if (replace === 'all') store.db.delete(dailyTotal).run()
    const cleared = new Set<UtcDay>()
    let written = 0
    for (const total of totals) {
      const day = dayNumber(total.day)
      if (replace === 'days' && !cleared.has(total.day)) clearDay.run(day)
      cleared.add(total.day)
      insert.run(
        day,
        total.scope,
        total.attribution,
        total.axis,
        total.key,
        total.repos,
        total.downloads30d,
        total.downloadsAllTime,
        total.allTimeUnknownRepos,
        total.goneRepos,
        total.goneDownloadsAllTime,
      )
      written += 1
    }
    store.db.delete(dailyTotalBasis).run()
    store.db.insert(dailyTotalBasis).values(basis).run()
    return written
  })()
}

export interface TotalsQuery {
  scope: string
  attribution: TotalAttribution
  axis: TotalAxis
}

/** Totals of one day, largest lifetime sum first. */
export function readTotalsOn(store: Store, day: UtcDay, query: TotalsQuery): DailyTotal[] {
  return store.db
    .select()
    .from(dailyTotal)
    .where(and(eq(dailyTotal.day, dayNumber(day)), ...conditions(query)))
    .all()
    .map(row => ({ ...row, day }))
    .sort(
      (a, b) =>
        b.downloadsAllTime - a.downloadsAllTime ||
        b.downloads30d - a.downloads30d ||
        (a.key < b.key ? -1 : 1),
    )
}

/** One key's totals over time, by day. Days on which the key had no repository are absent. */
export function readTotalSeries(store: Store, query: TotalsQuery & { key: string }): DailyTotal[] {
  return store.db
    .select()
    .from(dailyTotal)
    .where(and(...conditions(query), eq(dailyTotal.key, query.key)))
    .orderBy(asc(dailyTotal.day))
    .all()
    .map(row => ({ ...row, day: dayFromNumber(row.day) }))
}

function conditions(query: TotalsQuery) {
  return [
    eq(dailyTotal.scope, query.scope),
    eq(dailyTotal.attribution, query.attribution),
    eq(dailyTotal.axis, query.axis),
  ]
}
