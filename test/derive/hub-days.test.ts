import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findHubDays } from '../../src/derive/find-hub-days.ts'
import type { DayQuality } from '../../src/domain/day-quality.ts'
import { dayFromNumber } from '../../src/domain/utc-day.ts'

const FIRST = 20_000

/** A day as the detectors see it: the ratio of the panel, the share of it that stood still, days since the one before. */
interface Seen {
  ratio: number | null
  still?: number
  since?: number
  panel?: number
}

function qualities(days: readonly (number | Seen)[], first = FIRST): DayQuality[] {
  let day = first - 1
  return days.map((seen, at) => {
    const { ratio, still = 0, since = 1, panel = 1_000 } = typeof seen === 'number' ? { ratio: seen } : seen
    day += since
    return {
      day: dayFromNumber(day),
      daysSince: at === 0 ? null : since,
      ...{ compared: 1_000, unchanged: 0, fell: 0, fellDownloads: 0 },
      ...{ panel, panelRatio: ratio, panelUnchanged: still },
      ...{ reconciled: 0, within2Percent: 0, medianRatio: null, grownDownloads: 0, windowDownloads: 0 },
    }
  })
}

/** Events with their days counted from the first. */
const found = (days: readonly (number | Seen)[]) =>
  findHubDays(qualities(days)).map(({ kind, from, until, evidence }) => ({
    kind,
    from: from - FIRST,
    until: until === null ? null : until - FIRST,
    status: evidence.status,
  }))

const quiet = (count: number): number[] => Array.from({ length: count }, () => 1.001)
const frozen: Seen = { ratio: 1, still: 1 }
const dated = (from: number, until: number | null) => ({ kind: 'frozen', from, until, status: undefined })
const incident = (from: number, until: number | null, status: string) => ({
  kind: 'hub-incident',
  from,
  until,
  status,
})

describe('a freeze of the whole Hub', () => {
  test('is one event over its days, with the day that caught up', () => {
    const [event] = findHubDays(qualities([1, 1.01, frozen, { ratio: 1, still: 0.6 }, 1.08, 1]))
    expect(event).toMatchObject({ kind: 'frozen', from: FIRST + 2, until: FIRST + 3 })
    expect(event?.evidence).toEqual({
      days: 2,
      panel: 1_000,
      share: 0.6,
      catchUpOn: dayFromNumber(FIRST + 4),
      catchUpRatio: 1.08,
    })
  })

  test('lasts while the newest day is frozen', () => {
    expect(found([1, 1, frozen, frozen])).toEqual([dated(2, null)])
  })

  test('is one event across a gap within it', () => {
    expect(found([1, frozen, { ...frozen, since: 3 }, 1])).toEqual([dated(1, 4)])
  })

  test('needs more than half of a panel of 25', () => {
    expect(found([1, { ratio: 1, still: 0.5 }, 1, { ratio: null, still: 1, panel: 24 }, 1])).toEqual([])
  })
})

