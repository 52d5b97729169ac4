import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { openStore } from '../../src/store/open-store.ts'
import { openPageRecorder } from '../../src/store/record-page.ts'
import { LeaseError } from '../../src/store/store-error.ts'
import { beginSweep, completeSweep, findRunningSweep, listSweeps } from '../../src/store/sweep-ledger.ts'
import { listRanges } from '../../src/store/sweep-ranges.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { MIGRATIONS, temporaryStore } from '../support/census.ts'
import { capturing, factsHash, page, readRaw, understood } from './capturing.ts'

const D1 = '2026-03-01'
const D2 = '2026-03-02'
const D3 = '2026-03-03'
const REPOS = `SELECT repo_id, downloads_30d, downloads_all_time, first_seen_on, gone_on FROM v1_repo ORDER BY hub_id`
const EVENTS = `SELECT day, kind, repo_id, detail FROM v1_event ORDER BY day, kind, repo_id`

const range = (from: number, until: number, parts: (n: number) => Partial<CatalogueRow> = () => ({})) =>
  Array.from({ length: until - from }, (_, index) => row(from + index, parts(from + index)))

describe('names', () => {
  test('a renamed repository keeps its series, its old name with its days, and an event', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { id: 'a/old', downloads: 5, downloadsAllTime: 50 })],
      [D2]: [row(1, { id: 'a/old', downloads: 6, downloadsAllTime: 60 })],
      [D3]: [row(1, { id: 'b/new', downloads: 7, downloadsAllTime: 70 })],
    })
    for (const day of [D1, D2, D3]) await capture(day)
    expect(sql('SELECT repo_id, handle, first_seen_on FROM v1_repo')).toEqual([['b/new', 'b', D1]])
    expect(sql('SELECT repo_id, valid_from, valid_until FROM v1_repo_name ORDER BY valid_from')).toEqual([
      ['a/old', D1, D3],
      ['b/new', D3, null],
    ])
    expect(sql('SELECT day, downloads_all_time FROM v1_observation ORDER BY day')).toEqual([
      [D1, 50],
      [D2, 60],
      [D3, 70],
    ])
    expect(sql(EVENTS)).toEqual([[D3, 'rename', 'b/new', '{"from":"a/old","to":"b/new"}']])
  })

  test('a name deleted and made again begins a new series; the first one is gone', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { id: 'a/x', downloads: 900, downloadsAllTime: 9000 }), row(2)],
      [D2]: [row(2), row(3, { id: 'a/x', downloads: 1, downloadsAllTime: 1 })],
    })
    await capture(D1)
    await capture(D2)
    expect(sql(REPOS)).toEqual([
      ['a/x', 900, 9000, D1, D2],
      ['lab/model-2', 0, null, D1, null],
      ['a/x', 1, 1, D2, null],
    ])
    expect(sql(EVENTS)).toEqual([[D2, 'removal', 'a/x', '{"repoId":"a/x","downloadsAllTime":9000}']])
  })

  test('two repositories that exchange their names each keep their own series', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { id: 'a/x', downloadsAllTime: 10 }), row(2, { id: 'a/y', downloadsAllTime: 20 })],
      [D2]: [row(1, { id: 'a/y', downloadsAllTime: 11 }), row(2, { id: 'a/x', downloadsAllTime: 21 })],
    })
    await capture(D1)
    await capture(D2)
    expect(sql('SELECT hub_id, repo_id, downloads_all_time FROM v1_repo ORDER BY 1')).toEqual([
      [hubId(1), 'a/y', 11],
      [hubId(2), 'a/x', 21],
    ])
    expect(sql('SELECT hub_id, downloads_all_time FROM v1_observation ORDER BY day, hub_id')).toEqual([
      [hubId(1), 10],
      [hubId(2), 20],
      [hubId(1), 11],
      [hubId(2), 21],
    ])
  })

  test('hostile names are stored as text and are found again', async () => {
    const names = [
      "a/'); DROP TABLE repo;--",
      'a/%_"]',
      '__proto__/constructor',
      'a/<img src=x onerror=alert(1)>',
      'a/\u202e\u0000',
    ]
    const { capture, sql } = await capturing({ [D1]: names.map((id, n) => row(n + 1, { id })) })
    await capture(D1)
    expect(sql('SELECT repo_id FROM repo ORDER BY hub_id').flat()).toEqual(names)
    for (const name of names) expect(sql('SELECT count(*) FROM repo WHERE repo_id = ?', name)).toEqual([[1]])
  })
})

