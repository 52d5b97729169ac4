import type { NamedBase, RepoFacts } from '../domain/attribution.ts'
import type { Counters } from '../domain/repo.ts'
import { dayFromNumber, dayNumber, dayOf, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository with its latest counters; the lifetime counter is the last one that was known. */
export interface PopulationRow {
  repo: RepoFacts
  counters: Counters
  goneOn: UtcDay | null
}

interface RepoColumns {
  repo_key: number
  repo_id: string
  handle: string
  created_at: number
  task: string | null
  downloads_30d: number
  downloads_all_time: number | null
  likes: number | null
  gone_on: number | null
}

interface EdgeColumns {
  repo_key: number
  relation: string
  declared: string
  base_repo_id: string | null
  is_self: number
}

/** What a repository id can look like: anything else declared as a base is a path or a typing error. */
export const REPO_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/

/**
 * Every repository ever seen (or only one), ascending by key, with its bases as last declared. A base the Hub resolved is given by
 * its current name, so a renamed base stays one base. A repository that names itself has no base by that.
 */
export function* readPopulation(store: Store, only?: { repoKey: number }): Generator<PopulationRow> {
  const bound = { repoKey: only?.repoKey ?? null }
  const edges = store.sqlite
    .prepare<[{ repoKey: number | null }], EdgeColumns>(
      `SELECT base_edge.repo_key, relation, declared, base.repo_id AS base_repo_id,
         (base_edge.base_hub_id IS NOT NULL AND base.repo_key IS base_edge.repo_key) OR declared = repo.repo_id AS is_self
       FROM base_edge JOIN repo USING (repo_key) LEFT JOIN repo AS base ON base.hub_id = base_edge.base_hub_id
       WHERE base_edge.ended_on IS NULL ${only ? 'AND base_edge.repo_key = @repoKey' : ''}
       ORDER BY base_edge.repo_key, declared, relation`,
    )
    .iterate(bound)
  const repos = store.sqlite
    .prepare<[{ repoKey: number | null }], RepoColumns>(
      `SELECT repo_key, repo_id, handle, created_at, term.word AS task, downloads_30d, last_known_all_time AS downloads_all_time, likes, gone_on
       FROM repo JOIN publisher USING (publisher_key) LEFT JOIN term ON term.term_key = repo.task_key
       ${only ? 'WHERE repo_key = @repoKey' : ''} ORDER BY repo_key`,
    )
    .iterate(bound)
  try {
    let edge = edges.next()
    for (const row of repos) {
      const bases: NamedBase[] = []
      for (; !edge.done && edge.value.repo_key === row.repo_key; edge = edges.next()) {
        if (!edge.value.is_self) bases.push(namedBase(edge.value))
      }
      yield {
        repo: {
          repoKey: row.repo_key,
          repoId: row.repo_id,
          handle: row.handle,
          createdOn: dayOf(row.created_at * 1000),
          task: row.task,
          bases,
        },
        counters: {
          downloads30d: row.downloads_30d,
          downloadsAllTime: row.downloads_all_time,
          likes: row.likes,
        },
        goneOn: row.gone_on === null ? null : dayFromNumber(row.gone_on),
      }
    }
  } finally {
    edges.return?.()
    repos.return?.()
  }
}

function namedBase(edge: EdgeColumns): NamedBase {
  const declaredId = REPO_ID.test(edge.declared) ? edge.declared : null
  return { declared: edge.declared, relation: edge.relation, repoId: edge.base_repo_id ?? declaredId }
}

/**
 * The counters of every repository as known on `day` (lifetime: the last known value), and whether it was gone; absent
 * before its first observation.
 */
export function readCountersOn(
  store: Store,
  day: UtcDay,
): Map<number, { counters: Counters; isGone: boolean }> {
  const known = new Map<number, { counters: Counters; isGone: boolean }>()
  const rows = store.sqlite
    .prepare<
      [number],
      { repo_key: number; downloads_30d: number; downloads_all_time: number | null; likes: number | null }
    >(
      `SELECT repo_key, downloads_30d, downloads_all_time, likes, max(day) FROM observation
       WHERE day <= ? GROUP BY repo_key`,
    )
    .iterate(dayNumber(day))
  for (const row of rows) {
    const { downloads_30d: downloads30d, downloads_all_time: downloadsAllTime, likes } = row
    known.set(row.repo_key, { counters: { downloads30d, downloadsAllTime, likes }, isGone: false })
  }
  for (const { repoKey, downloadsAllTime } of readLastKnownAllTime(store, day)) {
    const entry = known.get(repoKey)
    if (entry) entry.counters.downloadsAllTime = downloadsAllTime
  }
  for (const change of readPresenceChanges(store)) {
    const entry = known.get(change.repoKey)
    if (change.day <= day && entry) entry.isGone = change.isGone
  }
  return known
}

/** For repositories whose newest counter on `day` is unknown and an earlier one is not: that earlier one. */
function readLastKnownAllTime(store: Store, day: UtcDay): { repoKey: number; downloadsAllTime: number }[] {
  return store.sqlite
    .prepare<[number, number], { repoKey: number; downloadsAllTime: number }>(
      `SELECT repo_key AS repoKey, downloads_all_time AS downloadsAllTime, max(day) FROM observation
       WHERE day <= ? AND downloads_all_time IS NOT NULL AND repo_key IN (
         SELECT repo_key FROM observation WHERE day <= ? AND downloads_all_time IS NULL)
       GROUP BY repo_key`,
    )
    .all(dayNumber(day), dayNumber(day))
}

export interface Observation extends Counters {
  repoKey: number
}

/**
 * Observations of the days after `after` (null for the beginning) up to and with `until`, oldest first. A list, not a
 * cursor: SQLite takes no write on a connection while one of its cursors is open.
 */
export function readObservations(store: Store, after: UtcDay | null, until: UtcDay): Observation[] {
  const rows = store.sqlite
    .prepare(
      `SELECT repo_key, downloads_30d, downloads_all_time, likes FROM observation
       WHERE day > ? AND day <= ? ORDER BY day, repo_key`,
    )
    .raw()
    .all(after === null ? -1 : dayNumber(after), dayNumber(until)) as [
    number,
    number,
    number | null,
    number | null,
  ][]
  return rows.map(([repoKey, downloads30d, downloadsAllTime, likes]) => ({
    repoKey,
    downloads30d,
    downloadsAllTime,
    likes,
  }))
}

export interface PresenceChange {
  day: UtcDay
  repoKey: number
  isGone: boolean
}

/** Every time a repository went or came back, in order. */
export function readPresenceChanges(store: Store): PresenceChange[] {
  return store.sqlite
    .prepare<[], { day: number; repo_key: number; kind: string }>(
      "SELECT day, repo_key, kind FROM event WHERE kind IN ('removal', 'return') ORDER BY day, event_key",
    )
    .all()
    .map(row => ({ day: dayFromNumber(row.day), repoKey: row.repo_key, isGone: row.kind === 'removal' }))
}
