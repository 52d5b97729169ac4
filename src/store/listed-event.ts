import type { EventKind, Evidence, ListedEvent } from '../domain/counter-event.ts'
import { dayFromNumber } from '../domain/utc-day.ts'

/** An event with the names of whom it is about, as `LISTED_EVENT` reads it. */
export interface ListedEventRow {
  kind: EventKind
  day: number
  until_on: number | null
  hub_id: string | null
  repo_id: string | null
  handle: string | null
  detail: string
}

/** Reads `ListedEventRow`s; conditions, order and limit follow it. */
export const LISTED_EVENT = `SELECT event.kind, event.day, event.until_on, lower(nullif(hex(repo.hub_id), '')) AS hub_id,
    repo.repo_id, coalesce(own.handle, publisher.handle) AS handle, event.detail
  FROM event LEFT JOIN repo USING (repo_key)
  LEFT JOIN publisher AS own ON own.publisher_key = event.publisher_key
  LEFT JOIN publisher ON publisher.publisher_key = repo.publisher_key`

export function toListedEvent(row: ListedEventRow): ListedEvent {
  return {
    kind: row.kind,
    day: dayFromNumber(row.day),
    until: row.until_on === null ? null : dayFromNumber(row.until_on),
    hubId: row.hub_id,
    repoId: row.repo_id,
    handle: row.handle,
    detail: JSON.parse(row.detail) as Evidence,
  }
}
