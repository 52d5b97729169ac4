import type { ListedRepo, ListedSums } from '../domain/review-gaps.ts'
import type { Store } from './open-store.ts'

/** The names under a handle are a stretch of the index of names: "0" is the character after "/". */
const UNDER_HANDLE = "repo_id >= @handle || '/' AND repo_id < @handle || '0' AND gone_on IS NULL"

/** Whether the file has ever seen this handle, letter case as the Hub writes it. */
export function hasPublisher(store: Store, handle: string): boolean {
  return store.sqlite.prepare('SELECT 1 FROM publisher WHERE handle = ?').get(handle) !== undefined
}

/** Counts and sums the listed repositories under a handle by their current names. No repository is a true zero. */
export function sumListedRepos(store: Store, handle: string): ListedSums {
  const row = store.sqlite
    .prepare<[{ handle: string }], [number, number, number | null, number]>(
      `SELECT count(*), coalesce(sum(downloads_30d), 0), sum(last_known_all_time), count(last_known_all_time)
       FROM repo WHERE ${UNDER_HANDLE}`,
    )
    .raw()
    .get({ handle })!
  const [repos, downloads30d, downloadsAllTime, known] = row
  return {
    repos,
    downloads30d,
    downloadsAllTime: repos === 0 ? 0 : downloadsAllTime,
    allTimeUnknownRepos: repos - known,
  }
}

/** The listed repositories under a handle with the most 30-day downloads, at most `limit`. */
export function listTopRepos(store: Store, handle: string, limit: number): ListedRepo[] {
  return store.sqlite
    .prepare<[{ handle: string; limit: number }], ListedRepo>(
      `SELECT repo_id AS repoId, downloads_30d AS downloads30d, last_known_all_time AS downloadsAllTime
       FROM repo WHERE ${UNDER_HANDLE} ORDER BY downloads_30d DESC, repo_id LIMIT @limit`,
    )
    .all({ handle, limit })
}

/** Handles of the file that differ only in letter case or contain the text, at most `limit`: suggestions, never matches. */
export function listSimilarHandles(store: Store, handle: string, limit: number): string[] {
  return store.sqlite
    .prepare<[{ handle: string; limit: number }], string>(
      `SELECT handle FROM publisher WHERE @handle <> '' AND instr(lower(handle), lower(@handle)) > 0
       ORDER BY lower(handle) <> lower(@handle), length(handle), handle LIMIT @limit`,
    )
    .pluck()
    .all({ handle, limit })
}
