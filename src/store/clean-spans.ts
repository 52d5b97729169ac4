import { type CleanCounter, isKeptRule, type KeptRule, type RepoCleanSpan } from '../domain/clean.ts'
import type { SqlValue } from './bulk-insert.ts'
import type { Store } from './open-store.ts'
import { type RowChanges, replaceRows, type TableShape } from './replace-rows.ts'

const CLEAN_SPAN: TableShape = {
  table: 'clean_span',
  key: ['repo_key', 'counter', 'rule', 'from_on'],
  values: ['until_on', 'raw_factor', 'constant', 'per_day'],
}

const COUNTER_COLUMNS = {
  downloads30d: 'downloads_30d',
  downloadsAllTime: 'downloads_all_time',
} as const satisfies Record<CleanCounter, string>

/**
 * Makes the file hold exactly these spans (of the repositories of `only`, where given: those of others stay) and writes only
 * what differs, in one transaction. Spans may come in any order. Throws a RangeError for a rule whose spans are not kept, for
 * two spans of one repository, counter and rule that begin on one day, and for one of a repository that is not in `only`.
 */
export function replaceCleanSpans(
  store: Store,
  spans: Iterable<RepoCleanSpan>,
  only?: readonly number[],
): RowChanges {
  const rows = Array.from(spans, span => {
    if (!isKeptRule(span.rule)) throw new RangeError(`spans of ${span.rule} are not kept`)
    return span
  }).sort(compareSpans)
  return store.sqlite.transaction(() => replaceRows(store, CLEAN_SPAN, rowsOf(rows), only))()
}

function* rowsOf(spans: readonly RepoCleanSpan[]): Generator<SqlValue[]> {
  for (const { repoKey, counter, rule, from, until, rawFactor, constant, perDay } of spans)
    yield [repoKey, COUNTER_COLUMNS[counter], rule, from, until, rawFactor, constant, perDay]
}

/** As the key of the table has it: its words are plain, so their order is that of their bytes. */
function compareSpans(a: RepoCleanSpan, b: RepoCleanSpan): number {
  return (
    a.repoKey - b.repoKey ||
    compareWords(COUNTER_COLUMNS[a.counter], COUNTER_COLUMNS[b.counter]) ||
    compareWords(a.rule, b.rule) ||
    a.from - b.from
  )
}

function compareWords(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

interface StoredSpan {
  repoKey: number
  counter: (typeof COUNTER_COLUMNS)[CleanCounter]
  rule: KeptRule
  from: number
  until: number | null
  rawFactor: number
  constant: number
  perDay: number
}

/** The spans kept (of the repositories of `only`, where given), by repository, counter, rule and first day. */
export function readCleanSpans({ sqlite }: Store, only?: readonly number[]): RepoCleanSpan[] {
  const read = (condition: string) =>
    sqlite.prepare<string[], StoredSpan>(
      `SELECT repo_key AS repoKey, counter, rule, from_on AS "from", until_on AS until, raw_factor AS rawFactor, constant,
         per_day AS perDay
       FROM clean_span ${condition} ORDER BY repo_key, counter, rule, from_on`,
    )
  const rows =
    only === undefined
      ? read('').all()
      : read('WHERE repo_key IN (SELECT value FROM json_each(?))').all(JSON.stringify(only))
  return rows.map(row => ({
    ...row,
    counter: row.counter === 'downloads_30d' ? 'downloads30d' : 'downloadsAllTime',
  }))
}
