import { describe, expect, test } from 'vitest'
import { cleanSeries, dailyDownloads } from '../../src/derive/clean-series.ts'
import { cleanSpans } from '../../src/derive/clean-spans.ts'
import { detectSeries } from '../../src/derive/detect-series.ts'
import { likesDecide } from '../../src/derive/find-spikes.ts'
import type { MarkedSpan } from '../../src/derive/marked-days.ts'
import { CLEAN_COUNTERS, correctionOf, coversDay } from '../../src/domain/clean.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import { DAY, found, seriesFrom, steady } from './counter-series.ts'

function clean(series: CounterSeries, marked: readonly MarkedSpan[] = []): CounterSeries {
  const through = series.days.at(-1)!
  const events = detectSeries(series, { marked, through, createdOn: DAY })
  return cleanSeries(series, cleanSpans(series, events, marked), CLEAN_COUNTERS)
}

/** Lifetime counters on days in a row, with a 30-day counter that says nothing of its own. */
const allTime = (...values: (number | null)[]) =>
  seriesFrom(values.map(value => (value === null ? null : [50, value, 3])))

const kinds = (series: CounterSeries, through?: number) =>
  found(series, through === undefined ? {} : { through: DAY + through }).map(
    ({ kind, from, until }) => [kind, from, until] as const,
  )

describe('a fall of the lifetime counter', () => {
  const settled = (...tail: number[]) => [...tail, ...Array.from({ length: 20 }, () => tail.at(-1)!)]

  test('is transient when the old level is back within 14 days, and held at it', () => {
    const series = allTime(1000, 900, 800, ...settled(1010))
    expect(found(series)).toMatchObject([
      {
        kind: 'transient-drop',
        from: 1,
        until: 2,
        evidence: { from: 1000, to: 800, lost: 200, backAt: 1010 },
      },
    ])
    expect([...clean(series).downloadsAllTime].slice(0, 5)).toEqual([1000, 1000, 1000, 1010, 1010])
    expect([...series.downloadsAllTime].slice(0, 4)).toEqual([1000, 900, 800, 1010])
  })

  test('is transient on the 14th day after it and no longer on the 15th', () => {
    const backAfter = (days: number) =>
      allTime(1000, ...Array.from({ length: days }, () => 500), ...settled(1000))
    expect(kinds(backAfter(14))).toEqual([['transient-drop', 1, 14]])
    expect(kinds(backAfter(15))).toEqual([['restatement', 1, 1]])
  })

  test('is pending until 14 days have passed', () => {
    const low = Array.from({ length: 14 }, () => 700)
    expect(kinds(allTime(1000, ...low), 15)).toEqual([['pending-drop', 1, null]])
    expect(kinds(allTime(1000, ...low, 700), 15)).toEqual([['pending-drop', 1, null]])
    expect(kinds(allTime(1000, ...low, 700), 16)).toEqual([['restatement', 1, 1]])
    expect([...clean(allTime(1000, ...low)).downloadsAllTime]).toEqual(Array.from({ length: 15 }, () => 1000))
  })

  test('that lasts scales everything before it, each restatement what the ones before it left', () => {
    const series = allTime(1000, 2000, 1000, 1100, ...settled(550))
    expect(found(series)).toMatchObject([
      {
        kind: 'restatement',
        from: 2,
        until: 2,
        evidence: { from: 2000, to: 1000, ratio: 0.5, daysObserved: 14 },
      },
      { kind: 'restatement', from: 4, evidence: { from: 1100, to: 550, ratio: 0.5 } },
    ])
    expect([...clean(series).downloadsAllTime].slice(0, 6)).toEqual([250, 500, 500, 550, 550, 550])
  })

  test('that regains four fifths is transient down to what came back, and the rest is restated', () => {
    const series = allTime(1000, 500, ...settled(900))
    expect(found(series)).toMatchObject([
      { kind: 'transient-drop', from: 1, until: 1, evidence: { from: 1000, to: 500, backAt: 900 } },
      { kind: 'restatement', from: 2, evidence: { from: 1000, to: 900 } },
    ])
    // The recovery is no download.
    expect([...clean(series).downloadsAllTime].slice(0, 4)).toEqual([900, 900, 900, 900])
    expect(kinds(allTime(1000, 500, ...settled(899)))).toEqual([['restatement', 1, 1]])
  })

  test('to zero, and one across a gap of any length, are found; an unknown value is none', () => {
    expect(found(allTime(1000, 0, ...settled(5)))).toMatchObject([
      { kind: 'restatement', evidence: { from: 1000, to: 0, ratio: 0 } },
    ])
    const gap = Array.from({ length: 93 }, () => null)
    const across = allTime(1000, ...gap, 400)
    expect(kinds(across, 94 + 14)).toEqual([['pending-drop', 94, null]])
    expect(found(across, { through: DAY + 94 + 15 })).toMatchObject([
      { kind: 'restatement', from: 94, evidence: { daysObserved: 0, decidedOn: null } },
    ])
    expect(kinds(allTime(1000, Number.NaN, 1000, Number.NaN, ...settled(1001)))).toEqual([])
    expect(kinds(allTime(1000, Number.NaN, 900, ...settled(1001)))).toEqual([['transient-drop', 2, 2]])
  })

  test('takes the 30-day counter along only where that lost the same downloads, and never lowers it', () => {
    const along = seriesFrom([[500, 1000], [290, 800], [310, 810], ...steady(20, 5, 1015)])
    expect([...clean(along).downloads30d].slice(0, 4)).toEqual([500, 500, 500, 150])
    const apart = seriesFrom([[500, 1000], [495, 800], [498, 810], ...steady(20, 5, 1015)])
    expect([...clean(apart).downloads30d].slice(0, 4)).toEqual([500, 495, 498, 150])
    const risen = seriesFrom([[500, 1000], [290, 800], [510, 810], ...steady(20, 5, 1015)])
    expect([...clean(risen).downloads30d].slice(0, 4)).toEqual([500, 500, 510, 150])
  })
})

