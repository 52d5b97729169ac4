import type { CopySums, RelationCount } from '../domain/lineage-tree.ts'
import type { Store } from './open-store.ts'

/** A base: a repository, or an id that repositories declare and none of the file has. */
export type BaseName = { repoKey: number } | { declared: string }

/** Whether some repository declares a base of this name that the file does not have, or stands on it in the end. */
export function isAbsentBase({ sqlite }: Store, declared: string): boolean {
  const found = sqlite
    .prepare<[string, string], number>(
      `SELECT EXISTS (SELECT 1 FROM loose_base WHERE declared = ? AND cause <> 'self')
         OR EXISTS (SELECT 1 FROM lineage_root WHERE root_declared = ?)`,
    )
    .pluck()
    .get(declared, declared)
  return found === 1
}

/** Listed descendants, and those that are gone, added up. */
export interface StoredSums {
  downloads30d: number
  /** Where known; null where no counter is. */
  downloadsAllTime: number | null
  allTimeUnknownRepos: number
  goneRepos: number
  /** The last known of those that are gone; null where none is. */
  goneDownloadsAllTime: number | null
  goneAllTimeUnknownRepos: number
}

export interface Descendants {
  direct: StoredSums
  all: StoredSums
  /** Listed descendants by who publishes them, most first. */
  directUploaders: readonly Uploader[]
  allUploaders: readonly Uploader[]
  /** Listed descendants by month of creation, ascending; months without any are left out. */
  months: readonly { month: string; direct: number; all: number }[]
  /** Copies by a reviewed rule that were met on the way: in nothing above. */
  copies: CopySums
  /** As published; worked out here for an absent base, for which nothing is. */
  counts: readonly RelationCount[]
}

export interface Uploader {
  handle: string
  repos: number
}

/**
 * Everything that stands on a base by any number of steps, each repository once, whatever circles there are; those
 * created in `fromMonth` (`YYYY-MM`) or later by month. A copy by a reviewed rule is no derivative, what stands on it is.
 * Fills and drops a temporary table: a base can have a million descendants.
 */
export function readDescendants({ sqlite }: Store, base: BaseName, fromMonth: string): Descendants {
  const isRepo = 'repoKey' in base
  const direct = isRepo
    ? 'SELECT repo_key FROM base_link WHERE base_repo_key = @value'
    : "SELECT repo_key FROM loose_base WHERE declared = @value AND cause <> 'self'"
  // A text can lead to an absent id by a reviewed rule: then only the roots know.
  const further = isRepo ? '' : 'UNION SELECT repo_key FROM lineage_root WHERE root_declared = @value'
  sqlite.exec(
    `DROP TABLE IF EXISTS temp.descendant;
     CREATE TEMP TABLE descendant (repo_key INTEGER PRIMARY KEY, is_direct INTEGER NOT NULL, is_copy INTEGER NOT NULL)`,
  )
  try {
    sqlite
      .prepare(
        `INSERT INTO temp.descendant
         WITH RECURSIVE reached (repo_key) AS (
           ${direct} ${further}
           UNION SELECT link.repo_key FROM reached CROSS JOIN base_link AS link ON link.base_repo_key = reached.repo_key
         )
         SELECT repo_key, repo_key IN (${direct}), EXISTS (
           SELECT 1 FROM base_link AS copy WHERE copy.repo_key = reached.repo_key AND copy.relation = 're-upload')
         FROM reached WHERE repo_key IS NOT @itself`,
      )
      .run({ value: isRepo ? base.repoKey : base.declared, itself: isRepo ? base.repoKey : null })
    const months = sqlite
      .prepare<[string], { month: string; direct: number; all: number }>(
        `SELECT strftime('%Y-%m', created_at, 'unixepoch') AS month, sum(is_direct) AS direct, count(*) AS "all"
         FROM temp.descendant JOIN repo USING (repo_key)
         WHERE NOT is_copy AND gone_on IS NULL AND created_at >= unixepoch(? || '-01') GROUP BY 1 ORDER BY 1`,
      )
      .all(fromMonth)
    return {
      direct: sumOf(sqlite, 'is_direct'),
      all: sumOf(sqlite, '1'),
      directUploaders: uploadersOf(sqlite, 'is_direct'),
      allUploaders: uploadersOf(sqlite, '1'),
      months,
      copies: copiesOf(sqlite),
      counts: isRepo ? readPublishedCounts(sqlite, base.repoKey) : countAbsent(sqlite, base.declared),
    }
  } finally {
    sqlite.exec('DROP TABLE temp.descendant')
  }
}

