import { statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { startMadeHub, withFolder } from './made-hub.ts'
import { type Measured, runMeasured } from './measured-process.ts'
import { fetchPageFiles, listPageFiles, readPageFile } from './page-files.ts'

/** What the bare insert did: the floor of the first sweep's writing. */
export interface BareInsert {
  rows: number
  /** Inserts and commits alone, without reading or parsing. */
  seconds: number
  rowsPerSecond: number
  fileBytes: number
  bytesPerRow: number
}

type Value = Buffer | string | number | null

const COLUMNS = `hub_id, repo_id, publisher_key, created_at, last_modified_at, task_key, library_key, licence_key,
  parameters, gated, downloads_30d, downloads_all_time, likes`
const COLUMN_COUNT = 13
const ROWS_A_STATEMENT = 50
const ROWS_A_TRANSACTION = 1000
const PAGES_AHEAD = 20

/**
 * The fastest way to put pages into SQLite that was measured (speed.md): one table keyed by `_id` in creation order,
 * prepared multi-row VALUES, one transaction a page, and nothing of what a census does beside. Rows are read and parsed
 * ahead, untimed. A step for `runMeasured`.
 */
export function insertPages({ pages, database }: { pages: string; database: string }): BareInsert {
  const sqlite = new Database(database)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = NORMAL')
  sqlite.pragma('cache_size = -200000')
  sqlite.exec(`CREATE TABLE repo (hub_id BLOB PRIMARY KEY, repo_id TEXT NOT NULL, publisher_key INTEGER NOT NULL,
    created_at INTEGER NOT NULL, last_modified_at INTEGER, task_key INTEGER, library_key INTEGER, licence_key INTEGER,
    parameters INTEGER, gated TEXT NOT NULL, downloads_30d INTEGER NOT NULL, downloads_all_time INTEGER,
    likes INTEGER) STRICT`)
  const place = `(${Array(COLUMN_COUNT).fill('?').join(',')})`
  const insert = (rows: number) =>
    sqlite.prepare<[Value[]]>(`INSERT INTO repo (${COLUMNS}) VALUES ${Array(rows).fill(place).join(',')}`)
  const [many, one] = [insert(ROWS_A_STATEMENT), insert(1)]
  const commit = sqlite.transaction((statements: Value[][]) => {
    for (const values of statements) {
      if (values.length === COLUMN_COUNT) one.run(values)
      else many.run(values)
    }
  })
  const project = openProjection()
  const files = listPageFiles(pages)
  let rows = 0
  let seconds = 0
  for (let from = 0; from < files.length; from += PAGES_AHEAD) {
    const parsed = files.slice(from, from + PAGES_AHEAD).flatMap(file => readPageFile(file).map(project))
    const transactions = chunks(parsed, ROWS_A_TRANSACTION).map(statementsOf)
    const since = performance.now()
    for (const statements of transactions) commit(statements)
    seconds += (performance.now() - since) / 1000
    rows += parsed.length
  }
  sqlite.pragma('wal_checkpoint(TRUNCATE)')
  sqlite.close()
  const fileBytes = statSync(database).size
  return { rows, seconds, rowsPerSecond: rows / seconds, fileBytes, bytesPerRow: fileBytes / rows }
}

/** Full statements of 50 rows, then the rest one by one. */
function statementsOf(rows: readonly Value[][]): Value[][] {
  const full = rows.length - (rows.length % ROWS_A_STATEMENT)
  return [...chunks(rows.slice(0, full), ROWS_A_STATEMENT).map(part => part.flat()), ...rows.slice(full)]
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  )
}

/** Wire row to the 13 values, words as keys of a dictionary in memory. */
function openProjection(): (row: Record<string, unknown>) => Value[] {
  const keys = new Map<string, number>()
  const key = (kind: string, word: unknown): number | null => {
    if (typeof word !== 'string') return null
    const id = `${kind} ${word}`
    if (!keys.has(id)) keys.set(id, keys.size + 1)
    return keys.get(id)!
  }
  const second = (instant: unknown) =>
    typeof instant === 'string' ? Math.floor(Date.parse(instant) / 1000) : null
  const count = (value: unknown) => (typeof value === 'number' ? value : null)
  return row => {
    const repoId = String(row.id)
    const licence = (row.tags as string[]).find(tag => tag.startsWith('license:'))
    return [
      Buffer.from(String(row._id), 'hex'),
      repoId,
      key('publisher', repoId.split('/', 1)[0]),
      second(row.createdAt),
      second(row.lastModified),
      key('task', row.pipeline_tag),
      key('library', row.library_name),
      key('licence', licence),
      count((row.safetensors as { total?: number } | undefined)?.total),
      typeof row.gated === 'string' ? row.gated : 'no',
      count(row.downloads),
      count(row.downloadsAllTime),
      count(row.likes),
    ]
  }
}

/** Inserts a folder of page files in a process of its own. */
export function measureBareInsert(pages: string): Promise<Measured<BareInsert>> {
  return withFolder(folder =>
    runMeasured(
      { module: import.meta.url, step: 'insertPages' },
      { pages, database: join(folder, 'bare.db') },
    ),
  )
}

/** `node dist/bench/bare-insert.js [repositories | folder of page files]` */
if (argv[1] === fileURLToPath(import.meta.url)) {
  const from = argv[2] ?? '20000'
  const report = async (pages: string) => {
    const { result, peakMB } = await measureBareInsert(pages)
    process.stdout.write(`${JSON.stringify({ ...result, peakMB }, null, 2)}\n`)
  }
  if (/^\d+$/.test(from)) {
    const hub = await startMadeHub(Number(from), [0])
    await withFolder(async folder => report((await fetchPageFiles(hub.origin, folder)).folder))
    await hub.close()
  } else await report(from)
}
