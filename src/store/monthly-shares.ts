import type { MonthlyCounter, MonthlyShare, MonthlyShareLine } from '../domain/derivative.ts'
import { openBulkInsert } from './bulk-insert.ts'
import type { Store } from './open-store.ts'

const COUNTER_COLUMNS = {
  downloads30d: 'downloads_30d',
  downloadsAllTime: 'downloads_all_time',
  downloads30dAt30Days: 'downloads_30d_at_30_days',
} as const satisfies Record<MonthlyCounter, string>

/** Replaces the monthly shares, which are of one published day, in the caller's transaction. Throws what SQLite throws. */
export function replaceMonthlyShares({ sqlite }: Store, shares: Iterable<MonthlyShare>): void {
  sqlite.exec('DELETE FROM monthly_share; DELETE FROM monthly_share_line')
  const denominators = openBulkInsert(sqlite, 'monthly_share', [
    ...['month', 'relations', 'counter', 'threshold'],
    ...['considered', 'counter_unknown', 'counted', 'publishers', 'capped'],
  ])
  const numerators = openBulkInsert(sqlite, 'monthly_share_line', [
    ...['month', 'relations', 'counter', 'threshold'],
    ...['attribution', 'line', 'repos', 'capped'],
  ])
  for (const share of shares) {
    const { considered, counterUnknown, counted, publishers, capped } = share
    const key = [share.month, share.relations, COUNTER_COLUMNS[share.counter], share.threshold]
    denominators.add([...key, considered, counterUnknown, counted, publishers, capped])
    for (const { attribution, line, repos, capped: part } of share.lines)
      numerators.add([...key, attribution, line, repos, part])
  }
  denominators.flush()
  numerators.flush()
}

/** Every monthly share, ascending by month, relations, counter and threshold; none before the first publication. */
export function readMonthlyShares({ sqlite }: Store): MonthlyShare[] {
  const keyed = `month, relations, CASE counter ${Object.entries(COUNTER_COLUMNS)
    .map(([counter, column]) => `WHEN '${column}' THEN '${counter}'`)
    .join(' ')} END AS counter, threshold`
  const lines = new Map<string, MonthlyShareLine[]>()
  const found = sqlite
    .prepare<[], Omit<MonthlyShare, 'lines'> & MonthlyShareLine>(
      `SELECT ${keyed}, attribution, line, repos, capped FROM monthly_share_line ORDER BY 1, 2, 4, 3, 5, 6`,
    )
    .iterate()
  for (const { attribution, line, repos, capped, ...key } of found) {
    const ofKey = lines.get(keyOf(key)) ?? []
    if (ofKey.length === 0) lines.set(keyOf(key), ofKey)
    ofKey.push({ attribution, line, repos, capped })
  }
  return sqlite
    .prepare<[], Omit<MonthlyShare, 'lines'>>(
      `SELECT ${keyed}, considered, counter_unknown AS counterUnknown, counted, publishers, capped
       FROM monthly_share AS share ORDER BY month, relations, share.counter, threshold`,
    )
    .all()
    .map(share => ({ ...share, lines: lines.get(keyOf(share)) ?? [] }))
}

function keyOf({
  month,
  relations,
  counter,
  threshold,
}: Pick<MonthlyShare, 'month' | 'relations' | 'counter' | 'threshold'>): string {
  return `${month} ${relations} ${counter} ${threshold}`
}
