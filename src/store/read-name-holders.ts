import type { NameHolder } from '../domain/lineage.ts'
import type { Store } from './open-store.ts'

interface Row {
  repo_key: number
  hub_id: string
  repo_id: string
  name: string
  from_on: number
  until_on: number | null
}

/** Every repository that has or had one of these names, letter case aside, with the days on which it had it. */
export function readNameHolders({ sqlite }: Store, names: Iterable<string>): NameHolder[] {
  sqlite.exec(
    `DROP TABLE IF EXISTS temp.wanted_name;
     CREATE TEMP TABLE wanted_name (name TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID`,
  )
  sqlite
    .prepare('INSERT OR IGNORE INTO temp.wanted_name SELECT value FROM json_each(?)')
    .run(JSON.stringify([...names]))
  const rows = sqlite
    .prepare<[], Row>(
      // One pass over the index of names, each looked up among the wanted: the other way round letter case would count.
      `WITH bearer AS (
         SELECT repo_key FROM repo CROSS JOIN temp.wanted_name AS wanted ON wanted.name = repo.repo_id
       )
       SELECT repo_key, lower(hex(hub_id)) AS hub_id, repo_id, repo_id AS name,
         coalesce((SELECT max(until_on) FROM repo_name WHERE repo_name.repo_key = repo.repo_key), first_seen_on) AS from_on,
         NULL AS until_on
       FROM bearer JOIN repo USING (repo_key)
       UNION ALL
       SELECT repo_key, lower(hex(hub_id)), repo.repo_id, former.repo_id, from_on, until_on
       FROM repo_name AS former CROSS JOIN temp.wanted_name AS wanted ON wanted.name = former.repo_id
       JOIN repo USING (repo_key)`,
    )
    .all()
  sqlite.exec('DROP TABLE temp.wanted_name')
  return rows.map(row => ({
    repoKey: row.repo_key,
    hubId: row.hub_id,
    repoId: row.repo_id,
    name: row.name,
    fromOn: row.from_on,
    untilOn: row.until_on,
  }))
}

/** Repositories of some handles by their current names. */
export function readReposOf(
  { sqlite }: Store,
  handles: Iterable<string>,
): { repoKey: number; repoId: string }[] {
  // A range of the index of names for each handle: "/" is followed by "0" in the order of bytes.
  return sqlite
    .prepare<[string], { repoKey: number; repoId: string }>(
      `SELECT repo.repo_key AS repoKey, repo.repo_id AS repoId
       FROM json_each(?) AS handle
       CROSS JOIN repo ON repo.repo_id >= handle.value || '/' AND repo.repo_id < handle.value || '0'
       ORDER BY 1`,
    )
    .all(JSON.stringify([...handles]))
}
