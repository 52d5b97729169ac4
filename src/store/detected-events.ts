import {
  type CounterEvent,
  DETECTED_KINDS,
  type DetectedKind,
  type EventSubject,
  type Evidence,
} from '../domain/counter-event.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { openBulkInsert } from './bulk-insert.ts'
import type { Store } from './open-store.ts'
import type { RowChanges } from './replace-rows.ts'

/** Our own words, safe in SQL. */
const DETECTED = DETECTED_KINDS.map(kind => `'${kind}'`).join(', ')
const PLACE_OF_KIND = new Map(DETECTED_KINDS.map((kind, place) => [kind, place]))

interface StoredEvent {
  event_key: number
  kind: DetectedKind
  day: number
  until_on: number | null
  repo_key: number | null
  publisher_key: number | null
  detail: string
}

/**
 * Makes the file hold exactly these detected events and writes only what differs, in one transaction; what the sweeps noted
 * and people decided stays. With `range` the events that begin before `fromDay` stay, too. An event is the same while kind,
 * day and subject are, and then keeps its key. Throws a RangeError for one event twice, and for one before the range.
 */
export function replaceDetectedEvents(
  store: Store,
  events: readonly CounterEvent[],
  range?: { fromDay: UtcDay },
): RowChanges {
  const fromDay = range === undefined ? 0 : dayNumber(range.fromDay)
  const byDay = new Map<number, CounterEvent[]>()
  for (const event of events) {
    const day = dayNumber(event.day)
    if (day < fromDay) throw new RangeError(`${event.kind} of ${event.day} begins before ${range?.fromDay}`)
    const known = byDay.get(day)
    if (known) known.push(event)
    else byDay.set(day, [event])
  }
  return store.sqlite.transaction(() => {
    const changes: RowChanges = { written: 0, removed: 0 }
    const replaceDay = openDay(store, changes)
    const days = new Set([...byDay.keys(), ...listEventDays(store, fromDay)])
    for (const day of [...days].sort((a, b) => a - b)) replaceDay(day, byDay.get(day) ?? [])
    return changes
  })()
}

/** Days with events of any kind from a day on. One look per day, as the index of events begins with it. */
function listEventDays({ sqlite }: Store, fromDay: number): number[] {
  return sqlite
    .prepare<[number], number>(
      `WITH RECURSIVE noted (day) AS (
         SELECT min(day) FROM event WHERE day >= ?
         UNION ALL SELECT (SELECT min(day) FROM event WHERE day > noted.day) FROM noted WHERE day IS NOT NULL
       )
       SELECT day FROM noted WHERE day IS NOT NULL`,
    )
    .pluck()
    .all(fromDay)
}

function openDay(store: Store, changes: RowChanges): (day: number, events: CounterEvent[]) => void {
  const { sqlite } = store
  const stored = sqlite.prepare<[number], StoredEvent>(
    `SELECT event_key, kind, day, until_on, repo_key, publisher_key, detail FROM event
     WHERE day = ? AND kind IN (${DETECTED})`,
  )
  const insert = openBulkInsert(sqlite, 'event', [
    'kind',
    'day',
    'repo_key',
    'publisher_key',
    'until_on',
    'detail',
  ])
  const update = sqlite.prepare('UPDATE event SET until_on = ?, detail = ? WHERE event_key = ?')
  const remove = sqlite.prepare('DELETE FROM event WHERE event_key = ?')

  return (day, events) => {
    const left = new Map<string, StoredEvent>()
    for (const row of stored.all(day)) {
      const key = keyOf(row.kind, row.repo_key, row.publisher_key)
      // Nobody writes one twice but a hand; it goes.
      if (left.has(key)) take(row)
      else left.set(key, row)
    }
    const met = new Set<string>()
    // In one order whatever that of arrival: new events get the same keys.
    for (const { kind, until, subject, evidence } of events.sort(compareEvents)) {
      const repoKey = subject.of === 'repo' ? subject.repoKey : null
      const publisherKey = subject.of === 'publisher' ? subject.publisherKey : null
      const key = keyOf(kind, repoKey, publisherKey)
      if (met.has(key)) throw new RangeError(`${key} of ${dayFromNumber(day)} is there twice`)
      met.add(key)
      const untilOn = until === null ? null : dayNumber(until)
      const detail = JSON.stringify(evidence)
      const old = left.get(key)
      left.delete(key)
      if (old === undefined) insert.add([kind, day, repoKey, publisherKey, untilOn, detail])
      else if (old.until_on === untilOn && old.detail === detail) continue
      else update.run(untilOn, detail, old.event_key)
      changes.written += 1
    }
    for (const row of left.values()) take(row)
    insert.flush()
  }

  function take({ event_key }: StoredEvent): void {
    remove.run(event_key)
    changes.removed += 1
  }
}

