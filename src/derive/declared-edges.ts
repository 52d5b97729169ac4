import type { DeclaredEdge } from '../domain/lineage.ts'
import { EDGE_RELATIONS, type EdgeRelation } from '../domain/relation.ts'
import type { LineageGraph } from './lineage-graph.ts'
import { lengthened } from './running-counters.ts'

/** One declared base: the relation, and the node of the graph that it names. */
export interface EdgeToNode {
  relation: EdgeRelation
  node: number
}

/** What every repository declares now, in columns: nine bytes an edge. */
export interface DeclaredEdges {
  set(repoKey: number, edges: readonly DeclaredEdge[]): void
  /** The same for one base, by its node and the place of the relation in EDGE_RELATIONS. */
  setOnly(repoKey: number, node: number, relation: number): void
  /** In the order in which they were set. */
  of(repoKey: number): readonly EdgeToNode[]
  /** Calls with every repository that declares something, ascending by key. */
  each(hear: (repoKey: number, edges: readonly EdgeToNode[]) => void): void
}

const NO_EDGES: readonly EdgeToNode[] = []
/** Marks the last edge of a repository. */
const LAST = 128

export function createDeclaredEdges(graph: LineageGraph, highestKey = 1023): DeclaredEdges {
  /** By repository key: place of its first edge + 1; 0 for none. What was set before stays behind, unused. */
  let placeOf = new Int32Array(highestKey + 1)
  let count = 0
  let nodes = new Int32Array(1024)
  let relations = new Uint8Array(1024)

  function of(repoKey: number): readonly EdgeToNode[] {
    const place = placeOf[repoKey] ?? 0
    if (place === 0) return NO_EDGES
    const edges: EdgeToNode[] = []
    for (let at = place - 1; ; at += 1) {
      edges.push({ relation: EDGE_RELATIONS[relations[at]! & ~LAST]!, node: nodes[at]! })
      if ((relations[at]! & LAST) !== 0) return edges
    }
  }

  function begin(repoKey: number, edges: number): void {
    if (repoKey >= placeOf.length) {
      placeOf = lengthened(placeOf, new Int32Array(Math.max(repoKey + 1, Math.ceil(placeOf.length * 1.5))))
    }
    placeOf[repoKey] = edges === 0 ? 0 : count + 1
  }

  function add(node: number, code: number): void {
    if (count === nodes.length) {
      const longer = Math.ceil(count * 1.5)
      nodes = lengthened(nodes, new Int32Array(longer))
      relations = lengthened(relations, new Uint8Array(longer))
    }
    nodes[count] = node
    relations[count] = code
    count += 1
  }

  return {
    of,
    set(repoKey, edges) {
      begin(repoKey, edges.length)
      for (const [index, { base, declared, relation }] of edges.entries()) {
        const node = base === null ? graph.textNode(declared) : graph.repoNode(base.repoKey)
        add(node, EDGE_RELATIONS.indexOf(relation) | (index === edges.length - 1 ? LAST : 0))
      }
    },
    setOnly(repoKey, node, relation) {
      begin(repoKey, 1)
      add(node, relation | LAST)
    },
    each(hear) {
      for (let repoKey = 0; repoKey < placeOf.length; repoKey += 1) {
        if (placeOf[repoKey] !== 0) hear(repoKey, of(repoKey))
      }
    },
  }
}
