import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openBulkInsert } from '../../src/store/bulk-insert.ts'

type Row = [key: number, name: string, count: number | null, bytes: string | null]

const COLUMNS = ['key', 'name', 'count', 'hex bytes']
const BARE = `CREATE TABLE kept (key integer NOT NULL, name text NOT NULL, count integer, bytes blob) STRICT`
const KEYED = BARE.replace('integer NOT NULL,', 'integer PRIMARY KEY,')
/** What the file recorders write: the last row of a key stands. */
const LAST_WINS =
  'ON CONFLICT DO UPDATE SET name = excluded.name, count = excluded.count, bytes = excluded.bytes'

function tableOf(schema: string): Database.Database {
  const sqlite = new Database(':memory:')
  onTestFinished(() => {
    sqlite.close()
  })
  sqlite.exec(schema)
  return sqlite
}

const rowsOf = (sqlite: Database.Database) =>
  sqlite.prepare('SELECT key, name, count, lower(hex(bytes)) FROM kept ORDER BY rowid').raw().all()

/** SQLite's `hex` gives an empty text for null. */
const stored = ([key, name, count, bytes]: Row) => [key, name, count, bytes ?? '']

const hex = fc.uint8Array({ minLength: 1, maxLength: 12 }).map(bytes => Buffer.from(bytes).toString('hex'))
const rowWith = (key: fc.Arbitrary<number>): fc.Arbitrary<Row> =>
  fc.tuple(
    key,
    fc.string({ maxLength: 8 }),
    fc.option(fc.oneof(fc.nat(9), fc.constant(2 ** 31), fc.constant(Number.MAX_SAFE_INTEGER))),
    fc.option(hex),
  )
/** Around one and two statements of fifty rows, and any number between. */
const lengths = fc.oneof(fc.constantFrom(0, 1, 49, 50, 51, 99, 100, 101), fc.nat(160))
const batches = (key: fc.Arbitrary<number>) =>
  fc.array(
    lengths.chain(length => fc.array(rowWith(key), { minLength: length, maxLength: length })),
    { minLength: 1, maxLength: 3 },
  )

describe('a bulk insert', () => {
  test('puts into the table what was added, in order, whatever the numbers of rows between two flushes', () => {
    fc.assert(
      fc.property(batches(fc.nat(5)), all => {
        const sqlite = tableOf(BARE)
        const bulk = openBulkInsert(sqlite, 'kept', COLUMNS)
        const expected: unknown[] = []
        for (const batch of all) {
          for (const row of batch) bulk.add(row)
          bulk.flush()
          expected.push(...batch.map(stored))
          expect(rowsOf(sqlite)).toEqual(expected)
        }
        bulk.flush()
        expect(rowsOf(sqlite)).toHaveLength(expected.length)
      }),
      { numRuns: 60 },
    )
  })

  test('lets the last row of a key stand, be the others in the same statement or in an earlier one', () => {
    fc.assert(
      fc.property(batches(fc.nat(40)), all => {
        const sqlite = tableOf(KEYED)
        const bulk = openBulkInsert(sqlite, 'kept', COLUMNS, LAST_WINS)
        const expected = new Map<number, unknown[]>()
        for (const batch of all) {
          for (const row of batch) {
            bulk.add(row)
            expected.set(row[0], stored(row))
          }
          bulk.flush()
        }
        expect(rowsOf(sqlite)).toEqual([...expected.values()].sort((a, b) => Number(a[0]) - Number(b[0])))
      }),
      { numRuns: 60 },
    )
  })

  test('takes hexadecimal text for bytes, either letter case, and null for null', () => {
    const sqlite = tableOf(BARE)
    const bulk = openBulkInsert(sqlite, 'kept', COLUMNS)
    bulk.add([1, 'a', 1, '00ff'])
    bulk.add([2, 'b', 2, 'AbCd'])
    bulk.add([3, 'c', 3, null])
    bulk.flush()
    expect(sqlite.prepare('SELECT bytes FROM kept ORDER BY key').pluck().all()).toEqual([
      Buffer.from('00ff', 'hex'),
      Buffer.from('abcd', 'hex'),
      null,
    ])
  })

  test('copies what it is given: a row that is used again for the next one spoils nothing', () => {
    const sqlite = tableOf(BARE)
    const bulk = openBulkInsert(sqlite, 'kept', COLUMNS)
    const row: Row = [0, '', null, null]
    for (let key = 0; key < 60; key += 1) {
      row[0] = key
      row[1] = `n${key}`
      bulk.add(row)
    }
    bulk.flush()
    expect(rowsOf(sqlite).map(found => (found as Row)[1])).toEqual(
      Array.from({ length: 60 }, (_, key) => `n${key}`),
    )
  })

  test('forgets what was dropped, and nothing of it comes along with what follows', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(120), (lost, kept) => {
        const sqlite = tableOf(KEYED)
        const bulk = openBulkInsert(sqlite, 'kept', COLUMNS)
        const add = (count: number, name: string) => {
          for (let key = 0; key < count; key += 1) bulk.add([key, name, key, null])
        }
        sqlite.exec('BEGIN')
        add(lost, 'lost')
        sqlite.exec('ROLLBACK')
        bulk.drop()
        add(kept, 'kept')
        bulk.flush()
        expect(rowsOf(sqlite)).toEqual(Array.from({ length: kept }, (_, key) => [key, 'kept', key, '']))
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['of a full statement', 50],
    ['that a flush brings in', 3],
  ])('lets a refused row %s be heard, and works again after the drop', (_, count) => {
    const sqlite = tableOf(KEYED)
    const bulk = openBulkInsert(sqlite, 'kept', COLUMNS)
    const addAll = (last: number) => {
      for (let key = 1; key < count; key += 1) bulk.add([key, 'x', key, null])
      bulk.add([last, 'x', 0, null])
      bulk.flush()
    }
    sqlite.exec('BEGIN')
    expect(() => addAll(1)).toThrow(/UNIQUE/)
    sqlite.exec('ROLLBACK')
    bulk.drop()
    expect(rowsOf(sqlite)).toEqual([])
    addAll(count)
    expect(rowsOf(sqlite)).toHaveLength(count)
  })
})