describe('counters that stand still', () => {
  const days = (daily: number, still: number) => {
    const before = steady(30, daily)
    const [window, last] = before.at(-1)! as [number, number]
    const frozen = Array.from({ length: still }, () => [window, last, 10])
    return seriesFrom([...before, ...frozen, ...steady(10, daily, last + daily * (still + 1))])
  }

  test('are frozen where the usual rate misses 300 downloads, and are led across', () => {
    expect(found(days(100, 3))).toEqual([
      {
        kind: 'frozen',
        from: 30,
        until: 32,
        evidence: { days: 3, usualDaily: 100, missed: 300, catchUpOn: '2024-11-06', catchUp: 400 },
      },
    ])
    expect(found(days(99, 3))).toEqual([])
    expect(found(days(300, 1))).toMatchObject([{ kind: 'frozen', from: 30, until: 30 }])
    expect(found(days(0, 40))).toEqual([])
    const daily = dailyDownloads(clean(days(100, 3)))
    expect(new Set(daily.slice(1))).toEqual(new Set([100]))
  })

  test('on Hub-wide frozen days are no event of the repository, and are led across the same', () => {
    const marked: MarkedSpan[] = [{ kind: 'frozen', from: DAY + 30, until: DAY + 32 }]
    expect(found(days(100, 3), { marked })).toEqual([])
    expect(new Set(dailyDownloads(clean(days(100, 3), marked)).slice(1))).toEqual(new Set([100]))
    // What moved on such a day was seen to move.
    const moving = seriesFrom(steady(40, 100))
    expect(clean(moving, marked)).toEqual(moving)
  })

  test('last while nothing later is observed, and are corrected by nothing yet', () => {
    const series = days(400, 2)
    const cutOff = seriesFrom([
      ...steady(30, 400),
      ...steady(1, 0, 12_000 + 29 * 400).map(row => [12_000, row[1]!]),
    ])
    expect(found(series)).toMatchObject([{ until: 31 }])
    expect(found(cutOff)).toMatchObject([
      { kind: 'frozen', from: 30, until: null, evidence: { catchUpOn: null } },
    ])
    expect(clean(cutOff)).toEqual(cutOff)
  })
})

