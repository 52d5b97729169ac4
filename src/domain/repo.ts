import type { ListedRows } from './listed-rows.ts'
import type { EdgeRelation } from './relation.ts'

/** A base as a repository declares it. `baseHubId` is the base's `_id` where the Hub resolved it, else null. */
export interface DeclaredBase {
  declared: string
  relation: EdgeRelation
  baseHubId: string | null
}

export type Gating = 'no' | 'auto' | 'manual'

/** The Hub's three counters of one repository at one moment. Null means the Hub did not say: unknown, never 0. */
export interface Counters {
  /** The Hub's rolling 30-day window. */
  downloads30d: number
  /** The Hub's lifetime counter; exceeds 2^31, and can fall. */
  downloadsAllTime: number | null
  likes: number | null
}

/** Everything the census keeps of a repository but its counters. */
export interface RepoDetails {
  /** `owner/name` as shown; may change by rename. */
  repoId: string
  /** Seconds since the epoch. */
  createdAt: number
  lastModifiedAt: number | null
  task: string | null
  library: string | null
  licence: string | null
  /** Total of the safetensors header. */
  parameters: number | null
  gated: Gating
  isDisabled: boolean
  bases: readonly DeclaredBase[]
}

/** One row of the Hub's list, understood. */
export interface RepoRow extends RepoDetails, Counters {
  /** The Hub's stable `_id`: 24 lower-case hexadecimal digits, ascending in creation time. */
  hubId: string
}

/** A row that could not be understood. */
export interface RejectedRow {
  /** Position on its page, from 0. */
  position: number
  hubId: string | null
  /** Path, what was expected, what was met. */
  reason: string
  /** The row as received, first 4,096 characters. */
  rawJson: string
}

/** A page of the Hub's list, read and sorted out. */
export interface RepoPage {
  /** Understood, public, born before the sweep began. */
  rows: ListedRows
  rejected: readonly RejectedRow[]
  /** The caller's own private repositories, not kept. */
  privateCount: number
  /** `_id`s born while the walk was under way: the next sweep takes them, and none of them is absent. */
  laterHubIds: readonly string[]
  /** The Hub refused some field of the description: what is absent was not asked for, and says nothing. */
  isPartlyDescribed: boolean
  /** Lacks the text of the cards, which the file may know bases from: that such a base is absent says nothing. */
  isCardTextMissing: boolean
  /** Highest `_id` on the page whatever became of its row; null on an empty page. */
  lastHubId: string | null
  /** Opaque cursor of the next page; null on the last. */
  nextCursor: string | null
  /** Milliseconds since the epoch. */
  observedAt: number
}

const REPO_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/

/** Whether a text can be a repository's `owner/name`: anything else declared as a base is a path or a typing error. */
export function isRepoId(text: string): boolean {
  return REPO_ID.test(text)
}

/** The part of a repo id before the slash: who publishes it. */
export function handleOf(repoId: string): string {
  const slash = repoId.indexOf('/')
  return slash < 0 ? repoId : repoId.slice(0, slash)
}

/** The part of a repo id after the slash. */
export function nameOf(repoId: string): string {
  return repoId.slice(repoId.indexOf('/') + 1)
}
