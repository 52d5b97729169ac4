import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanSeries, dailyDownloads } from '../../src/derive/clean-series.ts'
import { cleanSpans } from '../../src/derive/clean-spans.ts'
import { findFalls } from '../../src/derive/find-falls.ts'
import { spreadHeld } from '../../src/derive/spread-held.ts'
import { CLEAN_COUNTERS } from '../../src/domain/clean.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'

function seriesOf(values: readonly number[]): CounterSeries {
  return {
    days: Int32Array.from(values, (_, at) => 20_000 + at),
    downloads30d: new Float64Array(values.length).fill(3_000),
    downloadsAllTime: Float64Array.from(values),
    likes: new Float64Array(values.length),
  }
}

function spread(values: readonly number[]): { before: (number | null)[]; after: (number | null)[] } {
  const raw = seriesOf(values)
  const events = findFalls(raw, raw.days.at(-1)!)
  const clean = cleanSeries(raw, cleanSpans(raw, events, []), CLEAN_COUNTERS)
  const before = dailyDownloads(clean)
  return { before, after: spreadHeld(before, clean, events) }
}

describe('daily downloads across a drop', () => {
  test('are the equal parts of what was hidden, in whole downloads', () => {
    const { before, after } = spread([1_000, 1_100, 600, 700, 1_410, 1_510])
    expect(before).toEqual([null, 100, 0, 0, 310, 100])
    expect(after).toEqual([null, 100, 103, 103, 104, 100])
  })

  test('are unknown while it lasts', () => {
    expect(spread([1_000, 1_100, 600, 700]).after).toEqual([null, 100, null, null])
  })

  test('sum to the same whatever the drop, and are left alone where there is none', () => {
    const seen = { drops: 0, none: 0 }
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { minLength: 4, maxLength: 40 }),
        fc.nat(39),
        fc.integer({ min: 0, max: 9 }),
        fc.nat(2_000),
        (growth, from, length, lost) => {
          let total = 5_000
          const values = growth.map((step, at) => {
            total += step
            return at >= from && at < from + length ? Math.max(0, total - lost) : total
          })
          const { before, after } = spread([...values, total + 3_000])
          const sum = (some: (number | null)[]) => some.reduce<number>((all, value) => all + (value ?? 0), 0)
          expect(sum(after)).toBe(sum(before))
          const isSame = after.every((value, at) => value === before[at])
          seen[isSame ? 'none' : 'drops'] += 1
          if (length === 0 || lost === 0) expect(isSame).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20)
  })
})
