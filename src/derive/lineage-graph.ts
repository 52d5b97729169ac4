/** A base as the graph takes it: a repository, or a text that names none (yet). */
export type BaseRef = { repoKey: number } | { declared: string }

/**
 * Who stands on whom, in columns: 3.25 million repositories, of which a million have bases, take some 60 MB. A node is
 * a repository that has bases or is one, or a declared text. Numbers of nodes follow the order of arrival and mean
 * nothing.
 */
export interface LineageGraph {
  readonly nodeCount: number
  /** The node of a repository; -1 when nothing is known of it. */
  find(repoKey: number): number
  repoNode(repoKey: number): number
  textNode(declared: string): number
  /** The node of a text if there is one, else -1. */
  findText(declared: string): number
  /** Null for the node of a text. */
  repoKeyOf(node: number): number | null
  /** Null for the node of a repository. */
  textOf(node: number): string | null
  /** The distinct nodes it stands on. */
  parentsOf(node: number): readonly number[]
  /** The only node it stands on; -1 for none or several: saves a list in the usual case. */
  onlyParentOf(node: number): number
  setParents(node: number, parents: readonly number[]): void
  /** The same for one: saves a list in the usual case. */
  setOnlyParent(node: number, parent: number): void
  /** Whether somebody stands on a node, or did. */
  hasChild(node: number): boolean
  /** Calls with everyone who stands on a node directly; with some of them more than once. */
  eachChild(node: number, hear: (child: number) => void): void
}

const NONE = -1
const NO_PARENTS: readonly number[] = []

export function createLineageGraph(highestKey = 1023): LineageGraph {
  let nodeOfRepo = new Int32Array(highestKey + 1).fill(NONE)
  const textNodes = new Map<string, number>()
  const texts: string[] = []
  let nodeCount = 0
  let length = 1024
  /** By node: the repository's key, or ~index of its text. */
  let owner = new Int32Array(length)
  /** By node: 0 for none, parent + 1 for one, ~index in `lists` for several. */
  let parents = new Int32Array(length)
  /** By node: the first link to a child, as index + 1. */
  let firstChild = new Int32Array(length)
  const lists: (readonly number[])[] = []
  /** Links to children. One that was given up stays until its child is asked for and does not know the parent any more. */
  let linkCount = 0
  let linkChild = new Int32Array(1024)
  let linkNext = new Int32Array(1024)

  function addNode(ownedBy: number): number {
    if (nodeCount === length) {
      length = Math.ceil(length * 1.5)
      owner = grown(owner, length)
      parents = grown(parents, length)
      firstChild = grown(firstChild, length)
    }
    owner[nodeCount] = ownedBy
    nodeCount += 1
    return nodeCount - 1
  }

  function parentsOf(node: number): readonly number[] {
    const held = parents[node]!
    if (held === 0) return NO_PARENTS
    return held > 0 ? [held - 1] : lists[~held]!
  }

  function hasParent(node: number, parent: number): boolean {
    const held = parents[node]!
    return held > 0 ? held - 1 === parent : held < 0 && lists[~held]!.includes(parent)
  }

  function link(parent: number, child: number): void {
    if (linkCount === linkChild.length) {
      const longer = Math.ceil(linkCount * 1.5)
      linkChild = grown(linkChild, longer)
      linkNext = grown(linkNext, longer)
    }
    linkChild[linkCount] = child
    linkNext[linkCount] = firstChild[parent]!
    linkCount += 1
    firstChild[parent] = linkCount
  }

  function find(repoKey: number): number {
    return nodeOfRepo[repoKey] ?? NONE
  }

  return {
    get nodeCount() {
      return nodeCount
    },
    find,
    repoNode(repoKey) {
      const known = find(repoKey)
      if (known !== NONE) return known
      if (repoKey >= nodeOfRepo.length) {
        const longer = new Int32Array(Math.max(repoKey + 1, Math.ceil(nodeOfRepo.length * 1.5))).fill(NONE)
        longer.set(nodeOfRepo)
        nodeOfRepo = longer
      }
      const node = addNode(repoKey)
      nodeOfRepo[repoKey] = node
      return node
    },
    findText: declared => textNodes.get(declared) ?? NONE,
    textNode(declared) {
      let node = textNodes.get(declared)
      if (node === undefined) {
        node = addNode(~(texts.push(declared) - 1))
        textNodes.set(declared, node)
      }
      return node
    },
    repoKeyOf: node => (owner[node]! >= 0 ? owner[node]! : null),
    textOf: node => (owner[node]! >= 0 ? null : texts[~owner[node]!]!),
    parentsOf,
    onlyParentOf: node => (parents[node]! > 0 ? parents[node]! - 1 : NONE),
    setOnlyParent(node, parent) {
      const isKnown = hasParent(node, parent)
      parents[node] = parent + 1
      if (!isKnown) link(parent, node)
    },
    setParents(node, given) {
      const before = parentsOf(node)
      // Every parent once, whatever rule led to it twice.
      const distinct = given.length > 1 ? [...new Set(given)] : given
      const held = parents[node]!
      if (distinct.length === 0) parents[node] = 0
      else if (distinct.length === 1) parents[node] = distinct[0]! + 1
      else if (held < 0) lists[~held] = distinct
      else parents[node] = ~(lists.push(distinct) - 1)
      for (const parent of distinct) if (!before.includes(parent)) link(parent, node)
    },
    hasChild: node => firstChild[node] !== 0,
    eachChild(node, hear) {
      for (let at = firstChild[node]!; at !== 0; at = linkNext[at - 1]!) {
        const child = linkChild[at - 1]!
        if (hasParent(child, node)) hear(child)
      }
    },
  }
}

function grown(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length)
  longer.set(column)
  return longer
}
