import { expect, test } from 'vitest'
import type { Sweep } from '../../src/domain/sweep.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { listSweepPages, listSweeps, recordEffectiveDay } from '../../src/store/sweep-ledger.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing } from './capturing.ts'

const [D1, D2, D3] = ['2026-03-01', '2026-03-02', '2026-03-03'] as const

test('a page says how many repositories known before had another 30-day counter', async () => {
  const rows = (counters: readonly number[], from = 1) =>
    counters.map((downloads, index) => row(from + index, { downloads, downloadsAllTime: 100 + downloads }))
  const { capture, store, hub, sql } = await capturing({
    [D1]: rows([1, 2, 3, 4, 5, 6, 7]),
    // Only the lifetime counter of the third moved; the last two are new.
    [D2]: [
      ...rows([1, 9, 3, 9, 9, 6]).map((found, index) =>
        index === 2 ? { ...found, downloadsAllTime: 500 } : found,
      ),
      ...rows([8, 9, 10], 7),
    ],
    [D3]: rows([1, 9, 3, 9, 9, 6, 8, 9, 10]),
  })
  const pages = () => listSweeps(store).map(({ sweepKey }) => listSweepPages(store, sweepKey))
  for (const day of [D1, D2]) await capture(day)
  expect(pages().map(list => list.map(({ rowCount, movedCount }) => [rowCount, movedCount]))).toEqual([
    [
      [2, 0],
      [2, 0],
      [2, 0],
      [1, 0],
    ],
    [
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
      [1, 0],
    ],
  ])
  // Out of order, and twice: told from the row before it like every other.
  hub.faults.push({
    kind: 'editRows',
    on: ({ params }) => !params.has('cursor'),
    edit: ([first, second]) => [second, { ...(first as object), downloads: 77 }, second],
  })
  await capture(D3)
  expect(pages()[2]!.map(({ movedCount }) => movedCount)).toEqual([1, 0, 0, 0, 0])
  expect(pages()[2]!.every(({ observedAt }) => observedAt >= Date.parse(`${D3}T12:00:00Z`))).toBe(true)
  expect(sql('SELECT page, moved_count FROM v1_sweep_page WHERE day = ? ORDER BY page', D2)).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 0],
  ])
  // A page of a program before the counting says nothing of it.
  store.sqlite.exec('UPDATE sweep_page SET moved_count = NULL')
  expect(pages()[1]!.map(({ movedCount }) => movedCount)).toEqual(Array(5).fill(null))
})

test('a sweep says which refresh it saw once that is noted', async () => {
  const { capture, store, sql } = await capturing({ [D1]: [row(1)], [D2]: [row(1)] })
  for (const day of [D1, D2]) await capture(day)
  const [other, { sweepKey: key }] = listSweeps(store) as [Sweep, Sweep]
  recordEffectiveDay(store, key, parseUtcDay(D1), 'clock')
  recordEffectiveDay(store, key, parseUtcDay(D2), 'across')
  expect(listSweeps(store)[1]).toMatchObject({ day: D2, effectiveDay: D2, effectiveBy: 'across' })
  expect(listSweeps(store)[0]).toEqual(other)
  expect(sql('SELECT effective_day, effective_by FROM v1_sweep WHERE day = ?', D2)).toEqual([[D2, 'across']])
})
