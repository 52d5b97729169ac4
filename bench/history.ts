import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { captureNights } from './made-hub.ts'
import { type CapturedRow, type Past, planPast } from './made-past.ts'

export interface HistoryOptions {
  /** Days the file shall hold in the end, the captured ones included. */
  days: number
  /** Share of repositories whose counters change from one day to the next; 0.3 as on the Hub. */
  changedShare?: number
  seed?: number
}

export interface MadeHistory {
  days: number
  /** Observations in the file. */
  rows: number
  seconds: number
  rowsPerSecond: number
  fileBytes: number
}

/** What a day's sweep row says. */
interface DayCounts {
  stored: number
  downloads30d: number
  allTime: number
}

type Sqlite = Database.Database

const ROWS_A_STATEMENT = 100
const MS_A_DAY = 86_400_000

/**
 * Gives a census file a past: further days before its first captured night, as if the census had begun earlier and the
 * captured nights were its newest. Counters lead up to what was captured, so the same Hub can be captured again the night
 * after. Plain SQL on the tables of the migrations: nothing that is measured is used. Totals are not made; the next
 * `refreshMetrics` recomputes history. The file must be the bench's own: an interruption breaks it.
 */
export function backdate(file: string, { days, changedShare = 0.3, seed = 1 }: HistoryOptions): MadeHistory {
  const since = performance.now()
  const sqlite = new Database(file)
  sqlite.pragma('journal_mode = OFF')
  sqlite.pragma('synchronous = OFF')
  sqlite.pragma('cache_size = -200000')
  const nights = sqlite
    .prepare<[], number>("SELECT DISTINCT day FROM sweep WHERE state = 'complete' ORDER BY day")
    .pluck()
    .all()
  const night = nights[0]
  const added = days - nights.length
  if (night === undefined || added < 1) throw new Error(`${nights.length} days captured, ${days} wanted`)
  const captured = sqlite
    .prepare(
      'SELECT repo_key, downloads_30d, downloads_all_time, likes FROM observation WHERE day = ? ORDER BY repo_key',
    )
    .raw()
    .all(night) as CapturedRow[]
  const past = planPast(captured, { days: added, changedShare, seed })
  sqlite.exec('BEGIN')
  // Emptied and filled again in key order: rows put before others would leave every page half full.
  sqlite.exec(`CREATE TEMP TABLE newer AS SELECT * FROM observation WHERE day > ${night}`)
  sqlite.exec('DELETE FROM observation')
  const counts = writeObservations(sqlite, captured, past, night - added, added)
  sqlite.exec('INSERT INTO observation SELECT * FROM newer ORDER BY day, repo_key')
  sqlite.exec('DROP TABLE newer')
  writeSweeps(sqlite, counts, night)
  moveBirths(sqlite, captured, past, night - added, night)
  sqlite.exec('COMMIT')
  sqlite.pragma('journal_mode = WAL')
  const rows = sqlite.prepare<[], number>('SELECT count(*) FROM observation').pluck().get()!
  sqlite.close()
  const seconds = (performance.now() - since) / 1000
  return { days, rows, seconds, rowsPerSecond: rows / seconds, fileBytes: statSync(file).size }
}

/** Every day up to and with the captured one, in key order. */
function writeObservations(
  sqlite: Sqlite,
  captured: readonly CapturedRow[],
  past: Past,
  firstDay: number,
  lastDay: number,
): DayCounts[] {
  const insert = (rows: number) =>
    sqlite.prepare<[(number | null)[]]>(
      `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time, likes)
       VALUES ${Array(rows).fill('(?,?,?,?,?)').join(',')}`,
    )
  const [many, one] = [insert(ROWS_A_STATEMENT), insert(1)]
  const everyone = Int32Array.from(captured.keys())
  const changedOn = new Int32Array(captured.length).fill(-1)
  const counts: DayCounts[] = []
  const sums = { downloads30d: 0, allTime: 0 }
  let values: (number | null)[] = []
  for (let day = 0; day <= lastDay; day += 1) {
    let stored = 0
    for (const position of day === 0 ? everyone : past.moving) {
      if (day > past.lastChange[position]! || (day > 0 && !past.isChangedOn(position, day))) continue
      const before = changedOn[position]!
      changedOn[position] = day
      const [repoKey, , , likes] = captured[position]!
      const downloads30d = past.downloads30d(position, day)
      const allTime = past.allTime(position, day)
      values.push(firstDay + day, repoKey, downloads30d, allTime, likes)
      sums.downloads30d += downloads30d - (before < 0 ? 0 : past.downloads30d(position, before))
      sums.allTime += (allTime ?? 0) - (before < 0 ? 0 : (past.allTime(position, before) ?? 0))
      stored += 1
      if (values.length < ROWS_A_STATEMENT * 5) continue
      many.run(values)
      values = []
    }
    counts.push({ stored, ...sums })
  }
  for (let at = 0; at < values.length; at += 5) one.run(values.slice(at, at + 5))
  return counts
}

