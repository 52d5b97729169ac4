import { NO_NAMES } from '../domain/attribution.ts'
import { handleOf } from '../domain/repo.ts'
import { dayOf } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import type { DescribedRepo } from './read-fact-changes.ts'

interface Described {
  repo_id: string
  publisher_key: number
  created_at: number
  task: string | null
}

/** Finds repositories as they are described now, one by one, by key. Throws a RangeError for an unknown key. */
export function openDescriptions({ sqlite }: Store): (repoKey: number) => DescribedRepo {
  const find = sqlite.prepare<[number], Described>(
    `SELECT repo_id, publisher_key, created_at, term.word AS task
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
      publisherKey: row.publisher_key,
      createdOn: dayOf(row.created_at * 1000),
      task: row.task,
    }
  }
}

/**
 * Adds the number of its publisher to a repository as it once was: it may have been another's then. Nothing is added where
 * the handle has none.
 */
export function openPublisherKeys({ sqlite }: Store): (repo: DescribedRepo) => DescribedRepo {
  const find = sqlite
    .prepare<[string], number>('SELECT publisher_key FROM publisher WHERE handle = ?')
    .pluck()
  return repo => {
    const publisherKey = find.get(repo.handle)
    return publisherKey === undefined ? repo : { ...repo, publisherKey }
  }
}
