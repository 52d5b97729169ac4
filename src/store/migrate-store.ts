import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { StoreError } from './store-error.ts'

interface Journal {
  entries: { idx: number; tag: string; when: number }[]
}

/**
 * Brings the schema up to date and proves it: every migration of the journal is applied, in order, and no other.
 * drizzle silently skips a migration whose `when` is not later than the newest applied one, so its word is not
 * taken for it. Throws a StoreError when the file was written by a newer program or a migration was skipped.
 */
export function migrateStore(sqlite: Database.Database, file: string, migrationsFolder: string): void {
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')) as Journal
  const expected = journal.entries.map(entry => entry.when)
  const before = appliedMigrations(sqlite)
  const unknown = before.filter(when => !expected.includes(when))
  if (unknown.length > 0) {
    throw new StoreError({
      happened: `${file} was written by a newer hub-census: it has ${before.length} migrations, this program knows ${expected.length}.`,
      kept: 'The file was not changed.',
      next: 'Update hub-census, or name another file with --db.',
    })
  }
  migrateAmongOthers(sqlite, migrationsFolder, expected)
  const applied = appliedMigrations(sqlite)
  const skipped = journal.entries.filter(entry => !applied.includes(entry.when))
  if (skipped.length > 0) {
    throw new StoreError({
      happened: `${file}: migration ${skipped.map(entry => entry.tag).join(', ')} was skipped.`,
      kept: 'The migrations before it are in place; no fact was touched.',
      next: 'Report this: the journal in migrations/meta is out of order.',
    })
  }
}

/**
 * Migrates where another process may be doing the same: drizzle reads its ledger before it has the file, so the second
 * of two finds tables that it means to make. Whoever failed looks again; what the other one did is done.
 */
function migrateAmongOthers(
  sqlite: Database.Database,
  migrationsFolder: string,
  expected: readonly number[],
): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      migrate(drizzle(sqlite), { migrationsFolder })
      return
    } catch (error) {
      if (sqlite.inTransaction) sqlite.exec('ROLLBACK')
      const applied = appliedMigrations(sqlite)
      if (expected.every(when => applied.includes(when))) return
      if (attempt >= MIGRATION_ATTEMPTS || !isRace(error)) throw error
    }
  }
}

const MIGRATION_ATTEMPTS = 5

function isRace(error: unknown): boolean {
  const texts = [error, (error as { cause?: unknown } | null)?.cause].map(String)
  return texts.some(text => /already exists|duplicate column|no such column|database is locked/i.test(text))
}

function appliedMigrations(sqlite: Database.Database): number[] {
  const ledger = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get()
  if (!ledger) return []
  return sqlite
    .prepare('SELECT created_at FROM __drizzle_migrations ORDER BY created_at')
    .pluck()
    .all()
    .map(Number)
}
