import { nameOf } from '../domain/repo.ts'
import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository as the file knows it, for an explanation. */
export interface FoundRepo {
  repoKey: number
  hubId: string
  repoId: string
  /** Whether the id asked for is a former name. */
  formerName: boolean
  firstSeenOn: UtcDay
  observedOn: UtcDay
  goneOn: UtcDay | null
}

interface Columns {
  repo_key: number
  hub_id: string
  repo_id: string
  former: number
  first_seen_on: number
  observed_on: number
  gone_on: number | null
}

/**
 * Repositories that have or had this name: listed ones first, then current names before former ones. A freed name can
 * be taken by another repository, so there can be several.
 */
export function findReposByName(store: Store, repoId: string): FoundRepo[] {
  return store.sqlite
    .prepare<[string, string], Columns>(
      `SELECT * FROM (
       SELECT repo_key, lower(hex(hub_id)) AS hub_id, repo_id, 0 AS former, first_seen_on, observed_on, gone_on
       FROM repo WHERE repo_id = ?
       UNION ALL
       SELECT repo.repo_key, lower(hex(hub_id)), repo.repo_id, 1, first_seen_on, observed_on, gone_on
       FROM repo_name JOIN repo USING (repo_key) WHERE repo_name.repo_id = ?)
       ORDER BY gone_on IS NOT NULL, former, repo_key`,
    )
    .all(repoId, repoId)
    .map(fromColumns)
}

/** The `_id` of the repository with this key, or null where the file has none. */
export function findHubId(store: Store, repoKey: number): string | null {
  return (
    store.sqlite
      .prepare<[number], string | null>("SELECT lower(nullif(hex(hub_id), '')) FROM repo WHERE repo_key = ?")
      .pluck()
      .get(repoKey) ?? null
  )
}

/** The repository with this `_id` (24 hexadecimal digits), or null when the file has never seen it. */
export function findRepoByHubId(store: Store, hubId: string): FoundRepo | null {
  const row = store.sqlite
    .prepare<[string], Columns>(
      `SELECT repo_key, lower(hex(hub_id)) AS hub_id, repo_id, 0 AS former, first_seen_on, observed_on, gone_on
       FROM repo WHERE hub_id = unhex(?)`,
    )
    .get(hubId)
  return row ? fromColumns(row) : null
}

function fromColumns(row: Columns): FoundRepo {
  return {
    repoKey: row.repo_key,
    hubId: row.hub_id,
    repoId: row.repo_id,
    formerName: row.former === 1,
    firstSeenOn: dayFromNumber(row.first_seen_on),
    observedOn: dayFromNumber(row.observed_on),
    goneOn: row.gone_on === null ? null : dayFromNumber(row.gone_on),
  }
}

/** Ids that differ only in letter case or contain the text, at most `limit`: suggestions, never matches. */
export function listSimilarNames(store: Store, repoId: string, limit: number): string[] {
  const name = nameOf(repoId)
  return store.sqlite
    .prepare<[string, string, number], string>(
      `SELECT repo_id FROM repo WHERE instr(lower(repo_id), lower(?)) > 0 AND gone_on IS NULL
       ORDER BY lower(repo_id) <> lower(?), downloads_30d DESC LIMIT ?`,
    )
    .pluck()
    .all(name, repoId, limit)
}
