import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'

/** When something was done differs from run to run; what was stored must not. */
const TIMES = new Set(['started_at', 'finished_at', 'observed_at', 'mirrored_at', 'published_at'])
const LOGS = new Set(['job_run', 'lease', '__drizzle_migrations'])

/** Every row of every fact table as sorted text, without times: two files with the same lines hold the same census. */
export function contentLines(file: string): string[] {
  const db = new Database(file, { readonly: true })
  try {
    const tables = db
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .pluck()
      .all() as string[]
    return tables
      .filter(table => !LOGS.has(table))
      .flatMap(table => {
        const columns = (db.pragma(`table_info(${table})`) as { name: string }[])
          .map(column => column.name)
          .filter(name => !TIMES.has(name))
        const rows = db
          .prepare(`SELECT ${columns.join(', ')} FROM ${table}`)
          .raw()
          .all() as unknown[][]
        return rows.map(row => `${table} ${JSON.stringify(row.map(readable))}`).sort()
      })
  } finally {
    db.close()
  }
}

/** One hash over the same. */
export function contentHash(file: string): string {
  return createHash('sha256').update(contentLines(file).join('\n')).digest('hex')
}

function readable(value: unknown): unknown {
  return Buffer.isBuffer(value) ? value.toString('hex') : value
}
