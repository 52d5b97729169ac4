/** What the night's gate compares with the last good day, by the name that sets its limit. */
export const GATE_LIMITS = ['repos', 'fall30d', 'rise30d', 'fall-all-time', 'fell', 'unchanged'] as const
export type GateLimit = (typeof GATE_LIMITS)[number]

/** A share each, 0.1 for 10 %; null switches the comparison off. */
export type GateLimits = Readonly<Record<GateLimit, number | null>>

/**
 * Where a night is held unless somebody says otherwise. From the record: in the nights that were right the Hub's own totals move
 * by a per cent or two.
 */
export const DEFAULT_GATE_LIMITS: GateLimits = {
  /** Repositories listed, fewer: nothing on record comes near it, and half a catalogue must not become the headline. */
  repos: 0.1,
  /** 30-day downloads, less: the incident of June 2026 took 26.4 % in a day; that of May 2025 9.5 %, which passes and is marked. */
  fall30d: 0.2,
  /** 30-day downloads, more, a day: the recovery in May 2025 gave 25.4 %, the most on record, and was right: it passes. */
  rise30d: 0.3,
  /** All-time downloads, less: they can only grow but for restatements, which are of single publishers (ibm-granite, May 2025). */
  'fall-all-time': 0.01,
  /** Repositories whose all-time counter fell: another tracker rolls back beyond 5 %; the restatement of 2025-05-20 took 59 % of ibm-granite. */
  fell: 0.05,
  /** Repositories that did not move at all: a frozen day is published and marked as stale (reliability.md, case 32). */
  unchanged: null,
}

/** The largest share that can be asked for: what falls cannot fall by more than all of it, what rises can. */
export const LARGEST_LIMIT: Readonly<Record<GateLimit, number>> = {
  repos: 1,
  fall30d: 1,
  rise30d: 100,
  'fall-all-time': 1,
  fell: 1,
  unchanged: 1,
}

/** Totals over the repositories that were listed both tonight and on the last good day: births and removals move none of them. */
export interface ComparedTotals {
  downloads30d: number
  /** Null where it cannot be compared: too few rows carried it on one of the days. */
  downloadsAllTime: number | null
}

/** A night beside the last good day. */
export interface NightFigures extends ComparedTotals {
  /** Repositories listed, births among them. */
  repos: number
  /** Repositories listed on both days. */
  compared: number
  /** Of these: the all-time counter is below what it was before a fall noted since the last good day. */
  fell: number
  /** Of these: the 30-day counter is the one last seen; null where it was not counted. */
  unchanged: number | null
}

/** The last good day beside a night. */
export interface GoodDayFigures extends ComparedTotals {
  repos: number
}

/** Why a day is held: what it went beyond, and the same in words for its operator. */
export interface HoldReason {
  limit: GateLimit | 'zeros' | 'empty' | 'quarantined'
  words: string
}

/** The limits as they are typed: `repos=0.1,unchanged=off`. */
export function gateLimitsText(limits: GateLimits): string {
  return GATE_LIMITS.map(name => `${name}=${limits[name] ?? 'off'}`).join(',')
}
