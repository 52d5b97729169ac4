import { asc, eq } from 'drizzle-orm'
import type { RepoFacts } from '../domain/attribution.ts'
import type { Counters } from '../domain/repo.ts'
import type { Store } from './open-store.ts'
import { readPopulation } from './read-population.ts'
import { repo, repoName } from './schema/repo.ts'

export interface RepoDetail {
  repo: RepoFacts
  counters: Counters
  /** Total of the safetensors header; null when the Hub does not say. */
  parameters: number | null
  formerNames: readonly { repoId: string; fromOn: number; untilOn: number }[]
  /** Declared texts of the bases the Hub resolved to a repository. */
  resolved: ReadonlySet<string>
}

/** One repository with its former names. Throws a RangeError for an unknown key. */
export function readRepo(store: Store, repoKey: number): RepoDetail {
  const [row] = readPopulation(store, { only: { repoKey } })
  if (!row) throw new RangeError(`no repository ${repoKey}`)
  const formerNames = store.db
    .select({ repoId: repoName.repoId, fromOn: repoName.fromOn, untilOn: repoName.untilOn })
    .from(repoName)
    .where(eq(repoName.repoKey, repoKey))
    .orderBy(asc(repoName.untilOn))
    .all()
  const described = store.db
    .select({ parameters: repo.parameters })
    .from(repo)
    .where(eq(repo.repoKey, repoKey))
    .get()!
  const resolved = store.sqlite
    .prepare<[number], string>(
      'SELECT declared FROM base_edge WHERE repo_key = ? AND base_hub_id IS NOT NULL AND ended_on IS NULL',
    )
    .pluck()
    .all(repoKey)
  return {
    repo: row.repo,
    counters: row.counters,
    ...described,
    formerNames,
    resolved: new Set(resolved),
  }
}
