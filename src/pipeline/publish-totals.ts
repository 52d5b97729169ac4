import { createRunningTotals } from '../derive/daily-totals.ts'
import { DEFINITION_VERSION, HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import type { DailyTotal } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findTotalsBasis, listTotalDays, publishTotals } from '../store/daily-totals.ts'
import { replaceMetricDocs } from '../store/metric-docs.ts'
import { readObservations, readPopulation, readPresenceChanges } from '../store/read-population.ts'
import { listCompleteDays, listSweeps } from '../store/sweep-ledger.ts'
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
  const days = listCompleteDays(store)
  const published = new Set(listTotalDays(store))
  const missing = days.filter(day => !published.has(day))
  const before = findTotalsBasis(store)
  const isSameBasis =
    before?.registryRevision === registry.revision && before.definitionVersion === DEFINITION_VERSION
  const stale = [...published].some(day => !days.includes(day))
  const basis = {
    registryRevision: registry.revision,
    definitionVersion: DEFINITION_VERSION,
    publishedAt: clock.now(),
  }
  const latest = days.at(-1)
  if (latest === undefined || (isSameBasis && !stale && missing.length === 0 && !options.recompute)) {
    // A second complete sweep of the same day may have changed its counters.
    if (latest === undefined || !isRepeated(effects, latest)) return { days: 0, rows: 0, from: 'none' }
  }
  const isOnlyLatest = isSameBasis && !stale && !options.recompute && missing.every(day => day === latest)
  if (isOnlyLatest && isCurrent(effects, latest)) {
    const rows = publishTotals(store, latestTotals(effects, latest), basis, 'days')
    log.info({ day: latest, rows }, 'totals published')
    return { days: 1, rows, from: 'latest' }
  }
  const rows = publishTotals(store, historyTotals(effects, days), basis, 'all')
  log.info(
    { days: days.length, rows, revision: registry.revision },
    'totals recomputed from every observation',
  )
  return { days: days.length, rows, from: 'history' }
}

/** Whether the current counters are those of that day: no sweep of any state came after its complete one. */
function isCurrent({ store }: PublishEffects, day: UtcDay): boolean {
  const newest = listSweeps(store).at(-1)
  return newest?.state === 'complete' && newest.day === day
}

function isRepeated({ store }: PublishEffects, day: UtcDay): boolean {
  return listSweeps(store).filter(sweep => sweep.day === day && sweep.state === 'complete').length > 1
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
  for (const { repo } of readPopulation(store)) totals.add(repo)
  const presence = readPresenceChanges(store)
  let changed = 0
  let before: UtcDay | null = null
  for (const day of days) {
    // What a partial or held sweep saw on the days between is a fact too, and stays until the next observation.
    for (const { repoKey, ...counters } of readObservations(store, before, day))
      totals.observe(repoKey, counters)
    before = day
    for (; changed < presence.length && presence[changed]!.day <= day; changed += 1) {
      totals.setGone(presence[changed]!.repoKey, presence[changed]!.isGone)
    }
    yield* totals.totalsOn(day)
  }
}
