import type { RepoFacts } from './attribution.ts'
import type { Counters } from './repo.ts'

/** A listed repository with at least one declared base, and its counters on a day. */
export interface Derivative {
  repo: RepoFacts
  counters: Pick<Counters, 'downloads30d' | 'downloadsAllTime'>
}

export type ShareCounter = 'downloads30d' | 'downloadsAllTime'

/** Share of the derivatives above a threshold by the region line of their immediate base. */
export interface DerivativeShare {
  counter: ShareCounter
  /** Counted when strictly more than this many downloads. */
  threshold: number
  relations: readonly string[]
  /** Only repositories created on or after this day; null for all. */
  createdFrom: string | null
  /** Derivatives of these relations, whatever their downloads. */
  considered: number
  /** Of those, the ones whose counter is unknown: in no numerator and no denominator. */
  counterUnknown: number
  /** The denominator: derivatives above the threshold. */
  counted: number
  /** Distinct handles that published the counted ones: one uploader can be a tenth of a month. */
  publishers: number
  /** Numerators by line, heaviest first; a repository of n bases gives each 1/n. They sum to `counted`. */
  lines: readonly { line: string; repos: number }[]
}
