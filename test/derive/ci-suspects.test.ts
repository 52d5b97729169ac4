import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCiSuspects, type SuspectCandidate } from '../../src/derive/find-ci-suspects.ts'

const repo = (repoKey: number, rest: Partial<SuspectCandidate> = {}): SuspectCandidate => ({
  repoKey,
  repoId: `lab/model-${repoKey}`,
  downloads30d: 200_000,
  likes: 100,
  parameters: 5e9,
  ...rest,
})

/** A size class whose repositories have 2,001 downloads per like and up. */
const classOf = (count: number, parameters: number | null = 5e9) =>
  Array.from({ length: count }, (_, n) => repo(n + 1, { downloads30d: 200_000 + 100 * (n + 1), parameters }))

describe('repositories that look like automatic tests', () => {
  test('are those above the 99.5th percentile of downloads per like in their size class', () => {
    const found = findCiSuspects([...classOf(399), repo(1_000, { downloads30d: 400_000, likes: 2 })])
    expect(found.map(({ repoKey }) => repoKey)).toEqual([399, 1_000])
    expect(found[1]?.evidence).toEqual({
      perLike: 200_000,
      percentile: 399 / 400,
      sizeClass: '1-9B',
      rule: 'downloads-per-like',
      listVersion: 1,
    })
  })

  test('are compared within their size class only', () => {
    const large = classOf(300, 200e9).map(one => ({ ...one, repoKey: one.repoKey + 500, likes: 1 }))
    const found = findCiSuspects([...classOf(300), ...large])
    expect(found.map(({ repoKey, evidence }) => [repoKey, evidence.sizeClass])).toEqual([
      [300, '1-9B'],
      [800, '>100B'],
    ])
  })

  test('are not looked for in a class too small for a percentile', () => {
    expect(findCiSuspects([...classOf(198), repo(1_000, { likes: 0 })])).toEqual([])
  })

  test('need 100,000 downloads, and likes that are known', () => {
    const few = repo(1_000, { downloads30d: 99_999, likes: 0 })
    const unknown = repo(1_001, { downloads30d: 9_000_000, likes: null })
    expect(findCiSuspects([...classOf(300), few, unknown]).map(({ repoKey }) => repoKey)).toEqual([])
  })

  test('are those with a listed name, however few their downloads', () => {
    const listed = [
      repo(1, { repoId: 'trl-internal-testing/x', downloads30d: 5 }),
      repo(2, { repoId: 'HF-Internal-Testing/x', likes: null }),
      repo(3, { repoId: 'lab/Tiny-Random-Llama' }),
      repo(4, { repoId: 'not-hf-internal-testing/x' }),
      repo(5, { repoId: 'tiny-random-lab/x' }),
    ]
    expect(findCiSuspects(listed).map(({ repoKey, evidence }) => [repoKey, evidence.rule])).toEqual([
      [1, 'name'],
      [2, 'name'],
      [3, 'name'],
    ])
  })

  test('are the same in any order and at any scale of downloads above the floor', () => {
    const any = fc.record({
      downloads30d: fc.integer({ min: 100_000, max: 10_000_000 }),
      likes: fc.integer({ min: 0, max: 50 }),
      parameters: fc.constantFrom(null, 1e8, 5e9),
    })
    const repos = fc
      .array(any, { minLength: 600, maxLength: 700 })
      .map(list => list.map((one, n) => repo(n + 1, one)))
    fc.assert(
      fc.property(repos, fc.integer({ min: 1, max: 9 }), (list, factor) => {
        const keys = (of: readonly SuspectCandidate[]) => findCiSuspects(of).map(({ repoKey }) => repoKey)
        expect(keys(list.toReversed())).toEqual(keys(list))
        expect(keys(list.map(one => ({ ...one, downloads30d: one.downloads30d * factor })))).toEqual(
          keys(list),
        )
      }),
      { numRuns: 20 },
    )
  })
})