/**
 * One complete sweep a day with its pages, copied from the captured one, whatever columns it has. Keys below the captured
 * one's: the order of keys stays the order of days.
 */
function writeSweeps(sqlite: Sqlite, counts: readonly DayCounts[], night: number): void {
  const model = sqlite
    .prepare<[number], number>("SELECT min(sweep_key) FROM sweep WHERE day = ? AND state = 'complete'")
    .pluck()
    .get(night)!
  const tables = ['sweep', 'sweep_page', 'sweep_range']
  const copies = tables.flatMap(table => copyStatement(sqlite, table) ?? [])
  const recount = sqlite.prepare(
    `UPDATE sweep SET stored_count = ?, unchanged_count = row_count - quarantined_count - ?, absent_count = 0,
       duplicate_count = 0, downloads_30d_total = ?, downloads_all_time_total = ? WHERE sweep_key = ?`,
  )
  counts.forEach(({ stored, downloads30d, allTime }, day) => {
    const back = counts.length - 1 - day
    const sweepKey = model - back
    if (back > 0) for (const copy of copies) copy.run({ model, sweepKey, back, backMs: back * MS_A_DAY })
    recount.run(stored, stored, downloads30d, allTime, sweepKey)
  })
}

function copyStatement(sqlite: Sqlite, table: string): Database.Statement | null {
  const columns = sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  if (columns.length === 0) return null
  const moved: Record<string, string> = {
    sweep_key: '@sweepKey',
    day: 'day - @back',
    started_at: 'started_at - @backMs',
    finished_at: 'finished_at - @backMs',
    observed_at: 'observed_at - @backMs',
  }
  return sqlite.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.map(name => moved[name] ?? name).join(', ')}
     FROM ${table} WHERE sweep_key = @model AND @back > 0 AND @backMs > 0`,
  )
}

/** What was first seen on the captured night was there from the first day on. */
function moveBirths(
  sqlite: Sqlite,
  captured: readonly CapturedRow[],
  past: Past,
  firstDay: number,
  night: number,
): void {
  const move = sqlite.prepare(
    `UPDATE repo SET first_seen_on = @firstDay, observed_on = iif(observed_on = @night, @last, observed_on)
     WHERE repo_key = @repoKey`,
  )
  captured.forEach(([repoKey], position) => {
    move.run({ repoKey, firstDay, night, last: firstDay + past.lastChange[position]! })
  })
  sqlite.prepare('UPDATE base_edge SET first_seen_on = ? WHERE first_seen_on = ?').run(firstDay, night)
  const packs = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'observation_pack'").get()
  // Derived from the rows that were written anew.
  if (packs) sqlite.exec('DELETE FROM observation_pack')
}

/** `node dist/bench/history.js [file | repositories] [days]`: makes a file of two nights when there is none. */
if (argv[1] === fileURLToPath(import.meta.url)) {
  const [from = '5000', days = '60'] = argv.slice(2)
  const file = existsSync(from) ? from : join(process.cwd(), `history-${from}x${days}.db`)
  if (!existsSync(from)) await captureNights(file, Number(from), [0, 1])
  process.stdout.write(`${JSON.stringify({ file, ...backdate(file, { days: Number(days) }) }, null, 2)}\n`)
}
