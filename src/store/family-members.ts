import type { Store } from './open-store.ts'
import { LINKED_COLUMNS, type LinkedRepo, type LinkedRow, linkedRepo } from './read-lineage.ts'

/**
 * Listed repositories of these handles that stand on nothing but themselves, by the published lineage, with the latest
 * counters. One pass over all repositories: there is no index by publisher.
 */
export function listRootsOfHandles({ sqlite }: Store, handles: readonly string[]): LinkedRepo[] {
  return sqlite
    .prepare<[string], LinkedRow>(
      `SELECT ${LINKED_COLUMNS} FROM repo
       WHERE publisher_key IN (SELECT publisher_key FROM publisher WHERE handle IN (SELECT value FROM json_each(?)))
         AND gone_on IS NULL
         AND NOT EXISTS (
           SELECT 1 FROM lineage_root WHERE repo_key = repo.repo_key AND root_repo_key IS NOT repo.repo_key)
       ORDER BY repo_key`,
    )
    .all(JSON.stringify(handles))
    .map(linkedRepo)
}

/** Listed repositories that stand on a root by any number of steps, copies by a reviewed rule apart. */
export interface StandingSums {
  rootRepoKey: number
  /** Derivatives: without the copies, with what stands on them. */
  repos: number
  /** All of each, whatever other roots it has. */
  downloads30d: number
  copies: number
  copyDownloads30d: number
  /** Of all these; one with several roots adds to each by weight: no whole number. */
  weightedDownloads30d: number
}

/** What stands on these roots, root by root; none for a root without descendants. One pass over the published roots. */
export function readStandingSums({ sqlite }: Store, rootRepoKeys: readonly number[]): StandingSums[] {
  return sqlite
    .prepare<[string], StandingSums>(
      `SELECT root_repo_key AS rootRepoKey, count(*) FILTER (WHERE NOT is_copy) AS repos,
         coalesce(sum(downloads_30d) FILTER (WHERE NOT is_copy), 0) AS downloads30d, count(*) FILTER (WHERE is_copy) AS copies,
         coalesce(sum(downloads_30d) FILTER (WHERE is_copy), 0) AS copyDownloads30d,
         sum(weight * downloads_30d) AS weightedDownloads30d
       FROM (
         SELECT root_repo_key, weight, downloads_30d, EXISTS (
           SELECT 1 FROM base_link WHERE base_link.repo_key = repo.repo_key AND relation = 're-upload') AS is_copy
         FROM lineage_root CROSS JOIN repo ON repo.repo_key = lineage_root.repo_key
         WHERE root_repo_key IN (SELECT value FROM json_each(?)) AND root_repo_key <> lineage_root.repo_key
           AND gone_on IS NULL)
       GROUP BY root_repo_key ORDER BY root_repo_key`,
    )
    .all(JSON.stringify(rootRepoKeys))
}
