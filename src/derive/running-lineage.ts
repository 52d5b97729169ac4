import type { LineageEnd, LineageRoot } from '../domain/lineage.ts'
import { isRepoId } from '../domain/repo.ts'
import { type BaseRef, createLineageGraph, type LineageGraph } from './lineage-graph.ts'
import { createRootSets, MANY_ROOTS, type RootPart } from './root-sets.ts'
import { createSettlingOrder } from './settling-order.ts'
import { strongComponents } from './strong-components.ts'

/** Where a declared text leads: to a repository that has the name, or on to another text. */
export interface TextTarget {
  to: BaseRef
  /** A copy is a step away from what it copies; another spelling of a name is none. */
  steps: 0 | 1
}

/**
 * The roots of every repository while its bases, names and what declared texts mean change. Tell it what is the case,
 * then `settle`: only what changed and what stands on it is walked again. In whatever order it was told, the answer is
 * the same.
 */
export interface RunningLineage {
  /** The current name and `_id` of a repository that is somebody's base. */
  name(repoKey: number, repoId: string, hubId: string): void
  /** The new name of a repository, if it is somebody's base. */
  rename(repoKey: number, repoId: string): void
  /** What a repository stands on from now on, itself left out; nothing for one without a base. */
  describe(repoKey: number, bases: readonly BaseRef[]): void
  /** The same for one base, by its node. */
  describeOn(repoKey: number, baseNode: number): void
  /** Where a text leads from now on; null for nowhere. */
  lead(declared: string, target: TextTarget | null): void
  /** Works the roots out. Gives the keys of the repositories whose roots, or their names, can differ from before. */
  settle(): readonly number[]
  /**
   * The roots of a repository, weights summing to 1: several bases share it equally at each step (method.md M5), in an
   * order that no rename changes. Empty when it stands for itself.
   */
  rootsOf(repoKey: number): readonly LineageRoot[]
  /** The repository behind a text, by whatever rule led there; null when none is. */
  repoBehind(declared: string): { repoKey: number; repoId: string } | null
  /** The text that another is a spelling of by an alias: itself without one. */
  spellingOf(declared: string): string
  /** The name under which a repository is a base; null when it is none. */
  nameOf(repoKey: number): string | null
  /** Whether a node is in a circle of several repositories. */
  isInCircle(node: number): boolean
  readonly graph: LineageGraph
}

/** A node that stands on nothing; no node at all. */
const ITSELF = -1

