import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import type { RepoRow } from '../../src/domain/repo.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { openStore } from '../../src/store/open-store.ts'
import { MIGRATIONS, temporaryFolder } from '../support/census.ts'

/** The migrations the first release came with. */
const FIRST_MIGRATIONS = ['0000_facts', '0001_public-views']

/** Their folder as it was then, journal included. */
function firstMigrations(): string {
  const folder = join(temporaryFolder(), 'migrations')
  cpSync(MIGRATIONS, folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { tag: string }[] }
  for (const { tag } of journal.entries.slice(FIRST_MIGRATIONS.length)) rmSync(join(folder, `${tag}.sql`))
  const entries = journal.entries.slice(0, FIRST_MIGRATIONS.length)
  if (entries.map(({ tag }) => tag).join() !== FIRST_MIGRATIONS.join())
    throw new Error(`the first migrations are ${entries.map(({ tag }) => tag).join()}`)
  writeFileSync(file, JSON.stringify({ ...journal, entries }))
  return folder
}

/** A page as the first release committed it; `refused` rows could not be understood. */
export interface FirstPage {
  rows: readonly RepoRow[]
  /** `_id`s of rows set aside, null where none could be read. */
  refused?: readonly (string | null)[]
  /** Cursor of the next page; null on the last. */
  cursor: string | null
}

export interface FirstSweep {
  day: string
  source: string
  pages: readonly FirstPage[]
  /** `running`: stopped after these pages. */
  state: 'complete' | 'partial' | 'running'
}

export interface FirstRelease {
  file: string
  /** Writes a sweep as the first release did, from noon on. */
  sweep(sweep: FirstSweep): void
  sqlite: Database.Database
  close(): void
}

type Known = {
  repo_key: number
  repo_id: string
  first_seen_on: number
  gone_on: number | null
  downloads_30d: number
  downloads_all_time: number | null
  likes: number | null
  last_known_all_time: number | null
  task_key: number | null
  detail_hash: number
}

/**
 * A census file as the first release wrote it: its own two migrations, and its rows by SQL, with its own hash of a
 * description. Made after the sources of that release, and compared with a file that they wrote.
 */
