import { basesAt, countersAt, detailsAt, type ListedRows, repoIdAt } from '../domain/listed-rows.ts'
import { type DeclaredBase, handleOf, type RepoDetails, type RepoPage } from '../domain/repo.ts'
import { openBulkInsert } from './bulk-insert.ts'
import { openHandles } from './handles.ts'
import type { KnownRepos } from './known-repos.ts'
import { openNewRepos } from './new-repos.ts'
import type { Store } from './open-store.ts'
import { openEdgeRecorder } from './record-edges.ts'
import { openTerms } from './terms.ts'

/** What a page's rows leave out because it was not asked for, or was refused. */
export type PageLacks = Pick<RepoPage, 'isPartlyDescribed' | 'isCardTextMissing'>

/** Writes the understood rows of a page. Everything runs inside the page's transaction. */
export interface RepoRecorder {
  /**
   * Writes one row; says whether anything had to be written. `entry` is its place among the known, -1 for a new one.
   * Of a partly described row only name and counters are believed: a field that was not asked for is not null.
   */
  record(rows: ListedRows, index: number, known: KnownRepos, entry: number, lacks: PageLacks): boolean
  /** Begins a page of that day (days since 1970-01-01). */
  begin(day: number): void
  /** Brings what was recorded into the tables: before the page ends, and before one of its rows is looked up. */
  flush(): void
  /** Forgets what was recorded and every key it learned: the page was rolled back. */
  drop(): void
}

/** No description hashes to this: the next full page describes the repository again. */
const UNDESCRIBED = -1

interface Described {
  repo_id: string
  first_seen_on: number
  task_key: number | null
}

