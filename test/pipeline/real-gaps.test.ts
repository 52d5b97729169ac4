import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { answerSeries } from '../../src/pipeline/answer-series.ts'
import { bundled } from '../registry/bundled.ts'
import { readAllTimeCounters } from '../support/all-time-counters.ts'
import {
  changesIn,
  changesOf,
  listedDays,
  nightsOf,
  openRecordedCensus,
  type RecordedCensus,
  type RecordedNights,
  seriesDaysIn,
} from '../support/recorded-census.ts'
import { HAS_RECORDINGS } from '../support/recordings.ts'

describe.skipIf(!HAS_RECORDINGS)('neuralmagic in a census of its own', () => {
  const ANEW = 'neuralmagic/Llama-3.2-3B-Instruct-quantized.w8a8'
  let nights: RecordedNights
  let census: RecordedCensus
  beforeAll(() => {
    nights = nightsOf(readAllTimeCounters('neuralmagic'))
    census = openRecordedCensus(nights, { isNightly: false, accepted: ['2025-07-10'] })
  }, 60_000)
  afterAll(() => census?.close())

  const totals = (day: string) =>
    census.sql(
      `SELECT repos, gone_repos, downloads_all_time, gone_downloads_all_time FROM v1_daily_total
       WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'lab' AND key = 'redhat-ai' AND day = ?`,
      day,
    )
  const ask = (repo: string) => answerSeries({ repo }, { store: census.store, registry: bundled })

  test('keeps its raw counters row by row, and no series has a day on which it was not listed', () => {
    expect(changesIn(census.store)).toEqual(changesOf(nights))
    expect(seriesDaysIn(census.store)).toEqual(listedDays(nights))
  })

  test.each([
    ['2024-10-08', '2024-11-21', 44],
    ['2025-04-08', '2025-07-10', 93],
  ])('has a gap from %s to %s that is one everywhere', (before, after, length) => {
    expect(census.sql('SELECT days_since FROM v1_day_quality WHERE day = ?', after)).toEqual([[length]])
    for (const table of ['v1_day_quality', 'v1_daily_total', 'v1_daily_clean', 'v1_sweep', 'v1_observation'])
      expect(census.sql(`SELECT count(*) FROM ${table} WHERE day > ? AND day < ?`, before, after)).toEqual([
        [0],
      ])
    // None begins or ends within, and none spans it.
    expect(
      census.sql(
        `SELECT kind, day, until FROM v1_event WHERE (day < ? AND coalesce(until, day) > ?)
           OR (kind IN ('transient-drop', 'pending-drop', 'frozen', 'hub-incident', 'spike', 'stale-window') AND until IS NULL AND day < ?)`,
        after,
        before,
        after,
      ),
    ).toEqual([])
    const [first, last] = [dayNumber(parseUtcDay(before)), dayNumber(parseUtcDay(after))]
    for (const days of seriesDaysIn(census.store).values())
      expect(days.filter(day => day > first && day < last)).toEqual([])
  })

  test('has no daily downloads across a gap, be it raw or clean', () => {
    const { days } = ask('neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8')
    const at = days.findIndex(({ day }) => day === '2024-11-21')
    expect(days[at - 1]!.day).toBe('2024-10-08')
    expect(days[at]!.downloadsAllTime.raw! - days[at - 1]!.downloadsAllTime.raw!).toBeGreaterThan(0)
    expect(days[at]!.dailyDownloads).toEqual({ raw: null, clean: null })
    expect(days[at + 1]!.dailyDownloads.raw).not.toBeNull()
  })

  test('loses 325 of 326 names in a night that the gate wants to hold', () => {
    const { reasons } = census.judged.get(parseUtcDay('2025-07-10'))!
    expect(reasons).toEqual([
      {
        limit: 'repos',
        words: 'the catalogue shrank from 326 to 1 repositories (-99.7 %; limit -10.0 %)',
      },
    ])
    expect([...census.judged.values()].filter(judged => judged.reasons.length > 0)).toHaveLength(1)
  })

  test('loses nothing of their downloads: they stay in the sums as gone', () => {
    // The eight names and two first lives that went before carry 103,291.
    expect(totals('2025-04-08')).toEqual([[326, 11, 9_537_285 + 103_291, 103_291]])
    expect(totals('2025-07-10')).toEqual([[1, 337, 9_640_576, 9_640_576]])
    const gone = census.sql(
      "SELECT count(*), sum(detail ->> 'downloadsAllTime') FROM v1_event WHERE kind = 'removal' AND day = '2025-07-10'",
    )
    expect(gone).toEqual([[326, 9_537_285]])
  })

  test('counts nothing twice: the name that was taken anew is another series', () => {
    expect(census.sql("SELECT repo_id, day FROM v1_event WHERE kind = 're-creation' ORDER BY day")).toEqual([
      ['neuralmagic/Mixtral-8x22B-Instruct-v0.1-FP8', '2025-02-27'],
      ['neuralmagic/Mixtral-8x7B-Instruct-v0.1-FP8', '2025-03-09'],
      [ANEW, '2025-07-10'],
    ])
    const now = ask(ANEW)
    expect(now.days[0]).toMatchObject({ day: '2025-07-10', downloadsAllTime: { raw: 0, clean: 0 } })
    expect(now.repo.others).toBe(1)
    const [[old]] = census.sql(
      'SELECT hub_id FROM v1_repo WHERE repo_id = ? AND gone_on IS NOT NULL',
      ANEW,
    ) as [[string]]
    const before = ask(old)
    expect(before.days.at(-1)).toMatchObject({
      day: '2025-04-08',
      downloadsAllTime: { raw: 33_988, clean: 33_988 },
    })
    // By name all of that was a fall to 0; by `_id` nobody fell for good, and all that was added since is the new one's.
    expect(census.sql("SELECT count(*) FROM v1_event WHERE kind = 'restatement'")).toEqual([[0]])
    const last = now.days.at(-1)!.downloadsAllTime.raw!
    expect(last).toBe(6617)
    expect(totals('2026-08-22')).toEqual([[1, 337, 9_640_576 + last, 9_640_576]])
  })

  test('has the two small falls of June 2026, held until they came back', () => {
    expect(
      census.sql("SELECT repo_id, day, until FROM v1_event WHERE kind = 'transient-drop' ORDER BY day"),
    ).toEqual([
      [ANEW, '2026-06-10', '2026-06-12'],
      [ANEW, '2026-06-14', '2026-06-18'],
    ])
    const clean = census
      .sql(
        `SELECT clean_downloads_all_time FROM v1_daily_clean WHERE scope = 'all' AND attribution = 'publisher'
         AND axis = 'lab' AND key = 'redhat-ai' AND day > '2026-06-01' AND day < '2026-07-01' ORDER BY day`,
      )
      .flat() as number[]
    expect(clean).toEqual([...clean].sort((a, b) => a - b))
  })
})
