import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collapseCaptures } from '../../src/derive/collapse-captures.ts'
import { findHubDays } from '../../src/derive/find-hub-days.ts'
import { dayFromNumber, dayNumber } from '../../src/domain/utc-day.ts'
import { seriesOf } from '../support/all-time-counters.ts'
import {
  changesIn,
  changesOf,
  LONG_AGO,
  listedDays,
  nightsOf,
  openRecordedCensus,
  type RecordedCensus,
  type RecordedNights,
  seriesDaysIn,
} from '../support/recorded-census.ts'
import {
  HAS_RECORDINGS,
  qualitiesOf,
  readEmbeddingPanel,
  readTrending,
  recordingOf,
} from '../support/recordings.ts'

/*
 * Lists of the most downloaded, as an operator would have them in a census of its own: through the recorder, with the bundled
 * registry, and without removals, since whoever is not among the first is not gone.
 */

const hubEvents = ({ sql }: RecordedCensus) =>
  sql(
    "SELECT kind, day, until FROM v1_event WHERE kind IN ('frozen', 'hub-incident') AND handle IS NULL ORDER BY day",
  ) as [string, string, string | null][]

describe.skipIf(!HAS_RECORDINGS)('the most downloaded embedding models in a census of their own', () => {
  let nights: RecordedNights
  let census: RecordedCensus
  beforeAll(() => {
    // Whoever enters such a list is not new by that.
    nights = nightsOf(readEmbeddingPanel(), { createdOn: () => LONG_AGO })
    census = openRecordedCensus(nights, { isNightly: false, isTopList: true })
  }, 60_000)
  afterAll(() => census?.close())

  /** Raw and clean 30-day sums of all regions by day. */
  const sums = (from: string, until: string) =>
    census.sql(
      `SELECT day, sum(raw_downloads_30d), sum(clean_downloads_30d) FROM v1_daily_clean
       WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' AND day BETWEEN ? AND ? GROUP BY day ORDER BY day`,
      from,
      until,
    ) as [string, number, number][]

  test('keeps its raw counters, and says nothing at all of lifetime counters', () => {
    const unknown = changesOf(nights).map(row => row.map(value => (Number.isNaN(value) ? null : value)))
    expect(changesIn(census.store)).toEqual(unknown)
    for (const table of ['v1_daily_total', 'v1_sweep'])
      expect(
        census.sql(`SELECT max(downloads_all_time${table === 'v1_sweep' ? '_total' : ''}) FROM ${table}`),
      ).toEqual([[null]])
    expect(
      census.sql('SELECT max(raw_downloads_all_time), max(clean_downloads_all_time) FROM v1_daily_clean'),
    ).toEqual([[null, null]])
    expect(census.sql('SELECT DISTINCT kind FROM v1_event ORDER BY kind').flat()).toEqual([
      'frozen',
      'hub-incident',
    ])
    expect(census.sql('SELECT sum(fell), sum(reconciled) FROM v1_day_quality')).toEqual([[0, 0]])
  })

  test('has nine gaps of one day, without a total', () => {
    expect(nights.size).toBe(721)
    expect(census.sql("SELECT date(day, '-1 day') FROM v1_day_quality WHERE days_since = 2").flat()).toEqual([
      ...['2024-06-22', '2024-08-08', '2024-08-10', '2024-09-06', '2024-09-08', '2025-03-15'],
      ...['2025-04-03', '2025-10-29', '2026-04-01'],
    ])
    expect(sums('2025-03-14', '2025-03-16').map(([day]) => day)).toEqual(['2025-03-14', '2025-03-16'])
  })

  // Known to be wrong: the quality of a day counts whoever a complete sweep missed as standing still (src/pipeline/measure-days.ts),
  // so twelve days too many are found here and one incident not. It begins to pass when that is put right: then say `test`.
  test('has the Hub-wide days of those who are listed, and none of those who only left the list', () => {
    const found = findHubDays(qualitiesOf(recordingOf(readEmbeddingPanel())))
    expect(hubEvents(census)).toEqual(
      found.map(({ kind, from, until }) => [
        kind,
        dayFromNumber(from),
        until === null ? null : dayFromNumber(until),
      ]),
    )
  })

  test.each([
    ['hub-incident', '2025-05-19', '2025-05-20', '2025-05-21', '2025-05-22'],
    ['frozen', '2025-06-24', '2025-06-25', '2025-06-27', '2025-06-28'],
    ['frozen', '2025-06-28', '2025-06-29', '2025-06-30', '2025-07-01'],
    ['frozen', '2025-08-15', '2025-08-16', '2025-08-17', '2025-08-18'],
  ])(
    'has a Hub-wide %s between %s and %s .. %s and %s, bridged by the clean sums',
    (kind, before, from, until, after) => {
      expect(hubEvents(census)).toContainEqual([kind, from, until])
      const days = sums(before, after)
      const isBridgedTwice = after === '2025-08-18'
      const [first, last] = [days[0]![2], days.at(-1)![2]]
      const steps = days.length - 1
      for (const [at, [, raw, clean]] of days.entries()) {
        // Every region is led across by itself, to a whole number each.
        expect(Math.abs(clean - (first + ((last - first) * at) / steps))).toBeLessThanOrEqual(10)
        if (at === 0 || (at === steps && !isBridgedTwice)) expect(clean).toBe(raw)
      }
      if (kind === 'frozen')
        expect(new Set(days.slice(0, -1).map(([, raw]) => raw)).size).toBeLessThanOrEqual(2)
      else expect(Math.min(...days.map(([, raw]) => raw)) / first).toBeLessThan(0.82)
    },
  )
})

