import type { EventKind, ListedEvent } from './counter-event.ts'
import type { UtcDay } from './utc-day.ts'

/** What an answer about the file itself carries. Unlike an AnswerBasis it can be had before the first complete day. */
export interface FileBasis {
  /** The newest complete day; null before the first. */
  asOf: UtcDay | null
  /** What the source says of its own data, e.g. "modelled demonstration data"; null for the real Hub. */
  notice: string | null
  /** Where the facts came from; null before the first sweep. */
  source: string | null
  registryRevision: string
  definitionVersion: number
}

/** The repository an answer is narrowed to. */
export interface AskedRepo {
  hubId: string
  repoId: string
  /** The former name or `_id` it was asked by; null when that was its current name. */
  askedAs: string | null
  /** Other repositories that have or had the name asked for. */
  others: number
}

/** Which events are asked for; null leaves a choice open. */
export interface EventChoice {
  repo: AskedRepo | null
  handle: string | null
  /** Days on which an event begins, both included. */
  from: UtcDay | null
  until: UtcDay | null
  kind: EventKind | null
}

/** What `hub-census events` says. */
export interface EventsAnswer {
  basis: FileBasis
  choice: EventChoice
  /** Events that fit. */
  total: number
  /** Of these earlier than those listed. */
  notShown: number
  /** The newest ones, in order of day. */
  events: readonly ListedEvent[]
}
