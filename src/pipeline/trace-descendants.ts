import type { DescendantNode, DescendantTree, MoreChildren } from '../domain/lineage-tree.ts'
import type { Store } from '../store/open-store.ts'
import { type Child, openChildFinder } from '../store/read-children.ts'
import type { BaseName } from '../store/read-descendants.ts'
import type { TraceTools } from './lineage-tools.ts'

/** Repositories shown in a tree at most: past that none is opened any more. */
const MOST_NODES = 20_000

/** A repository whose children were looked up. */
interface Opened {
  children: readonly Child[]
  more: MoreChildren
}

/**
 * The tree below a base to `depth` steps, `children` of each. A repository that stands on several bases is opened where it
 * is met first, breadth first, so that circles end and nothing is shown twice with all that hangs on it.
 */
export function traceDescendants(
  base: BaseName,
  { depth, children }: { depth: number; children: number },
  store: Store,
  { traced }: TraceTools,
): DescendantTree {
  const finder = openChildFinder(store)
  const top = finder.list(base, depth === 0 ? 0 : children)
  const itself = 'repoKey' in base ? base.repoKey : null
  const opened = new Map<number, Opened>()
  const parentOf = new Map<number, number | null>()
  if (itself !== null) opened.set(itself, top)
  let level = claim(top.children, itself)
  let shown = top.children.length
  for (let steps = 1; level.length > 0; steps += 1) {
    const next: number[] = []
    for (const repoKey of level) {
      const isLast = steps >= depth || shown >= MOST_NODES
      const found = finder.list({ repoKey }, isLast ? 0 : children)
      opened.set(repoKey, found)
      shown += found.children.length
      next.push(...claim(found.children, repoKey))
    }
    level = next
  }
  return { depth, children, more: top.more, nodes: inReadingOrder() }

  /** The children met here first, which are opened below this parent. */
  function claim(found: readonly Child[], parent: number | null): number[] {
    const first = found.map(({ repo }) => repo.repoKey).filter(key => key !== itself && !parentOf.has(key))
    for (const key of first) parentOf.set(key, parent)
    return first
  }

  function inReadingOrder(): DescendantNode[] {
    const nodes: DescendantNode[] = []
    const waiting = [...top.children].reverse().map(child => ({ child, parent: itself, steps: 1 }))
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { child, parent, steps } = next
      const { repoKey } = child.repo
      const isElsewhere = repoKey === itself || parentOf.get(repoKey) !== parent
      const below = opened.get(repoKey)!
      nodes.push({
        steps,
        ...traced(child.repo),
        relations: child.relations,
        derivatives: child.derivatives,
        isElsewhere,
        more: isElsewhere ? NOTHING_MORE : below.more,
      })
      if (isElsewhere) continue
      for (const grandchild of [...below.children].reverse())
        waiting.push({ child: grandchild, parent: repoKey, steps: steps + 1 })
    }
    return nodes
  }
}

const NOTHING_MORE: MoreChildren = { repos: 0, copies: 0, downloads30d: 0, goneRepos: 0 }
