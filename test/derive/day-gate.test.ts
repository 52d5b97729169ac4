import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeDay, LEAST_COMPARED } from '../../src/derive/day-gate.ts'
import {
  DEFAULT_GATE_LIMITS,
  type GateLimits,
  type GoodDayFigures,
  type NightFigures,
} from '../../src/domain/day-gate.ts'

const GOOD: GoodDayFigures = { repos: 1000, downloads30d: 1_000_000, downloadsAllTime: 50_000_000 }
/** The same night again, but for what is given. */
const nightLike = (good: GoodDayFigures, parts: Partial<NightFigures> = {}): NightFigures => ({
  ...{ ...good, compared: good.repos, fell: 0, unchanged: good.repos },
  ...parts,
})
const judge = (
  parts: Partial<NightFigures>,
  limits: Partial<GateLimits> = {},
  daysSince = 1,
): (readonly [limit: string, words: string])[] =>
  judgeDay(nightLike(GOOD, parts), GOOD, { ...DEFAULT_GATE_LIMITS, ...limits }, daysSince).map(
    ({ limit, words }) => [limit, words],
  )
const limitsOf = (...found: Parameters<typeof judge>) => judge(...found).map(([limit]) => limit)

describe('the gate', () => {
  test.each([
    ['a tenth of the repositories gone', { repos: 900 }, []],
    ['one more gone', { repos: 899 }, ['repos']],
    ['more repositories, however many', { repos: 10_000 }, []],
    ['the incident of May 2025: -9.5 %', { downloads30d: 905_000 }, []],
    ['its recovery on a panel: +25.4 %', { downloads30d: 1_254_000 }, []],
    ['the incident of June 2026: -26.4 %', { downloads30d: 736_000 }, ['fall30d']],
    ['a fall to the limit', { downloads30d: 800_000 }, []],
    ['a rise to the limit', { downloads30d: 1_300_000 }, []],
    ['a rise beyond it', { downloads30d: 1_300_001 }, ['rise30d']],
    ['all zeros', { downloads30d: 0, downloadsAllTime: 0, fell: 1000 }, ['zeros', 'fall-all-time', 'fell']],
    ['an all-time total that fell by 1 %', { downloadsAllTime: 49_500_000 }, []],
    ['and by more', { downloadsAllTime: 49_499_999 }, ['fall-all-time']],
    ['an all-time total that is not known', { downloadsAllTime: null }, []],
    ['a twentieth that fell', { fell: 50 }, []],
    ['and more: 59 % of a publisher in May 2025', { fell: 590 }, ['fell']],
    ['nobody moved: published, and marked by the detectors', { unchanged: 1000 }, []],
    [
      'everything at once',
      { repos: 1, downloads30d: 1, downloadsAllTime: 1, fell: 999 },
      ['repos', 'fall30d', 'fall-all-time', 'fell'],
    ],
  ])('%s', (_, parts, reasons) => {
    expect(limitsOf(parts)).toEqual(reasons)
  })

  test('says what was compared, how far it moved and what was allowed', () => {
    expect(judge({ repos: 500, compared: 480, downloads30d: 600_000, fell: 48 })).toEqual([
      ['repos', 'the catalogue shrank from 1,000 to 500 repositories (-50.0 %; limit -10.0 %)'],
      [
        'fall30d',
        '30-day downloads of the 480 repositories listed on both days went from 1,000,000 to 600,000 (-40.0 %; limit -20.0 %)',
      ],
      [
        'fell',
        '48 of 480 repositories listed on both days have an all-time counter that fell (10.0 %; limit 5.0 %)',
      ],
    ])
    expect(judge({ downloads30d: 1_700_000 }, {}, 2)[0]![1]).toContain('limit +30.0 % a day over 2 days')
  })

  test('allows a rise once for each day since the last good one, and no fall', () => {
    expect(limitsOf({ downloads30d: 1_900_000 }, {}, 3)).toEqual([])
    expect(limitsOf({ downloads30d: 1_900_001 }, {}, 3)).toEqual(['rise30d'])
    expect(limitsOf({ downloads30d: 790_000 }, {}, 30)).toEqual(['fall30d'])
  })

  test('takes its limits, and goes without those that are off', () => {
    expect(limitsOf({ unchanged: 951 }, { unchanged: 0.95 })).toEqual(['unchanged'])
    expect(limitsOf({ unchanged: null }, { unchanged: 0 })).toEqual([])
    expect(limitsOf({ repos: 999 }, { repos: 0 })).toEqual(['repos'])
    const off: GateLimits = {
      ...{ repos: null, fall30d: null, rise30d: null, 'fall-all-time': null, fell: null, unchanged: null },
    }
    expect(limitsOf({ repos: 0, downloads30d: 1, downloadsAllTime: 0, fell: 1000 }, off)).toEqual([])
    expect(limitsOf({ downloads30d: 0 }, off)).toEqual(['zeros'])
  })

  test('has nothing to say of a first day, of a total that was 0, and of the counters of very few', () => {
    expect(judgeDay(nightLike(GOOD), null, DEFAULT_GATE_LIMITS, 1)).toEqual([])
    const zeros = { ...GOOD, downloads30d: 0, downloadsAllTime: 0 }
    expect(judgeDay(nightLike(GOOD), zeros, DEFAULT_GATE_LIMITS, 1)).toEqual([])
    expect(limitsOf({ compared: LEAST_COMPARED - 1, downloads30d: 0, fell: LEAST_COMPARED - 1 })).toEqual([])
    expect(limitsOf({ compared: LEAST_COMPARED, downloads30d: 0 })).toEqual(['zeros'])
  })
})

