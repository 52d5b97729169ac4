import type { Attribution } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { Attributor } from './attribute.ts'
import { UNRESOLVED } from './attribute-base.ts'
import { familyAmong } from './family.ts'

/** Who a repository, or part of one, counts for: a line, a lab, a family of the lab. */
export interface Party {
  attribution: Attribution
  /** `lab/family`; null outside every family. */
  familyKey: string | null
}

/** Finds parties and hands out equal ones as one object with a small number. */
export interface PartyFinder {
  /** The number of the party of a repository by its own name. Asked again of the same at once, it knows. */
  publisherOf(repoId: string, day: UtcDay): number
  /** The same for a base or root, remembered: thousands of repositories name it. Null names no repository. */
  baseOf(repoId: string | null, day: UtcDay): number
  party(number: number): Party
}

/** A hundred thousand bases take some 20 MB; past that the memory starts again. */
const BASES_REMEMBERED = 100_000

export function createPartyFinder(registry: Registry, attributor: Attributor): PartyFinder {
  const parties: Party[] = []
  /** By line, lab and family: attributions are new objects on another day, parties are not. */
  const numbers = new Map<string, number>()
  const bases = new Map<string, number>()
  let answersOf = new Map<Attribution, number>()
  let basesUntil: UtcDay | null = null
  let basesOn: UtcDay | null = null
  /** The publisher asked for last: totals and shares ask in turn. */
  let lastId: string | null = null
  let lastDay: UtcDay | null = null
  let lastNumber = 0
  /** The two bases looked up last: a repository's only base and only root, asked for by totals and shares. */
  let recentId: string | null = null
  let recentNumber = 0
  let olderId: string | null = null
  let olderNumber = 0

  function numberOf(attribution: Attribution, familyKey: string | null): number {
    if (familyKey === null) {
      const known = answersOf.get(attribution)
      if (known !== undefined) return known
    }
    const id = JSON.stringify([attribution.line, attribution.labKey, familyKey])
    let number = numbers.get(id)
    if (number === undefined) {
      number = parties.push({ attribution, familyKey }) - 1
      numbers.set(id, number)
    }
    if (familyKey === null) {
      if (answersOf.size >= BASES_REMEMBERED) answersOf = new Map()
      answersOf.set(attribution, number)
    }
    return number
  }

  function find(repoId: string, day: UtcDay): number {
    const attribution = attributor.attribute(repoId, day)
    const found = familyAmong(registry, repoId, attribution)
    return numberOf(attribution, found === null ? null : `${found.lab.key}/${found.family.key}`)
  }

  /** What is remembered holds until the next day on which some answer can change. */
  function moveTo(day: UtcDay): void {
    if (day === basesOn) return
    const holds = basesOn !== null && basesOn <= day && (basesUntil === null || day < basesUntil)
    if (holds) return
    bases.clear()
    recentId = null
    olderId = null
    basesOn = day
    basesUntil = attributor.boundaries.find(boundary => boundary > day) ?? null
  }

  return {
    publisherOf(repoId, day) {
      if (repoId !== lastId || day !== lastDay) {
        lastNumber = find(repoId, day)
        lastId = repoId
        lastDay = day
      }
      return lastNumber
    },
    baseOf(repoId, day) {
      if (repoId === null) return numberOf(UNRESOLVED, null)
      moveTo(day)
      if (repoId === recentId) return recentNumber
      if (repoId === olderId) return olderNumber
      let number = bases.get(repoId)
      if (number === undefined) {
        number = find(repoId, day)
        if (bases.size >= BASES_REMEMBERED) bases.clear()
        bases.set(repoId, number)
      }
      olderId = recentId
      olderNumber = recentNumber
      recentId = repoId
      recentNumber = number
      return number
    },
    party: number => parties[number]!,
  }
}
