import { describe, expect, test } from 'vitest'
import type { MonthlyShare } from '../../src/domain/derivative.ts'
import type { AgeCounter } from '../../src/domain/lineage.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { addAgeCounters, clearAgeCounters, readAgeCounters } from '../../src/store/age-counters.ts'
import { readMonthlyShares, replaceMonthlyShares } from '../../src/store/monthly-shares.ts'
import { temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'

describe('counters at an age', () => {
  const [D1, D2] = ['2026-03-01', '2026-03-02'].map(parseUtcDay) as [
    AgeCounter['measuredOn'],
    AgeCounter['measuredOn'],
  ]
  const counter = (repoKey: number, downloads30d: number, parts: Partial<AgeCounter> = {}): AgeCounter => ({
    repoKey,
    measuredOn: D1,
    downloads30d,
    downloadsAllTime: downloads30d * 10,
    ...parts,
  })

  test('stand as they were first measured, by key, and are not there where none were', () => {
    const store = temporaryStore()
    addAgeCounters(store, [
      counter(2, 20),
      counter(5, 0, { downloadsAllTime: null }),
      counter(9, 3_000_000_000),
    ])
    addAgeCounters(store, [counter(2, 99, { measuredOn: D2 }), counter(3, 30, { measuredOn: D2 })])
    const { downloads30d, downloadsAllTime } = readAgeCounters(store, 9)
    const no = Number.NaN
    expect([...downloads30d]).toEqual([no, no, 20, 30, no, 0, no, no, no, 3_000_000_000])
    expect([...downloadsAllTime]).toEqual([no, no, 200, 300, no, no, no, no, no, 30_000_000_000])
    expect(
      readRaw(store, "SELECT repo_key, date(measured_on * 86400, 'unixepoch') FROM age_counter ORDER BY 1"),
    ).toEqual([
      [2, D1],
      [3, D2],
      [5, D1],
      [9, D1],
    ])
    // Repositories that came since are none of the reader's.
    expect(readAgeCounters(store, 4).downloads30d).toHaveLength(5)
    clearAgeCounters(store)
    expect([...readAgeCounters(store, 2).downloads30d]).toEqual([no, no, no])
  })

  test('are read beyond one chunk', () => {
    const store = temporaryStore()
    store.sqlite.transaction(() =>
      addAgeCounters(
        store,
        Array.from({ length: 10_000 }, (_, at) => counter(at * 2, at)),
      ),
    )()
    const { downloads30d } = readAgeCounters(store, 20_000)
    expect(downloads30d.filter(value => !Number.isNaN(value))).toHaveLength(10_000)
    expect([downloads30d[0], downloads30d[19_998], downloads30d[19_999]]).toEqual([0, 9_999, Number.NaN])
  })
})

describe('monthly shares', () => {
  const share = (month: string, parts: Partial<MonthlyShare> = {}): MonthlyShare => ({
    month,
    relations: 'finetune',
    counter: 'downloads30d',
    threshold: 5,
    considered: 10,
    counterUnknown: 1,
    counted: 4,
    publishers: 3,
    capped: 3.5,
    lines: [
      { attribution: 'base', line: 'china', repos: 1.5, capped: 1 },
      { attribution: 'base', line: 'europe', repos: 2.5, capped: 2.5 },
      { attribution: 'root', line: 'china', repos: 4, capped: 3.5 },
    ],
    ...parts,
  })
  const SHARES: MonthlyShare[] = [
    share('2026-01'),
    share('2026-01', { threshold: 10, counted: 0, publishers: 0, capped: 0, lines: [] }),
    share('2026-01', { counter: 'downloads30dAt30Days' }),
    share('2026-01', {
      counter: 'downloadsAllTime',
      lines: [{ attribution: 'publisher', line: 'other', repos: 1 / 3, capped: 1 / 3 }],
    }),
    share('2026-01', { relations: 'merge' }),
    share('2026-02', { considered: 1 }),
  ]

  test('come back as they were written, and go when others are', () => {
    const store = temporaryStore()
    expect(readMonthlyShares(store)).toEqual([])
    replaceMonthlyShares(store, SHARES)
    const key = ({ month, relations, counter, threshold }: MonthlyShare) =>
      [month, relations, counter, threshold].join()
    const sorted = [...SHARES].sort((a, b) => (key(a) < key(b) ? -1 : 1))
    expect(readMonthlyShares(store).sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(sorted)
    replaceMonthlyShares(store, [share('2025-12')])
    expect(readMonthlyShares(store)).toEqual([share('2025-12')])
  })

  test('are in the view with their denominators', () => {
    const store = temporaryStore()
    replaceMonthlyShares(store, SHARES)
    const chosen = (attribution: string) =>
      readRaw(
        store,
        `SELECT line, repos, counted, share, capped, counted_capped, share_capped, considered, counter_unknown, publishers
         FROM v1_monthly_share WHERE month = '2026-01' AND relations = 'finetune' AND counter = 'downloads_30d' AND threshold = 5
           AND attribution = ? ORDER BY line`,
        attribution,
      )
    expect(chosen('base')).toEqual([
      ['china', 1.5, 4, 0.375, 1, 3.5, 1 / 3.5, 10, 1, 3],
      ['europe', 2.5, 4, 0.625, 2.5, 3.5, 2.5 / 3.5, 10, 1, 3],
    ])
    expect(chosen('root')).toEqual([['china', 4, 4, 1, 3.5, 3.5, 1, 10, 1, 3]])
  })
})
