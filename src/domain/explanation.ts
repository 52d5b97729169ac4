import type { Attribution } from './attribution.ts'
import type { Counters } from './repo.ts'
import type { UtcDay } from './utc-day.ts'

/** Why a repository is counted where it is: every step with what decided it. */
export interface Explanation {
  hubId: string
  repoId: string
  /** The id that was asked for, when it is a former name of this repository. */
  askedAs: string | null
  formerNames: readonly { repoId: string; from: UtcDay; until: UtcDay }[]
  firstSeenOn: UtcDay
  goneOn: UtcDay | null
  createdOn: string
  task: string | null
  counters: Counters
  observedOn: UtcDay
  /** The day the judgement is for. */
  asOf: UtcDay
  publisher: Judged
  /** Empty when no base is declared: the repository then stands on its own publisher. */
  bases: readonly (Judged & { declared: string; relation: string; isResolved: boolean; weight: number })[]
  scopes: readonly { scope: string; version: number; verdict: string }[]
  registryRevision: string
  notice: string | null
}

/** An attribution with names for readers. */
export interface Judged {
  repoId: string | null
  attribution: Attribution
  lineName: string
  labName: string | null
  labKind: string | null
  labNote: string | null
}
