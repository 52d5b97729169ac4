import type { Attribution, RepoFacts } from '../domain/attribution.ts'
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
  const distinct = new Map<string, Attribution>()
  for (const base of repo.bases) {
    const id = base.repoId ?? base.declared
    if (distinct.has(id)) continue
    distinct.set(id, base.repoId === null ? UNRESOLVED : attributor.attribute(base.repoId, day))
  }
  return distinct.size > 0 ? [...distinct.values()] : [attributor.attribute(repo.repoId, day)]
}
