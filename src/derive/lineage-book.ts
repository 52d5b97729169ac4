import type { NamedBase } from '../domain/attribution.ts'
import { type DeclaredEdge, type EdgeTable, inLastingOrder, type LineageRoot } from '../domain/lineage.ts'
import { EDGE_RELATIONS } from '../domain/relation.ts'
import { isRepoId } from '../domain/repo.ts'
import { createDeclaredEdges, type DeclaredEdges } from './declared-edges.ts'
import type { BaseRef } from './lineage-graph.ts'
import type { NameAnswer, NameResolver, NameRules } from './resolve-names.ts'
import { createRunningLineage, type RunningLineage } from './running-lineage.ts'

/**
 * Declarations, names and reviewed rules, brought together into bases and roots, day by day. First `expect` every text
 * and tell what holds on the first day, then `begin`; `settle` after everything else.
 */
export interface LineageBook {
  /** A text that some repository declares on some day. */
  expect(declared: string): void
  /** What a repository declares from now on. */
  declare(repoKey: number, edges: readonly DeclaredEdge[]): void
  /** The same for every repository of a table that is wanted: much faster where each has one base. */
  take(table: EdgeTable, isWanted: (repoKey: number) => boolean): void
  /** The name a repository has from now on: of those that were renamed, and those that can be copies by a rule. */
  rename(repoKey: number, repoId: string): void
  /** Every text expected, with those that rules make of them: what a resolver has to know. */
  texts(): Iterable<string>
  /** Texts mean what `resolver` says, on `day` (days since 1970-01-01) and the days moved to. */
  begin(resolver: NameResolver, day: number): void
  moveTo(day: number): void
  /** Gives the keys of the repositories whose bases or roots can differ from before. */
  settle(): readonly number[]
  /** The declared bases of a repository but itself, named as far as they can be; in an order that no rename changes. */
  basesOf(repoKey: number): readonly NamedBase[]
  rootsOf(repoKey: number): readonly LineageRoot[]
  /** What a text means now. */
  meaningOf(declared: string): NameAnswer | null
  /** Repositories without a base that are copies by a reviewed rule, with the models they copy; ascending by key. */
  copies(): { repoKey: number; declared: string }[]
  readonly edges: DeclaredEdges
  readonly lineage: RunningLineage
}

const NO_BASES: readonly NamedBase[] = []

