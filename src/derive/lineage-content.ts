import type { FoundText, LineageContent, LinkRule, LooseBase, RootOfRepo } from '../domain/lineage.ts'
import { looseCause } from './base-names.ts'
import { countDerivatives, type Derivatives, relationBit } from './count-derivatives.ts'
import type { EdgeToNode } from './declared-edges.ts'
import { createFoundLinks } from './found-links.ts'
import type { LineageBook } from './lineage-book.ts'

/** Reads off a settled book what the file keeps of it. */
export function lineageContent(
  book: LineageBook,
  who: Pick<Derivatives, 'isListed' | 'publisherOf'> & {
    /** Whether a repository was seen up to the day: of a later one nothing is kept. */
    isSeen(repoKey: number): boolean
  },
): LineageContent {
  const { graph } = book.lineage
  const links = createFoundLinks()
  const relations = new Uint8Array(graph.nodeCount)
  const copies = book.copies().filter(({ repoKey }) => who.isSeen(repoKey))
  book.edges.each((repoKey, edges) => {
    if (!who.isSeen(repoKey)) return
    for (; copies[0] !== undefined && copies[0].repoKey < repoKey; copies.shift()) addCopy(copies[0])
    for (const edge of edges) {
      const baseRepoKey = baseOf(book, edge)
      if (baseRepoKey === repoKey) continue
      relations[graph.find(repoKey)]! |= relationBit(edge.relation)
      if (baseRepoKey === null) continue
      links.add({ baseRepoKey, repoKey, relation: edge.relation, rule: ruleOf(book, edge) })
    }
  })
  for (const copy of copies) addCopy(copy)
  const counts = countDerivatives(graph, links.sorted(), {
    ...who,
    relationsOf: repoKey => relations[graph.find(repoKey)] ?? 0,
    isInCircle: book.lineage.isInCircle,
  })
  return { links: links.sorted(), ...textsOf(book, who.isSeen), roots: rootsOf(book, who.isSeen), counts }

  function addCopy({ repoKey, declared }: { repoKey: number; declared: string }): void {
    const base = book.lineage.repoBehind(declared)
    if (base === null || base.repoKey === repoKey) return
    links.add({ baseRepoKey: base.repoKey, repoKey, relation: 're-upload', rule: 're-upload' })
  }
}

function baseOf({ lineage }: LineageBook, { node }: EdgeToNode): number | null {
  const declared = lineage.graph.textOf(node)
  return declared === null ? lineage.graph.repoKeyOf(node) : (lineage.repoBehind(declared)?.repoKey ?? null)
}

/** The rule that led from what is declared to the base: an alias, whatever found the moved id, else what found the name. */
function ruleOf(book: LineageBook, { node }: EdgeToNode): LinkRule {
  const declared = book.lineage.graph.textOf(node)
  const rule = declared === null ? 'hub-id' : book.meaningOf(declared)?.rule
  if (rule === undefined || rule === 're-upload') throw new RangeError('a text led to a base by no rule')
  return rule
}

/** What became of every text that the Hub did not resolve, and of every declaration that names its own repository. */
function textsOf(
  book: LineageBook,
  isSeen: (repoKey: number) => boolean,
): { texts: FoundText[]; loose: LooseBase[] } {
  const { graph, nameOf } = book.lineage
  const texts: FoundText[] = []
  const loose: LooseBase[] = []
  book.edges.each((repoKey, edges) => {
    if (!isSeen(repoKey)) return
    // The usual case: one base, which the Hub resolved to another repository.
    if (edges.length === 1 && ![null, repoKey].includes(graph.repoKeyOf(edges[0]!.node))) return
    const told = edges.map(edge => {
      const base = baseOf(book, edge)
      // The name counts only where it is the repository's own.
      return { edge, base, text: graph.textOf(edge.node) ?? (base === repoKey ? nameOf(repoKey)! : '') }
    })
    told.sort((a, b) => compareBytes(a.text, b.text) || compareBytes(a.edge.relation, b.edge.relation))
    for (const { base, edge, text: declared } of told) {
      const { relation } = edge
      if (base === repoKey) loose.push({ repoKey, declared, relation, cause: 'self' })
      else if (base === null) loose.push({ repoKey, declared, relation, cause: looseCause(declared) })
      else {
        const rule = ruleOf(book, edge)
        if (rule !== 'hub-id') texts.push({ repoKey, declared, relation, baseRepoKey: base, rule })
      }
    }
  })
  return { texts, loose }
}

function* rootsOf(book: LineageBook, isSeen: (repoKey: number) => boolean): Generator<RootOfRepo> {
  const { graph } = book.lineage
  const repoKeys = new Float64Array(graph.nodeCount)
  for (let node = 0; node < graph.nodeCount; node += 1) repoKeys[node] = graph.repoKeyOf(node) ?? -1
  for (const repoKey of repoKeys.sort()) {
    if (repoKey === -1 || !isSeen(repoKey)) continue
    let ordinal = 0
    for (const root of book.rootsOf(repoKey)) {
      yield { repoKey, ordinal, root }
      ordinal += 1
    }
  }
}

/** The order in which SQLite keeps text: that of its bytes, not of UTF-16. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
