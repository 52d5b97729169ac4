import type { DerivativeRelation } from '../domain/relation.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** Recounts the direct derivatives of every base by relation, by self-join on `_id`, in one transaction. */
export function recountDerivatives(store: Store): number {
  return store.sqlite.transaction(() => {
    store.sqlite.prepare('DELETE FROM derivative_count').run()
    return store.sqlite
      .prepare(
        `INSERT INTO derivative_count (base_repo_key, relation, repos, publishers)
         SELECT base.repo_key, edge.relation, count(DISTINCT edge.repo_key), count(DISTINCT child.publisher_key)
         FROM base_edge AS edge
         JOIN repo AS base ON base.hub_id = edge.base_hub_id
         JOIN repo AS child ON child.repo_key = edge.repo_key
         WHERE edge.ended_on IS NULL AND child.gone_on IS NULL
         GROUP BY base.repo_key, edge.relation`,
      )
      .run().changes
  })()
}

export interface MostUsedBase {
  repoKey: number
  repoId: string
  counts: ReadonlyMap<string, number>
}

/** The bases with the most direct derivatives, at most `limit`, with our counts by relation. */
export function listMostUsedBases(store: Store, limit: number): MostUsedBase[] {
  const rows = store.sqlite
    .prepare<[number], { repo_key: number; repo_id: string; counts: string }>(
      `SELECT repo.repo_key, repo.repo_id, json_group_object(relation, repos) AS counts
       FROM derivative_count JOIN repo ON repo.repo_key = base_repo_key
       WHERE repo.gone_on IS NULL
       GROUP BY repo.repo_key ORDER BY sum(repos) DESC, repo.repo_key LIMIT ?`,
    )
    .all(limit)
  return rows.map(row => ({
    repoKey: row.repo_key,
    repoId: row.repo_id,
    counts: new Map(Object.entries(JSON.parse(row.counts) as Record<string, number>)),
  }))
}

/** Stores our count beside the Hub's for one base; a second check on the same day replaces the first. */
export function recordDerivativeCheck(
  store: Store,
  day: UtcDay,
  repoKey: number,
  pairs: readonly { relation: DerivativeRelation; ours: number; hub: number }[],
): void {
  const write = store.sqlite.prepare(
    'INSERT OR REPLACE INTO derivative_check (day, repo_key, relation, ours, hub) VALUES (?, ?, ?, ?, ?)',
  )
  store.sqlite.transaction(() => {
    for (const { relation, ours, hub } of pairs) write.run(dayNumber(day), repoKey, relation, ours, hub)
  })()
}
