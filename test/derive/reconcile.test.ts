import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reconcile, residuals } from '../../src/derive/reconcile.ts'
import { DAY, seriesFrom, steady } from './counter-series.ts'

const column = (...values: number[]) => Float64Array.from(values)

test('growth over 30 days is reconciled with the 30-day counter of whoever has one', () => {
  const today = {
    downloads30d: column(1_000, 1_000, 99, 1_000, 1_000),
    downloadsAllTime: column(9_020, 9_021, 500, Number.NaN, 9_000),
  }
  const monthBefore = { downloadsAllTime: column(8_000, 8_000, 100, 8_000, 8_000) }
  expect(reconcile(today, monthBefore, Uint8Array.of(1, 1, 1, 1, 0))).toEqual({
    reconciled: 2,
    within2Percent: 1,
    medianRatio: 1.0205,
    grownDownloads: 2_041,
    windowDownloads: 2_000,
  })
})

test('nobody to reconcile has no median', () => {
  const none = { downloads30d: column(), downloadsAllTime: column() }
  expect(reconcile(none, none, new Uint8Array())).toMatchObject({ reconciled: 0, medianRatio: null })
})

test('a series that counts alike has no residual, and one without a day 30 days before has none to show', () => {
  const found = residuals(seriesFrom(steady(40, 10)))
  expect(found.map(({ day }) => day - DAY)).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39])
  for (const { residual, ratio } of found) expect({ residual, ratio }).toEqual({ residual: 0, ratio: 1 })
  expect(residuals(seriesFrom([...steady(1, 10), ...Array.from({ length: 30 }, () => null)]))).toEqual([])
})

test('the residual of a series is what the column of its day says', () => {
  const counters = fc.array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 9_000 })),
      },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    { minLength: 31, maxLength: 80 },
  )
  fc.assert(
    fc.property(counters, rows => {
      const byDay = new Map(residuals(seriesFrom(rows)).map(one => [one.day - DAY, one]))
      for (const [at, row] of rows.entries()) {
        const earlier = rows[at - 30] ?? null
        const one = byDay.get(at)
        expect(one !== undefined).toBe(row !== null && earlier !== null)
        if (one === undefined) continue
        const sums = reconcile(
          { downloads30d: column(row![0]), downloadsAllTime: column(row![1]) },
          { downloadsAllTime: column(earlier![1]) },
          Uint8Array.of(1),
        )
        expect(one.grown).toBe(row![1] - earlier![1])
        expect(sums.medianRatio).toBe(one.ratio)
      }
    }),
  )
})