describe('a Hub incident', () => {
  const rows = [1000, 1010, 700, 650, 1040].map((window, at) => [window, 5000 + at * 30, 1])

  test('is led across in the 30-day counter, and held while there is no good day after it', () => {
    const during: MarkedSpan[] = [{ kind: 'hub-incident', from: DAY + 2, until: DAY + 3 }]
    expect([...clean(seriesFrom(rows), during).downloads30d]).toEqual([1000, 1010, 1020, 1030, 1040])
    expect(clean(seriesFrom(rows), during).downloadsAllTime).toEqual(seriesFrom(rows).downloadsAllTime)
    const lasting: MarkedSpan[] = [{ kind: 'hub-incident', from: DAY + 2, until: null }]
    expect([...clean(seriesFrom(rows.slice(0, 4)), lasting).downloads30d]).toEqual([1000, 1010, 1010, 1010])
  })
})

describe('a spike', () => {
  /** 40 days at a rate, a burst, 60 more days; the 30-day counter is the sum it should be. */
  function burst(
    daily: number,
    during: number,
    length: number,
    likes: (at: number) => number,
  ): CounterSeries {
    const loads = Array.from({ length: 100 + length }, (_, at) =>
      at >= 40 && at < 40 + length ? during : daily,
    )
    let sum = 30 * daily
    return seriesFrom(
      loads.map((load, at) => {
        sum += load
        const window = loads.slice(Math.max(0, at - 29), at + 1).reduce((a, b) => a + b, 0)
        return [window + Math.max(0, 29 - at) * daily, sum, likes(at)]
      }),
    )
  }

  test('of more than eight usual days and a million is taken off for good, from the window until it has left it', () => {
    const series = burst(10_000, 2_010_000, 2, () => 100)
    expect(found(series)).toMatchObject([
      {
        kind: 'spike',
        from: 40,
        until: 41,
        evidence: { status: 'burst', by: 'day', usualDaily: 10_000, peakDaily: 2_010_000, excess: 4_000_000 },
      },
    ])
    expect(clean(series)).toEqual({ ...burst(10_000, 10_000, 2, () => 100) })
  })

  test('of the 30-day counter needs likes that did not rise, and likes that are known', () => {
    const rising = burst(10_000, 300_000, 10, at => (at < 40 ? 100 : 110))
    expect(found(rising)).toEqual([])
    const unknown = burst(10_000, 300_000, 10, () => Number.NaN)
    expect(found(unknown)).toEqual([])
    expect(likesDecide(unknown, [])).toBe(true)
    const flat = burst(10_000, 300_000, 10, () => 100)
    expect(found(flat)).toMatchObject([{ kind: 'spike', from: 40, until: 49, evidence: { by: 'window' } }])
    expect(clean(flat)).toEqual(burst(10_000, 10_000, 10, () => 100))
    const small = burst(1000, 30_000, 10, () => 100)
    expect(found(small)).toEqual([])
    expect(likesDecide(small, [])).toBe(false)
  })

  test('is taken off for ever, also where it is the last that was seen of the repository', () => {
    const whole = burst(10_000, 1_500_000, 5, () => 100)
    const until = 45
    const gone: CounterSeries = {
      days: whole.days.slice(0, until),
      downloads30d: whole.downloads30d.slice(0, until),
      downloadsAllTime: whole.downloadsAllTime.slice(0, until),
      likes: whole.likes.slice(0, until),
    }
    const unknown = { ...gone, downloadsAllTime: gone.downloadsAllTime.slice() }
    unknown.downloadsAllTime[until - 1] = Number.NaN
    for (const series of [gone, unknown]) {
      const events = detectSeries(series, { marked: [], through: series.days.at(-1)!, createdOn: DAY })
      const spans = cleanSpans(series, events, []).filter(({ counter }) => counter === 'downloadsAllTime')
      // What stands a year later is the last that was known of it, less the burst.
      const last = series.downloadsAllTime.findLast(value => !Number.isNaN(value))!
      const left = spans.reduce(
        (sum, span) => (coversDay(span, DAY + 400) ? sum + correctionOf(span, DAY + 400, last) : sum),
        last,
      )
      expect(left).toBeLessThan(whole.downloadsAllTime[39]! + 500_000)
    }
  })

  test('that stays for 45 days is a rise, and is corrected by nothing', () => {
    const long = burst(10_000, 1_500_000, 45, () => 100)
    expect(found(long)).toMatchObject([
      { kind: 'spike', from: 40, until: 84, evidence: { status: 'sustained' } },
    ])
    expect(clean(long)).toEqual(long)
    expect(found(burst(10_000, 1_500_000, 44, () => 100))).toMatchObject([{ evidence: { status: 'burst' } }])
  })

  test('is none in the rebound from an incident, in a recovery, or in a catch-up', () => {
    const rebound = steady(60, 100_000).map(([, sum], at) => [
      at === 40 ? 500_000 : 3_000_000 + 1000 * at,
      sum!,
      10,
    ])
    const marked: MarkedSpan[] = [{ kind: 'hub-incident', from: DAY + 40, until: DAY + 40 }]
    expect(found(seriesFrom(rebound), { marked })).toEqual([])
    expect(found(seriesFrom(rebound)).map(({ kind }) => kind)).toEqual(['spike'])
    const recovery = steady(60, 100_000, 30_000_000).map(([window, sum], at) => [
      window!,
      at === 40 ? sum! / 2 : sum!,
      10,
    ])
    expect(found(seriesFrom(recovery)).map(({ kind }) => kind)).toEqual(['transient-drop'])
    const usual = steady(60, 100_000)
    const catchUp = usual.map((row, at) => (at >= 30 && at < 42 ? usual[29]! : row))
    expect(found(seriesFrom(catchUp)).map(({ kind }) => kind)).toEqual(['frozen'])
  })
})

