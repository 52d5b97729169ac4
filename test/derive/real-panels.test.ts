import { describe, expect, test } from 'vitest'
import { collapseCaptures, dateCaptures } from '../../src/derive/collapse-captures.ts'
import { findFrozenPublishers } from '../../src/derive/find-frozen-publishers.ts'
import { findHubDays } from '../../src/derive/find-hub-days.ts'
import { isHubFrozen } from '../../src/derive/find-hub-freezes.ts'
import { findRefreshes } from '../../src/derive/find-refreshes.ts'
import { findNewBeginnings } from '../../src/derive/match-renames.ts'
import { residuals } from '../../src/derive/reconcile.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import type { DayQuality } from '../../src/domain/day-quality.ts'
import { addDays, dayFromNumber, dayNumber } from '../../src/domain/utc-day.ts'
import { readAllTimeCounters, seriesOf } from '../support/all-time-counters.ts'
import {
  HAS_RECORDINGS,
  listedOnBoth,
  qualitiesOf,
  readEmbeddingPanel,
  readTrending,
  recordingOf,
} from '../support/recordings.ts'

const frozenDays = (qualities: readonly DayQuality[]) => qualities.filter(isHubFrozen).map(({ day }) => day)
const incidents = (qualities: readonly DayQuality[]) =>
  findHubDays(qualities)
    .filter(({ kind }) => kind === 'hub-incident')
    .map(({ from, until, evidence }) => [
      dayFromNumber(from),
      until === null ? null : dayFromNumber(until),
      evidence.status,
      evidence.backOn,
    ])
const gaps = (qualities: readonly DayQuality[]) =>
  qualities.flatMap(({ day, daysSince }) =>
    daysSince !== null && daysSince > 1 ? [[addDays(day, 1 - daysSince), daysSince - 1]] : [],
  )

describe.skipIf(!HAS_RECORDINGS)('721 recorded days of the most downloaded embedding models', () => {
  const qualities = HAS_RECORDINGS ? qualitiesOf(recordingOf(readEmbeddingPanel())) : []

  test('show nine gaps of one day', () => {
    expect(qualities).toHaveLength(721)
    expect(gaps(qualities)).toEqual(
      [
        ...['2024-06-22', '2024-08-08', '2024-08-10', '2024-09-06', '2024-09-08', '2025-03-15'],
        ...['2025-04-03', '2025-10-29', '2026-04-01'],
      ].map(day => [day, 1]),
    )
  })

  test('show the repeated days as frozen, and the other days on which most counters stood still', () => {
    const repeated = ['2025-06-26', '2025-06-27', '2025-06-29', '2025-06-30', '2025-08-16', '2025-08-17']
    expect(frozenDays(qualities)).toEqual(expect.arrayContaining(repeated))
    // A recorder that came earlier in the day saw most of these a day later: see below.
    const others = [
      ...['2024-06-13', '2024-08-29', '2024-09-26', '2024-09-27', '2024-10-21', '2024-11-04', '2024-12-23'],
      ...['2025-01-07', '2025-06-17', '2025-06-25', '2025-08-13', '2025-09-10', '2025-10-08', '2025-11-26'],
      ...['2025-12-11', '2025-12-17', '2026-03-18'],
    ]
    expect(frozenDays(qualities).filter(day => !repeated.includes(day))).toEqual(others)
  })

  test('show the incident of May 2025 as one, and two freezes that were made up for days later', () => {
    expect(incidents(qualities)).toEqual([
      ['2025-01-08', '2025-01-10', 'recovered', '2025-01-11'],
      ['2025-05-20', '2025-05-21', 'recovered', '2025-05-22'],
      ['2025-08-18', '2025-08-19', 'recovered', '2025-08-20'],
    ])
    const ratioOn = (day: string) => qualities.find(quality => quality.day === day)!.panelRatio!
    expect(ratioOn('2025-05-20')).toBeCloseTo(0.9, 1)
    expect(ratioOn('2025-05-22')).toBeCloseTo(1.25, 1)
  })

  test('agree with another recorder on seventeen of the twenty frozen days that both saw', () => {
    const other = ['ibm-granite', 'neuralmagic'] as const
    const seenByOthers = other.map(name => {
      const theirs = qualitiesOf(recordingOf(readAllTimeCounters(name))).filter(({ panel }) => panel >= 25)
      return {
        seen: new Set(theirs.map(({ day }) => day)),
        frozen: new Set(frozenDays(theirs)),
      }
    })
    const both = frozenDays(qualities).filter(day =>
      seenByOthers.some(({ seen }) => seen.has(day) && seen.has(addDays(day, 1))),
    )
    const agreed = both.filter(day =>
      seenByOthers.some(({ frozen }) => frozen.has(day) || frozen.has(addDays(day, 1))),
    )
    expect([agreed.length, both.length]).toEqual([17, 20])
  })
})

