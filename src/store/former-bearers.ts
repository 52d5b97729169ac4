import type { FormerBearer } from '../domain/scope-comparison.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** The repositories that once had one of these names, by name, then by their current one. */
export function listFormerBearers(store: Store, names: Iterable<string>): FormerBearer[] {
  return store.sqlite
    .prepare<[string], { name: string; repoId: string; goneOn: number | null }>(
      `SELECT DISTINCT repo_name.repo_id AS name, repo.repo_id AS repoId, gone_on AS goneOn
       FROM repo_name JOIN repo USING (repo_key)
       WHERE repo_name.repo_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 2`,
    )
    .all(JSON.stringify([...names]))
    .map(row => ({ ...row, goneOn: row.goneOn === null ? null : dayFromNumber(row.goneOn) }))
}
