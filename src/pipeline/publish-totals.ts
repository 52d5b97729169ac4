import { DEFINITION_VERSION, HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import type { Sweep } from '../domain/sweep.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import {
  findTotalsBasis,
  listPublishedDays,
  type PublishedDay,
  publishDays,
  type TotalsBasis,
} from '../store/daily-totals.ts'
import { replaceMetricDocs } from '../store/metric-docs.ts'
import { indexNames } from '../store/name-index.ts'
import { listUnpackedDays, packObservations } from '../store/observation-packs.ts'
import { LeaseError } from '../store/store-error.ts'
import { findCompleteSweep, listCompleteDays, listSweeps } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'
import { everyDay, latestDay } from './running-days.ts'

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
  if (findCompleteSweep(store) === null) return { days: 0, rows: 0, from: 'none' }
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
  // One state of the file for the decision and everything read on its strength: the next sweep may begin meanwhile.
  const due = store.sqlite.transaction(() => findDue(effects, mustRecompute))()
  if (due === null) return { days: 0, rows: 0, from: 'none' }
  const { newest, days, latest, known } = due
  // Day by day, so that whoever writes pages beside this gets its turn.
  for (const day of listUnpackedDays(store, dayNumber(newest.day))) packObservations(store, day)
  const basis = {
    registryRevision: registry.revision,
    definitionVersion: DEFINITION_VERSION,
    sweepKey: newest.sweepKey,
    publishedAt: clock.now(),
  }
  const isStillDue = () =>
    findCompleteSweep(store)?.sweepKey === newest.sweepKey && isSameBasis(findTotalsBasis(store), known)
  const [content, replace] =
    latest === null ? ([everyDay(effects, days), 'all'] as const) : ([[latest], 'days'] as const)
  const rows = publishDays(store, content, basis, replace, isStillDue)
  if (rows === null) return null
  if (latest !== null) {
    log.info({ day: newest.day, rows }, 'totals published')
    return { days: 1, rows, from: 'latest' }
  }
  log.info(
    { days: days.length, rows, revision: registry.revision },
    'totals recomputed from every observation',
  )
  return { days: days.length, rows, from: 'history' }
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

/**
 * What has to be published: the newest day alone, already added up from the current counters (`latest`), or every
 * complete day; null when nothing is new.
 */
function findDue(
  effects: PublishEffects,
  mustRecompute: boolean,
): { newest: Sweep; days: readonly UtcDay[]; latest: PublishedDay | null; known: TotalsBasis | null } | null {
  const { store, registry } = effects
  const newest = findCompleteSweep(store)
  if (newest === null) return null
  const days = listCompleteDays(store)
  const known = findTotalsBasis(store)
  const published = listPublishedDays(store)
  const isSameJudgement =
    known?.registryRevision === registry.revision && known.definitionVersion === DEFINITION_VERSION
  // Every day but the newest has its totals, and no total belongs to a day that is no longer complete.
  const isHistoryWhole =
    days.every(day => day === newest.day || published.includes(day)) &&
    published.every(day => days.includes(day))
  if (!isSameJudgement || !isHistoryWhole || mustRecompute) return { newest, days, known, latest: null }
  if (known.sweepKey === newest.sweepKey && published.includes(newest.day)) return null
  const isNews = isOnlyNews(effects, newest, known.sweepKey)
  return {
    newest,
    days,
    known,
    latest: isNews ? latestDay(effects, newest.day) : null,
  }
}

/**
 * Whether the current counters are those of that sweep, and it is all that the totals do not know: no sweep of any
 * state came after it, and no other complete one since the totals were published, not even of an earlier day.
 */
function isOnlyNews({ store }: PublishEffects, newest: Sweep, knownKey: number): boolean {
  const sweeps = listSweeps(store)
  const news = sweeps.filter(sweep => sweep.sweepKey > knownKey && sweep.state === 'complete')
  return news.length === 1 && sweeps.every(sweep => sweep.sweepKey <= newest.sweepKey)
}
