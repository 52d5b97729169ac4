import { DEFINITION_VERSION, HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import type { RepoCleanSpan } from '../domain/clean.ts'
import type { Sweep } from '../domain/sweep.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { replaceKeptCorrections } from '../store/daily-corrections.ts'
import {
  clearPublishedDays,
  findTotalsBasis,
  listPublishedDays,
  type PublishedDay,
  publishDays,
  type TotalsBasis,
} from '../store/daily-totals.ts'
import { replaceMetricDocs } from '../store/metric-docs.ts'
import { indexNames } from '../store/name-index.ts'
import { listUnpackedDays, packObservations } from '../store/observation-packs.ts'
import type { Store } from '../store/open-store.ts'
import { LeaseError } from '../store/store-error.ts'
import { findCompleteSweep, listCompleteDays, listSweeps } from '../store/sweep-ledger.ts'
import { correctHubDays } from './correct-hub-days.ts'
import { detectEvents, isDetectionCurrent, spansAfter, writeDetection } from './detect-events.ts'
import type { Detection } from './detection.ts'
import type { Effects } from './effects.ts'
import { everyCorrection, everyDay, latestDay } from './running-days.ts'

export interface PublishedTotals {
  /** Days whose totals were written. */
  days: number
  rows: number
  /** `latest` used the current counters alone, `history` every observation, `none` had nothing to do. */
  from: 'latest' | 'history' | 'none'
}

type PublishEffects = Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>

/**
 * Brings `daily_total` up to date with facts and registry, in one transaction. The night's usual case reads only the
 * current counters; a changed registry, a changed definition or a hole recomputes history from the observations.
 */
export function publishDailyTotals(
  effects: PublishEffects,
  options: { recompute?: boolean } = {},
): PublishedTotals {
  const { store, log } = effects
  replaceMetricDocs(store, HEADLINE_METRICS)
  if (findCompleteSweep(store) === null) {
    // Nothing was ever complete, or the only complete day was rejected: then no number stands.
    if (findTotalsBasis(store) !== null) clearPublishedDays(store)
    return { days: 0, rows: 0, from: 'none' }
  }
  indexNames(store)
  // Another process may publish, or finish a sweep, while this one adds up: then what it added up is of no use.
  for (let attempt = 1; ; attempt += 1) {
    const done = publishOnce(effects, options.recompute ?? false)
    if (done !== null) return done
    if (attempt === PUBLISH_ATTEMPTS) throw overtaken(store.file)
    log.info({ attempt }, 'another process published meanwhile; looking again')
  }
}

const PUBLISH_ATTEMPTS = 3

/** Null when another process changed, while the totals were made, what they were made for. */
function publishOnce(effects: PublishEffects, mustRecompute: boolean): PublishedTotals | null {
  const { store, registry, clock, log } = effects
  const newestDay = findDue(effects, mustRecompute)?.newest.day
  if (newestDay === undefined) return { days: 0, rows: 0, from: 'none' }
  // Day by day, so that whoever writes pages beside this gets its turn.
  for (const day of listUnpackedDays(store, dayNumber(newestDay))) packObservations(store, day)
  // One state of the file for the decision and everything read on its strength: the next sweep may begin meanwhile.
  const ready = store.sqlite.transaction(() => prepare(effects, mustRecompute))()
  if (ready === null) return { days: 0, rows: 0, from: 'none' }
  const { newest, days, latest, known, detection, spans } = ready
  const basis = {
    registryRevision: registry.revision,
    definitionVersion: DEFINITION_VERSION,
    sweepKey: newest.sweepKey,
    publishedAt: clock.now(),
  }
  const [content, replace] =
    latest === null ? ([everyDay(effects, days, spans), 'all'] as const) : ([[latest], 'days'] as const)
  const rows = publishDays(store, content, basis, replace, {
    isStillDue: () =>
      findCompleteSweep(store)?.sweepKey === newest.sweepKey && isSameBasis(findTotalsBasis(store), known),
    finish() {
      if (detection !== null) writeDetection(store, detection, newest.sweepKey)
      const isPastCorrected = latest !== null && (detection?.changedFrom ?? null) !== null
      if (isPastCorrected) {
        for (const { day, corrections } of everyCorrection(effects, days, spans)) {
          replaceKeptCorrections(store, day, corrections)
        }
      }
      const isHistory = replace === 'all' || isPastCorrected || detection?.isEveryDay === true
      correctHubDays(store, days, isHistory ? null : newest.day)
    },
  })
  if (rows === null) return null
  if (latest !== null) {
    log.info({ day: newest.day, rows, correctedFrom: detection?.changedFrom ?? null }, 'totals published')
    return { days: 1, rows, from: 'latest' }
  }
  log.info(
    { days: days.length, rows, revision: registry.revision, because: ready.because },
    'totals recomputed from every observation',
  )
  return { days: days.length, rows, from: 'history' }
}

/** What is due, with everything it takes: what the detectors find, the spans that correct, and the newest day if it is enough. */
interface Prepared extends Due {
  /** Null when nothing new is to be detected. */
  detection: Detection | null
  spans: readonly RepoCleanSpan[]
  latest: PublishedDay | null
}

function prepare(effects: PublishEffects, mustRecompute: boolean): Prepared | null {
  const { store } = effects
  const due = findDue(effects, mustRecompute)
  if (due === null) return null
  const detection = detectEvents(effects, due.newest, due.days)
  const spans = spansAfter(store, detection)
  return {
    ...due,
    detection,
    spans,
    latest: due.because === null ? latestDay(effects, due.newest.day, spans) : null,
  }
}

function isSameBasis(a: TotalsBasis | null, b: TotalsBasis | null): boolean {
  return (
    a?.registryRevision === b?.registryRevision &&
    a?.definitionVersion === b?.definitionVersion &&
    a?.sweepKey === b?.sweepKey
  )
}

function overtaken(file: string): LeaseError {
  return new LeaseError({
    happened: `Other processes published the totals of ${file} again and again while this one added them up.`,
    kept: 'What they published is in the file.',
    next: 'Let one of them run at a time, then run the same command again.',
  })
}

/** What has to be published. */
interface Due {
  newest: Sweep
  /** Every complete day, ascending. */
  days: readonly UtcDay[]
  known: TotalsBasis | null
  /** Why the newest day alone is not enough; null when it is. */
  because: string | null
}

/** Null when nothing is new. */
function findDue({ store, registry }: PublishEffects, mustRecompute: boolean): Due | null {
  const newest = findCompleteSweep(store)
  if (newest === null) return null
  const days = listCompleteDays(store)
  const known = findTotalsBasis(store)
  const published = listPublishedDays(store)
  const due = (because: string | null): Due => ({ newest, days, known, because })
  if (mustRecompute) return due('it was asked for')
  if (known === null) return due('nothing was published before')
  if (known.registryRevision !== registry.revision) return due('the registry changed')
  if (known.definitionVersion !== DEFINITION_VERSION) return due('definitions changed')
  // Every day but the newest has its totals, and no total belongs to a day that is no longer complete.
  const isHistoryWhole =
    days.every(day => day === newest.day || published.includes(day)) &&
    published.every(day => days.includes(day))
  if (!isHistoryWhole) return due('complete days and published days differ')
  const isDetected = isDetectionCurrent(store)
  if (known.sweepKey === newest.sweepKey && published.includes(newest.day)) {
    return isDetected ? null : due('detectors changed')
  }
  return due(isOnlyNews(store, newest, known.sweepKey) ? null : 'more than the newest day is new')
}

/**
 * Whether the current counters are those of that sweep, and it is all that the totals do not know: no sweep of any
 * state came after it, and no other complete one since the totals were published, not even of an earlier day.
 */
function isOnlyNews(store: Store, newest: Sweep, knownKey: number): boolean {
  const sweeps = listSweeps(store)
  const news = sweeps.filter(sweep => sweep.sweepKey > knownKey && sweep.state === 'complete')
  return news.length === 1 && sweeps.every(sweep => sweep.sweepKey <= newest.sweepKey)
}
