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
  /** Most downloaded first: all of them, or as many as were asked for. */
  strays: readonly ScopeStray[]
}

/** A repository that had a name and gave it up. */
export interface FormerBearer {
  name: string
  /** Its current name. */
  repoId: string
  goneOn: UtcDay | null
}

/** How the names of the published list behind a scope stand in the census file: findings about the list. */
export interface ListedNames {
  scope: string
  names: number
  /** Names that a repository has, or had when it was last seen. */
  borne: number
  /** Names that repositories had and none has: by name. One that several had stands here several times. */
  former: readonly (FormerBearer & {
    /** The census saw the rename, or a reviewed alias tells of it. */
    rule: 'former-name' | 'legacy-id' | 'renamed-handle'
    /** The list holds the current name too: it names one repository twice. */
    isListedTwice: boolean
  })[]
  /** Names that no repository of the file has or had, ascending. */
  absent: readonly string[]
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
  /** For each of the two that is restricted to a published list. */
  lists: readonly ListedNames[]
}
