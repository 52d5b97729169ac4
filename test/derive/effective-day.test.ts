import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collapseCaptures, dateCaptures } from '../../src/derive/collapse-captures.ts'
import { clockDay, effectiveDay, refreshBetween } from '../../src/derive/effective-day.ts'
import { type Capture, findRefreshes } from '../../src/derive/find-refreshes.ts'
import type { SweepPage } from '../../src/domain/sweep.ts'
import { addDays, type UtcDay } from '../../src/domain/utc-day.ts'

const at = (text: string) => Date.parse(`${text}Z`)
const day = (text: string) => text as UtcDay

/** Pages of a thousand rows a minute apart; the share that moved of each. */
const pages = (from: string, moved: readonly (number | null)[]): SweepPage[] =>
  moved.map((share, index) => ({
    observedAt: at(from) + index * 60_000,
    rowCount: 1_000,
    movedCount: share === null ? null : Math.round(1_000 * share),
  }))

const still = Array.from({ length: 60 }, () => 0.001)
const moving = Array.from({ length: 60 }, (_, index) => 0.08 + (index % 5) / 20)
const sweepBefore = (effective: string, until: string) => ({ effectiveDay: day(effective), until: at(until) })

describe('the day of the refresh that a sweep saw', () => {
  test('is by the clock the day before until 07 UTC, the day from 12 UTC on, and not known in between', () => {
    expect(clockDay(at('2026-03-10T01:15:00'))).toEqual({ day: '2026-03-09', isSure: true })
    expect(clockDay(at('2026-03-10T06:59:59'))).toEqual({ day: '2026-03-09', isSure: true })
    expect(clockDay(at('2026-03-10T07:00:00'))).toEqual({ day: '2026-03-09', isSure: false })
    expect(clockDay(at('2026-03-10T11:59:59'))).toEqual({ day: '2026-03-09', isSure: false })
    expect(clockDay(at('2026-03-10T12:00:00'))).toEqual({ day: '2026-03-10', isSure: true })
  })

  test('is what the clock says when there was no sweep before it, or its pages did not count', () => {
    expect(effectiveDay(pages('2026-03-10T12:17:00', moving), null)).toEqual({
      effectiveDay: '2026-03-10',
      by: 'clock',
    })
    expect(
      effectiveDay(
        pages('2026-03-10T01:15:00', [null, null]),
        sweepBefore('2026-03-08', '2026-03-09T02:20:00'),
      ),
    ).toEqual({ effectiveDay: '2026-03-09', by: 'clock' })
  })

  test('belongs to the sweep and not to midnight', () => {
    expect(effectiveDay(pages('2026-03-10T23:30:00', moving), null)).toEqual({
      effectiveDay: '2026-03-10',
      by: 'clock',
    })
  })

  test('of a sweep from before 07 until after 12 UTC is that of its larger part', () => {
    const long = pages(
      '2026-03-10T06:30:00',
      Array.from({ length: 900 }, () => null),
    )
    expect(effectiveDay(long, null)).toEqual({ effectiveDay: '2026-03-10', by: 'across' })
    expect(effectiveDay(long.slice(0, 400), null)).toEqual({ effectiveDay: '2026-03-09', by: 'across' })
  })

  test('is found where only one refresh can have come since the sweep before', () => {
    const yesterday = sweepBefore('2026-03-09', '2026-03-09T13:20:00')
    expect(effectiveDay(pages('2026-03-10T12:17:00', moving), yesterday)).toEqual({
      effectiveDay: '2026-03-10',
      by: 'found',
    })
    expect(effectiveDay(pages('2026-03-10T09:00:00', moving), yesterday)).toEqual({
      effectiveDay: '2026-03-10',
      by: 'found',
    })
    const earlier = sweepBefore('2026-03-08', '2026-03-09T02:20:00')
    expect(effectiveDay(pages('2026-03-10T01:15:00', moving), earlier)).toEqual({
      effectiveDay: '2026-03-09',
      by: 'found',
    })
    // Two can have come: of the 9th and of the 10th.
    expect(effectiveDay(pages('2026-03-10T09:00:00', moving), earlier)).toEqual({
      effectiveDay: '2026-03-09',
      by: 'clock',
    })
  })

  test('is that of the sweep before when hardly anything moved: the refresh is late, or did not come', () => {
    expect(
      effectiveDay(pages('2026-03-10T12:17:00', still), sweepBefore('2026-03-09', '2026-03-09T13:20:00')),
    ).toEqual({ effectiveDay: '2026-03-09', by: 'found' })
  })

  test('is that of the larger part when the refresh came during the sweep', () => {
    const yesterday = sweepBefore('2026-03-09', '2026-03-09T10:40:00')
    const sweep = (parts: readonly number[]) => effectiveDay(pages('2026-03-10T09:30:00', parts), yesterday)
    expect(sweep([...still, ...moving.slice(0, 20)])).toEqual({ effectiveDay: '2026-03-09', by: 'across' })
    expect(sweep([...still.slice(0, 20), ...moving])).toEqual({ effectiveDay: '2026-03-10', by: 'across' })
    // Pages are told apart by time, whoever walked them.
    const shuffled = pages('2026-03-10T09:30:00', [...still.slice(0, 20), ...moving]).toReversed()
    expect(effectiveDay(shuffled, yesterday)).toEqual({ effectiveDay: '2026-03-10', by: 'across' })
  })

  test('is not read off pages that do not say', () => {
    const yesterday = sweepBefore('2026-03-09', '2026-03-09T13:20:00')
    const between = Array.from({ length: 60 }, () => 0.03)
    expect(effectiveDay(pages('2026-03-10T12:17:00', between), yesterday).by).toBe('clock')
    expect(effectiveDay(pages('2026-03-10T12:17:00', [0, 0, 0]), yesterday).by).toBe('clock')
  })

  test('is never wrong where it is found, and never too late by the clock, whatever the hours', () => {
    const DAY_MS = 86_400_000
    const start = at('2026-03-02T00:00:00')
    const hours = fc.array(fc.integer({ min: 7 * 60, max: 12 * 60 - 1 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(
        hours,
        fc.integer({ min: 24 * 60, max: 48 * 60 }),
        fc.integer({ min: 10, max: 60 * 60 }),
        fc.integer({ min: 20, max: 200 }),
        (minutes, first, later, count) => {
          const refreshes = minutes.map((minute, index) => start + index * DAY_MS + minute * 60_000)
          const seenAt = (instant: number) => refreshes.filter(refresh => refresh <= instant).length
          const until = start + first * 60_000
          const instants = Array.from({ length: count }, (_, n) => until + (later + n) * 60_000)
          const sweep: SweepPage[] = instants.map((observedAt, n) => ({
            observedAt,
            rowCount: 1_000,
            movedCount: seenAt(observedAt) > seenAt(until) ? 60 + (n % 7) * 50 : n % 3,
          }))
          const dayOfSeen = (seen: number) => addDays(day('2026-03-01'), seen)
          const counts = new Map<UtcDay, number>()
          for (const instant of instants) {
            const one = dayOfSeen(seenAt(instant))
            counts.set(one, (counts.get(one) ?? 0) + 1)
          }
          const found = effectiveDay(sweep, { effectiveDay: dayOfSeen(seenAt(until)), until })
          const mostSeen = Math.max(...counts.values())
          // Five pages are what a part must have: the day before's and the day's can be so far from equal either way.
          if (found.by !== 'clock')
            expect(counts.get(found.effectiveDay)).toBeGreaterThanOrEqual(mostSeen - 10)
          else expect(found.effectiveDay <= dayOfSeen(seenAt(instants.at(-1)!))).toBe(true)
          const isOutside = instants.every(instant => clockDay(instant).isSure)
          if (isOutside && counts.size === 1) expect(counts.has(found.effectiveDay)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('cannot be that of a sweep without pages', () => {
    expect(() => effectiveDay([], null)).toThrow(RangeError)
  })
})

test('one refresh lies between two instants when the hours of one day do', () => {
  const between = (after: string, until: string) => refreshBetween(at(after), at(until))
  expect(between('2026-03-09T13:00:00', '2026-03-10T06:00:00')).toBeNull()
  expect(between('2026-03-09T13:00:00', '2026-03-10T07:00:00')).toBe('2026-03-10')
  expect(between('2026-03-09T11:59:00', '2026-03-10T06:00:00')).toBe('2026-03-09')
  expect(between('2026-03-09T11:59:00', '2026-03-10T07:00:00')).toBeNull()
})

/** A Hub of 40 counters that refreshes at these instants, captured at those. */
function captures(refreshes: readonly number[], instants: readonly number[]): Capture[] {
  return instants.map(instant => {
    const count = refreshes.filter(refresh => refresh <= instant).length
    return {
      at: instant,
      counters: new Map(Array.from({ length: 40 }, (_, n) => [`m${n}`, 1_000 + n + count])),
    }
  })
}

describe('several captures a day', () => {
  test('show between which two the counters were refreshed, and are one value per refresh: the last', () => {
    const instants = ['02T05:00', '02T09:00', '02T13:00', '02T22:00', '03T06:00', '03T08:00'].map(text =>
      at(`2026-03-${text}:00`),
    )
    const taken = captures([at('2026-03-02T08:30:00'), at('2026-03-03T07:10:00')], instants)
    expect(findRefreshes(taken).map(({ after, until }) => [after, until])).toEqual([
      [instants[0], instants[1]],
      [instants[4], instants[5]],
    ])
    expect(collapseCaptures(taken).map(({ effectiveDay, capture }) => [effectiveDay, capture.at])).toEqual([
      ['2026-03-01', instants[0]],
      ['2026-03-02', instants[4]],
      ['2026-03-03', instants[5]],
    ])
  })

  test('with too little in common are dated by the clock', () => {
    const one = { at: at('2026-03-02T13:00:00'), counters: new Map([['a', 5_000]]) }
    const other = { at: at('2026-03-03T13:00:00'), counters: new Map([['b', 5_000]]) }
    expect(dateCaptures([other, one]).map(({ effectiveDay, by }) => [effectiveDay, by])).toEqual([
      ['2026-03-02', 'clock'],
      ['2026-03-03', 'clock'],
    ])
  })

  test('taken often enough are dated by the refresh, whatever its hour and their order', () => {
    const hours = fc.array(fc.integer({ min: 7 * 60, max: 12 * 60 - 1 }), { minLength: 3, maxLength: 6 })
    const steps = fc.array(fc.integer({ min: 1, max: 6 * 60 }), { minLength: 20, maxLength: 40 })
    const start = at('2026-03-02T00:00:00')
    fc.assert(
      fc.property(hours, steps, (minutes, gaps) => {
        const refreshes = minutes.map((minute, index) => start + index * 86_400_000 + minute * 60_000)
        const instants: number[] = []
        let now = start
        for (const gap of gaps) {
          now += gap * 60_000
          if (now < start + minutes.length * 86_400_000) instants.push(now)
        }
        const taken = captures(refreshes, instants)
        for (const { capture, effectiveDay } of dateCaptures(taken.toReversed())) {
          const seen = refreshes.filter(refresh => refresh <= capture.at).length
          expect(effectiveDay).toBe(addDays(day('2026-03-01'), seen))
        }
        const days = collapseCaptures(taken).map(({ effectiveDay }) => effectiveDay)
        expect(new Set(days).size).toBe(days.length)
      }),
    )
  })
})
