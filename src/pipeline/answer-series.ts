import { cleanSeries, dailyDownloads } from '../derive/clean-series.ts'
import { cleanSpans } from '../derive/clean-spans.ts'
import { dayStates } from '../derive/completeness-calendar.ts'
import type { MarkedSpan } from '../derive/marked-days.ts'
import { residuals } from '../derive/reconcile.ts'
import { seriesCorrections } from '../derive/series-corrections.ts'
import { spreadHeld } from '../derive/spread-held.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import {
  DETECTED_KINDS,
  type DetectedKind,
  EVENT_KINDS,
  type EventKind,
  type FoundEvent,
  type ListedEvent,
} from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { handleOf } from '../domain/repo.ts'
import type { BothWays, SeriesAnswer, SeriesDay } from '../domain/series-answer.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { listEvents } from '../store/list-events.ts'
import type { Store } from '../store/open-store.ts'
import { readCounterSeries } from '../store/read-counter-series.ts'
import { readRepo } from '../store/read-repo.ts'
import { listSweeps } from '../store/sweep-ledger.ts'
import { type AnswerEffects, answerBasis } from './answer-basis.ts'
import { checkSpan, nameOthers } from './answer-events.ts'
import { findAskedRepo } from './find-asked-repo.ts'

export interface SeriesQuery {
  /** Current name, former name or `_id`. */
  repo: string
  /** Days to tell of, both included. */
  from?: UtcDay
  until?: UtcDay
  /** Cleaned by every rule when absent. */
  counters?: CounterChoice
}

/**
 * One repository over its observed days, raw and clean, with the events and corrections behind the difference. Days that are marked
 * for the whole Hub or its publisher are bridged in its own counters here; what a correction says rests on the whole series,
 * whatever part of it is asked for. Throws a CensusError (usage) for a repository nobody knows, a span that ends before it begins,
 * and before anything is published.
 */
export function answerSeries(query: SeriesQuery, effects: AnswerEffects): SeriesAnswer {
  const { store } = effects
  // One state of the file: another process may publish between two of the questions.
  return store.sqlite.transaction(() => {
    const { from = null, until = null, counters = CLEAN_COUNTERS } = query
    checkSpan(from, until)
    const { repoKey, ...repo } = findAskedRepo(query.repo, store)
    const { basis } = answerBasis(undefined, effects, counters)
    const own = listEvents(store, { hubId: repo.hubId })
    const marks = [
      ...listEvents(store, { of: 'hub', kinds: ['hub-incident', 'frozen'] }),
      ...frozenPublishers(repoKey, repo.repoId, effects),
    ]
    const raw = readCounterSeries(store, repoKey, { until: basis.asOf })
    const marked = marks.map(markedSpan)
    const found = own.flatMap(foundEvent)
    const spans = cleanSpans(raw, found, marked)
    const clean = cleanSeries(raw, spans, counters)
    const differences = dailyDownloads(
      clean,
      counters.includes('frozen-day') ? stillFrozen([...own, ...marks]) : [],
    )
    const daily = {
      raw: dailyDownloads(raw),
      clean: counters.includes('transient-drop') ? spreadHeld(differences, clean, found) : differences,
    }
    const isAsked = (day: number) =>
      (from === null || day >= dayNumber(from)) && (until === null || day <= dayNumber(until))
    const events = [...own, ...marks].filter(event => touches(event, { from, until })).sort(byDay)
    const days = seriesDays({ raw, clean, daily, events }).filter(({ day }) => isAsked(dayNumber(day)))
    return {
      basis,
      repo,
      from,
      until,
      days,
      keptOut: daysKeptOut(days, store),
      events: nameOthers(events, store),
      corrections: seriesCorrections(spans, raw, counters, isAsked),
    }
  })()
}

