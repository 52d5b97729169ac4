import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRunningTotals } from '../../src/derive/daily-totals.ts'
import { createFamilyFinder } from '../../src/derive/family.ts'
import { addTotals, familyAdoption, familyLines } from '../../src/derive/family-adoption.ts'
import { NO_NAMES, type RepoFacts } from '../../src/domain/attribution.ts'
import type { FamilyAttribution } from '../../src/domain/family-answer.ts'
import type { DailyTotal, TotalAttribution, TotalAxis } from '../../src/domain/total.ts'
import { sums } from '../present/family-samples.ts'
import { day, lab, registryOf, scope } from './small-registry.ts'

const family = (key: string) => ({ key, name: `Family ${key}`, patterns: [new RegExp(`^${key}`)] })
const REGISTRY = registryOf(
  [lab('a', { families: [family('x'), family('y')] }), lab('b', { families: [family('z')] })],
  [scope('all')],
)
const DAY = day('2026-06-01')
const FAMILIES = ['a/x', 'a/y', 'b/z']

interface Made {
  repo: RepoFacts
  downloads30d: number
  downloadsAllTime: number | null
  isGone: boolean
}

const ids = fc.constantFrom('a/x1', 'a/x2', 'a/y1', 'a/other', 'b/z1', 'b/x1', 'c/x1', 'c/other')
const made: fc.Arbitrary<Made> = fc
  .record({
    repoId: ids,
    over: fc.uniqueArray(ids, { maxLength: 3 }),
    isMade: fc.boolean(),
    downloads30d: fc.nat(1000),
    downloadsAllTime: fc.option(fc.nat(100_000), { freq: 4 }),
    isGone: fc.integer({ min: 0, max: 4 }).map(value => value === 0),
  })
  .map(({ repoId, over, ...counters }) => ({
    ...counters,
    repo: {
      ...{ repoKey: 0, repoId, formerNames: NO_NAMES, handle: repoId.split('/')[0]! },
      ...{ createdOn: '2025-01-01', task: null },
      bases: over.map(id => ({ declared: id, relation: 'merge', repoId: id })),
      roots: over.map(id => ({ repoId: id, weight: 1 / over.length })),
    },
  }))

function totalsOf(all: readonly Made[]): DailyTotal[] {
  const totals = createRunningTotals(REGISTRY, DAY)
  all.forEach(({ repo, downloads30d, downloadsAllTime, isGone }, repoKey) => {
    totals.add({ ...repo, repoKey })
    totals.observe(repoKey, downloads30d, downloadsAllTime ?? Number.NaN)
    if (isGone) totals.setGone(repoKey, true)
  })
  return totals.totalsOn(DAY)
}

const finder = createFamilyFinder(REGISTRY)
function familyOf(repoId: string): string | null {
  const found = finder.familyOf(repoId, DAY)
  return found && `${found.lab.key}/${found.family.key}`
}

/** The whole units of a value between two neighbouring parts of a repository. */
const part = (value: number, at: number, of: number) =>
  Math.floor((value * (at + 1)) / of) - Math.floor((value * at) / of)

interface Counted {
  repos: number
  downloads30d: number
  downloadsAllTime: number
}

/** What a family publishes, what stands on it and is not its own, and what of its own stands elsewhere: one by one. */
function countByHand(all: readonly Made[], key: string) {
  const count = (): Counted => ({ repos: 0, downloads30d: 0, downloadsAllTime: 0 })
  const found = { own: count(), descending: count(), ownElsewhere: count() }
  const add = (to: Counted, { downloads30d, downloadsAllTime, isGone }: Made, at: number, of: number) => {
    if (!isGone) {
      to.repos += part(1, at, of)
      to.downloads30d += part(downloads30d, at, of)
    }
    to.downloadsAllTime += part(downloadsAllTime ?? 0, at, of)
  }
  for (const one of all) {
    const isOwn = familyOf(one.repo.repoId) === key
    if (isOwn) add(found.own, one, 0, 1)
    const roots = one.repo.roots.length === 0 ? [one.repo] : one.repo.roots
    roots.forEach(({ repoId }, at) => {
      const isRooted = familyOf(repoId!) === key
      if (isRooted && !isOwn) add(found.descending, one, at, roots.length)
      if (isOwn && !isRooted) add(found.ownElsewhere, one, at, roots.length)
    })
  }
  return found
}