describe.skipIf(!HAS_RECORDINGS)('the recorded lifetime counters', () => {
  const granite = HAS_RECORDINGS ? readAllTimeCounters('ibm-granite') : new Map<string, CounterSeries>()
  const neural = HAS_RECORDINGS ? readAllTimeCounters('neuralmagic') : new Map<string, CounterSeries>()
  const graniteDays = qualitiesOf(recordingOf(granite))
  const neuralDays = qualitiesOf(recordingOf(neural))

  test('of ibm-granite stood still on every day on which nothing at all moved, and on eleven more', () => {
    const allStill = graniteDays.filter(({ panelUnchanged }) => panelUnchanged === 1).map(({ day }) => day)
    expect(allStill).toHaveLength(22)
    expect(allStill).toEqual(
      expect.arrayContaining([
        ...['2025-06-25', '2025-06-26', '2025-06-27', '2025-06-29', '2025-06-30', '2025-07-01'],
        ...['2025-08-17', '2025-08-18'],
      ]),
    )
    const frozen = frozenDays(graniteDays)
    expect(frozen).toEqual(expect.arrayContaining(allStill))
    expect(frozen.filter(day => !allStill.includes(day))).toEqual([
      ...['2025-05-04', '2025-06-20', '2025-07-17', '2025-07-24', '2025-08-21', '2025-10-02', '2025-11-06'],
      ...['2025-12-12', '2026-01-29', '2026-04-30', '2026-05-13'],
    ])
  })

  test('of neuralmagic stood still on five days', () => {
    expect(frozenDays(neuralDays)).toEqual([
      ...['2024-09-27', '2024-09-29', '2025-03-10', '2025-03-26', '2025-04-02'],
    ])
  })

  test('of neuralmagic show both long gaps as gaps', () => {
    expect(gaps(neuralDays)).toEqual(
      expect.arrayContaining([
        ['2024-10-09', 43],
        ['2025-04-09', 92],
      ]),
    )
  })

  test('show the incident of May 2025, and what their own models did', () => {
    expect(incidents(graniteDays)).toEqual([
      ['2025-05-05', '2025-05-06', 'recovered', '2025-05-07'],
      ['2025-05-20', '2025-05-21', 'recovered', '2025-05-22'],
      // A burst of this organisation alone, and a freeze of two days made up for, 5 % over the old level.
      ['2025-06-11', '2025-06-11', 'shifted', null],
      ['2025-08-22', '2025-08-22', 'shifted', null],
    ])
    expect(incidents(neuralDays)).toEqual([
      ['2024-09-13', '2024-09-22', 'recovered', '2024-09-23'],
      ['2025-01-12', '2025-01-13', 'recovered', '2025-01-14'],
    ])
  })

  test('of ibm-granite, as those of one publisher, are found frozen on the same days', () => {
    const { days, names } = recordingOf(granite)
    const nobodyElse = new Int32Array(names.length).fill(7)
    const found = days.flatMap((today, at) => {
      const before = days[at - 1]
      if (before === undefined) return []
      const night = { daysSince: today.day - before.day, isHubFrozen: false }
      const both = listedOnBoth(today, before)
      return findFrozenPublishers(today, before, both, nobodyElse, night).map(({ publisherKey }) => [
        dayFromNumber(today.day),
        publisherKey,
      ])
    })
    const nearlyAllStill = graniteDays.filter(({ panelUnchanged }) => (panelUnchanged ?? 0) > 0.95)
    expect(found).toEqual(nearlyAllStill.map(({ day }) => [day, 7]))
    expect(found).toHaveLength(24)
  })

  test('of neuralmagic show three names that began anew, and those of ibm-granite none', () => {
    const beginnings = (series: ReadonlyMap<string, CounterSeries>) =>
      [...series]
        .flatMap(([name, own]) => findNewBeginnings(own).map(day => [name, dayFromNumber(day)]))
        .sort()
    // The likes of all three fell to 0 on that day, which the rule does not look at.
    expect(beginnings(neural)).toEqual([
      ['neuralmagic/Llama-3.2-3B-Instruct-quantized.w8a8', '2025-07-10'],
      ['neuralmagic/Mixtral-8x22B-Instruct-v0.1-FP8', '2025-02-27'],
      ['neuralmagic/Mixtral-8x7B-Instruct-v0.1-FP8', '2025-03-09'],
    ])
    expect(beginnings(granite)).toEqual([])
  })

  test('grew by what the 30-day counters say: median 0.998 and 1.019 from 1,000 downloads on', () => {
    const median = (series: ReadonlyMap<string, CounterSeries>) => {
      const ratios = [...series.values()]
        .flatMap(own => residuals(own).filter(({ downloads30d }) => downloads30d >= 1_000))
        .map(({ ratio }) => ratio!)
        .sort((a, b) => a - b)
      return ratios[ratios.length >> 1]!
    }
    expect(median(neural).toFixed(3)).toBe('0.998')
    expect(median(granite).toFixed(3)).toBe('1.019')
  })

  test('reconcile day by day to the sums of their residuals', () => {
    const reconciled = graniteDays.reduce((sum, quality) => sum + quality.reconciled, 0)
    const all = [...granite.values()].flatMap(own => residuals(own).filter(({ ratio }) => ratio !== null))
    expect(reconciled).toBe(all.length)
    expect(graniteDays.reduce((sum, quality) => sum + quality.grownDownloads, 0)).toBe(
      all.reduce((sum, { grown }) => sum + grown, 0),
    )
  })
})

