import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { standsStill } from './find-frozen.ts'
import { type MarkedSpan, markedAs, touchesMarked } from './marked-days.ts'
import { dailyRate, medianIncrement, usualDaily } from './usual-rate.ts'

const RULES = DETECTOR_RULES.spike
const { followDays, reachDays } = DETECTOR_RULES.series

/**
 * Episodes of downloads that no use explains (method.md M16). A day is hot
 * - by `day`: its increment is above eight usual days and above 1,000,000. Says nothing while there is no 28-day median. After days
 *   that stood still an increment is that of all of them, and none from or to a marked day counts.
 * - by `window`: the 30-day counter is above three times its lowest value of the last 14 days, by at least 1,000,000, and above all of
 *   them, while likes rose by less than 5 %. Says nothing where likes are unknown. Days in or beyond a Hub incident are not compared with; a frozen
 *   day only delays the rise.
 * Derivatives are not looked at: no series has them day by day.
 *
 * Hot days not more than 14 days apart are one episode. It begins where the rise began: on the first of the days above three
 * times the usual rate that lead up to the first hot one without more than two quiet days between, and ends on the last before
 * three quiet ones, before a fall, or before a gap. Above for 45 days it is a rise that stays.
 *
 * Evidence: `status` `burst`, `open` (while it lasts) or `sustained`; the usual daily downloads before it, the greatest daily
 * increment, `excess` (lifetime downloads above the usual ones so far; null where the counter is unknown), both 30-day values.
 */
export function findSpikes(series: CounterSeries, marked: readonly MarkedSpan[]): FoundEvent[] {
  const events: FoundEvent[] = []
  if (!canSpike(series)) return events
  const { days } = series
  const incidents = markedAs(marked, 'hub-incident')
  let lastHot = Number.NEGATIVE_INFINITY
  for (let at = 1; at < days.length; at += 1) {
    const hot = hotness(series, at, marked, incidents)
    if (hot === null) continue
    const isNew = days[at]! - lastHot > RULES.windowDays
    lastHot = days[at]!
    if (isNew) events.push(episode(series, at, hot, marked))
  }
  return events
}

/**
 * Whether likes decide anything about this series: its 30-day counter rose as M16 asks. Series read without likes must then be
 * read again with them.
 */
export function likesDecide(series: CounterSeries, marked: readonly MarkedSpan[]): boolean {
  if (!canSpike(series)) return false
  const incidents = markedAs(marked, 'hub-incident')
  for (let at = 1; at < series.days.length; at += 1) {
    if (lowBefore(series, at, incidents) !== null) return true
  }
  return false
}

/** Both arms ask for a million: nearly every repository is done with here. */
function canSpike({ downloads30d, downloadsAllTime }: CounterSeries): boolean {
  const least = Math.min(RULES.windowRise, RULES.dailyDownloads)
  for (let at = 0; at < downloads30d.length; at += 1) {
    if (downloads30d[at]! >= least || downloadsAllTime[at]! > least) return true
  }
  return false
}

interface Hot {
  by: 'day' | 'window'
  /** The index of the day it is compared with. */
  low: number
}

function hotness(
  series: CounterSeries,
  at: number,
  marked: readonly MarkedSpan[],
  incidents: readonly MarkedSpan[],
): Hot | null {
  const { days, likes } = series
  if (
    dailyRate(series, at) > RULES.dailyDownloads &&
    !touchesMarked(marked, days[at - 1]!, days[at]!) &&
    spreadRate(series, at) > RULES.dailyDownloads &&
    spreadRate(series, at) > RULES.timesUsual * medianIncrement(series, at - 1)
  ) {
    return { by: 'day', low: at - 1 }
  }
  const low = lowBefore(series, at, incidents)
  if (low === null) return null
  // False where either is unknown.
  const isUnloved = likes[at]! - likes[low]! < RULES.likesShare * Math.max(likes[low]!, 1)
  return isUnloved ? { by: 'window', low } : null
}

