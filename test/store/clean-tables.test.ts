import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLEAN_RULES,
  correctionOf,
  coversDay,
  type DailyCorrection,
  KEPT_RULES,
  type RepoCleanSpan,
} from '../../src/domain/clean.ts'
import type { DayQuality } from '../../src/domain/day-quality.ts'
import { dayFromNumber } from '../../src/domain/utc-day.ts'
import { readCleanSpans, replaceCleanSpans } from '../../src/store/clean-spans.ts'
import {
  clearCorrections,
  readCorrectionSeries,
  readCorrectionsOn,
  writeCorrections,
} from '../../src/store/daily-corrections.ts'
import { listDayQualities, writeDayQuality } from '../../src/store/day-qualities.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from '../support/census.ts'
import { writeRepos } from '../support/lineage-census.ts'
import { readRaw } from './capturing.ts'
import { dayAfter, FIRST_DAY } from './histories.ts'

/** Halves, whole numbers, and whatever arithmetic leaves; a half just not reached too. */
const amounts = fc.oneof(
  fc.integer({ min: -2_000_001, max: 2_000_001 }).map(number => number / 2),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.constantFrom(0.49999999999999994, -0.49999999999999994, 0.5, -0.5, 1.5, -2.5, 0),
)
const spans: fc.Arbitrary<RepoCleanSpan> = fc
  .record({
    repoKey: fc.integer({ min: 1, max: 6 }),
    rule: fc.constantFrom(...KEPT_RULES),
    counter: fc.constantFrom('downloads30d' as const, 'downloadsAllTime' as const),
    from: fc.nat(8),
    length: fc.option(fc.nat(5)),
    rawFactor: fc.oneof(fc.constantFrom(0, -1, -0.5, 0.25), fc.double({ min: -2, max: 2, noNaN: true })),
    constant: amounts,
    perDay: fc.oneof(fc.constantFrom(0, 0.5, -1.5), amounts),
  })
  .map(({ from, length, ...rest }) => ({
    ...rest,
    // What JSON and SQLite cannot tell from zero.
    rawFactor: rest.rawFactor + 0,
    constant: rest.constant + 0,
    perDay: rest.perDay + 0,
    from: FIRST_DAY + from,
    until: length === null ? null : FIRST_DAY + from + length,
  }))
const identity = ({ repoKey, rule, counter, from }: RepoCleanSpan) =>
  JSON.stringify([repoKey, counter, rule, from])
const manySpans = fc.uniqueArray(spans, { selector: identity, maxLength: 30, size: 'max' })

/** In the order of the table. */
const COLUMN = { downloads30d: 0, downloadsAllTime: 1 }
const inOrder = (list: readonly RepoCleanSpan[]) =>
  [...list].sort(
    (a, b) =>
      a.repoKey - b.repoKey ||
      COLUMN[a.counter] - COLUMN[b.counter] ||
      (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0) ||
      a.from - b.from,
  )

