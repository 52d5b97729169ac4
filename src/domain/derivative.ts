import type { DerivativeRelation } from './relation.ts'
import type { TotalAttribution } from './total.ts'
import { addDays, type UtcDay } from './utc-day.ts'

/** The Hub's counters a share can be taken by. */
export const SHARE_COUNTERS = ['downloadsAllTime', 'downloads30d'] as const
export type ShareCounter = (typeof SHARE_COUNTERS)[number]

/** Which derivatives a share considers: all, or those created within a year of its day. */
export const SHARE_BIRTHS = ['ever', 'year'] as const
export type ShareBirth = (typeof SHARE_BIRTHS)[number]

const YEAR_DAYS = 365

/** From which day on a derivative must have been created to be considered on `day`; null for any. */
export function createdFrom(day: UtcDay, born: ShareBirth): UtcDay | null {
  return born === 'ever' ? null : addDays(day, -YEAR_DAYS)
}

/** Kinds of derivatives counted together. A repository belongs to a set when it declares a base by one of its relations. */
export const RELATION_SETS = {
  finetune: ['finetune'],
  adapter: ['adapter'],
  merge: ['merge'],
  quantized: ['quantized'],
  trained: ['finetune', 'adapter'],
  weights: ['finetune', 'adapter', 'merge'],
  any: ['finetune', 'adapter', 'merge', 'quantized'],
} as const satisfies Record<string, readonly DerivativeRelation[]>
export type RelationSet = keyof typeof RELATION_SETS
export const RELATION_SET_KEYS = Object.keys(RELATION_SETS) as readonly RelationSet[]

/** Monthly shares count derivatives with strictly more downloads than each of these (method.md M5), ascending. */
export const SHARE_THRESHOLDS = [0, 1, 5, 10, 50] as const
export type ShareThreshold = (typeof SHARE_THRESHOLDS)[number]

/**
 * The counters of the monthly shares: the Hub's two as they stand on the newest published day, and the 30-day one as it
 * stood when the derivative itself was 30 days old.
 */
export const MONTHLY_COUNTERS = ['downloads30d', 'downloadsAllTime', 'downloads30dAt30Days'] as const
export type MonthlyCounter = (typeof MONTHLY_COUNTERS)[number]

/** The part of a cell's counted repositories that one uploader may stand for in its capped numbers. */
export const UPLOADER_CAP = 0.01

/** How many of so many counted repositories one uploader may stand for: never less than one. */
export function uploaderCap(counted: number): number {
  return Math.max(1, counted * UPLOADER_CAP)
}

/** Share of the derivatives above a threshold by the region line of their publisher, their immediate base or their roots. */
export interface DerivativeShare {
  attribution: TotalAttribution
  counter: ShareCounter
  /** Counted when strictly more than this many downloads. */
  threshold: number
  relations: RelationSet
  /** Only repositories created on or after this day; null for all. */
  createdFrom: string | null
  /** Derivatives of these relations, whatever their downloads. */
  considered: number
  /** Of those, the ones whose counter is unknown: in no numerator and no denominator. */
  counterUnknown: number
  /** The denominator: derivatives above the threshold. */
  counted: number
  /** Distinct handles that published the counted ones: one uploader can be a tenth of a month. */
  publishers: number
  /** Numerators by line, heaviest first; a repository of n bases gives each 1/n. They sum to `counted`. */
  lines: readonly { line: string; repos: number }[]
}

/** The part of one attribution's numerators that a line has: `repos` as counted, `capped` with every uploader capped. */
export interface MonthlyShareLine {
  attribution: TotalAttribution
  line: string
  repos: number
  capped: number
}

/** The derivatives created in one month that are listed on the newest published day, by one counter and threshold. */
export interface MonthlyShare {
  /** `YYYY-MM`, UTC, of creation. */
  month: string
  relations: RelationSet
  counter: MonthlyCounter
  /** Counted when strictly more than this many downloads. */
  threshold: ShareThreshold
  /** Derivatives of these relations, whatever their downloads. */
  considered: number
  /** Of those, the ones whose counter is unknown, or that are not yet of the counter's age: in no numerator and no denominator. */
  counterUnknown: number
  /** The denominator: derivatives above the threshold. */
  counted: number
  /** Distinct handles that published the counted ones. */
  publishers: number
  /**
   * The denominator with every uploader capped: of N counted, an uploader with n of them counts min(n, max(1, N/100)),
   * its repositories shrunk alike.
   */
  capped: number
  /** By attribution and line, ascending. Those of one attribution sum to `counted` and to `capped`. */
  lines: readonly MonthlyShareLine[]
}
