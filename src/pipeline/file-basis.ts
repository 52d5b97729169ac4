import { DEFINITION_VERSION } from '../derive/headline-metrics.ts'
import type { FileBasis } from '../domain/event-answer.ts'
import { listNotices, listSweeps } from '../store/sweep-ledger.ts'
import type { AnswerEffects } from './answer-basis.ts'

/** What an answer about the file itself carries; never throws for a file without a complete day. */
export function fileBasis({ store, registry }: AnswerEffects): FileBasis {
  const sweeps = listSweeps(store)
  const newest = sweeps.findLast(({ state }) => state === 'complete')
  return {
    asOf: newest?.day ?? null,
    notice: listNotices(store)[0] ?? null,
    source: (newest ?? sweeps.at(-1))?.source ?? null,
    registryRevision: registry.revision,
    definitionVersion: DEFINITION_VERSION,
  }
}
