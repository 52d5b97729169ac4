import {
  createdFrom,
  type DerivativeShare,
  type ShareBirth,
  type ShareCounter,
} from '../domain/derivative.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

export interface DailyShare {
  day: UtcDay
  born: ShareBirth
  share: DerivativeShare
}

const COUNTER_COLUMNS = {
  downloads30d: 'downloads_30d',
  downloadsAllTime: 'downloads_all_time',
} as const satisfies Record<ShareCounter, string>

/** Writes shares in the caller's transaction; their days hold none. */
export function writeShares(store: Store, shares: Iterable<DailyShare>): void {
  const add = store.sqlite.prepare(
    `INSERT INTO daily_share (day, counter, born, threshold, considered, counter_unknown, counted, publishers)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const addLine = store.sqlite.prepare(
    'INSERT INTO daily_share_line (day, counter, born, line, repos) VALUES (?, ?, ?, ?, ?)',
  )
  for (const { day, born, share } of shares) {
    const key = [dayNumber(day), COUNTER_COLUMNS[share.counter], born] as const
    const { threshold, considered, counterUnknown, counted, publishers } = share
    add.run(...key, threshold, considered, counterUnknown, counted, publishers)
    for (const { line, repos } of share.lines) addLine.run(...key, line, repos)
  }
}

/** One share of a day, heaviest line first; null when the day has none. `relations` is what shares are taken over. */
export function readShare(
  store: Store,
  day: UtcDay,
  counter: ShareCounter,
  born: ShareBirth,
  relations: readonly string[],
): DerivativeShare | null {
  const key: [number, string, string] = [dayNumber(day), COUNTER_COLUMNS[counter], born]
  const found = store.sqlite
    .prepare<
      [number, string, string],
      Pick<DerivativeShare, 'threshold' | 'considered' | 'counterUnknown' | 'counted' | 'publishers'>
    >(
      `SELECT threshold, considered, counter_unknown AS counterUnknown, counted, publishers FROM daily_share
       WHERE day = ? AND counter = ? AND born = ?`,
    )
    .get(...key)
  if (found === undefined) return null
  const lines = store.sqlite
    .prepare<[number, string, string], { line: string; repos: number }>(
      `SELECT line, repos FROM daily_share_line WHERE day = ? AND counter = ? AND born = ?
       ORDER BY repos DESC, line`,
    )
    .all(...key)
  return { counter, relations, createdFrom: createdFrom(day, born), ...found, lines }
}
