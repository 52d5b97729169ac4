import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { findFalls } from './find-falls.ts'
import { findFirstMove } from './find-first-move.ts'
import { findFrozen } from './find-frozen.ts'
import { findSpikes } from './find-spikes.ts'
import { findStale } from './find-stale.ts'
import type { MarkedSpan } from './marked-days.ts'

const { reachDays } = DETECTOR_RULES.series

/** What a series is judged beside: the Hub-wide days, the newest complete day, and the repository's day of creation. */
export interface SeriesContext {
  marked: readonly MarkedSpan[]
  through: number
  createdOn: number
}

/**
 * Every incident of one series, in the order of cleaning: frozen stretches, falls, spikes, and beside them stale windows and
 * first moves. Nothing is remembered between calls, and an event that begins on day d rests on [d - 60, d + 60] alone: a series may be cut
 * to the days around the one asked about, so long as the last observation before the cut whose lifetime counter is known comes
 * with it (a fall is measured from there, however long ago). Likes may be NaN; then `likesDecide` (find-spikes.ts) says
 * whether that matters.
 */
export function detectSeries(series: CounterSeries, context: SeriesContext): FoundEvent[] {
  const { marked, through, createdOn } = context
  const frozen = findFrozen(series, marked)
  const falls = findFalls(series, through)
  const spikes = findSpikes(series, besideSpikes(marked, falls))
  const events = frozen
  for (const found of [falls, spikes, findStale(series), findFirstMove(series, createdOn)]) {
    for (const event of found) events.push(event)
  }
  for (const event of events) endWithSeries(event, series, through)
  return events
}

/** A recovery is no spike: days of a fall that came back are an incident of this series. */
function besideSpikes(marked: readonly MarkedSpan[], falls: readonly FoundEvent[]): readonly MarkedSpan[] {
  const drops = falls.filter(({ kind }) => kind !== 'restatement')
  if (drops.length === 0) return marked
  return [...marked, ...drops.map(({ from, until }): MarkedSpan => ({ kind: 'hub-incident', from, until }))]
}

/** Nothing lasts in a series that has had no observation for so long that none can end it. */
function endWithSeries(event: FoundEvent, { days }: CounterSeries, through: number): void {
  const reach = event.from + reachDays
  if (event.until !== null || event.kind === 'pending-drop' || through <= reach) return
  let last = event.from
  for (let at = days.length - 1; at >= 0; at -= 1) {
    if (days[at]! > reach) continue
    last = days[at]!
    break
  }
  event.until = last
  if (event.kind === 'spike') event.evidence = { ...event.evidence, status: 'burst' }
}
