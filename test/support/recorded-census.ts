import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNewBeginnings } from '../../src/derive/match-renames.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import { DEFAULT_GATE_LIMITS } from '../../src/domain/day-gate.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { RepoRow } from '../../src/domain/repo.ts'
import { dayFromNumber, dayNumber, parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'
import { isBelievedList } from '../../src/pipeline/finish-sweep.ts'
import { judgeNight, type NightJudgement } from '../../src/pipeline/judge-night.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { openCounterSeries } from '../../src/store/read-counter-series.ts'
import { openPageRecorder } from '../../src/store/record-page.ts'
import {
  beginSweep,
  completeSweep,
  findCompleteSweep,
  findRunningSweep,
} from '../../src/store/sweep-ledger.ts'
import { bundled } from '../registry/bundled.ts'
import { page, readRaw } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS } from './census.ts'

/** Whoever is in a recording from its first day on was there before it. */
export const LONG_AGO = dayNumber(parseUtcDay('2024-01-01'))
const DAY_SECONDS = 86_400

/** Rows of the Hub's list by day, ascending by `_id`. */
export type RecordedNights = ReadonlyMap<UtcDay, readonly RepoRow[]>

export interface NightsOptions {
  /** The first and the last day taken. */
  from?: string
  until?: string
  /** Day number on which a name was created, where the recording says; by default the day on which it is first seen. */
  createdOn?(name: string): number
}

/**
 * A recording as the Hub would have listed it. The `_id` of a name is made from it, and a new one from each day on which its
 * counters began anew: there another repository bears the name.
 */
