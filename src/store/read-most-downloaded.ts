import type { Store } from './open-store.ts'

/** A listed repository as the search for automatic tests looks at it. */
export interface MostDownloaded {
  repoKey: number
  repoId: string
  downloads30d: number
  /** Null when the Hub did not say. */
  likes: number | null
  /** Total of the safetensors header; null when the Hub does not say. */
  parameters: number | null
}

/** Listed repositories with at least so many downloads in 30 days, by repository. */
export function readMostDownloaded({ sqlite }: Store, least: number): MostDownloaded[] {
  return sqlite
    .prepare<[number], MostDownloaded>(
      `SELECT repo_key AS repoKey, repo_id AS repoId, downloads_30d AS downloads30d, likes, parameters
       FROM repo WHERE downloads_30d >= ? AND gone_on IS NULL ORDER BY repo_key`,
    )
    .all(least)
}
