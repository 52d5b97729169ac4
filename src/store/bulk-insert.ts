import type Database from 'better-sqlite3'

/** Rows a statement: 50 is 1.4 times as fast as one, 500 is slower again (measured, better-sqlite3 12). */
const ROWS_A_STATEMENT = 50

export type SqlValue = string | number | null

/** Inserts rows in prepared statements of many rows. What was added is surely in the table only after `flush`. */
export interface BulkInsert {
  add(row: readonly SqlValue[]): void
  flush(): void
  /** Forgets what was not flushed: the transaction it belonged to is gone. */
  drop(): void
}

/**
 * `into` and `columns` are our own words, never text from outside; `onConflict` closes the statement. A column named with
 * `hex ` in front takes hexadecimal text for its bytes: a Buffer a row costs more than SQLite's own reading.
 */
export function openBulkInsert(
  sqlite: Database.Database,
  into: string,
  columns: readonly string[],
  onConflict = '',
): BulkInsert {
  const one = `(${columns.map(column => (column.startsWith('hex ') ? 'unhex(?)' : '?')).join(', ')})`
  const names = columns.map(column => column.replace('hex ', ''))
  const start = `INSERT INTO ${into} (${names.join(', ')}) VALUES `
  const single = sqlite.prepare(`${start}${one} ${onConflict}`)
  const many = sqlite.prepare(`${start}${Array(ROWS_A_STATEMENT).fill(one).join(', ')} ${onConflict}`)
  const full = columns.length * ROWS_A_STATEMENT
  // One array for every statement: a page's worth of short-lived ones costs as much as the inserting.
  const pending: SqlValue[] = Array(full).fill(null)
  let length = 0
  return {
    add(row) {
      for (let column = 0; column < columns.length; column += 1) pending[length + column] = row[column]!
      length += columns.length
      if (length < full) return
      length = 0
      many.run(pending)
    },
    flush() {
      for (let at = 0; at < length; at += columns.length) single.run(pending.slice(at, at + columns.length))
      length = 0
    },
    drop() {
      length = 0
    },
  }
}