describe('a 30-day counter', () => {
  test('is stale when it stands although nothing was downloaded for 31 days', () => {
    const moving = steady(5, 10).map(([, sum]) => [100, sum!, 1])
    const still = (window: number, count: number) => Array.from({ length: count }, () => [window, 340, 1])
    const over = [[50, 341, 1]]
    expect(found(seriesFrom([...moving, ...still(100, 32), ...over]))).toEqual([
      {
        kind: 'stale-window',
        from: 35,
        until: 36,
        evidence: { downloads30d: 100, downloadsAllTime: 340, sameOn: '2024-10-08' },
      },
    ])
    expect(found(seriesFrom([...moving, ...still(100, 32)]))).toMatchObject([{ from: 35, until: null }])
    expect(found(seriesFrom([...moving, ...still(100, 30), ...over]))).toEqual([])
    expect(found(seriesFrom([...moving, ...still(99, 40), ...over]))).toEqual([])
  })
})

describe('a first move', () => {
  test('is a jump from zero to a thousand', () => {
    const movedAfter = (zeros: number, first: number) =>
      seriesFrom([
        ...Array.from({ length: zeros }, () => [0, 0, 1]),
        [first, first, 1],
        [first, first + 5, 1],
      ])
    expect(found(movedAfter(2, 1000))).toEqual([
      {
        kind: 'first-move',
        from: 2,
        until: 2,
        evidence: { downloadsAllTime: 1000, daysAtZero: 2, ageDays: 2 },
      },
    ])
    expect(found(movedAfter(2, 999))).toEqual([])
    expect(found(movedAfter(0, 5000))).toEqual([])
  })
})

describe('daily downloads', () => {
  test('are unknown on the first day, across a gap, at an unknown value, and beside marked days', () => {
    const series = allTime(100, 110, null, 130, Number.NaN, 150, 160, 170, 165)
    expect(dailyDownloads(series)).toEqual([null, 10, null, null, null, 10, 10, -5])
    const marked: MarkedSpan[] = [{ kind: 'frozen', from: DAY + 6, until: DAY + 6 }]
    expect(dailyDownloads(series, marked)).toEqual([null, 10, null, null, null, null, null, -5])
  })
})
