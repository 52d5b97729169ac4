import type { DetectedKind, ListedEvent } from '../domain/counter-event.ts'
import type { IncidentCount } from '../domain/quality-answer.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { LISTED_EVENT, type ListedEventRow, toListedEvent } from './listed-event.ts'
import type { Store } from './open-store.ts'

/** No detector follows an incident for longer; what stands open for longer is of a repository that is gone. */
const LONGEST_DAYS = 60

/** An event that lasts, or whose last day is not before the one asked for. Days first: by them the index of events is read. */
const OPEN = `day BETWEEN @first AND @until AND kind IN (SELECT value FROM json_each(@kinds))
  AND (until_on IS NULL OR until_on >= @since)
  AND (@of IS NULL OR (event.repo_key IS NULL AND event.publisher_key IS NULL))`

/** Incidents of the kinds given that began up to `until` and last, or ended on or after `since`. */
export interface IncidentQuery {
  kinds: readonly DetectedKind[]
  since: UtcDay
  until: UtcDay
  /** Of the whole Hub alone. */
  of?: 'hub'
}

/** How many incidents are open, by kind and by whose they are; kinds without one are left out. */
export function countOpenIncidents(store: Store, query: IncidentQuery): IncidentCount[] {
  return store.sqlite
    .prepare<[object], IncidentCount>(
      `SELECT kind,
         sum(repo_key IS NULL AND publisher_key IS NULL) AS hub,
         sum(repo_key IS NULL AND publisher_key IS NOT NULL) AS publishers,
         sum(repo_key IS NOT NULL) AS repos
       FROM event WHERE ${OPEN} GROUP BY kind ORDER BY kind`,
    )
    .all(parameters(query))
}

/** The open incidents, at most `limit`: of the whole Hub, of publishers, then of the most downloaded repositories. */
export function listOpenIncidents(store: Store, query: IncidentQuery & { limit: number }): ListedEvent[] {
  return store.sqlite
    .prepare<[object], ListedEventRow>(
      `${LISTED_EVENT}
       WHERE ${OPEN}
       ORDER BY event.repo_key IS NOT NULL, event.publisher_key IS NOT NULL, repo.downloads_30d DESC, day DESC, event_key
       LIMIT @limit`,
    )
    .all({ ...parameters(query), limit: query.limit })
    .map(toListedEvent)
}

function parameters({ kinds, since, until, of }: IncidentQuery) {
  return {
    ...{ kinds: JSON.stringify(kinds), since: dayNumber(since), until: dayNumber(until) },
    first: dayNumber(since) - LONGEST_DAYS,
    of: of ?? null,
  }
}
