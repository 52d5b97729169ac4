import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCrossover, type SeriesPoint } from '../../src/derive/crossover.ts'
import { addDays, daysBetween } from '../../src/domain/utc-day.ts'
import { day } from './small-registry.ts'

const START = day('2026-01-01')
const at = (offset: number) => addDays(START, offset)
/** One value a day; null is a gap. */
const daily = (values: readonly (number | null)[]): SeriesPoint[] =>
  values.map((value, offset) => ({ day: at(offset), value }))
const on = (values: Record<number, number | null>): SeriesPoint[] =>
  Object.entries(values).map(([offset, value]) => ({ day: at(Number(offset)), value }))
const level = (length: number, value = 10) => daily(Array.from({ length }, () => value))
const find = (a: SeriesPoint[], b: SeriesPoint[], holdDays = 3) => findCrossover(a, b, { holdDays })

describe('a crossover', () => {
  test('is the bracket of two observed days, with both values and the interpolated day', () => {
    const { outcome, crossing, crossings } = find(daily([4, 8, 16, 17, 18, 19]), level(6))
    expect(outcome).toBe('crossed')
    expect(crossing).toEqual({
      direction: 'ahead',
      lastBefore: { day: at(1), a: 8, b: 10 },
      firstAfter: { day: at(2), a: 16, b: 10 },
      interpolated: at(2),
      isHeld: true,
      observedAfter: 3,
    })
    expect(crossings).toEqual([crossing])
  })

  test('interpolates between days that lie apart, within the bracket', () => {
    const { crossing } = find(on({ 0: 0, 10: 20, 14: 30 }), on({ 0: 5, 10: 5, 14: 5 }))
    // Straight lines: -5 at day 0, +15 at day 10, so they meet after 2.5 days.
    expect(crossing).toMatchObject({
      lastBefore: { day: at(0) },
      firstAfter: { day: at(10) },
      interpolated: at(3),
    })
  })

  test('needs more, not as much: a day of equality is still behind', () => {
    const { crossing } = find(daily([9, 10, 11, 12, 13, 14]), level(6))
    expect([crossing?.lastBefore.day, crossing?.firstAfter.day]).toEqual([at(1), at(2)])
    expect(find(daily([9, 10, 10, 10]), level(4)).outcome).toBe('never')
  })

  test.each([
    [3, 'crossed'],
    [4, 'provisional'],
  ])('with a hold of %i days is %s when three days followed', (holdDays, outcome) => {
    const found = find(daily([9, 11, 12, 13, 14]), level(5), holdDays)
    expect(found.outcome).toBe(outcome)
    expect(found.crossing).toMatchObject({
      firstAfter: { day: at(1) },
      observedAfter: 3,
      isHeld: outcome === 'crossed',
    })
  })

  test('is not a lead lost within the hold, the last day of the hold included; such leads are counted', () => {
    const found = find(daily([9, 11, 9, 11, 12, 13, 10, 9, 11, 12, 13, 14]), level(12))
    expect(found).toMatchObject({ outcome: 'crossed', lostLeads: 2 })
    expect(found.crossing?.firstAfter.day).toBe(at(8))
  })

  test('is not proved by silence: the first observation after the hold has to be ahead too', () => {
    const found = find(on({ 0: 9, 10: 11, 50: 9, 60: 9 }), on({ 0: 10, 10: 10, 50: 10, 60: 10 }), 28)
    expect(found).toMatchObject({ outcome: 'never', crossing: null, lostLeads: 1 })
    expect(find(on({ 0: 9, 10: 11, 50: 12 }), on({ 0: 10, 10: 10, 50: 10 }), 28).outcome).toBe('crossed')
  })

  test('is never when the first series stays behind or level', () => {
    expect(find(daily([1, 2, 3]), level(3))).toMatchObject({
      outcome: 'never',
      crossing: null,
      crossings: [],
      firstDay: at(0),
      lastDay: at(2),
    })
  })

  test('lies before the data when the first series is ahead from the start', () => {
    expect(find(daily([11, 12, 13]), level(3))).toMatchObject({
      outcome: 'ahead-from-the-start',
      crossing: null,
    })
  })

  test('is unknown without a day on which both are known', () => {
    for (const [a, b] of [
      [[], []],
      [daily([1, 2]), []],
      [daily([1, null]), daily([null, 2])],
    ] as const)
      expect(find([...a], [...b])).toMatchObject({
        outcome: 'no-data',
        crossing: null,
        firstDay: null,
        lastDay: null,
      })
  })

  test('takes no gap for a zero: the bracket spans it', () => {
    const { crossing, firstDay } = find(
      daily([null, 9, null, null, 11, 12, 13, 14]),
      daily([10, 10, 10, null, 10, 10, 10, 10]),
    )
    expect([firstDay, crossing?.lastBefore.day, crossing?.firstAfter.day]).toEqual([at(1), at(1), at(4)])
    expect(find(daily([9, null, 9, 9]), daily([10, 10, null, 10])).crossings).toEqual([])
  })

  test('back is listed, and so is the one after it', () => {
    const values = [9, 11, 11, 11, 11, 9, 9, 9, 9, 11, 11, 11, 11]
    const found = find(daily(values), level(values.length))
    expect(found.crossings.map(({ direction, firstAfter }) => [direction, firstAfter.day])).toEqual([
      ['ahead', at(1)],
      ['behind', at(5)],
      ['ahead', at(9)],
    ])
    expect(found.crossing).toEqual(found.crossings[0])
  })

  test('does not depend on the order in which days are given', () => {
    const a = daily([9, 9, 11, 12, 13, 14])
    expect(find([...a].reverse(), level(6))).toEqual(find(a, level(6)))
  })
})

