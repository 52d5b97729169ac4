import { statSync } from 'node:fs'
import type { Store } from './open-store.ts'

/** Bytes of the write-ahead log beside the census file; 0 when there is none. */
export function logBytes(store: Store): number {
  return statSync(`${store.file}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

/** Brings what the log holds into the file and empties it, as far as readers let it at this moment. */
export function settleLog(store: Store): void {
  const patience = store.sqlite.pragma('busy_timeout', { simple: true })
  // A reader may read for hours; whoever comes next settles what is left.
  store.sqlite.pragma('busy_timeout = 0')
  try {
    store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY')) throw error
  } finally {
    store.sqlite.pragma(`busy_timeout = ${Number(patience)}`)
  }
}
