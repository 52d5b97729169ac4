import type { AgeCounter } from '../domain/lineage.ts'
import { dayNumber } from '../domain/utc-day.ts'
import { openBulkInsert } from './bulk-insert.ts'
import type { Store } from './open-store.ts'

/** Adds counters in the caller's transaction. A repository that has some keeps them: the first day counts. */
export function addAgeCounters({ sqlite }: Store, counters: Iterable<AgeCounter>): void {
  const insert = openBulkInsert(
    sqlite,
    'age_counter',
    ['repo_key', 'measured_on', 'downloads_30d', 'downloads_all_time'],
    'ON CONFLICT (repo_key) DO NOTHING',
  )
  for (const { repoKey, measuredOn, downloads30d, downloadsAllTime } of counters)
    insert.add([repoKey, dayNumber(measuredOn), downloads30d, downloadsAllTime])
  insert.flush()
}

/** Forgets them all: before history is published anew. */
export function clearAgeCounters({ sqlite }: Store): void {
  sqlite.exec('DELETE FROM age_counter')
}

/** Counters by repository key; NaN where none was measured, or where the counter is unknown. */
export interface AgeColumns {
  downloads30d: Float64Array
  downloadsAllTime: Float64Array
}

type Columns = [repoKeys: string, downloads30d: string, downloadsAllTime: string]

/** Rows read at once: bounds the memory beside the columns. */
const CHUNK = 4096

/** All of them, for repositories up to `highestKey`. */
export function readAgeCounters({ sqlite }: Store, highestKey: number): AgeColumns {
  const chunk = sqlite
    .prepare<[number, number, number], Columns>(
      `SELECT json_group_array(repo_key), json_group_array(downloads_30d), json_group_array(downloads_all_time)
       FROM (SELECT repo_key, downloads_30d, downloads_all_time FROM age_counter
             WHERE repo_key > ? AND repo_key <= ? ORDER BY repo_key LIMIT ?)`,
    )
    .raw()
  const downloads30d = new Float64Array(highestKey + 1).fill(Number.NaN)
  const downloadsAllTime = new Float64Array(highestKey + 1).fill(Number.NaN)
  for (let after: number | undefined = -1; after !== undefined; ) {
    const columns = chunk.get(after, highestKey, CHUNK)!
    const repoKeys = JSON.parse(columns[0]) as number[]
    const in30d = JSON.parse(columns[1]) as number[]
    const allTime = JSON.parse(columns[2]) as (number | null)[]
    for (let at = 0; at < repoKeys.length; at += 1) {
      downloads30d[repoKeys[at]!] = in30d[at]!
      downloadsAllTime[repoKeys[at]!] = allTime[at] ?? Number.NaN
    }
    after = repoKeys.at(-1)
  }
  return { downloads30d, downloadsAllTime }
}
