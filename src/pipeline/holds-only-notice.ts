import { openStore } from '../store/open-store.ts'
import { listNotices, listSweeps } from '../store/sweep-ledger.ts'

/** Whether every sweep of a census file came from a source with this notice. Throws StoreError for a foreign file. */
export function holdsOnlyNotice(
  place: { file: string; migrationsFolder: string },
  notice: string | null,
): boolean {
  const store = openStore({ ...place, mustExist: true })
  try {
    const sweeps = listSweeps(store)
    return (
      sweeps.every(sweep => sweep.notice === notice) &&
      (sweeps.length === 0 || listNotices(store)[0] === notice)
    )
  } finally {
    store.close()
  }
}
