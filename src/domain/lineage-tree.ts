import type { AnswerBasis } from './headline.ts'
import type { LineageEnd, LinkRelation, LinkRule, LooseCause } from './lineage.ts'
import type { EdgeRelation } from './relation.ts'
import type { UtcDay } from './utc-day.ts'

/** What one repository stands on, and what stands on it. */
export interface LineageTrace {
  basis: AnswerBasis
  subject: LineageSubject
  /** Nearest first, each once. Empty for one without a base. */
  ancestors: readonly Ancestor[]
  /** Whether the walk up met more than were kept; the roots know all. */
  hasMoreAncestors: boolean
  /** Where the walk up ends. The weights sum to 1. */
  roots: readonly TracedRoot[]
  /** By relation, `any` first: as published; of an absent base by the same rules. */
  counts: readonly RelationCount[]
  direct: DescendantSums
  /** By any number of steps, the direct ones among them. */
  all: DescendantSums
  /** Copies by a reviewed rule among what stands on it, by any number of steps: in the tree, in no count and no sum. */
  copies: CopySums
  /** The last twelve months, the running one too, by creation of the descendants listed. */
  months: readonly { month: string; direct: number; all: number }[]
  tree: DescendantTree
}

/** Whose a repository is by its publisher. */
export interface Standing {
  line: string
  lineName: string
  /** Null where no reviewed lab decides. */
  labKey: string | null
  labName: string | null
}

/** A repository with its latest counters. */
export interface TracedRepo {
  hubId: string
  repoId: string
  standing: Standing
  createdOn: UtcDay
  goneOn: UtcDay | null
  downloads30d: number
  /** The latest that was known; null for unknown. */
  downloadsAllTime: number | null
}

/** How what was typed led to the repository, where it is not its name. */
export type AskedBy = 'former-name' | 'legacy-id' | 'renamed-handle' | 're-upload'

export type LineageSubject =
  | (TracedRepo & {
      kind: 'repository'
      asked: { text: string; by: AskedBy } | null
      /** Whether it and others name each other as bases, so that none of these names counts. */
      isInCircle: boolean
    })
  /** A base that repositories declare and none of the file is. */
  | { kind: 'absent'; declared: string; standing: Standing }

/** Something that the subject stands on. */
export interface Ancestor {
  /** Steps of the shortest way there. */
  steps: number
  /** The share of the subject that stands on it: several bases split 1/n at each step; 0 within a circle. */
  weight: number
  /** Null for what is no repository of the file. */
  repo: TracedRepo | null
  /** The base as declared, where it is no repository of the file. */
  declared: string | null
  /** Whose an absent base is by its owner's name; null for a text that is no id. */
  standing: Standing | null
  links: readonly AncestorLink[]
}

/** One declaration, or one reviewed rule, that makes an ancestor a base. */
export interface AncestorLink {
  /** The repository that stands on it. */
  repoId: string
  /** As declared; null for a copy by a reviewed rule, and where several declarations could be meant. */
  declared: string | null
  relation: LinkRelation
  found: LinkRule | 're-upload' | LooseCause
  /** Whether both are of one circle: the link then does not count. */
  isWithinCircle: boolean
  /** Why the reviewed rule takes the one for a copy of the other. */
  reupload: { reason: string; evidence: string } | null
}

export interface TracedRoot {
  repoId: string | null
  declared: string | null
  weight: number
  /** Steps of the longest way there; 0 for a repository that is its own root. */
  depth: number
  end: LineageEnd
  standing: Standing
}

/** Derivatives listed, and the handles that publish them. */
export interface RelationCount {
  relation: EdgeRelation | 'any'
  directRepos: number
  directPublishers: number
  allRepos: number
  allPublishers: number
}

/** Copies by a reviewed rule, the listed ones added up. */
export interface CopySums {
  repos: number
  downloads30d: number
  goneRepos: number
}

/** Descendants added up. Those that are gone are in none of the numbers but their own. */
export interface DescendantSums {
  repos: number
  uploaders: number
  /** `repos` with every uploader counting for at most `cap` of them. */
  cappedRepos: number
  cap: number
  /**
   * Who published most, with the part of `repos` and of `cappedRepos`, and how many others published as many: of these
   * the first by handle. Null without a descendant.
   */
  topUploader: { handle: string; repos: number; share: number; cappedShare: number; ties: number } | null
  downloads30d: number
  /** Where known; null where no counter is. No descendant is a true zero. */
  downloadsAllTime: number | null
  allTimeUnknownRepos: number
  goneRepos: number
  /** The last known of those that are gone; null where none is. */
  goneDownloadsAllTime: number | null
  goneAllTimeUnknownRepos: number
}

/** The descendants to a depth, biggest by 30-day downloads first. */
export interface DescendantTree {
  /** Steps shown, and children shown of each. */
  depth: number
  children: number
  /** The subject's children that are not shown. */
  more: MoreChildren
  /** In reading order: each after its parent, `steps` below the subject. */
  nodes: readonly DescendantNode[]
}

export interface DescendantNode extends TracedRepo {
  steps: number
  relations: readonly LinkRelation[]
  /** Listed repositories that stand on it by any number of steps, without copies by a reviewed rule. */
  derivatives: number
  /** Whether it stands elsewhere in the tree, with its own children there: one with several bases does. */
  isElsewhere: boolean
  more: MoreChildren
}

export interface MoreChildren {
  /** Listed ones. */
  repos: number
  /** Copies by a reviewed rule among those. */
  copies: number
  downloads30d: number
  goneRepos: number
}
