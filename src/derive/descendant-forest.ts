import type { LineageGraph } from './lineage-graph.ts'

/**
 * The trees that a graph of bases mostly is: a node with one base hangs on it, one with several or in a circle (a
 * `carrier`) is the top of a tree of its own. Sums over everything below a node of its tree cost one pass.
 */
export interface DescendantForest {
  /** Nodes that stand on several, or are in a circle. */
  carriers: readonly number[]
  /** By node: the one it hangs on; -1 at the top of a tree. */
  above: Int32Array
  /** Every node, whoever hangs on it before it. */
  order: Int32Array
  /** By node: its place in a walk through the trees, and the first place behind everything that hangs on it. */
  placeOf: Int32Array
  endOf: Int32Array
  /** The lowest node that both hang on or are; -1 in different trees. */
  meet(a: number, b: number): number
  /** By node, with the sums of those that hang on it added to its own. In place. */
  sumUp(values: Int32Array): void
}

const NONE = -1

export function plantForest(graph: LineageGraph, isInCircle: (node: number) => boolean): DescendantForest {
  const { nodeCount } = graph
  const above = new Int32Array(nodeCount)
  const carriers: number[] = []
  const waitsFor = new Int32Array(nodeCount)
  for (let node = 0; node < nodeCount; node += 1) {
    const only = graph.onlyParentOf(node)
    above[node] = only === NONE || isInCircle(node) ? NONE : only
    if (above[node] !== NONE) waitsFor[above[node]!]! += 1
    else if (only !== NONE || graph.parentsOf(node).length > 0) carriers.push(node)
  }
  const order = orderFromBelow(above, waitsFor)
  const sizes = new Int32Array(nodeCount).fill(1)
  const sumUp = (values: Int32Array) => {
    for (const node of order) if (above[node] !== NONE) values[above[node]!]! += values[node]!
  }
  sumUp(sizes)
  const { placeOf, endOf } = places(order, above, sizes)
  const { headOf, depthOf } = heavyPaths(order, above, sizes)
  return {
    ...{ carriers, above, order, placeOf, endOf, sumUp },
    meet(a, b) {
      let [u, v] = [a, b]
      // Along heavy paths a way up has at most as many of them as the size of the tree has doublings.
      while (headOf[u] !== headOf[v]) {
        if (depthOf[headOf[u]!]! < depthOf[headOf[v]!]!) [u, v] = [v, u]
        u = above[headOf[u]!]!
        if (u === NONE) return NONE
      }
      return depthOf[u]! < depthOf[v]! ? u : v
    },
  }
}

/** Nodes from the leaves up. Texts that lead to nothing but each other are no tree: their ways up are cut. */
function orderFromBelow(above: Int32Array, waitsFor: Int32Array): Int32Array {
  const order = new Int32Array(above.length)
  let count = 0
  const take = (node: number) => {
    order[count] = node
    count += 1
  }
  for (let node = 0; node < above.length; node += 1) if (waitsFor[node] === 0) take(node)
  for (let at = 0; at < count; at += 1) {
    const next = above[order[at]!]!
    if (next === NONE) continue
    waitsFor[next]! -= 1
    if (waitsFor[next] === 0) take(next)
  }
  if (count === above.length) return order
  for (let node = 0; node < above.length; node += 1) {
    if (waitsFor[node]! <= 0) continue
    above[node] = NONE
    take(node)
  }
  return order
}

function places(order: Int32Array, above: Int32Array, sizes: Int32Array) {
  const placeOf = new Int32Array(order.length)
  const endOf = new Int32Array(order.length)
  /** By node: where the next one that hangs on it begins. */
  const nextOf = new Int32Array(order.length)
  let nextTree = 0
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const node = order[at]!
    const parent = above[node]!
    const place = parent === NONE ? nextTree : nextOf[parent]!
    placeOf[node] = place
    endOf[node] = place + sizes[node]!
    nextOf[node] = place + 1
    if (parent === NONE) nextTree = endOf[node]!
    else nextOf[parent] = endOf[node]!
  }
  return { placeOf, endOf }
}

/** Paths on which every node but the first is the largest that hangs on the one before. */
function heavyPaths(order: Int32Array, above: Int32Array, sizes: Int32Array) {
  const heavyOf = new Int32Array(order.length).fill(NONE)
  for (const node of order) {
    const parent = above[node]!
    if (parent === NONE) continue
    const known = heavyOf[parent]!
    if (known === NONE || sizes[known]! < sizes[node]!) heavyOf[parent] = node
  }
  const headOf = new Int32Array(order.length)
  const depthOf = new Int32Array(order.length)
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const node = order[at]!
    const parent = above[node]!
    headOf[node] = parent !== NONE && heavyOf[parent] === node ? headOf[parent]! : node
    depthOf[node] = parent === NONE ? 0 : depthOf[parent]! + 1
  }
  return { headOf, depthOf }
}
