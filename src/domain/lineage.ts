import type { EdgeRelation } from './relation.ts'
import type { UtcDay } from './utc-day.ts'

/**
 * How a declared base was found among the repositories. `hub-id`: the Hub resolved it. The others are our own, each by its
 * own rule: `name` is the exact current name, `former-name` one it had before, `legacy-id` and `renamed-handle` reviewed
 * aliases, `letter-case` the only name that differs by letter case alone.
 */
export const LINK_RULES = [
  'hub-id',
  'name',
  'former-name',
  'legacy-id',
  'renamed-handle',
  'letter-case',
] as const
export type LinkRule = (typeof LINK_RULES)[number]

/**
 * Why a declared base leads to no repository of the file: it names its own repository (`self`), an id nobody in the file
 * has or had (`absent`), a `path` of somebody's disk, an `address` of the web, a name without an owner (`bare-name`), or
 * nothing that could be an id (`malformed`).
 */
export const LOOSE_CAUSES = ['self', 'absent', 'path', 'address', 'bare-name', 'malformed'] as const
export type LooseCause = (typeof LOOSE_CAUSES)[number]

/** What a link of the graph says: one of the edge's relations, or `re-upload`, a copy by a reviewed rule. */
export type LinkRelation = EdgeRelation | 're-upload'

/** A base found among the repositories. */
export interface BaseLink {
  baseRepoKey: number
  repoKey: number
  relation: LinkRelation
  /** `re-upload` where a reviewed rule, and no declaration, makes the link. */
  rule: LinkRule | 're-upload'
}

/** A declared base that leads to no repository, kept as declared. */
export interface LooseBase {
  repoKey: number
  declared: string
  relation: EdgeRelation
  cause: LooseCause
}

/** A declared text that the Hub did not resolve and a rule of ours did. */
export interface FoundText {
  repoKey: number
  declared: string
  relation: EdgeRelation
  baseRepoKey: number
  rule: Exclude<LinkRule, 'hub-id'>
}

/**
 * Where a walk up the bases ends: at a repository without a base (`root`), at one in a circle of repositories that name
 * each other (`cycle`), at an id that no repository of the file has (`absent`), at a text that is no id (`unresolved`),
 * or in more roots than are told apart (`many`).
 */
export type LineageEnd = 'root' | 'cycle' | 'absent' | 'unresolved' | 'many'

/** One root of a repository. The weights of a repository's roots sum to 1. */
export interface LineageRoot {
  /** Null for a root that is no repository of the file. */
  repoKey: number | null
  /** Current name of the root, or the id as declared; null for a text that is no id. */
  repoId: string | null
  /** The text of a root that is no repository of the file, as declared; null for the others. */
  declared: string | null
  /** The share of the repository that stands on this root: several bases split 1/n at each step. */
  weight: number
  /** Steps of the longest way there. */
  depth: number
  end: LineageEnd
}

/** One row of a repository's roots. */
export interface RootOfRepo {
  repoKey: number
  /** From 0. */
  ordinal: number
  root: LineageRoot
}

/** The whole lineage of a day, each part ascending by the key of its table, text in the order of its bytes. */
export interface LineageContent {
  links: Iterable<BaseLink>
  texts: Iterable<FoundText>
  loose: Iterable<LooseBase>
  /** Of the repositories that do not stand for themselves alone. */
  roots: Iterable<RootOfRepo>
  counts: Iterable<DerivativeCount>
}

/** How many repositories stand on a base, directly and by any number of steps, and how many accounts published them. */
export interface DerivativeCount {
  baseRepoKey: number
  /** The derivative's own relation to its base; `any` counts each derivative once. */
  relation: EdgeRelation | 'any'
  directRepos: number
  directPublishers: number
  allRepos: number
  allPublishers: number
}

/** A repository of the file that is somebody's base. */
export interface KnownBase {
  repoKey: number
  /** Its name; in the past, on the day it is told for. */
  repoId: string
  hubId: string
}

/** A base as a repository declares it. */
export interface DeclaredEdge {
  declared: string
  relation: EdgeRelation
  /** The repository that the Hub resolved it to; null where it did not, or the file has no such repository. */
  base: KnownBase | null
}

/** Bases by `_id`, then texts: an order that no rename changes. In place. */
export function inLastingOrder(edges: DeclaredEdge[]): DeclaredEdge[] {
  if (edges.length < 2) return edges
  const id = ({ base, declared }: DeclaredEdge) => (base === null ? `~${declared}` : base.hubId)
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return edges.sort((a, b) => compare(id(a), id(b)) || compare(a.relation, b.relation))
}

/** Every edge of a day in columns, ascending by repository: nine bytes each beside the bases and texts they share. */
export interface EdgeTable {
  count: number
  repoKeys: Int32Array
  /** Places in EDGE_RELATIONS. */
  relations: Uint8Array
  /** Places in `bases`, or ~places in `texts`; none of a base that is undefined. */
  targets: Int32Array
  bases: readonly (KnownBase | undefined)[]
  texts: readonly string[]
}

/** A name and a repository that has or had it. Days are days since 1970-01-01. */
export interface NameHolder {
  repoKey: number
  hubId: string
  /** Its current name. */
  repoId: string
  name: string
  fromOn: number
  /** The first day on which it had another name; null while it has this one. */
  untilOn: number | null
}

/** A repository's counters on the first published day on which it was 30 to 33 days old. */
export interface AgeCounter {
  repoKey: number
  measuredOn: UtcDay
  downloads30d: number
  downloadsAllTime: number | null
}