describe('absence', () => {
  test('makes a repository gone when the sweep did not shrink by more than 1 %', async () => {
    const { capture, sql } = await capturing({ [D1]: range(0, 100), [D2]: range(1, 100) })
    await capture(D1, { pageSize: 30 })
    const { sweep } = await capture(D2, { pageSize: 30 })
    expect(sweep).toMatchObject({ rowCount: 99, absentCount: 1, state: 'complete' })
    expect(sql('SELECT repo_id FROM repo WHERE gone_on IS NOT NULL')).toEqual([['lab/model-0']])
  })

  test('makes nothing gone when it shrank by more: absences are recorded and wait for the next sweep', async () => {
    const { capture, sql } = await capturing({
      [D1]: range(0, 100),
      [D2]: range(2, 100),
      [D3]: range(2, 101),
    })
    await capture(D1, { pageSize: 30 })
    expect((await capture(D2, { pageSize: 30 })).sweep).toMatchObject({
      rowCount: 98,
      absentCount: 2,
      state: 'complete',
    })
    expect(sql('SELECT count(*) FROM repo WHERE gone_on IS NOT NULL')).toEqual([[0]])
    expect(sql('SELECT repo_id FROM sweep_absence JOIN repo USING (repo_key) ORDER BY 1').flat()).toEqual([
      'lab/model-0',
      'lab/model-1',
    ])
    await capture(D3, { pageSize: 30 })
    expect(sql('SELECT repo_id, gone_on FROM v1_repo WHERE gone_on IS NOT NULL ORDER BY 1')).toEqual([
      ['lab/model-0', D3],
      ['lab/model-1', D3],
    ])
  })

  test('above the last row of a sweep counts too', async () => {
    const { capture, sql } = await capturing({
      [D1]: range(0, 3),
      [D2]: [row(0), row(1), row(5)],
      [D3]: range(0, 2),
    })
    await capture(D1)
    await capture(D2)
    expect(sql('SELECT repo_id FROM repo WHERE gone_on IS NOT NULL')).toEqual([['lab/model-2']])
    expect((await capture(D3)).sweep.absentCount).toBe(1)
  })

  test('ends when the repository is listed again: same series, an event for each turn', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { downloadsAllTime: 10 }), row(2)],
      [D2]: [row(2), row(3)],
      [D3]: [row(1, { downloadsAllTime: 10 }), row(2), row(3)],
    })
    for (const day of [D1, D2, D3]) await capture(day)
    expect(sql(EVENTS).map(([day, kind, repoId]) => [day, kind, repoId])).toEqual([
      [D2, 'removal', 'lab/model-1'],
      [D3, 'return', 'lab/model-1'],
    ])
    expect(sql('SELECT gone_on FROM v1_repo WHERE repo_id = ?', 'lab/model-1')).toEqual([[null]])
    expect(sql('SELECT day FROM v1_observation WHERE repo_id = ?', 'lab/model-1')).toEqual([[D1]])
  })

  test('is not read from a row that could not be understood but shows its `_id`', async () => {
    const { hub, capture, sql } = await capturing({ [D1]: range(1, 5), [D2]: range(1, 5) })
    await capture(D1)
    hub.faults.push({
      kind: 'editRows',
      edit: rows =>
        rows.map((found, index) => (index === 0 ? { ...(found as object), downloads: '12' } : found)),
    })
    const { sweep } = await capture(D2)
    expect(sweep).toMatchObject({
      state: 'complete',
      rowCount: 4,
      quarantinedCount: 1,
      unchangedCount: 3,
      absentCount: 0,
    })
    const [[id, reason, raw]] = sql('SELECT hub_id, reason, raw_json FROM quarantine') as [
      [Buffer, string, string],
    ]
    expect(id.toString('hex')).toBe(hubId(1))
    expect(reason).toBe('downloads: expected a count, got "12"')
    expect(JSON.parse(raw)).toMatchObject({ id: 'lab/model-1', downloads: '12' })
    expect(sql('SELECT count(*) FROM sweep_absence')).toEqual([[0]])
  })

  test.each([
    ['first', 0],
    ['last', 1],
  ])('is not read from a page whose %s row has no `_id`; other pages are judged', async (_, position) => {
    const { hub, capture, sql } = await capturing({
      [D1]: range(1, 9),
      [D2]: [...range(1, 7), ...range(8, 10)],
    })
    await capture(D1)
    hub.faults.push({
      kind: 'editRows',
      nth: 2,
      edit: rows =>
        rows.map((found, index) => (index === position ? { id: 'some/thing', downloads: 1 } : found)),
    })
    const { sweep } = await capture(D2)
    expect(sweep).toMatchObject({ state: 'complete', rowCount: 8, quarantinedCount: 1 })
    expect(sql('SELECT repo_id FROM repo WHERE gone_on IS NOT NULL')).toEqual([['lab/model-7']])
    expect(sweep.absentCount).toBe(1)
  })

  test('is read from no held sweep', async () => {
    const { hub, capture, sql } = await capturing({ [D1]: range(1, 7), [D2]: range(1, 7) })
    await capture(D1)
    hub.faults.push({ kind: 'editRows', times: 2, edit: rows => rows.map(() => null) })
    const { sweep } = await capture(D2)
    expect(sweep).toMatchObject({
      state: 'held',
      quarantinedCount: 4,
      rowCount: 6,
      storedCount: 0,
      unchangedCount: 2,
    })
    expect(sql('SELECT count(*) FROM repo WHERE gone_on IS NOT NULL')).toEqual([[0]])
  })
})

