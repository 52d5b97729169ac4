import { DETECTOR_RULES } from '../derive/detector-rules.ts'
import type { CounterEvent } from '../domain/counter-event.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import type { KnownCounters } from '../store/counters-as-of.ts'
import { listNoted } from '../store/list-noted.ts'
import type { Store } from '../store/open-store.ts'
import type { CurrentCounters } from '../store/read-current-counters.ts'
import { EVENT_REACH_DAYS } from './detection.ts'

/** The counters of the complete day before, and of 30 days before where they were asked for. */
export interface EarlierCounters {
  before: KnownCounters
  monthBefore: KnownCounters
}

/**
 * The usual daily rate is a median of at least seven known increments, four of which are as large: the growth of a month is at
 * least so many times as much.
 */
const LEAST_MONTH_OF_A_DAY = 3.5

/**
 * Repositories whose events the newest day can have changed, ascending: rather too many than one too few. Those that fell since
 * the complete day before, that have an event which may still change, that are large enough for a spike, that stood still
 * when they should have moved, that show a window without downloads, that moved for the first time.
 */
export function findCandidates(
  store: Store,
  days: readonly UtcDay[],
  current: CurrentCounters,
  { before, monthBefore }: EarlierCounters,
  known: readonly CounterEvent[],
): number[] {
  const rules = DETECTOR_RULES
  const today = dayNumber(days.at(-1)!)
  const found = new Set<number>(listNoted(store, 'drop', days.at(-2) ?? null))
  for (const { subject } of known) if (subject.of === 'repo') found.add(subject.repoKey)
  const staleSince = firstStaleDay(days)
  const { downloads30d, downloadsAllTime, isListed, observedOn } = current
  const frozenLeast = rules.frozen.expected * LEAST_MONTH_OF_A_DAY
  for (let repoKey = 0; repoKey < isListed.length; repoKey += 1) {
    if (isListed[repoKey] === 0) continue
    const window = downloads30d[repoKey]!
    const lifetime = downloadsAllTime[repoKey]!
    const windowBefore = before.downloads30d[repoKey]!
    const lifetimeBefore = before.downloadsAllTime[repoKey]!
    const lifetimeMonthBefore = monthBefore.downloadsAllTime[repoKey]!
    const hasMoved = observedOn[repoKey] === today
    const isStill = !hasMoved || (windowBefore === window && isSame(lifetimeBefore, lifetime))
    // Who was seen tonight for something else than a counter stands still since nobody knows when.
    const stillDays = hasMoved ? LONGEST_STILL : Math.min(LONGEST_STILL, today - observedOn[repoKey]!)
    const monthly = Math.max(window, lifetime - lifetimeMonthBefore || 0)
    const isStale =
      window >= rules.stale.downloads30d &&
      lifetimeMonthBefore === lifetime &&
      observedOn[repoKey]! >= staleSince
    const isCandidate =
      window >= rules.spike.windowRise ||
      lifetime - lifetimeBefore >= rules.spike.dailyDownloads ||
      (isStill && monthly * stillDays >= frozenLeast) ||
      isStale ||
      (lifetimeBefore === 0 && lifetime >= rules.firstMove.downloads)
    if (isCandidate) found.add(repoKey)
  }
  return [...found].sort((a, b) => a - b)
}

/**
 * Whoever did not move since before this day (number) shows its stale window for so long that nothing of it can change. After a
 * gap the count of days begins anew, so then nobody is passed over.
 */
function firstStaleDay(days: readonly UtcDay[]): number {
  const reach = EVENT_REACH_DAYS + DETECTOR_RULES.stale.unchangedDays + 1
  const first = dayNumber(days.at(-2) ?? days.at(-1)!) - reach
  const recent = days.map(dayNumber).filter(day => day >= first - DETECTOR_RULES.stale.unchangedDays)
  const hasGap = recent.some(
    (day, at) => at > 0 && day - recent[at - 1]! >= DETECTOR_RULES.stale.unchangedDays,
  )
  return hasGap || recent[0]! > first ? 0 : first
}

/** What stood still for longer was found when it had stood so long. */
const LONGEST_STILL = DETECTOR_RULES.series.followDays + DETECTOR_RULES.series.neighbourDays

/** Whose counters of 30 days before are asked for: who can be reconciled, stand still against its growth, or show a stale window. */
export function isMonthWanted(downloads30d: number, downloadsAllTime: number): boolean {
  return (
    downloads30d >= DETECTOR_RULES.stale.downloads30d || downloadsAllTime >= DETECTOR_RULES.frozen.expected
  )
}

function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
