import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { DEFINITION_VERSION } from '../../src/derive/headline-metrics.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { openStore } from '../../src/store/open-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { beginSweep } from '../../src/store/sweep-ledger.ts'
import { MIGRATIONS, PACKAGE_ROOT, temporaryFolder, temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'

interface Journal {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[]
}

const run = promisify(execFile)
const DRIZZLE_KIT = join(PACKAGE_ROOT, 'node_modules', '.bin', 'drizzle-kit')
const readJournal = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as Journal

/** A copy of the migrations that a test may spoil. */
function copyOfMigrations(): string {
  const folder = join(temporaryFolder(), 'migrations')
  cpSync(MIGRATIONS, folder, { recursive: true })
  return folder
}

/** Puts one more migration at the end of a copied folder. */
function append(folder: string, when: number, statement: string): void {
  const journal = readJournal(folder)
  const idx = journal.entries.length
  const tag = `${String(idx).padStart(4, '0')}_appended`
  writeFileSync(join(folder, `${tag}.sql`), statement)
  journal.entries.push({ idx, version: '6', when, tag, breakpoints: true })
  writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
}

function refusal(open: () => unknown): StoreError {
  try {
    open()
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError)
    return error as StoreError
  }
  throw new Error('the file was opened')
}

describe('the schema', () => {
  test('is made in an empty file, and opening again changes nothing', () => {
    const file = join(temporaryFolder(), 'census.db')
    writeFileSync(file, '')
    const dump = () => {
      const store = openStore({ file, migrationsFolder: MIGRATIONS })
      const schema = readRaw(store, 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name')
      const ledger = readRaw(store, 'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at')
      const docs = readRaw(store, 'SELECT * FROM table_doc ORDER BY name')
      store.close()
      return { schema, ledger, docs }
    }
    const first = dump()
    expect(first.ledger).toHaveLength(readJournal(MIGRATIONS).entries.length)
    expect(first.schema.length).toBeGreaterThan(20)
    expect(dump()).toEqual(first)
  })

  test('is STRICT in every table, and WITHOUT ROWID wherever the key is composite', () => {
    const store = temporaryStore()
    const tables = readRaw(
      store,
      `SELECT name, strict, wr, (SELECT count(*) FROM pragma_table_info(list.name) WHERE pk > 0)
       FROM pragma_table_list AS list
       WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '__drizzle_migrations'`,
    ) as [string, number, number, number][]
    expect(tables.length).toBeGreaterThan(15)
    expect(tables.filter(([, strict]) => strict !== 1)).toEqual([])
    expect(tables.filter(([, , , keys]) => keys > 1).length).toBeGreaterThan(5)
    expect(tables.filter(([, , withoutRowid, keys]) => keys > 1 && withoutRowid !== 1)).toEqual([])
  })

  test('documents every view inside the file, and every documented name exists', () => {
    const store = temporaryStore()
    const views = readRaw(store, "SELECT name FROM sqlite_schema WHERE type = 'view'").flat()
    const documented = readRaw(store, 'SELECT name FROM table_doc').flat()
    expect(views.filter(name => !documented.includes(name))).toEqual([])
    for (const name of documented) expect(() => readRaw(store, `SELECT * FROM ${name} LIMIT 1`)).not.toThrow()
  })

  test('refuses text in an integer column and a value SQLite would only bend', () => {
    const store = temporaryStore()
    const insert = store.sqlite.prepare(
      'INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time) VALUES (?, ?, ?, ?)',
    )
    expect(() => insert.run(1, 1, 'many', null)).toThrow(/cannot store TEXT value in INTEGER column/)
    expect(() => insert.run(1, 1, 1.5, null)).toThrow(/cannot store REAL value in INTEGER column/)
    expect(() => insert.run(1, 1, null, null)).toThrow(/NOT NULL/)
    expect(insert.run(1, 1, 1, null).changes).toBe(1)
  })

  test('keeps counters beyond 2^31 exact, and their sums beyond 2^53 exact in SQL', () => {
    const store = temporaryStore()
    const insert = store.sqlite.prepare(
      'INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time) VALUES (20000, ?, 2147483648, ?)',
    )
    insert.run(1, 3_400_446_695)
    insert.run(2, 2 ** 31)
    expect(readRaw(store, 'SELECT sum(downloads_all_time), sum(downloads_30d) FROM observation')).toEqual([
      [5_547_930_343, 4_294_967_296],
    ])
    insert.run(3, BigInt(2 ** 53))
    insert.run(4, 1n)
    const sum = store.sqlite
      .prepare('SELECT sum(downloads_all_time) FROM observation WHERE repo_key > 2')
      .pluck()
      .safeIntegers()
    expect(sum.get()).toBe(9_007_199_254_740_993n)
  })

  test('refuses a sweep whose rows do not balance', () => {
    const store = temporaryStore()
    const { sweepKey } = beginSweep(store, {
      source: 'x',
      notice: null,
      day: parseUtcDay('2026-01-01'),
      startedAt: 0,
    })
    const set = store.sqlite.prepare(
      'UPDATE sweep SET row_count = ?, stored_count = ?, unchanged_count = ?, quarantined_count = ? WHERE sweep_key = ?',
    )
    expect(() => set.run(10, 4, 5, 0, sweepKey)).toThrow(/sweep_rows_balance/)
    expect(set.run(10, 4, 5, 1, sweepKey).changes).toBe(1)
    expect(() => store.sqlite.prepare("UPDATE sweep SET state = 'done'").run()).toThrow(/sweep_state/)
  })
})

describe('the journal', () => {
  test('rises strictly and names a file for every entry, and no file besides', () => {
    const { entries } = readJournal(MIGRATIONS)
    expect(entries.map(entry => entry.idx)).toEqual(entries.map((_, index) => index))
    for (const [index, entry] of entries.entries()) {
      expect(entry.when).toBeGreaterThan(entries[index - 1]?.when ?? 0)
    }
    const files = readdirSync(MIGRATIONS).filter(name => name.endsWith('.sql'))
    expect(files.sort()).toEqual(entries.map(entry => `${entry.tag}.sql`))
  })

  test('with a late entry older than the newest applied is caught: drizzle skips it without a word', () => {
    const folder = copyOfMigrations()
    const file = join(temporaryFolder(), 'census.db')
    openStore({ file, migrationsFolder: folder }).close()
    append(folder, readJournal(folder).entries.at(-1)!.when - 1, 'CREATE TABLE late (a integer) STRICT;')
    const error = refusal(() => openStore({ file, migrationsFolder: folder }))
    expect(error.exitCode).toBe(7)
    expect(error.message).toMatch(/migration \d{4}_appended was skipped/)
    const sqlite = new Database(file, { readonly: true })
    expect(sqlite.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'late'").pluck().get()).toBe(0)
    sqlite.close()
  })

  test('with a newer entry is applied to an older file, facts kept', () => {
    const folder = copyOfMigrations()
    const file = join(temporaryFolder(), 'census.db')
    const old = openStore({ file, migrationsFolder: folder })
    beginSweep(old, { source: 'kept', notice: null, day: parseUtcDay('2026-01-01'), startedAt: 0 })
    old.close()
    append(folder, readJournal(folder).entries.at(-1)!.when + 1, 'CREATE TABLE later (a integer) STRICT;')
    const store = temporaryStoreAt(file, folder)
    expect(readRaw(store, 'SELECT source FROM sweep')).toEqual([['kept']])
    expect(readRaw(store, "SELECT name FROM sqlite_schema WHERE name = 'later'")).toEqual([['later']])
    store.close()
  })
})

/** The migrations up to a number, as an earlier release had them. */
function migrationsBefore(idx: number): string {
  const folder = copyOfMigrations()
  const journal = readJournal(folder)
  for (const entry of journal.entries.splice(idx)) rmSync(join(folder, `${entry.tag}.sql`))
  writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
  return folder
}

describe('the migration to lineage', () => {
  test('keeps published shares as those by base, and marks everything published as due again', () => {
    const file = join(temporaryFolder(), 'census.db')
    const old = openStore({ file, migrationsFolder: migrationsBefore(4) })
    old.sqlite.exec(`
      INSERT INTO daily_share VALUES (20000, 'downloads_30d', 'ever', 5, 9, 1, 4, 3);
      INSERT INTO daily_share_line VALUES (20000, 'downloads_30d', 'ever', 'china', 2.5), (20000, 'downloads_30d', 'ever', 'other', 1.5);
      INSERT INTO daily_total_basis VALUES ('0123456789ab', 7, 1, 0)`)
    const said = readRaw(old, 'SELECT * FROM v1_derivative_share ORDER BY line')
    old.close()
    const store = temporaryStore(file)
    expect(readRaw(store, 'SELECT * FROM v1_derivative_share ORDER BY line')).toEqual(
      said.map(row => [...row, 'base']),
    )
    expect(said).toHaveLength(2)
    expect(readRaw(store, 'SELECT definition_version FROM daily_total_basis')).toEqual([[1]])
    expect(DEFINITION_VERSION).toBeGreaterThan(1)
  })
})

function temporaryStoreAt(file: string, migrationsFolder: string) {
  return openStore({ file, migrationsFolder })
}

describe('a file that is not for us', () => {
  test('is refused when a newer program wrote it, and left as it was', () => {
    const folder = copyOfMigrations()
    append(folder, readJournal(folder).entries.at(-1)!.when + 1, 'CREATE TABLE later (a integer) STRICT;')
    const file = join(temporaryFolder(), 'census.db')
    openStore({ file, migrationsFolder: folder }).close()
    const before = readFileSync(file)
    const error = refusal(() => openStore({ file, migrationsFolder: MIGRATIONS }))
    expect(error.exitCode).toBe(7)
    expect(error.message).toContain('newer hub-census')
    const known = readJournal(MIGRATIONS).entries.length
    expect(error.message).toContain(`${known + 1} migrations, this program knows ${known}`)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test.each([
    [
      'a SQLite file of another program',
      (file: string) => {
        const other = new Database(file)
        other.exec("CREATE TABLE contacts (name text); INSERT INTO contacts VALUES ('Ada')")
        other.close()
      },
    ],
    [
      'a file of another drizzle project',
      (file: string) => {
        const other = new Database(file)
        other.exec(
          'CREATE TABLE __drizzle_migrations (id integer, hash text, created_at numeric); CREATE TABLE orders (a)',
        )
        other.close()
      },
    ],
    [
      'an application with an id of its own',
      (file: string) => {
        const other = new Database(file)
        other.pragma('application_id = 12345')
        other.close()
      },
    ],
    ['no SQLite file at all', (file: string) => writeFileSync(file, 'not a database, '.repeat(100))],
  ])('is refused when it is %s, byte for byte untouched', (_, make) => {
    const folder = temporaryFolder()
    const file = join(folder, 'other.db')
    make(file)
    const before = readFileSync(file)
    const error = refusal(() => openStore({ file, migrationsFolder: MIGRATIONS }))
    expect(error.exitCode).toBe(7)
    expect(error.remedy.next).toContain('--db')
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(folder)).toEqual(['other.db'])
  })

  test('is not made by a command that only reads', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'absent.db')
    expect(refusal(() => openStore({ file, migrationsFolder: MIGRATIONS, mustExist: true })).exitCode).toBe(7)
    expect(existsSync(file)).toBe(false)
    expect(
      refusal(() => openStore({ file: join(folder, 'no', 'x.db'), migrationsFolder: MIGRATIONS })).message,
    ).toContain('does not exist')
  })

  test('a new file is marked as ours before its first migration, so a kill in between leaves it openable', () => {
    const folder = copyOfMigrations()
    append(
      folder,
      readJournal(folder).entries.at(-1)!.when + 1,
      'CREATE TABLE probe AS SELECT application_id FROM pragma_application_id;',
    )
    const file = join(temporaryFolder(), 'census.db')
    const store = temporaryStoreAt(file, folder)
    expect(readRaw(store, 'SELECT application_id FROM probe')).toEqual([[0x48756243]])
    store.close()
  })
})

describe('drizzle-kit', () => {
  /** The part of the package that drizzle-kit reads, copied, so that nothing it writes reaches the repository. */
  function workshop(): string {
    const folder = temporaryFolder()
    for (const part of [
      'migrations',
      join('src', 'store', 'schema'),
      'drizzle.config.ts',
      'package.json',
      'tsconfig.json',
    ])
      cpSync(join(PACKAGE_ROOT, part), join(folder, part), { recursive: true })
    symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir')
    return folder
  }
  const migrationsIn = (folder: string) =>
    readdirSync(join(folder, 'migrations')).filter(name => name.endsWith('.sql'))

  test('finds no difference between schema and migrations, and would find one', async () => {
    const folder = workshop()
    const before = migrationsIn(folder)
    const { stdout } = await run(DRIZZLE_KIT, ['generate'], { cwd: folder })
    expect(stdout).toContain('No schema changes')
    expect(migrationsIn(folder)).toEqual(before)

    appendFileSync(
      join(folder, 'src', 'store', 'schema', 'registry.ts'),
      "\nexport const added = sqliteTable('added', { a: integer('a') })\n",
    )
    await run(DRIZZLE_KIT, ['generate'], { cwd: folder })
    expect(migrationsIn(folder)).toHaveLength(before.length + 1)
  })

  test('finds the snapshots in order', async () => {
    const { stdout } = await run(DRIZZLE_KIT, ['check'], { cwd: workshop() })
    expect(stdout).toContain("Everything's fine")
  })
})
