import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derivativeDrift } from '../../src/derive/derivative-drift.ts'
import type { CheckedPair } from '../../src/domain/derivative-check.ts'

/** Pairs of one relation: our count and the Hub's. */
const pairs = (counts: readonly (readonly [ours: number, hub: number])[], first = 1): CheckedPair[] =>
  counts.map(([ours, hub], at) => ({ repoKey: first + at, relation: 'finetune', ours, hub }))
const many = (count: number, ours: number, hub: number) =>
  Array.from({ length: count }, () => [ours, hub] as const)

describe('derivative counts', () => {
  test.each([
    ['the same as before', many(40, 9, 10), many(40, 9, 10)],
    ['nearer to the Hub than before', many(40, 9, 10), many(40, 10, 10)],
    ['further by one pair of twenty', many(20, 100, 100), [...many(19, 100, 100), [99, 100] as const]],
    [
      'further by two pairs, however few there are',
      many(3, 100, 100),
      [
        [100, 100],
        [99, 100],
        [101, 100],
      ] as const,
    ],
    ['further by two derivatives, however few there are', [[5, 5]] as const, [[3, 5]] as const],
    ['further by a hundredth', [[1000, 1000]] as const, [[990, 1000]] as const],
  ])('%s do not drift', (_, before, now) => {
    expect(derivativeDrift(pairs(before), pairs(now))).toBeNull()
  })

  test('drift when more pairs differ', () => {
    const now = [...many(36, 100, 100), ...many(3, 100, 101)]
    expect(derivativeDrift(pairs(many(39, 100, 100)), pairs(now))).toEqual({
      before: { pairs: 39, differing: 0, hub: 3900, difference: 0 },
      now: { pairs: 39, differing: 3, hub: 3903, difference: 3 },
    })
  })

  test('drift when the pairs that differ do so by more, in either direction', () => {
    for (const ours of [980, 1020]) {
      expect(derivativeDrift(pairs([[1000, 1000]]), pairs([[ours, 1000]]))).toEqual({
        before: { pairs: 1, differing: 0, hub: 1000, difference: 0 },
        now: { pairs: 1, differing: 1, hub: 1000, difference: 20 },
      })
    }
    expect(derivativeDrift(pairs([[5, 5]]), pairs([[5, 0]]))).not.toBeNull()
  })

  test('are compared over what both checks have, pairs of nothing left out', () => {
    const before = [...pairs(many(10, 50, 50)), ...pairs(many(5, 0, 0), 11)]
    const strangers = pairs(many(200, 1, 50), 100)
    expect(derivativeDrift(before, [...pairs(many(10, 50, 50)), ...strangers])).toBeNull()
    expect(derivativeDrift([...before, ...strangers], pairs(many(10, 50, 50)))).toBeNull()
    expect(derivativeDrift(before, [...pairs(many(10, 45, 50)), ...strangers])?.now.pairs).toBe(10)
  })

  test('never drift when they come closer, pair by pair', () => {
    const pair = fc.record({ hub: fc.nat(50), off: fc.integer({ min: -20, max: 20 }), closer: fc.nat(100) })
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 30 }), all => {
        const before = pairs(all.map(({ hub, off }) => [Math.max(0, hub + off), hub]))
        const now = before.map(found => ({
          ...found,
          ours: found.hub + Math.trunc(((found.ours - found.hub) * all[found.repoKey - 1]!.closer) / 100),
        }))
        expect(derivativeDrift(before, now)).toBeNull()
      }),
    )
  })
})
