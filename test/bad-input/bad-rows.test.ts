import { describe, expect, test } from 'vitest'
import type { MiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { sweepEnd } from '../../src/pipeline/take-census.ts'
import type { Store } from '../../src/store/open-store.ts'
import { findCompleteSweep } from '../../src/store/sweep-ledger.ts'
import { hubId, serve } from '../fixtures/tiny-hub.ts'
import { fakeClock, temporaryStore } from '../support/census.ts'
import { FOR_EVER, isPage, NOON, sweep, threePages, undisturbed } from './three-page-hub.ts'

type Row = Record<string, unknown>

/** Replaces the second row of page 2, repository 5, whenever it is served. */
function spoil(hub: MiniatureHub, edit: (row: Row) => unknown): void {
  hub.faults.push({
    kind: 'editRows',
    on: isPage(2),
    times: FOR_EVER,
    edit: rows => rows.map((row, position) => (position === 1 ? edit(row as Row) : row)),
  })
}

const without = (row: Row, field: string) =>
  Object.fromEntries(Object.entries(row).filter(([key]) => key !== field))

const quarantine = (store: Store) =>
  store.sqlite
    .prepare(
      'SELECT sweep_key AS sweepKey, page, position, lower(hex(hub_id)) AS hubId, reason, raw_json AS rawJson FROM quarantine ORDER BY quarantine_key',
    )
    .all() as {
    sweepKey: number
    page: number
    position: number
    hubId: string | null
    reason: string
    rawJson: string
  }[]

const knownIds = (store: Store) =>
  store.sqlite.prepare('SELECT lower(hex(hub_id)) FROM repo ORDER BY 1').pluck().all()

describe('one bad row is set aside and every other row is kept', () => {
  const count = (field: string, value: unknown): [string, (row: Row) => unknown, string] => [
    `${field} ${JSON.stringify(value)}`,
    row => ({ ...row, [field]: value }),
    `${field}: expected a count, got ${JSON.stringify(value)}`,
  ]
  const cases: [string, (row: Row) => unknown, string][] = [
    ['downloads missing', row => without(row, 'downloads'), 'downloads: expected a count, got nothing'],
    count('downloads', null),
    count('downloads', '500'),
    count('downloads', '1,234'),
    count('downloads', 12.5),
    count('downloads', -5),
    count('downloads', true),
    count('downloads', 2 ** 53),
    count('downloadsAllTime', '3400000005'),
    count('downloadsAllTime', 10 ** 18),
    count('likes', '5'),
    ['_id missing', row => without(row, '_id'), '_id: expected 24 hexadecimal digits, got nothing'],
    ['id missing', row => without(row, 'id'), 'id: expected owner/name, got nothing'],
    ['null', () => null, 'row: expected an object, got null'],
    ['a list', () => [1, 2], 'row: expected an object, got [1,2]'],
    ['a text', () => 'lab/model-5', 'row: expected an object, got "lab/model-5"'],
  ]
  test.each(cases)('%s', async (_, edit, reason) => {
    const { hub } = await threePages()
    let served: unknown
    spoil(hub, row => {
      served = edit(row)
      return served
    })
    const store = temporaryStore()
    const { sweep: done } = await sweep(hub, store)
    expect(done).toMatchObject({
      state: 'complete',
      rowCount: 9,
      storedCount: 8,
      unchangedCount: 0,
      quarantinedCount: 1,
      pageCount: 3,
    })
    expect(knownIds(store)).toEqual([1, 2, 3, 4, 6, 7, 8, 9].map(hubId))
    const readable = typeof served === 'object' && served !== null && '_id' in served
    expect(quarantine(store)).toEqual([
      {
        sweepKey: done.sweepKey,
        page: 1,
        position: 1,
        // SQLite's hex of nothing is an empty text.
        hubId: readable ? hubId(5) : '',
        reason,
        rawJson: JSON.stringify(served),
      },
    ])
    // The sums are of the rows understood.
    expect(done.downloads30dTotal).toBe((1 + 2 + 3 + 4 + 6 + 7 + 8 + 9) * 100)
    expect(
      sweepEnd({ sweep: done, began: 'fresh', heldBecause: null, judgement: null, interrupted: false }),
    ).toMatchObject({
      exitCode: EXIT_CODES.complete,
      summary: expect.stringContaining('rows in 9 = stored 8 + unchanged 0 + quarantined 1'),
    })
  })

  test('of a megabyte, of which the first 4,096 characters are kept', async () => {
    const { hub } = await threePages()
    spoil(hub, row => ({ ...without(row, 'downloads'), padding: 'x'.repeat(1 << 20) }))
    const store = temporaryStore()
    expect((await sweep(hub, store)).sweep.state).toBe('complete')
    expect(quarantine(store)[0]?.rawJson).toHaveLength(4096)
  })
})

describe('a repository known from yesterday', () => {
  async function twoDays(edit: (row: Row) => unknown) {
    const { hub } = await threePages()
    const store = temporaryStore()
    const clock = fakeClock(NOON)
    await sweep(hub, store, { clock })
    clock.set('2026-08-20T12:00:00Z')
    spoil(hub, edit)
    return { store, done: (await sweep(hub, store, { clock })).sweep }
  }

  test('keeps its counters and is not taken for gone when its row is bad today', async () => {
    const { store, done } = await twoDays(row => ({ ...row, downloads: '999' }))
    expect(done).toMatchObject({ day: '2026-08-20', unchangedCount: 8, quarantinedCount: 1, absentCount: 0 })
    expect(
      store.sqlite
        .prepare('SELECT downloads_30d, gone_on FROM repo WHERE hub_id = ?')
        .raw()
        .get(Buffer.from(hubId(5), 'hex')),
    ).toEqual([500, null])
    expect(store.sqlite.prepare('SELECT count(*), count(DISTINCT day) FROM observation').raw().get()).toEqual(
      [9, 1],
    )
  })

  test('is not taken for gone when its row cannot even be named', async () => {
    const { store, done } = await twoDays(() => null)
    expect(done).toMatchObject({ state: 'complete', quarantinedCount: 1, absentCount: 0 })
    expect(store.sqlite.prepare('SELECT count(*) FROM repo WHERE gone_on IS NOT NULL').pluck().get()).toBe(0)
  })
})

test('rows in = stored + unchanged + quarantined is refused by the table when it is not so', async () => {
  const { hub } = await threePages()
  spoil(hub, () => null)
  const store = temporaryStore()
  await sweep(hub, store)
  const sum = 'SELECT row_count - stored_count - unchanged_count - quarantined_count FROM sweep'
  expect(store.sqlite.prepare(sum).pluck().get()).toBe(0)
  for (const column of ['row_count', 'stored_count', 'unchanged_count', 'quarantined_count']) {
    expect(() => store.sqlite.exec(`UPDATE sweep SET ${column} = ${column} + 1`)).toThrow(
      'sweep_rows_balance',
    )
  }
})

describe('a flood of bad rows', () => {
  test('holds the day back with exit code 6: the good rows are kept and no metric reads them', async () => {
    const { hub } = await threePages()
    hub.faults.push({
      kind: 'editRows',
      on: isPage(2),
      edit: rows => rows.map(row => ({ ...(row as Row), downloads: 'many' })),
    })
    const store = temporaryStore()
    const result = await sweep(hub, store)
    expect(result.sweep).toMatchObject({ state: 'held', rowCount: 9, storedCount: 6, quarantinedCount: 3 })
    const end = sweepEnd(result)
    expect(end.exitCode).toBe(EXIT_CODES.held)
    expect(end.summary).toContain('held back')
    expect(end.summary).toContain('rows in 9 = stored 6 + unchanged 0 + quarantined 3')
    expect(end.summary).toContain('quarantine')
    expect(findCompleteSweep(store)).toBeNull()
    expect(quarantine(store).map(({ hubId: id }) => id)).toEqual([4, 5, 6].map(hubId))
  })

  test('makes nothing gone, and the next good sweep is complete again', async () => {
    const { hub } = await threePages()
    await undisturbed(hub)
    const store = temporaryStore()
    const clock = fakeClock(NOON)
    await sweep(hub, store, { clock })
    clock.set('2026-08-20T12:00:00Z')
    hub.faults.push({ kind: 'editRows', edit: () => [null, null, null], times: 3 })
    expect((await sweep(hub, store, { clock })).sweep.state).toBe('held')
    clock.set('2026-08-21T12:00:00Z')
    expect((await sweep(hub, store, { clock })).sweep).toMatchObject({ state: 'complete', unchangedCount: 9 })
    expect(store.sqlite.prepare("SELECT count(*) FROM event WHERE kind = 'removal'").pluck().get()).toBe(0)
  })

  test('is more than one row and more than a thousandth: two of nine are held, one is not', async () => {
    for (const [bad, state] of [
      [1, 'complete'],
      [2, 'held'],
    ] as const) {
      const { hub } = await threePages()
      const edit = (rows: unknown[]) => rows.map((row, position) => (position < bad ? null : row))
      hub.faults.push({ kind: 'editRows', on: isPage(3), edit })
      expect((await sweep(hub, temporaryStore())).sweep.state).toBe(state)
    }
  })

  test('is not needed to hold back a list without any row', async () => {
    const result = await sweep(await serve([], { quota: null }), temporaryStore())
    expect(result.sweep).toMatchObject({ state: 'held', rowCount: 0 })
    expect(sweepEnd(result).exitCode).toBe(EXIT_CODES.held)
  })
})

test('hostile names are stored as they are and harm nothing', async () => {
  const { hub } = await threePages()
  const names = ['__proto__/constructor', "'); DROP TABLE repo; --/x", '\u202e<script>/\u0007']
  const edit = (rows: unknown[]) => rows.map((row, position) => ({ ...(row as Row), id: names[position] }))
  hub.faults.push({ kind: 'editRows', on: isPage(2), edit })
  const store = temporaryStore()
  expect((await sweep(hub, store)).sweep).toMatchObject({
    state: 'complete',
    storedCount: 9,
    quarantinedCount: 0,
  })
  const stored = store.sqlite
    .prepare('SELECT repo_id FROM repo WHERE hub_id >= ? AND hub_id <= ? ORDER BY hub_id')
    .pluck()
  expect(stored.all(Buffer.from(hubId(4), 'hex'), Buffer.from(hubId(6), 'hex'))).toEqual(names)
  expect(
    store.sqlite.prepare("SELECT count(*) FROM publisher WHERE handle = '__proto__'").pluck().get(),
  ).toBe(1)
})
