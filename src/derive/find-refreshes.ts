import { DETECTOR_RULES } from './detector-rules.ts'

const { refresh: rules } = DETECTOR_RULES

/** Counters of several repositories at one instant. */
export interface Capture {
  /** Milliseconds since the epoch. */
  at: number
  /** 30-day counters by whatever names the repository; NaN for unknown. */
  counters: ReadonlyMap<string, number>
}

/** Two neighbouring captures between which the mass of the counters moved. */
export interface Refresh {
  after: number
  until: number
  /** Repositories in both with at least 900 downloads, and how many of them moved. */
  compared: number
  moved: number
}

/** Between which two neighbouring captures the Hub refreshed its 30-day counters (method.md 0.5), by time. */
export function findRefreshes(captures: readonly Capture[]): Refresh[] {
  const inTime = [...captures].sort((a, b) => a.at - b.at)
  return inTime.flatMap((capture, index) => {
    const earlier = inTime[index - 1]
    if (earlier === undefined || hasMoved(earlier, capture) !== true) return []
    return [{ after: earlier.at, until: capture.at, ...countMoved(earlier, capture) }]
  })
}

/** Whether the mass of the counters moved between two captures; null for fewer than 25 repositories in both. */
export function hasMoved(earlier: Capture, later: Capture): boolean | null {
  const { compared, moved } = countMoved(earlier, later)
  return compared < rules.captureRepos ? null : moved > rules.captureShare * compared
}

/** Only repositories in both: who enters or leaves a list says nothing about the counters. */
function countMoved(earlier: Capture, later: Capture): { compared: number; moved: number } {
  let compared = 0
  let moved = 0
  for (const [name, now] of later.counters) {
    const then = earlier.counters.get(name)
    if (then === undefined || !(Math.max(now, then) >= rules.captureDownloads30d)) continue
    compared += 1
    if (now !== then) moved += 1
  }
  return { compared, moved }
}
