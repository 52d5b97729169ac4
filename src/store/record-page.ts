import type { RepoPage } from '../domain/repo.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { KNOWN_REPO_COLUMNS, type KnownRepo, openRepoRecorder } from './record-repo.ts'
import { explainSqliteError, LeaseError } from './store-error.ts'

/** What one committed page did to the sweep's counts. */
export interface PageOutcome {
  rowCount: number
  storedCount: number
  unchangedCount: number
  quarantinedCount: number
  duplicateCount: number
  absentCount: number
}

/**
 * Commits one page of a sweep: its rows, its quarantine, who was absent from its range, and the cursor after it,
 * in one transaction. `page` counts from 0 and fences: throws a LeaseError when another process has moved the sweep on.
 */
export type PageRecorder = (sweepKey: number, page: number, day: UtcDay, content: RepoPage) => PageOutcome

const ABOVE_EVERY_ID = Buffer.alloc(12, 0xff)

export function openPageRecorder(store: Store): PageRecorder {
  const { sqlite } = store
  const recordRepo = openRepoRecorder(store)
  const position = sqlite.prepare<[number, number], { last_hub_id: Buffer | null }>(
    "SELECT last_hub_id FROM sweep WHERE sweep_key = ? AND page_count = ? AND state = 'running'",
  )
  const knownInRange = sqlite.prepare<[Buffer, Buffer], KnownRepo>(
    `SELECT ${KNOWN_REPO_COLUMNS} FROM repo WHERE hub_id > ? AND hub_id <= ?`,
  )
  const knownByHubId = sqlite.prepare<[Buffer], KnownRepo>(
    `SELECT ${KNOWN_REPO_COLUMNS} FROM repo WHERE hub_id = ?`,
  )
  const reject = sqlite.prepare(
    'INSERT INTO quarantine (sweep_key, page, position, hub_id, reason, raw_json) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const wasRejected = sqlite.prepare('SELECT 1 FROM quarantine WHERE sweep_key = ? AND hub_id = ? LIMIT 1')
  const isPageUnsure = sqlite.prepare(
    'SELECT 1 FROM quarantine WHERE sweep_key = ? AND page = ? AND hub_id IS NULL LIMIT 1',
  )
  const miss = sqlite.prepare('INSERT OR IGNORE INTO sweep_absence (sweep_key, repo_key) VALUES (?, ?)')
  const unmiss = sqlite.prepare('DELETE FROM sweep_absence WHERE sweep_key = ? AND repo_key = ?')
  const addPage = sqlite.prepare(
    'INSERT INTO sweep_page (sweep_key, page, observed_at, row_count, last_hub_id) VALUES (?, ?, ?, ?, ?)',
  )
  const advance = sqlite.prepare(
    `UPDATE sweep SET page_count = page_count + 1, cursor = @cursor, last_hub_id = @lastHubId,
       row_count = row_count + @rowCount, stored_count = stored_count + @storedCount,
       unchanged_count = unchanged_count + @unchangedCount, quarantined_count = quarantined_count + @quarantinedCount,
       duplicate_count = duplicate_count + @duplicateCount, private_count = private_count + @privateCount,
       later_count = later_count + @laterCount, absent_count = absent_count + @absentCount,
       downloads_30d_total = downloads_30d_total + @downloads30d,
       downloads_all_time_total = downloads_all_time_total + @downloadsAllTime,
       all_time_known_count = all_time_known_count + @allTimeKnown
     WHERE sweep_key = @sweepKey`,
  )

  const commit = sqlite.transaction(
    (sweepKey: number, page: number, day: number, content: RepoPage): PageOutcome => {
      const at = position.get(sweepKey, page)
      if (!at) {
        throw new LeaseError({
          happened: `Sweep ${sweepKey} is no longer at page ${page}: another process has moved it on or closed it.`,
          kept: 'This page was not written; the other process has the sweep.',
          next: 'Let the other process finish, or stop it and run the same command again.',
        })
      }
      const low = at.last_hub_id ?? Buffer.alloc(0)
      const high = content.lastHubId === null ? low : Buffer.from(content.lastHubId, 'hex')
      // The last page closes the range: whatever is known above it was not listed either.
      const end = content.nextCursor === null ? ABOVE_EVERY_ID : high
      const unseen = new Map<string, KnownRepo>()
      for (const known of knownInRange.iterate(low, end)) unseen.set(known.hub_id.toString('hex'), known)

      const change = { downloads30d: 0, downloadsAllTime: 0, allTimeKnown: 0 }
      const outcome: PageOutcome = {
        rowCount: content.rows.length + content.rejected.length,
        storedCount: 0,
        unchangedCount: 0,
        quarantinedCount: content.rejected.length,
        duplicateCount: 0,
        absentCount: 0,
      }
      const onThisPage = new Set<string>()
      for (const row of content.rows) {
        let known = unseen.get(row.hubId)
        unseen.delete(row.hubId)
        if (!known) {
          const id = Buffer.from(row.hubId, 'hex')
          // A row at or below the committed range, or twice on the page: an unstable list, not a new repository.
          if (onThisPage.has(row.hubId) || Buffer.compare(id, low) <= 0) {
            known = knownByHubId.get(id)
            if (known && unmiss.run(sweepKey, known.repo_key).changes > 0) outcome.absentCount -= 1
            // Gone until now, or refused before in this sweep: its first row, though out of order.
            else if (known && known.gone_on === null && !wasRejected.get(sweepKey, id)) {
              outcome.duplicateCount += 1
              change.downloads30d -= known.downloads_30d
              change.downloadsAllTime -= known.downloads_all_time ?? 0
              change.allTimeKnown -= known.downloads_all_time === null ? 0 : 1
            }
          }
        }
        onThisPage.add(row.hubId)
        if (recordRepo(row, known, day, content.isPartlyDescribed) === 'stored') outcome.storedCount += 1
        else outcome.unchangedCount += 1
        change.downloads30d += row.downloads30d
        change.downloadsAllTime += row.downloadsAllTime ?? 0
        change.allTimeKnown += row.downloadsAllTime === null ? 0 : 1
      }
      for (const row of content.rejected) {
        if (row.hubId !== null) unseen.delete(row.hubId)
        const hubId = row.hubId === null ? null : Buffer.from(row.hubId, 'hex')
        reject.run(sweepKey, page, row.position, hubId, row.reason, row.rawJson)
      }
      for (const hubId of content.laterHubIds) unseen.delete(hubId)
      // A rejected row without a readable `_id` could be any of the unseen, and, when it ends its page, any of the next
      // page's range: then nobody on either page counts as absent.
      const isUnsure =
        content.rejected.some(row => row.hubId === null) || isPageUnsure.get(sweepKey, page - 1) !== undefined
      for (const known of isUnsure ? [] : unseen.values()) {
        if (known.gone_on !== null) continue
        miss.run(sweepKey, known.repo_key)
        outcome.absentCount += 1
      }
      const lastHubId = Buffer.compare(high, low) > 0 ? high : at.last_hub_id
      addPage.run(sweepKey, page, content.observedAt, outcome.rowCount, lastHubId)
      advance.run({
        sweepKey,
        cursor: content.nextCursor,
        lastHubId,
        privateCount: content.privateCount,
        laterCount: content.laterHubIds.length,
        ...outcome,
        ...change,
      })
      return outcome
    },
  )

  return (sweepKey, page, day, content) => {
    try {
      return commit.immediate(sweepKey, page, dayNumber(day), content)
    } catch (error) {
      throw explainSqliteError(error, store.file)
    }
  }
}
