import type { DerivativeShare } from './derivative.ts'
import type { AnswerBasis, Coverage } from './headline.ts'
import type { LaterSweep } from './review-gaps.ts'
import type { TotalAttribution } from './total.ts'

/** What a registry makes of one line, one lab or the whole of a scope. Shares are 0 to 1 of the whole. */
export interface Standing {
  repos: number
  downloads30d: number
  share30d: number | null
  /** Null when unknown. */
  downloadsAllTime: number | null
  shareAllTime: number | null
}

/** After less before; null where either is unknown. */
export interface Change {
  repos: number
  downloads30d: number
  share30d: number | null
  downloadsAllTime: number | null
  shareAllTime: number | null
}

/** A region line whose downloads, repositories or shares differ under the two registries, or a lab whose downloads do. */
export interface Movement {
  /** A region line, or a lab key. */
  key: string
  name: string
  before: Standing
  after: Standing
  change: Change
}

/** A lead in cumulative downloads under each registry; null where a line is unknown, or its registry has none of that key. */
export interface Lead {
  before: number | null
  after: number | null
}

/** What moves in one headline table. */
export interface TableMovement {
  scope: string
  scopeVersion: { before: number; after: number }
  attribution: TotalAttribution
  whole: Omit<Movement, 'key' | 'name'>
  coverage: { before: Coverage; after: Coverage }
  /** What the first line of the headline pair has more than the second; negative where it is behind. */
  lead: Lead
  /** In reading order. */
  lines: readonly Movement[]
  /** Largest change first. */
  labs: readonly Movement[]
}

/** A headline share of derivatives on the as-of day under both registries, which decide its lines alone. */
export interface ShareMovement extends Omit<DerivativeShare, 'lines'> {
  /** The lines whose part differs, 0 to 1 of the counted, in reading order. */
  lines: readonly { key: string; name: string; before: number; after: number; change: number }[]
}

/** A scope whose rule differs although its version was not raised: numbers name both, so one name stands for two rules. */
export interface StaleVersion {
  scope: string
  version: { before: number; after: number }
}

/** What an entry of the reviewed files is about. */
export type EntryKind =
  | 'lab'
  | 'seat'
  | 'second seat'
  | 'handle'
  | 'exception'
  | 'family'
  | 'region'
  | 'country'
  | 'scope'
  | 'release date'
  | 'size'
  | 're-upload'
  | 'alias'

/** An entry that differs: added where `before` is null, removed where `after` is. Both are words for readers. */
export interface EntryChange {
  kind: EntryKind
  /** A key, handle, repository id or country code. */
  subject: string
  before: string | null
  after: string | null
}

/** Which headline moves by how much if another registry were accepted. */
export interface RegistryComparison {
  /** The as-of day and the registry before. */
  basis: AnswerBasis
  laterSweep: LaterSweep | null
  proposedRevision: string
  /** How the two registries were named, for readers. */
  sides: { before: string; after: string }
  staleVersions: readonly StaleVersion[]
  /** The two region lines whose crossover the headline shows, by name: their leads are compared, for dates need every day. */
  pair: { a: string; b: string }
  /** Every scope both registries know, with each attribution; tables without movement included. */
  tables: readonly TableMovement[]
  /** Every headline share, those without movement included. */
  shares: readonly ShareMovement[]
  entries: readonly EntryChange[]
}
