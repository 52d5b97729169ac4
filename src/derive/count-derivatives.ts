import type { BaseLink, DerivativeCount } from '../domain/lineage.ts'
import { EDGE_RELATIONS, type EdgeRelation } from '../domain/relation.ts'
import { type Circle, circlesOf } from './circles.ts'
import { type DescendantForest, plantForest } from './descendant-forest.ts'
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
export function* countDerivatives(
  graph: LineageGraph,
  links: Iterable<BaseLink>,
  derivatives: Derivatives,
): Generator<DerivativeCount> {
  const bases = basesOf(graph)
  const direct = countDirect(links, derivatives)
  const all = countAll(graph, bases, derivatives)
  for (let place = 0; place < bases.length; place += 1) {
    const baseRepoKey = graph.repoKeyOf(bases[place]!)!
    const found = direct.placeOf.get(baseRepoKey)
    for (const at of BY_WORD) {
      const cell = place * COUNTED.length + at
      const allRepos = all.repos[cell]!
      if (allRepos === 0) continue
      const own = found === undefined ? NONE : found * COUNTED.length + at
      yield {
        baseRepoKey,
        relation: COUNTED[at]!,
        directRepos: direct.repos[own] ?? 0,
        directPublishers: direct.publishers[own] ?? 0,
        allRepos,
        allPublishers: all.publishers[cell]!,
      }
    }
  }
}

/** Nodes of the repositories that somebody stands on, ascending by repository. */
function basesOf(graph: LineageGraph): Int32Array {
  const keys: number[] = []
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const repoKey = graph.repoKeyOf(node)
    if (repoKey !== null && graph.hasChild(node)) keys.push(repoKey)
  }
  return Int32Array.from(keys)
    .sort()
    .map(repoKey => graph.find(repoKey))
}

/** Counts by base and relation: cells of a base in the order of COUNTED, bases in that of `placeOf`. */
interface Direct {
  placeOf: Map<number, number>
  repos: number[]
  publishers: number[]
}

function countDirect(links: Iterable<BaseLink>, { isListed, publisherOf }: Derivatives): Direct {
  const direct: Direct = { placeOf: new Map(), repos: [], publishers: [] }
  const accounts = new Set<number>()
  const latest = new Int32Array(COUNTED.length)
  let baseOf = NONE
  let from = 0
  for (const { baseRepoKey, repoKey, relation } of links) {
    if (baseRepoKey !== baseOf) {
      baseOf = baseRepoKey
      from = direct.placeOf.size * COUNTED.length
      direct.placeOf.set(baseRepoKey, direct.placeOf.size)
      for (const _ of COUNTED) {
        direct.repos.push(0)
        direct.publishers.push(0)
      }
      accounts.clear()
      latest.fill(NONE)
    }
    if (relation === 're-upload' || !isListed(repoKey)) continue
    for (const at of [EDGE_RELATIONS.indexOf(relation), ANY]) {
      // A base under two relations is two links, one after the other.
      if (latest[at] !== repoKey) direct.repos[from + at]! += 1
      latest[at] = repoKey
      const account = publisherOf(repoKey) * COUNTED.length + at
      if (!accounts.has(account)) direct.publishers[from + at]! += 1
      accounts.add(account)
    }
  }
  return direct
}

function bitsOf(graph: LineageGraph, node: number, { relationsOf, isListed }: Derivatives): number {
  const repoKey = graph.repoKeyOf(node)
  return repoKey === null || !isListed(repoKey) ? 0 : relationsOf(repoKey)
}

function isCountedAs(bits: number, place: number): boolean {
  return place === ANY ? bits !== 0 : (bits & (1 << place)) !== 0
}

/** Counts of all descendants by base and relation: cells of a base in the order of COUNTED. */
function countAll(graph: LineageGraph, bases: Int32Array, derivatives: Derivatives) {
  const { nodeCount } = graph
  const forest = plantForest(graph, derivatives.isInCircle)
  const bits = new Uint8Array(nodeCount)
  for (let node = 0; node < nodeCount; node += 1) bits[node] = bitsOf(graph, node, derivatives)
  const accountOf = (node: number) => derivatives.publisherOf(graph.repoKeyOf(node)!)
  const byAccount = sortByAccount(bits, forest, accountOf)
  const circles = [...circlesOf(graph, derivatives.isInCircle)]
  const repos = new Int32Array(bases.length * COUNTED.length)
  const publishers = new Int32Array(bases.length * COUNTED.length)
  for (let at = 0; at < COUNTED.length; at += 1) {
    const counts = countRepos(graph, forest, { bits, circles, relation: at })
    bases.forEach((node, place) => {
      repos[place * COUNTED.length + at] = counts[node]!
    })
    const accounts = countAccounts(graph, forest, bits, at, { byAccount, accountOf })
    for (const circle of circles) takeThemselvesOut(circle, accounts, bits, at, accountOf)
    bases.forEach((node, place) => {
      publishers[place * COUNTED.length + at] = accounts[node]!
    })
  }
  return { repos, publishers }
}

/**
 * Descendants of every node under one relation. Sums go up the trees; a carrier takes what its tree holds to everything it
 * stands on, once each.
 */