describe('an incident of the whole Hub', () => {
  test('of June 2026 is one, from the first fall until the day before the level is back', () => {
    // method.md 0.4: -7.7 % on the 9th, -26.4 % on the 13th, +8.3 %, +16.7 % and +13.5 % on the 17th to 19th.
    const june = [...quiet(20), 0.923, 1, 1, 1, 0.736, 1, 1, 1, 1.083, 1.167, 1.135, ...quiet(20)]
    expect(found(june)).toEqual([incident(20, 29, 'recovered')])
  })

  test('that brings the counters up first is over when they are down again', () => {
    expect(found([...quiet(5), 1.2, 1, 0.84, ...quiet(20)])).toEqual([incident(5, 6, 'recovered')])
  })

  test('keeps rebounds after it, and not another fall', () => {
    expect(found([...quiet(5), 0.8, 1.2, 1, 1.1, ...quiet(20)])).toEqual([incident(5, 7, 'recovered')])
    expect(found([...quiet(5), 0.8, 1.2, 1, 0.9, ...quiet(20)])).toEqual([
      incident(5, 5, 'recovered'),
      incident(8, 8, 'shifted'),
    ])
  })

  test('is a shift when the level is not back after 14 days, and open until then', () => {
    const shift = [...quiet(5), 0.8, 1, 0.93]
    expect(found([...shift, ...quiet(11)])).toEqual([incident(5, null, 'open')])
    expect(found([...shift, ...quiet(12)])).toEqual([incident(5, 7, 'shifted')])
  })

  test('needs a panel of 25', () => {
    expect(found([...quiet(5), { ratio: null, panel: 24 }, ...quiet(20)])).toEqual([])
  })

  test('across a gap or a freeze is judged by what so many days may move, and not beyond a week', () => {
    const around = (day: Seen) => found([...quiet(5), day, ...quiet(30)])
    expect(around({ ratio: 1.15, since: 3 })).toEqual([])
    expect(around({ ratio: 1.16, since: 3 })).toEqual([incident(7, 7, 'shifted')])
    expect(around({ ratio: 3, since: 8 })).toEqual([])
    expect(found([...quiet(5), frozen, frozen, 1.15, ...quiet(30)])).toEqual([dated(5, 6)])
    expect(found([...quiet(5), frozen, frozen, 1.16, ...quiet(30)])).toEqual([
      dated(5, 6),
      incident(7, 7, 'shifted'),
    ])
  })

  test('are the days after a freeze that were counted in part only, until the jump that made up for it', () => {
    // The recorded August 2025.
    expect(found([...quiet(5), frozen, frozen, 0.939, 0.977, 1.069, ...quiet(20)])).toEqual([
      dated(5, 6),
      incident(7, 8, 'recovered'),
    ])
    expect(found([...quiet(5), frozen, 0.97, 0.98, 1.12, ...quiet(20)])).toEqual([
      dated(5, 5),
      incident(8, 8, 'shifted'),
    ])
  })
})

/** Days of a troubled Hub: every kind of ratio, freezes, gaps and panels that say nothing. */
const anyDay: fc.Arbitrary<Seen> = fc.record({
  ratio: fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0.98, max: 1.02, noNaN: true }) },
    { weight: 2, arbitrary: fc.double({ min: 0.5, max: 2, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  since: fc.oneof(
    { weight: 9, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
  ),
  panel: fc.oneof({ weight: 9, arbitrary: fc.constant(1_000) }, { weight: 1, arbitrary: fc.constant(24) }),
})
const anyStretch = fc.oneof(
  // Trouble without a quiet fortnight: what belongs to what could hang on where it began.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 2, max: 8 }))
      .map(([count, every]) =>
        Array.from({ length: count * every }, (_, n) => ({ ratio: n % every === 0 ? 0.8 : 1 })),
      ),
  },
  { weight: 8, arbitrary: anyDay.map(day => [day]) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 90 }).map(count => Array.from({ length: count }, () => frozen)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 30 }).map(count => quiet(count).map(ratio => ({ ratio }))),
  },
)
const anyRecord = fc.array(anyStretch, { minLength: 1, maxLength: 120 }).map(stretches => stretches.flat())

describe('Hub-wide days', () => {
  test('are the same in any order of arrival', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const ascending = qualities(record)
        expect(findHubDays(ascending.toReversed())).toEqual(findHubDays(ascending))
      }),
    )
  })

  test('say nothing that hangs on a day further off than 60', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (record, place) => {
        const whole = qualities(record)
        const middle = FIRST + (place % 400)
        const number = ({ day }: DayQuality) => Date.parse(`${day}T00:00:00Z`) / 86_400_000
        const near = whole.filter(day => Math.abs(number(day) - middle) <= 60)
        const on = (days: DayQuality[]) => findHubDays(days).filter(({ from }) => from === middle)
        expect(on(near)).toEqual(on(whole))
      }),
      { numRuns: 2_000 },
    )
  })

  test('of a quiet record are none', () => {
    const quietRatio = fc.double({ min: 0.951, max: 1.049, noNaN: true })
    fc.assert(
      fc.property(fc.array(quietRatio), ratios => {
        expect(found(ratios)).toEqual([])
      }),
    )
  })

  test('of one kind do not overlap, and end where they began or later', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        for (const kind of ['frozen', 'hub-incident']) {
          let last = Number.NEGATIVE_INFINITY
          for (const event of findHubDays(qualities(record)).filter(one => one.kind === kind)) {
            expect(event.from).toBeGreaterThan(last)
            last = event.until ?? Number.POSITIVE_INFINITY
            expect(last).toBeGreaterThanOrEqual(event.from)
          }
        }
      }),
    )
  })
})
