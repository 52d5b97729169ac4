import { createAttributor } from '../derive/attribute.ts'
import { judgeScope, type ScopeVerdict, scopeBasis } from '../derive/in-scope.ts'
import { createListedNames } from '../derive/listed-names.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import type { ScopeComparison, ScopeStray, ScopeSurplus, ScopeTally } from '../domain/scope-comparison.ts'
import { listFormerBearers } from '../store/former-bearers.ts'
import { type PopulationRow, readPopulation } from '../store/read-population.ts'
import { type AnswerEffects, unknownName } from './answer-basis.ts'
import { currentBasis } from './current-basis.ts'
import { openLineage } from './open-lineage.ts'

/** Candidates kept, for each that is wanted, before the list is cut back to those. */
const HELD_A_WANTED = 40

/** Two scopes by key, and how many repositories of each difference are wanted by name; null for all. */
export interface ScopesQuery {
  a: string
  b: string
  limit: number | null
}

/**
 * What one scope has and another lacks, and the reverse, each repository with the rule that keeps it out: every
 * repository of the file, by its current counters, judged as of the newest complete day. Needs no published totals.
 * Throws a CensusError (usage) for a scope nobody defined, one scope twice, or a file without a complete sweep.
 */
export function compareScopes(query: ScopesQuery, effects: AnswerEffects): ScopeComparison {
  const { store, registry } = effects
  const a = findScope(registry, query.a)
  const b = findScope(registry, query.b)
  if (a === b) {
    throw new CensusError(
      {
        happened: `${a.key} was to be compared with itself.`,
        kept: 'Nothing was changed.',
        next: `Name two of ${[...registry.scopes.keys()].join(', ')}.`,
      },
      EXIT_CODES.usage,
    )
  }
  // One state of the file: a sweep may write pages beside this.
  return store.sqlite.transaction(() => {
    const { basis, laterSweep } = currentBasis(effects)
    const attributor = createAttributor(registry)
    const verdictBasis = scopeBasis(registry, basis.asOf)
    const both = emptyTally()
    const onlyA = createSurplus(query.limit)
    const onlyB = createSurplus(query.limit)
    const lists = [a, b].flatMap(({ key, listed }) =>
      listed === null ? [] : [createListedNames(key, listed, registry)],
    )
    const lineage = openLineage(effects, basis.asOf)
    lineage.settle()
    for (const row of readPopulation(store, { lineage })) {
      for (const list of lists) list.see(row.repo.repoId, row.goneOn)
      const publisher = attributor.attribute(row.repo.repoId, basis.asOf)
      const inA = judgeScope(a, row.repo, publisher, verdictBasis)
      const inB = judgeScope(b, row.repo, publisher, verdictBasis)
      if (inA === 'in' && inB === 'in') addTo(both, row)
      else if (inA === 'in') onlyA.add(row, inB)
      else if (inB === 'in') onlyB.add(row, inA)
    }
    return {
      basis,
      laterSweep,
      a: { key: a.key, version: a.version },
      b: { key: b.key, version: b.version },
      both,
      onlyA: onlyA.read(),
      onlyB: onlyB.read(),
      lists: lists.map(list => list.read(names => listFormerBearers(store, names))),
    }
  })()
}

function findScope(registry: Registry, key: string): Scope {
  const scope = registry.scopes.get(key)
  if (scope === undefined) throw unknownName('scope', key, [...registry.scopes.keys()])
  return scope
}

function emptyTally(): ScopeTally {
  return { repos: 0, goneRepos: 0, downloadsAllTime: 0, allTimeUnknownRepos: 0 }
}

function addTo(tally: ScopeTally, { counters, goneOn }: PopulationRow): void {
  if (goneOn === null) tally.repos += 1
  else tally.goneRepos += 1
  if (counters.downloadsAllTime === null) tally.allTimeUnknownRepos += 1
  else tally.downloadsAllTime = (tally.downloadsAllTime ?? 0) + counters.downloadsAllTime
  const isNothingKnown = tally.allTimeUnknownRepos === tally.repos + tally.goneRepos
  if (isNothingKnown) tally.downloadsAllTime = null
}

/** Gathers what one scope has and the other lacks; holds little more of millions than is wanted. */
function createSurplus(limit: number | null): {
  add(row: PopulationRow, verdict: ScopeVerdict): void
  read(): ScopeSurplus
} {
  const all = emptyTally()
  const rules = new Map<ScopeVerdict, ScopeTally>()
  let held: ScopeStray[] = []
  const cut = () => {
    held = held.sort(byDownloads).slice(0, limit ?? held.length)
  }
  return {
    add(row, verdict) {
      addTo(all, row)
      const rule = rules.get(verdict) ?? emptyTally()
      rules.set(verdict, rule)
      addTo(rule, row)
      const { repo, counters, goneOn } = row
      held.push({ repoId: repo.repoId, downloadsAllTime: counters.downloadsAllTime, goneOn, verdict })
      if (limit !== null && held.length >= HELD_A_WANTED * Math.max(limit, 1)) cut()
    },
    read() {
      cut()
      const counted = [...rules].map(([verdict, tally]) => ({ verdict, ...tally }))
      counted.sort(
        (x, y) => (y.downloadsAllTime ?? -1) - (x.downloadsAllTime ?? -1) || byText(x.verdict, y.verdict),
      )
      return { all, rules: counted, strays: held }
    },
  }
}

/** Most downloaded first, an unknown counter last. */
function byDownloads(x: ScopeStray, y: ScopeStray): number {
  return (y.downloadsAllTime ?? -1) - (x.downloadsAllTime ?? -1) || byText(x.repoId, y.repoId)
}

function byText(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}
