import { createReuploadFinder } from '../derive/base-names.ts'
import { DEFINITION_VERSION } from '../derive/headline-metrics.ts'
import type { LineageEnd, LinkRule, LooseCause } from '../domain/lineage.ts'
import { isRepoId } from '../domain/repo.ts'
import { findTotalsBasis } from '../store/daily-totals.ts'
import { openLineageReader } from '../store/read-lineage.ts'
import type { Effects } from './effects.ts'

/** What the published lineage says of one repository. */
export interface ExplainedLineage {
  /** Its declared bases but itself. */
  bases: readonly {
    declared: string
    relation: string
    repoId: string | null
    found: LinkRule | LooseCause
  }[]
  /** The reviewed rule by which it is a copy. */
  copy: { repoId: string; reason: string; evidence: string } | null
  roots: readonly {
    repoId: string | null
    declared: string | null
    weight: number
    depth: number
    end: LineageEnd
  }[]
}

/** Null before the first publication of a lineage. */
export function explainLineage(
  { repoKey, repoId }: { repoKey: number; repoId: string },
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
): ExplainedLineage | null {
  if (findTotalsBasis(store)?.definitionVersion !== DEFINITION_VERSION) return null
  const reader = openLineageReader(store)
  const { found, loose } = reader.basesOf(repoKey)
  const linked = found.flatMap(({ baseRepoKey, declared, relation, rule }) => {
    if (rule === 're-upload') return []
    const base = reader.repo(baseRepoKey).repoId
    return [{ declared: declared ?? base, relation, repoId: base, found: rule }]
  })
  const lost = loose
    .filter(({ cause }) => cause !== 'self')
    .map(({ declared, relation, cause }) => ({
      ...{ declared, relation, found: cause },
      repoId: isRepoId(declared) ? declared : null,
    }))
  const bases = [...linked, ...lost]
  const copied = bases.length > 0 ? null : createReuploadFinder(registry)(repoId)
  return {
    bases,
    copy: copied && {
      repoId: copied.repoId,
      reason: copied.rule.reason,
      evidence: copied.rule.evidence,
    },
    roots: reader.rootsOf(repoKey),
  }
}
