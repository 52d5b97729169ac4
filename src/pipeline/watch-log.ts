import { logBytes, settleLog } from '../store/settle-log.ts'
import type { Effects } from './effects.ts'

/** A reader that holds on keeps every later page in the log: past this it is worth a word. */
const NOTABLE_LOG_BYTES = 256 * 1024 * 1024
const PAGES_A_LOOK = 64

/** Looks after the log beside the census file while a sweep is written. */
export interface LogWatch {
  /** To be told every committed page; warns once. */
  afterPage(): void
  /** Empties the log as far as readers let it; warns when they do not. */
  settle(): void
}

export function watchLog({ store, log }: Pick<Effects, 'store' | 'log'>): LogWatch {
  let pages = 0
  let hasWarned = false

  function warn(): void {
    const bytes = logBytes(store)
    if (hasWarned || bytes <= NOTABLE_LOG_BYTES) return
    hasWarned = true
    log.warn(
      { bytes },
      'the write-ahead log (WAL) grows because somebody reads the census file without a pause; let them read a snapshot: VACUUM INTO',
    )
  }

  return {
    afterPage() {
      pages += 1
      if (pages % PAGES_A_LOOK === 0) warn()
    },
    settle() {
      settleLog(store)
      warn()
    },
  }
}
