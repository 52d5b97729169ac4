import type { Attribution } from './attribution.ts'
import type { LineageEnd, LinkRule, LooseCause } from './lineage.ts'
import type { CountryTenure, HandleTenure, LabKind, RepoException } from './registry.ts'
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
  release: ReleaseRecord
  /** Null when nothing says how large it is. */
  size: SizeRecord | null
  task: string | null
  counters: Counters
  observedOn: UtcDay
  /** The day the judgement is for. */
  asOf: UtcDay
  publisher: Judged
  /** What the registry says of the publisher beyond that day. */
  record: PublisherRecord
  /** The family of its publisher's lab that it belongs to by its name. */
  family: FamilyName | null
  /** Empty when no base is declared: the repository then stands on its own publisher. */
  bases: readonly (Judged & {
    declared: string
    relation: string
    /** The rule that found it, or why nothing did; null before the first publication. */
    found: LinkRule | LooseCause | null
    weight: number
    record: PublisherRecord
  })[]
  /** The reviewed rule by which it is a copy of another model; null for every other. */
  copy: { repoId: string; reason: string; evidence: string } | null
  /** Where the way up its bases ends, heaviest first; empty when it is its own root, null before the first publication. */
  roots:
    | readonly (Judged & { declared: string | null; weight: number; depth: number; end: LineageEnd })[]
    | null
  /** `pattern`: the one that rejects its name, where the verdict is `name`. */
  scopes: readonly { scope: string; version: number; verdict: string; pattern: string | null }[]
  registryRevision: string
  notice: string | null
}

/** The day that rules about age use. */
export interface ReleaseRecord {
  day: string
  /** Why it is another than the day of creation; null where it is that day, because nobody corrected it. */
  note: string | null
}

/** How large a model is and what said so, in billions of parameters. */
export interface SizeRecord {
  totalB: number
  /** Null when nobody states it. */
  activeB: number | null
  from: 'curated' | 'safetensors' | 'name'
  bucket: string
  /** Of a curated size: taken over from data not reviewed recently. */
  isLegacy: boolean
  note: string | null
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

/** Everything the registry holds behind one publisher. Empty and null where no lab decides. */
export interface PublisherRecord {
  /** Every seat of the lab, oldest first. */
  seats: readonly CountryTenure[]
  /** The lab's tenures of this repository's handle; empty when an exception decides. */
  handles: readonly HandleTenure[]
  /** The exception that gives this repository to the lab. */
  exception: RepoException | null
}

export interface FamilyName {
  key: string
  name: string
}

/** Whose a handle is, with the whole entry of the registry and what the census file holds under the handle. */
export interface HandleExplanation {
  handle: string
  /** The day the judgement is for. */
  asOf: UtcDay
  attribution: Attribution
  lineName: string
  /** The entry that owns the handle on that day; null when it is unreviewed then. */
  lab: LabRecord | null
  /** Tenures of this handle by labs that do not own it on that day. */
  otherOwners: readonly (HandleTenure & { labKey: string; labName: string })[]
  /** Repositories under this handle that an exception gives to a lab that does not own it on that day. */
  givenAway: readonly (RepoException & { labKey: string; labName: string })[]
  /** Handles of other owners in the registry that differ only in letter case or look alike: never taken for this one. */
  lookAlikes: readonly LookAlike[]
  holdings: Holdings
  registryRevision: string
  notice: string | null
}

/** An entry of the registry for readers: patterns as text. */
export interface LabRecord {
  key: string
  name: string
  kind: LabKind
  seats: readonly CountryTenure[]
  secondCountry: string | null
  handles: readonly (HandleTenure & { isAsked: boolean })[]
  exceptions: readonly RepoException[]
  families: readonly (FamilyName & { patterns: readonly string[] })[]
  note: string | null
  checked: UtcDay
}

export interface LookAlike {
  handle: string
  labKey: string
  labName: string
  differsBy: 'letter-case' | 'look'
}

/** The listed repositories under one handle. */
export interface Holdings {
  /** Whether the file has ever seen the handle. */
  isInFile: boolean
  repos: number
  downloads30d: number
  /** Sum over the repositories whose lifetime counter is known; null when no counter is. */
  downloadsAllTime: number | null
  allTimeUnknownRepos: number
  /** By 30-day downloads, most first. */
  top: readonly {
    repoId: string
    downloads30d: number
    downloadsAllTime: number | null
    family: FamilyName | null
  }[]
}
