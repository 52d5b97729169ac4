import { DEFINITION_VERSION } from '../derive/headline-metrics.ts'
import { CensusError } from '../domain/census-error.ts'
import { RAW_COUNTERS } from '../domain/clean.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { AnswerBasis } from '../domain/headline.ts'
import type { LaterSweep } from '../domain/review-gaps.ts'
import { findCompleteSweep, listNotices, listSweeps } from '../store/sweep-ledger.ts'
import { type AnswerEffects, basisCounters } from './answer-basis.ts'

/**
 * What an answer from the current counters carries: the day of the newest complete sweep, and the sweep, if any, that has
 * moved some of the counters past it. Needs no published totals. Throws a CensusError (usage) before the first complete sweep.
 */
export function currentBasis({ store, registry }: AnswerEffects): {
  basis: AnswerBasis
  laterSweep: LaterSweep | null
} {
  const newest = findCompleteSweep(store)
  if (newest === null) {
    throw new CensusError(
      {
        happened: `No sweep is complete in ${store.file}.`,
        kept: 'Nothing was changed.',
        next: 'Type "hub-census sweep"; run it again to resume.',
      },
      EXIT_CODES.usage,
    )
  }
  const later = listSweeps(store).findLast(sweep => sweep.sweepKey > newest.sweepKey)
  return {
    basis: {
      asOf: newest.day,
      notice: listNotices(store)[0] ?? null,
      source: newest.source,
      registryRevision: registry.revision,
      definitionVersion: DEFINITION_VERSION,
      ...basisCounters(RAW_COUNTERS),
    },
    laterSweep: later === undefined ? null : { day: later.day, state: later.state },
  }
}
