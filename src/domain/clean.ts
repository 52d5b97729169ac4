import type { TotalAttribution, TotalAxis } from './total.ts'
import type { UtcDay } from './utc-day.ts'

/**
 * The rules that make the clean series from the raw one, in the order they apply (method.md, order of cleaning). Each can be
 * switched off by name: its corrections are then left out, and those of the others stay as they are.
 */
export const CLEAN_RULES = ['hub-incident', 'frozen-day', 'transient-drop', 'restatement', 'spike'] as const
export type CleanRule = (typeof CLEAN_RULES)[number]

/** The rules whose corrections are kept repository by repository; the others are read off the marked days. */
export const KEPT_RULES = ['transient-drop', 'restatement', 'spike'] as const satisfies readonly CleanRule[]
export type KeptRule = (typeof KEPT_RULES)[number]

export type CleanCounter = 'downloads30d' | 'downloadsAllTime'

/** Which series an answer is of, and by which rules it was cleaned; no rule at all is the raw one. */
export type CounterChoice = readonly CleanRule[]
export const RAW_COUNTERS: CounterChoice = []
export const CLEAN_COUNTERS: CounterChoice = CLEAN_RULES

/**
 * What a rule adds to a raw counter on the days `from` to `until` (days since 1970-01-01, both included; until null for no end):
 * rawFactor * raw + constant + perDay * (day - from), rounded to a whole number, half away from zero. Spans of one
 * counter and rule do not overlap. The clean value is the raw one plus the corrections of the rules that are on.
 */
export interface CleanSpan {
  rule: CleanRule
  counter: CleanCounter
  from: number
  until: number | null
  rawFactor: number
  constant: number
  perDay: number
}

/** A span of a repository. */
export interface RepoCleanSpan extends CleanSpan {
  repoKey: number
}

/** The correction a span makes of a raw value on a day within it: a whole number. As SQLite's `round` has it. */
export function correctionOf(span: CleanSpan, day: number, raw: number): number {
  const value = span.rawFactor * raw + span.constant + span.perDay * (day - span.from)
  const size = Math.abs(value)
  // Math.round disagrees with SQLite just below a half: 0.49999999999999994 is 1 there. From 2^52 on there are no fractions.
  const whole = size < 2 ** 52 ? Math.floor(size + 0.5) : size
  return value < 0 && whole > 0 ? -whole : whole
}

/** Whether a day lies within a span. */
export function coversDay(span: CleanSpan, day: number): boolean {
  return day >= span.from && (span.until === null || day <= span.until)
}

/**
 * What a rule adds to one daily total, both counters in whole downloads. `repos` counts the repositories corrected; a Hub-wide
 * day is corrected for the group as a whole and counts none.
 */
export interface DailyCorrection {
  day: UtcDay
  scope: string
  attribution: TotalAttribution
  axis: TotalAxis
  /** A region line, a lab key, or `lab/family`. */
  key: string
  rule: CleanRule
  repos: number
  downloads30d: number
  downloadsAllTime: number
}

/** Whether the corrections of a rule are kept repository by repository. */
export function isKeptRule(rule: CleanRule): rule is KeptRule {
  return (KEPT_RULES as readonly CleanRule[]).includes(rule)
}
