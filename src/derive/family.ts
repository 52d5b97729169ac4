import type { Attribution } from '../domain/attribution.ts'
import type { Family, Lab, Registry } from '../domain/registry.ts'
import { nameOf } from '../domain/repo.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'

/** A family with the lab that publishes it. */
export interface FamilyOfLab {
  lab: Lab
  family: Family
}

/** Answers to which family a repository belongs, by its id alone. */
export interface FamilyFinder {
  /** Null where the handle is nobody's on that day, or no family of its owner has the name. */
  familyOf(repoId: string, day: UtcDay): FamilyOfLab | null
}

/**
 * Families by first-party names (method.md M6, without derivatives): the owner of the handle on that day, then the first
 * family in the order of the file with a pattern that the name part matches. A copy under a stranger's handle, and a
 * repository that an exception gives to another lab than its handle, are in none.
 */
export function createFamilyFinder(registry: Registry): FamilyFinder {
  const attributor = createAttributor(registry)
  return {
    familyOf(repoId, day) {
      return familyAmong(registry, repoId, attributor.attribute(repoId, day))
    },
  }
}

/** The same for a repository whose attribution on the day is known. */
export function familyAmong(
  registry: Pick<Registry, 'labs'>,
  repoId: string,
  { labKey, decidedBy }: Pick<Attribution, 'labKey' | 'decidedBy'>,
): FamilyOfLab | null {
  if (labKey === null || decidedBy !== 'handle') return null
  const lab = registry.labs.get(labKey)
  if (lab === undefined || lab.families.length === 0) return null
  const name = nameOf(repoId)
  const family = lab.families.find(({ patterns }) => patterns.some(pattern => pattern.test(name)))
  return family ? { lab, family } : null
}
