import type { MonthlyCounter, RelationSet, ShareThreshold } from './derivative.ts'
import type { AnswerBasis } from './headline.ts'
import type { TotalAttribution } from './total.ts'

/** Months of creation, `YYYY-MM`, both ends included; null for an open end. */
export interface MonthSpan {
  from: string | null
  until: string | null
}

/** Every choice behind one monthly share (method.md M5), settled. */
export interface ShareChoice {
  relations: RelationSet
  counter: MonthlyCounter
  threshold: ShareThreshold
  attribution: TotalAttribution
  /** Whether an uploader of a large batch is cut to a hundredth of its month. */
  isCapped: boolean
  months: MonthSpan
}

/** A share as numerators over one denominator. */
export interface ShareSum {
  /** Derivatives of the relations, whatever their downloads. */
  considered: number
  /** Of those, the ones whose counter is unknown: in no numerator and no denominator. */
  counterUnknown: number
  /** The denominator. Capped month by month where the choice says so, and then no whole number. */
  counted: number
  /** Distinct uploaders of the counted ones; null over several months, for they do not add up. */
  publishers: number | null
  /** Every line in reading order, empty ones included: numerators sum to `counted`; null shares where nothing is counted. */
  lines: readonly { line: string; repos: number; share: number | null }[]
}

export interface MonthSum extends ShareSum {
  /** `YYYY-MM` */
  month: string
  /** False for the month of the as-of day: more will be created in it. */
  isOver: boolean
}

/** The answer of one combination of choices, for the lines that are watched. */
export interface ShareVariant {
  choice: ShareChoice
  counted: number
  /** Derivatives of the relations that the counter does not know. */
  counterUnknown: number
  /** `points`: percentage points above the answer it is compared with; null where either share is. */
  shares: readonly { line: string; share: number | null; points: number | null }[]
}

/** The lowest and the highest share of a line over all combinations. */
export interface ShareRange {
  line: string
  lowest: { share: number; counted: number; choice: ShareChoice }
  highest: { share: number; counted: number; choice: ShareChoice }
}

/** What `hub-census shares` says. */
export interface ShareAnswer {
  basis: AnswerBasis
  choice: ShareChoice
  /** Of what the shares are: monthly ones are kept of one scope. */
  scope: string
  scopeVersion: number
  /** Names of the lines, in reading order. */
  lines: readonly { line: string; name: string }[]
  months: readonly MonthSum[]
  /** Of those the ones that are over, together. */
  shown: ShareSum
  /** The first and the last month with a derivative of any choice; null without one. */
  known: { from: string; until: string } | null
  /** All months of the choice's span, also those not shown. */
  together: ShareSum
  /** Each differs from `choice` in the one thing that `changed` names. */
  alternatives: readonly (ShareVariant & { changed: keyof ShareChoice })[]
  /** Over all combinations of choices that count at least `leastCounted` repositories; empty when none does. */
  ranges: readonly ShareRange[]
  combinations: { enough: number; tooFew: number; leastCounted: number }
}

/** Whether months of the choice with a derivative are earlier than the first one shown. */
export function hasEarlierMonths({ choice, months, known }: ShareAnswer): boolean {
  const first = months[0]?.month
  return known !== null && first !== undefined && choice.months.from === null && known.from < first
}

/** The lines that have anything in some month shown or together, in reading order. */
export function usedLines({ lines, months, together }: ShareAnswer): ShareAnswer['lines'] {
  const used = new Set(
    [...months, together].flatMap(sum => sum.lines.filter(({ repos }) => repos > 0).map(({ line }) => line)),
  )
  return lines.filter(({ line }) => used.has(line))
}
