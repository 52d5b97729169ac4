import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import type { CaptureResult } from '../../src/pipeline/capture-sweep.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { type SweepOptions, sweepOnce } from '../faults/sweeping.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { readRaw } from '../store/capturing.ts'
import { factLines, sweepCounts } from '../store/census-content.ts'
import { fakeClock, MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'

const D1 = '2026-03-01'
const D2 = '2026-03-02'

/** Ninety repositories of some thirty handles, which differ from page to page and come again, with all that a row may have. */
const rowsOn = (more: number): CatalogueRow[] =>
  Array.from({ length: 90 }, (_, index) =>
    row(index * 1_000_000, {
      id: `${index % 3 === 0 ? 'Lab' : 'lab'}-${index % 29}/m${index}`,
      downloads: index + more,
      ...(index % 4 === 0 ? {} : { downloadsAllTime: index * 10 + more }),
      ...(index % 5 === 0 ? { pipeline_tag: `task-${index % 7}`, library_name: 'transformers' } : {}),
      ...(index % 6 === 0 ? { gated: 'auto' as const } : {}),
      tags: [
        ...(index % 3 === 1 ? [`license:l${index % 11}`] : []),
        ...(index % 2 === 1 ? [`base_model:finetune:lab-1/m${index - 1}`] : []),
      ],
    }),
  )
const DAYS = { [D1]: rowsOn(0), [D2]: [...rowsOn(1), row(95_000_000, { id: 'new-on-the-second/night' })] }

async function hubOf(days: Record<string, CatalogueRow[]> = DAYS): Promise<MiniatureHub> {
  const catalogue = catalogueFromDays(new Map(Object.entries(days)))
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  return hub
}

const newFile = () => join(temporaryFolder(), 'census.db')

/** One run of the program: it opens the file, sweeps and closes it again, whatever comes of the sweep. */
async function run(
  hub: MiniatureHub,
  file: string,
  day: string,
  options: Partial<SweepOptions> & { at?: string; look?(store: Store): void } = {},
): Promise<CaptureResult> {
  const { at = '12:00:00', look = () => {}, ...rest } = options
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  try {
    hub.serveDay(day)
    const clock = fakeClock(`${day}T${at}Z`)
    return await sweepOnce(hub, store, { clock, pageSize: 7, onPage: () => look(store), ...rest })
  } finally {
    look(store)
    store.close()
  }
}

/** Reads a file as whoever opens it next. */
function opened<T>(file: string, read: (store: Store) => T): T {
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  try {
    return read(store)
  } finally {
    store.close()
  }
}

/** Every index of the file's tables with its columns, whichever words made it. */
const indexes = (file: string) =>
  opened(file, store =>
    readRaw(
      store,
      `SELECT tables.name, list.name, "unique", partial, seqno, columns.name, coll, "desc"
       FROM sqlite_schema AS tables, pragma_index_list(tables.name) AS list, pragma_index_xinfo(list.name) AS columns
       WHERE tables.type = 'table' ORDER BY 1, 2, 5`,
    ),
  )

/** Whether SQLite looks at each row: the index of handles, foreign keys, CHECKs. */
const isLookedAt = ({ sqlite }: Store) => [
  sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'publisher_handle_unique'").get() !== undefined,
  sqlite.pragma('foreign_keys', { simple: true }) === 1,
  sqlite.pragma('ignore_check_constraints', { simple: true }) === 0,
]
const LOOKED_AT = [true, true, true]

/** Two files with the same rows under the same keys, the same indexes, and nothing in them that SQLite would refuse. */
function expectSameFile(file: string, other: string): void {
  expect(contentLines(file)).toEqual(contentLines(other))
  expect(indexes(file)).toEqual(indexes(other))
  expect(indexes(file)).toContainEqual(expect.arrayContaining(['publisher_handle_unique', 'handle']))
  opened(file, store => {
    expect(store.sqlite.pragma('foreign_key_check')).toEqual([])
    expect(store.sqlite.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
  })
}

/** A stop after the page with this number in a run. */
function stopAfter(pages: number): Pick<SweepOptions, 'signal' | 'onPage'> {
  const stop = new AbortController()
  let seen = 0
  return {
    signal: stop.signal,
    onPage() {
      seen += 1
      if (seen === pages) stop.abort()
    },
  }
}

describe('a first sweep', () => {
  test('lets rows wait for one look at all of them, and the second night has each looked at', async () => {
    const hub = await hubOf()
    const file = newFile()
    const first: unknown[] = []
    await run(hub, file, D1, { look: store => first.push(isLookedAt(store)) })
    expect(first).toEqual([...Array(13).fill([false, false, false]), LOOKED_AT])
    const second: unknown[] = []
    const { sweep } = await run(hub, file, D2, { look: store => second.push(isLookedAt(store)) })
    expect(sweep).toMatchObject({ state: 'complete', rowCount: 91 })
    expect(second).toEqual(Array(14).fill(LOOKED_AT))
    opened(file, store => {
      const handle = readRaw(store, "SELECT handle FROM v1_repo WHERE repo_id = 'new-on-the-second/night'")
      expect(handle).toEqual([['new-on-the-second']])
      expect(store.sqlite.pragma('foreign_key_check')).toEqual([])
    })
  })

  test.each([
    ['after its first page', [1]],
    ['half-way', [6]],
    ['after its last page but one', [12]],
    ['after every page', Array(12).fill(1)],
  ])('interrupted %s and resumed by another run is the file of an undisturbed one', async (_, stops) => {
    const hub = await hubOf()
    const [whole, broken] = [newFile(), newFile()]
    await run(hub, whole, D1)
    for (const [turn, pages] of (stops as number[]).entries()) {
      const result = await run(hub, broken, D1, stopAfter(pages))
      expect(result).toMatchObject({ interrupted: true, began: turn === 0 ? 'fresh' : 'resumed' })
      // The next run finds a file without the index, and rows that a reader understands.
      opened(broken, store => {
        expect(isLookedAt(store)).toEqual([false, true, true])
        expect(readRaw(store, 'SELECT count(*) FROM v1_repo')).toEqual([[result.sweep.rowCount]])
      })
    }
    expect(await run(hub, broken, D1)).toMatchObject({ interrupted: false, began: 'resumed' })
    expectSameFile(broken, whole)
    for (const file of [whole, broken]) await run(hub, file, D2)
    expectSameFile(broken, whole)
  })

  test('stopped when its last page was committed and not yet looked at is looked at by the next run', async () => {
    const hub = await hubOf()
    const [whole, broken] = [newFile(), newFile()]
    await run(hub, whole, D1)
    const dying = run(hub, broken, D1, {
      onPage({ pageCount }) {
        if (pageCount === 13) throw new Error('the process ends here')
      },
    })
    await expect(dying).rejects.toThrow('the process ends here')
    opened(broken, store => {
      expect(readRaw(store, 'SELECT state, row_count FROM sweep')).toEqual([['running', 90]])
      expect(isLookedAt(store)).toEqual([false, true, true])
    })
    const asked = hub.requests.length
    expect(await run(hub, broken, D1)).toMatchObject({ began: 'resumed', sweep: { state: 'complete' } })
    expect(hub.requests).toHaveLength(asked)
    expectSameFile(broken, whole)
  })

  test('by several walkers, each stopped half-way, has the facts of an undisturbed one', async () => {
    const hub = await hubOf()
    const [whole, broken] = [newFile(), newFile()]
    await run(hub, whole, D1)
    let stops = 0
    while ((await run(hub, broken, D1, { walkers: 3, ...stopAfter(2) })).interrupted) stops += 1
    expect(stops).toBeGreaterThan(1)
    const facts = (file: string) => opened(file, store => [factLines(store), sweepCounts(store)])
    expect(facts(broken)).toEqual(facts(whole))
    expect(indexes(broken)).toEqual(indexes(whole))
    opened(broken, store => expect(store.sqlite.pragma('foreign_key_check')).toEqual([]))
  })

  test('that the Hub refuses half-way has rows looked at again, and is resumed to the same file', async () => {
    const hub = await hubOf()
    const [whole, broken] = [newFile(), newFile()]
    await run(hub, whole, D1)
    hub.faults.push({ kind: 'status', status: 403, nth: 5 })
    let after: unknown = null
    const failing = run(hub, broken, D1, {
      look(store) {
        after = isLookedAt(store)
      },
    })
    await expect(failing).rejects.toMatchObject({ name: 'HubError', status: 403 })
    expect(after).toEqual([false, true, true])
    expect(await run(hub, broken, D1)).toMatchObject({ began: 'resumed', sweep: { state: 'complete' } })
    expectSameFile(broken, whole)
  })

  test('left for too long to be resumed is followed by a whole one with the same facts', async () => {
    const hub = await hubOf()
    const [whole, broken] = [newFile(), newFile()]
    await run(hub, whole, D1, { at: '23:00:00' })
    await run(hub, broken, D1, { at: '08:00:00', ...stopAfter(6) })
    expect(await run(hub, broken, D1, { at: '23:00:00' })).toMatchObject({ began: 'fresh' })
    opened(broken, store =>
      expect(readRaw(store, 'SELECT state FROM sweep ORDER BY sweep_key')).toEqual([
        ['partial'],
        ['complete'],
      ]),
    )
    const facts = (file: string) => opened(file, store => factLines(store))
    expect(facts(broken)).toEqual(facts(whole))
    expect(indexes(broken)).toEqual(indexes(whole))
  })

  /** Why the first sweep is held: rows that cannot be understood, or a Hub that lists nothing. */
  const reasons: [string, (hub: MiniatureHub) => void][] = [
    [
      'rows of one page',
      hub =>
        hub.faults.push({
          kind: 'editRows',
          on: ({ params }) => params.has('cursor'),
          edit: rows =>
            rows.map((found, at) => (at < 3 ? { ...(found as object), downloads: 'many' } : found)),
        }),
    ],
    ['an empty list', hub => hub.faults.push({ kind: 'status', status: 200, body: '[]' })],
  ]

  test.each(reasons)(
    'that is held for %s is followed by a good one with the same facts',
    async (_, spoil) => {
      const hub = await hubOf()
      const [whole, held] = [newFile(), newFile()]
      await run(hub, whole, D1)
      spoil(hub)
      const looks: unknown[] = []
      const look = (store: Store) => looks.push(isLookedAt(store))
      expect((await run(hub, held, D1, { look })).sweep.state).toBe('held')
      expect(looks.at(-1)).toEqual(LOOKED_AT)
      // What is in the file may be half a catalogue: it is filled once more, and looked at once more.
      looks.length = 0
      expect((await run(hub, held, D1, { at: '15:00:00', look })).sweep.state).toBe('complete')
      expect(looks).toEqual([...Array(13).fill([false, false, false]), LOOKED_AT])
      // But for the fact that it was held.
      const facts = (file: string) =>
        opened(file, store => factLines(store).filter(line => !line.startsWith('event ["day-held"')))
      expect(facts(held)).toEqual(facts(whole))
      expect(indexes(held)).toEqual(indexes(whole))
      for (const file of [whole, held]) expect((await run(hub, file, D2)).sweep.state).toBe('complete')
      expect(facts(held)).toEqual(facts(whole))
    },
  )

  test('with a row that breaks a rule of its table does not count, this time or the next', async () => {
    const hub = await hubOf()
    const file = newFile()
    const spoil = (store: Store) => store.sqlite.exec("UPDATE repo SET gated = 'yes' WHERE repo_key = 3")
    const spoilt = (look: (store: Store) => void) =>
      run(hub, file, D1, {
        look(store) {
          if (!isLookedAt(store).includes(true)) look(store)
        },
      })
    await expect(spoilt(spoil)).rejects.toThrow(/rules of their tables \(repo\)/)
    await expect(spoilt(() => {})).rejects.toThrow(StoreError)
    opened(file, store => {
      expect(readRaw(store, 'SELECT state FROM sweep')).toEqual([['running']])
      store.sqlite.exec("UPDATE repo SET gated = 'no' WHERE repo_key = 3")
    })
    expect(await run(hub, file, D1)).toMatchObject({ began: 'resumed', sweep: { state: 'complete' } })
  })
})
