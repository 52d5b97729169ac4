import { judgeDay } from '../derive/day-gate.ts'
import type { Evidence } from '../domain/counter-event.ts'
import type { GateLimits, GoodDayFigures, HoldReason, NightFigures } from '../domain/day-gate.ts'
import type { Sweep } from '../domain/sweep.ts'
import { daysBetween, type UtcDay } from '../domain/utc-day.ts'
import { compareSweeps } from '../store/compare-sweeps.ts'
import type { Store } from '../store/open-store.ts'

/** More unreadable rows than this mean the Hub changed its answer, not that a few rows are odd. */
const LARGEST_QUARANTINED_SHARE = 0.001

/** A walked sweep beside the last good day. */
export interface NightJudgement {
  /** Why it must not be published; empty when it may. */
  reasons: readonly HoldReason[]
  /** The last good day, at which every number stays when it is held; null before the first. */
  lastGood: UtcDay | null
  /** What was compared; null where nothing could be. */
  figures: { night: NightFigures; good: GoodDayFigures } | null
}

/**
 * Compares a walked sweep with the last good day. A list that is empty or cannot be read is held without a comparison.
 */
export function judgeNight(
  store: Store,
  sweep: Sweep,
  lastGood: Sweep | null,
  limits: GateLimits,
): NightJudgement {
  const broken = unreadable(sweep)
  if (broken !== null) return { reasons: [broken], lastGood: lastGood?.day ?? null, figures: null }
  if (lastGood === null) return { reasons: [], lastGood: null, figures: null }
  const figures = compareSweeps(store, sweep, lastGood)
  const reasons = judgeDay(figures.night, figures.good, limits, daysBetween(lastGood.day, sweep.day))
  return { reasons, lastGood: lastGood.day, figures }
}

/** Why a list says nothing at all, in words for its operator; null when it can be read. */
function unreadable({ rowCount, quarantinedCount }: Sweep): HoldReason | null {
  if (rowCount === 0) return { limit: 'empty', words: 'the Hub listed no repository at all' }
  if (quarantinedCount <= Math.max(1, rowCount * LARGEST_QUARANTINED_SHARE)) return null
  return {
    limit: 'quarantined',
    words: `${quarantinedCount} of ${rowCount} rows could not be understood; look at the table quarantine`,
  }
}

/** Reasons as one sentence without its end. */
export function reasonWords(reasons: readonly HoldReason[]): string {
  return reasons.map(({ words }) => words).join('; ')
}

/** The figures a decision on a day rests on. */
export function judgementEvidence(sweep: Sweep, { reasons, lastGood, figures }: NightJudgement): Evidence {
  const told = {
    reasons: reasonWords(reasons),
    limits: reasons.map(({ limit }) => limit).join(','),
    ...{ sweep: sweep.sweepKey, rows: sweep.rowCount, quarantined: sweep.quarantinedCount },
    comparedWith: figures === null ? null : lastGood,
  }
  if (figures === null) return told
  const { night, good } = figures
  return {
    ...told,
    ...{ repos: night.repos, reposBefore: good.repos, compared: night.compared },
    ...{ fell: night.fell, unchanged: night.unchanged },
    ...{ downloads30d: night.downloads30d, downloads30dBefore: good.downloads30d },
    ...{ downloadsAllTime: night.downloadsAllTime, downloadsAllTimeBefore: good.downloadsAllTime },
  }
}