/** Days with a sweep that was held or rejected, between the first and the last observed one. */
function daysKeptOut(days: readonly SeriesDay[], store: Store): SeriesAnswer['keptOut'] {
  const [first, last] = [days[0]?.day, days.at(-1)?.day]
  if (first === undefined || last === undefined) return []
  return [...dayStates(listSweeps(store))]
    .flatMap(([day, state]) =>
      (state === 'held' || state === 'rejected') && day > first && day < last ? [{ day, state }] : [],
    )
    .sort((a, b) => (a.day < b.day ? -1 : 1))
}

/** When whoever published it at the time stood still: a repository can have moved from one handle to another. */
function frozenPublishers(repoKey: number, repoId: string, { store }: AnswerEffects): ListedEvent[] {
  const former = readRepo(store, repoKey).formerNames.map(name => ({
    handle: handleOf(name.repoId),
    from: name.fromOn,
    until: name.untilOn,
  }))
  const since = former.reduce((latest, { until }) => Math.max(latest, until), 0)
  return [...former, { handle: handleOf(repoId), from: since, until: Number.POSITIVE_INFINITY }].flatMap(
    ({ handle, from, until }) =>
      listEvents(store, { of: 'publisher', handle, kinds: ['frozen'] }).filter(
        ({ day }) => dayNumber(day) >= from && dayNumber(day) < until,
      ),
  )
}

const DETECTED: ReadonlySet<EventKind> = new Set(DETECTED_KINDS)

function isDetected(kind: EventKind): kind is DetectedKind {
  return DETECTED.has(kind)
}

/** A stored event as its detector found it; what the sweep noted and people decided corrects nothing. */
function foundEvent({ kind, day, until, detail }: ListedEvent): FoundEvent[] {
  if (!isDetected(kind)) return []
  return [{ kind, from: dayNumber(day), until: until === null ? null : dayNumber(until), evidence: detail }]
}

function markedSpan({ kind, day, until }: ListedEvent): MarkedSpan {
  return {
    kind: kind === 'frozen' ? 'frozen' : 'hub-incident',
    from: dayNumber(day),
    until: until === null ? null : dayNumber(until),
  }
}

/** What a freeze that lasts hides is not known: it is bridged by nothing, and its standstill is no zero. */
function stillFrozen(events: readonly ListedEvent[]): MarkedSpan[] {
  return events.filter(({ kind, until }) => kind === 'frozen' && until === null).map(markedSpan)
}

/** The last day of an event: what a sweep noted has no length, what was detected lasts until it is told to end. */
function lastDay({ kind, day, until }: ListedEvent): UtcDay | null {
  return until ?? (isDetected(kind) ? null : day)
}

function touches(event: ListedEvent, span: { from: UtcDay | null; until: UtcDay | null }): boolean {
  const last = lastDay(event)
  return (
    (span.until === null || event.day <= span.until) &&
    (span.from === null || last === null || last >= span.from)
  )
}

function byDay(a: ListedEvent, b: ListedEvent): number {
  return a.day < b.day ? -1 : a.day > b.day ? 1 : EVENT_KINDS.indexOf(a.kind) - EVENT_KINDS.indexOf(b.kind)
}

interface Told {
  raw: CounterSeries
  clean: CounterSeries
  daily: { raw: readonly (number | null)[]; clean: readonly (number | null)[] }
  events: readonly ListedEvent[]
}

function seriesDays({ raw, clean, daily, events }: Told): SeriesDay[] {
  const residualOn = new Map(residuals(raw).map(({ day, residual }) => [day, residual]))
  return Array.from(raw.days, (number, index) => {
    const day = dayFromNumber(number)
    const both = (counter: 'downloadsAllTime' | 'downloads30d'): BothWays => ({
      raw: known(raw[counter][index]),
      clean: known(clean[counter][index]),
    })
    return {
      day,
      downloadsAllTime: both('downloadsAllTime'),
      downloads30d: both('downloads30d'),
      dailyDownloads: { raw: daily.raw[index] ?? null, clean: daily.clean[index] ?? null },
      residual: residualOn.get(number) ?? null,
      likes: known(raw.likes[index]),
      events: [
        ...new Set(events.filter(event => touches(event, { from: day, until: day })).map(({ kind }) => kind)),
      ],
    }
  })
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