describe('clean spans', () => {
  test('are exactly those found last, of all repositories or of some, and a second time nothing is written', () => {
    const store = temporaryStore()
    fc.assert(
      fc.property(
        manySpans,
        manySpans,
        fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 7 }))),
        (first, second, only) => {
          replaceCleanSpans(store, first)
          expect(readCleanSpans(store)).toEqual(inOrder(first))
          const among = only ?? undefined
          const mine = second.filter(({ repoKey }) => only === null || only.includes(repoKey))
          const others = only === null ? [] : first.filter(({ repoKey }) => !only.includes(repoKey))
          const changes = replaceCleanSpans(store, mine, among)
          expect(readCleanSpans(store)).toEqual(inOrder([...mine, ...others]))
          if (only !== null) expect(readCleanSpans(store, only)).toEqual(inOrder(mine))
          const kept = new Set(mine.map(identity))
          const before = first.filter(({ repoKey }) => only === null || only.includes(repoKey))
          expect(changes.removed).toBe(before.filter(span => !kept.has(identity(span))).length)
          expect(replaceCleanSpans(store, [...mine].reverse(), among)).toEqual({ written: 0, removed: 0 })
        },
      ),
      { numRuns: 150 },
    )
  })

  test('are refused, and nothing is changed, for a rule that is not kept, twice the same, and one of somebody else', () => {
    const store = temporaryStore()
    const span: RepoCleanSpan = {
      ...{ repoKey: 1, rule: 'spike', counter: 'downloads30d', from: 1, until: null },
      ...{ rawFactor: 0, constant: 1, perDay: 0 },
    }
    replaceCleanSpans(store, [span])
    expect(() => replaceCleanSpans(store, [{ ...span, rule: 'frozen-day' }])).toThrow(/frozen-day/)
    expect(() => replaceCleanSpans(store, [{ ...span, repoKey: 2 }, span, { ...span, constant: 2 }])).toThrow(
      RangeError,
    )
    expect(() => replaceCleanSpans(store, [{ ...span, repoKey: 3 }], [1, 2])).toThrow(RangeError)
    expect(readCleanSpans(store)).toEqual([span])
    expect(replaceCleanSpans(store, [], [2, 3])).toEqual({ written: 0, removed: 0 })
    expect(replaceCleanSpans(store, [], [])).toEqual({ written: 0, removed: 0 })
    expect(readCleanSpans(store, [])).toEqual([])
    expect(readCleanSpans(store)).toEqual([span])
  })

  test('make in SQL the same clean counters as here, rounded alike, with the span told in days', () => {
    const store = temporaryStore()
    writeRepos(
      store,
      Array.from({ length: 6 }, (_, index) => ({ id: `a/m${index}` })),
    )
    const counters = fc.oneof(fc.nat(50), fc.nat(2 ** 31 - 1), fc.constantFrom(2 ** 33 + 1))
    const observed = fc.uniqueArray(
      fc.tuple(fc.nat(14), fc.integer({ min: 1, max: 6 }), counters, fc.option(counters, { freq: 4 })),
      { selector: ([day, repoKey]) => `${day} ${repoKey}`, minLength: 1, maxLength: 12 },
    )
    for (let day = 0; day < 15; day += 1)
      store.sqlite
        .prepare("INSERT INTO sweep (source, day, state, started_at) VALUES ('x', ?, 'complete', 0)")
        .run(FIRST_DAY + day)
    const add = store.sqlite.prepare(
      'INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time) VALUES (?, ?, ?, ?)',
    )
    const seen = { corrected: 0, negative: 0 }
    fc.assert(
      fc.property(manySpans, observed, (list, rows) => {
        store.sqlite.exec('DELETE FROM observation')
        for (const [day, ...row] of rows) add.run(FIRST_DAY + day, ...row)
        replaceCleanSpans(store, list)
        const clean = (
          day: number,
          key: number,
          counter: 'downloads30d' | 'downloadsAllTime',
          raw: number | null,
        ) =>
          raw === null
            ? null
            : list
                .filter(span => span.repoKey === key && span.counter === counter && coversDay(span, day))
                .reduce((sum, span) => sum + correctionOf(span, day, raw), raw)
        const expected = rows.map(([after, key, in30d, allTime]) => {
          const day = FIRST_DAY + after
          const cleaned = clean(day, key, 'downloads30d', in30d)!
          seen.corrected += cleaned !== in30d ? 1 : 0
          seen.negative += cleaned < in30d ? 1 : 0
          return [
            `a/m${key - 1}`,
            dayFromNumber(day),
            in30d,
            cleaned,
            allTime,
            clean(day, key, 'downloadsAllTime', allTime),
          ]
        })
        expect(
          readRaw(
            store,
            `SELECT repo_id, day, raw_downloads_30d, clean_downloads_30d, raw_downloads_all_time, clean_downloads_all_time
             FROM v1_clean_series`,
          ).sort(byText),
        ).toEqual(expected.sort(byText))
        expect(readRaw(store, 'SELECT * FROM v1_clean_span').sort(byText)).toEqual(
          list
            .map(span => [
              span.repoKey.toString(16).padStart(24, '0'),
              `a/m${span.repoKey - 1}`,
              span.counter === 'downloads30d' ? 'downloads_30d' : 'downloads_all_time',
              span.rule,
              dayFromNumber(span.from),
              span.until === null ? null : dayFromNumber(span.until),
              span.rawFactor,
              span.constant,
              span.perDay,
            ])
            .sort(byText),
        )
      }),
      { numRuns: 200 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(50)
  })
})

