import { type CountedSums, familyAdoption } from '../../src/derive/family-adoption.ts'
import type { FamilyAnswer, FamilyHistory, FamilyLine, FamilyTree } from '../../src/domain/family-answer.ts'
import type { DescendantNode, TracedRepo } from '../../src/domain/lineage-tree.ts'
import type { FamiliesContent } from '../../src/present/families-html.ts'
import { day } from '../derive/small-registry.ts'
import { AS_OF, basis } from './samples.ts'

export const sums = (parts: Partial<CountedSums> = {}): CountedSums => ({
  ...{ repos: 1, downloads30d: 0, downloadsAllTime: 0 },
  ...{ allTimeUnknownRepos: 0, goneRepos: 0, goneDownloadsAllTime: 0 },
  ...parts,
})

export function familyLine(key: string, parts: Partial<FamilyLine> = {}): FamilyLine {
  const [labKey, familyKey] = key.split('/') as [string, string]
  const own = sums({ repos: 3, downloads30d: 800, downloadsAllTime: 9000 })
  const descending = sums({ repos: 12, downloads30d: 2000, downloadsAllTime: 4500 })
  const counted = sums({ repos: 14, downloads30d: 2700, downloadsAllTime: 13_000 })
  return {
    ...{ key, labKey, labName: `Lab ${labKey}`, familyKey, familyName: `Family ${familyKey}` },
    ...familyAdoption({ own, counted, descending }),
    ...parts,
  }
}

const CHOICE = {
  basis: basis(),
  scope: 'all',
  scopeVersion: 1,
  scopeDefinition: 'Every repository.',
  attribution: 'root',
  coverage: { attributed: 0.875, unreviewed: 0.125, basis: 'downloads30d' },
} as const

export function familyAnswer(parts: Partial<FamilyAnswer> = {}): FamilyAnswer {
  return {
    ...CHOICE,
    families: [familyLine('qwen/qwen'), familyLine('meta/llama', unknownAdoption())],
    more: 4,
    empty: 1,
    together: { own: sums({ downloads30d: 1000 }), counted: sums({ downloads30d: 2500 }) },
    whole: { repos: 100, downloads30d: 10_000, downloadsAllTime: 90_000 },
    ...parts,
  }
}

/** A family of which no lifetime counter is known, and from which nothing descends. */
export const unknownAdoption = () =>
  familyAdoption({
    own: sums({ repos: 2, downloads30d: 7, allTimeUnknownRepos: 2 }),
    counted: sums({ repos: 2, downloads30d: 7, allTimeUnknownRepos: 2 }),
    descending: undefined,
  })

export function familyHistory(parts: Partial<FamilyHistory> = {}): FamilyHistory {
  const family = familyLine('qwen/qwen')
  return {
    ...CHOICE,
    family,
    place: 1,
    of: 6,
    months: [
      { day: day('2026-05-03'), ...unknownAdoption() },
      { day: AS_OF, ...family },
    ],
    ...parts,
  }
}

export const traced = (repoId: string, parts: Partial<TracedRepo> = {}): TracedRepo => ({
  ...{ hubId: '0'.repeat(24), repoId, createdOn: day('2025-01-01'), goneOn: null },
  ...{ downloads30d: 5, downloadsAllTime: 50 },
  standing: { line: 'china', lineName: 'China', labKey: 'qwen', labName: 'Lab qwen' },
  ...parts,
})

const NOTHING = { repos: 0, copies: 0, downloads30d: 0, goneRepos: 0 }

export const node = (repoId: string, steps: number, parts: Partial<DescendantNode> = {}): DescendantNode => ({
  ...traced(repoId),
  ...{ steps, relations: ['finetune'], derivatives: 0, isElsewhere: false, more: NOTHING },
  ...parts,
})

export function familyTree(parts: Partial<FamilyTree> = {}): FamilyTree {
  const nodes = [
    node('a/child', 1, { more: { repos: 7, copies: 2, downloads30d: 70, goneRepos: 0 } }),
    node('b/grandchild', 2, { derivatives: 3 }),
    node('c/second', 1, { goneOn: day('2026-01-01') }),
  ]
  return {
    family: familyLine('qwen/qwen'),
    roots: [
      {
        root: traced('qwen/root', { downloads30d: 800 }),
        ...{ standing: 12, standingDownloads30d: 2000.5, copies: 2, copyDownloads30d: 30 },
        tree: { depth: 2, children: 5, more: { repos: 1, copies: 1, downloads30d: 1, goneRepos: 2 }, nodes },
      },
    ],
    moreRoots: 2,
    moreDownloads30d: 99,
    ...parts,
  }
}

export const familiesContent = (parts: Partial<FamiliesContent> = {}): FamiliesContent => ({
  families: familyAnswer(),
  chartSvg: '<svg></svg>',
  trees: [familyTree()],
  annotations: [],
  ...parts,
})
