import { NO_NAMES } from '../domain/attribution.ts'
import { handleOf } from '../domain/repo.ts'
import { dayOf } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import type { DescribedRepo } from './read-fact-changes.ts'

/** Finds repositories as they are described now, one by one, by key. Throws a RangeError for an unknown key. */
export function openDescriptions({ sqlite }: Store): (repoKey: number) => DescribedRepo {
  const find = sqlite.prepare<[number], { repo_id: string; created_at: number; task: string | null }>(
    `SELECT repo_id, created_at, term.word AS task
     FROM repo LEFT JOIN term ON term.term_key = repo.task_key WHERE repo_key = ?`,
  )
  const names = sqlite
    .prepare<[number], string>('SELECT repo_id FROM repo_name WHERE repo_key = ? ORDER BY until_on')
    .pluck()
  return repoKey => {
    const row = find.get(repoKey)
    if (row === undefined) throw new RangeError(`no repository ${repoKey}`)
    const formerNames = names.all(repoKey)
    return {
      repoKey,
      repoId: row.repo_id,
      formerNames: formerNames.length === 0 ? NO_NAMES : formerNames,
      handle: handleOf(row.repo_id),
      createdOn: dayOf(row.created_at * 1000),
      task: row.task,
    }
  }
}
