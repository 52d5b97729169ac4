import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completenessCalendar, dayStates, monthsBefore } from '../../src/derive/completeness-calendar.ts'
import { correctionMarks } from '../../src/derive/correction-marks.ts'
import { gapMarks } from '../../src/derive/gap-marks.ts'
import type { KeptRule } from '../../src/domain/clean.ts'
import type { SweepState } from '../../src/domain/sweep.ts'
import { addDays, daysBetween, type UtcDay } from '../../src/domain/utc-day.ts'
import { day } from './small-registry.ts'

const START = day('2025-05-01')
const daily = (count: number) => Array.from({ length: count }, (_, index) => addDays(START, index))
const states = (found: Record<string, SweepState>) => new Map(Object.entries(found) as [UtcDay, SweepState][])

describe('the completeness calendar', () => {
  test('tells every state of a day, a gap only between the first and the last sweep', () => {
    const known = states({
      '2025-05-02': 'complete',
      '2025-05-03': 'partial',
      '2025-05-04': 'held',
      '2025-05-05': 'rejected',
      '2025-05-07': 'running',
    })
    const [may, ...others] = completenessCalendar(known, {
      from: day('2025-05-02'),
      until: day('2025-05-31'),
    })
    expect(others).toEqual([])
    expect(may?.month).toBe('2025-05')
    expect(may?.days).toHaveLength(31)
    expect(may?.days.slice(0, 8)).toEqual([
      ...['none', 'complete', 'partial', 'held', 'rejected', 'gap', 'running', 'none'],
    ])
  })

  test('has whole months, whatever days are asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 400 }), (skipped, length) => {
        const from = addDays(day('2023-01-01'), skipped)
        const months = completenessCalendar(states({}), { from, until: addDays(from, length) })
        for (const { month, days } of months) {
          const first = day(`${month}-01`)
          expect(addDays(first, days.length).endsWith('-01')).toBe(true)
          expect(addDays(first, days.length - 1).slice(0, 7)).toBe(month)
        }
        expect(months[0]?.month).toBe(from.slice(0, 7))
        expect(months.at(-1)?.month).toBe(addDays(from, length).slice(0, 7))
      }),
    )
  })

  test('takes the best of several sweeps of a day, in any order', () => {
    const sweeps = (['partial', 'complete', 'rejected', 'running'] as const).map(state => ({
      day: START,
      state,
    }))
    expect(dayStates(sweeps).get(START)).toBe('complete')
    expect(dayStates([...sweeps].reverse()).get(START)).toBe('complete')
    expect(dayStates(sweeps.filter(({ state }) => state !== 'complete')).get(START)).toBe('rejected')
  })

  test('begins so many months back on the first of one', () => {
    expect(monthsBefore(day('2025-03-31'), 0)).toBe('2025-03-01')
    expect(monthsBefore(day('2025-03-31'), 13)).toBe('2024-02-01')
  })
})

describe('the gaps of a chart', () => {
  test('are the stretches of twice the usual spacing or more, and say why', () => {
    const days = daily(30).filter(found => !['2025-05-10', '2025-05-20', '2025-05-21'].includes(found))
    expect(gapMarks(days, states({ '2025-05-20': 'held', '2025-05-21': 'partial' }))).toEqual([
      { kind: 'gap', from: '2025-05-10', until: '2025-05-10', held: 0, rejected: 0, without: 1 },
      { kind: 'held', from: '2025-05-20', until: '2025-05-21', held: 1, rejected: 0, without: 1 },
    ])
    const weekly = daily(70).filter((_, index) => index % 7 === 0)
    expect(gapMarks(weekly, states({}))).toEqual([])
    expect(gapMarks(weekly.toSpliced(3, 1), states({}))).toMatchObject([{ kind: 'gap', without: 13 }])
  })

  test('go on after the last day where days are held or rejected, not where there was no sweep', () => {
    const days = daily(10)
    expect(gapMarks(days, states({ '2025-05-12': 'partial' }))).toEqual([])
    expect(gapMarks(days, states({ '2025-05-11': 'held', '2025-05-12': 'rejected' }))).toEqual([
      { kind: 'held', from: '2025-05-11', until: '2025-05-12', held: 1, rejected: 1, without: 0 },
    ])
  })

  test('lie between days of the chart, and no day of the chart is in one', () => {
    fc.assert(
      fc.property(fc.subarray(daily(60), { minLength: 2 }), days => {
        for (const { from, until, held, rejected, without } of gapMarks(days, states({}))) {
          expect(days.some(found => found >= from && found <= until)).toBe(false)
          expect(held + rejected + without).toBe(daysBetween(from, until) + 1)
        }
      }),
    )
  })
})

describe('the corrections of a series worth marking', () => {
  const points = (corrections: readonly number[]) =>
    corrections.map((correction, index) => ({
      day: addDays(START, index),
      correction,
      repos: correction === 0 ? 0 : 2,
    }))
  const marks = (rule: KeptRule, corrections: readonly number[], least = 100) =>
    correctionMarks(rule, points(corrections), least).map(({ from, until, repos }) => [
      daysBetween(START, from),
      daysBetween(START, until),
      repos,
    ])

  test('are the day of a restatement, not the days before it that are counted otherwise', () => {
    expect(marks('restatement', [-500, -505, -510, 0, 0])).toEqual([[3, 3, 2]])
    expect(marks('restatement', [-50, -50, 0])).toEqual([])
    expect(marks('restatement', [-500, -500])).toEqual([])
  })

  test('are the days that a transient drop lasts', () => {
    expect(marks('transient-drop', [0, 99, 100, 130, 0, 200])).toEqual([
      [2, 3, 2],
      [5, 5, 2],
    ])
  })

  test('are the days on which a spike grows, not those after it on which what it added stays', () => {
    expect(marks('spike', [0, 0, -60, -120, -120, -120, -120, -120])).toEqual([[2, 3, 2]])
    expect(marks('spike', [0, -40, -80, -80, -80])).toEqual([])
  })

  test('are none where nothing is corrected, whatever the rule', () => {
    for (const rule of ['restatement', 'transient-drop', 'spike'] as const) {
      expect(marks(rule, [0, 0, 0, 0])).toEqual([])
      expect(correctionMarks(rule, [], 1)).toEqual([])
    }
  })
})
