import {
  createdFrom,
  type DerivativeShare,
  type RelationSet,
  type ShareBirth,
  type ShareCounter,
} from '../domain/derivative.ts'
import type { TotalAttribution } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

export interface DailyShare {
  day: UtcDay
  born: ShareBirth
  share: DerivativeShare
}

/** What the attributions of a share have in common. */
type Denominators = Pick<
  DerivativeShare,
  'threshold' | 'considered' | 'counterUnknown' | 'counted' | 'publishers'
>

const COUNTER_COLUMNS = {
  downloads30d: 'downloads_30d',
  downloadsAllTime: 'downloads_all_time',
} as const satisfies Record<ShareCounter, string>

/**
 * Writes shares in the caller's transaction; their days hold none. The shares of one day, counter and birth by several
 * attributions have the same denominators: throws a RangeError where they differ.
 */
export function writeShares(store: Store, shares: Iterable<DailyShare>): void {
  const add = store.sqlite.prepare(
    `INSERT INTO daily_share (day, counter, born, threshold, considered, counter_unknown, counted, publishers)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (day, counter, born) DO UPDATE SET threshold = excluded.threshold
     WHERE (daily_share.threshold, daily_share.considered, daily_share.counter_unknown, daily_share.counted, daily_share.publishers)
       = (excluded.threshold, excluded.considered, excluded.counter_unknown, excluded.counted, excluded.publishers)`,
  )
  const addLine = store.sqlite.prepare(
    'INSERT INTO daily_share_line (day, counter, born, attribution, line, repos) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const { day, born, share } of shares) {
    const key = [dayNumber(day), COUNTER_COLUMNS[share.counter], born] as const
    const { attribution, threshold, considered, counterUnknown, counted, publishers } = share
    if (add.run(...key, threshold, considered, counterUnknown, counted, publishers).changes === 0) {
      throw new RangeError(
        `${day} ${share.counter} ${born}: the ${attribution} share counts other repositories`,
      )
    }
    for (const { line, repos } of share.lines) addLine.run(...key, attribution, line, repos)
  }
}

/** Which share of a day. `relations` is what shares are taken over. */
export interface ShareQuery {
  attribution: TotalAttribution
  counter: ShareCounter
  born: ShareBirth
  relations: RelationSet
}

/** One share of a day, heaviest line first; null when the day has none. */
export function readShare(store: Store, day: UtcDay, query: ShareQuery): DerivativeShare | null {
  const { attribution, counter, born, relations } = query
  const key: [number, string, string] = [dayNumber(day), COUNTER_COLUMNS[counter], born]
  const found = store.sqlite
    .prepare<[number, string, string], Denominators>(
      `SELECT threshold, considered, counter_unknown AS counterUnknown, counted, publishers FROM daily_share
       WHERE day = ? AND counter = ? AND born = ?`,
    )
    .get(...key)
  if (found === undefined) return null
  const lines = store.sqlite
    .prepare<[number, string, string, string], { line: string; repos: number }>(
      `SELECT line, repos FROM daily_share_line WHERE day = ? AND counter = ? AND born = ? AND attribution = ?
       ORDER BY repos DESC, line`,
    )
    .all(...key, attribution)
  return { attribution, counter, relations, createdFrom: createdFrom(day, born), ...found, lines }
}
