import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository that passed from one publisher to another by a rename. */
export interface PublisherMove {
  repoKey: number
  /** The first day under the new name. */
  day: UtcDay
  from: number
  to: number
}

/** Every time a repository changed its publisher, by day. */
export function readPublisherMoves({ sqlite }: Store): PublisherMove[] {
  return sqlite
    .prepare<[], { repoKey: number; day: number; from: number; to: number }>(
      `WITH held (repo_key, until_on, publisher_key) AS (
         SELECT repo_key, until_on, publisher_key FROM repo_name
         JOIN publisher ON handle = substr(repo_id, 1, instr(repo_id, '/') - 1)
         UNION ALL SELECT repo_key, NULL, publisher_key FROM repo WHERE repo_key IN (SELECT repo_key FROM repo_name)
       ), passed AS (
         SELECT repo_key AS repoKey, until_on AS day, publisher_key AS "from",
           lead(publisher_key) OVER (PARTITION BY repo_key ORDER BY until_on NULLS LAST) AS "to"
         FROM held
       )
       SELECT * FROM passed WHERE day IS NOT NULL AND "from" <> "to" ORDER BY day, repoKey`,
    )
    .all()
    .map(row => ({ ...row, day: dayFromNumber(row.day) }))
}
