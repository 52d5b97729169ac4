import { createAttributor } from '../derive/attribute.ts'
import { UNRESOLVED } from '../derive/attribute-base.ts'
import { lineName } from '../derive/lines.ts'
import type { Standing, TracedRepo } from '../domain/lineage-tree.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { type LineageReader, type LinkedRepo, openLineageReader } from '../store/read-lineage.ts'
import type { AnswerEffects } from './answer-basis.ts'

/** What tracing a lineage asks again and again: facts about single repositories, and whose they are. */
export interface TraceTools {
  reader: LineageReader
  /** Whose an id is by its owner; unresolved for null. */
  standingOf(repoId: string | null): Standing
  traced(repo: LinkedRepo): TracedRepo
}

/** Judges for one day. */
export function openTraceTools({ store, registry }: AnswerEffects, asOf: UtcDay): TraceTools {
  const standingOf = openStandings(registry, asOf)
  return {
    reader: openLineageReader(store),
    standingOf,
    traced: ({ hubId, repoId, createdOn, goneOn, downloads30d, downloadsAllTime }) => ({
      ...{ hubId, repoId, standing: standingOf(repoId) },
      ...{ createdOn, goneOn, downloads30d, downloadsAllTime },
    }),
  }
}

function openStandings(registry: Registry, asOf: UtcDay): (repoId: string | null) => Standing {
  const attributor = createAttributor(registry)
  return repoId => {
    const { line, labKey } = repoId === null ? UNRESOLVED : attributor.attribute(repoId, asOf)
    const labName = labKey === null ? null : (registry.labs.get(labKey)?.name ?? null)
    return { line, lineName: lineName(registry, line), labKey, labName }
  }
}