export function openRepoRecorder(store: Store): RepoRecorder {
  const { sqlite } = store
  const terms = openTerms(store)
  const handles = openHandles(store)
  const edges = openEdgeRecorder(store)
  const newRepos = openNewRepos(sqlite, terms, handles)
  const observations = openBulkInsert(
    sqlite,
    'observation',
    ['day', 'repo_key', 'downloads_30d', 'downloads_all_time', 'likes'],
    // Only a second row of one repository in one day meets its own observation. What it leaves out was still seen that
    // day; `count` keeps it likewise.
    `ON CONFLICT DO UPDATE SET downloads_30d = excluded.downloads_30d,
       downloads_all_time = coalesce(excluded.downloads_all_time, downloads_all_time),
       likes = coalesce(excluded.likes, likes)`,
  )
  const described = sqlite.prepare<[number], Described>(
    'SELECT repo_id, first_seen_on, task_key FROM repo WHERE repo_key = ?',
  )
  const describe = sqlite.prepare(
    `UPDATE repo SET created_at = ?, last_modified_at = ?, task_key = ?,
       library_key = ?, licence_key = ?, parameters = ?, gated = ?, is_disabled = ?, detail_hash = ?
     WHERE repo_key = ?`,
  )
  const count = sqlite.prepare(
    `UPDATE repo SET downloads_30d = ?,
       downloads_all_time = coalesce(?, iif(observed_on = ?, downloads_all_time, NULL)),
       likes = coalesce(?, iif(observed_on = ?, likes, NULL)),
       last_known_all_time = coalesce(?, last_known_all_time), observed_on = ?
     WHERE repo_key = ?`,
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
  /** Every new repository is observed with the counters it came with: their rows never leave SQLite. */
  const observeNew = sqlite.prepare(
    `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time, likes)
     SELECT ?, repo_key, downloads_30d, downloads_all_time, likes FROM repo WHERE repo_key >= ? ORDER BY repo_key`,
  )
  let day = 0
  /** From this key on, repositories of this page that have no observation yet; null for none. */
  let firstNewKey: number | null = null
  let newBases: [repoKey: number, bases: readonly DeclaredBase[]][] = []

  function add(rows: ListedRows, index: number, hash: number): void {
    const repoKey = newRepos.add(rows, index, hash)
    firstNewKey ??= repoKey
    const bases = basesAt(rows, index)
    if (bases.length > 0) newBases.push([repoKey, bases])
  }

  function rename(to: string, repoKey: number, before: Described): void {
    keepName.run({ repoKey, firstSeenOn: before.first_seen_on, day, repoId: before.repo_id })
    note.run('rename', day, repoKey, JSON.stringify({ from: before.repo_id, to }))
    const publisherKey = handles.keyOf(handleOf(to))
    handles.flush()
    giveName.run(to, publisherKey, UNDESCRIBED, repoKey)
  }

  function redescribe(
    to: RepoDetails,
    repoKey: number,
    before: Described,
    hash: number,
    isCardTextMissing: boolean,
  ): void {
    const taskKey = terms.termKey('task', to.task)
    if (taskKey !== before.task_key) {
      note.run(
        'task-change',
        day,
        repoKey,
        JSON.stringify({ from: terms.word(before.task_key), to: to.task }),
      )
    }
    const isAnyKept = edges.update(repoKey, day, to.bases, isCardTextMissing)
    describe.run(
      to.createdAt,
      to.lastModifiedAt,
      taskKey,
      terms.termKey('library', to.library),
      terms.termKey('licence', to.licence),
      to.parameters,
      to.gated,
      to.isDisabled ? 1 : 0,
      // What is kept without being seen is looked at again as soon as the card can be.
      isAnyKept ? UNDESCRIBED : hash,
      repoKey,
    )
  }

  function recount(rows: ListedRows, index: number, repoKey: number, before: number | null): void {
    const { downloads30d, downloadsAllTime, likes } = countersAt(rows, index)
    // The lifetime counter can fall (huggingface_hub#4365): stored as seen, marked, never clamped.
    if (before !== null && downloadsAllTime !== null && downloadsAllTime < before) {
      note.run('drop', day, repoKey, JSON.stringify({ from: before, to: downloadsAllTime }))
    }
    count.run(downloads30d, downloadsAllTime, day, likes, day, downloadsAllTime, day, repoKey)
    observations.add([day, repoKey, downloads30d, downloadsAllTime, likes])
  }

  return {
    begin(of) {
      day = of
      firstNewKey = null
      newRepos.begin(day)
    },
    flush() {
      newRepos.flush()
      if (firstNewKey !== null) observeNew.run(day, firstNewKey)
      firstNewKey = null
      observations.flush()
      // A base can only be declared by a repository that is in its table.
      for (const [repoKey, bases] of newBases) edges.begin(repoKey, day, bases)
      newBases = []
      edges.flush()
    },
    drop() {
      newBases = []
      firstNewKey = null
      for (const part of [newRepos, observations, edges]) part.drop()
      terms.forget()
      handles.forget()
    },
    record(rows, index, known, entry, { isPartlyDescribed, isCardTextMissing }) {
      const hash = rows.detailHashes[index]!
      if (entry < 0) {
        add(rows, index, isPartlyDescribed ? UNDESCRIBED : hash)
        return true
      }
      const repoKey = known.repoKeys[entry]!
      let isStored = false
      if (hash !== known.detailHashes[entry]) {
        const before = described.get(repoKey)!
        const repoId = repoIdAt(rows, index)
        if (repoId !== before.repo_id) {
          rename(repoId, repoKey, before)
          isStored = true
        }
        if (!isPartlyDescribed) {
          redescribe(detailsAt(rows, index), repoKey, before, hash, isCardTextMissing)
          isStored = true
        }
      }
      const isCounted =
        rows.downloads30d[index] === known.downloads30d[entry] &&
        isSame(rows.downloadsAllTime[index]!, known.downloadsAllTime[entry]!) &&
        isSame(rows.likes[index]!, known.likes[entry]!)
      if (!isCounted) {
        recount(rows, index, repoKey, known.lastKnownAllTime[entry]!)
        isStored = true
      }
      const goneOn = known.goneOn[entry]!
      if (goneOn !== null) {
        comeBack.run(repoKey)
        note.run('return', day, repoKey, JSON.stringify({ goneOn }))
        isStored = true
      }
      return isStored
    },
  }
}

function isSame(listed: number, stored: number | null): boolean {
  return stored === null ? Number.isNaN(listed) : listed === stored
}