describe.skipIf(!HAS_RECORDINGS)('the trending list in a census of its own', () => {
  function trendingNights(): RecordedNights {
    const captures = readTrending()
    const rows = new Map<string, number[][]>()
    for (const { effectiveDay, capture } of collapseCaptures(captures)) {
      for (const [name, downloads30d] of capture.counters) {
        rows.set(name, [...(rows.get(name) ?? []), [dayNumber(effectiveDay), downloads30d]])
      }
    }
    const born = new Map(captures.flatMap(({ createdOn }) => [...createdOn]))
    const series = new Map([...rows].map(([name, own]) => [name, seriesOf(own)]))
    return nightsOf(series, { createdOn: name => born.get(name)! })
  }

  test('is one value a refresh, and whoever leaves it is neither gone nor an incident', () => {
    const nights = trendingNights()
    const census = openRecordedCensus(nights, { isNightly: true, isTopList: true })
    try {
      expect(
        census.sql('SELECT day, row_count, absent_count, downloads_30d_total FROM v1_sweep ORDER BY day'),
      ).toEqual([
        ['2026-04-27', 100, 0, 63_376_029],
        ['2026-04-28', 1000, 0, 1_061_894_105],
        ['2026-04-30', 1000, 128, 1_125_158_113],
        ['2026-05-01', 1000, 203, 1_297_045_391],
      ])
      expect(changesIn(census.store)).toHaveLength(changesOf(nights).length)
      expect(seriesDaysIn(census.store)).toEqual(listedDays(nights))
      expect(census.sql('SELECT * FROM v1_event')).toEqual([])
      expect(census.sql('SELECT * FROM v1_daily_correction')).toEqual([])
      expect([...census.judged.values()].flatMap(({ reasons }) => reasons)).toEqual([])
    } finally {
      census.close()
    }
  })

  test('would be a wave of removals if it passed for the whole Hub', () => {
    const census = openRecordedCensus(trendingNights(), { isNightly: false })
    try {
      expect(census.sql('SELECT kind, count(*) FROM v1_event GROUP BY kind')).toEqual([
        ['removal', 212],
        ['return', 9],
      ])
    } finally {
      census.close()
    }
  })
})
