import type { Counters, RepoRow } from '../domain/repo.ts'
import { detailHash } from './detail-hash.ts'
import type { Store } from './open-store.ts'
import { openEdgeRecorder } from './record-edges.ts'
import { openTerms } from './terms.ts'

/** What the file already says of a repository, as read for the merge. */
export interface KnownRepo {
  repo_key: number
  hub_id: Buffer
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

export const KNOWN_REPO_COLUMNS =
  'repo_key, hub_id, repo_id, first_seen_on, gone_on, downloads_30d, downloads_all_time, likes, last_known_all_time, task_key, detail_hash'

/**
 * Writes one understood row; says whether anything had to be written. Runs inside the page's transaction. Of a partly
 * described row only name and counters are believed: a field that was not asked for is not null.
 */
export type RepoRecorder = (
  row: RepoRow,
  known: KnownRepo | undefined,
  day: number,
  isPartlyDescribed: boolean,
) => 'stored' | 'unchanged'

/** No description hashes to this: the next full page describes the repository again. */
const UNDESCRIBED = -1

export function openRepoRecorder(store: Store): RepoRecorder {
  const { sqlite } = store
  const terms = openTerms(store)
  const recordEdges = openEdgeRecorder(store)
  const addRepo = sqlite.prepare(
    `INSERT INTO repo (hub_id, repo_id, publisher_key, created_at, last_modified_at, first_seen_on, task_key,
       library_key, licence_key, parameters, gated, is_disabled, downloads_30d, downloads_all_time, likes,
       last_known_all_time, observed_on, detail_hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const describe = sqlite.prepare(
    `UPDATE repo SET created_at = ?, last_modified_at = ?, task_key = ?,
       library_key = ?, licence_key = ?, parameters = ?, gated = ?, is_disabled = ?, detail_hash = ?
     WHERE repo_key = ?`,
  )
  const count = sqlite.prepare(
    'UPDATE repo SET downloads_30d = ?, downloads_all_time = ?, likes = ?, last_known_all_time = ?, observed_on = ? WHERE repo_key = ?',
  )
  const observe = sqlite.prepare(
    `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time, likes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET downloads_30d = excluded.downloads_30d,
       downloads_all_time = excluded.downloads_all_time, likes = excluded.likes`,
  )
  const keepName = sqlite.prepare(
    `INSERT INTO repo_name (repo_key, from_on, until_on, repo_id)
     SELECT @repoKey, coalesce((SELECT max(until_on) FROM repo_name WHERE repo_key = @repoKey), @firstSeenOn), @day, @repoId
     ON CONFLICT DO NOTHING`,
  )
  const giveName = sqlite.prepare(
    'UPDATE repo SET repo_id = ?, publisher_key = ?, detail_hash = ? WHERE repo_key = ?',
  )
  const comeBack = sqlite.prepare('UPDATE repo SET gone_on = NULL WHERE repo_key = ?')
  const note = sqlite.prepare('INSERT INTO event (kind, day, repo_key, detail) VALUES (?, ?, ?, ?)')

  function add(row: RepoRow, day: number, hash: number): void {
    const { lastInsertRowid } = addRepo.run(
      Buffer.from(row.hubId, 'hex'),
      row.repoId,
      terms.publisherKey(row.handle),
      row.createdAt,
      row.lastModifiedAt,
      day,
      terms.termKey('task', row.task),
      terms.termKey('library', row.library),
      terms.termKey('licence', row.licence),
      row.parameters,
      row.gated,
      row.isDisabled ? 1 : 0,
      row.downloads30d,
      row.downloadsAllTime,
      row.likes,
      row.downloadsAllTime,
      day,
      hash,
    )
    const repoKey = Number(lastInsertRowid)
    observe.run(day, repoKey, row.downloads30d, row.downloadsAllTime, row.likes)
    if (row.bases.length > 0) recordEdges(repoKey, day, row.bases)
  }

  function rename(row: RepoRow, known: KnownRepo, day: number): void {
    keepName.run({ repoKey: known.repo_key, firstSeenOn: known.first_seen_on, day, repoId: known.repo_id })
    note.run('rename', day, known.repo_key, JSON.stringify({ from: known.repo_id, to: row.repoId }))
    giveName.run(row.repoId, terms.publisherKey(row.handle), UNDESCRIBED, known.repo_key)
  }

  function redescribe(row: RepoRow, known: KnownRepo, hash: number, day: number): void {
    const taskKey = terms.termKey('task', row.task)
    if (taskKey !== known.task_key) {
      note.run(
        'task-change',
        day,
        known.repo_key,
        JSON.stringify({ from: terms.word(known.task_key), to: row.task }),
      )
    }
    describe.run(
      row.createdAt,
      row.lastModifiedAt,
      taskKey,
      terms.termKey('library', row.library),
      terms.termKey('licence', row.licence),
      row.parameters,
      row.gated,
      row.isDisabled ? 1 : 0,
      hash,
      known.repo_key,
    )
    recordEdges(known.repo_key, day, row.bases)
  }

  function recount(row: RepoRow, known: KnownRepo, day: number): void {
    const before = known.last_known_all_time
    // The lifetime counter can fall (huggingface_hub#4365): stored as seen, marked, never clamped.
    if (before !== null && row.downloadsAllTime !== null && row.downloadsAllTime < before) {
      note.run('drop', day, known.repo_key, JSON.stringify({ from: before, to: row.downloadsAllTime }))
    }
    const lastKnown = row.downloadsAllTime ?? before
    count.run(row.downloads30d, row.downloadsAllTime, row.likes, lastKnown, day, known.repo_key)
    observe.run(day, known.repo_key, row.downloads30d, row.downloadsAllTime, row.likes)
  }

  return (row, known, day, isPartlyDescribed) => {
    if (!known) {
      add(row, day, isPartlyDescribed ? UNDESCRIBED : detailHash(row))
      return 'stored'
    }
    const isRenamed = row.repoId !== known.repo_id
    const hash = isPartlyDescribed ? known.detail_hash : detailHash(row)
    const isRedescribed = hash !== known.detail_hash
    const isRecounted = !sameCounters(row, known)
    if (isRenamed) rename(row, known, day)
    if (isRedescribed) redescribe(row, known, hash, day)
    if (isRecounted) recount(row, known, day)
    if (known.gone_on !== null) {
      comeBack.run(known.repo_key)
      note.run('return', day, known.repo_key, JSON.stringify({ goneOn: known.gone_on }))
    }
    return isRenamed || isRedescribed || isRecounted || known.gone_on !== null ? 'stored' : 'unchanged'
  }
}

function sameCounters(row: Counters, known: KnownRepo): boolean {
  return (
    row.downloads30d === known.downloads_30d &&
    row.downloadsAllTime === known.downloads_all_time &&
    row.likes === known.likes
  )
}
