import { cleanSpans } from '../derive/clean-spans.ts'
import type { MarkedSpan } from '../derive/marked-days.ts'
import { isKeptRule, type RepoCleanSpan } from '../domain/clean.ts'
import type { CounterEvent, FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'

/** Nothing an event says hangs on days further off: what is older is final. */
export const EVENT_REACH_DAYS = 60

/** What the detectors found, ready to be written; and what it means for the totals. */
export interface Detection {
  /** Every detected event that begins on `eventsFrom` or later; null for all there are. */
  events: readonly CounterEvent[]
  eventsFrom: UtcDay | null
  /** Spans of the repositories of `spansOf`; null for all there are. */
  spans: readonly RepoCleanSpan[]
  spansOf: readonly number[] | null
  /** Every day's, or those of the newest day alone. */
  qualities: readonly DayQuality[]
  isEveryDay: boolean
  /** Hub-wide marked stretches of the whole history. */
  marked: readonly MarkedSpan[]
  /** The first day before the newest whose corrections are other than the stored ones; null when none is. */
  changedFrom: UtcDay | null
}

/** A found event of whomever it was found of. */
export function toCounterEvent(
  { kind, from, until, evidence }: FoundEvent,
  subject: CounterEvent['subject'],
): CounterEvent {
  const last = until === null ? null : dayFromNumber(until)
  return { kind, day: dayFromNumber(from), until: last, subject, evidence }
}

/** A stored event as its detector found it. */
export function toFoundEvent({ kind, day, until, evidence }: CounterEvent): FoundEvent {
  return { kind, from: dayNumber(day), until: until === null ? null : dayNumber(until), evidence }
}

/** The stretches that Hub-wide events mark, ascending. */
export function markedSpans(events: readonly CounterEvent[]): MarkedSpan[] {
  return events.flatMap(event => {
    if (event.subject.of !== 'hub' || (event.kind !== 'frozen' && event.kind !== 'hub-incident')) return []
    const { from, until } = toFoundEvent(event)
    return [{ kind: event.kind, from, until }]
  })
}

/**
 * The corrections of a repository that are kept, from all its events: measured on the raw counters alone, since frozen days and
 * those of the whole Hub are bridged where they are read or for groups as a whole, and may be switched off.
 */
export function keptSpans(
  repoKey: number,
  series: CounterSeries,
  events: readonly FoundEvent[],
): RepoCleanSpan[] {
  const own = events.filter(({ kind }) => kind !== 'frozen')
  return cleanSpans(series, own, []).flatMap(span => (isKeptRule(span.rule) ? [{ repoKey, ...span }] : []))
}

/** The first day (number) on which two sets of spans correct otherwise; infinite when they are the same. */
export function firstDifference(a: readonly RepoCleanSpan[], b: readonly RepoCleanSpan[]): number {
  const left = new Map(a.map(span => [identityOf(span), span]))
  let first = Number.POSITIVE_INFINITY
  for (const span of b) {
    const other = left.get(identityOf(span))
    left.delete(identityOf(span))
    if (other === undefined) first = Math.min(first, span.from)
    else if (other.until !== span.until) first = Math.min(first, shorter(other.until, span.until) + 1)
  }
  for (const span of left.values()) first = Math.min(first, span.from)
  return first
}

function shorter(a: number | null, b: number | null): number {
  return Math.min(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY)
}

function identityOf(span: RepoCleanSpan): string {
  const { repoKey, rule, counter, from, rawFactor, constant, perDay } = span
  return JSON.stringify([repoKey, rule, counter, from, rawFactor, constant, perDay])
}
