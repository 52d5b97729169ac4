import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository that took a name which another one had before it. */
export interface Recreation {
  repoKey: number
  /** The one that had it last before. */
  otherRepoKey: number
  /** The name, letter case as the Hub writes it. */
  name: string
  /** The first day on which it was seen under the name. */
  since: UtcDay
}

interface Bearer {
  name: string
  repo_key: number
  from_on: number
  /** 1 for one that is listed under this name now: nobody can have taken it over. */
  is_held: number
}

/**
 * Every time a repository took a name that another one had had, be it gone or renamed: by day, then by repository. Also where it
 * has given up the name since, so that no incident of the past depends on what happens later.
 */
export function findRecreations({ sqlite }: Store): Recreation[] {
  const bearers = sqlite
    .prepare<[], Bearer>(
      `WITH shared (name) AS (
         SELECT repo_id FROM repo GROUP BY repo_id HAVING count(*) > 1
         UNION SELECT repo_id FROM repo_name
       )
       SELECT repo_id AS name, repo_key,
         coalesce((SELECT max(until_on) FROM repo_name WHERE repo_name.repo_key = repo.repo_key), first_seen_on) AS from_on,
         gone_on IS NULL AS is_held
       FROM shared CROSS JOIN repo ON repo.repo_id = shared.name
       UNION ALL SELECT repo_id, repo_key, from_on, 0 FROM repo_name
       ORDER BY name, from_on, repo_key`,
    )
    .all()
  const found: Recreation[] = []
  for (const [at, bearer] of bearers.entries()) {
    const before = findBefore(bearers, at)
    if (before === null) continue
    found.push({
      repoKey: bearer.repo_key,
      otherRepoKey: before.repo_key,
      name: bearer.name,
      since: dayFromNumber(bearer.from_on),
    })
  }
  return found.sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.repoKey - b.repoKey))
}

/** Of those that bore the name from an earlier day on, the last other one that no longer does. */
function findBefore(bearers: readonly Bearer[], at: number): Bearer | null {
  const bearer = bearers[at]!
  for (let before = at - 1; before >= 0 && bearers[before]!.name === bearer.name; before -= 1) {
    const other = bearers[before]!
    if (other.repo_key === bearer.repo_key || other.is_held === 1) continue
    if (other.from_on < bearer.from_on) return other
  }
  return null
}
