import type { GoodDayFigures, NightFigures } from '../domain/day-gate.ts'
import type { Sweep } from '../domain/sweep.ts'
import { dayNumber } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** With fewer rows that carried an all-time counter than this share of the other day's, the sums tell of the rows and not of downloads. */
const LEAST_KNOWN_ALIKE = 0.99

interface Sums {
  repos: number
  downloads30d: number
  downloadsAllTime: number
  /** Repositories whose all-time counter is known. */
  allTimeKnown: number
}

interface Span {
  /** Keys of the two sweeps and their days, as days since 1970-01-01. */
  night: number
  good: number
  nightDay: number
  goodDay: number
}

/**
 * Tonight's sweep beside the last good one, over the repositories listed on both days. Taken from the totals of the two sweeps,
 * from who came and went between them and from the falls noted since, so that no more is read than has changed.
 *
 * A repository that left counts with the counters last seen of it, which are those of a held night where one lies between.
 */
export function compareSweeps(
  store: Store,
  night: Sweep,
  good: Sweep,
): { night: NightFigures; good: GoodDayFigures } {
  const span: Span = {
    ...{ night: night.sweepKey, good: good.sweepKey },
    ...{ nightDay: dayNumber(night.day), goodDay: dayNumber(good.day) },
  }
  const kept = minus(sumsOf(night), sumNewcomers(store, span))
  const before = minus(sumsOf(good), sumLeavers(store, span))
  const isAllTimeAlike =
    Math.min(kept.allTimeKnown, before.allTimeKnown) >=
    Math.max(1, kept.allTimeKnown, before.allTimeKnown) * LEAST_KNOWN_ALIKE
  const compared = Math.max(0, kept.repos)
  const moved = countMoved(store, night.sweepKey)
  const totals = ({ downloads30d, downloadsAllTime }: Sums) => ({
    downloads30d,
    downloadsAllTime: isAllTimeAlike ? downloadsAllTime : null,
  })
  return {
    night: {
      ...{ repos: night.rowCount - night.duplicateCount, compared, ...totals(kept) },
      fell: countFallen(store, span),
      unchanged: moved === null ? null : Math.max(0, compared - moved),
    },
    good: { repos: good.rowCount - good.duplicateCount, ...totals(before) },
  }
}

function sumsOf(sweep: Sweep): Sums {
  return {
    repos: sweep.rowCount - sweep.duplicateCount - sweep.quarantinedCount,
    downloads30d: sweep.downloads30dTotal,
    downloadsAllTime: sweep.downloadsAllTimeTotal ?? 0,
    allTimeKnown: sweep.allTimeKnownCount,
  }
}

function minus(one: Sums, other: Sums): Sums {
  return {
    repos: one.repos - other.repos,
    downloads30d: one.downloads30d - other.downloads30d,
    downloadsAllTime: one.downloadsAllTime - other.downloadsAllTime,
    allTimeKnown: one.allTimeKnown - other.allTimeKnown,
  }
}

/**
 * Whoever was not in the list of the good day: born since (keys are given in order of birth), absent from it, or gone then and
 * back since.
 */
const NEWCOMERS = `newcomer (repo_key) AS MATERIALIZED (
    SELECT repo_key FROM repo
    WHERE repo_key > ifnull((SELECT repo_key FROM repo WHERE first_seen_on <= @goodDay ORDER BY repo_key DESC LIMIT 1), 0)
    UNION SELECT repo_key FROM sweep_absence WHERE sweep_key = @good
    UNION SELECT repo_key FROM event
      WHERE kind = 'return' AND day > @goodDay AND day <= @nightDay AND json_extract(detail, '$.goneOn') <= @goodDay
  )`

const SUMS = `count(*) AS repos, ifnull(sum(downloads_30d), 0) AS downloads30d,
  ifnull(sum(downloads_all_time), 0) AS downloadsAllTime, count(downloads_all_time) AS allTimeKnown`

/** What tonight's totals owe to repositories that the good day did not list. */
function sumNewcomers({ sqlite }: Store, span: Span): Sums {
  return sqlite
    .prepare<[Span], Sums>(
      `WITH ${NEWCOMERS}
       SELECT ${SUMS} FROM newcomer CROSS JOIN repo USING (repo_key)
       WHERE gone_on IS NULL AND NOT EXISTS (
         SELECT 1 FROM sweep_absence WHERE sweep_key = @night AND sweep_absence.repo_key = repo.repo_key)`,
    )
    .get(span)!
}

/** A counter as the good day knew it: a held sweep since may have seen another one, and it is not in that day's totals. */
function asOfGoodDay(column: 'downloads_30d' | 'downloads_all_time'): string {
  return `iif(repo.observed_on <= @goodDay, repo.${column}, (
      SELECT observation.${column} FROM (SELECT DISTINCT day FROM sweep WHERE day <= @goodDay ORDER BY day DESC) AS swept
      CROSS JOIN observation ON observation.day = swept.day AND observation.repo_key = repo.repo_key
      ORDER BY swept.day DESC LIMIT 1
    )) AS ${column}`
}

/** What the good day's totals owe to repositories that are not listed tonight. */
function sumLeavers({ sqlite }: Store, span: Span): Sums {
  return sqlite
    .prepare<[Span], Sums>(
      `WITH ${NEWCOMERS},
       leaver AS (
         SELECT ${asOfGoodDay('downloads_30d')}, ${asOfGoodDay('downloads_all_time')}
         FROM sweep_absence CROSS JOIN repo USING (repo_key)
         WHERE sweep_key = @night AND repo_key NOT IN (SELECT repo_key FROM newcomer)
       )
       SELECT ${SUMS} FROM leaver`,
    )
    .get(span)!
}

/**
 * Repositories listed tonight whose all-time counter is below what it was before a fall noted since the good day: a night that
 * was held and showed nothing but zeros makes nobody fall who is back.
 */
function countFallen({ sqlite }: Store, span: Span): number {
  return sqlite
    .prepare<[Span], number>(
      `WITH ${NEWCOMERS}
       SELECT count(DISTINCT event.repo_key) FROM event CROSS JOIN repo USING (repo_key)
       WHERE event.day > @goodDay AND event.day <= @nightDay AND event.kind = 'drop'
         AND repo_key NOT IN (SELECT repo_key FROM newcomer) AND gone_on IS NULL
         AND downloads_all_time < json_extract(event.detail, '$.from')
         AND NOT EXISTS (
           SELECT 1 FROM sweep_absence WHERE sweep_key = @night AND sweep_absence.repo_key = repo.repo_key)`,
    )
    .pluck()
    .get(span)!
}

/** Repositories known before whose 30-day counter moved in this sweep; null where a page did not count them. */
function countMoved({ sqlite }: Store, sweepKey: number): number | null {
  return sqlite
    .prepare<[number], number | null>(
      'SELECT iif(count(*) = count(moved_count), sum(moved_count), NULL) FROM sweep_page WHERE sweep_key = ?',
    )
    .pluck()
    .get(sweepKey)!
}