describe('rows outside the count', () => {
  test('born during the walk are left to the next sweep and counted', async () => {
    const start = 1_700_000_100_000
    const rows = [row(1), row(2), row(150, { downloads: 7 }), row(99_999_999, { id: 'a/wrong-clock' })]
    const { capture, clock, sql } = await capturing({ [D1]: rows, [D2]: rows })
    const { sweep } = await capture(D1, { at: start, onPage: () => clock.set(start + 200_000) })
    expect(sweep).toMatchObject({ rowCount: 3, laterCount: 1, downloads30dTotal: 0 })
    expect(sql('SELECT repo_id FROM repo ORDER BY hub_id').flat()).toEqual([
      'lab/model-1',
      'lab/model-2',
      'a/wrong-clock',
    ])
    const next = await capture(D2, { at: start + 86_400_000 })
    expect(next.sweep).toMatchObject({ rowCount: 4, laterCount: 0, downloads30dTotal: 7, absentCount: 0 })
  })

  test('that are private are not stored, whoever asks', async () => {
    const rows = [row(1), row(2, { private: true, id: 'me/secret', downloads: 3 })]
    const { capture, store } = await capturing({ [D1]: rows }, { token: 'hf_example' })
    const { sweep } = await capture(D1)
    expect(sweep).toMatchObject({ rowCount: 1, privateCount: 1, downloads30dTotal: 0 })
    const everything = ['repo', 'publisher', 'quarantine', 'observation', 'sweep_page'].flatMap(table =>
      readRaw(store, `SELECT * FROM ${table}`),
    )
    expect(JSON.stringify(everything)).not.toContain('secret')
    expect(readRaw(store, 'SELECT handle FROM publisher')).toEqual([['lab']])
  })
})

