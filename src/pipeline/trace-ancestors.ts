import type { ReuploadAnswer } from '../derive/base-names.ts'
import { weighAncestors } from '../derive/weigh-ancestors.ts'
import type { LooseBase } from '../domain/lineage.ts'
import type { Ancestor, AncestorLink } from '../domain/lineage-tree.ts'
import type { FoundBase, LinkedRepo } from '../store/read-lineage.ts'
import type { TraceTools } from './lineage-tools.ts'

/** Ancestors kept: a chain of renamed copies can have 50,000, and nobody reads them. */
const MOST_ANCESTORS = 1000

/** Something met on the way up; the first is where the walk began. */
interface Place {
  steps: number
  base: { repo: LinkedRepo } | { declared: string; cause: LooseBase['cause'] }
  /** Places of its distinct bases, and how each came to be one. */
  bases: number[]
  links: { from: number; base: FoundBase | LooseBase }[]
}

/**
 * Walks up from a repository, breadth first: each ancestor once, nearest first, then by weight. `hasMore` when the walk met
 * more than are kept; weights then are of the part walked. A repository that only names itself has no ancestor by that.
 */
export function traceAncestors(
  repoKey: number,
  { reader, standingOf, traced }: TraceTools,
  copyOf: (repoId: string) => ReuploadAnswer | null,
): { ancestors: Ancestor[]; hasMore: boolean; isInCircle: boolean } {
  const places: Place[] = [{ steps: 0, base: { repo: reader.repo(repoKey) }, bases: [], links: [] }]
  const placeOf = new Map<number | string, number>([[repoKey, 0]])
  let hasMore = false

  function step(from: number, key: number | string, base: FoundBase | LooseBase): void {
    let at = placeOf.get(key)
    if (at === undefined) {
      if (places.length > MOST_ANCESTORS) {
        hasMore = true
        return
      }
      at = places.length
      placeOf.set(key, at)
      const met =
        'rule' in base
          ? { repo: reader.repo(base.baseRepoKey) }
          : { declared: base.declared, cause: base.cause }
      places.push({ steps: places[from]!.steps + 1, base: met, bases: [], links: [] })
    }
    if (!places[from]!.bases.includes(at)) places[from]!.bases.push(at)
    places[at]!.links.push({ from, base })
  }

  for (let from = 0; from < places.length; from += 1) {
    const { base: own } = places[from]!
    if (!('repo' in own)) continue
    const { found, loose } = reader.basesOf(own.repo.repoKey)
    for (const base of found) step(from, base.baseRepoKey, base)
    for (const base of loose) if (base.cause !== 'self') step(from, base.declared, base)
  }

  const { weights, isWithinCircle } = weighAncestors(places.map(({ bases }) => bases))
  const ancestors = places.slice(1).map(({ steps, base, links }, index): Ancestor => {
    const at = index + 1
    const met = { steps, weight: weights[at]!, links: links.map(link => linkOf(link, at)) }
    if ('repo' in base) return { ...met, repo: traced(base.repo), declared: null, standing: null }
    return {
      ...met,
      repo: null,
      declared: base.declared,
      standing: base.cause === 'absent' ? standingOf(base.declared) : null,
    }
  })
  ancestors.sort((a, b) => a.steps - b.steps || b.weight - a.weight)
  const isInCircle = places.some((_, at) => at > 0 && isWithinCircle(0, at))
  return { ancestors, hasMore, isInCircle }

  function linkOf({ from, base }: Place['links'][number], to: number): AncestorLink {
    const child = places[from]!.base as { repo: LinkedRepo }
    const { repoId } = child.repo
    const { declared, relation } = base
    const found = 'rule' in base ? base.rule : base.cause
    const rule = found === 're-upload' ? (copyOf(repoId)?.rule ?? null) : null
    return {
      ...{ repoId, declared, relation, found },
      isWithinCircle: isWithinCircle(from, to),
      reupload: rule === null ? null : { reason: rule.reason, evidence: rule.evidence },
    }
  }
}