/** The increment a day since the counters last moved: what comes after days that stood still was made on those, too. */
function spreadRate(series: CounterSeries, at: number): number {
  const { days, downloadsAllTime } = series
  let moved = at - 1
  while (standsStill(series, moved) && days[at]! - days[moved]! < followDays) moved -= 1
  return (downloadsAllTime[at]! - downloadsAllTime[moved]!) / (days[at]! - days[moved]!)
}

/** The index of the lowest 30-day value of the 14 days before, where the value at `at` is a rise as M16 asks. */
function lowBefore(
  { days, downloads30d }: CounterSeries,
  at: number,
  incidents: readonly MarkedSpan[],
): number | null {
  const value = downloads30d[at]!
  if (!(value >= RULES.windowRise)) return null
  let low = -1
  for (let before = at - 1; before >= 0 && days[at]! - days[before]! <= RULES.windowDays; before -= 1) {
    if (touchesMarked(incidents, days[before]!, days[before + 1]!)) break
    // A plateau is no rise: its likes came with the days before.
    if (downloads30d[before]! >= value) return null
    if (downloads30d[before]! < (low < 0 ? Number.POSITIVE_INFINITY : downloads30d[low]!)) low = before
  }
  return low >= 0 && isRise(downloads30d[low]!, value) ? low : null
}

function isRise(from: number, to: number): boolean {
  return to > RULES.timesWindow * from && to - from >= RULES.windowRise
}

function episode(series: CounterSeries, hotAt: number, hot: Hot, marked: readonly MarkedSpan[]): FoundEvent {
  const { days, downloads30d, downloadsAllTime, likes } = series
  const loudRate = (at: number) => Math.max(RULES.loudTimes * usualDaily(series, at), RULES.loudDownloads)
  const first = hot.by === 'day' ? hotAt : riseBefore(series, hotAt, hot.low, loudRate(hot.low))
  const before = first - 1
  const usual = usualDaily(series, before)
  const loud = loudRate(before)

  let last = hotAt
  let peakDaily = Number.NaN
  let quiet = 0
  let isOver = false
  for (let at = first; at < days.length && days[at]! <= days[first]! + reachDays; at += 1) {
    const length = days[at]! - days[at - 1]!
    const rate = dailyRate(series, at)
    if (!(rate <= peakDaily) && !Number.isNaN(rate)) peakDaily = rate
    if (at <= hotAt) continue
    if (rate > loud) {
      last = at
      quiet = 0
      if (days[last]! - days[first]! >= RULES.sustainedDays - 1) break
    } else if (!touchesMarked(marked, days[at]!, days[at]!)) {
      // A marked day that stands still is no quiet one.
      quiet += length
      isOver = rate < 0 || quiet > RULES.quietDays
      if (isOver) break
    }
  }
  const isSustained = days[last]! - days[first]! >= RULES.sustainedDays - 1
  const excess = downloadsAllTime[last]! - downloadsAllTime[before]! - usual * (days[last]! - days[before]!)
  return {
    kind: 'spike',
    from: days[first]!,
    until: isSustained || isOver ? days[last]! : null,
    evidence: {
      status: isSustained ? 'sustained' : isOver ? 'burst' : 'open',
      by: hot.by,
      usualDaily: knownOrNull(usual),
      peakDaily: knownOrNull(peakDaily),
      excess: Number.isNaN(excess) ? null : Math.round(excess),
      downloads30dBefore: knownOrNull(downloads30d[hot.low]!),
      downloads30d: knownOrNull(downloads30d[hotAt]!),
      ...(hot.by === 'window' ? { likesBefore: likes[hot.low]!, likes: likes[hotAt]! } : {}),
    },
  }
}

/** Where the days above the loud rate begin that lead up to `hotAt`; that day itself where none does. After `low`. */
function riseBefore(series: CounterSeries, hotAt: number, low: number, loud: number): number {
  const { days } = series
  // Without lifetime counters the rise is all there is to see.
  if (Number.isNaN(dailyRate(series, hotAt))) return low + 1
  let first = hotAt
  for (let at = hotAt; at > low; at -= 1) {
    if (days[first]! - days[at]! > RULES.quietDays + 1) break
    if (dailyRate(series, at) > loud) first = at
  }
  return first
}

function knownOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
