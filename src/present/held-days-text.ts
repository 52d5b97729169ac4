import type { HeldNote } from '../domain/day-decision.ts'
import type { Headline } from '../domain/headline.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'

const LONGEST_REASON = 1000
/** Only the newest are named one by one. */
const DAYS_NAMED = 3

/** That newer days are held or rejected, one line each: no number may look newer than it is. Made harmless for a terminal. */
export function heldDaysLines({
  heldDays,
  rejectedDays,
  basis: { asOf },
}: Pick<Headline, 'heldDays' | 'rejectedDays' | 'basis'>): string[] {
  return [...dayLines('held', heldDays, asOf), ...dayLines('rejected', rejectedDays, asOf)]
}

function dayLines(state: 'held' | 'rejected', held: readonly HeldNote[], asOf: UtcDay): string[] {
  const earlier = held.length - DAYS_NAMED
  const lines = held.slice(-DAYS_NAMED).map(({ day, because }) => {
    const why = because === null ? 'no reason is noted' : `because ${visibleText(because, LONGEST_REASON)}`
    return `${state}: ${day}, ${why}; figures stay at ${asOf}`
  })
  return earlier > 0
    ? [
        `${state}: ${earlier} earlier ${earlier === 1 ? 'day' : 'days'} after ${asOf}, see hub-census day list`,
        ...lines,
      ]
    : lines
}
