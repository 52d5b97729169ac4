import { CensusError } from '../domain/census-error.ts'
import { EVENT_KINDS, type EventKind, type ListedEvent } from '../domain/counter-event.ts'
import type { EventsAnswer } from '../domain/event-answer.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { hasPublisher } from '../store/find-publisher.ts'
import { findHubId } from '../store/find-repo.ts'
import { countEvents, listEvents } from '../store/list-events.ts'
import type { Store } from '../store/open-store.ts'
import { type AnswerEffects, unknownName } from './answer-basis.ts'
import { unknownHandle } from './explain-handle.ts'
import { fileBasis } from './file-basis.ts'
import { findAskedRepo } from './find-asked-repo.ts'

export interface EventsQuery {
  /** Current name, former name or `_id`. */
  repo?: string
  handle?: string
  /** Days on which an event begins, both included. */
  from?: UtcDay
  until?: UtcDay
  /** One of EVENT_KINDS. */
  kind?: string
  /** The newest so many. */
  limit: number
}

/**
 * The events of the file that fit, in order of day. Throws a CensusError (usage) for a repository or handle nobody knows, for a
 * kind that is none, and for a span that ends before it begins.
 */
export function answerEvents(query: EventsQuery, effects: AnswerEffects): EventsAnswer {
  const { store } = effects
  // One state of the file: a sweep may commit between two of the questions.
  return store.sqlite.transaction(() => {
    const { from = null, until = null, limit } = query
    checkSpan(from, until)
    const kind = query.kind === undefined ? null : readKind(query.kind)
    const found = query.repo === undefined ? null : findAskedRepo(query.repo, store)
    const handle = query.handle === undefined ? null : knownHandle(query.handle, effects)
    const filter = {
      ...(found === null ? {} : { hubId: found.hubId }),
      ...(handle === null ? {} : { handle }),
      ...(from === null ? {} : { from }),
      ...(until === null ? {} : { until }),
      ...(kind === null ? {} : { kinds: [kind] }),
    }
    const total = countEvents(store, filter)
    const events = nameOthers(listEvents(store, { ...filter, limit }), store)
    const repo =
      found === null
        ? null
        : { hubId: found.hubId, repoId: found.repoId, askedAs: found.askedAs, others: found.others }
    return {
      basis: fileBasis(effects),
      choice: { repo, handle, from, until, kind },
      total,
      notShown: total - events.length,
      events,
    }
  })()
}

/** The events with the `_id` of the other repository where the evidence has its key, which means nothing outside of the file. */
export function nameOthers(events: readonly ListedEvent[], store: Store): ListedEvent[] {
  return events.map(event => {
    const { otherRepoKey, ...detail } = event.detail
    if (typeof otherRepoKey !== 'number') return event
    return { ...event, detail: { ...detail, otherHubId: findHubId(store, otherRepoKey) } }
  })
}

/** Throws a CensusError (usage) for a span that ends before it begins. */
export function checkSpan(from: UtcDay | null, until: UtcDay | null): void {
  if (from === null || until === null || from <= until) return
  throw new CensusError(
    {
      happened: `The span ends on ${until}, before it begins on ${from}.`,
      kept: 'Nothing was changed.',
      next: `Type --from ${until} --until ${from}.`,
    },
    EXIT_CODES.usage,
  )
}

function readKind(text: string): EventKind {
  const kind = EVENT_KINDS.find(known => known === text)
  if (kind === undefined) throw unknownName('kind of event', text, EVENT_KINDS)
  return kind
}

function knownHandle(handle: string, { store, registry }: AnswerEffects): string {
  const isReviewed = [...registry.labs.values()].some(lab =>
    lab.handles.some(tenure => tenure.handle === handle),
  )
  if (!isReviewed && !hasPublisher(store, handle)) throw unknownHandle(handle, { store, registry })
  return handle
}
