import type { EventKind, ListedEvent } from '../domain/counter-event.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { SqlValue } from './bulk-insert.ts'
import { LISTED_EVENT, type ListedEventRow, toListedEvent } from './listed-event.ts'
import type { Store } from './open-store.ts'

/** Which events. What is left out leaves nothing out. */
export interface EventsQuery {
  /** Of the repository with this `_id`. */
  hubId?: string
  /** Of every repository that has or had this name, letter case as the Hub writes it. */
  repoId?: string
  /** Of a publisher and of the repositories that it publishes now. */
  handle?: string
  /** Whose: of single repositories, of publishers, of the whole Hub. */
  of?: 'repo' | 'publisher' | 'hub'
  /** The first and the last day on which they may have begun. */
  from?: UtcDay
  until?: UtcDay
  kinds?: readonly EventKind[]
  /** At most so many, the newest. */
  limit?: number
}

const SUBJECTS = {
  repo: 'event.repo_key IS NOT NULL',
  publisher: 'event.publisher_key IS NOT NULL',
  hub: 'event.repo_key IS NULL AND event.publisher_key IS NULL',
} as const

/**
 * Events of every kind, noted and detected, in order of day; on a day by kind, the Hub's and publishers' before repositories', these
 * in the order in which they were first seen.
 */
export function listEvents(store: Store, { limit, ...filter }: EventsQuery = {}): ListedEvent[] {
  const { where, values } = conditions(filter)
  return store.sqlite
    .prepare<SqlValue[], ListedEventRow>(
      // Backwards along the index of events, so that the newest are found first.
      `${LISTED_EVENT}
       WHERE ${where}
       ORDER BY event.day DESC, event.kind DESC, event.repo_key DESC, event.publisher_key DESC, event.event_key DESC
       LIMIT ?`,
    )
    .all(...values, limit ?? -1)
    .reverse()
    .map(toListedEvent)
}

/** How many events fit, whatever the limit. */
export function countEvents({ sqlite }: Store, filter: Omit<EventsQuery, 'limit'> = {}): number {
  const { where, values } = conditions(filter)
  return sqlite
    .prepare<SqlValue[], number>(`SELECT count(*) FROM event WHERE ${where}`)
    .pluck()
    .get(...values)!
}

interface Conditions {
  where: string
  values: SqlValue[]
}

function conditions({
  hubId,
  repoId,
  handle,
  of,
  from,
  until,
  kinds,
}: Omit<EventsQuery, 'limit'>): Conditions {
  const parts: string[] = []
  const values: SqlValue[] = []
  const hold = (condition: string, ...held: SqlValue[]) => {
    parts.push(condition)
    values.push(...held)
  }
  if (hubId !== undefined)
    hold('event.repo_key IN (SELECT repo_key FROM repo WHERE hub_id = unhex(?))', hubId)
  if (repoId !== undefined) {
    hold(
      `event.repo_key IN (SELECT repo_key FROM repo WHERE repo_id = ?
         UNION SELECT repo_key FROM repo_name WHERE repo_id = ?)`,
      repoId,
      repoId,
    )
  }
  if (handle !== undefined) {
    // The names under a handle are a stretch of the index of names: "0" is the character after "/". Events of publishers are
    // few, and all without a repository.
    hold(
      `event.event_key IN (
         SELECT event_key FROM event WHERE repo_key IN (SELECT repo_key FROM repo WHERE repo_id >= ? || '/' AND repo_id < ? || '0')
         UNION ALL SELECT event_key FROM event
           WHERE repo_key IS NULL AND publisher_key = (SELECT publisher_key FROM publisher WHERE handle = ?))`,
      handle,
      handle,
      handle,
    )
  }
  if (of !== undefined) hold(SUBJECTS[of])
  if (from !== undefined) hold('event.day >= ?', dayNumber(from))
  if (until !== undefined) hold('event.day <= ?', dayNumber(until))
  if (kinds !== undefined) hold('event.kind IN (SELECT value FROM json_each(?))', JSON.stringify(kinds))
  return { where: parts.length === 0 ? 'TRUE' : parts.join(' AND '), values }
}