describe('a lead that was held before', () => {
  test('is not crossed again after a dip shorter than the hold', () => {
    const found = find(
      on({ 0: 15, 10: 14, 11: 8, 12: 8, 13: 15, 60: 20 }),
      on({ 0: 10, 10: 10, 11: 10, 12: 10, 13: 10, 60: 10 }),
    )
    expect(found).toMatchObject({
      outcome: 'ahead-from-the-start',
      crossings: [],
      dips: 1,
      lostLeads: 0,
      isAhead: true,
    })
  })

  test('is lost for good where the other keeps it, and the end says so', () => {
    const b = on({ 0: 10, 10: 10, 40: 10, 80: 10, 120: 10 })
    const found = find(on({ 0: 9, 10: 11, 40: 12, 80: 5, 120: 5 }), b)
    expect(found.outcome).toBe('crossed')
    expect(found.crossings.map(crossing => crossing.direction)).toEqual(['ahead', 'behind'])
    expect(found.isAhead).toBe(false)
  })
})

describe('any two series', () => {
  const value = fc.option(fc.nat(6), { freq: 6 })
  const series = fc
    .array(fc.record({ step: fc.integer({ min: 1, max: 20 }), a: value, b: value }), { maxLength: 30 })
    .map(steps => {
      let offset = 0
      return steps.map(({ step, a, b }) => {
        offset += step
        return { day: at(offset), a, b }
      })
    })
  const side = (
    points: { day: ReturnType<typeof at>; a: number | null; b: number | null }[],
    key: 'a' | 'b',
  ) => points.map(point => ({ day: point.day, value: point[key] }))

  test('mirror their crossings when exchanged', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 30 }), (points, holdDays) => {
        const [a, b] = [side(points, 'a'), side(points, 'b')]
        const mirrored = find(b, a, holdDays).crossings.map(crossing => ({
          ...crossing,
          direction: crossing.direction === 'ahead' ? 'behind' : 'ahead',
          lastBefore: { day: crossing.lastBefore.day, a: crossing.lastBefore.b, b: crossing.lastBefore.a },
          firstAfter: { day: crossing.firstAfter.day, a: crossing.firstAfter.b, b: crossing.firstAfter.a },
        }))
        expect(mirrored).toEqual(find(a, b, holdDays).crossings)
      }),
      { numRuns: 500 },
    )
  })

  test('cross on rising days in turn, between neighbouring known days, and lead through the hold', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 30 }), (points, holdDays) => {
        const known = points.filter(point => point.a !== null && point.b !== null)
        const { crossings, outcome, crossing } = find(side(points, 'a'), side(points, 'b'), holdDays)
        crossings.forEach((found, index) => {
          const position = known.findIndex(point => point.day === found.firstAfter.day)
          expect(known[position - 1]?.day).toBe(found.lastBefore.day)
          expect(found.lastBefore.day < found.firstAfter.day).toBe(true)
          expect(
            found.interpolated >= found.lastBefore.day && found.interpolated <= found.firstAfter.day,
          ).toBe(true)
          expect(index === 0 || crossings[index - 1]!.firstAfter.day <= found.lastBefore.day).toBe(true)
          expect(index === 0 || crossings[index - 1]!.direction !== found.direction).toBe(true)
          const held = known
            .slice(position)
            .filter(point => daysBetween(found.firstAfter.day, point.day) <= holdDays)
          for (const { a, b } of held) expect(found.direction === 'ahead' ? a! > b! : a! < b!).toBe(true)
        })
        expect(crossing !== null).toBe(outcome === 'crossed' || outcome === 'provisional')
        expect(crossing).toEqual(crossings.find(found => found.direction === 'ahead') ?? null)
      }),
      { numRuns: 500 },
    )
  })
})
