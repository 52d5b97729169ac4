import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanSeries, dailyDownloads } from '../../src/derive/clean-series.ts'
import { cleanSpans } from '../../src/derive/clean-spans.ts'
import { detectSeries } from '../../src/derive/detect-series.ts'
import { standsStill } from '../../src/derive/find-frozen.ts'
import {
  CLEAN_COUNTERS,
  CLEAN_RULES,
  type CleanRule,
  correctionOf,
  coversDay,
  RAW_COUNTERS,
} from '../../src/domain/clean.ts'
import { anyMarks, anySeries, cut, DAY } from './counter-series.ts'

const RUNS = { numRuns: 250 }

/** All there is to a random series: what is found, and the spans of every rule. */
const anyCleaned = fc.tuple(anySeries, anyMarks).map(([series, marked]) => {
  const through = series.days.at(-1) ?? DAY
  const events = detectSeries(series, { marked, through, createdOn: DAY })
  return { series, marked, through, events, spans: cleanSpans(series, events, marked) }
})

/** A rule is measured on what those before it left: without them it means nothing. */
const rulesUpTo = (rule: CleanRule) => CLEAN_RULES.slice(0, CLEAN_RULES.indexOf(rule) + 1)

const COUNTERS = ['downloads30d', 'downloadsAllTime'] as const

describe('clean counters', () => {
  test('are the raw ones without a rule, and without an event or a marked day', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, spans }) => {
        expect(cleanSeries(series, spans, RAW_COUNTERS)).toEqual(series)
        expect(cleanSpans(series, [], [])).toEqual([])
      }),
      RUNS,
    )
  })

  test('are the raw ones on every day that lies in no incident', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, marked, events, spans }) => {
        const clean = cleanSeries(series, spans, CLEAN_COUNTERS)
        for (const counter of COUNTERS) {
          for (const [at, day] of series.days.entries()) {
            const isTouched =
              marked.some(({ from, until }) => from <= day && (until === null || until >= day)) ||
              events.some(({ kind, from, until }) => {
                if (kind === 'restatement') return counter === 'downloadsAllTime' && day < from
                // A burst stays in the lifetime counter for good, and in the window for 29 days more.
                if (kind === 'spike')
                  return day >= from && (counter === 'downloadsAllTime' || until === null || day < until + 30)
                return day >= from && (until === null || day <= until)
              })
            if (!isTouched) expect(clean[counter][at]).toEqual(series[counter][at])
          }
        }
      }),
      RUNS,
    )
  })

  test('are corrected by whole numbers, and unknown where the raw ones are', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, spans }) => {
        const clean = cleanSeries(series, spans, CLEAN_COUNTERS)
        for (const counter of COUNTERS) {
          for (const at of series.days.keys()) {
            const raw = series[counter][at]!
            const value = clean[counter][at]!
            expect(Number.isNaN(value)).toBe(Number.isNaN(raw))
            if (!Number.isNaN(raw)) expect(Number.isSafeInteger(value)).toBe(true)
          }
        }
        for (const span of spans)
          expect(Number.isInteger(correctionOf(span, span.from + 1, 12_345))).toBe(true)
      }),
      RUNS,
    )
  })

  test('have spans in the order of the rules, and of one rule and counter none that overlap', () => {
    fc.assert(
      fc.property(anyCleaned, ({ spans }) => {
        const order = spans.map(
          ({ rule, counter, from }) =>
            [CLEAN_RULES.indexOf(rule) * 2 + COUNTERS.indexOf(counter), from, rule, counter] as const,
        )
        for (let at = 1; at < spans.length; at += 1) {
          const before = spans[at - 1]!
          const span = spans[at]!
          expect(order[at]![0]).toBeGreaterThanOrEqual(order[at - 1]![0])
          if (before.rule !== span.rule || before.counter !== span.counter) continue
          expect(before.until).not.toBeNull()
          expect(span.from).toBeGreaterThan(before.until!)
        }
      }),
      RUNS,
    )
  })

  test('lose a rule that is switched off, and nothing else', () => {
    fc.assert(
      fc.property(anyCleaned, fc.subarray([...CLEAN_RULES]), ({ series, spans }, choice) => {
        const all = cleanSeries(series, spans, choice)
        const sums = COUNTERS.map(counter =>
          Float64Array.from(series.days, (day, at) => {
            const raw = series[counter][at]!
            return choice
              .flatMap(rule => spans.filter(span => span.rule === rule && span.counter === counter))
              .filter(span => coversDay(span, day))
              .reduce((sum, span) => sum + correctionOf(span, day, raw), raw)
          }),
        )
        expect([all.downloads30d, all.downloadsAllTime]).toEqual(sums)
      }),
      RUNS,
    )
  })
})

