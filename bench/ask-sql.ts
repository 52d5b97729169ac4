import { dayFromNumber } from '../src/domain/utc-day.ts'
import type { Store } from '../src/store/open-store.ts'
import type { Latency } from './latency.ts'

/** A question in SQL: how long it took, how SQLite went about it, and whether it looked up observations or read them all. */
export interface SqlLatency extends Latency {
  rows: number
  plan: string[]
  isByKey: boolean
}

/** By way of asking. */
export type SqlLatencies = Record<string, SqlLatency>

/** Times a question; `question` is told the number of the call. */
export type Timer = (question: (call: number) => unknown) => Latency

/** One model's counters on every day they changed: one look-up in the primary key for each captured day. */
const SERIES_SQL = `
  SELECT date(observation.day * 86400, 'unixepoch') AS day, observation.downloads_30d,
    observation.downloads_all_time, observation.likes
  FROM repo CROSS JOIN (SELECT DISTINCT day FROM sweep) AS swept
  CROSS JOIN observation ON observation.day = swept.day AND observation.repo_key = repo.repo_key
  WHERE repo.hub_id = unhex(@hub_id) ORDER BY observation.day`

/**
 * Every model's counters as of a day: what was last seen of it is in `repo` when that was no later, else in the newest
 * observation up to the day, found by look-ups in the primary key from that day backwards.
 */
const CROSS_SECTION_SQL = `
  SELECT repo_key, downloads_30d, downloads_all_time, likes FROM repo WHERE observed_on <= @day
  UNION ALL
  SELECT repo.repo_key, observation.downloads_30d, observation.downloads_all_time, observation.likes
  FROM repo CROSS JOIN observation ON observation.repo_key = repo.repo_key AND observation.day = (
    SELECT earlier.day FROM sweep CROSS JOIN observation AS earlier
      ON earlier.day = sweep.day AND earlier.repo_key = repo.repo_key
    WHERE sweep.day <= @day ORDER BY sweep.day DESC LIMIT 1)
  WHERE repo.observed_on > @day AND repo.first_seen_on <= @day`

/** The same by grouping everything that was ever observed. */
const GROUPED_SQL = `
  SELECT repo_key, downloads_30d, downloads_all_time, likes, max(day) FROM observation WHERE day <= @day
  GROUP BY repo_key`

/** As a reader types it. */
const typed = (view: string, key: string) =>
  `SELECT day, downloads_30d, downloads_all_time FROM ${view} WHERE ${key} = @${key} ORDER BY day`

/** How a plan words a look-up of one repository's row on one day, and of one day's rows. */
const BY_DAY_AND_REPO = /PRIMARY KEY \((?:day=\?|ANY\(day\)) AND repo_key=\?\)/
const BY_DAY = /PRIMARY KEY \(day=\?/

const SERIES_WAYS = {
  'v1_observation by repo_id': typed('v1_observation', 'repo_id'),
  'v1_observation by hub_id': typed('v1_observation', 'hub_id'),
  'v1_series by repo_id': typed('v1_series', 'repo_id'),
  'v1_series by hub_id': typed('v1_series', 'hub_id'),
  'swept days × key': SERIES_SQL,
}
const CROSS_SECTION_WAYS = {
  'group all observations': GROUPED_SQL,
  'repo, else look-ups backwards': CROSS_SECTION_SQL,
}

/** One model's series, of 200 models in turn. Views that the file does not have are passed over. */
export function timeSeries(store: Store, time: Timer): SqlLatencies {
  const models = store.sqlite
    .prepare<[], { repo_id: string; hub_id: string }>(
      `SELECT repo_id, lower(hex(hub_id)) AS hub_id FROM repo WHERE downloads_30d > 0
       ORDER BY repo_key * 2654435761 % 4294967296 LIMIT 200`,
    )
    .all()
  return timeWays(store, SERIES_WAYS, models, { time, byKey: BY_DAY_AND_REPO })
}

/** What a reader finds on one day: the rows that changed on it, by the view. */
export function timeDayRows(store: Store, time: Timer): SqlLatencies {
  const way = { 'v1_observation by day': 'SELECT * FROM v1_observation WHERE day = @day' }
  return timeWays(store, way, [{ day: dayFromNumber(middleDay(store)) }], { time, byKey: BY_DAY })
}

/** The state of every model on the day in the middle of the history. */
export function timeCrossSection(store: Store, time: Timer): SqlLatencies {
  return timeWays(store, CROSS_SECTION_WAYS, [{ day: middleDay(store) }], { time, byKey: BY_DAY_AND_REPO })
}

function middleDay({ sqlite }: Store): number {
  const days = sqlite.prepare<[], number>('SELECT DISTINCT day FROM sweep ORDER BY day').pluck().all()
  return days[days.length >> 1]!
}

function timeWays(
  { sqlite }: Store,
  ways: Record<string, string>,
  bound: readonly Record<string, unknown>[],
  { time, byKey }: { time: Timer; byKey: RegExp },
): SqlLatencies {
  const views = sqlite.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'view'").pluck().all()
  const known = Object.entries(ways).filter(
    ([way]) => !way.startsWith('v1_') || views.includes(way.split(' ', 1)[0]!),
  )
  return Object.fromEntries(
    known.map(([way, sql]) => {
      const statement = sqlite.prepare(sql).raw()
      let rows = 0
      const latency = time(call => {
        rows = 0
        for (const _ of statement.iterate(bound[call % bound.length]!)) rows += 1
      })
      const plan = sqlite
        .prepare<[unknown], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(bound[0])
        .map(step => step.detail)
      return [way, { ...latency, rows, plan, isByKey: plan.some(step => byKey.test(step)) }]
    }),
  )
}
