import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capUploaders } from '../../src/derive/cap-uploaders.ts'
import { weighAncestors } from '../../src/derive/weigh-ancestors.ts'

describe('the shares of a walk up', () => {
  test('split equally at each step, and meet again', () => {
    // 0 stands on 1 and 2, both of them on 3, and 2 on 4 as well.
    const { weights } = weighAncestors([[1, 2], [3], [3, 4], [], []])
    expect(weights).toEqual([1, 0.5, 0.5, 0.75, 0.25])
  })

  test('leave out the links of a circle', () => {
    const { weights, isWithinCircle } = weighAncestors([[1, 2], [0, 3], [], []])
    expect(weights).toEqual([1, 0, 1, 0])
    expect([isWithinCircle(0, 1), isWithinCircle(0, 2)]).toEqual([true, false])
  })

  test('of those that stand on nothing further sum to one, whatever the graph', () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain(size =>
        fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
      )
      .map(basesOf => basesOf.map((bases, place) => bases.filter(base => base !== place)))
    let split = 0
    fc.assert(
      fc.property(graph, basesOf => {
        const { weights, isWithinCircle } = weighAncestors(basesOf)
        const isEnd = basesOf.map((bases, place) => bases.every(base => isWithinCircle(place, base)))
        const ends = weights.filter((weight, place) => weight > 0 && isEnd[place])
        if (ends.length > 1) split += 1
        expect(ends.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
        for (const weight of weights) expect(weight).toBeLessThanOrEqual(1 + 1e-9)
      }),
      { numRuns: 500 },
    )
    expect(split).toBeGreaterThan(20)
  })

  test('take a chain of 50,000 steps', () => {
    const { weights } = weighAncestors(
      Array.from({ length: 50_000 }, (_, at) => (at < 49_999 ? [at + 1] : [])),
    )
    expect(weights.every(weight => weight === 1)).toBe(true)
  })
})

describe('capped uploaders', () => {
  test('count for a hundredth at most, and for one at least', () => {
    expect(capUploaders([150, ...Array<number>(50).fill(1)])).toEqual({
      repos: 200,
      uploaders: 51,
      cap: 2,
      capped: 52,
    })
    expect(capUploaders([3, 1])).toEqual({ repos: 4, uploaders: 2, cap: 1, capped: 2 })
    expect(capUploaders([])).toEqual({ repos: 0, uploaders: 0, cap: 1, capped: 0 })
  })

  test('never count for more than they have, nor for less than one each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 300 }), counts => {
        const { repos, uploaders, capped } = capUploaders(counts)
        expect(capped).toBeLessThanOrEqual(repos)
        expect(capped).toBeGreaterThanOrEqual(uploaders)
      }),
    )
  })
})
