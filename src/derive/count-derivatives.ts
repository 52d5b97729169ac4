import type { BaseLink, DerivativeCount } from '../domain/lineage.ts'
import type { EdgeRelation } from '../domain/relation.ts'
import { type Circle, circlesOf } from './circles.ts'
import { EDGE_RELATIONS } from './declared-edges.ts'
import type { LineageGraph } from './lineage-graph.ts'

/** Who counts. */
export interface Derivatives {
  /** Relations of the declared bases of a repository but itself, as bits by place in EDGE_RELATIONS; 0 for none. */
  relationsOf(repoKey: number): number
  isListed(repoKey: number): boolean
  /** A number of the account that publishes it, from 0. */
  publisherOf(repoKey: number): number
  /** Whether a node is in a circle of repositories that stand on each other. */
  isInCircle(node: number): boolean
}

const COUNTED: readonly DerivativeCount['relation'][] = [...EDGE_RELATIONS, 'any']
const ANY = COUNTED.length - 1
/** Places in COUNTED by their words, ascending. */
const BY_WORD = COUNTED.map((_, at) => at).sort((a, b) => (COUNTED[a]! < COUNTED[b]! ? -1 : 1))
const NONE = -1
/** More nodes than there will be; as many accounts fit beside them in a whole number. */
const MOST_NODES = 2 ** 26

/**
 * Counts for every base of the file who stands on it (method.md M7): directly, by the links given, and by any number of
 * steps, through copies and absent bases too. A derivative counts once a base however many ways lead there, under its own
 * relations; one that is gone does not count, what stands on it does. Ascending by base and relation. `links` are all those found,
 * ascending by base and repository.
 */
export function countDerivatives(
  graph: LineageGraph,
  links: Iterable<BaseLink>,
  derivatives: Derivatives,
): DerivativeCount[] {
  const direct = countDirect(links, derivatives)
  const repos = countRepos(graph, derivatives)
  const publishers = countPublishers(graph, derivatives)
  const counts: DerivativeCount[] = []
  for (const baseRepoKey of repoKeysOf(graph).sort()) {
    const node = graph.find(baseRepoKey)
    const own = direct.get(baseRepoKey)
    for (const at of BY_WORD) {
      const relation = COUNTED[at]!
      const allRepos = repos[at]![node]!
      if (allRepos === 0) continue
      const directRepos = own?.repos[at] ?? 0
      const directPublishers = own?.publishers[at] ?? 0
      const allPublishers = publishers[at]![node]!
      counts.push({ baseRepoKey, relation, directRepos, directPublishers, allRepos, allPublishers })
    }
  }
  return counts
}

interface Direct {
  repos: Int32Array
  publishers: Int32Array
}

function countDirect(links: Iterable<BaseLink>, { isListed, publisherOf }: Derivatives): Map<number, Direct> {
  const counts = new Map<number, Direct>()
  const accounts = new Set<number>()
  const latest = new Int32Array(COUNTED.length)
  let baseOf = NONE
  let own: Direct = noneYet()
  for (const { baseRepoKey, repoKey, relation } of links) {
    if (baseRepoKey !== baseOf) {
      baseOf = baseRepoKey
      own = noneYet()
      counts.set(baseRepoKey, own)
      accounts.clear()
      latest.fill(NONE)
    }
    if (relation === 're-upload' || !isListed(repoKey)) continue
    for (const place of [EDGE_RELATIONS.indexOf(relation), ANY]) {
      // A base under two relations is two links, one after the other.
      if (latest[place] !== repoKey) own.repos[place]! += 1
      latest[place] = repoKey
      const account = publisherOf(repoKey) * COUNTED.length + place
      if (!accounts.has(account)) own.publishers[place]! += 1
      accounts.add(account)
    }
  }
  return counts
}

function noneYet(): Direct {
  return { repos: new Int32Array(COUNTED.length), publishers: new Int32Array(COUNTED.length) }
}

function bitsOf(graph: LineageGraph, node: number, { relationsOf, isListed }: Derivatives): number {
  const repoKey = graph.repoKeyOf(node)
  return repoKey === null || !isListed(repoKey) ? 0 : relationsOf(repoKey)
}

function isCountedAs(bits: number, place: number): boolean {
  return place === ANY ? bits !== 0 : (bits & (1 << place)) !== 0
}

/**
 * Descendants of every node, a column a relation. Sums go up the tree of those with one base, so that a chain costs its
 * length; a node with several bases, or in a circle, is no part of a tree and carries what hangs on it to everything it
 * stands on, once each.
 */