describe('corrections create no downloads', () => {
  test('a transient drop adds up to nothing from the day before it to the day of recovery', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, events, spans }) => {
        const isOn = cleanSeries(series, spans, ['transient-drop'])
        for (const event of events) {
          if (event.kind !== 'transient-drop') continue
          const first = series.days.indexOf(event.from)
          const last = series.days.findIndex(day => day > event.until!)
          let sum = 0
          let known = first - 1
          while (Number.isNaN(series.downloadsAllTime[known]!)) known -= 1
          for (let at = first; at <= last; at += 1) {
            if (Number.isNaN(series.downloadsAllTime[at]!)) continue
            const clean = isOn.downloadsAllTime[at]! - isOn.downloadsAllTime[known]!
            sum += clean - (series.downloadsAllTime[at]! - series.downloadsAllTime[known]!)
            known = at
          }
          expect(sum).toBe(0)
        }
      }),
      RUNS,
    )
  })

  test('within a drop and a frozen stretch the clean counter exceeds at no day what the raw one reaches at its end', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, events, spans }) => {
        const clean = cleanSeries(series, spans, ['frozen-day', 'transient-drop', 'restatement'])
        for (const { kind, from, until } of events) {
          if ((kind !== 'transient-drop' && kind !== 'frozen') || until === null) continue
          // A stretch may go on into days that are marked for the whole Hub.
          const end = series.days.findIndex((day, at) => day > until && !standsStill(series, at))
          if (end < 0) continue
          // What lasts or is restated later has another end than this.
          const later = events.find(
            event => event.kind === 'pending-drop' || (event.kind === 'restatement' && event.from >= from),
          )
          if (later !== undefined) continue
          for (const [at, day] of series.days.entries()) {
            if (day < from || day > until || Number.isNaN(clean.downloadsAllTime[at]!)) continue
            let reach = end
            while (!(series.downloadsAllTime[reach]! >= clean.downloadsAllTime[at]!) && reach < end + 14)
              reach += 1
            expect(series.downloadsAllTime[reach]).toBeGreaterThanOrEqual(clean.downloadsAllTime[at]!)
          }
        }
      }),
      RUNS,
    )
  })

  test('a restatement meets its new level, a spike is only ever taken off, the 30-day counter of a drop only held up', () => {
    fc.assert(
      fc.property(anyCleaned, ({ series, events, spans }) => {
        const withSpike = cleanSeries(series, spans, rulesUpTo('spike'))
        const withoutSpike = cleanSeries(series, spans, rulesUpTo('restatement'))
        const withDrop = cleanSeries(series, spans, rulesUpTo('transient-drop'))
        const withoutDrop = cleanSeries(series, spans, rulesUpTo('frozen-day'))
        for (const at of series.days.keys()) {
          if (!Number.isNaN(series.downloads30d[at]!)) {
            expect(withSpike.downloads30d[at]).toBeLessThanOrEqual(withoutSpike.downloads30d[at]!)
            expect(withDrop.downloads30d[at]).toBeGreaterThanOrEqual(withoutDrop.downloads30d[at]!)
          }
          if (!Number.isNaN(series.downloadsAllTime[at]!))
            expect(withSpike.downloadsAllTime[at]).toBeLessThanOrEqual(withoutSpike.downloadsAllTime[at]!)
        }
        const kept = cleanSeries(series, spans, rulesUpTo('restatement'))
        const restated = events.filter(({ kind }) => kind === 'restatement')
        for (const { from } of restated) {
          const at = series.days.indexOf(from)
          let before = at - 1
          while (Number.isNaN(series.downloadsAllTime[before]!)) before -= 1
          // The day of a restatement brings no downloads, as far as rounding goes.
          expect(Math.abs(kept.downloadsAllTime[at]! - kept.downloadsAllTime[before]!)).toBeLessThanOrEqual(1)
        }
      }),
      RUNS,
    )
  })

  test('no fall of the lifetime counter is left', () => {
    fc.assert(
      fc.property(anySeries, series => {
        const through = series.days.at(-1) ?? DAY
        const events = detectSeries(series, { marked: [], through, createdOn: DAY })
        const clean = cleanSeries(series, cleanSpans(series, events, []), rulesUpTo('restatement'))
        for (const downloads of dailyDownloads(clean)) {
          if (downloads !== null) expect(downloads).toBeGreaterThanOrEqual(-1)
        }
      }),
      RUNS,
    )
  })
})

describe('what is found', () => {
  test('of a day more than 60 days back is the same whether later days have come or not', () => {
    fc.assert(
      fc.property(anySeries, anyMarks, fc.nat(320), (series, marked, length) => {
        const through = series.days.at(-1) ?? DAY
        const whole = detectSeries(series, { marked, through, createdOn: DAY })
        const known = Math.min(DAY + length, through)
        const prefix = cut(series, at => series.days[at]! <= known)
        const early = detectSeries(prefix, { marked, through: known, createdOn: DAY })
        const isFinal = ({ from }: { from: number }) => from + 60 < known
        expect(early.filter(isFinal)).toEqual(whole.filter(isFinal))
        expect(detectSeries(series, { marked, through, createdOn: DAY })).toEqual(whole)
      }),
      RUNS,
    )
  })

  test('of a day rests on the 60 days on either side, and on the last known value before them', () => {
    fc.assert(
      fc.property(anySeries, anyMarks, fc.nat(320), (series, marked, on) => {
        const through = series.days.at(-1) ?? DAY
        const whole = detectSeries(series, { marked, through, createdOn: DAY })
        // A day of an event, where there is one: else there is little to compare.
        const day = whole.length > 0 ? whole[on % whole.length]!.from : DAY + on
        let known = series.days.findIndex(other => other >= day - 60) - 1
        while (known >= 0 && Number.isNaN(series.downloadsAllTime[known]!)) known -= 1
        const near = cut(series, at => at === known || Math.abs(series.days[at]! - day) <= 60)
        const found = detectSeries(near, { marked, through, createdOn: DAY })
        const ofDay = ({ from }: { from: number }) => from === day
        expect(found.filter(ofDay)).toEqual(whole.filter(ofDay))
      }),
      { numRuns: 800 },
    )
  })

  test('has at most one event of a kind on a day, and none that ends before it begins', () => {
    fc.assert(
      fc.property(anyCleaned, ({ events }) => {
        const keys = events.map(({ kind, from }) => `${kind} ${from}`)
        expect(new Set(keys).size).toBe(keys.length)
        for (const { from, until } of events) expect(until ?? from).toBeGreaterThanOrEqual(from)
      }),
      RUNS,
    )
  })
})