const byText = (a: unknown[], b: unknown[]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

const QUERY = { scope: 'llm', attribution: 'publisher', axis: 'lab' } as const

function correction(parts: Partial<DailyCorrection>): DailyCorrection {
  return {
    day: dayAfter(0),
    ...QUERY,
    key: 'lab-a',
    rule: 'spike',
    repos: 1,
    downloads30d: -5,
    downloadsAllTime: 2 ** 40,
    ...parts,
  }
}

describe('corrections of totals', () => {
  const rows = [0, 1, 2].flatMap(after =>
    ['lab-a', 'lab-b'].flatMap((key, at) =>
      CLEAN_RULES.filter((_, rule) => (rule + after + at) % 2 === 0).map((rule, place) =>
        correction({
          day: dayAfter(after),
          key,
          rule,
          downloads30d: 10 * after + place,
          downloadsAllTime: 1 - place,
        }),
      ),
    ),
  )
  const elsewhere = [
    correction({ scope: 'all' }),
    correction({ attribution: 'root' }),
    correction({ axis: 'family' }),
  ]

  function written(): Store {
    const store = temporaryStore()
    store.sqlite.transaction(() => writeCorrections(store, [...rows, ...elsewhere].reverse()))()
    return store
  }

  test('are read of one key over time, and of one day, by rule', () => {
    const store = written()
    const byRule = (a: DailyCorrection, b: DailyCorrection) => (a.rule < b.rule ? -1 : 1)
    for (const key of ['lab-a', 'lab-b', 'nobody']) {
      expect(readCorrectionSeries(store, { ...QUERY, key })).toEqual(
        [0, 1, 2].flatMap(after =>
          rows.filter(row => row.key === key && row.day === dayAfter(after)).sort(byRule),
        ),
      )
    }
    expect(readCorrectionsOn(store, dayAfter(1), QUERY)).toEqual(
      ['lab-a', 'lab-b'].flatMap(key =>
        rows.filter(row => row.key === key && row.day === dayAfter(1)).sort(byRule),
      ),
    )
    expect(readCorrectionsOn(store, dayAfter(0), { ...QUERY, scope: 'all' })).toEqual([elsewhere[0]])
  })

  test('are forgotten of one day alone, or all of them', () => {
    const store = written()
    clearCorrections(store, dayAfter(1))
    expect(readRaw(store, 'SELECT DISTINCT day FROM v1_daily_correction ORDER BY 1')).toEqual([
      [dayAfter(0)],
      [dayAfter(2)],
    ])
    writeCorrections(
      store,
      rows.filter(row => row.day === dayAfter(1)),
    )
    expect(readCorrectionsOn(store, dayAfter(1), QUERY)).toHaveLength(
      rows.filter(row => row.day === dayAfter(1)).length,
    )
    clearCorrections(store, 'all')
    expect(readRaw(store, 'SELECT * FROM daily_correction')).toEqual([])
  })

  test('are added to their total, and to no other, in the view of both', () => {
    const store = written()
    const total = store.sqlite.prepare(
      `INSERT INTO daily_total (day, scope, attribution, axis, key, repos, downloads_30d, downloads_all_time,
         all_time_unknown_repos, gone_repos, gone_downloads_all_time)
       VALUES (?, 'llm', 'publisher', 'lab', ?, 3, 1000, ?, ?, 0, 0)`,
    )
    for (const after of [0, 1, 2]) {
      total.run(FIRST_DAY + after, 'lab-a', 5000, 0)
      // Nobody's lifetime counter is known: no sum, however corrected.
      total.run(FIRST_DAY + after, 'lab-b', 0, 3)
      total.run(FIRST_DAY + after, 'lab-c', 7, 0)
    }
    const sum = (day: string, key: string, counter: 'downloads30d' | 'downloadsAllTime') =>
      rows.filter(row => row.day === day && row.key === key).reduce((all, row) => all + row[counter], 0)
    expect(
      readRaw(
        store,
        `SELECT day, key, raw_downloads_30d, clean_downloads_30d, raw_downloads_all_time, clean_downloads_all_time
         FROM v1_daily_clean ORDER BY day, key`,
      ),
    ).toEqual(
      [0, 1, 2].map(dayAfter).flatMap(day => [
        [
          day,
          'lab-a',
          1000,
          1000 + sum(day, 'lab-a', 'downloads30d'),
          5000,
          5000 + sum(day, 'lab-a', 'downloadsAllTime'),
        ],
        [day, 'lab-b', 1000, 1000 + sum(day, 'lab-b', 'downloads30d'), null, null],
        [day, 'lab-c', 1000, 1000, 7, 7],
      ]),
    )
  })
})

describe('qualities of days', () => {
  const quality = (after: number, parts: Partial<DayQuality> = {}): DayQuality => ({
    day: dayAfter(after),
    daysSince: 1,
    compared: 100,
    unchanged: 60,
    fell: 1,
    fellDownloads: 40,
    panel: 50,
    panelRatio: 1.0123456789,
    panelUnchanged: 0.02,
    reconciled: 40,
    within2Percent: 30,
    medianRatio: 0.999,
    grownDownloads: -5,
    windowDownloads: 2 ** 35,
    ...parts,
  })
  const first = quality(0, {
    ...{ daysSince: null, compared: 0, unchanged: 0, panel: 0, panelRatio: null, panelUnchanged: null },
    ...{ reconciled: 0, within2Percent: 0, medianRatio: null },
  })

  test('are listed as written, by day; those of a day replace its own, those of all days every one', () => {
    const store = temporaryStore()
    writeDayQuality(store, [quality(4), first], 'days')
    expect(listDayQualities(store)).toEqual([first, quality(4)])
    writeDayQuality(store, [quality(4, { panelRatio: null }), quality(2)], 'days')
    expect(listDayQualities(store)).toEqual([first, quality(2), quality(4, { panelRatio: null })])
    expect(
      readRaw(
        store,
        'SELECT day, compared, share_within_2_percent, median_ratio FROM v1_day_quality ORDER BY day',
      ),
    ).toEqual([
      [dayAfter(0), 0, null, null],
      [dayAfter(2), 100, 0.75, 0.999],
      [dayAfter(4), 100, 0.75, 0.999],
    ])
    writeDayQuality(store, [quality(3)], 'all')
    expect(listDayQualities(store)).toEqual([quality(3)])
  })
})
