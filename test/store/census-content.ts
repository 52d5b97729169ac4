import type { Store } from '../../src/store/open-store.ts'
import { readRaw } from './capturing.ts'

/** By what each table of facts says; the numbers this file gave to repositories, words and handles are not among it. */
const FACTS: Record<string, string> = {
  repo: `SELECT hex(hub_id), repo_id, handle, created_at, last_modified_at, first_seen_on, gone_on, task.word, library.word,
      licence.word, parameters, gated, is_disabled, downloads_30d, downloads_all_time, likes, last_known_all_time,
      observed_on, detail_hash
    FROM repo JOIN publisher USING (publisher_key) LEFT JOIN term AS task ON task.term_key = task_key
    LEFT JOIN term AS library ON library.term_key = library_key
    LEFT JOIN term AS licence ON licence.term_key = licence_key`,
  repo_name:
    'SELECT hex(hub_id), from_on, until_on, repo_name.repo_id FROM repo_name JOIN repo USING (repo_key)',
  observation: `SELECT day, hex(hub_id), observation.downloads_30d, observation.downloads_all_time, observation.likes
    FROM observation LEFT JOIN repo USING (repo_key)`,
  base_edge: `SELECT hex(hub_id), declared, relation, hex(base_hub_id), base_edge.first_seen_on, ended_on
    FROM base_edge JOIN repo USING (repo_key)`,
  event: 'SELECT kind, day, hex(hub_id), detail FROM event LEFT JOIN repo USING (repo_key)',
  term: 'SELECT kind, word FROM term',
  publisher: 'SELECT handle FROM publisher',
}

/**
 * Every fact of a file as sorted text, under names that two files share: the same lines mean the same census, in
 * whatever order its rows were written.
 */
export function factLines(store: Store, without: { columns?: readonly string[] } = {}): string[] {
  return Object.entries(FACTS).flatMap(([table, query]) => {
    const kept = (without.columns ?? []).reduce(
      (text, column) => text.replace(new RegExp(`,\\s+${column}\\b`), ''),
      query,
    )
    return readRaw(store, kept)
      .map(row => `${table} ${JSON.stringify(row)}`)
      .sort()
  })
}

/** What the sweeps of a file counted, oldest first; how many pages it took is left out, and so are the times. */
export function sweepCounts(store: Store): unknown[][] {
  return readRaw(
    store,
    `SELECT day, state, row_count, stored_count, unchanged_count, quarantined_count, duplicate_count, private_count,
       later_count, absent_count, downloads_30d_total, downloads_all_time_total, all_time_known_count, refused_fields
     FROM sweep ORDER BY sweep_key`,
  )
}

/** Whom each sweep missed. */
export function absentees(store: Store): unknown[][] {
  return readRaw(
    store,
    'SELECT sweep_key, hex(hub_id) FROM sweep_absence JOIN repo USING (repo_key) ORDER BY 1, 2',
  )
}
