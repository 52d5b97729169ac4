import type { AnswerBasis, Coverage } from './headline.ts'
import type { DescendantTree, TracedRepo } from './lineage-tree.ts'
import type { TotalAttribution } from './total.ts'
import type { UtcDay } from './utc-day.ts'

/** By what a repository descends from a family: one step back, or at the end of the walk. */
export type FamilyAttribution = Exclude<TotalAttribution, 'publisher'>

/** Sums over a part of a family on one day. */
export interface FamilySums {
  /** Listed ones, whole: one with several bases counts once, under the last of them. */
  repos: number
  downloads30d: number
  /** Those of gone repositories included; null where no counter is known. */
  downloadsAllTime: number | null
  /** Repositories, gone ones included, whose lifetime counter is unknown. */
  allTimeUnknownRepos: number
  goneRepos: number
  goneDownloadsAllTime: number
}

/** What a family publishes itself beside what stands on it (method.md M6). */
export interface FamilyAdoption {
  own: FamilySums
  /** What counts for the family and is not its own. */
  descending: FamilySums
  /** The part of `own` that stands on somebody else's work: it is not in what counts for the family by base or root. */
  ownElsewhere: Pick<FamilySums, 'repos' | 'downloads30d' | 'downloadsAllTime'>
  /** `descending` over `own`; null over nothing and where either is unknown. */
  ratio30d: number | null
  ratioAllTime: number | null
}

export interface FamilyName {
  /** `lab/family` */
  key: string
  labKey: string
  labName: string
  familyKey: string
  familyName: string
}

export type FamilyLine = FamilyName & FamilyAdoption

/** What an answer about families is about. */
export interface FamilyChoice {
  basis: AnswerBasis
  scope: string
  scopeVersion: number
  scopeDefinition: string
  attribution: FamilyAttribution
  /** Of the scope by this attribution and 30-day downloads. */
  coverage: Coverage
}

/** What `hub-census families` says. */
export interface FamilyAnswer extends FamilyChoice {
  /** Most 30-day downloads first, own and descending together. */
  families: readonly FamilyLine[]
  /** Families that have something in the scope and are not shown. */
  more: number
  /** Families of the registry without a repository or descendant in the scope. */
  empty: number
  /** All families: what they publish, and what counts for them. Neither counts anything twice. */
  together: { own: FamilySums; counted: FamilySums }
  /** The whole scope. */
  whole: Pick<FamilySums, 'repos' | 'downloads30d' | 'downloadsAllTime'>
}

/** What `hub-census families --family` says. */
export interface FamilyHistory extends FamilyChoice {
  family: FamilyLine
  /** Its place among the families of the scope, 1 for the most 30-day downloads; null when it has nothing there. */
  place: number | null
  /** Families that have something in the scope. */
  of: number
  /** The first published day of each month, ascending. */
  months: readonly ({ day: UtcDay } & FamilyAdoption)[]
}

/** The most used members of a family: its roots, and what stands on them. */
export interface FamilyTree {
  family: FamilyName
  /** Roots are listed repositories of the family without a base. Those with the most 30-day downloads in their trees. */
  roots: readonly FamilyRoot[]
  /** Listed roots that are not shown. */
  moreRoots: number
  /** 30-day downloads by root that are in no tree shown: of other roots, those that the Hub does not list among them. */
  moreDownloads30d: number
}

export interface FamilyRoot {
  root: TracedRepo
  /** Listed repositories that stand on it by any number of steps: its derivatives, without copies by a reviewed rule. */
  standing: number
  /** Their 30-day downloads: all of a merge, as in `lineage`, though for the family it counts by weight. */
  standingDownloads30d: number
  /** Copies by a reviewed rule among what stands on it: for the family they count, derivatives they are none. */
  copies: number
  copyDownloads30d: number
  tree: DescendantTree
}
