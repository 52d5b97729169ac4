import type { SweepState } from '../domain/sweep.ts'
import { addDays, daysBetween, type UtcDay } from '../domain/utc-day.ts'

/** A stretch of days that are in no number, and why. */
export interface GapMark {
  kind: 'held' | 'rejected' | 'gap'
  from: UtcDay
  until: UtcDay
  /** Days of the stretch whose sweep is held, was rejected, or that have no complete one at all. */
  held: number
  rejected: number
  without: number
}

/**
 * The stretches between the days of a chart that are twice as wide as its usual spacing or wider: one expected day, at least, is
 * missing. With them those that end the chart: days after its last one whose sweep is held or was rejected. `days` ascend.
 */
export function gapMarks(days: readonly UtcDay[], states: ReadonlyMap<UtcDay, SweepState>): GapMark[] {
  const steps = days.slice(1).map((day, index) => daysBetween(days[index]!, day))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1
  const holes = steps.flatMap((step, index) =>
    step >= 2 * usual ? [markOf(addDays(days[index]!, 1), addDays(days[index + 1]!, -1), states)] : [],
  )
  const last = days.at(-1)
  const decided = last === undefined ? [] : [...states].filter(([day, state]) => day > last && isOut(state))
  const end = decided.map(([day]) => day).sort()
  return end.length === 0 ? holes : [...holes, markOf(end[0]!, end.at(-1)!, states)]
}

function markOf(from: UtcDay, until: UtcDay, states: ReadonlyMap<UtcDay, SweepState>): GapMark {
  const days = Array.from({ length: daysBetween(from, until) + 1 }, (_, index) => addDays(from, index))
  const held = days.filter(day => states.get(day) === 'held').length
  const rejected = days.filter(day => states.get(day) === 'rejected').length
  const kind = held > 0 ? 'held' : rejected > 0 ? 'rejected' : 'gap'
  return { kind, from, until, held, rejected, without: days.length - held - rejected }
}

function isOut(state: SweepState): boolean {
  return state === 'held' || state === 'rejected'
}
