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

/** Share of the derivatives above a threshold by the region line of their immediate base. */
export interface DerivativeShare {
  counter: ShareCounter
  /** Counted when strictly more than this many downloads. */
  threshold: number
  relations: readonly string[]
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
