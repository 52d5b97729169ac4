import type { CheckedPair, DerivativeDrift } from '../domain/derivative-check.ts'
import type { DerivativeRelation } from '../domain/relation.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

export interface MostUsedBase {
  repoKey: number
  repoId: string
  counts: ReadonlyMap<string, number>
}

/**
 * The listed bases with the most direct derivatives, at most `limit`, with our counts by relation; `pairs` is how many
 * (base, relation) pairs were counted for all bases. By self-join on `_id` over the facts, and not from `derivative_count`,
 * which is as old as the last publication and has bases that the Hub did not find.
 */
export function countMostUsedBases(store: Store, limit: number): { bases: MostUsedBase[]; pairs: number } {
  const rows = store.sqlite
    .prepare<[number], { repo_key: number; repo_id: string; counts: string; pairs: number }>(
      `SELECT repo_key, repo_id, json_group_object(relation, repos) AS counts, sum(count(*)) OVER () AS pairs
       FROM (
         SELECT base.repo_key, base.repo_id, edge.relation, count(DISTINCT edge.repo_key) AS repos
         FROM base_edge AS edge
         JOIN repo AS base ON base.hub_id = edge.base_hub_id
         JOIN repo AS child ON child.repo_key = edge.repo_key
         WHERE edge.ended_on IS NULL AND child.gone_on IS NULL AND base.gone_on IS NULL
         GROUP BY base.repo_key, edge.relation)
       GROUP BY repo_key ORDER BY sum(repos) DESC, repo_key LIMIT ?`,
    )
    .all(limit)
  const bases = rows.map(row => ({
    repoKey: row.repo_key,
    repoId: row.repo_id,
    counts: new Map(Object.entries(JSON.parse(row.counts) as Record<string, number>)),
  }))
  return { bases, pairs: rows[0]?.pairs ?? 0 }
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

/** The newest check before a day; null when there is none. */
export function findCheckBefore(store: Store, day: UtcDay): UtcDay | null {
  const found = store.sqlite
    .prepare<[number], number | null>('SELECT max(day) FROM derivative_check WHERE day < ?')
    .pluck()
    .get(dayNumber(day))
  return found == null ? null : dayFromNumber(found)
}

/** What the check of a day compared, ascending by base and relation. */
export function readCheckedPairs(store: Store, day: UtcDay): CheckedPair[] {
  return store.sqlite
    .prepare<[number], CheckedPair>(
      `SELECT repo_key AS repoKey, relation, ours, hub FROM derivative_check WHERE day = ?
       ORDER BY repo_key, relation`,
    )
    .all(dayNumber(day))
}

/** Notes the drift found on a day, in place of what an earlier check of the day noted; null for none. */
export function recordDerivativeDrift(
  { sqlite }: Store,
  day: UtcDay,
  found: { since: UtcDay; drift: DerivativeDrift } | null,
): void {
  sqlite.transaction(() => {
    sqlite.prepare("DELETE FROM event WHERE day = ? AND kind = 'derivative-drift'").run(dayNumber(day))
    if (found === null) return
    sqlite
      .prepare("INSERT INTO event (kind, day, detail) VALUES ('derivative-drift', ?, ?)")
      .run(dayNumber(day), JSON.stringify({ since: found.since, ...found.drift }))
  })()
}
