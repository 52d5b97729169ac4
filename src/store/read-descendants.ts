import type { LinkRelation } from '../domain/lineage.ts'
import type { MoreChildren, RelationCount } from '../domain/lineage-tree.ts'
import type { Store } from './open-store.ts'
import { LINKED_COLUMNS, type LinkedRepo, type LinkedRow, linkedRepo } from './read-lineage.ts'

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
     CREATE TEMP TABLE descendant (repo_key INTEGER PRIMARY KEY, is_direct INTEGER NOT NULL)`,
  )
  try {
    sqlite
      .prepare(
        `INSERT INTO temp.descendant
         WITH RECURSIVE reached (repo_key) AS (
           ${direct} ${further}
           UNION SELECT link.repo_key FROM reached CROSS JOIN base_link AS link ON link.base_repo_key = reached.repo_key
         )
         SELECT repo_key, repo_key IN (${direct}) FROM reached
         WHERE repo_key IS NOT @itself AND NOT EXISTS (
           SELECT 1 FROM base_link AS copy WHERE copy.repo_key = reached.repo_key AND copy.relation = 're-upload')`,
      )
      .run({ value: isRepo ? base.repoKey : base.declared, itself: isRepo ? base.repoKey : null })
    const months = sqlite
      .prepare<[string], { month: string; direct: number; all: number }>(
        `SELECT strftime('%Y-%m', created_at, 'unixepoch') AS month, sum(is_direct) AS direct, count(*) AS "all"
         FROM temp.descendant JOIN repo USING (repo_key)
         WHERE gone_on IS NULL AND created_at >= unixepoch(? || '-01') GROUP BY 1 ORDER BY 1`,
      )
      .all(fromMonth)
    return {
      direct: sumOf(sqlite, 'is_direct'),
      all: sumOf(sqlite, '1'),
      directUploaders: uploadersOf(sqlite, 'is_direct'),
      allUploaders: uploadersOf(sqlite, '1'),
      months,
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
       FROM temp.descendant JOIN repo USING (repo_key) WHERE ${which}`,
    )
    .get()!
}

function uploadersOf(sqlite: Store['sqlite'], which: Which): Uploader[] {
  return sqlite
    .prepare<[], Uploader>(
      `SELECT handle, repos FROM (
         SELECT publisher_key, count(*) AS repos FROM temp.descendant JOIN repo USING (repo_key)
         WHERE gone_on IS NULL AND ${which} GROUP BY publisher_key)
       JOIN publisher USING (publisher_key) ORDER BY repos DESC, handle`,
    )
    .all()
}

/** The published counts of a base, `any` first, then by relation; of an absent one only who declares it is counted. */
export function readRelationCounts({ sqlite }: Store, base: BaseName): RelationCount[] {
  if ('repoKey' in base) {
    return sqlite
      .prepare<[number], RelationCount>(
        `SELECT relation, direct_repos AS directRepos, direct_publishers AS directPublishers, all_repos AS allRepos,
           all_publishers AS allPublishers
         FROM derivative_count WHERE base_repo_key = ? ORDER BY relation <> 'any', relation`,
      )
      .all(base.repoKey)
  }
  const columns = `count(DISTINCT repo_key) AS directRepos, count(DISTINCT publisher_key) AS directPublishers,
    NULL AS allRepos, NULL AS allPublishers
    FROM loose_base JOIN repo USING (repo_key) WHERE declared = @declared AND cause <> 'self' AND gone_on IS NULL`
  return sqlite
    .prepare<[{ declared: string }], RelationCount>(
      `SELECT 'any' AS relation, ${columns} HAVING count(*) > 0
       UNION ALL SELECT * FROM (SELECT relation, ${columns} GROUP BY relation ORDER BY relation)`,
    )
    .all({ declared: base.declared })
}

export interface Child {
  repo: LinkedRepo
  relations: readonly LinkRelation[]
  /** Listed repositories that stand on it by any number of steps, as published. */
  derivatives: number
}

/** Finds the children of bases: what stands on each directly, copies by a reviewed rule too. */
export interface ChildFinder {
  /** At most `limit`, biggest by 30-day downloads first, those that are gone last; and what the others add up to. */
  list(base: BaseName, limit: number): { children: readonly Child[]; more: MoreChildren }
}

export function openChildFinder({ sqlite }: Store): ChildFinder {
  const statements = (from: string) => ({
    sums: sqlite.prepare<[string | number], MoreChildren>(
      `SELECT count(*) - count(gone_on) AS repos,
         coalesce(sum(downloads_30d) FILTER (WHERE gone_on IS NULL), 0) AS downloads30d, count(gone_on) AS goneRepos
       FROM (SELECT DISTINCT repo_key ${from}) JOIN repo USING (repo_key)`,
    ),
    rows: sqlite.prepare<
      [string | number, number],
      LinkedRow & { relations: string; derivatives: number | null }
    >(
      `SELECT ${LINKED_COLUMNS}, relations,
         (SELECT all_repos FROM derivative_count WHERE base_repo_key = repo.repo_key AND relation = 'any') AS derivatives
       FROM (SELECT repo_key, group_concat(relation, ' ') AS relations ${from} GROUP BY repo_key)
       JOIN repo USING (repo_key)
       ORDER BY gone_on IS NOT NULL, downloads_30d DESC, repo_id, repo_key LIMIT ?`,
    ),
  })
  const ofRepo = statements('FROM base_link WHERE base_repo_key = ?')
  const ofText = statements("FROM loose_base WHERE declared = ? AND cause <> 'self'")
  return {
    list(base, limit) {
      const [{ sums, rows }, value] =
        'repoKey' in base ? ([ofRepo, base.repoKey] as const) : ([ofText, base.declared] as const)
      const all = sums.get(value)!
      const isNone = limit === 0 || all.repos + all.goneRepos === 0
      const children = isNone ? [] : rows.all(value, limit).map(childOf)
      const listed = children.filter(({ repo }) => repo.goneOn === null)
      return {
        children,
        more: {
          repos: all.repos - listed.length,
          downloads30d: listed.reduce((left, { repo }) => left - repo.downloads30d, all.downloads30d),
          goneRepos: all.goneRepos - (children.length - listed.length),
        },
      }
    },
  }
}

function childOf({
  relations,
  derivatives,
  ...row
}: LinkedRow & { relations: string; derivatives: number | null }): Child {
  return {
    repo: linkedRepo(row),
    relations: relations.split(' ') as LinkRelation[],
    derivatives: derivatives ?? 0,
  }
}
