import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { Attributor } from './attribute.ts'
import { UNRESOLVED } from './attribute-base.ts'

/** A part of a repository with the answer for the root it stands on. */
export interface RootAttribution {
  attribution: Attribution
  /** The weights of a repository sum to 1. */
  weight: number
}

/**
 * Whose work a repository stands on at the end of the walk up its bases (design.md 4): one answer per root. A repository
 * without a base stands on its own publisher. Never empty.
 */
export function attributeRoots(attributor: Attributor, repo: RepoFacts, day: UtcDay): RootAttribution[] {
  if (repo.roots.length === 0) return [{ attribution: attributor.attribute(repo.repoId, day), weight: 1 }]
  return repo.roots.map(({ repoId, weight }) => ({
    attribution: repoId === null ? UNRESOLVED : attributor.attribute(repoId, day),
    weight,
  }))
}
