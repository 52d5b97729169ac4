import type { Sweep } from '../domain/sweep.ts'
import { writeUnderLease } from '../store/lease.ts'
import { closeSweep, completeSweep, findCompleteSweep } from '../store/sweep-ledger.ts'
import type { WalkEffects } from './walk-sweep.ts'

/** A complete sweep that shrank by more makes nothing gone: more likely a broken list than a mass deletion. */
const LARGEST_BELIEVED_SHRINKAGE = 0.01
/** A sweep that shrank by more is held: half a catalogue must not become the headline. */
const LARGEST_PUBLISHED_SHRINKAGE = 0.1
/** More unreadable rows than this mean the Hub changed its answer, not that a few rows are odd. */
const LARGEST_QUARANTINED_SHARE = 0.001

/**
 * Closes a walked sweep: complete, or held with the reason why it must not reach the headline. Only a complete one that
 * did not shrink by more than 1 % makes repositories gone. Throws a LeaseError when the sweep was taken over.
 */
export function finishSweep(
  { store, clock, log, lease }: WalkEffects,
  sweep: Sweep,
  acceptShrinkage: boolean,
): { sweep: Sweep; heldBecause: string | null } {
  const { rowCount: rows, quarantinedCount: quarantined } = sweep
  if (quarantined > 0) {
    log.warn({ quarantined, rows }, 'rows that could not be understood are in the table quarantine')
  }
  const previous = findCompleteSweep(store, sweep)
  const before = previous?.rowCount ?? rows
  const heldBecause = reasonToHold(sweep, before, acceptShrinkage)
  if (heldBecause !== null) {
    log.error({ rows, quarantined, before, heldBecause }, 'sweep is held back from every metric')
    return {
      sweep: writeUnderLease(store, lease, () => closeSweep(store, sweep.sweepKey, 'held', clock.now())),
      heldBecause,
    }
  }
  const mayRemove = rows >= before * (1 - LARGEST_BELIEVED_SHRINKAGE) || acceptShrinkage
  if (!mayRemove) {
    log.warn(
      { rows, before, absent: sweep.absentCount },
      'sweep shrank by more than 1 %; absent repositories are recorded and none becomes gone',
    )
  }
  return {
    sweep: writeUnderLease(store, lease, () => completeSweep(store, sweep.sweepKey, clock.now(), mayRemove)),
    heldBecause: null,
  }
}

/** Why a walked sweep must not reach the headline, in words for its operator; null when it may. */
function reasonToHold(sweep: Sweep, before: number, acceptShrinkage: boolean): string | null {
  const { rowCount, quarantinedCount } = sweep
  if (rowCount === 0) return 'the Hub listed no repository at all'
  if (quarantinedCount > Math.max(1, rowCount * LARGEST_QUARANTINED_SHARE)) {
    return `${quarantinedCount} of ${rowCount} rows could not be understood; look at the table quarantine`
  }
  if (rowCount < before * (1 - LARGEST_PUBLISHED_SHRINKAGE) && !acceptShrinkage) {
    return `the catalogue shrank from ${before} to ${rowCount} rows; when that is true, run "hub-census sweep --accept-shrinkage"`
  }
  return null
}
