import { createFamilyFinder } from '../derive/family.ts'
import type { FamilyAnswer, FamilyLine, FamilyRoot, FamilyTree } from '../domain/family-answer.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { listRootsOfHandles, readStandingSums } from '../store/family-members.ts'
import type { LinkedRepo } from '../store/read-lineage.ts'
import type { AnswerEffects } from './answer-basis.ts'
import { openTraceTools } from './lineage-tools.ts'
import { traceDescendants } from './trace-descendants.ts'

export interface FamilyTreeSize {
  /** Families, from the first of the answer on. */
  families: number
  /** Roots of each, and children of each repository. */
  members: number
  /** Steps below the roots. */
  depth: number
}

interface Grown extends Omit<FamilyRoot, 'root' | 'tree'> {
  /** Of what stands on it, as it counts for the family by root: copies too, merges by weight. */
  countedDownloads30d: number
  repo: LinkedRepo
}

/**
 * The most used members of the first families of an answer by root over the whole Hub on the newest published day. Walks
 * the published lineage with the latest counters: a sweep that has begun since can have moved some.
 */
export function traceFamilyTrees(
  { basis, families }: FamilyAnswer,
  size: FamilyTreeSize,
  effects: AnswerEffects,
): FamilyTree[] {
  const chosen = families.slice(0, size.families)
  const tools = openTraceTools(effects, basis.asOf)
  const rootsOf = findRoots(chosen, basis.asOf, effects)
  return chosen.map(family => {
    const all = rootsOf.get(family.key) ?? []
    const shown = all.slice(0, size.members)
    const left = shown.reduce((rest, root) => rest - inTree(root), countedFor(family))
    return {
      family,
      roots: shown.map(({ repo, countedDownloads30d: _, ...sums }) => ({
        root: tools.traced(repo),
        ...sums,
        tree: traceDescendants(
          { repoKey: repo.repoKey },
          { depth: size.depth, children: size.members },
          effects.store,
          tools,
        ),
      })),
      moreRoots: all.length - shown.length,
      // Totals give parts of merges in whole units, trees by weight: nothing can be left as minus one.
      moreDownloads30d: Math.max(0, Math.round(left)),
    }
  })
}

/** Listed roots of each family by its key, those with the most downloads in their trees first. */
function findRoots(
  families: readonly FamilyLine[],
  asOf: UtcDay,
  { store, registry }: AnswerEffects,
): Map<string, Grown[]> {
  const finder = createFamilyFinder(registry)
  const roots = new Map<string, Grown[]>(families.map(({ key }) => [key, []]))
  const handles = families.flatMap(({ labKey }) => registry.labs.get(labKey)?.handles ?? [])
  const members = listRootsOfHandles(store, [...new Set(handles.map(({ handle }) => handle))]).flatMap(
    repo => {
      const found = finder.familyOf(repo.repoId, asOf)
      const siblings = found === null ? undefined : roots.get(`${found.lab.key}/${found.family.key}`)
      return siblings === undefined ? [] : [{ repo, siblings }]
    },
  )
  const keys = members.map(({ repo }) => repo.repoKey)
  const sums = new Map(readStandingSums(store, keys).map(found => [found.rootRepoKey, found]))
  for (const { repo, siblings } of members) {
    const found = sums.get(repo.repoKey)
    siblings.push({
      repo,
      standing: found?.repos ?? 0,
      standingDownloads30d: found?.downloads30d ?? 0,
      copies: found?.copies ?? 0,
      copyDownloads30d: found?.copyDownloads30d ?? 0,
      countedDownloads30d: found?.weightedDownloads30d ?? 0,
    })
  }
  for (const found of roots.values())
    found.sort((a, b) => inTree(b) - inTree(a) || (a.repo.repoId < b.repo.repoId ? -1 : 1))
  return roots
}

function inTree({ repo, countedDownloads30d }: Grown): number {
  return repo.downloads30d + countedDownloads30d
}

/** 30-day downloads that count for a family by root. */
function countedFor({ own, ownElsewhere, descending }: FamilyLine): number {
  return own.downloads30d - ownElsewhere.downloads30d + descending.downloads30d
}
