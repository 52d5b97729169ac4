import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findNewBeginnings, matchRenames } from '../../src/derive/match-renames.ts'
import { DAY, seriesFrom } from './counter-series.ts'

const named = (repoId: string, downloadsAllTime: number) => ({ repoId, downloadsAllTime })

describe('a vanished and a new name', () => {
  test('are one series when their lifetime counters are within 1 %', () => {
    expect(matchRenames([named('old/a', 50_000)], [named('new/a', 50_400), named('new/b', 90_000)])).toEqual([
      { from: 'old/a', to: 'new/a', downloadsAllTimeBefore: 50_000, downloadsAllTimeAfter: 50_400 },
    ])
    expect(matchRenames([named('old/a', 50_000)], [named('new/a', 50_600)])).toEqual([])
  })

  test('are not matched when there are two that fit, on either side', () => {
    expect(matchRenames([named('old/a', 50_000)], [named('new/a', 50_000), named('new/b', 50_100)])).toEqual(
      [],
    )
    expect(matchRenames([named('old/a', 50_000), named('old/b', 50_200)], [named('new/a', 50_100)])).toEqual(
      [],
    )
  })

  test('are not matched below 1,000 downloads, nor by unknown counters', () => {
    expect(matchRenames([named('old/a', 999)], [named('new/a', 999)])).toEqual([])
    expect(matchRenames([named('old/a', Number.NaN)], [named('new/a', Number.NaN)])).toEqual([])
  })

  test('are the pairs a full comparison finds, in any order, each name once', () => {
    const counters = (prefix: string) =>
      fc
        .array(fc.integer({ min: 900, max: 3_000 }), { maxLength: 12 })
        .map(values => values.map((value, index) => named(`${prefix}/${index}`, value)))
    fc.assert(
      fc.property(counters('old'), counters('new'), (vanished, appeared) => {
        const isNear = (a: number, b: number) =>
          Math.min(a, b) >= 1_000 && Math.abs(a - b) <= 0.01 * Math.max(a, b)
        const expected = vanished.flatMap(old => {
          const fits = appeared.filter(one => isNear(one.downloadsAllTime, old.downloadsAllTime))
          const rivals = vanished.filter(
            one => fits.length === 1 && isNear(one.downloadsAllTime, fits[0]!.downloadsAllTime),
          )
          return rivals.length === 1 ? [`${old.repoId} ${fits[0]!.repoId}`] : []
        })
        const found = matchRenames(vanished.toReversed(), appeared.toReversed())
        expect(found.map(({ from, to }) => `${from} ${to}`)).toEqual(expected.sort())
      }),
    )
  })
})

describe('a name that begins anew', () => {
  test('is one whose lifetime counter fell to what lies within the window', () => {
    expect(
      findNewBeginnings(
        seriesFrom([
          [900, 4_500],
          [890, 890],
          [900, 950],
        ]),
      ),
    ).toEqual([DAY + 1])
    expect(findNewBeginnings(seriesFrom([[3_056, 33_988], null, null, [0, 0], [17, 17]]))).toEqual([DAY + 3])
  })

  test('is not one that fell by less than half, to more than its window, or never was older than its window', () => {
    expect(
      findNewBeginnings(
        seriesFrom([
          [900, 4_500],
          [2_400, 2_400],
        ]),
      ),
    ).toEqual([])
    expect(
      findNewBeginnings(
        seriesFrom([
          [900, 4_500],
          [900, 1_500],
        ]),
      ),
    ).toEqual([])
    expect(
      findNewBeginnings(
        seriesFrom([
          [900, 920],
          [400, 400],
        ]),
      ),
    ).toEqual([])
  })

  test('is compared with the last known counter', () => {
    expect(
      findNewBeginnings(
        seriesFrom([
          [900, 4_500],
          [900, Number.NaN],
          [100, 100],
        ]),
      ),
    ).toEqual([DAY + 2])
  })
})