describe('laws of the gate', () => {
  const share = fc.option(fc.integer({ min: 0, max: 1000 }).map(value => value / 1000))
  const limits: fc.Arbitrary<GateLimits> = fc.record({
    ...{ repos: share, fall30d: share, rise30d: share, 'fall-all-time': share, fell: share },
    unchanged: fc.constant(null),
  })
  const good: fc.Arbitrary<GoodDayFigures> = fc.record({
    repos: fc.integer({ min: 1, max: 4_000_000 }),
    downloads30d: fc.integer({ min: 0, max: 1e11 }),
    downloadsAllTime: fc.option(fc.integer({ min: 0, max: 1e12 })),
  })
  const night: fc.Arbitrary<NightFigures> = good.chain(figures =>
    fc.record({
      ...{ repos: fc.constant(figures.repos), downloads30d: fc.constant(figures.downloads30d) },
      downloadsAllTime: fc.constant(figures.downloadsAllTime),
      compared: fc.integer({ min: LEAST_COMPARED, max: LEAST_COMPARED + figures.repos }),
      ...{ fell: fc.integer({ min: 0, max: 25 }), unchanged: fc.option(fc.integer({ min: 0, max: 25 })) },
    }),
  )
  const days = fc.integer({ min: 1, max: 400 })

  test('a night like the last good one is never held', () => {
    fc.assert(
      fc.property(good, limits, days, (figures, chosen, daysSince) => {
        expect(judgeDay(nightLike(figures), figures, chosen, daysSince)).toEqual([])
      }),
    )
  })

  test('the size of the Hub decides nothing: both days times as much are judged alike', () => {
    const seen = { held: 0, passed: 0 }
    fc.assert(
      fc.property(
        night,
        good,
        limits,
        days,
        fc.integer({ min: 2, max: 1000 }),
        (a, b, chosen, since, times) => {
          const large = (value: number | null) => (value === null ? null : value * times)
          const scaled = (figures: GoodDayFigures) => ({
            repos: figures.repos * times,
            downloads30d: figures.downloads30d * times,
            downloadsAllTime: large(figures.downloadsAllTime),
          })
          const largeNight: NightFigures = {
            ...scaled(a),
            ...{ compared: a.compared * times, fell: a.fell * times, unchanged: large(a.unchanged) },
          }
          const found = judgeDay(a, b, chosen, since).map(({ limit }) => limit)
          expect(judgeDay(largeNight, scaled(b), chosen, since).map(({ limit }) => limit)).toEqual(found)
          seen[found.length > 0 ? 'held' : 'passed'] += 1
        },
      ),
      { numRuns: 500 },
    )
    expect(Math.min(seen.held, seen.passed)).toBeGreaterThan(10)
  })

  test('a narrower limit holds whatever a wider one holds', () => {
    fc.assert(
      fc.property(night, good, limits, days, (a, b, chosen, since) => {
        const narrow = Object.fromEntries(
          Object.entries(chosen).map(([name, value]) => [name, value === null ? null : value / 2]),
        ) as GateLimits
        const wide = judgeDay(a, b, chosen, since).map(({ limit }) => limit)
        expect(judgeDay(a, b, narrow, since).map(({ limit }) => limit)).toEqual(expect.arrayContaining(wide))
      }),
    )
  })
})
