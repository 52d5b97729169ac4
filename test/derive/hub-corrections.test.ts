import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { corrected, type DayTotals, hubCorrections } from '../../src/derive/hub-corrections.ts'
import type { DailyTotal } from '../../src/domain/total.ts'
import { addDays, type UtcDay } from '../../src/domain/utc-day.ts'
import { day } from './small-registry.ts'

const FIRST = day('2025-06-24')
const REST = { allTimeUnknownRepos: 0, goneRepos: 0, goneDownloadsAllTime: 0, repos: 3 }
const GROUP = { scope: 'all', attribution: 'publisher', axis: 'region' } as const

function totals(on: UtcDay, values: Record<string, [in30d: number, allTime: number]>): DayTotals {
  return {
    day: on,
    totals: Object.entries(values).map(
      ([key, [downloads30d, downloadsAllTime]]): DailyTotal => ({
        day: on,
        ...GROUP,
        key,
        ...REST,
        downloads30d,
        downloadsAllTime,
      }),
    ),
  }
}

const within = (kind: 'hub-incident' | 'frozen', days: DayTotals[], after: DayTotals | null) =>
  hubCorrections({
    kind,
    before: totals(FIRST, { china: [100, 1000], europe: [50, 500] }),
    within: days,
    after,
  })

describe('a Hub-wide frozen stretch', () => {
  const days = [1, 2, 3].map(later => totals(addDays(FIRST, later), { china: [100, 1000] }))
  const after = totals(addDays(FIRST, 4), { china: [140, 1401], europe: [50, 500] })

  test('lies on the straight line to the day that caught up, both counters', () => {
    expect(
      within('frozen', days, after).map(row => [
        row.day,
        row.rule,
        row.downloads30d,
        row.downloadsAllTime,
        row.repos,
      ]),
    ).toEqual([
      ['2025-06-25', 'frozen-day', 10, 100, 0],
      ['2025-06-26', 'frozen-day', 20, 201, 0],
      ['2025-06-27', 'frozen-day', 30, 301, 0],
    ])
  })

  test('is not corrected while nobody knows what it hides', () => {
    expect(within('frozen', days, null)).toEqual([])
  })

  test('leaves a group alone that the good day before or after does not know', () => {
    const born = totals(addDays(FIRST, 1), { newcomer: [7, 7] })
    expect(within('frozen', [born], totals(addDays(FIRST, 2), { newcomer: [9, 9] }))).toEqual([])
    const gone = totals(addDays(FIRST, 1), { china: [7, 7] })
    expect(within('frozen', [gone], totals(addDays(FIRST, 2), {}))).toEqual([])
  })
})

describe('a Hub-wide incident', () => {
  const dip = totals(addDays(FIRST, 1), { china: [70, 1005], europe: [50, 505] })

  test('corrects the 30-day counter alone: what fell of the lifetime counters is a matter of each of them', () => {
    const after = totals(addDays(FIRST, 2), { china: [104, 1010], europe: [50, 510] })
    expect(within('hub-incident', [dip], after)).toMatchObject([
      { key: 'china', rule: 'hub-incident', downloads30d: 32, downloadsAllTime: 0 },
    ])
  })

  test('holds the last good level while it lasts', () => {
    expect(within('hub-incident', [dip], null)).toMatchObject([{ key: 'china', downloads30d: 30 }])
  })

  test('never leads outside what the good days span, and corrects nothing of a straight line', () => {
    const value = fc.nat(1e12)
    fc.assert(
      fc.property(value, value, fc.array(value, { minLength: 1, maxLength: 14 }), (from, to, seen) => {
        const good = totals(FIRST, { china: [from, 0] })
        const days = seen.map((in30d, at) => totals(addDays(FIRST, at + 1), { china: [in30d, 0] }))
        const after = totals(addDays(FIRST, seen.length + 1), { china: [to, 0] })
        const rows = hubCorrections({ kind: 'hub-incident', before: good, within: days, after })
        const clean = days.map(
          found =>
            corrected(
              found,
              rows.filter(row => row.day === found.day),
            ).totals[0]!,
        )
        for (const { downloads30d } of clean) {
          expect(downloads30d).toBeGreaterThanOrEqual(Math.min(from, to))
          expect(downloads30d).toBeLessThanOrEqual(Math.max(from, to))
        }
        const straight = clean.map((total, at) => totals(days[at]!.day, { china: [total.downloads30d, 0] }))
        expect(hubCorrections({ kind: 'hub-incident', before: good, within: straight, after })).toEqual([])
      }),
    )
  })
})
