import { DETECTOR_VERSION } from '../derive/detector-rules.ts'
import type { RepoCleanSpan } from '../domain/clean.ts'
import type { Sweep } from '../domain/sweep.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readCleanSpans, replaceCleanSpans } from '../store/clean-spans.ts'
import { listDayQualities, writeDayQuality } from '../store/day-qualities.ts'
import { replaceDetectedEvents } from '../store/detected-events.ts'
import { findDetectionBasis, writeDetectionBasis } from '../store/detection-basis.ts'
import type { Store } from '../store/open-store.ts'
import { listSweeps } from '../store/sweep-ledger.ts'
import { detectEverything } from './detect-everything.ts'
import { detectNewest } from './detect-newest.ts'
import type { Detection } from './detection.ts'
import type { Effects } from './effects.ts'

/**
 * What the detectors find that the file does not say yet, up to the newest complete sweep; null when it says it all. A
 * night after a detected one looks at what it changes; anything else (other rules, a day in between, a day rejected) looks at
 * all of history. Writes nothing.
 */
export function detectEvents(
  { store, log }: Pick<Effects, 'store' | 'log'>,
  newest: Sweep,
  days: readonly UtcDay[],
): Detection | null {
  const basis = findDetectionBasis(store)
  const isSameRules = basis?.detectorVersion === DETECTOR_VERSION
  const measured = listDayQualities(store)
  const isHistoryKnown =
    measured.every(({ day }) => days.includes(day)) &&
    days.every((day, at) => at === days.length - 1 || measured.some(quality => quality.day === day))
  if (isSameRules && isHistoryKnown && basis.sweepKey === newest.sweepKey) return null
  if (isSameRules && isHistoryKnown && isNextNight(store, newest, basis.sweepKey)) {
    const news = detectNewest(store, days)
    if (news !== null) return news
    log.info(
      { day: newest.day },
      'the night changes what earlier days look like; detecting over all of history',
    )
  }
  return detectEverything(store, days)
}

/** Whether what is stored was detected by the rules of this program, up to the newest complete sweep. */
export function isDetectionCurrent(store: Store): boolean {
  const newest = listSweeps(store).findLast(({ state }) => state === 'complete')
  const basis = findDetectionBasis(store)
  return basis?.detectorVersion === DETECTOR_VERSION && basis.sweepKey === newest?.sweepKey
}

/** Whether the sweep is the only complete one since, and the counters of the file are its own. */
function isNextNight(store: Store, newest: Sweep, knownKey: number): boolean {
  const sweeps = listSweeps(store)
  const known = sweeps.find(({ sweepKey }) => sweepKey === knownKey)
  const news = sweeps.filter(({ sweepKey, state }) => sweepKey > knownKey && state === 'complete')
  return (
    known?.state === 'complete' &&
    known.day < newest.day &&
    news.length === 1 &&
    sweeps.every(({ sweepKey }) => sweepKey <= newest.sweepKey)
  )
}

/** Every span that corrects a counter once the detection is written; the stored ones for null. */
export function spansAfter(store: Store, detection: Detection | null): readonly RepoCleanSpan[] {
  if (detection === null) return readCleanSpans(store)
  if (detection.spansOf === null) return detection.spans
  const renewed = new Set(detection.spansOf)
  return [...readCleanSpans(store).filter(({ repoKey }) => !renewed.has(repoKey)), ...detection.spans]
}

/** Writes events, spans and qualities with their basis, in the caller's transaction; by difference. */
export function writeDetection(store: Store, detection: Detection, sweepKey: number): void {
  const { events, eventsFrom, spans, spansOf, qualities, isEveryDay } = detection
  replaceDetectedEvents(store, events, eventsFrom === null ? undefined : { fromDay: eventsFrom })
  replaceCleanSpans(store, spans, spansOf ?? undefined)
  writeDayQuality(store, qualities, isEveryDay ? 'all' : 'days')
  writeDetectionBasis(store, { detectorVersion: DETECTOR_VERSION, sweepKey })
}
