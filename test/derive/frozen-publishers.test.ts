import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findFrozenPublishers } from '../../src/derive/find-frozen-publishers.ts'

interface Repo {
  publisher: number
  before: number
  today: number
}

const AS_USUAL = { daysSince: 1, isHubFrozen: false }

function find(repos: readonly Repo[], night = AS_USUAL) {
  const lifetime = Float64Array.from(repos, () => Number.NaN)
  return findFrozenPublishers(
    { downloads30d: Float64Array.from(repos, ({ today }) => today), downloadsAllTime: lifetime },
    { downloads30d: Float64Array.from(repos, ({ before }) => before), downloadsAllTime: lifetime },
    new Uint8Array(repos.length).fill(1),
    Int32Array.from(repos, ({ publisher }) => publisher),
    night,
  )
}

const still = (publisher: number, count: number, downloads30d: number): Repo[] =>
  Array.from({ length: count }, () => ({ publisher, before: downloads30d, today: downloads30d }))
const moving = (publisher: number, count: number, downloads30d = 3_000): Repo[] =>
  Array.from({ length: count }, (_, n) => ({ publisher, before: downloads30d, today: downloads30d + n + 1 }))

describe('a publisher that stood still', () => {
  test('is found beside others that moved, with what was missed', () => {
    expect(find([...moving(1, 20), ...still(2, 6, 3_000), ...moving(3, 5)])).toEqual([
      { publisherKey: 2, evidence: { repos: 6, still: 6, share: 1, missed: 600 } },
    ])
  })

  test('needs five repositories that usually move, 95 % of them still, and 300 downloads missed', () => {
    expect(find(still(2, 4, 9_000))).toEqual([])
    expect(find(still(2, 5, 899))).toEqual([])
    expect(find([...still(2, 19, 3_000), ...moving(2, 1)])).toHaveLength(1)
    expect(find([...still(2, 18, 3_000), ...moving(2, 1)])).toEqual([])
    expect(find(still(2, 9, 990))).toEqual([])
    expect(find(still(2, 10, 990))).toHaveLength(1)
  })

  test('is asked for nothing on a day on which the whole Hub stood still, or after more than a week', () => {
    expect(find(still(2, 9, 9_000), { daysSince: 1, isHubFrozen: true })).toEqual([])
    expect(find(still(2, 9, 9_000), { daysSince: 8, isHubFrozen: false })).toEqual([])
  })

  test('is the same in any order of repositories, and whatever the others do', () => {
    const repo = fc.record({
      publisher: fc.integer({ min: 1, max: 3 }),
      before: fc.constantFrom(100, 900, 5_000),
      today: fc.constantFrom(900, 5_000),
    })
    const lists = fc
      .array(repo, { maxLength: 40 })
      .chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
    fc.assert(
      fc.property(lists, ([list, other]) => {
        expect(find(other)).toEqual(find(list))
        expect(find([...list, ...moving(9, 7)])).toEqual(find(list))
      }),
    )
  })
})