function countRepos(graph: LineageGraph, derivatives: Derivatives): Int32Array[] {
  const { nodeCount } = graph
  const sums = COUNTED.map(() => new Int32Array(nodeCount))
  const bits = new Uint8Array(nodeCount)
  const above = new Int32Array(nodeCount)
  const waitsFor = new Int32Array(nodeCount)
  const carriers: number[] = []
  for (let node = 0; node < nodeCount; node += 1) {
    bits[node] = bitsOf(graph, node, derivatives)
    for (const [place, sum] of sums.entries()) if (isCountedAs(bits[node]!, place)) sum[node] = 1
    const parent = derivatives.isInCircle(node) ? NONE : graph.onlyParentOf(node)
    above[node] = parent
    if (parent !== NONE) waitsFor[parent]! += 1
    else if (graph.parentsOf(node).length > 0) carriers.push(node)
  }
  const ready = new Int32Array(nodeCount)
  let count = 0
  for (let node = 0; node < nodeCount; node += 1) if (waitsFor[node] === 0) ready[count++] = node
  for (let at = 0; at < count; at += 1) {
    const node = ready[at]!
    const parent = above[node]!
    if (parent === NONE) continue
    for (const sum of sums) sum[parent]! += sum[node]!
    waitsFor[parent]! -= 1
    if (waitsFor[parent] === 0) ready[count++] = parent
  }
  const carried = carriers.map(node => sums.map(sum => sum[node]!))
  const walk = openWalk(graph)
  for (const [index, carrier] of carriers.entries()) {
    walk.begin()
    walk.up(carrier, node => {
      if (node === carrier) return
      for (const [place, sum] of sums.entries()) sum[node]! += carried[index]![place]!
    })
  }
  // Nobody stands on itself.
  for (let node = 0; node < nodeCount; node += 1) {
    for (const [place, sum] of sums.entries()) if (isCountedAs(bits[node]!, place)) sum[node]! -= 1
  }
  return sums
}

/** Distinct accounts among the descendants of every node, a column a relation: account by account, each node marked once. */
function countPublishers(graph: LineageGraph, derivatives: Derivatives): Int32Array[] {
  const columns = COUNTED.map(() => new Int32Array(graph.nodeCount))
  const accountOf = (node: number) => derivatives.publisherOf(graph.repoKeyOf(node)!)
  const bits = new Uint8Array(graph.nodeCount)
  const keys: number[] = []
  for (let node = 0; node < graph.nodeCount; node += 1) {
    bits[node] = bitsOf(graph, node, derivatives)
    // Account and node in one number: sorted without a function, ten times as fast.
    if (bits[node] !== 0) keys.push(accountOf(node) * MOST_NODES + node)
  }
  const byAccount = Float64Array.from(keys).sort()
  const walk = openWalk(graph)
  for (const [place, column] of columns.entries()) {
    let account = NONE
    for (const key of byAccount) {
      const node = key % MOST_NODES
      if (!isCountedAs(bits[node]!, place)) continue
      if (accountOf(node) !== account) {
        account = accountOf(node)
        walk.begin()
      }
      walk.up(node, above => {
        column[above]! += 1
      })
    }
  }
  for (const circle of circlesOf(graph, derivatives.isInCircle))
    takeThemselvesOut(circle, columns, bits, accountOf)
  return columns
}

/** The walk up from a member of a circle comes back to it: an account that has nothing else below counted there by itself. */
function takeThemselvesOut(
  { members, below }: Circle,
  columns: readonly Int32Array[],
  bits: Uint8Array,
  accountOf: (node: number) => number,
): void {
  for (const [place, column] of columns.entries()) {
    const ofAccount = new Map<number, number[]>()
    for (const node of below) {
      if (!isCountedAs(bits[node]!, place)) continue
      ofAccount.set(accountOf(node), [...(ofAccount.get(accountOf(node)) ?? []).slice(-1), node])
    }
    for (const nodes of ofAccount.values()) {
      const [only] = nodes
      if (nodes.length === 1 && members.has(only!)) column[only!]! -= 1
    }
  }
}

/** Walks up from nodes; what one of them marked since `begin` is not walked again. */
function openWalk(graph: LineageGraph) {
  const marks = new Int32Array(graph.nodeCount)
  const waiting: number[] = []
  let mark = 0
  return {
    begin() {
      mark += 1
    },
    up(from: number, hear: (node: number) => void): void {
      step(from)
      for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
        if (marks[node] === mark) continue
        marks[node] = mark
        hear(node)
        step(node)
      }
    },
  }

  function step(node: number): void {
    const only = graph.onlyParentOf(node)
    if (only !== NONE) waiting.push(only)
    else waiting.push(...graph.parentsOf(node))
  }
}

function repoKeysOf(graph: LineageGraph): Int32Array {
  const repoKeys: number[] = []
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const repoKey = graph.repoKeyOf(node)
    if (repoKey !== null) repoKeys.push(repoKey)
  }
  return Int32Array.from(repoKeys)
}

/** The bit of a relation in `relationsOf`. */
export function relationBit(relation: EdgeRelation): number {
  return 1 << EDGE_RELATIONS.indexOf(relation)
}
