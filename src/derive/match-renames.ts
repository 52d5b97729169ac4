import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { rename: rules } = DETECTOR_RULES

/** A name in a recording that knows no `_id`, with its last or first lifetime counter; NaN for unknown. */
export interface NamedCounter {
  repoId: string
  downloadsAllTime: number
}

export interface MatchedRename {
  from: string
  to: string
  /** The lifetime counters on either side. */
  downloadsAllTimeBefore: number
  downloadsAllTimeAfter: number
}

/**
 * Which vanished names came back as which new ones, for recordings that know names only: lifetime counters of at least 1,000
 * that are within 1 % of each other (of the larger), where neither has another such partner. By the old name.
 */
export function matchRenames(
  vanished: readonly NamedCounter[],
  appeared: readonly NamedCounter[],
): MatchedRename[] {
  const after = bySize(appeared)
  const partners = bySize(vanished).map(old => ({ old, found: partnersOf(old, after) }))
  const asked = new Map<NamedCounter, number>()
  for (const { found } of partners) for (const one of found) asked.set(one, (asked.get(one) ?? 0) + 1)
  return partners
    .flatMap(({ old, found }) => {
      const [one] = found
      if (one === undefined || found.length > 1 || asked.get(one) !== 1) return []
      return [
        {
          from: old.repoId,
          to: one.repoId,
          downloadsAllTimeBefore: old.downloadsAllTime,
          downloadsAllTimeAfter: one.downloadsAllTime,
        },
      ]
    })
    .sort((a, b) => (a.from < b.from ? -1 : 1))
}

function bySize(counters: readonly NamedCounter[]): NamedCounter[] {
  return counters
    .filter(({ downloadsAllTime }) => downloadsAllTime >= rules.downloadsAllTime)
    .sort((a, b) => a.downloadsAllTime - b.downloadsAllTime)
}

function partnersOf({ downloadsAllTime }: NamedCounter, ascending: readonly NamedCounter[]): NamedCounter[] {
  const isNear = (other: number) =>
    Math.abs(other - downloadsAllTime) <= rules.tolerance * Math.max(other, downloadsAllTime)
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = ascending[middle]!.downloadsAllTime
    if (other < downloadsAllTime && !isNear(other)) low = middle + 1
    else high = middle
  }
  const found: NamedCounter[] = []
  for (let at = low; at < ascending.length && isNear(ascending[at]!.downloadsAllTime); at += 1) {
    found.push(ascending[at]!)
  }
  return found
}

/**
 * Days (numbers) on which a name's counters began anew, for recordings that know names only: the lifetime counter lost at
 * least half, and all that is left lies within the 30-day window (at most 1.05 times that counter). It was older than its window
 * before: of a younger one a restatement looks the same. From such a day on it is another repository's series.
 */
export function findNewBeginnings({ days, downloads30d, downloadsAllTime }: CounterSeries): number[] {
  const found: number[] = []
  let known = -1
  for (let at = 0; at < days.length; at += 1) {
    const lifetime = downloadsAllTime[at]!
    if (Number.isNaN(lifetime)) continue
    if (known >= 0) {
      const before = downloadsAllTime[known]!
      const isOlder = !(before <= rules.timesWindow * downloads30d[known]!)
      const hasFallen = before > 0 && lifetime <= (1 - rules.lostShare) * before
      if (isOlder && hasFallen && lifetime <= rules.timesWindow * downloads30d[at]!) found.push(days[at]!)
    }
    known = at
  }
  return found
}
