/**
 * Lines beside the regions, always shown: `multinational` and `unknown` are reviewed answers about a lab's seat,
 * `community` (personal accounts, re-packagers) and `excluded` (CI and test accounts) about its class; `unreviewed`
 * is a handle nobody has entered; `unresolved` a declared base that names no repository id.
 */
export const OUTSIDE_LINES = [
  'multinational',
  'unknown',
  'community',
  'excluded',
  'unreviewed',
  'unresolved',
] as const

/** The answer to "whose is it, and where?", with what decided it. Exactly one line: attribution is total. */
export interface Attribution {
  /** A region key, or one of OUTSIDE_LINES. */
  line: string
  /** Null when no reviewed entry owns the handle. */
  labKey: string | null
  /** ISO 3166-1 alpha-2, `multinational` or `unknown`; null when no entry decides. */
  country: string | null
  decidedBy: 'exception' | 'handle' | 'nothing'
  /** What stands behind the country, in the registry's words; null when nothing does. */
  evidence: string | null
}

/** A declared base, as far as it can be named: `repoId` null when the text is no repository id. */
export interface NamedBase {
  declared: string
  relation: string
  /** Current name of the base where it is known, else the declared text when it reads owner/name. */
  repoId: string | null
}

/** A root that a repository stands on: the end of the walk up its bases. */
export interface RootShare {
  /** Current name of the root, or the id as declared; null for a text that is no id. */
  repoId: string | null
  /** The weights of a repository's roots sum to 1. */
  weight: number
}

/** The former names of a repository that was never renamed: shared by millions. */
export const NO_NAMES: readonly string[] = []

/** What judgement needs to know of a repository. */
export interface RepoFacts {
  repoKey: number
  repoId: string
  /** Names it gave up by the day it is judged for, in any order; NO_NAMES for most. */
  formerNames: readonly string[]
  handle: string
  /** The file's number for the handle, where it is known: equal handles, equal numbers. Absent, the text tells. */
  publisherKey?: number
  /** `YYYY-MM-DD` */
  createdOn: string
  task: string | null
  /** Declared bases but itself, in an order that no rename changes. */
  bases: readonly NamedBase[]
  /** Its roots in an order that no rename changes; empty when it stands for itself. */
  roots: readonly RootShare[]
}
