import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { openStore } from '../../src/store/open-store.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock, MIGRATIONS, temporaryFolder, temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import { expectKept, failureOf, NOON, PAGE_SIZE, sweep, threePages, undisturbed } from './three-page-hub.ts'

const open = (file: string) =>
  failureOf(
    new Promise(resolve => resolve(openStore({ file, migrationsFolder: MIGRATIONS }))),
    EXIT_CODES.storage,
  )

/** Bases enough that no page of the sweep finds room in what the file has allocated already. */
const HEAVY = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(number =>
  row(number, { tags: Array.from({ length: 40 }, (_, base) => `base_model:${base}/${'x'.repeat(200)}`) }),
)

test.each([
  ['becomes read-only', 'query_only = 1', 'query_only = 0', 'SQLITE_READONLY', 'write access'],
  ['is full', 'max_page_count = 1', 'max_page_count = 1000000', 'SQLITE_FULL', 'Free space'],
])('a file that %s after page 1 is exit code 7; page 1 is kept and the sweep resumes', async (...of) => {
  const [, spoil, mend, code, next] = of
  const { hub } = await threePages({ rows: HEAVY })
  const whole = await undisturbed(hub)
  const store = temporaryStore()
  const clock = fakeClock(NOON)
  const effects = { hub: clientOf(hub, clock), store, clock, log: silentLog }
  const onPage = () => {
    store.sqlite.pragma(spoil)
  }
  const failure = await failureOf(
    captureSweep({ pageSize: PAGE_SIZE, notice: null, onPage }, effects),
    EXIT_CODES.storage,
  )
  expect(failure.remedy.happened).toContain(code)
  expect(failure.remedy.happened).toContain(store.file)
  expect(failure.remedy.next).toContain(next)
  expectKept(store, 1)
  store.sqlite.pragma(mend)
  expect((await sweep(hub, store)).began).toBe('resumed')
  expect(contentLines(store.file)).toEqual(whole)
})

test('a SQLite file of another program is refused and left as it was', async () => {
  const file = join(temporaryFolder(), 'foreign.db')
  const foreign = new Database(file)
  foreign.exec('CREATE TABLE somebody_elses (a); INSERT INTO somebody_elses VALUES (1)')
  foreign.close()
  const before = readFileSync(file)
  const failure = await open(file)
  expect(failure.remedy.happened).toContain('"somebody_elses"')
  expect(failure.remedy.kept).toBe('The file was not changed.')
  expect(readFileSync(file)).toEqual(before)
})

test('an application id of another program is refused though its file has no table', async () => {
  const file = join(temporaryFolder(), 'foreign.db')
  const foreign = new Database(file)
  foreign.pragma('application_id = 77')
  foreign.close()
  expect((await open(file)).remedy.happened).toContain('another program')
})

test('a file that is not SQLite is refused and left as it was', async () => {
  const file = join(temporaryFolder(), 'notes.txt')
  const text = 'Not a database, but somebody may need it.\n'.repeat(50)
  writeFileSync(file, text)
  const failure = await open(file)
  expect(failure.remedy.happened).toContain('SQLITE_NOTADB')
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a file of a newer program is refused and left as it was', async () => {
  const file = join(temporaryFolder(), 'census.db')
  const { hub } = await threePages()
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  await sweep(hub, store)
  store.sqlite.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 4102444800000)")
  store.close()
  const before = contentLines(file)
  const failure = await open(file)
  expect(failure.remedy.happened).toContain('newer hub-census')
  expect(failure.remedy.next).toContain('Update hub-census')
  expect(contentLines(file)).toEqual(before)
})

test('a census cut in the middle is refused, never begun anew', async () => {
  const file = join(temporaryFolder(), 'census.db')
  const { hub } = await threePages()
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  await sweep(hub, store)
  store.close()
  const half = readFileSync(file).subarray(0, 6000)
  writeFileSync(file, half)
  const failure = await open(file)
  expect(failure.remedy.happened).toMatch(/SQLITE_(CORRUPT|NOTADB)/)
  expect(readFileSync(file)).toEqual(half)
})