describe('own and descending downloads of any repositories', () => {
  const pick = (totals: readonly DailyTotal[], attribution: TotalAttribution, axis: TotalAxis, key: string) =>
    totals.find(found => found.attribution === attribution && found.axis === axis && found.key === key)

  const groupsOf = (totals: readonly DailyTotal[], by: FamilyAttribution, key: string) => ({
    own: pick(totals, 'publisher', 'family', key),
    counted: pick(totals, by, 'family', key),
    descending: pick(totals, by, 'descendants', key),
  })

  test('are what counting one by one gives, and with what stands elsewhere make up what counts for the family', () => {
    const seen = { elsewhere: 0, descending: 0, split: 0 }
    fc.assert(
      fc.property(fc.array(made, { maxLength: 12, size: 'max' }), all => {
        const totals = totalsOf(all)
        for (const key of FAMILIES) {
          // Bases and roots of these are the same, so by both the answer is.
          for (const by of ['root', 'base'] as const) {
            const groups = groupsOf(totals, by, key)
            const adoption = familyAdoption(groups)
            const byHand = countByHand(all, key)
            for (const side of ['own', 'descending'] as const) {
              expect(adoption[side].repos).toBe(byHand[side].repos)
              expect(adoption[side].downloads30d).toBe(byHand[side].downloads30d)
              // Unknown says nothing; known is the sum of what is known.
              const known = adoption[side].downloadsAllTime
              expect(known ?? 0).toBe(byHand[side].downloadsAllTime)
            }
            const { downloadsAllTime, ...listed } = byHand.ownElsewhere
            expect(adoption.ownElsewhere).toMatchObject(listed)
            expect(adoption.ownElsewhere.downloadsAllTime ?? 0).toBe(downloadsAllTime)
            // The identity: own and descending = what counts for the family, and what of its own stands elsewhere.
            expect(adoption.own.downloads30d + adoption.descending.downloads30d).toBe(
              (groups.counted?.downloads30d ?? 0) + byHand.ownElsewhere.downloads30d,
            )
            seen.elsewhere += byHand.ownElsewhere.downloads30d > 0 ? 1 : 0
            seen.descending += byHand.descending.downloads30d > 0 ? 1 : 0
            seen.split += all.some(({ repo }) => repo.roots.length > 1) ? 1 : 0
          }
        }
      }),
      { numRuns: 300 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
  })

  test('never count a download for two families, or as own of two', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 12 }), all => {
        const totals = totalsOf(all)
        const whole = all.reduce((sum, { downloads30d, isGone }) => sum + (isGone ? 0 : downloads30d), 0)
        for (const by of ['publisher', 'base', 'root'] as const) {
          const together = addTotals(
            totals.filter(({ attribution, axis }) => attribution === by && axis === 'family'),
          )
          expect(together?.downloads30d ?? 0).toBeLessThanOrEqual(whole)
        }
      }),
    )
  })
})

describe('a family', () => {
  test('without totals has published nothing: zero, not unknown; a ratio over nothing is none', () => {
    const adoption = familyAdoption({
      own: undefined,
      counted: sums(),
      descending: sums({ downloads30d: 4 }),
    })
    expect(adoption.own).toMatchObject({ repos: 0, downloads30d: 0, downloadsAllTime: 0 })
    expect([adoption.ratio30d, adoption.ratioAllTime]).toEqual([null, null])
  })

  test('whose lifetime counters are all unknown has an unknown sum and an unknown ratio', () => {
    const unknown = sums({ repos: 1, downloads30d: 3, allTimeUnknownRepos: 1 })
    const known = sums({ repos: 1, downloads30d: 6, downloadsAllTime: 60 })
    const without = familyAdoption({ own: unknown, counted: unknown, descending: known })
    expect(without.own.downloadsAllTime).toBeNull()
    expect(without.ownElsewhere.downloadsAllTime).toBeNull()
    expect([without.ratio30d, without.ratioAllTime]).toEqual([2, null])
    expect(familyAdoption({ own: known, counted: known, descending: unknown }).ratioAllTime).toBeNull()
  })

  test('that nobody uses comes last, and one with nothing at all not', () => {
    const totals = new Map([
      ['a/x', sums({ downloads30d: 1 })],
      ['b/z', sums({ downloads30d: 5 })],
    ])
    const lines = familyLines(REGISTRY, key => ({
      ...{ own: totals.get(key), counted: totals.get(key), descending: undefined },
    }))
    expect(lines.map(({ key, labName, familyName }) => [key, labName, familyName])).toEqual([
      ['b/z', 'Lab b', 'Family z'],
      ['a/x', 'Lab a', 'Family x'],
    ])
  })
})
