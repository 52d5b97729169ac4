import type { KeptRule } from '../domain/clean.ts'
import type { UtcDay } from '../domain/utc-day.ts'

/** What one rule adds to a series on one of its days; 0 where it adds nothing. */
export interface CorrectionPoint {
  day: UtcDay
  correction: number
  /** Repositories corrected. */
  repos: number
}

/** Days on which the correction of a series is, or moves by, at least the least amount. */
export interface CorrectionMark {
  rule: KeptRule
  from: UtcDay
  until: UtcDay
  repos: number
}

/** Of the least amount: a correction that moves by less from day to day stands still. */
const STILL = 0.05
/** Days a moving correction may stand still in between. */
const PAUSE = 2

/**
 * The days of a series worth marking, by what a rule corrects on them: a restatement is marked on the day its correction jumps (the
 * days before it are counted otherwise, the days after are not); a transient drop on the days it lasts; a spike on the days its
 * correction moves, as what it added to a lifetime counter stays. `points` ascend; `least` in downloads, above 0.
 */
export function correctionMarks(
  rule: KeptRule,
  points: readonly CorrectionPoint[],
  least: number,
): CorrectionMark[] {
  const runs =
    rule === 'restatement'
      ? jumps(points, least)
      : rule === 'spike'
        ? moves(points, least)
        : levels(points, least)
  return runs.map(([first, last]) => ({
    rule,
    from: points[first]!.day,
    until: points[last]!.day,
    repos: Math.max(...points.slice(Math.max(0, first - 1), last + 1).map(({ repos }) => repos)),
  }))
}

type Run = [first: number, last: number]

function jumps(points: readonly CorrectionPoint[], least: number): Run[] {
  return points.flatMap((_, index): Run[] =>
    index > 0 && Math.abs(stepAt(points, index)) >= least ? [[index, index]] : [],
  )
}

function levels(points: readonly CorrectionPoint[], least: number): Run[] {
  return runsOf(points, index => Math.abs(points[index]!.correction) >= least, 0)
}

function moves(points: readonly CorrectionPoint[], least: number): Run[] {
  const isMoving = (index: number) => Math.abs(stepAt(points, index)) > least * STILL
  return runsOf(points, isMoving, PAUSE).filter(([first, last]) => {
    const before = points[first - 1]?.correction ?? 0
    return points.slice(first, last + 1).some(({ correction }) => Math.abs(correction - before) >= least)
  })
}

function stepAt(points: readonly CorrectionPoint[], index: number): number {
  return points[index]!.correction - (points[index - 1]?.correction ?? 0)
}

/** Runs of points for which something holds, at most `pause` others in between. */
function runsOf(points: readonly unknown[], holds: (index: number) => boolean, pause: number): Run[] {
  const runs: Run[] = []
  points.forEach((_, index) => {
    if (!holds(index)) return
    const last = runs.at(-1)
    if (last !== undefined && index - last[1] - 1 <= pause) last[1] = index
    else runs.push([index, index])
  })
  return runs
}