describe('duplicates', () => {
  const original = row(2, { downloads: 20, downloadsAllTime: 200 })
  const days = {
    [D1]: [row(1, { downloads: 1, downloadsAllTime: 10 }), original, row(3, { downloads: 3 }), row(4)],
  }

  test('on two pages are one repository, the later observation wins, totals count it once', async () => {
    const { hub, capture, sql } = await capturing(days)
    hub.faults.push({
      kind: 'editRows',
      nth: 2,
      edit: rows => [...rows, { ...original, downloads: 25, downloadsAllTime: 205 }],
    })
    const { sweep } = await capture(D1)
    expect(sweep).toMatchObject({
      rowCount: 5,
      duplicateCount: 1,
      downloads30dTotal: 1 + 25 + 3,
      downloadsAllTimeTotal: 10 + 205,
      allTimeKnownCount: 2,
    })
    expect(
      sql('SELECT downloads_30d, downloads_all_time FROM v1_observation WHERE hub_id = ?', hubId(2)),
    ).toEqual([[25, 205]])
    expect(sql('SELECT count(*), sum(downloads_30d), sum(downloads_all_time) FROM repo')).toEqual([
      [4, 29, 215],
    ])
  })

  test('within a page are one repository, on the first day and on a later one', async () => {
    const { hub, capture, sql } = await capturing({ ...days, [D2]: days[D1]! })
    for (const day of [D1, D2]) {
      hub.faults.push({ kind: 'editRows', edit: rows => [rows[0], rows[1], rows[1]] })
      const { sweep } = await capture(day)
      expect(sweep).toMatchObject({
        rowCount: 5,
        duplicateCount: 1,
        downloads30dTotal: 24,
        downloadsAllTimeTotal: 210,
      })
    }
    expect(sql('SELECT count(*) FROM repo')).toEqual([[4]])
    expect(sql('SELECT count(*) FROM observation')).toEqual([[4]])
    expect(sql('SELECT count(*) FROM event')).toEqual([[0]])
  })

  test('out of order: a repository first taken for absent is seen, and counted once', async () => {
    const { hub, capture, sql } = await capturing({ ...days, [D2]: days[D1]! })
    await capture(D1)
    hub.faults.push(
      { kind: 'editRows', edit: rows => rows.slice(1) },
      { kind: 'editRows', edit: rows => [...rows, days[D1]![0]!] },
    )
    const { sweep } = await capture(D2)
    expect(sweep).toMatchObject({
      rowCount: 4,
      duplicateCount: 0,
      absentCount: 0,
      downloads30dTotal: 24,
      downloadsAllTimeTotal: 210,
    })
    expect(sql('SELECT count(*) FROM sweep_absence')).toEqual([[0]])
  })

  test('out of order: a gone repository that comes back late is no duplicate', async () => {
    const { hub, capture, sql } = await capturing({
      [D1]: days[D1]!,
      [D2]: [...days[D1]!.slice(1), row(5)],
      [D3]: [...days[D1]!.slice(1), row(5)],
    })
    await capture(D1)
    await capture(D2)
    hub.faults.push({ kind: 'editRows', nth: 2, edit: rows => [...rows, days[D1]![0]!] })
    const { sweep } = await capture(D3)
    expect(sweep).toMatchObject({
      duplicateCount: 0,
      downloads30dTotal: 24,
      downloadsAllTimeTotal: 210,
      absentCount: 0,
    })
    expect(sql('SELECT gone_on FROM repo WHERE repo_id = ?', 'lab/model-1')).toEqual([[null]])
  })

  test('out of order: a repository whose first row was refused is no duplicate', async () => {
    const { hub, capture } = await capturing({ ...days, [D2]: days[D1]! })
    await capture(D1)
    const spoil = (found: unknown) => ({ ...(found as object), downloads: 'many' })
    hub.faults.push(
      { kind: 'editRows', edit: ([first, ...rest]) => [spoil(first), ...rest] },
      { kind: 'editRows', edit: rows => [...rows, days[D1]![0]!] },
    )
    const { sweep } = await capture(D2)
    expect(sweep).toMatchObject({
      rowCount: 5,
      quarantinedCount: 1,
      duplicateCount: 0,
      downloads30dTotal: 24,
      downloadsAllTimeTotal: 210,
    })
  })
})