export function firstRelease(): FirstRelease {
  const file = join(temporaryFolder(), 'census.db')
  const { sqlite, close } = openStore({ file, migrationsFolder: firstMigrations() })
  const run = (text: string, ...values: unknown[]) => sqlite.prepare(text).run(...values)
  const get = (text: string, ...values: unknown[]) => sqlite.prepare(text).get(...values)
  const pluck = (text: string, ...values: unknown[]) =>
    sqlite
      .prepare(text)
      .pluck()
      .get(...values)

  function publisherKey({ repoId }: RepoRow): unknown {
    const handle = repoId.split('/')[0]
    run('INSERT OR IGNORE INTO publisher (handle) VALUES (?)', handle)
    return pluck('SELECT publisher_key FROM publisher WHERE handle = ?', handle)
  }

  function termKey(kind: string, word: string | null): unknown {
    if (word === null) return null
    const find = () => pluck('SELECT term_key FROM term WHERE kind = ? AND word = ?', kind, word)
    if (find() === undefined) run('INSERT INTO term (kind, word) VALUES (?, ?)', kind, word)
    return find()
  }

  function note(kind: string, day: number, repoKey: number, detail: object): void {
    run(
      'INSERT INTO event (kind, day, repo_key, detail) VALUES (?, ?, ?, ?)',
      kind,
      day,
      repoKey,
      JSON.stringify(detail),
    )
  }

  function details(row: RepoRow): unknown[] {
    return [
      row.createdAt,
      row.lastModifiedAt,
      termKey('task', row.task),
      termKey('library', row.library),
      termKey('licence', row.licence),
      row.parameters,
      row.gated,
      row.isDisabled ? 1 : 0,
      firstDetailHash(row),
    ]
  }

  function recordEdges(row: RepoRow, repoKey: number, day: number): void {
    const open = sqlite
      .prepare(
        'SELECT declared, relation, lower(hex(base_hub_id)) FROM base_edge WHERE repo_key = ? AND ended_on IS NULL',
      )
      .raw()
      .all(repoKey) as [string, string, string][]
    const wanted = row.bases.map(base => [base.declared, base.relation, base.baseHubId ?? ''])
    const isIn = (list: readonly (readonly string[])[], edge: readonly string[]) =>
      list.some(other => other.join('\n') === edge.join('\n'))
    for (const edge of open.filter(found => !isIn(wanted, found)))
      run(
        'UPDATE base_edge SET ended_on = ? WHERE repo_key = ? AND declared = ? AND relation = ? AND ended_on IS NULL',
        ...[day, repoKey, edge[0], edge[1]],
      )
    for (const [declared, relation, baseHubId] of wanted.filter(found => !isIn(open, found)))
      run(
        `INSERT INTO base_edge (repo_key, declared, relation, base_hub_id, first_seen_on)
         VALUES (?, ?, ?, unhex(nullif(?, '')), ?)`,
        ...[repoKey, declared, relation, baseHubId, day],
      )
  }

  function observe(row: RepoRow, repoKey: number, day: number): void {
    run(
      `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time, likes) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET downloads_30d = excluded.downloads_30d,
         downloads_all_time = excluded.downloads_all_time, likes = excluded.likes`,
      ...[day, repoKey, row.downloads30d, row.downloadsAllTime, row.likes],
    )
  }

  /** Says whether anything was written. */
  function record(row: RepoRow, day: number): boolean {
    const known = get('SELECT * FROM repo WHERE hub_id = unhex(?)', row.hubId) as Known | undefined
    const counters = [row.downloads30d, row.downloadsAllTime, row.likes]
    if (known === undefined) {
      const { lastInsertRowid } = run(
        `INSERT INTO repo (hub_id, repo_id, publisher_key, first_seen_on, downloads_30d, downloads_all_time, likes,
           last_known_all_time, observed_on, created_at, last_modified_at, task_key, library_key, licence_key,
           parameters, gated, is_disabled, detail_hash)
         VALUES (unhex(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[
          row.hubId,
          row.repoId,
          publisherKey(row),
          day,
          ...counters,
          row.downloadsAllTime,
          day,
          ...details(row),
        ],
      )
      observe(row, Number(lastInsertRowid), day)
      recordEdges(row, Number(lastInsertRowid), day)
      return true
    }
    const { repo_key: repoKey } = known
    const isRenamed = row.repoId !== known.repo_id
    if (isRenamed) {
      run(
        `INSERT INTO repo_name (repo_key, from_on, until_on, repo_id)
         VALUES (?, coalesce((SELECT max(until_on) FROM repo_name WHERE repo_key = ?), ?), ?, ?)`,
        ...[repoKey, repoKey, known.first_seen_on, day, known.repo_id],
      )
      note('rename', day, repoKey, { from: known.repo_id, to: row.repoId })
      run(
        'UPDATE repo SET repo_id = ?, publisher_key = ? WHERE repo_key = ?',
        row.repoId,
        publisherKey(row),
        repoKey,
      )
    }
    const isRedescribed = firstDetailHash(row) !== known.detail_hash
    if (isRedescribed) {
      const taskKey = termKey('task', row.task)
      const from = pluck('SELECT word FROM term WHERE term_key = ?', known.task_key) ?? null
      if (taskKey !== known.task_key) note('task-change', day, repoKey, { from, to: row.task })
      run(
        `UPDATE repo SET created_at = ?, last_modified_at = ?, task_key = ?, library_key = ?, licence_key = ?,
           parameters = ?, gated = ?, is_disabled = ?, detail_hash = ? WHERE repo_key = ?`,
        ...[...details(row), repoKey],
      )
      recordEdges(row, repoKey, day)
    }
    const before = known.last_known_all_time
    const isRecounted =
      counters.join() !== [known.downloads_30d, known.downloads_all_time, known.likes].join()
    if (isRecounted) {
      if (before !== null && row.downloadsAllTime !== null && row.downloadsAllTime < before)
        note('drop', day, repoKey, { from: before, to: row.downloadsAllTime })
      run(
        `UPDATE repo SET downloads_30d = ?, downloads_all_time = ?, likes = ?, last_known_all_time = ?, observed_on = ?
         WHERE repo_key = ?`,
        ...[...counters, row.downloadsAllTime ?? before, day, repoKey],
      )
      observe(row, repoKey, day)
    }
    if (known.gone_on !== null) {
      run('UPDATE repo SET gone_on = NULL WHERE repo_key = ?', repoKey)
      note('return', day, repoKey, { goneOn: known.gone_on })
    }
    return isRenamed || isRedescribed || isRecounted || known.gone_on !== null
  }

  function commit(sweepKey: number, number: number, day: number, page: FirstPage): void {
    const { rows, refused = [], cursor } = page
    const at = pluck(
      "SELECT lower(hex(coalesce(last_hub_id, ''))) FROM sweep WHERE sweep_key = ?",
      sweepKey,
    ) as string
    const listed = [...rows.map(row => row.hubId), ...refused.filter(hubId => hubId !== null)]
    const high = [at, ...listed].sort().at(-1)!
    const unseen = sqlite
      .prepare(
        `SELECT repo_key, lower(hex(hub_id)) FROM repo
         WHERE gone_on IS NULL AND lower(hex(hub_id)) > ? AND lower(hex(hub_id)) <= ?`,
      )
      .raw()
      .all(at, cursor === null ? 'f'.repeat(24) : high) as [number, string][]
    const stored = rows.filter(row => record(row, day)).length
    refused.forEach((hubId, index) => {
      run(
        'INSERT INTO quarantine (sweep_key, page, position, hub_id, reason, raw_json) VALUES (?, ?, ?, unhex(?), ?, ?)',
        ...[sweepKey, number, rows.length + index, hubId, 'downloads: expected a count, got "x"', '{}'],
      )
    })
    const isUnsure =
      refused.includes(null) ||
      get(
        'SELECT 1 FROM quarantine WHERE sweep_key = ? AND page = ? AND hub_id IS NULL',
        sweepKey,
        number - 1,
      )
    const absent = isUnsure ? [] : unseen.filter(([, hubId]) => !listed.includes(hubId))
    for (const [repoKey] of absent) run('INSERT INTO sweep_absence VALUES (?, ?)', sweepKey, repoKey)
    const rowCount = rows.length + refused.length
    const lastHubId = high === '' ? null : high
    run(
      'INSERT INTO sweep_page (sweep_key, page, observed_at, row_count, last_hub_id) VALUES (?, ?, ?, ?, unhex(?))',
      ...[sweepKey, number, noonOf(day), rowCount, lastHubId],
    )
    const known = rows.flatMap(row => row.downloadsAllTime ?? [])
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    run(
      `UPDATE sweep SET page_count = page_count + 1, cursor = ?, last_hub_id = unhex(?), row_count = row_count + ?,
         stored_count = stored_count + ?, unchanged_count = unchanged_count + ?,
         quarantined_count = quarantined_count + ?, absent_count = absent_count + ?,
         downloads_30d_total = downloads_30d_total + ?, downloads_all_time_total = downloads_all_time_total + ?,
         all_time_known_count = all_time_known_count + ? WHERE sweep_key = ?`,
      ...[cursor, lastHubId, rowCount, stored, rows.length - stored, refused.length, absent.length],
      ...[sum(rows.map(row => row.downloads30d)), sum(known), known.length, sweepKey],
    )
  }

  function sweep({ day: name, source, pages, state }: FirstSweep): void {
    const day = dayNumber(parseUtcDay(name))
    const { lastInsertRowid } = run(
      "INSERT INTO sweep (source, day, state, started_at) VALUES (?, ?, 'running', ?)",
      ...[source, day, noonOf(day)],
    )
    const sweepKey = Number(lastInsertRowid)
    pages.forEach((page, number) => {
      commit(sweepKey, number, day, page)
    })
    if (state === 'running') return
    run('UPDATE sweep SET state = ?, finished_at = ? WHERE sweep_key = ?', state, noonOf(day), sweepKey)
    if (state === 'partial') return
    // None of these sweeps shrinks by more than is believed.
    run(
      `INSERT INTO event (kind, day, repo_key, detail)
       SELECT 'removal', ?, repo_key, json_object('repoId', repo_id, 'downloadsAllTime', downloads_all_time)
       FROM sweep_absence JOIN repo USING (repo_key) WHERE sweep_key = ? AND gone_on IS NULL`,
      ...[day, sweepKey],
    )
    run(
      `UPDATE repo SET gone_on = ?
       WHERE gone_on IS NULL AND repo_key IN (SELECT repo_key FROM sweep_absence WHERE sweep_key = ?)`,
      ...[day, sweepKey],
    )
  }

  return { file, sweep: found => sqlite.transaction(() => sweep(found))(), sqlite, close }
}

const noonOf = (day: number) => (day + 0.5) * 86_400_000

/** 48 bits of SHA-1, as the first release told descriptions apart. */
function firstDetailHash(row: RepoRow): number {
  const text = JSON.stringify([
    row.repoId,
    row.createdAt,
    row.lastModifiedAt,
    row.task,
    row.library,
    row.licence,
    row.parameters,
    row.gated,
    row.isDisabled,
    row.bases,
  ])
  return createHash('sha1').update(text).digest().readUIntBE(0, 6)
}
