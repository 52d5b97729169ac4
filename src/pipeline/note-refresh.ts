import { effectiveDay, type SeenRefresh } from '../derive/effective-day.ts'
import type { Sweep } from '../domain/sweep.ts'
import { writeUnderLease } from '../store/lease.ts'
import { listSweepPages, listSweeps, recordEffectiveDay } from '../store/sweep-ledger.ts'
import type { WalkEffects } from './walk-sweep.ts'

/**
 * Notes of a sweep that was walked to its end which of the Hub's daily refreshes its 30-day counters are of (method.md 0.5), from the hours at
 * which its pages were seen and from how many counters had moved on each. A sweep without pages saw none.
 */
export function noteRefresh({ store, lease }: Pick<WalkEffects, 'store' | 'lease'>, sweep: Sweep): void {
  const pages = listSweepPages(store, sweep.sweepKey)
  if (pages.length === 0) return
  const { effectiveDay: day, by } = effectiveDay(pages, refreshBefore(store, sweep))
  writeUnderLease(store, lease, () => recordEffectiveDay(store, sweep.sweepKey, day, by))
}

/**
 * What the sweep before saw. Counters that moved are counted against the last ones known: only of a sweep that was walked to its
 * end is it known which those are.
 */
function refreshBefore(store: WalkEffects['store'], sweep: Sweep): SeenRefresh | null {
  const before = listSweeps(store).findLast(({ sweepKey }) => sweepKey < sweep.sweepKey)
  if (before === undefined || before.effectiveDay === null) return null
  const until = Math.max(...listSweepPages(store, before.sweepKey).map(({ observedAt }) => observedAt))
  return { effectiveDay: before.effectiveDay, until }
}
