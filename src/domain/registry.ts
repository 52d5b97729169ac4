import type { UtcDay } from './utc-day.ts'

/** Whose organisation a lab is. `community` and `excluded` are reviewed answers that keep an account out of "labs". */
export const LAB_KINDS = [
  'company',
  'university',
  'public-body',
  'non-profit',
  'collective',
  'community',
  'excluded',
] as const
export type LabKind = (typeof LAB_KINDS)[number]

/**
 * What stands behind a claim: an https address, `published-list:<letters>` (the published record: A = ATOM,
 * E = Epoch AI, N, W, S, I, H, G; K = own knowledge), or `unverified`.
 */
export type Evidence = string

/** A seat from a day on. `country` is ISO 3166-1 alpha-2, or `multinational`, or `unknown`. Open ends are null. */
export interface CountryTenure {
  country: string
  from: UtcDay | null
  until: UtcDay | null
  evidence: Evidence
}

/** A Hub handle a lab owns from a day on. Letter case is kept as the Hub writes it; matching is exact. */
export interface HandleTenure {
  handle: string
  from: UtcDay | null
  until: UtcDay | null
  evidence: Evidence | null
}

/** A single repository that belongs to this lab although another handle publishes it. */
export interface RepoException {
  repoId: string
  reason: string
  evidence: Evidence
}

/** A named group of models that a lab publishes itself, by patterns on the name part of a repo id. */
export interface Family {
  key: string
  name: string
  patterns: readonly RegExp[]
}

export interface Lab {
  /** Never renamed, never reused. */
  key: string
  name: string
  kind: LabKind
  /** Oldest first, without overlap; never empty. */
  countries: readonly CountryTenure[]
  /** A second seat that a reader may prefer; ISO code. */
  secondCountry: string | null
  handles: readonly HandleTenure[]
  exceptions: readonly RepoException[]
  families: readonly Family[]
  note: string | null
  /** The day a person last reviewed the entry. */
  checked: UtcDay
}

/** A named group of countries. The regions of a registry partition the ISO list. */
export interface Region {
  key: string
  name: string
  countries: ReadonlySet<string>
}

/** A named, versioned rule that decides which repositories a number is about. Empty fields do not restrict. */
export interface Scope {
  key: string
  version: number
  title: string
  /** The rule in words, printed beside every number. */
  definition: string
  source: string
  /** `pipeline_tag` values allowed; null allows every task and none. */
  tasks: ReadonlySet<string> | null
  /** Patterns on the name part of a repo id that keep a repository out. */
  rejectNames: readonly RegExp[]
  /** Only repositories released after this day: by the corrected day of release, else the day of creation. */
  createdAfter: UtcDay | null
  /** Only repositories created less than so many days before the day a number is for; null for any age. */
  bornWithinDays: number | null
  /** Only repositories published by a reviewed lab (not community, excluded or unreviewed). */
  firstParty: boolean
  /** Leaves out a lab's `quantized` and `adapter` repositories whose name has none of these suffixes. */
  precisionSuffixes: readonly string[] | null
  /**
   * Words that tell stages of training apart (`base`, `instruct`). A lab's `quantized` repository whose name differs from
   * its own base's only by these is a trained model, whatever the Hub inferred from its files.
   */
  trainingWords: ReadonlySet<string>
  /** Only the repositories of a published list, by current or former name; null restricts to none. */
  listed: ReadonlySet<string> | null
}

/** The day a model was released, where the day its repository was created misleads. */
export interface ReleaseDate {
  released: UtcDay
  /** How far the day of creation is off, or who says so. */
  note: string
}

/** Parameters that a person looked up, in billions. */
export interface CuratedSize {
  totalB: number
  /** Active for one token; null where nobody states it, never worked out from other figures. */
  activeB: number | null
  /** Taken over from older data that its source has not reviewed recently. */
  isLegacy: boolean
  note: string | null
}

/** A reviewed rule that leads from an account's copy of somebody else's model to the model. */
export interface ReuploadRule {
  /** The account that copies. */
  handle: string
  /** On the whole name part of a repository id, the endings that the account adds included. */
  pattern: RegExp
  /** The one repository that the rule is about; null for a rule on names. */
  repoId: string | null
  /** The model's repository id, with `$1` to `$9` for what the groups of the pattern took. */
  to: string
  reason: string
  evidence: Evidence
}

/** Where an id or a handle went. */
export interface Alias {
  to: string
  evidence: Evidence
  /** The day a person last reviewed the entry. */
  checked: UtcDay
}

export interface Aliases {
  /** Ids that moved, by the old id: a name without an owner, or `owner/name`. */
  ids: ReadonlyMap<string, Alias>
  /** Handles that were renamed, by the old handle. */
  handles: ReadonlyMap<string, Alias>
}

/** The reviewed files as one value. */
export interface Registry {
  /** Content hash of the files, stamped on every metric: 12 hexadecimal digits. */
  revision: string
  /** By lab key, in key order. */
  labs: ReadonlyMap<string, Lab>
  regions: readonly Region[]
  scopes: ReadonlyMap<string, Scope>
  /** Corrections by repository id, spelled as the Hub spells it. */
  releaseDates: ReadonlyMap<string, ReleaseDate>
  /** By repository id, spelled as the Hub spells it. */
  sizes: ReadonlyMap<string, CuratedSize>
  /** By handle, and there in the order in which they are tried: single repositories first. */
  reuploads: readonly ReuploadRule[]
  aliases: Aliases
}
