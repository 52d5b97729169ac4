import { createRunningTotals } from '../derive/daily-totals.ts'
import { DEFINITION_VERSION, HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import type { Sweep } from '../domain/sweep.ts'
import type { DailyTotal } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findTotalsBasis, listTotalDays, publishTotals } from '../store/daily-totals.ts'
import { replaceMetricDocs } from '../store/metric-docs.ts'
import { readFactChanges } from '../store/read-fact-changes.ts'
import { readObservations, readPopulation, readPresenceChanges } from '../store/read-population.ts'
import { findCompleteSweep, listCompleteDays, listSweeps } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'

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
  const { store, registry, clock, log } = effects
  replaceMetricDocs(store, HEADLINE_METRICS)
  const newest = findCompleteSweep(store)
  if (newest === null) return { days: 0, rows: 0, from: 'none' }
  const days = listCompleteDays(store)
  const known = findTotalsBasis(store)
  const published = listTotalDays(store)
  const basis = {
    registryRevision: registry.revision,
    definitionVersion: DEFINITION_VERSION,
    sweepKey: newest.sweepKey,
    publishedAt: clock.now(),
  }
  const isSameJudgement =
    known?.registryRevision === basis.registryRevision && known.definitionVersion === basis.definitionVersion
  // Every day but the newest has its totals, and no total belongs to a day that is no longer complete.
  const isHistoryWhole =
    days.every(day => day === newest.day || published.includes(day)) &&
    published.every(day => days.includes(day))
  const mayReuse = isSameJudgement && isHistoryWhole && !options.recompute
  if (mayReuse && known.sweepKey === newest.sweepKey && published.includes(newest.day)) {
    return { days: 0, rows: 0, from: 'none' }
  }
  if (mayReuse && isOnlyNews(effects, newest, known.sweepKey)) {
    const rows = publishTotals(store, latestTotals(effects, newest.day), basis, 'days')
    log.info({ day: newest.day, rows }, 'totals published')
    return { days: 1, rows, from: 'latest' }
  }
  const rows = publishTotals(store, historyTotals(effects, days), basis, 'all')
  log.info(
    { days: days.length, rows, revision: registry.revision },
    'totals recomputed from every observation',
  )
  return { days: days.length, rows, from: 'history' }
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

function latestTotals({ store, registry }: PublishEffects, day: UtcDay): DailyTotal[] {
  const totals = createRunningTotals(registry, day)
  for (const { repo, counters, goneOn } of readPopulation(store)) {
    totals.add(repo)
    totals.observe(repo.repoKey, counters)
    if (goneOn !== null) totals.setGone(repo.repoKey, true)
  }
  return totals.totalsOn(day)
}

function* historyTotals({ store, registry }: PublishEffects, days: readonly UtcDay[]): Generator<DailyTotal> {
  const first = days[0]
  if (first === undefined) return
  const totals = createRunningTotals(registry, first)
  const descriptions = readFactChanges(store)
  const presence = readPresenceChanges(store)
  for (const { repo } of readPopulation(store)) totals.add(repo)
  let described = 0
  let present = 0
  let before: UtcDay | null = null
  for (const day of days) {
    for (; described < descriptions.length && descriptions[described]!.day <= day; described += 1) {
      totals.redescribe(descriptions[described]!.repo)
    }
    // What a partial or held sweep saw on the days between is a fact too, and stays until the next observation.
    for (const { repoKey, ...counters } of readObservations(store, before, day))
      totals.observe(repoKey, counters)
    for (; present < presence.length && presence[present]!.day <= day; present += 1) {
      totals.setGone(presence[present]!.repoKey, presence[present]!.isGone)
    }
    before = day
    yield* totals.totalsOn(day)
  }
}
