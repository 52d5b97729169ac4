import { openBulkInsert, type SqlValue } from './bulk-insert.ts'
import type { Store } from './open-store.ts'

/** A table whose rows are replaced by difference. Names are our own words, quoted where SQL needs it. */
export interface TableShape {
  table: string
  /** The primary key, in its order. */
  key: readonly string[]
  /** The other columns. */
  values: readonly string[]
}

/** How much a replacement changed; `written` counts new rows and those with another value. */
export interface RowChanges {
  written: number
  removed: number
}

type Row = readonly SqlValue[]

/** Rows read at once: bounds the memory, and leaves the connection free to write in between. */
const CHUNK = 1024
/** Values of the first column whose rows are read at once. */
const VALUES_A_CHUNK = 256

/**
 * Makes the table hold exactly `rows`, the key's columns first, in the caller's transaction, and writes only what differs:
 * one pass over both in the order of the key. With `among`, numbers, only the rows whose first column is one of them are
 * replaced. Throws a RangeError for rows out of that order (numbers by value, text by its bytes), with one key twice, or
 * not among them.
 */
export function replaceRows(
  store: Store,
  shape: TableShape,
  rows: Iterable<Row>,
  among?: readonly number[],
): RowChanges {
  const { table, key, values } = shape
  const width = key.length
  const insert = openBulkInsert(
    store.sqlite,
    table,
    [...key, ...values],
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.map(name => `${name} = excluded.${name}`).join(', ')}`,
  )
  const remove = store.sqlite.prepare(
    `DELETE FROM ${table} WHERE ${key.map(name => `${name} = ?`).join(' AND ')}`,
  )
  const changes: RowChanges = { written: 0, removed: 0 }
  const wanted = among === undefined ? undefined : new Set(among)
  const stored = wanted === undefined ? readRows(store, shape) : readRowsAmong(store, shape, wanted)
  let old = stored.next()
  let before: Row | undefined
  for (const row of rows) {
    if (before !== undefined && compareKeys(before, row, width) >= 0) {
      throw new RangeError(`${table}: ${JSON.stringify(row)} does not come after ${JSON.stringify(before)}`)
    }
    if (wanted !== undefined && !wanted.has(row[0] as number)) {
      throw new RangeError(`${table}: ${JSON.stringify(row)} is not among the rows to replace`)
    }
    before = row
    let order = 1
    while (!old.done) {
      order = compareKeys(old.value, row, width)
      if (order >= 0) break
      take(old.value)
      old = stored.next()
      order = 1
    }
    // What is written lies before everything that is still to be read.
    if (order !== 0 || old.done || !isSame(old.value, row)) {
      insert.add(row)
      changes.written += 1
    }
    if (order === 0) old = stored.next()
  }
  for (; !old.done; old = stored.next()) take(old.value)
  insert.flush()
  return changes

  function take(row: Row): void {
    remove.run(row.slice(0, width))
    changes.removed += 1
  }
}

/**
 * The rows of a table in the order of its key. Columns of a chunk come as JSON texts, a third of the cost of as many rows;
 * SQLite writes a REAL with the 17 digits that bring back the same number.
 */
function* readRows({ sqlite }: Store, { table, key, values }: TableShape): Generator<Row> {
  const columns = [...key, ...values]
  const chunk = sqlite
    .prepare<SqlValue[], string[]>(
      `SELECT ${columns.map(name => `json_group_array(${name})`).join(', ')}
       FROM (SELECT ${columns.join(', ')} FROM ${table}
             WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')}) ORDER BY ${key.join(', ')} LIMIT ${CHUNK})`,
    )
    .raw()
  // Keys begin with that of a repository: never negative.
  let after: Row | undefined = key.map(() => -1)
  while (after !== undefined) {
    const lists: SqlValue[][] = chunk.get(...after)!.map(text => JSON.parse(text) as SqlValue[])
    for (let at = 0; at < lists[0]!.length; at += 1) {
      const row = lists.map(list => list[at]!)
      yield row
    }
    after = lists[0]!.length < CHUNK ? undefined : lists.slice(0, key.length).map(list => list.at(-1)!)
  }
}

/** The rows whose first column is one of `wanted`, in the order of the key. */
function* readRowsAmong(
  { sqlite }: Store,
  { table, key, values }: TableShape,
  wanted: ReadonlySet<number>,
): Generator<Row> {
  const read = sqlite
    .prepare<[string], SqlValue[]>(
      `SELECT ${[...key, ...values].join(', ')} FROM ${table}
       WHERE ${key[0]} IN (SELECT value FROM json_each(?)) ORDER BY ${key.join(', ')}`,
    )
    .raw()
  const sorted = [...wanted].sort((a, b) => a - b)
  for (let at = 0; at < sorted.length; at += VALUES_A_CHUNK)
    yield* read.all(JSON.stringify(sorted.slice(at, at + VALUES_A_CHUNK)))
}

function compareKeys(a: Row, b: Row, width: number): number {
  for (let column = 0; column < width; column += 1) {
    const order = compareValues(a[column]!, b[column]!)
    if (order !== 0) return order
  }
  return 0
}

function compareValues(a: SqlValue, b: SqlValue): number {
  if (a === b) return 0
  if (typeof a === 'number' && typeof b === 'number') return a - b
  // SQLite keeps text in the order of its bytes; beyond the basic plane that is not the order of UTF-16.
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function isSame(a: Row, b: Row): boolean {
  return a.every((value, column) => value === b[column])
}
