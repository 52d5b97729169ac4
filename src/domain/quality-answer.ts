import type { DetectedKind, ListedEvent } from './counter-event.ts'
import type { DayQuality } from './day-quality.ts'
import type { FileBasis } from './event-answer.ts'
import type { Coverage } from './headline.ts'
import type { Sweep } from './sweep.ts'
import type { UtcDay } from './utc-day.ts'

/** What is known of a day: the state of its best sweep, that it has none, or that it lies before the first or after the last. */
export const DAY_STATES = ['complete', 'partial', 'held', 'rejected', 'running', 'gap', 'none'] as const
export type DayState = (typeof DAY_STATES)[number]

/** A month of the completeness calendar. */
export interface CalendarMonth {
  /** `YYYY-MM` */
  month: string
  /** One for each day of the month, in order. */
  days: readonly DayState[]
}

/** How much of the downloads of a scope has a reviewed answer, on the newest published day, by publisher. */
export interface ScopeCoverage {
  scope: string
  scopeVersion: number
  coverage: Coverage
  /** By 30-day downloads. */
  coverage30d: Coverage
}

/** Incidents of one kind that last or ended in the last days, by whose they are. */
export interface IncidentCount {
  kind: DetectedKind
  hub: number
  publishers: number
  repos: number
}

/** The incidents that last, or ended on or after `since`. */
export interface OpenIncidents {
  since: UtcDay
  counts: readonly IncidentCount[]
  /** Of the whole Hub first, then of publishers, then of the repositories with the most 30-day downloads. */
  events: readonly ListedEvent[]
  notShown: number
}

/** A day that is stored and held back from every number. */
export interface HeldDay {
  day: UtcDay
  /** What was found, from the event that notes it; null where none does. */
  event: ListedEvent | null
}

/** What `hub-census quality` says: how far the file can be trusted. */
export interface QualityAnswer {
  basis: FileBasis
  /** The days of the calendar; null before the first sweep. */
  span: { from: UtcDay; until: UtcDay } | null
  calendar: readonly CalendarMonth[]
  /** Days of the calendar in each state that occurs. */
  dayCounts: readonly { state: DayState; days: number }[]
  coverage: readonly ScopeCoverage[]
  /** The newest sweep that ended, whatever its state. */
  lastSweep: Sweep | null
  /** How the newest complete day of the span compares with the complete day before it. */
  newest: DayQuality | null
  /** Of the last complete days of the span, ascending, with the 30-day comparison of each. */
  days: readonly DayQuality[]
  /** The newest sweeps, ascending: when they saw the Hub, and the day of the refresh they saw. */
  refreshes: readonly Pick<
    Sweep,
    'day' | 'state' | 'startedAt' | 'finishedAt' | 'effectiveDay' | 'effectiveBy'
  >[]
  incidents: OpenIncidents | null
  heldDays: readonly HeldDay[]
  /** The newest decisions of people on days, ascending. */
  decisions: readonly ListedEvent[]
}
