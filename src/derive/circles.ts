import type { LineageGraph } from './lineage-graph.ts'

/** A circle of repositories that stand on each other, and everything that stands on it, its members included. */
export interface Circle {
  members: ReadonlySet<number>
  below: ReadonlySet<number>
}

/** Every circle of a graph, once. */
export function* circlesOf(graph: LineageGraph, isInCircle: (node: number) => boolean): Generator<Circle> {
  const known = new Set<number>()
  for (let node = 0; node < graph.nodeCount; node += 1) {
    if (known.has(node) || !isInCircle(node)) continue
    const below = spread(node, graph.eachChild)
    const above = spread(node, (from, hear) => graph.parentsOf(from).forEach(hear))
    const members = new Set([...below].filter(found => above.has(found)))
    for (const member of members) known.add(member)
    yield { members, below }
  }
}

function spread(from: number, each: (node: number, hear: (next: number) => void) => void): Set<number> {
  const found = new Set<number>()
  const waiting = [from]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    each(node, next => {
      if (found.has(next)) return
      found.add(next)
      waiting.push(next)
    })
  }
  return found
}
