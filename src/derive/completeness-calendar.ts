import type { CalendarMonth, DayState } from '../domain/quality-answer.ts'
import type { Sweep, SweepState } from '../domain/sweep.ts'
import { addDays, daysBetween, type UtcDay } from '../domain/utc-day.ts'

/** Of several sweeps of a day the one that says most: a complete one makes the day, whatever came before or after. */
const ORDER: readonly SweepState[] = ['complete', 'held', 'rejected', 'partial', 'running']

/** The state of every day that has a sweep. */
export function dayStates(sweeps: readonly Pick<Sweep, 'day' | 'state'>[]): Map<UtcDay, SweepState> {
  const states = new Map<UtcDay, SweepState>()
  for (const { day, state } of sweeps) {
    const known = states.get(day)
    if (known === undefined || ORDER.indexOf(state) < ORDER.indexOf(known)) states.set(day, state)
  }
  return states
}

/**
 * The completeness calendar of a span, a month a row, whole months. A day without a sweep is a gap between the first and the last
 * day with one, and none outside; days outside the span are none.
 */
export function completenessCalendar(
  states: ReadonlyMap<UtcDay, SweepState>,
  { from, until }: { from: UtcDay; until: UtcDay },
): CalendarMonth[] {
  const known = [...states.keys()].sort()
  const [first, last] = [known[0], known.at(-1)]
  const stateOf = (day: UtcDay): DayState => {
    if (first === undefined || last === undefined || day < from || day > until) return 'none'
    return states.get(day) ?? (day > first && day < last ? 'gap' : 'none')
  }
  const months = new Map<string, DayState[]>()
  const start = firstOfMonth(from)
  const length = daysBetween(start, until) + 1
  for (let index = 0; index < length || !isFirst(addDays(start, index)); index += 1) {
    const day = addDays(start, index)
    const month = day.slice(0, 7)
    const days = months.get(month) ?? []
    days.push(stateOf(day))
    months.set(month, days)
  }
  return [...months].map(([month, days]) => ({ month, days }))
}

/** The first day of the month `count` months before that of a day. */
export function monthsBefore(day: UtcDay, count: number): UtcDay {
  let at = firstOfMonth(day)
  for (let index = 0; index < count; index += 1) at = firstOfMonth(addDays(at, -1))
  return at
}

function firstOfMonth(day: UtcDay): UtcDay {
  return addDays(day, 1 - Number(day.slice(8)))
}

function isFirst(day: UtcDay): boolean {
  return day.endsWith('-01')
}
