import type { LineageGraph } from './lineage-graph.ts'

/** In which order nodes are settled anew. */
export interface SettlingOrder {
  /** Every node that changed or stands on one that did, each once. */
  nodes: Int32Array
  /** Those of them that are in no circle and stand on none, each after all it stands on. */
  ordered: Int32Array
  /** The others: circles, and what stands on them. */
  rest: readonly number[]
}

const NONE = -1

/** Finds the order for nodes that changed (Kahn 1962), in columns that are kept from one time to the next. */
export function createSettlingOrder(graph: LineageGraph): {
  of(changed: readonly number[]): SettlingOrder
} {
  /** By node: the latest time it was among the affected. */
  let stampOf = new Int32Array(0)
  let now = 0
  /** By node, while an order is made: bases not yet in it, and who was told last that one is. */
  let waitsFor = new Int32Array(0)
  let heardFrom = new Int32Array(0)

  function affectedBy(changed: readonly number[]): Int32Array {
    now += 1
    const nodes = new Int32Array(graph.nodeCount)
    let count = 0
    const add = (node: number) => {
      if (stampOf[node] === now) return
      stampOf[node] = now
      nodes[count++] = node
    }
    for (const node of changed) add(node)
    for (let at = 0; at < count; at += 1) graph.eachChild(nodes[at]!, add)
    return nodes.slice(0, count)
  }

  /** How many of the nodes it stands on are affected themselves. */
  function parentsWithin(node: number): number {
    const only = graph.onlyParentOf(node)
    if (only !== NONE) return stampOf[only] === now ? 1 : 0
    let count = 0
    for (const parent of graph.parentsOf(node)) if (stampOf[parent] === now) count += 1
    return count
  }

  function reach(length: number): void {
    if (stampOf.length >= length) return
    const longer = Math.ceil(length * 1.2)
    const stamps = new Int32Array(longer)
    stamps.set(stampOf)
    stampOf = stamps
    // These hold nothing from one time to the next.
    waitsFor = new Int32Array(longer)
    heardFrom = new Int32Array(longer)
  }

  return {
    of(changed) {
      reach(graph.nodeCount)
      const nodes = affectedBy(changed)
      const ordered = new Int32Array(nodes.length)
      let count = 0
      for (const node of nodes) {
        waitsFor[node] = parentsWithin(node)
        heardFrom[node] = NONE
        if (waitsFor[node] === 0) ordered[count++] = node
      }
      for (let at = 0; at < count; at += 1) {
        const parent = ordered[at]!
        graph.eachChild(parent, child => {
          if (heardFrom[child] === parent) return
          heardFrom[child] = parent
          waitsFor[child]! -= 1
          if (waitsFor[child] === 0) ordered[count++] = child
        })
      }
      const rest = count === nodes.length ? [] : [...nodes.filter(node => waitsFor[node]! > 0)]
      return { nodes, ordered: ordered.subarray(0, count), rest }
    },
  }
}