function countRepos(
  graph: LineageGraph,
  forest: DescendantForest,
  { bits, circles, relation }: { bits: Uint8Array; circles: readonly Circle[]; relation: number },
): Int32Array {
  const sums = new Int32Array(graph.nodeCount)
  const isCounted = (node: number) => isCountedAs(bits[node]!, relation)
  for (let node = 0; node < sums.length; node += 1) if (isCounted(node)) sums[node] = 1
  forest.sumUp(sums)
  const carried = new Map(forest.carriers.map(node => [node, sums[node]!]))
  const walk = openWalk(graph)
  const carry = (carriers: Iterable<number>, whole: number) => {
    walk.begin()
    for (const carrier of carriers) {
      walk.up(carrier, node => {
        sums[node]! += whole
      })
    }
  }
  // All of a circle stand on the same: what it holds goes up once.
  const inCircles = new Set<number>()
  for (const { members } of circles) {
    let whole = 0
    for (const member of members) {
      inCircles.add(member)
      whole += carried.get(member) ?? 0
    }
    carry(members, whole)
    for (const member of members) sums[member]! -= carried.get(member) ?? 0
  }
  for (const carrier of forest.carriers) {
    const whole = carried.get(carrier)!
    if (whole > 0 && !inCircles.has(carrier)) carry([carrier], whole)
  }
  // Nobody stands on itself.
  for (let node = 0; node < sums.length; node += 1) if (isCounted(node)) sums[node]! -= 1
  return sums
}

/** Nodes that can count, account by account, in the order of their places: account, place and node fit no one number, so two. */
function sortByAccount(
  bits: Uint8Array,
  { placeOf }: DescendantForest,
  accountOf: (node: number) => number,
): Int32Array {
  const nodeAt = new Int32Array(bits.length)
  placeOf.forEach((place, node) => {
    nodeAt[place] = node
  })
  const keys = new Float64Array(bits.length)
  let count = 0
  for (const [place, node] of nodeAt.entries()) {
    if (bits[node] === 0) continue
    // Sorted without a function, ten times as fast.
    keys[count] = accountOf(node) * MOST_NODES + place
    count += 1
  }
  return Int32Array.from(keys.subarray(0, count).sort(), key => nodeAt[key % MOST_NODES]!)
}

/**
 * Distinct accounts among the descendants of every node under one relation. Within a tree an account counts at every node
 * it has below: one up from each of its nodes, one less from where the ways of neighbours meet. Beyond the top of a tree
 * its carrier's ways up are walked, once an account, and count where the account has nothing in the tree below.
 */
function countAccounts(
  graph: LineageGraph,
  forest: DescendantForest,
  bits: Uint8Array,
  relation: number,
  { byAccount, accountOf }: { byAccount: Int32Array; accountOf: (node: number) => number },
): Int32Array {
  const { meet, placeOf, endOf } = forest
  const sums = new Int32Array(graph.nodeCount)
  const topOf = topsOf(forest)
  /** Nodes whose account has nothing else in the tree below them. */
  const alone: number[] = []
  const own: number[] = []
  const beyond: [node: number, own: number][] = []
  const walk = openWalk(graph)
  const hasBelow = (node: number) => {
    // The first of the account's places at or behind the node's own: its nodes ascend by place.
    let [low, high] = [0, own.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (placeOf[own[middle]!]! < placeOf[node]!) low = middle + 1
      else high = middle
    }
    if (own[low] === node) low += 1
    return low < own.length && placeOf[own[low]!]! < endOf[node]!
  }
  const settle = () => {
    for (const [index, node] of own.entries()) {
      sums[node]! += 1
      const next = own[index + 1]
      if (next === undefined || placeOf[next]! >= endOf[node]!) alone.push(node)
      if (next === undefined) continue
      const meeting = meet(node, next)
      if (meeting !== NONE) sums[meeting]! -= 1
    }
    walk.begin()
    for (const node of own) {
      const top = topOf[node]!
      if (graph.parentsOf(top).length > 0) {
        walk.up(top, above => {
          if (!hasBelow(above)) beyond.push([above, 1])
        })
      }
    }
    own.length = 0
  }
  let account = NONE
  for (const node of byAccount) {
    if (!isCountedAs(bits[node]!, relation)) continue
    if (accountOf(node) !== account) settle()
    account = accountOf(node)
    own.push(node)
  }
  settle()
  forest.sumUp(sums)
  for (const node of alone) sums[node]! -= 1
  for (const [node, one] of beyond) sums[node]! += one
  return sums
}

/** By node: the top of its tree. */
function topsOf({ above, order }: DescendantForest): Int32Array {
  const topOf = new Int32Array(above.length)
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const node = order[at]!
    topOf[node] = above[node] === NONE ? node : topOf[above[node]!]!
  }
  return topOf
}

/** The walk up from a member of a circle comes back to it: an account that has nothing else below counted there by itself. */
function takeThemselvesOut(
  { members, below }: Circle,
  sums: Int32Array,
  bits: Uint8Array,
  relation: number,
  accountOf: (node: number) => number,
): void {
  const ofAccount = new Map<number, number[]>()
  for (const node of below) {
    if (!isCountedAs(bits[node]!, relation)) continue
    ofAccount.set(accountOf(node), [...(ofAccount.get(accountOf(node)) ?? []).slice(-1), node])
  }
  for (const nodes of ofAccount.values()) {
    const [only] = nodes
    if (nodes.length === 1 && members.has(only!)) sums[only!]! -= 1
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
    else for (const parent of graph.parentsOf(node)) waiting.push(parent)
  }
}

/** The bit of a relation in `relationsOf`. */
export function relationBit(relation: EdgeRelation): number {
  return 1 << EDGE_RELATIONS.indexOf(relation)
}
