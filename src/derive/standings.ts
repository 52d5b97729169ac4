import type { RepoFacts } from '../domain/attribution.ts'
import { RELATION_SETS, type RelationSet } from '../domain/derivative.ts'
import { DERIVATIVE_RELATIONS, type DerivativeRelation } from '../domain/relation.ts'
import type { TotalAttribution } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { PartyFinder } from './party.ts'

/** The part of a repository that a line has: the parts of one repository sum to 1. */
export interface LinePart {
  line: string
  weight: number
}

/**
 * Whose a derivative is in every sense: the lines of its publisher, of its bases by relation, of its roots. A million
 * derivatives have some thousand different ones, which are numbered.
 */
export interface Standings {
  /** The number of a repository's standing on a day. */
  numberOf(repo: RepoFacts, day: UtcDay): number
  /** How many numbers there are. */
  size(): number
  /**
   * The lines of a standing. By base only its bases of these relations count, each 1/n (method.md M5); none without
   * such a base. By root all its roots count, whatever the relations.
   */
  parts(number: number, attribution: TotalAttribution, relations: RelationSet): readonly LinePart[]
}

interface Standing {
  publisher: readonly LinePart[]
  /** One per distinct base: its relations as bits, its line. */
  bases: readonly { relations: number; line: string }[]
  roots: readonly LinePart[]
  /** By relation set, once it was asked for. */
  byBase: Map<RelationSet, readonly LinePart[]>
}

/** More lines than there are regions and other answers. */
const MOST_LINES = 2 ** 6
const RELATION_BITS = 2 ** DERIVATIVE_RELATIONS.length

export function createStandings(parties: PartyFinder): Standings {
  const standings: Standing[] = []
  /** Of one base and one root by the numbers of their lines, which is nearly all; of the others by everything in them. */
  const plainNumbers = new Map<number, number>()
  const numbers = new Map<string, number>()
  const lines: string[] = []
  /** By the number of a party: the number of its line. */
  const lineNumbers: number[] = []

  function lineNumber(party: number): number {
    let number = lineNumbers[party]
    if (number === undefined) {
      const { line } = parties.party(party).attribution
      number = lines.includes(line) ? lines.indexOf(line) : lines.push(line) - 1
      lineNumbers[party] = number
    }
    return number
  }

  function lineOf(repoId: string | null, day: UtcDay): string {
    return lines[lineNumber(parties.baseOf(repoId, day))]!
  }

  /** One number for a derivative of one base that counts and of one root; null for others. */
  function plainId({ bases, roots }: RepoFacts, publisher: number, day: UtcDay): number | null {
    const [base, root] = [bases[0], roots[0]]
    if (base === undefined || bases.length > 1 || roots.length > 1) return null
    const relations = relationBit(base.relation)
    if (relations === 0 || (root !== undefined && root.weight !== 1)) return null
    const baseLine = lineNumber(parties.baseOf(base.repoId, day))
    const rootLine = root === undefined ? publisher : lineNumber(parties.baseOf(root.repoId, day))
    if (lines.length > MOST_LINES) return null
    return ((publisher * MOST_LINES + baseLine) * MOST_LINES + rootLine) * RELATION_BITS + relations
  }

  function basesOf(repo: RepoFacts, day: UtcDay): Standing['bases'] {
    const byId = new Map<string, { relations: number; line: string }>()
    for (const { relation, repoId, declared } of repo.bases) {
      const bit = relationBit(relation)
      if (bit === 0) continue
      const id = repoId ?? declared
      const known = byId.get(id)
      if (known !== undefined) known.relations |= bit
      else byId.set(id, { relations: bit, line: lineOf(repoId, day) })
    }
    return [...byId.values()]
  }

  function rootsOf({ roots }: RepoFacts, publisher: string, day: UtcDay): LinePart[] {
    if (roots.length === 0) return [{ line: publisher, weight: 1 }]
    return joinParts(roots.map(({ repoId, weight }) => ({ line: lineOf(repoId, day), weight })))
  }

  return {
    numberOf(repo, day) {
      const publisherLine = lineNumber(parties.publisherOf(repo.repoId, day))
      const plain = plainId(repo, publisherLine, day)
      const known = plain === null ? undefined : plainNumbers.get(plain)
      if (known !== undefined) return known
      const publisher = lines[publisherLine]!
      const bases = basesOf(repo, day)
      const roots = rootsOf(repo, publisher, day)
      const baseKey = bases
        .map(({ relations, line }) => `${relations}${line}`)
        .sort()
        .join(' ')
      const rootKey = roots.map(({ line, weight }) => `${weight}${line}`).join(' ')
      const key = `${publisher}/${baseKey}/${rootKey}`
      let number = numbers.get(key)
      if (number === undefined) {
        const standing = { publisher: [{ line: publisher, weight: 1 }], bases, roots, byBase: new Map() }
        number = standings.push(standing) - 1
        numbers.set(key, number)
      }
      if (plain !== null) plainNumbers.set(plain, number)
      return number
    },
    size: () => standings.length,
    parts(number, attribution, relations) {
      const standing = standings[number]!
      if (attribution === 'publisher') return standing.publisher
      if (attribution === 'root') return standing.roots
      let parts = standing.byBase.get(relations)
      if (parts === undefined) {
        const wanted = relationBits(relations)
        const bases = standing.bases.filter(base => (base.relations & wanted) !== 0)
        parts = joinParts(bases.map(({ line }) => ({ line, weight: 1 / bases.length })))
        standing.byBase.set(relations, parts)
      }
      return parts
    },
  }
}

/** The four relations as bits; 0 for an edge that names none of them. */
export function relationBit(relation: string): number {
  const at = DERIVATIVE_RELATIONS.indexOf(relation as DerivativeRelation)
  return at < 0 ? 0 : 1 << at
}

export function relationBits(set: RelationSet): number {
  return RELATION_SETS[set].reduce((bits, relation) => bits | relationBit(relation), 0)
}

/** One part per line, ascending. */
function joinParts(parts: readonly LinePart[]): LinePart[] {
  if (parts.length === 1) return [parts[0]!]
  const weights = new Map<string, number>()
  for (const { line, weight } of parts) weights.set(line, (weights.get(line) ?? 0) + weight)
  return [...weights]
    .map(([line, weight]) => ({ line, weight }))
    .sort((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0))
}

/** A sum of parts to twelve digits, without what the order of adding did to the last ones: a re-run has to write the same. */
export function rounded(sum: number): number {
  return Number(sum.toPrecision(12))
}
