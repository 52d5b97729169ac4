import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareMovements } from '../../src/derive/share-movements.ts'
import type { DerivativeShare } from '../../src/domain/derivative.ts'
import { EVERY_KIND } from './small-registry.ts'

const LINES = ['china', 'united-states', 'community', 'unreviewed'] as const

function share(lines: DerivativeShare['lines'], counted: number): DerivativeShare {
  return {
    attribution: 'base',
    relations: 'finetune',
    counter: 'downloads30d',
    threshold: 5,
    createdFrom: null,
    considered: counted,
    counterUnknown: 0,
    counted,
    publishers: 1,
    lines,
  }
}

/** A hundred repositories spread over the lines. */
const spread = fc.array(fc.constantFrom(...LINES), { minLength: 100, maxLength: 100 }).map(found =>
  share(
    LINES.map(line => ({ line, repos: found.filter(one => one === line).length })).filter(
      ({ repos }) => repos > 0,
    ),
    100,
  ),
)
const compare = (before: DerivativeShare, after: DerivativeShare) =>
  shareMovements({ registry: EVERY_KIND, shares: [before] }, { registry: EVERY_KIND, shares: [after] })[0]!

test('what one line loses others gain, and exchanging the sides exchanges the signs', () => {
  fc.assert(
    fc.property(spread, spread, (a, b) => {
      const there = compare(a, b)
      const back = compare(b, a)
      expect(there.lines.reduce((sum, { change }) => sum + change, 0)).toBeCloseTo(0, 12)
      expect(there.lines.map(({ key, before, after }) => [key, before, after])).toEqual(
        back.lines.map(({ key, before, after }) => [key, after, before]),
      )
      expect(compare(a, a).lines).toEqual([])
    }),
  )
})

test('sums of fractions that differ in their last digits are the same', () => {
  const thirds = (repos: number) => share([{ line: 'china', repos }], 3)
  expect(compare(thirds(1), thirds(1 / 3 + 2 / 3 + Number.EPSILON)).lines).toEqual([])
  expect(compare(thirds(1), thirds(1.001)).lines).toHaveLength(1)
})

test('a share of nothing moves nowhere, and a line of one registry alone is named by it', () => {
  expect(compare(share([], 0), share([], 0)).lines).toEqual([])
  const more = { ...EVERY_KIND, regions: [{ key: 'mars', name: 'Mars', countries: new Set<string>() }] }
  const [moved] = shareMovements(
    { registry: more, shares: [share([{ line: 'mars', repos: 1 }], 2)] },
    { registry: EVERY_KIND, shares: [share([], 2)] },
  )
  expect(moved!.lines).toEqual([{ key: 'mars', name: 'Mars', before: 0.5, after: 0, change: -0.5 }])
})
