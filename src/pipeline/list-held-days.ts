import { dayStates } from '../derive/completeness-calendar.ts'
import type { DayStates, HeldNote } from '../domain/day-decision.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findHold } from '../store/decide-day.ts'
import { listEvents } from '../store/list-events.ts'
import type { Store } from '../store/open-store.ts'
import { findCompleteSweep, listSweeps } from '../store/sweep-ledger.ts'

/** Held days after `after` and up to `until`, ascending, with why: numbers that stand on `after` know nothing of them. */
export function listHeldDays(
  store: Store,
  { after, until }: { after?: UtcDay; until?: UtcDay } = {},
): HeldNote[] {
  return [...dayStates(listSweeps(store))]
    .filter(([day, state]) => state === 'held' && !(after && day <= after) && !(until && day > until))
    .map(([day]) => ({ day, because: whyHeld(store, day) }))
}

/** Every day that is not complete, and what was decided on days. */
export function listDayStates(store: Store): DayStates {
  return store.sqlite.transaction((): DayStates => {
    const days = [...dayStates(listSweeps(store))].flatMap(([day, state]) =>
      state === 'complete' ? [] : [{ day, state, because: whyHeld(store, day) }],
    )
    const decisions = listEvents(store, { kinds: ['day-held', 'day-accepted', 'day-rejected'] })
    return { days, decisions, newest: findCompleteSweep(store)?.day ?? null }
  })()
}

function whyHeld(store: Store, day: UtcDay): string | null {
  const reasons = findHold(store, day)?.reasons
  return typeof reasons === 'string' ? reasons : null
}
