import type { Attribution, NamedBase, RepoFacts } from '../domain/attribution.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { Attributor } from './attribute.ts'

/** The answer for a declared base whose text names no repository. */
export const UNRESOLVED: Attribution = {
  line: 'unresolved',
  labKey: null,
  country: null,
  decidedBy: 'nothing',
  evidence: null,
}

/**
 * Whose work a repository stands on, one step back: one answer per declared base, all of equal weight (a merge of n
 * bases gives each 1/n). A repository without a base stands on its own publisher. Never empty.
 */
export function attributeBases(attributor: Attributor, repo: RepoFacts, day: UtcDay): Attribution[] {
  if (repo.bases.length === 0) return [attributor.attribute(repo.repoId, day)]
  return distinctBases(repo.bases).map(repoId =>
    repoId === null ? UNRESOLVED : attributor.attribute(repoId, day),
  )
}

/** The distinct ones of some bases, in their order, by name; null for each text that names no repository. */
export function distinctBases(bases: readonly NamedBase[]): (string | null)[] {
  const [only] = bases
  if (bases.length === 1) return [only!.repoId]
  const distinct = new Map<string, string | null>()
  for (const { repoId, declared } of bases) distinct.set(repoId ?? declared, repoId)
  return [...distinct.values()]
}
