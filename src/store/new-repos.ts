import type Database from 'better-sqlite3'
import { GATINGS, hubIdAt, knownNumber, type ListedRows, repoIdAt, wordAt } from '../domain/listed-rows.ts'
import { handleOf } from '../domain/repo.ts'
import type { SqlValue } from './bulk-insert.ts'
import type { Handles } from './handles.ts'
import type { Terms } from './terms.ts'

/** Rows a statement: 25 are slower, 100 no faster (measured, better-sqlite3 12). */
const ROWS_A_STATEMENT = 50
/** What all rows of a statement share: day, key of the first, and their `_id`s one after another. */
const SHARED_VALUES = 3
const VALUES_A_ROW = 14

/** Inserts repositories that are not in the file yet. Everything runs inside the page's transaction. */
export interface NewRepos {
  /** Begins a page of that day (days since 1970-01-01). */
  begin(day: number): void
  /** Adds a row with the fingerprint to keep; its key. Surely in the table only after `flush`. */
  add(rows: ListedRows, index: number, detailHash: number): number
  flush(): void
  /** Forgets what was not flushed: the page was rolled back. */
  drop(): void
}

/**
 * Every value given is worth 80 ns, and a first sweep gives forty million: so a statement's rows share what they have in
 * common, and texts that SQL can make itself are not given (1.7 µs a row against 2.15 with all nineteen columns given).
 */
export function openNewRepos(sqlite: Database.Database, terms: Terms, handles: Handles): NewRepos {
  const single = sqlite.prepare(insertOf(1))
  const many = sqlite.prepare(insertOf(ROWS_A_STATEMENT))
  const highestKey = sqlite.prepare<[], number | null>('SELECT max(repo_key) FROM repo').pluck()
  const full = SHARED_VALUES + ROWS_A_STATEMENT * VALUES_A_ROW
  const values: (SqlValue | Buffer)[] = Array(full).fill(null)
  let length = SHARED_VALUES
  let hubIds = ''
  let day = 0
  let nextKey = 1
  let firstPending = 1

  function share(key: number, hubIdsOfRows: string): void {
    values[0] = day
    values[1] = key
    values[2] = Buffer.from(hubIdsOfRows, 'hex')
  }

  function forget(): void {
    length = SHARED_VALUES
    hubIds = ''
    firstPending = nextKey
  }

  return {
    begin(of) {
      day = of
      nextKey = (highestKey.get() ?? 0) + 1
      forget()
    },
    add(rows, index, detailHash) {
      const repoId = repoIdAt(rows, index)
      hubIds += hubIdAt(rows.hubIds, index)
      values[length] = repoId
      values[length + 1] = handles.keyOf(handleOf(repoId))
      values[length + 2] = rows.createdAt[index]!
      values[length + 3] = knownNumber(rows.lastModifiedAt[index]!)
      values[length + 4] = terms.termKey('task', wordAt(rows, rows.tasks[index]!))
      values[length + 5] = terms.termKey('library', wordAt(rows, rows.libraries[index]!))
      values[length + 6] = terms.termKey('licence', wordAt(rows, rows.licences[index]!))
      values[length + 7] = knownNumber(rows.parameters[index]!)
      values[length + 8] = rows.gated[index]!
      values[length + 9] = rows.isDisabled[index]!
      values[length + 10] = rows.downloads30d[index]!
      values[length + 11] = knownNumber(rows.downloadsAllTime[index]!)
      values[length + 12] = knownNumber(rows.likes[index]!)
      values[length + 13] = detailHash
      length += VALUES_A_ROW
      const repoKey = nextKey
      nextKey += 1
      if (length === full) {
        handles.flush()
        share(firstPending, hubIds)
        many.run(values)
        forget()
      }
      return repoKey
    },
    flush() {
      handles.flush()
      for (let at = SHARED_VALUES, row = 0; at < length; at += VALUES_A_ROW, row += 1) {
        share(firstPending + row, hubIdAt(hubIds, row))
        single.run([...values.slice(0, SHARED_VALUES), ...values.slice(at, at + VALUES_A_ROW)])
      }
      forget()
    },
    drop: forget,
  }
}

function insertOf(count: number): string {
  const row = (at: number) => `(${at}, ${Array(VALUES_A_ROW).fill('?').join(', ')})`
  const gating = GATINGS.map((word, place) => `WHEN ${place} THEN '${word}'`).join(' ')
  return `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, last_modified_at, task_key, library_key,
      licence_key, parameters, gated, is_disabled, downloads_30d, downloads_all_time, likes, detail_hash,
      last_known_all_time, first_seen_on, observed_on)
    SELECT first_key + column1, substr(hub_ids, column1 * 12 + 1, 12), column2, column3, column4, column5, column6, column7,
      column8, column9, CASE column10 ${gating} END, column11, column12, column13, column14, column15,
      column13, day, day
    FROM (SELECT ? AS day, ? AS first_key, ? AS hub_ids)
    CROSS JOIN (VALUES ${Array.from({ length: count }, (_, at) => row(at)).join(', ')})`
}
