import { detectSeries } from '../derive/detect-series.ts'
import { findHubDays } from '../derive/find-hub-days.ts'
import type { MarkedSpan } from '../derive/marked-days.ts'
import type { RepoCleanSpan } from '../domain/clean.ts'
import type { CounterEvent } from '../domain/counter-event.ts'
import { addDays, dayFromNumber, dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { readCleanSpans } from '../store/clean-spans.ts'
import { listDayQualities } from '../store/day-qualities.ts'
import { readDetectedEvents, readHubEvents } from '../store/detected-events.ts'
import type { Store } from '../store/open-store.ts'
import { openCounterSeries } from '../store/read-counter-series.ts'
import { readCurrentCounters } from '../store/read-current-counters.ts'
import {
  type Detection,
  EVENT_REACH_DAYS,
  firstDifference,
  keptSpans,
  markedSpans,
  toCounterEvent,
  toFoundEvent,
} from './detection.ts'
import { findCandidates } from './find-candidates.ts'
import { findStandingEvents } from './find-standing-events.ts'
import { addStretches, measureNewestDay } from './measure-days.ts'

/** More repositories than this to look at again are cheaper read all at once. */
const MOST_CANDIDATES = 20_000

/**
 * Detects what the newest complete day changes: only repositories that can have news are looked at, over the days that
 * their events can rest on. The same as `detectEverything` as long as the stored events, spans and qualities are those of the day
 * before. Null when that is not enough: the Hub-wide marks of earlier days changed, or too many repositories have news.
 */
export function detectNewest(store: Store, days: readonly UtcDay[]): Detection | null {
  const newest = days.at(-1)!
  const through = dayNumber(newest)
  const eventsFrom = addDays(days.at(-2) ?? newest, -EVENT_REACH_DAYS)
  const current = readCurrentCounters(store)
  const measured = measureNewestDay(store, days, current)
  const known = listDayQualities(store).filter(({ day }) => day >= addDays(eventsFrom, -EVENT_REACH_DAYS))
  const hubEvents = [...known, measured.quality]
  const foundHub = findHubDays(hubEvents)
    .filter(({ from }) => from >= dayNumber(eventsFrom))
    .map(found => toCounterEvent(found, { of: 'hub' }))
  const storedHub = readHubEvents(store)
  const marked = markedSpans([...storedHub.filter(({ day }) => day < eventsFrom), ...foundHub])
  if (!isOnlyExtended(markedSpans(storedHub), marked, through)) return null
  const latest = readDetectedEvents(store, { from: eventsFrom })
  const candidates = findCandidates(store, days, current, measured, latest)
  if (candidates.length > MOST_CANDIDATES) return null

  const older = new Map<number, CounterEvent[]>()
  for (const event of readDetectedEvents(store, { repoKeys: candidates })) {
    if (event.subject.of !== 'repo' || event.day >= eventsFrom) continue
    const { repoKey } = event.subject
    const list = older.get(repoKey)
    if (list) list.push(event)
    else older.set(repoKey, [event])
  }
  const publisherEvents = latest.filter(({ subject }) => subject.of === 'publisher')
  addStretches(publisherEvents, measured.publisherEvents, days.at(-2) ?? null)
  const events: CounterEvent[] = [
    ...foundHub,
    ...publisherEvents,
    ...findStandingEvents(store, newest, eventsFrom),
  ]
  const spans: RepoCleanSpan[] = []
  const readRecent = openCounterSeries(store, { from: addDays(eventsFrom, -2 * EVENT_REACH_DAYS) })
  const readWhole = openCounterSeries(store)
  const firstDay = dayNumber(days.find(day => day >= addDays(eventsFrom, -2 * EVENT_REACH_DAYS))!)
  for (const repoKey of candidates) {
    const recent = readRecent(repoKey)
    // Away for all that time, or begun within it: what it is compared with may lie before.
    const isCut =
      current.firstSeenOn[repoKey]! < firstDay &&
      (recent.days[0] !== firstDay || Number.isNaN(recent.downloadsAllTime[0]!))
    const series = isCut ? readWhole(repoKey) : recent
    const createdOn = current.createdOn[repoKey] ?? 0
    const found = detectSeries(series, { marked, through, createdOn }).filter(
      ({ from }) => from >= dayNumber(eventsFrom),
    )
    const subject = { of: 'repo', repoKey } as const
    events.push(...found.map(event => toCounterEvent(event, subject)))
    const all = [...(older.get(repoKey) ?? []).map(toFoundEvent), ...found]
    if (all.some(({ kind }) => CORRECTING.has(kind))) {
      spans.push(...keptSpans(repoKey, readWhole(repoKey), all))
    }
  }
  const first = firstDifference(readCleanSpans(store, candidates), spans)
  return {
    events,
    eventsFrom,
    spans,
    spansOf: candidates,
    qualities: [measured.quality],
    isEveryDay: false,
    marked,
    changedFrom: first < through ? dayFromNumber(first) : null,
  }
}

/** Kinds of events whose corrections are kept. */
const CORRECTING: ReadonlySet<string> = new Set(['transient-drop', 'pending-drop', 'restatement', 'spike'])

/** Whether two sets of marks agree on every day before the newest. */
function isOnlyExtended(before: readonly MarkedSpan[], now: readonly MarkedSpan[], newest: number): boolean {
  const daysOf = (spans: readonly MarkedSpan[]) =>
    spans
      .flatMap(({ kind, from, until }) => {
        const last = Math.min(until ?? newest - 1, newest - 1)
        return last < from ? [] : [`${kind} ${from} ${last}`]
      })
      .sort()
      .join()
  return daysOf(before) === daysOf(now)
}
