import type { Crossing, CrossingPoint, Crossover } from '../domain/crossover.ts'
import { addDays, dayNumber, daysBetween, type UtcDay } from '../domain/utc-day.ts'

export interface SeriesPoint {
  day: UtcDay
  /** Null when unknown: the day is then a gap, not a zero. */
  value: number | null
}

/**
 * When series `a` first exceeds series `b` and stays ahead for `holdDays` (method.md M2): the answer is the bracket
 * last day observed behind or level, first day observed ahead. Days with an unknown value on either side are gaps.
 * A lead that has not lasted `holdDays` by the last observation is provisional; one that was lost by the first
 * observation at or after their end is not a crossing and is counted. Later crossings, in both directions, are listed
 * under the same rule.
 */
export function findCrossover(
  a: readonly SeriesPoint[],
  b: readonly SeriesPoint[],
  { holdDays }: { holdDays: number },
): Crossover {
  const points = joinByDay(a, b)
  const first = points[0]
  const last = points.at(-1)
  // Two empty sums are no race: nobody is behind where nothing was counted.
  const isEmpty = points.every(point => point.a === 0 && point.b === 0)
  if (!first || !last || isEmpty) {
    const none = { crossings: [], lostLeads: 0, dips: 0, isAhead: false, firstDay: null, lastDay: null }
    return { outcome: 'no-data', crossing: null, ...none, holdDays }
  }
  const crossings: Crossing[] = []
  // Who holds the lead: at the start whoever is ahead, later whoever took it and kept it. A leader who dips and comes
  // back within the hold has not crossed anything.
  let lead: 'ahead' | 'behind' | null = first.a === first.b ? null : first.a > first.b ? 'ahead' : 'behind'
  let lostLeads = 0
  let dips = 0
  for (let index = 1; index < points.length; index += 1) {
    const direction = turn(points[index - 1]!, points[index]!)
    if (direction === null || direction === lead) continue
    const crossing = describe(points, index, direction, holdDays)
    if (crossing !== null) {
      crossings.push(crossing)
      lead = direction
    } else if (direction === 'ahead') lostLeads += 1
    else if (lead === 'ahead') dips += 1
  }
  const crossing = crossings.find(found => found.direction === 'ahead') ?? null
  const base = {
    crossings,
    lostLeads,
    dips,
    isAhead: lead === 'ahead',
    firstDay: first.day,
    lastDay: last.day,
    holdDays,
  }
  if (crossing !== null) return { outcome: crossing.isHeld ? 'crossed' : 'provisional', crossing, ...base }
  return { outcome: first.a > first.b ? 'ahead-from-the-start' : 'never', crossing: null, ...base }
}

function joinByDay(a: readonly SeriesPoint[], b: readonly SeriesPoint[]): CrossingPoint[] {
  const other = new Map(b.map(point => [point.day, point.value]))
  return a
    .flatMap(({ day, value }) => {
      const second = other.get(day)
      return value === null || second === null || second === undefined ? [] : [{ day, a: value, b: second }]
    })
    .sort((x, y) => (x.day < y.day ? -1 : 1))
}

function turn(before: CrossingPoint, after: CrossingPoint): 'ahead' | 'behind' | null {
  if (before.a <= before.b && after.a > after.b) return 'ahead'
  if (before.a >= before.b && after.a < after.b) return 'behind'
  return null
}

/** The crossing at `index`, or null when the lead was lost before it was seen to last the hold. */
function describe(
  points: readonly CrossingPoint[],
  index: number,
  direction: 'ahead' | 'behind',
  holdDays: number,
): Crossing | null {
  const lastBefore = points[index - 1]!
  const firstAfter = points[index]!
  const until = addDays(firstAfter.day, holdDays)
  // Up to the first observation at or after the end of the hold: with sparse days, silence proves no lead.
  const end = points.findIndex(point => point.day >= until)
  const within = points.slice(index, end < 0 ? points.length : end + 1)
  const isLeading = (point: CrossingPoint) => (direction === 'ahead' ? point.a > point.b : point.a < point.b)
  if (!within.every(isLeading)) return null
  const lastDay = points.at(-1)!.day
  return {
    direction,
    lastBefore,
    firstAfter,
    interpolated: interpolate(lastBefore, firstAfter),
    isHeld: lastDay >= until,
    observedAfter: daysBetween(firstAfter.day, lastDay),
  }
}

/** The day on which straight lines between the two observations meet: a reading aid, never an observation. */
function interpolate(before: CrossingPoint, after: CrossingPoint): UtcDay {
  const gapBefore = before.b - before.a
  const gapAfter = after.b - after.a
  const fraction = gapBefore === gapAfter ? 1 : gapBefore / (gapBefore - gapAfter)
  const span = dayNumber(after.day) - dayNumber(before.day)
  return addDays(before.day, Math.ceil(span * fraction))
}
