import { detectSeries } from '../derive/detect-series.ts'
import { DETECTOR_RULES } from '../derive/detector-rules.ts'
import { findHubDays } from '../derive/find-hub-days.ts'
import type { RepoCleanSpan } from '../domain/clean.ts'
import type { CounterEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { readCleanSpans } from '../store/clean-spans.ts'
import type { Store } from '../store/open-store.ts'
import { eachCounterSeries, openCounterSeries } from '../store/read-counter-series.ts'
import { readCurrentCounters } from '../store/read-current-counters.ts'
import { type Detection, firstDifference, keptSpans, markedSpans, toCounterEvent } from './detection.ts'
import { findStandingEvents } from './find-standing-events.ts'
import { measureEveryDay } from './measure-days.ts'

/**
 * Detects over all of history: the Hub-wide days first, then every repository's series beside them (method.md, order of
 * cleaning). `days` are the complete days, ascending; the counters of the file must be those of the last.
 */
export function detectEverything(store: Store, days: readonly UtcDay[]): Detection {
  const newest = days.at(-1)!
  const current = readCurrentCounters(store)
  const { qualities, publisherEvents } = measureEveryDay(store, days, current)
  const hubEvents = findHubDays(qualities).map(found => toCounterEvent(found, { of: 'hub' }))
  const marked = markedSpans(hubEvents)
  const events: CounterEvent[] = [...hubEvents, ...publisherEvents, ...findStandingEvents(store, newest)]
  const spans: RepoCleanSpan[] = []
  const through = dayNumber(newest)
  const readWhole = openCounterSeries(store)
  eachCounterSeries(store, (repoKey, packed) => {
    // Packs know no likes, and only the largest can have a spike: those are read once more, with everything.
    const series = mayHaveSpike(packed) ? readWhole(repoKey) : packed
    const createdOn = current.createdOn[repoKey] ?? 0
    const found = detectSeries(series, { marked, through, createdOn })
    if (found.length === 0) return
    events.push(...found.map(event => toCounterEvent(event, { of: 'repo', repoKey })))
    spans.push(...keptSpans(repoKey, series, found))
  })
  return {
    events,
    eventsFrom: null,
    spans,
    spansOf: null,
    qualities,
    isEveryDay: true,
    marked,
    changedFrom: firstChange(store, spans, through),
  }
}

/** The first day before the newest on which the stored spans correct otherwise. */
function firstChange(store: Store, spans: readonly RepoCleanSpan[], newest: number): UtcDay | null {
  const first = firstDifference(readCleanSpans(store), spans)
  return first < newest ? dayFromNumber(first) : null
}

/** Whether its counters ever did what a spike must at least do. */
function mayHaveSpike({ downloads30d, downloadsAllTime }: CounterSeries): boolean {
  const { windowRise, dailyDownloads } = DETECTOR_RULES.spike
  return (
    downloads30d.some(value => value >= windowRise) ||
    downloadsAllTime.some((value, at) => value - downloadsAllTime[at - 1]! >= dailyDownloads)
  )
}
