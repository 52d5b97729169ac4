import { derivativeDrift } from '../derive/derivative-drift.ts'
import { CensusError } from '../domain/census-error.ts'
import type { DerivativeDrift } from '../domain/derivative-check.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import { DERIVATIVE_RELATIONS } from '../domain/relation.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { countChildren } from '../source/count-children.ts'
import {
  countMostUsedBases,
  findCheckBefore,
  readCheckedPairs,
  recordDerivativeCheck,
  recordDerivativeDrift,
} from '../store/derivative-counts.ts'
import { findCompleteSweep } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'
import { openHub } from './open-census.ts'
import type { JobContext } from './run-job.ts'

export interface DerivativesChecked {
  /** (base, relation) pairs counted from the sweep. */
  pairs: number
  /** Bases compared with the Hub's own count. */
  checked: number
  /** Bases for which at least one relation differed. */
  differing: number
  /** Bases the Hub no longer shows under their name. */
  unavailable: number
  /** Set when the counts are markedly further from the Hub's than at the check before. */
  drift: { since: UtcDay; drift: DerivativeDrift } | null
}

/**
 * Counts the direct derivatives of every base from the sweep's own edges and compares the `limit` most used bases with
 * the Hub's `childrenModelCount`. Differences are stored, never corrected; one that grew markedly since the check before
 * (`derivativeDrift`) is an event. Throws HubError; comparisons made so far stay.
 */
export async function checkDerivatives(
  day: UtcDay,
  limit: number,
  { hub, store, log }: Pick<Effects, 'hub' | 'store' | 'log'>,
  signal?: AbortSignal,
): Promise<DerivativesChecked> {
  const { bases, pairs } = countMostUsedBases(store, limit)
  const result: DerivativesChecked = { pairs, checked: 0, differing: 0, unavailable: 0, drift: null }
  for (const base of bases) {
    signal?.throwIfAborted()
    const theirs = await countChildren(hub, base.repoId, signal)
    if (theirs === null) {
      result.unavailable += 1
      continue
    }
    const compared = DERIVATIVE_RELATIONS.map(relation => ({
      relation,
      ours: base.counts.get(relation) ?? 0,
      hub: theirs.get(relation) ?? 0,
    }))
    recordDerivativeCheck(store, day, base.repoKey, compared)
    result.checked += 1
    if (compared.some(({ ours, hub: other }) => ours !== other)) {
      result.differing += 1
      log.warn({ repoId: base.repoId, compared }, 'derivative count differs from the Hub')
    }
  }
  result.drift = noteDrift(day, { store, log })
  log.info({ ...result }, 'derivatives counted and checked')
  return result
}

function noteDrift(day: UtcDay, { store, log }: Pick<Effects, 'store' | 'log'>): DerivativesChecked['drift'] {
  const since = findCheckBefore(store, day)
  const drift = since && derivativeDrift(readCheckedPairs(store, since), readCheckedPairs(store, day))
  const found = since && drift ? { since, drift } : null
  recordDerivativeDrift(store, day, found)
  if (found) log.warn({ day, ...found }, 'derivative counts drift from the Hub')
  return found
}

/** The same for the day of the newest complete sweep, with a connection of its own. Throws a CensusError without one. */
export async function checkLatestDerivatives(
  limit: number,
  context: JobContext,
): Promise<DerivativesChecked> {
  const { store, clock, log, place, signal } = context
  const sweep = findCompleteSweep(store)
  if (sweep === null) {
    throw new CensusError(
      {
        happened: `${store.file} holds no complete sweep, so there is nothing to count.`,
        kept: 'Nothing was changed.',
        next: 'Type "hub-census sweep" first.',
      },
      EXIT_CODES.usage,
    )
  }
  const hub = openHub(place, { clock, log })
  try {
    return await checkDerivatives(sweep.day, limit, { hub, store, log }, signal)
  } finally {
    await hub.close()
  }
}
