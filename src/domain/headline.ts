import type { CleanRule, CounterChoice } from './clean.ts'
import type { Crossover } from './crossover.ts'
import type { HeldNote } from './day-decision.ts'
import type { DerivativeShare } from './derivative.ts'
import type { Sweep } from './sweep.ts'
import type { TotalAttribution } from './total.ts'
import type { UtcDay } from './utc-day.ts'

/** Downloads by the counters as the Hub gave them, whatever rules are on. */
export interface RawDownloads {
  downloads30d: number
  downloadsAllTime: number | null
}

/** One line of a region table. Shares are 0 to 1, null over an empty whole or an unknown value. */
export interface RegionLine {
  line: string
  name: string
  repos: number
  downloads30d: number
  share30d: number | null
  downloadsAllTime: number | null
  shareAllTime: number | null
  raw: RawDownloads
}

/** What a cleaning rule that is on adds to the raw sums of a table. A Hub-wide rule corrects groups and counts no repository. */
export interface TableCorrection {
  rule: CleanRule
  repos: number
  downloads30d: number
  downloadsAllTime: number
  /** The lines it moves, the most moved first. */
  lines: readonly {
    line: string
    name: string
    repos: number
    downloads30d: number
    downloadsAllTime: number
  }[]
}

/**
 * How much of the downloads that a scope's other rules admit has an answer (`attributed`) and how much waits for review;
 * by lifetime downloads where known, else by 30-day downloads.
 */
export interface Coverage {
  attributed: number | null
  unreviewed: number | null
  basis: 'downloadsAllTime' | 'downloads30d'
}

export interface RegionTable {
  lines: readonly RegionLine[]
  repos: number
  downloads30d: number
  downloadsAllTime: number | null
  allTimeUnknownRepos: number
  goneRepos: number
  /** By raw counters. */
  goneDownloadsAllTime: number
  raw: RawDownloads
  /** Of the rules that are on those that move something: clean is raw plus all of them. */
  corrections: readonly TableCorrection[]
  /** What a first-party scope leaves out only because its publisher is no reviewed lab, by line. */
  leftOut: readonly Pick<RegionLine, 'line' | 'name' | 'repos' | 'downloads30d' | 'downloadsAllTime'>[]
  coverage: Coverage
}

export interface LabLine {
  key: string
  name: string
  downloads30d: number
  downloadsAllTime: number | null
}

/** What every answer carries, so that a number never travels without its definition. */
export interface AnswerBasis {
  asOf: UtcDay
  /** What the source says of its own data, e.g. "modelled demonstration data"; null for the real Hub. */
  notice: string | null
  /** Where the facts came from. */
  source: string
  registryRevision: string
  definitionVersion: number
  /** Which counters the downloads are added up from. */
  counters: 'raw' | 'clean'
  /** The cleaning rules that were on: none for raw counters. */
  cleanRules: CounterChoice
}

export interface ScopeHeadline {
  scope: string
  scopeVersion: number
  scopeDefinition: string
  attribution: TotalAttribution
  table: RegionTable
  topLabs: readonly LabLine[]
}

/** A derivative share with what it was taken over: the repositories of a scope listed on the as-of day. */
export interface HeadlineShare extends DerivativeShare {
  scope: string
  scopeVersion: number
  attribution: TotalAttribution
}

/** Everything `hub-census metrics` says. */
export interface Headline {
  basis: AnswerBasis
  sweep: Sweep
  /** Repositories counted with earlier counters: absent from this sweep and not believed gone, or unreadable in it. */
  carriedRepos: number
  /** Days after the as-of day that are held, with why: the figures know nothing of them. */
  heldDays: readonly HeldNote[]
  /** Rejected days after it, with the reason that was given. */
  rejectedDays: readonly HeldNote[]
  scopes: readonly ScopeHeadline[]
  shares: readonly HeadlineShare[]
  crossovers: readonly CrossoverAnswer[]
}

export interface CrossoverAnswer {
  /** Region lines or lab keys. */
  a: string
  b: string
  nameA: string
  nameB: string
  axis: 'region' | 'lab'
  scope: string
  attribution: TotalAttribution
  metric: 'downloadsAllTime' | 'downloads30d'
  /** Coverage of the scope on the as-of day. */
  coverage: Coverage
  crossover: Crossover
  /** The same by raw counters. */
  rawCrossover: Crossover
}
