import { and, asc, eq } from 'drizzle-orm'
import type { DailyCorrection } from '../domain/clean.ts'
import type { MonthlyShare } from '../domain/derivative.ts'
import type { AgeCounter, LineageContent } from '../domain/lineage.ts'
import type { DailyTotal, TotalAttribution, TotalAxis } from '../domain/total.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { addAgeCounters, clearAgeCounters } from './age-counters.ts'
import { replaceCleanSpans } from './clean-spans.ts'
import { clearCorrections, writeCorrections } from './daily-corrections.ts'
import { type DailyShare, writeShares } from './daily-shares.ts'
import { writeDayQuality } from './day-qualities.ts'
import { replaceDetectedEvents } from './detected-events.ts'
import { clearDetectionBasis } from './detection-basis.ts'
import { replaceLineage } from './lineage-tables.ts'
import { replaceMonthlyShares } from './monthly-shares.ts'
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
  return store.sqlite
    .prepare<[], number>(
      // One look per day; DISTINCT would read every row of every day.
      `WITH RECURSIVE total (day) AS (
         SELECT min(day) FROM daily_total
         UNION ALL SELECT (SELECT min(day) FROM daily_total WHERE day > total.day) FROM total WHERE day IS NOT NULL
       )
       SELECT day FROM total WHERE day IS NOT NULL ORDER BY day`,
    )
    .pluck()
    .all()
    .map(dayFromNumber)
}

/** Days for which everything is published, ascending: totals that a program before the shares wrote are not enough. */
export function listPublishedDays(store: Store): UtcDay[] {
  const hasShares = store.sqlite.prepare<[number]>('SELECT 1 FROM daily_share WHERE day = ? LIMIT 1')
  return listTotalDays(store).filter(day => hasShares.get(dayNumber(day)) !== undefined)
}

/** What is published for one day. */
export interface PublishedDay {
  day: UtcDay
  totals: readonly DailyTotal[]
  shares: readonly DailyShare[]
  /** What the cleaning rules add to the totals, repository by repository. */
  corrections: readonly DailyCorrection[]
  /** Repositories that reached the age at which counters are kept. */
  ages: readonly AgeCounter[]
  /** Of the newest day; null for every other. */
  standing: Standing | null
}

/** What is kept of the newest published day alone, and replaced with it. */
export interface Standing {
  lineage: LineageContent
  monthly: Iterable<MonthlyShare>
}

/** What belongs to the same transaction as a publication. */
export interface PublishSteps {
  /** Asked first: when it says no, nothing is written. */
  isStillDue?(): boolean
  /** Done last, when every day is written. */
  finish?(): void
}

/**
 * Publishes totals, shares and corrections in one transaction: readers see the old state or the new. With `replace: 'all'`
 * every stored day goes first; else only the days given. Returns the number of totals written, null when it was no longer due.
 */
export function publishDays(
  store: Store,
  days: Iterable<PublishedDay>,
  basis: TotalsBasis & { publishedAt: number },
  replace: 'all' | 'days',
  { isStillDue = () => true, finish = () => {} }: PublishSteps = {},
): number | null {
  const insert = store.sqlite.prepare(
    `INSERT INTO daily_total (day, scope, attribution, axis, key, repos, downloads_30d, downloads_all_time,
       all_time_unknown_repos, gone_repos, gone_downloads_all_time)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const clear = ['daily_total', 'daily_share', 'daily_share_line'].map(table => ({
    all: store.sqlite.prepare(`DELETE FROM ${table}`),
    day: store.sqlite.prepare(`DELETE FROM ${table} WHERE day = ?`),
  }))
  return store.sqlite
    .transaction(() => {
      if (!isStillDue()) return null
      if (replace === 'all') {
        for (const { all } of clear) all.run()
        clearCorrections(store, 'all')
        clearAgeCounters(store)
      }
      let written = 0
      for (const { day, totals, shares, corrections, ages, standing } of days) {
        const number = dayNumber(day)
        if (replace === 'days') {
          for (const { day: one } of clear) one.run(number)
          clearCorrections(store, day)
        }
        for (const total of totals) {
          insert.run(
            number,
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
        writeShares(store, shares)
        writeCorrections(store, corrections)
        addAgeCounters(store, ages)
        if (standing !== null) {
          replaceLineage(store, standing.lineage)
          replaceMonthlyShares(store, standing.monthly)
        }
      }
      store.db.delete(dailyTotalBasis).run()
      store.db.insert(dailyTotalBasis).values(basis).run()
      finish()
      return written
    })
    .immediate()
}

/** Forgets every published day: what they were made of is no longer believed. Does nothing when none is published. */
export function clearPublishedDays(store: Store): void {
  store.sqlite
    .transaction(() => {
      if (findTotalsBasis(store) === null) return
      for (const table of ['daily_total', 'daily_share', 'daily_share_line', 'daily_total_basis']) {
        store.sqlite.prepare(`DELETE FROM ${table}`).run()
      }
      clearCorrections(store, 'all')
      clearAgeCounters(store)
      replaceDetectedEvents(store, [])
      replaceCleanSpans(store, [])
      writeDayQuality(store, [], 'all')
      clearDetectionBasis(store)
    })
    .immediate()
}

/** Every total of one day, as published. */
export function readEveryTotal(store: Store, day: UtcDay): DailyTotal[] {
  const rows = store.db
    .select()
    .from(dailyTotal)
    .where(eq(dailyTotal.day, dayNumber(day)))
    .all()
  return rows.map(row => ({ ...row, day }))
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