export function createLineageBook(rules: NameRules, highestKey?: number): LineageBook {
  const lineage = createRunningLineage(highestKey)
  const { graph } = lineage
  const edges = createDeclaredEdges(graph, highestKey)
  const texts = new Set<string>()
  const meanings = new Map<string, NameAnswer | null>()
  /** Names told by `rename`: they hold against what an edge or a holder says, which know the latest only. */
  const told = new Map<number, string>()
  const copies = new Map<number, string>()
  /** Texts to be read anew, by day. */
  const agenda = new Map<number, string[]>()
  const meant = new Set<number>()
  let reading: { resolver: NameResolver; day: number } | null = null

  function expect(declared: string): void {
    if (texts.has(declared)) return
    texts.add(declared)
    const alias = rules.aliasOf(declared)
    if (alias !== null) expect(alias.repoId)
    const copied = rules.copyOf(declared)
    if (copied !== null) expect(copied.repoId)
  }

  function name(repoKey: number, repoId: string, hubId: string): void {
    lineage.name(repoKey, told.get(repoKey) ?? lineage.nameOf(repoKey) ?? repoId, hubId)
  }

  function restate(repoKey: number): void {
    const refs: BaseRef[] = []
    for (const { node } of edges.of(repoKey)) {
      if (isItself(repoKey, node)) continue
      const base = graph.repoKeyOf(node)
      refs.push(base === null ? { declared: graph.textOf(node)! } : { repoKey: base })
    }
    const copied = copies.get(repoKey)
    if (copied !== undefined && hasNoBase(repoKey)) refs.push({ declared: copied })
    lineage.describe(repoKey, refs)
  }

  /** Whether a repository declares nothing but itself. */
  function hasNoBase(repoKey: number): boolean {
    return edges.of(repoKey).every(({ node }) => isItself(repoKey, node))
  }

  function isItself(repoKey: number, node: number): boolean {
    const declared = graph.textOf(node)
    return (declared === null ? graph.repoKeyOf(node) : lineage.repoBehind(declared)?.repoKey) === repoKey
  }

  /** Who a text means now, and who it meant before, may name itself by it: that is looked at once all are read. */
  function read(declared: string): void {
    const { resolver, day } = reading!
    const answer = resolver.resolve(declared, day)
    const before = meanings.get(declared) ?? null
    if (isSame(before, answer)) return
    const behind = [lineage.repoBehind(declared)?.repoKey]
    meanings.set(declared, answer)
    if (answer === null) lineage.lead(declared, null)
    else if ('declared' in answer) {
      lineage.lead(declared, { to: { declared: answer.declared }, steps: answer.steps })
    } else {
      const { repoKey, repoId, hubId } = answer.holder
      name(repoKey, repoId, hubId)
      lineage.lead(declared, { to: { repoKey }, steps: 0 })
    }
    behind.push(lineage.repoBehind(declared)?.repoKey)
    for (const repoKey of behind) if (repoKey !== undefined) meant.add(repoKey)
  }

  function declare(repoKey: number, given: readonly DeclaredEdge[]): void {
    for (const { base, declared } of given) {
      if (base === null) expect(declared)
      else name(base.repoKey, base.repoId, base.hubId)
    }
    edges.set(repoKey, given)
    restate(repoKey)
  }

  function restateMeant(): void {
    for (const repoKey of meant) if (edges.of(repoKey).length > 0) restate(repoKey)
    meant.clear()
  }

  return {
    edges,
    lineage,
    expect,
    texts: () => texts,
    declare,
    take(table, isWanted) {
      const { bases, count, relations, repoKeys, targets } = table
      const nodes = new Int32Array(bases.length)
      for (const [place, base] of bases.entries()) {
        // A place whose repository the file does not have.
        if (base === undefined) continue
        name(base.repoKey, base.repoId, base.hubId)
        nodes[place] = graph.repoNode(base.repoKey)
      }
      for (let at = 0; at < count; ) {
        const repoKey = repoKeys[at]!
        const from = at
        do at += 1
        while (repoKeys[at] === repoKey && at < count)
        if (!isWanted(repoKey)) continue
        const target = targets[from]!
        if (at - from === 1 && target >= 0 && bases[target]!.repoKey !== repoKey) {
          edges.setOnly(repoKey, nodes[target]!, relations[from]!)
          lineage.describeOn(repoKey, nodes[target]!)
        } else declare(repoKey, inLastingOrder(edgesOf(table, from, at)))
      }
    },
    rename(repoKey, repoId) {
      told.set(repoKey, repoId)
      lineage.rename(repoKey, repoId)
      const copied = rules.copyOf(repoId)
      if (copied === null) copies.delete(repoKey)
      else {
        copies.set(repoKey, copied.repoId)
        expect(copied.repoId)
      }
      restate(repoKey)
    },
    begin(resolver, day) {
      reading = { resolver, day }
      for (const declared of texts) {
        read(declared)
        for (const later of resolver.daysOf(declared)) {
          if (later <= day) continue
          const due = agenda.get(later)
          if (due) due.push(declared)
          else agenda.set(later, [declared])
        }
      }
      restateMeant()
    },
    moveTo(day) {
      if (reading === null) throw new RangeError('a lineage book was moved on before it was begun')
      const days = [...agenda.keys()].filter(later => later <= day).sort((a, b) => a - b)
      reading = { ...reading, day }
      for (const due of days) {
        for (const declared of agenda.get(due)!) read(declared)
        agenda.delete(due)
      }
      restateMeant()
    },
    settle: lineage.settle,
    rootsOf: lineage.rootsOf,
    meaningOf: declared => meanings.get(declared) ?? null,
    copies: () =>
      [...copies]
        .filter(([repoKey]) => hasNoBase(repoKey))
        .map(([repoKey, declared]) => ({ repoKey, declared }))
        .sort((a, b) => a.repoKey - b.repoKey),
    basesOf(repoKey) {
      const declaredEdges = edges.of(repoKey)
      if (declaredEdges.length === 0) return NO_BASES
      const bases: NamedBase[] = []
      for (const { node, relation } of declaredEdges) {
        const text = graph.textOf(node)
        const behind = text === null ? graph.repoKeyOf(node) : (lineage.repoBehind(text)?.repoKey ?? null)
        if (behind === repoKey) continue
        const known = behind === null ? null : lineage.nameOf(behind)
        if (text === null) bases.push({ declared: known!, relation, repoId: known })
        else bases.push({ declared: text, relation, repoId: known ?? idOf(lineage.spellingOf(text)) })
      }
      return bases
    },
  }
}

/** The edges of one repository, at the places from `from` to before `until`. */
function edgesOf(
  { bases, relations, targets, texts }: EdgeTable,
  from: number,
  until: number,
): DeclaredEdge[] {
  return Array.from({ length: until - from }, (_, index) => {
    const target = targets[from + index]!
    const base = target < 0 ? null : bases[target]!
    const declared = base === null ? texts[~target]! : base.repoId
    return { declared, relation: EDGE_RELATIONS[relations[from + index]!]!, base }
  })
}

function idOf(text: string): string | null {
  return isRepoId(text) ? text : null
}

function isSame(a: NameAnswer | null, b: NameAnswer | null): boolean {
  if (a === null || b === null) return a === b
  if ('declared' in a || 'declared' in b) {
    return 'declared' in a && 'declared' in b && a.declared === b.declared && a.steps === b.steps
  }
  return a.holder.repoKey === b.holder.repoKey && a.rule === b.rule
}
