import { hubIdAt, type ListedRows } from '../domain/listed-rows.ts'
import type { RepoPage } from '../domain/repo.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { findKnown, knownHubIdAt, openKnownRepos } from './known-repos.ts'
import type { Store } from './open-store.ts'
import { openAbsences } from './record-absences.ts'
import { openRepoRecorder } from './record-repo.ts'
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

/** Which page of which range of a sweep: both count from 0. */
export interface PagePlace {
  sweepKey: number
  range: number
  page: number
}

/**
 * Commits one page of a sweep: its rows, its quarantine, who was absent from its range, and the cursor after it,
 * in one transaction. The place fences: throws a LeaseError when another process has moved the range on.
 */
export type PageRecorder = (place: PagePlace, day: UtcDay, content: RepoPage) => PageOutcome

interface RangePosition {
  after: string
  last: string
  until: Buffer | null
  isUnsure: number
}

export function openPageRecorder(store: Store, guard: () => void = () => {}): PageRecorder {
  const { sqlite } = store
  const repos = openRepoRecorder(store)
  const absences = openAbsences(store)
  const knownRepos = openKnownRepos(store)
  const position = sqlite.prepare<[PagePlace], RangePosition>(
    `SELECT lower(hex(coalesce(after_hub_id, ''))) AS after, lower(hex(coalesce(last_hub_id, after_hub_id, ''))) AS last,
       until_hub_id AS until, is_unsure AS isUnsure
     FROM sweep_range JOIN sweep USING (sweep_key)
     WHERE sweep_key = @sweepKey AND range = @range AND sweep_range.page_count = @page AND state = 'running'`,
  )
  const reject = sqlite.prepare(
    `INSERT INTO quarantine (sweep_key, page, position, hub_id, reason, raw_json)
     VALUES (?, (SELECT page_count FROM sweep WHERE sweep_key = ?), ?, ?, ?, ?)`,
  )
  const wasRejected = sqlite.prepare(
    'SELECT 1 FROM quarantine WHERE sweep_key = ? AND hub_id = unhex(?) LIMIT 1',
  )
  const addPage = sqlite.prepare(
    `INSERT INTO sweep_page (sweep_key, page, observed_at, row_count, last_hub_id, moved_count)
     SELECT sweep_key, page_count, ?, ?, ?, ? FROM sweep WHERE sweep_key = ?`,
  )
  const advanceRange = sqlite.prepare(
    `UPDATE sweep_range SET page_count = page_count + 1, cursor = @cursor, last_hub_id = @lastHubId,
       is_done = @isDone, is_unsure = @isUnsure
     WHERE sweep_key = @sweepKey AND range = @range`,
  )
  const advanceSweep = sqlite.prepare(
    `UPDATE sweep SET page_count = page_count + 1,
       row_count = row_count + @rowCount, stored_count = stored_count + @storedCount,
       unchanged_count = unchanged_count + @unchangedCount, quarantined_count = quarantined_count + @quarantinedCount,
       duplicate_count = duplicate_count + @duplicateCount, private_count = private_count + @privateCount,
       later_count = later_count + @laterCount, absent_count = absent_count + @absentCount,
       downloads_30d_total = downloads_30d_total + @downloads30d,
       downloads_all_time_total = downloads_all_time_total + @downloadsAllTime,
       all_time_known_count = all_time_known_count + @allTimeKnown
     WHERE sweep_key = @sweepKey`,
  )

  const commit = sqlite.transaction((place: PagePlace, day: number, content: RepoPage): PageOutcome => {
    guard()
    const at = position.get(place)
    if (!at) throw movedOn(place)
    const { sweepKey, range } = place
    const low = at.last
    const high = content.lastHubId !== null && content.lastHubId > low ? content.lastHubId : low
    const known = knownRepos.inRange(low, high)
    const isSeen = new Uint8Array(known.repoKeys.length)

    const { rows, rejected } = content
    const outcome: PageOutcome = {
      rowCount: rows.count + rejected.length,
      storedCount: 0,
      unchangedCount: 0,
      quarantinedCount: rejected.length,
      duplicateCount: 0,
      absentCount: 0,
    }
    const change = sumCounters(rows)
    const hubIds = rows.hubIds.toUpperCase()
    // The usual page of a later night: just the known repositories, in their order.
    const isAligned = hubIds === known.hubIds
    let highest = low.toUpperCase()
    let next = 0
    // Known before, with another 30-day counter: what the Hub's daily refresh does to nearly all of a page.
    let movedCount = 0
    repos.begin(day)
    for (let index = 0; index < rows.count; index += 1) {
      if (isAligned) {
        isSeen[index] = 1
        if (rows.downloads30d[index] !== known.downloads30d[index]) movedCount += 1
        if (repos.record(rows, index, known, index, content)) outcome.storedCount += 1
        else outcome.unchangedCount += 1
        continue
      }
      const hubId = hubIdAt(hubIds, index)
      // Both lists ascend: the entry looked for is nearly always the next one.
      const place =
        next < isSeen.length && knownHubIdAt(known, next) === hubId ? next : findKnown(known, hubId)
      let from = known
      let entry = -1
      if (place >= 0 && isSeen[place] === 0) {
        entry = place
        isSeen[place] = 1
        next = place + 1
      } else if (hubId <= highest) {
        // Not above what came before, here or on an earlier page: an unstable list, not a new repository.
        repos.flush()
        from = knownRepos.byHubId(hubId)
        entry = from.repoKeys.length - 1
        if (entry === 0 && absences.remove(sweepKey, from.repoKeys[0]!)) outcome.absentCount -= 1
        // Gone until now, or refused before in this sweep: its first row, though out of order.
        else if (entry === 0 && from.goneOn[0] === null && !wasRejected.get(sweepKey, hubId)) {
          outcome.duplicateCount += 1
          change.downloads30d -= from.downloads30d[0]!
          // What this row leaves out stays as the row before it said.
          if (!Number.isNaN(rows.downloadsAllTime[index]!)) {
            change.downloadsAllTime -= from.downloadsAllTime[0] ?? 0
            change.allTimeKnown -= from.downloadsAllTime[0] === null ? 0 : 1
          }
        }
      }
      if (hubId > highest) highest = hubId
      if (entry >= 0 && rows.downloads30d[index] !== from.downloads30d[entry]) movedCount += 1
      if (repos.record(rows, index, from, entry, content)) outcome.storedCount += 1
      else outcome.unchangedCount += 1
    }
    repos.flush()
    const listed = [...rejected.flatMap(row => row.hubId ?? []), ...content.laterHubIds]
    for (const hubId of listed) {
      const place = findKnown(known, hubId.toUpperCase())
      if (place >= 0) isSeen[place] = 1
    }
    for (const row of rejected) {
      const hubId = row.hubId === null ? null : Buffer.from(row.hubId, 'hex')
      reject.run(sweepKey, sweepKey, row.position, hubId, row.reason, row.rawJson)
    }
    // A rejected row without a readable `_id` could be any of the unseen, and, when it ends its page, any of the next
    // page's range: then nobody on either page counts as absent.
    const isUnsure = rejected.some(row => row.hubId === null)
    if (!isUnsure && at.isUnsure === 0) {
      for (let place = 0; place < isSeen.length; place += 1) {
        if (isSeen[place] === 1 || known.goneOn[place] !== null) continue
        absences.add(sweepKey, known.repoKeys[place]!)
        outcome.absentCount += 1
      }
      // The last page closes the range: whatever is known above it was not listed either.
      if (content.nextCursor === null) outcome.absentCount += absences.addRange(sweepKey, high, at.until)
    }
    const lastHubId = high === at.after ? null : Buffer.from(high, 'hex')
    // An empty page reached nothing.
    addPage.run(
      content.observedAt,
      outcome.rowCount,
      content.lastHubId === null ? null : lastHubId,
      movedCount,
      sweepKey,
    )
    advanceRange.run({
      sweepKey,
      range,
      cursor: content.nextCursor,
      lastHubId,
      isDone: content.nextCursor === null ? 1 : 0,
      isUnsure: isUnsure ? 1 : 0,
    })
    advanceSweep.run({
      sweepKey,
      privateCount: content.privateCount,
      laterCount: content.laterHubIds.length,
      ...outcome,
      ...change,
    })
    return outcome
  })

  return (place, day, content) => {
    try {
      return commit.immediate(place, dayNumber(day), content)
    } catch (error) {
      repos.drop()
      throw explainSqliteError(error, store.file)
    }
  }
}

function sumCounters({ count, downloads30d, downloadsAllTime }: ListedRows) {
  const sums = { downloads30d: 0, downloadsAllTime: 0, allTimeKnown: 0 }
  for (let index = 0; index < count; index += 1) {
    sums.downloads30d += downloads30d[index]!
    const allTime = downloadsAllTime[index]!
    if (Number.isNaN(allTime)) continue
    sums.downloadsAllTime += allTime
    sums.allTimeKnown += 1
  }
  return sums
}

function movedOn({ sweepKey, page }: PagePlace): LeaseError {
  return new LeaseError({
    happened: `Sweep ${sweepKey} is no longer at page ${page}: another process has moved it on or closed it.`,
    kept: 'This page was not written; the other process has the sweep.',
    next: 'Let the other process finish, or stop it and run the same command again.',
  })
}