export function createRunningLineage(highestKey?: number): RunningLineage {
  const graph = createLineageGraph(highestKey)
  /** By node, for repositories that are somebody's base. */
  const repoIds: string[] = []
  const hubIds: string[] = []
  /** Nodes of texts that lead on by one step: a copy's. */
  const isCopy = new Set<number>()
  const isInCircle = new Set<number>()
  const several = createRootSets((a, b) => (sortId(a) < sortId(b) ? -1 : 1))
  /** By node: its only root, ~number of a list of several, or ITSELF. */
  let rootsAt = new Int32Array(0)
  /** By node: steps to its only root, or from where the list of several was made. */
  let depthOf = new Int32Array(0)
  const shown = new Map<number, readonly LineageRoot[]>()
  let dirty: number[] = []
  const order = createSettlingOrder(graph)

  /** Repositories by `_id`, then texts: neither follows the order of arrival, and neither changes by a rename. */
  function sortId(node: number): string {
    if (node === MANY_ROOTS) return '~~'
    return graph.repoKeyOf(node) === null ? `~${graph.textOf(node)}` : (hubIds[node] ?? '')
  }

  function nodeOf(ref: BaseRef): number {
    return 'repoKey' in ref ? graph.repoNode(ref.repoKey) : graph.textNode(ref.declared)
  }

  function partsOf(node: number): readonly RootPart[] {
    const held = rootsAt[node]!
    if (held === ITSELF) return [{ root: node, weight: 1, depth: 0 }]
    if (held >= 0) return [{ root: held, weight: 1, depth: depthOf[node]! }]
    const further = depthOf[node]!
    return several.partsOf(~held - 1).map(part => ({ ...part, depth: part.depth + further }))
  }

  /** Works out the roots of a node that stands on `parents`, whose roots are known. */
  function settleOne(node: number, parents: readonly number[]): void {
    const steps = graph.repoKeyOf(node) !== null || isCopy.has(node) ? 1 : 0
    const [only] = parents
    if (only === undefined) {
      rootsAt[node] = ITSELF
      depthOf[node] = 0
    } else if (parents.length === 1) settleOnOne(node, only, steps)
    else {
      // One repository by two spellings is one base.
      const distinct = [...new Set(parents.map(spelledOut))]
      const parts = distinct.flatMap(parent =>
        partsOf(parent).map(({ root, weight, depth }) => ({
          root,
          weight: weight / distinct.length,
          depth: depth + steps,
        })),
      )
      hold(node, several.intern(parts))
    }
  }

  function settleOnOne(node: number, parent: number, steps: number): void {
    rootsAt[node] = rootsAt[parent] === ITSELF ? parent : rootsAt[parent]!
    depthOf[node] = depthOf[parent]! + steps
  }

  /** Two bases with one root have one root. */
  function hold(node: number, list: number): void {
    const parts = several.partsOf(list)
    const isOne = parts.length === 1 && parts[0]!.root !== MANY_ROOTS
    rootsAt[node] = isOne ? parts[0]!.root : ~(list + 1)
    depthOf[node] = isOne ? parts[0]!.depth : 0
  }

  /** The repository, or the last text, that a node is another spelling of. */
  function spelledOut(node: number): number {
    let at = node
    for (let steps = 0; steps < MOST_SPELLINGS; steps += 1) {
      const next = graph.repoKeyOf(at) !== null || isCopy.has(at) ? ITSELF : graph.onlyParentOf(at)
      if (next === ITSELF) return at
      at = next
    }
    return at
  }

  /**
   * A circle of declarations says nothing about who was first: its members do not count as each other's bases. One
   * repository with texts that lead back to it names itself, and is no circle.
   */
  function settleCircles(rest: readonly number[]): void {
    for (const component of strongComponents(rest, graph.parentsOf)) {
      const members = new Set(component)
      const repos = component.filter(node => graph.repoKeyOf(node) !== null)
      for (const node of component.length === 1 ? [] : repos) {
        settleOne(
          node,
          graph.parentsOf(node).filter(parent => !members.has(parent)),
        )
        if (repos.length > 1) isInCircle.add(node)
      }
      if (component.length === 1) settleOne(component[0]!, graph.parentsOf(component[0]!))
      else
        settleTexts(
          component.filter(node => graph.repoKeyOf(node) === null),
          repos.length === 0,
        )
    }
  }

  /** Texts of a circle follow the repositories of it they lead to; texts that lead to nothing but each other, nowhere. */
  function settleTexts(nodes: readonly number[], isNowhere: boolean): void {
    const waiting = new Set(nodes)
    while (waiting.size > 0) {
      const ready = [...waiting].filter(node => isNowhere || !waiting.has(graph.onlyParentOf(node)))
      for (const node of ready) {
        settleOne(node, isNowhere ? [] : graph.parentsOf(node))
        waiting.delete(node)
      }
    }
  }

  function endOf(root: number): LineageEnd {
    if (root === MANY_ROOTS) return 'many'
    if (graph.repoKeyOf(root) !== null) return isInCircle.has(root) ? 'cycle' : 'root'
    return isRepoId(graph.textOf(root)!) ? 'absent' : 'unresolved'
  }

  function show({ root, weight, depth }: RootPart): LineageRoot {
    const end = endOf(root)
    const repoKey = root === MANY_ROOTS ? null : graph.repoKeyOf(root)
    const text = root === MANY_ROOTS ? null : graph.textOf(root)
    const repoId = end === 'absent' ? text : (repoIds[root] ?? null)
    return { repoKey, repoId, declared: text, weight, depth, end }
  }

  return {
    graph,
    isInCircle: node => isInCircle.has(node),
    name(repoKey, repoId, hubId) {
      const node = graph.repoNode(repoKey)
      if (repoIds[node] === repoId) return
      repoIds[node] = repoId
      hubIds[node] = hubId
      dirty.push(node)
    },
    rename(repoKey, repoId) {
      const node = graph.find(repoKey)
      if (repoIds[node] === undefined || repoIds[node] === repoId) return
      repoIds[node] = repoId
      dirty.push(node)
    },
    describe(repoKey, bases) {
      if (bases.length === 0 && graph.find(repoKey) === -1) return
      const node = graph.repoNode(repoKey)
      graph.setParents(node, bases.map(nodeOf))
      dirty.push(node)
    },
    describeOn(repoKey, baseNode) {
      const node = graph.repoNode(repoKey)
      graph.setOnlyParent(node, baseNode)
      dirty.push(node)
    },
    lead(declared, target) {
      const node = graph.textNode(declared)
      graph.setParents(node, target === null ? [] : [nodeOf(target.to)])
      if (target?.steps === 1) isCopy.add(node)
      else isCopy.delete(node)
      dirty.push(node)
    },
    settle() {
      if (rootsAt.length < graph.nodeCount) {
        rootsAt = longer(rootsAt, graph.nodeCount)
        depthOf = longer(depthOf, graph.nodeCount, 0)
      }
      const { nodes, ordered, rest } = order.of(dirty)
      dirty = []
      shown.clear()
      for (const node of nodes) isInCircle.delete(node)
      for (const node of ordered) {
        const only = graph.onlyParentOf(node)
        if (only === ITSELF) settleOne(node, graph.parentsOf(node))
        else settleOnOne(node, only, graph.repoKeyOf(node) !== null || isCopy.has(node) ? 1 : 0)
      }
      settleCircles(rest)
      const repoKeys: number[] = []
      for (const node of nodes) {
        const repoKey = graph.repoKeyOf(node)
        if (repoKey !== null) repoKeys.push(repoKey)
      }
      return repoKeys
    },
    rootsOf(repoKey) {
      const node = graph.find(repoKey)
      if (node === -1) return NO_ROOTS
      const held = rootsAt[node]!
      if (held === ITSELF && !isInCircle.has(node)) return NO_ROOTS
      const depth = depthOf[node]!
      const id = ((held === ITSELF ? node : held) + MOST_NODES) * MOST_NODES + Math.min(depth, MOST_NODES - 1)
      const known = shown.get(id)
      // Beyond that a number would not tell two ways apart.
      if (known !== undefined && depth < MOST_NODES - 1) return known
      const roots = partsOf(node).map(show)
      if (shown.size >= ROOTS_REMEMBERED) shown.clear()
      shown.set(id, roots)
      return roots
    },
    repoBehind(declared) {
      const text = graph.findText(declared)
      const node = text === -1 ? -1 : spelledOut(text)
      const repoKey = node === -1 ? null : graph.repoKeyOf(node)
      const repoId = repoIds[node]
      return repoKey === null || repoId === undefined ? null : { repoKey, repoId }
    },
    spellingOf(declared) {
      const text = graph.findText(declared)
      return text === -1 ? declared : (graph.textOf(spelledOut(text)) ?? declared)
    },
    nameOf(repoKey) {
      return repoIds[graph.find(repoKey)] ?? null
    },
  }
}

const NO_ROOTS: readonly LineageRoot[] = []
/** More nodes, and more steps in a row, than there will be. */
const MOST_NODES = 2 ** 26
const ROOTS_REMEMBERED = 50_000
/** A text leads to a name, that perhaps to a moved one: more in a row is a circle of aliases. */
const MOST_SPELLINGS = 4

function longer(column: Int32Array<ArrayBuffer>, length: number, filling = ITSELF): Int32Array<ArrayBuffer> {
  const next = new Int32Array(Math.ceil(length * 1.2)).fill(filling)
  next.set(column)
  return next
}
