import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { migrateStore } from './migrate-store.ts'
import { explainSqliteError, StoreError } from './store-error.ts'

/** "HubC": marks a SQLite file as ours, so that a foreign one is never migrated. */
const APPLICATION_ID = 0x48756243

/** A night's totals take the file for a moment, a recomputed history of years for minutes; pages wait so long. */
const PATIENCE_MS = 180_000
/** Room for the pages of every index that a night's births and renames touch. */
const CACHE_KIB = 32 * 1024
/**
 * The log is brought into the file each time it holds so many of SQLite's pages (32 MB): every 1,000, the default, a sweep
 * copies the same ends of its tables eight times as often and waits for the disk as often (6.4 ms a page against 6.9).
 */
const LOG_PAGES_A_CHECKPOINT = 8_000
/** What the log beside the file may keep after a reader has made it grow. */
const LARGEST_IDLE_LOG_BYTES = 64 * 1024 * 1024

/** An open census file. Queries are functions that take the store as their first argument. */
export interface Store {
  readonly file: string
  readonly sqlite: Database.Database
  readonly db: BetterSQLite3Database
  close(): void
}

export interface OpenStoreOptions {
  file: string
  migrationsFolder: string
  /** Milliseconds to wait for another writer. */
  busyTimeout?: number
  /** Refuse to make a new file: for commands that only read. */
  mustExist?: boolean
}

/**
 * Opens the census file, makes it when absent, and migrates it. Throws a StoreError when the file is foreign,
 * newer, corrupt or not writable, a LeaseError when another process holds it; the file is then unchanged.
 */
export function openStore(options: OpenStoreOptions): Store {
  const { file, migrationsFolder } = options
  if (!existsSync(file)) {
    if (options.mustExist) {
      throw new StoreError({
        happened: `There is no census file at ${file}.`,
        kept: 'Nothing was made or changed.',
        next: 'Type "hub-census sweep" to take the first census, "hub-census demo" to try one, or name a file with --db.',
      })
    }
    if (!existsSync(dirname(file))) {
      throw new StoreError({
        happened: `The folder ${dirname(file)} does not exist.`,
        kept: 'Nothing was made or changed.',
        next: 'Make the folder, or name another file with --db.',
      })
    }
  }
  let sqlite: Database.Database | undefined
  try {
    sqlite = new Database(file, { timeout: options.busyTimeout ?? PATIENCE_MS })
    refuseForeign(sqlite, file)
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    sqlite.pragma(`cache_size = -${CACHE_KIB}`)
    sqlite.pragma(`wal_autocheckpoint = ${LOG_PAGES_A_CHECKPOINT}`)
    sqlite.pragma(`journal_size_limit = ${LARGEST_IDLE_LOG_BYTES}`)
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('trusted_schema = OFF')
    // Before the first migration: a kill in between must not leave tables that look like another program's.
    if (sqlite.pragma('application_id', { simple: true }) === 0)
      sqlite.pragma(`application_id = ${APPLICATION_ID}`)
    migrateStore(sqlite, file, migrationsFolder)
  } catch (error) {
    sqlite?.close()
    throw explainSqliteError(error, file)
  }
  const opened = sqlite
  return { file, sqlite: opened, db: drizzle(opened), close: () => opened.close() }
}

function refuseForeign(sqlite: Database.Database, file: string): void {
  const id = sqlite.pragma('application_id', { simple: true })
  if (id === APPLICATION_ID) return
  const tables = sqlite.prepare('SELECT name FROM sqlite_schema LIMIT 4').pluck().all()
  // A first migration that was killed leaves drizzle's empty ledger and no id: still ours to finish.
  const isFresh = tables.every(
    name => String(name).startsWith('__drizzle') || String(name).startsWith('sqlite_'),
  )
  if (id === 0 && isFresh) return
  throw new StoreError({
    happened: `${file} is a SQLite file of another program (${statSync(file).size} bytes, first table ${JSON.stringify(String(tables[0] ?? ''))}).`,
    kept: 'The file was not changed.',
    next: 'Name another file with --db.',
  })
}
