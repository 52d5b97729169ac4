import type { Store } from './open-store.ts'
import { explainSqliteError, StoreError } from './store-error.ts'

/** What a row of the tables that a sweep fills would have to break; each 1 where some row does. */
interface Breaches {
  repo: number
  publisher: number
  term: number
  base: number
  ledger: number
}

/**
 * Lets a first sweep fill the file without SQLite looking at each of its rows: the index of handles, which would make a
 * random write of every new one, is dropped, and foreign keys and CHECKs wait for `checkFilled`. This is the connection's
 * own state; whoever reads meanwhile sees whole pages as ever.
 */
export function beginFilling({ sqlite }: Store): void {
  // Asked in the transaction that drops: another process may have completed the sweep meanwhile.
  const drop = sqlite.transaction(() => {
    const isComplete = sqlite.prepare("SELECT 1 FROM sweep WHERE state = 'complete' LIMIT 1").get()
    if (isComplete === undefined) sqlite.exec('DROP INDEX IF EXISTS publisher_handle_unique')
  })
  drop.immediate()
  sqlite.pragma('foreign_keys = OFF')
  sqlite.pragma('ignore_check_constraints = ON')
}

/** Has SQLite look at each row again. */
export function endFilling({ sqlite }: Store): void {
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('ignore_check_constraints = OFF')
}

/**
 * Looks at all that was filled at once, 0.3 s a million repositories, and makes the index of handles. Inside a
 * transaction, which the StoreError it throws where a row breaks a rule of its table has to end.
 */
export function checkFilled({ sqlite, file }: Store): void {
  try {
    sqlite.exec('CREATE UNIQUE INDEX IF NOT EXISTS publisher_handle_unique ON publisher (handle)')
  } catch (error) {
    const isTwice = error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_UNIQUE'
    throw isTwice ? brokenRules(file, ['handle']) : explainSqliteError(error, file)
  }
  // Keys are given one after another and never taken back: where none is left out, the highest says which ones there are.
  const found = sqlite
    .prepare<[], Breaches>(
      `WITH filled AS (
         SELECT count(*) AS repos, coalesce(max(repo_key), 0) AS repo_key, min(repo_key) AS lowest_repo_key,
           max(publisher_key) AS publisher_key, min(publisher_key) AS lowest_publisher_key,
           max(max(coalesce(task_key, 0)), max(coalesce(library_key, 0)), max(coalesce(licence_key, 0))) AS term_key,
           min(min(coalesce(task_key, 1)), min(coalesce(library_key, 1)), min(coalesce(licence_key, 1))) AS lowest_term_key,
           max(length(hub_id) <> 12 OR gated NOT IN ('no', 'auto', 'manual')) AS is_odd
         FROM repo)
       SELECT coalesce(is_odd OR repo_key <> repos OR lowest_repo_key <> 1, 0) AS repo,
         coalesce(lowest_publisher_key < 1 OR publisher_key > (SELECT count(*) FROM publisher)
           OR (SELECT min(publisher_key) FROM publisher) <> 1
           OR (SELECT max(publisher_key) FROM publisher) <> (SELECT count(*) FROM publisher), 0) AS publisher,
         coalesce(lowest_term_key < 1 OR term_key > (SELECT count(*) FROM term)
           OR (SELECT min(term_key) <> 1 OR max(term_key) <> count(*)
             OR max(kind NOT IN ('task', 'library', 'licence')) FROM term), 0) AS term,
         EXISTS (SELECT 1 FROM base_edge WHERE relation NOT IN ('finetune', 'adapter', 'merge', 'quantized', 'undeclared')
           OR repo_key NOT BETWEEN 1 AND filled.repo_key) AS base,
         EXISTS (SELECT 1 FROM sweep WHERE row_count <> stored_count + unchanged_count + quarantined_count)
           OR EXISTS (SELECT 1 FROM event WHERE NOT json_valid(detail))
           OR EXISTS (SELECT 1 FROM (VALUES ('event'), ('repo_name'), ('quarantine'), ('sweep_absence'), ('sweep_page'),
             ('sweep_range')) AS small CROSS JOIN pragma_foreign_key_check(small.column1)) AS ledger
       FROM filled`,
    )
    .get()!
  const broken = Object.entries(found).flatMap(([rule, isBroken]) => (isBroken ? [rule] : []))
  if (broken.length > 0) throw brokenRules(file, broken)
}

function brokenRules(file: string, rules: readonly string[]): StoreError {
  return new StoreError({
    happened: `${file}: the first sweep filled in rows that break the rules of their tables (${rules.join(', ')}).`,
    kept: 'Every page is in the file; the sweep is not complete, and nothing is computed from it.',
    next: 'Report this as a fault of hub-census. Take the census again into another file, named with --db.',
  })
}
