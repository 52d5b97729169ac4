import { dayStates } from '../derive/completeness-calendar.ts'
import type { DayStates, HeldNote } from '../domain/day-decision.ts'
import type { SweepState } from '../domain/sweep.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findHold } from '../store/decide-day.ts'
import { listEvents } from '../store/list-events.ts'
import type { Store } from '../store/open-store.ts'
import { findCompleteSweep, listSweeps } from '../store/sweep-ledger.ts'

interface Span {
  after?: UtcDay
  until?: UtcDay
}

/** Held days after `after` and up to `until`, ascending, with why: numbers that stand on `after` know nothing of them. */
export function listHeldDays(store: Store, span: Span = {}): HeldNote[] {
  return daysIn(store, 'held', span).map(day => ({ day, because: whyHeld(store, day) }))
}

/** Rejected days after `after` and up to `until`, ascending, with the reason that was given last. */
export function listRejectedDays(store: Store, span: Span = {}): HeldNote[] {
  return daysIn(store, 'rejected', span).map(day => ({ day, because: whyRejected(store, day) }))
}

function daysIn(store: Store, wanted: SweepState, { after, until }: Span): UtcDay[] {
  return [...dayStates(listSweeps(store))]
    .filter(([day, state]) => state === wanted && !(after && day <= after) && !(until && day > until))
    .map(([day]) => day)
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

function whyRejected(store: Store, day: UtcDay): string | null {
  const why = listEvents(store, { kinds: ['day-rejected'], from: day, until: day }).at(-1)?.detail.why
  return typeof why === 'string' ? why : null
}

function whyHeld(store: Store, day: UtcDay): string | null {
  const reasons = findHold(store, day)?.reasons
  return typeof reasons === 'string' ? reasons : null
}