export function nightsOf(
  recorded: ReadonlyMap<string, CounterSeries>,
  { from, until, createdOn }: NightsOptions = {},
): RecordedNights {
  const first = Math.min(...[...recorded.values()].map(({ days }) => days[0]!))
  const nights = new Map<UtcDay, RepoRow[]>()
  for (const [name, series] of recorded) {
    const beginnings = findNewBeginnings(series)
    for (const [at, day] of series.days.entries()) {
      const text = dayFromNumber(day)
      if ((from !== undefined && text < from) || (until !== undefined && text > until)) continue
      const life = beginnings.filter(beginning => beginning <= day).length
      const born = life === 0 ? (createdOn?.(name) ?? series.days[0]!) : beginnings[life - 1]!
      const createdAt = (born === first ? LONG_AGO : born) * DAY_SECONDS
      const night = nights.get(text)
      const row = rowOf(name, recordedId(name, createdAt, life), createdAt, series, at)
      if (night) night.push(row)
      else nights.set(text, [row])
    }
  }
  for (const rows of nights.values()) rows.sort((a, b) => (a.hubId < b.hubId ? -1 : 1))
  return new Map([...nights].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function recordedId(name: string, createdAt: number, life: number): string {
  const hash = createHash('sha256').update(`${name} ${life}`).digest('hex')
  return createdAt.toString(16).padStart(8, '0') + hash.slice(0, 16)
}

function rowOf(name: string, _id: string, createdAt: number, series: CounterSeries, at: number): RepoRow {
  const [downloadsAllTime, likes] = [series.downloadsAllTime[at]!, series.likes[at]!]
  return parseRepoRow({
    _id,
    id: name,
    createdAt: new Date(createdAt * 1000).toISOString(),
    downloads: series.downloads30d[at],
    ...(Number.isNaN(downloadsAllTime) ? {} : { downloadsAllTime }),
    ...(Number.isNaN(likes) ? {} : { likes }),
    pipeline_tag: 'text-generation',
    tags: [],
  })
}

export interface ReplayOptions {
  /** Publish after every night; else once, after the last. */
  isNightly: boolean
  /** Nights whose list a person accepted although it shrank. */
  accepted?: readonly string[]
  /** A list of the first so many: whoever is not in it is not gone. */
  isTopList?: boolean
}

export interface RecordedCensus {
  store: Store
  /** What the night's gate says of each night, which is asked and not obeyed. */
  judged: ReadonlyMap<UtcDay, NightJudgement>
  sql(text: string, ...values: unknown[]): unknown[][]
  close(): void
}

/** A census file of its own with these nights in it, for the tests of a whole file: close it after them. */
export function openRecordedCensus(nights: RecordedNights, options: ReplayOptions): RecordedCensus {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-'))
  const store = openStore({ file: join(folder, 'census.db'), migrationsFolder: MIGRATIONS })
  return {
    store,
    judged: replayNights(store, nights, options),
    sql: (text, ...values) => readRaw(store, text, ...values),
    close() {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Writes nights as an operator would have had them. */
function replayNights(
  store: Store,
  nights: RecordedNights,
  { isNightly, accepted = [], isTopList = false }: ReplayOptions,
): Map<UtcDay, NightJudgement> {
  const clock = fakeClock(0)
  const effects = { store, registry: bundled, clock, log: silentLog }
  const record = openPageRecorder(store)
  const judged = new Map<UtcDay, NightJudgement>()
  for (const [day, rows] of nights) {
    clock.set(`${day}T13:00:00Z`)
    const { sweepKey } = beginSweep(store, {
      source: 'https://hub',
      notice: null,
      day,
      startedAt: clock.now(),
    })
    record({ sweepKey, range: 0, page: 0 }, day, page(rows))
    const sweep = findRunningSweep(store)!
    const lastGood = findCompleteSweep(store, sweep)
    judged.set(day, judgeNight(store, sweep, lastGood, DEFAULT_GATE_LIMITS))
    const mayRemove = !isTopList && (isBelievedList(sweep, lastGood) || accepted.includes(day))
    completeSweep(store, sweepKey, clock.now(), mayRemove)
    if (isNightly) publishDailyTotals(effects)
  }
  if (!isNightly) publishDailyTotals(effects)
  return judged
}

/** Looks at all of history once more, as after a change of the rules. */
export function detectAnew(store: Store): void {
  store.sqlite.exec('DELETE FROM detection_basis')
  publishDailyTotals({ store, registry: bundled, clock: fakeClock(0), log: silentLog })
}

/** The first differences of a column of rows, by the day that is their first. */
export function dailyOf(rows: readonly unknown[][], column: number): [day: string, added: number][] {
  return rows.slice(1).map((row, at) => [String(row[0]), Number(row[column]) - Number(rows[at]![column])])
}

/**
 * The rows that a file of changes holds of a recording: day, `_id`, name, 30-day and lifetime counter, likes; one wherever a
 * value differs from the one before.
 */
export function changesOf(nights: RecordedNights): unknown[][] {
  const last = new Map<string, string>()
  return [...nights].flatMap(([day, rows]) =>
    rows.flatMap(({ hubId, repoId, downloads30d, downloadsAllTime, likes }) => {
      const values = [downloads30d, downloadsAllTime, likes]
      if (last.get(hubId) === values.join()) return []
      last.set(hubId, values.join())
      return [[day, hubId, repoId, ...values]]
    }),
  )
}

/** The same as the file tells it. */
export function changesIn(store: Store): unknown[][] {
  return readRaw(
    store,
    `SELECT day, hub_id, repo_id, downloads_30d, downloads_all_time, likes FROM v1_observation ORDER BY day, hub_id`,
  )
}

/** Every `_id` of a recording with the days on which it was listed. */
export function listedDays(nights: RecordedNights): Map<string, number[]> {
  const days = new Map<string, number[]>()
  for (const [day, rows] of nights) {
    for (const { hubId } of rows) days.set(hubId, [...(days.get(hubId) ?? []), dayNumber(day)])
  }
  return days
}

/** The days that a file's series of every `_id` have. */
export function seriesDaysIn(store: Store): Map<string, number[]> {
  const repos = readRaw(store, 'SELECT repo_key, lower(hex(hub_id)) FROM repo') as [number, string][]
  const read = openCounterSeries(store)
  return new Map(repos.map(([repoKey, hubId]) => [hubId, [...read(repoKey).days]]))
}

/** Everything the detectors and the cleaning rules put into a file. */
export function detectedIn(store: Store) {
  return {
    events: readRaw(
      store,
      `SELECT kind, day, until_on, repo_key, publisher_key, detail FROM event
       WHERE kind NOT IN ('rename', 'task-change', 'removal', 'return', 'drop') ORDER BY 2, 1, 4, 5`,
    ),
    spans: readRaw(store, 'SELECT * FROM clean_span ORDER BY 1, 2, 3, 4'),
    qualities: readRaw(store, 'SELECT * FROM day_quality ORDER BY 1'),
    corrections: readRaw(store, 'SELECT * FROM daily_correction ORDER BY 2, 3, 4, 5, 1, 6'),
    totals: readRaw(store, 'SELECT * FROM daily_total ORDER BY scope, attribution, axis, key, day'),
  }
}
