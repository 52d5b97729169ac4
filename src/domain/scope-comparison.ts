import type { AnswerBasis } from './headline.ts'
import type { LaterSweep } from './review-gaps.ts'
import type { UtcDay } from './utc-day.ts'

/** Repositories counted together. */
export interface ScopeTally {
  /** Listed on the day. */
  repos: number
  goneRepos: number
  /** Sum of the last known lifetime counters, repositories since gone included; null where none is known. */
  downloadsAllTime: number | null
  /** Repositories without a known lifetime counter: they add nothing to the sum. */
  allTimeUnknownRepos: number
}

/** A repository that one scope has and the other lacks. */
export interface ScopeStray {
  repoId: string
  /** Null when unknown. */
  downloadsAllTime: number | null
  goneOn: UtcDay | null
  /** The rule of the other scope that keeps it out. */
  verdict: string
}

/** What one scope has and the other lacks. */
export interface ScopeSurplus {
  all: ScopeTally
  /** By the rule of the other scope that keeps them out, most downloaded first. */
  rules: readonly (ScopeTally & { verdict: string })[]
  /** The most downloaded, at most 50. */
  top: readonly ScopeStray[]
}

/** Two scopes side by side on the newest complete day. */
export interface ScopeComparison {
  basis: AnswerBasis
  laterSweep: LaterSweep | null
  a: { key: string; version: number }
  b: { key: string; version: number }
  both: ScopeTally
  onlyA: ScopeSurplus
  onlyB: ScopeSurplus
}