describe.skipIf(!HAS_RECORDINGS)('twenty captures of the trending list', () => {
  const captures = HAS_RECORDINGS ? readTrending() : []

  test('saw three refreshes, each with hours from 07 to 12 UTC of one day in it', () => {
    const minute = (at: number) => new Date(at).toISOString().slice(5, 16)
    expect(
      findRefreshes(captures).map(({ after, until, compared, moved }) => [
        `${minute(after)} ${minute(until)}`,
        moved / compared > 0.99,
      ]),
    ).toEqual([
      ['04-28T07:02 04-29T05:28', true],
      ['04-30T04:01 04-30T08:35', true],
      ['05-01T04:13 05-01T08:24', true],
    ])
  })

  test('are one value per refresh: the last before the next', () => {
    expect(
      collapseCaptures(captures).map(({ effectiveDay, by, capture }) => [
        effectiveDay,
        by,
        new Date(capture.at).toISOString().slice(0, 16),
      ]),
    ).toEqual([
      ['2026-04-27', 'clock', '2026-04-28T07:02'],
      ['2026-04-28', 'found', '2026-04-30T04:01'],
      ['2026-04-30', 'found', '2026-05-01T04:13'],
      ['2026-05-01', 'found', '2026-05-01T19:39'],
    ])
    expect(dateCaptures(captures)).toHaveLength(20)
  })

  test('change their members at every turn, and that is no incident', () => {
    const byDay = new Map<string, CounterSeries>()
    const rows = new Map<string, number[][]>()
    for (const { effectiveDay, capture } of collapseCaptures(captures)) {
      for (const [name, downloads30d] of capture.counters) {
        const row = [dayNumber(effectiveDay), downloads30d]
        rows.set(name, [...(rows.get(name) ?? []), row])
      }
    }
    for (const [name, own] of rows) byDay.set(name, seriesOf(own))
    const recording = recordingOf(byDay)
    const born = new Map(captures.flatMap(({ createdOn }) => [...createdOn]))
    const createdOn = Int32Array.from(recording.names, name => born.get(name)!)
    const qualities = qualitiesOf(recording, { createdOn })
    const totals = recording.days.map(({ downloads30d }) =>
      downloads30d.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
    )
    expect(totals[1]! / totals[0]!).toBeGreaterThan(10)
    expect(qualities.map(({ day }) => day)).toEqual(['2026-04-27', '2026-04-28', '2026-04-30', '2026-05-01'])
    expect(findHubDays(qualities)).toEqual([])
  })
})