describe('counters', () => {
  test('are written only when one of them changed', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { downloads: 5, downloadsAllTime: 9, likes: 1 }), row(2, { downloads: 5 }), row(3)],
      [D2]: [
        row(1, { downloads: 5, downloadsAllTime: 9, likes: 2 }),
        row(2, { downloads: 5, tags: ['x'] }),
        row(3, { downloadsAllTime: 0 }),
      ],
      [D3]: [
        row(1, { downloads: 5, downloadsAllTime: 9, likes: 2 }),
        row(2, { downloads: 4 }),
        row(3, { downloadsAllTime: 0 }),
      ],
    })
    await capture(D1)
    expect((await capture(D2)).sweep).toMatchObject({ storedCount: 2, unchangedCount: 1 })
    expect((await capture(D3)).sweep).toMatchObject({ storedCount: 1, unchangedCount: 2 })
    expect(
      sql(
        'SELECT day, hub_id, downloads_30d, downloads_all_time, likes FROM v1_observation WHERE day > ? ORDER BY day, hub_id',
        D1,
      ),
    ).toEqual([
      [D2, hubId(1), 5, 9, 2],
      [D2, hubId(3), 0, 0, 0],
      [D3, hubId(2), 4, null, 0],
    ])
  })

  test('beyond 2^31 stay exact from the wire to the totals of the sweep', async () => {
    const { capture, sql } = await capturing({
      [D1]: [
        row(1, { downloads: 255_316_543, downloadsAllTime: 3_400_446_695 }),
        row(2, { downloads: 2_147_483_648, downloadsAllTime: 2_147_483_648 }),
      ],
    })
    const { sweep } = await capture(D1)
    expect(sweep).toMatchObject({ downloads30dTotal: 2_402_800_191, downloadsAllTimeTotal: 5_547_930_343 })
    expect(sql('SELECT downloads_all_time, typeof(downloads_all_time) FROM v1_repo ORDER BY hub_id')).toEqual(
      [
        [3_400_446_695, 'integer'],
        [2_147_483_648, 'integer'],
      ],
    )
    expect(sql('SELECT downloads_all_time_total FROM v1_sweep')).toEqual([[5_547_930_343]])
  })

  test('that fall are stored as seen, with a drop of the lifetime counter as an event', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1, { downloads: 100, downloadsAllTime: 1000 }), row(2, { downloads: 50 })],
      [D2]: [row(1, { downloads: 90, downloadsAllTime: 400 }), row(2, { downloads: 1 })],
      [D3]: [row(1, { downloads: 90, downloadsAllTime: 1010 }), row(2, { downloads: 1 })],
    })
    for (const day of [D1, D2, D3]) await capture(day)
    expect(
      sql('SELECT downloads_all_time FROM v1_observation WHERE hub_id = ? ORDER BY day', hubId(1)).flat(),
    ).toEqual([1000, 400, 1010])
    expect(sql(EVENTS)).toEqual([[D2, 'drop', 'lab/model-1', '{"from":1000,"to":400}']])
  })

  test('absent on the wire are unknown, never zero, and the total of nothing known is unknown', async () => {
    const { capture, sql } = await capturing({
      [D1]: [row(1), row(2)],
      [D2]: [row(1), row(2, { downloadsAllTime: 0 })],
    })
    expect((await capture(D1)).sweep).toMatchObject({ downloadsAllTimeTotal: null, allTimeKnownCount: 0 })
    expect((await capture(D2)).sweep).toMatchObject({ downloadsAllTimeTotal: 0, allTimeKnownCount: 1 })
    expect(sql('SELECT day, downloads_all_time_total FROM v1_sweep ORDER BY day')).toEqual([
      [D1, null],
      [D2, 0],
    ])
    expect(sql('SELECT downloads_all_time FROM v1_repo ORDER BY hub_id').flat()).toEqual([null, 0])
  })
})