type Which = 'is_direct' | '1'

function sumOf(sqlite: Store['sqlite'], which: Which): StoredSums {
  return sqlite
    .prepare<[], StoredSums>(
      `SELECT coalesce(sum(downloads_30d) FILTER (WHERE gone_on IS NULL), 0) AS downloads30d,
         sum(last_known_all_time) FILTER (WHERE gone_on IS NULL) AS downloadsAllTime,
         count(*) FILTER (WHERE gone_on IS NULL AND last_known_all_time IS NULL) AS allTimeUnknownRepos,
         count(gone_on) AS goneRepos,
         sum(last_known_all_time) FILTER (WHERE gone_on IS NOT NULL) AS goneDownloadsAllTime,
         count(*) FILTER (WHERE gone_on IS NOT NULL AND last_known_all_time IS NULL) AS goneAllTimeUnknownRepos
       FROM temp.descendant JOIN repo USING (repo_key) WHERE NOT is_copy AND ${which}`,
    )
    .get()!
}

function uploadersOf(sqlite: Store['sqlite'], which: Which): Uploader[] {
  return sqlite
    .prepare<[], Uploader>(
      `SELECT handle, repos FROM (
         SELECT publisher_key, count(*) AS repos FROM temp.descendant JOIN repo USING (repo_key)
         WHERE NOT is_copy AND gone_on IS NULL AND ${which} GROUP BY publisher_key)
       JOIN publisher USING (publisher_key) ORDER BY repos DESC, handle`,
    )
    .all()
}

function copiesOf(sqlite: Store['sqlite']): CopySums {
  return sqlite
    .prepare<[], CopySums>(
      `SELECT count(*) - count(gone_on) AS repos, count(gone_on) AS goneRepos,
         coalesce(sum(downloads_30d) FILTER (WHERE gone_on IS NULL), 0) AS downloads30d
       FROM temp.descendant JOIN repo USING (repo_key) WHERE is_copy`,
    )
    .get()!
}

/** `any` first, then by relation. */
function readPublishedCounts(sqlite: Store['sqlite'], repoKey: number): RelationCount[] {
  return sqlite
    .prepare<[number], RelationCount>(
      `SELECT relation, direct_repos AS directRepos, direct_publishers AS directPublishers, all_repos AS allRepos,
         all_publishers AS allPublishers
       FROM derivative_count WHERE base_repo_key = ? ORDER BY relation <> 'any', relation`,
    )
    .all(repoKey)
}

/** The counts of an absent base as they would be published: who declares it by this text, all by their own relations. */
function countAbsent(sqlite: Store['sqlite'], declared: string): RelationCount[] {
  return sqlite
    .prepare<[string], RelationCount>(
      `WITH counted AS (
         SELECT repo_key, publisher_key, is_direct FROM temp.descendant JOIN repo USING (repo_key)
         WHERE NOT is_copy AND gone_on IS NULL
       ), own AS (
         SELECT repo_key, relation, 0 AS is_this FROM counted CROSS JOIN base_link USING (repo_key)
         UNION ALL
         SELECT repo_key, relation, declared = ? FROM counted CROSS JOIN loose_base USING (repo_key) WHERE cause <> 'self'
       ), placed AS (
         SELECT 'any' AS relation, repo_key, publisher_key, is_direct FROM counted
         UNION ALL
         SELECT relation, repo_key, publisher_key, max(is_this) FROM own JOIN counted USING (repo_key)
         GROUP BY relation, repo_key, publisher_key
       )
       SELECT relation, count(*) FILTER (WHERE is_direct) AS directRepos,
         count(DISTINCT publisher_key) FILTER (WHERE is_direct) AS directPublishers, count(*) AS allRepos,
         count(DISTINCT publisher_key) AS allPublishers
       FROM placed GROUP BY relation ORDER BY relation <> 'any', relation`,
    )
    .all(declared)
}