function keyOf(kind: DetectedKind, repoKey: number | null, publisherKey: number | null): string {
  return `${kind} ${repoKey ?? '-'} ${publisherKey ?? '-'}`
}

function compareEvents(a: CounterEvent, b: CounterEvent): number {
  return PLACE_OF_KIND.get(a.kind)! - PLACE_OF_KIND.get(b.kind)! || placeOf(a.subject) - placeOf(b.subject)
}

/** The Hub's first, then publishers, which are fewer than 2^32, then repositories. */
function placeOf(subject: EventSubject): number {
  if (subject.of === 'hub') return -1
  return subject.of === 'publisher' ? subject.publisherKey : 2 ** 32 + subject.repoKey
}

/** Which detected events to read: those that begin on `from` or later, and of these repositories alone. */
export interface DetectedQuery {
  from?: UtcDay
  repoKeys?: readonly number[]
}

/** Detected events by day; on a day in the order of DETECTED_KINDS, the Hub's first, then publishers', then repositories'. */
export function readDetectedEvents(
  { sqlite }: Store,
  { from, repoKeys }: DetectedQuery = {},
): CounterEvent[] {
  const columns = 'event_key, kind, day, until_on, repo_key, publisher_key, detail'
  const first = from === undefined ? 0 : dayNumber(from)
  const rows =
    repoKeys === undefined
      ? sqlite
          .prepare<[number], StoredEvent>(
            `SELECT ${columns} FROM event WHERE day >= ? AND kind IN (${DETECTED}) ORDER BY day`,
          )
          .all(first)
      : sqlite
          .prepare<[string, number], StoredEvent>(
            `SELECT ${columns} FROM event
             WHERE repo_key IN (SELECT value FROM json_each(?)) AND day >= ? AND kind IN (${DETECTED}) ORDER BY day`,
          )
          .all(JSON.stringify(repoKeys), first)
  return rows.map(fromRow).sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : compareEvents(a, b)))
}

/** Every detected event of the whole Hub, by day; on a day in the order of DETECTED_KINDS. */
export function readHubEvents({ sqlite }: Store): CounterEvent[] {
  return sqlite
    .prepare<[], StoredEvent>(
      `SELECT event_key, kind, day, until_on, repo_key, publisher_key, detail FROM event
       WHERE repo_key IS NULL AND publisher_key IS NULL AND kind IN (${DETECTED})`,
    )
    .all()
    .map(fromRow)
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : compareEvents(a, b)))
}

function fromRow(row: StoredEvent): CounterEvent {
  return {
    kind: row.kind,
    day: dayFromNumber(row.day),
    until: row.until_on === null ? null : dayFromNumber(row.until_on),
    subject: subjectOf(row),
    evidence: JSON.parse(row.detail) as Evidence,
  }
}

function subjectOf({ repo_key, publisher_key }: StoredEvent): EventSubject {
  if (repo_key !== null) return { of: 'repo', repoKey: repo_key }
  return publisher_key === null ? { of: 'hub' } : { of: 'publisher', publisherKey: publisher_key }
}