describe('base edges', () => {
  const EDGES = `SELECT base_declared, relation, base_hub_id, first_seen_on, ended_on
    FROM v1_base_edge ORDER BY 1, 2, 4`
  const child = (tags: string[]) => row(5, { id: 'c/child', tags })
  const pair = (relation: string, base: string) => [`base_model:${base}`, `base_model:${relation}:${base}`]

  test('begin, end and begin again; none is deleted', async () => {
    const base = row(1, { id: 'a/base' })
    const { capture, sql } = await capturing({
      [D1]: [base, child(pair('finetune', 'a/base'))],
      [D2]: [base, child(pair('adapter', 'x/y'))],
      [D3]: [base, child([...pair('finetune', 'a/base'), 'base_model:bare'])],
    })
    await capture(D1)
    expect(sql(EDGES)).toEqual([['a/base', 'finetune', hubId(1), D1, null]])
    await capture(D2)
    expect(sql(EDGES)).toEqual([
      ['a/base', 'finetune', hubId(1), D1, D2],
      ['x/y', 'adapter', null, D2, null],
    ])
    await capture(D3)
    expect(sql(EDGES)).toEqual([
      ['a/base', 'finetune', hubId(1), D1, D2],
      ['a/base', 'finetune', hubId(1), D3, null],
      ['bare', 'undeclared', null, D3, null],
      ['x/y', 'adapter', null, D2, D3],
    ])
  })

  test('are resolved later, when the base appears, and stay unresolved on the days before', async () => {
    const { capture, sql } = await capturing({
      [D1]: [child(pair('quantized', 'a/base'))],
      [D2]: [row(1, { id: 'a/base' }), child(pair('quantized', 'a/base'))],
    })
    await capture(D1)
    expect(sql(EDGES)).toEqual([['a/base', 'quantized', null, D1, null]])
    await capture(D2)
    expect(sql(EDGES)).toEqual([
      ['a/base', 'quantized', null, D1, D2],
      ['a/base', 'quantized', hubId(1), D2, null],
    ])
    expect(sql('SELECT base_repo_id FROM v1_base_edge WHERE ended_on IS NULL')).toEqual([['a/base']])
  })
})

test('the view shows an unresolved base as null, as its documentation says', async () => {
  const { capture, sql } = await capturing({ [D1]: [row(1, { tags: ['base_model:finetune:x/y'] })] })
  await capture(D1)
  expect(sql('SELECT base_hub_id FROM v1_base_edge')).toEqual([[null]])
})

describe('the same day again', () => {
  const days = {
    [D1]: [
      ...range(1, 4, n => ({ downloads: n, downloadsAllTime: n * 10 })),
      row(5, { tags: ['base_model:finetune:lab/model-1'] }),
    ],
    [D2]: [
      row(1, { id: 'lab/renamed', downloads: 1, downloadsAllTime: 5 }),
      ...range(3, 7, n => ({ downloads: n })),
    ],
  }

  test('changes no fact, however often', async () => {
    const { capture, store } = await capturing(days)
    await capture(D1)
    await capture(D2)
    const once = factsHash(store)
    for (let again = 0; again < 2; again += 1) {
      expect(await capture(D2)).toMatchObject({ began: 'already-complete', interrupted: false })
      expect(factsHash(store)).toBe(once)
    }
  })

  test('after an interruption between any two pages ends in the same facts and the same sweep', async () => {
    const whole = await capturing(days)
    await whole.capture(D1)
    await whole.capture(D2)
    const broken = await capturing(days)
    await broken.capture(D1)
    let runs = 0
    for (let interrupted = true; interrupted; runs += 1) {
      const stop = new AbortController()
      const result = await broken.capture(D2, {
        signal: stop.signal,
        onPage: () => stop.abort(new Error('stop')),
      })
      expect(result.began).toBe(runs === 0 ? 'fresh' : 'resumed')
      interrupted = result.interrupted
    }
    expect(runs).toBe(3)
    expect(factsHash(broken.store)).toBe(factsHash(whole.store))
    const ledger =
      'SELECT day, state, page_count, row_count, stored_count, unchanged_count, absent_count, downloads_30d_total, downloads_all_time_total FROM sweep ORDER BY day'
    expect(readRaw(broken.store, ledger)).toEqual(readRaw(whole.store, ledger))
  })
})

