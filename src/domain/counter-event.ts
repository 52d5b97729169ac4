import type { UtcDay } from './utc-day.ts'

/**
 * What the detectors find in the counters. Derived: rebuilt from observations whenever a rule changes. What the sweep itself
 * notes (rename, removal, a fall of a counter as `drop`) and what people decide (a day accepted) are facts and no kinds of these.
 */
export const DETECTED_KINDS = [
  /** The lifetime counter fell and came back within 14 days (method.md M14). */
  'transient-drop',
  /** It fell less than 14 days ago and is not back: held like a transient one until it is known. */
  'pending-drop',
  /** It fell and did not come back: the Hub counts the past otherwise. */
  'restatement',
  /** Counters that should have moved stood still: of a repository, of a publisher, of the whole Hub. */
  'frozen',
  /** The median 30-day counter of the panel moved as no traffic does (method.md M17). */
  'hub-incident',
  /** A rise without likes and derivatives (method.md M16). */
  'spike',
  /** The 30-day counter stands although nothing was downloaded for more than 30 days. */
  'stale-window',
  /** A repository whose counter stood at zero for its first days and then jumped. */
  'first-move',
  /** Another repository took a name that one before it had: a series of its own. */
  're-creation',
  /** Downloads that look like automatic tests (method.md M18). */
  'ci-suspect',
] as const
export type DetectedKind = (typeof DETECTED_KINDS)[number]

/** Whose counters an event is about. */
export type EventSubject =
  | { of: 'repo'; repoKey: number }
  | { of: 'publisher'; publisherKey: number }
  | { of: 'hub' }

/** The numbers an event rests on, in the order they are read. */
export type Evidence = Readonly<Record<string, number | string | null>>

/** One detected incident. `until` is its last day, null while it lasts; an event of one day ends on the day it began. */
export interface CounterEvent {
  kind: DetectedKind
  day: UtcDay
  until: UtcDay | null
  subject: EventSubject
  evidence: Evidence
}

/** Facts the sweep or a person notes, beside the detected kinds. */
export const NOTED_KINDS = [
  'rename',
  'task-change',
  'removal',
  'return',
  'drop',
  'field-refused',
  'card-text',
  'derivative-drift',
  'day-held',
  'day-accepted',
  'day-rejected',
] as const
export type NotedKind = (typeof NOTED_KINDS)[number]

export const EVENT_KINDS = [...NOTED_KINDS, ...DETECTED_KINDS] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** An event as a reader asks for it: names beside keys. */
export interface ListedEvent {
  kind: EventKind
  day: UtcDay
  until: UtcDay | null
  /** The repository's `_id` and current name; null for a publisher's or the Hub's. */
  hubId: string | null
  repoId: string | null
  /** The publisher's handle; null for the Hub's. */
  handle: string | null
  /** The evidence as stored. */
  detail: Evidence
}

/** One incident as the detectors of a single series find it: days are days since 1970-01-01, `until` as in CounterEvent. */
export interface FoundEvent {
  kind: DetectedKind
  from: number
  until: number | null
  evidence: Evidence
}
