import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shareSensitivity } from '../../src/derive/share-sensitivity.ts'
import { createShareSums } from '../../src/derive/share-sums.ts'
import {
  MONTHLY_COUNTERS,
  type MonthlyShare,
  RELATION_SET_KEYS,
  SHARE_THRESHOLDS,
} from '../../src/domain/derivative.ts'
import type { MonthSpan, ShareChoice } from '../../src/domain/share-answer.ts'
import { TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import { CHOICE, lines, monthlyShares } from '../present/samples.ts'

const EVERY: MonthSpan = { from: null, until: null }
const only = (month: string): MonthSpan => ({ from: month, until: month })
const repos = (sum: { lines: readonly { line: string; repos: number }[] }) =>
  Object.fromEntries(sum.lines.filter(found => found.repos > 0).map(found => [found.line, found.repos]))

describe('sums of monthly shares', () => {
  const shares = monthlyShares({
    '2025-12': { china: 3, europe: 1 },
    '2026-01': { china: 1.5, unresolved: 2.5 },
    '2026-03': { 'united-states': 4 },
  })

  test('take the months of the span, both ends included', () => {
    const sums = createShareSums(shares, lines())
    const of = (months: MonthSpan) => sums.sum({ ...CHOICE, months })
    expect(sums.months).toEqual(['2025-12', '2026-01', '2026-03'])
    expect(repos(of(EVERY))).toEqual({ china: 4.5, europe: 1, unresolved: 2.5, 'united-states': 4 })
    expect(of(EVERY)).toMatchObject({ considered: 21, counterUnknown: 6, counted: 12, publishers: null })
    expect(repos(of({ from: '2026-01', until: null }))).toEqual({
      china: 1.5,
      unresolved: 2.5,
      'united-states': 4,
    })
    expect(repos(of({ from: null, until: '2025-12' }))).toEqual({ china: 3, europe: 1 })
    expect(of(only('2026-01'))).toMatchObject({ counted: 4, publishers: 2 })
  })

  test('tell uploaders of one month alone, and nothing of a month without derivatives', () => {
    const empty = createShareSums(shares, lines()).sum({ ...CHOICE, months: only('2026-02') })
    expect(empty).toMatchObject({ considered: 0, counted: 0, publishers: 0 })
    expect(empty.lines.map(({ line }) => line)).toEqual(lines())
    expect(empty.lines.every(({ share, repos }) => share === null && repos === 0)).toBe(true)
  })

  test('keep the choices apart', () => {
    const other = monthlyShares({ '2026-01': { other: 7 } }, { threshold: 10 })
    const byPublisher = monthlyShares({ '2026-01': { europe: 2 } }, { threshold: 50 }, ['publisher'])
    const sums = createShareSums([...shares, ...other, ...byPublisher], lines())
    expect(repos(sums.sum({ ...CHOICE, threshold: 10 }))).toEqual({ other: 7 })
    expect(repos(sums.sum({ ...CHOICE, threshold: 50, attribution: 'publisher' }))).toEqual({ europe: 2 })
    expect(repos(sums.sum({ ...CHOICE, threshold: 50 }))).toEqual({})
    expect(repos(sums.sum({ ...CHOICE, counter: 'downloads30d' }))).toEqual({})
    expect(repos(sums.sum({ ...CHOICE, relations: 'any' }))).toEqual({})
    expect(sums.sum({ ...CHOICE, isCapped: true })).toMatchObject({ counted: 6 })
    expect(repos(sums.sum({ ...CHOICE, isCapped: true, months: only('2025-12') }))).toEqual({
      china: 1.5,
      europe: 0.5,
    })
  })

  test('of any months are what their months add up to, with shares that sum to one', () => {
    const line = fc.constantFrom('china', 'europe', 'unreviewed')
    const month = fc.dictionary(
      line,
      fc.integer({ min: 1, max: 400 }).map(value => value / 4),
    )
    const months = fc.dictionary(fc.constantFrom('2025-11', '2025-12', '2026-01', '2026-02'), month)
    fc.assert(
      fc.property(months, fc.boolean(), (found, isCapped) => {
        const sums = createShareSums(monthlyShares(found), lines())
        const choice = { ...CHOICE, isCapped }
        const whole = sums.sum(choice)
        const parts = sums.months.map(name => sums.sum({ ...choice, months: only(name) }))
        for (const [index, { repos }] of whole.lines.entries())
          expect(parts.reduce((sum, part) => sum + part.lines[index]!.repos, 0)).toBeCloseTo(repos, 9)
        expect(parts.reduce((sum, { counted }) => sum + counted, 0)).toBeCloseTo(whole.counted, 9)
        if (whole.counted > 0)
          expect(whole.lines.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 9)
      }),
    )
  })
})

describe('the sensitivity of a share', () => {
  const spans = [EVERY, only('2026-01')]
  const watched = ['china', 'europe']
  /** Every cell of two months; China's part depends on every choice in its own way. */
  const all: MonthlyShare[] = ['2025-12', '2026-01'].flatMap((month, at) =>
    RELATION_SET_KEYS.flatMap((relations, set) =>
      MONTHLY_COUNTERS.flatMap((counter, column) =>
        SHARE_THRESHOLDS.map((threshold, level): MonthlyShare => {
          const counted = 1000
          return {
            ...{ month, relations, counter, threshold, considered: 2000, counterUnknown: 0, counted },
            ...{ publishers: 10, capped: 500 },
            lines: TOTAL_ATTRIBUTIONS.flatMap((attribution, whose) => {
              const china = 100 + 7 * set + 11 * column + 13 * level + 50 * whose + 100 * at
              return [
                { attribution, line: 'china', repos: china, capped: china / 4 },
                { attribution, line: 'europe', repos: counted - china, capped: 500 - china / 4 },
              ]
            }),
          }
        }),
      ),
    ),
  )
  const sums = createShareSums(all, lines())
  const { alternatives, ranges, combinations } = shareSensitivity(sums, CHOICE, spans, watched)
  const shareOf = (choice: ShareChoice) => sums.sum(choice).lines.find(({ line }) => line === 'china')!.share!

  test('has every other choice once, each different in one thing alone', () => {
    expect(alternatives.map(({ changed }) => changed)).toEqual([
      ...['attribution', 'attribution', 'threshold', 'threshold', 'threshold', 'threshold'],
      ...['counter', 'counter', 'relations', 'relations', 'relations', 'relations', 'relations'],
      ...['relations', 'isCapped', 'months'],
    ])
    for (const { changed, choice } of alternatives) {
      expect({ ...choice, [changed]: CHOICE[changed] }).toEqual(CHOICE)
      expect(choice[changed]).not.toEqual(CHOICE[changed])
    }
    expect(new Set(alternatives.map(({ choice }) => JSON.stringify(choice))).size).toBe(16)
  })

  test('tells by how many points each moves the share', () => {
    for (const { choice, shares, counted } of alternatives) {
      expect(shares.map(({ line }) => line)).toEqual(watched)
      expect(shares[0]!.share).toBe(shareOf(choice))
      expect(shares[0]!.points).toBeCloseTo((shareOf(choice) - shareOf(CHOICE)) * 100, 9)
      expect(shares[1]!.points).toBeCloseTo(-shares[0]!.points!, 9)
      expect(counted).toBe(sums.sum(choice).counted)
    }
  })

  test('ranges over every combination, with the one at each end', () => {
    const each = RELATION_SET_KEYS.length * 3 * 5 * 3 * 2 * spans.length
    expect(combinations).toEqual({ enough: each, tooFew: 0, leastCounted: 100 })
    const [china, europe] = ranges
    expect(china).toMatchObject({
      line: 'china',
      lowest: {
        choice: {
          ...{ relations: 'finetune', counter: 'downloads30d', threshold: 0 },
          ...{ attribution: 'publisher', isCapped: true, months: EVERY },
        },
      },
      highest: {
        choice: {
          ...{ relations: 'any', counter: 'downloads30dAt30Days', threshold: 50 },
          ...{ attribution: 'root', isCapped: false, months: only('2026-01') },
        },
      },
    })
    for (const end of [china!.lowest, china!.highest]) expect(end.share).toBe(shareOf(end.choice))
    expect(europe!.lowest.choice).toEqual(china!.highest.choice)
  })

  test('leaves combinations of few repositories out of the range, and tells none of nothing', () => {
    const few = monthlyShares({ '2025-12': { china: 90 }, '2026-01': { europe: 60 } })
    const found = shareSensitivity(createShareSums(few, lines()), CHOICE, spans, watched)
    // Both months together and not capped: 150, by each attribution.
    expect(found.combinations).toMatchObject({ enough: 3 })
    expect(found.ranges[0]!.highest).toMatchObject({ share: 0.6, counted: 150 })
    const nothing = shareSensitivity(createShareSums([], lines()), CHOICE, spans, watched)
    expect(nothing.ranges).toEqual([])
    expect(nothing.alternatives.every(({ shares }) => shares.every(({ points }) => points === null))).toBe(
      true,
    )
  })
})