describe('two processes on one sweep', () => {
  const day = parseUtcDay(D1)
  const begin = { source: 'x', notice: null, day, startedAt: 0 }
  const first = () => page([understood(1), understood(2)], { nextCursor: 'two' })

  test('the slower one gets a LeaseError and writes nothing', () => {
    const store = temporaryStore()
    const { sweepKey } = beginSweep(store, begin)
    const other = openStore({ file: store.file, migrationsFolder: MIGRATIONS })
    const [ours, theirs] = [openPageRecorder(store), openPageRecorder(other)]
    theirs({ sweepKey, range: 0, page: 0 }, day, first())
    const before = factsHash(store)
    let met: unknown
    try {
      ours(
        { sweepKey, range: 0, page: 0 },
        day,
        page([understood(1, { downloads: 999 }), understood(9)], { nextCursor: 'else' }),
      )
    } catch (error) {
      met = error
    }
    expect(met).toBeInstanceOf(LeaseError)
    expect((met as LeaseError).exitCode).toBe(4)
    expect(factsHash(store)).toBe(before)
    expect(findRunningSweep(store)).toMatchObject({ pageCount: 1, rowCount: 2 })
    expect(listRanges(store, sweepKey)).toMatchObject([{ pageCount: 1, cursor: 'two', isDone: false }])
    // Nor can anybody write to a sweep that was closed.
    completeSweep(other, sweepKey, 1, true)
    expect(() => theirs({ sweepKey, range: 0, page: 1 }, day, first())).toThrow(LeaseError)
    other.close()
  })

  test('a capture that is overtaken stops with exit 4; one sweep comes of it', async () => {
    const { capture, store } = await capturing({ [D1]: range(1, 7) })
    const other = openStore({ file: store.file, migrationsFolder: MIGRATIONS })
    const overtake = openPageRecorder(other)
    let isOvertaken = false
    const overtaken = capture(D1, {
      onPage({ pageCount }) {
        if (isOvertaken) return
        isOvertaken = true
        const { sweepKey } = findRunningSweep(other)!
        const { cursor } = listRanges(other, sweepKey)[0]!
        overtake(
          { sweepKey, range: 0, page: pageCount },
          day,
          page([understood(3), understood(4)], { nextCursor: cursor }),
        )
      },
    })
    await expect(overtaken).rejects.toMatchObject({ name: 'LeaseError', exitCode: 4 })
    other.close()
    expect(listSweeps(store)).toHaveLength(1)
    expect(readRaw(store, 'SELECT count(*) FROM repo')).toEqual([[4]])
  })

  test('a file locked by somebody else is a LeaseError that keeps what was committed', () => {
    const store = temporaryStore()
    const { sweepKey } = beginSweep(store, begin)
    const other = openStore({ file: store.file, migrationsFolder: MIGRATIONS, busyTimeout: 1 })
    const record = openPageRecorder(other)
    store.sqlite.exec('BEGIN IMMEDIATE')
    expect(() => record({ sweepKey, range: 0, page: 0 }, day, first())).toThrow(LeaseError)
    store.sqlite.exec('ROLLBACK')
    expect(record({ sweepKey, range: 0, page: 0 }, day, first())).toMatchObject({ storedCount: 2 })
    other.close()
  })

  test('a page that fails half-way leaves neither rows nor cursor', () => {
    const store = temporaryStore()
    const { sweepKey } = beginSweep(store, begin)
    const record = openPageRecorder(store)
    const broken = page([understood(1), { ...understood(2), downloads30d: 'x' as unknown as number }], {
      nextCursor: 'two',
    })
    expect(() => record({ sweepKey, range: 0, page: 0 }, day, broken)).toThrow()
    expect(findRunningSweep(store)).toMatchObject({ pageCount: 0, rowCount: 0 })
    expect(listRanges(store, sweepKey)).toMatchObject([{ pageCount: 0, cursor: null, isDone: false }])
    for (const table of ['repo', 'publisher', 'observation', 'sweep_page'])
      expect(readRaw(store, `SELECT count(*) FROM ${table}`)).toEqual([[0]])
    // Nor does the recorder remember keys of what was rolled back.
    expect(record({ sweepKey, range: 0, page: 0 }, day, first())).toMatchObject({ storedCount: 2 })
    expect(readRaw(store, 'PRAGMA foreign_key_check')).toEqual([])
  })
})
