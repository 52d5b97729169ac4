import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import type { FaultRequest } from '../../fixtures/miniature-hub/faults.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { type Log, silentLog } from '../../src/domain/effects.ts'
import { type CaptureOptions, captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { createdAtCursor } from '../../src/source/created-at-cursor.ts'
import { createHubClient, type HubClient } from '../../src/source/hub-client.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { findRunningSweep } from '../../src/store/sweep-ledger.ts'
import { findBoundaries, listRanges } from '../../src/store/sweep-ranges.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { readRaw } from '../store/capturing.ts'
import { absentees, factLines, sweepCounts } from '../store/census-content.ts'
import { clientOf, fakeClock, MIGRATIONS, temporaryFolder, temporaryStore } from '../support/census.ts'

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03'] as const
const [D1, D2] = DAYS

/** A million seconds apart, from 2023-11 to 2026-02, so that a first sweep has something in most of its ranges. */
const numberOf = (index: number) => index * 1_000_000

interface Warning {
  message: string
  fields: Record<string, unknown>
}

/** One file that sweeps a Hub, and what it was warned of. */
interface Sweeping {
  store: Store
  warnings: Warning[]
  sweep(day: string, options?: Partial<CaptureOptions> & { at?: string }): ReturnType<typeof captureSweep>
}

function sweeping(hub: MiniatureHub, store: Store, client?: HubClient): Sweeping {
  const clock = fakeClock(0)
  const own = client ?? clientOf(hub, clock)
  const warnings: Warning[] = []
  const log: Log = { ...silentLog, warn: (fields, message) => warnings.push({ message, fields }) }
  return {
    store,
    warnings,
    sweep(day, { at = `${day}T12:00:00Z`, ...options } = {}) {
      hub.serveDay(day)
      clock.set(at)
      const chosen = { pageSize: 4, notice: null, ...options }
      return captureSweep(chosen, { hub: own, store, clock, log })
    },
  }
}

async function hubOf(days: Record<string, CatalogueRow[]>): Promise<MiniatureHub> {
  const catalogue = catalogueFromDays(new Map(Object.entries(days)))
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  return hub
}

/** The same days walked by one walker without any disturbance: what every other way has to come to. */
async function undisturbed(days: Record<string, CatalogueRow[]>, some = Object.keys(days)): Promise<Store> {
  const alone = sweeping(await hubOf(days), temporaryStore())
  for (const day of some) await alone.sweep(day)
  return alone.store
}

function expectSameCensus(store: Store, other: Store): void {
  expect(factLines(store)).toEqual(factLines(other))
  expect(sweepCounts(store)).toEqual(sweepCounts(other))
  expect(absentees(store)).toEqual(absentees(other))
}

/** Pages of the census, and not the one row it asks for to try a cursor. */
const isPage = ({ params }: Pick<FaultRequest, 'params'>) => params.get('limit') !== '1'

/** Whether a page is asked for from where the walk was parted: no page of the Hub has named that cursor. */
function beginsRange(store: Store): (request: FaultRequest) => boolean {
  return request => {
    const running = findRunningSweep(store)
    const cursor = request.params.get('cursor')
    if (!isPage(request) || cursor === null || running === null) return false
    return listRanges(store, running.sweepKey).some(
      ({ afterHubId }) => afterHubId !== null && createdAtCursor(afterHubId) === cursor,
    )
  }
}

const wide = (count: number, parts: (index: number) => Partial<CatalogueRow> = () => ({})) =>
  Array.from({ length: count }, (_, index) =>
    row(numberOf(index), {
      id: `lab/m${index}`,
      downloads: index,
      downloadsAllTime: index * 10,
      ...parts(index),
    }),
  )

const cursorOf = ({ url }: { url: string }) => new URL(url, 'http://hub').searchParams.get('cursor')
const isProbe = ({ url }: { url: string }) => url.includes('limit=1&')

describe('a sweep by several walkers', () => {
  interface LifeDay {
    isListed: boolean
    downloads: number
    allTime: number | null
    isRenamed: boolean
    isRetasked: boolean
    declares: number
  }
  interface Life {
    index: number
    bases: number[]
    days: LifeDay[]
  }
  const lifeDay: fc.Arbitrary<LifeDay> = fc.record({
    isListed: fc.integer({ min: 0, max: 4 }).map(value => value > 0),
    downloads: fc.oneof(fc.nat(3), fc.constant(2 ** 31)),
    allTime: fc.option(fc.nat(3), { freq: 4 }),
    isRenamed: fc.integer({ min: 0, max: 4 }).map(value => value === 0),
    isRetasked: fc.integer({ min: 0, max: 4 }).map(value => value === 0),
    declares: fc.nat(3),
  })
  const life: fc.Arbitrary<Life> = fc.record({
    index: fc.nat(71),
    bases: fc.array(fc.nat(71), { maxLength: 2 }),
    days: fc.array(lifeDay, { minLength: DAYS.length, maxLength: DAYS.length }),
  })
  const lives = fc.uniqueArray(life, {
    minLength: 5,
    maxLength: 30,
    size: 'max',
    selector: ({ index }) => index,
  })

  function rowOn({ index, bases, days }: Life, at: number): CatalogueRow[] {
    const { isListed, downloads, allTime, isRenamed, isRetasked, declares } = days[at]!
    if (!isListed) return []
    return [
      row(numberOf(index) + 7, {
        id: isRenamed ? `meta/r${index}` : `qwen/m${index}`,
        downloads,
        ...(allTime === null ? {} : { downloadsAllTime: allTime }),
        ...(isRetasked ? { pipeline_tag: 'text-generation' } : {}),
        tags: bases.slice(0, declares).map(base => `base_model:finetune:qwen/m${base}`),
      }),
    ]
  }
  // Standing ones beside them, in every stretch: without them one death would already be too much to be believed.
  const rowsOn = (all: readonly Life[], at: number) => [
    ...all.flatMap(one => rowOn(one, at)),
    ...Array.from({ length: 72 }, (_, index) =>
      row(numberOf(index) + 500, { id: `anchor/a${index}`, downloads: 5, downloadsAllTime: 50 }),
    ),
  ]

  const TOTALS = 'SELECT * FROM daily_total ORDER BY day, scope, attribution, axis, key'
  const SHARES = `SELECT day, counter, born, considered, counter_unknown, counted, publishers FROM daily_share
    ORDER BY day, counter, born`

  test('is one census with a sweep by one, on the first day and on later ones, and one headline', async () => {
    const folder = temporaryFolder()
    let files = 0
    const seen = { gone: 0, absent: 0, renamed: 0, edges: 0, parted: 0, held: 0 }
    await fc.assert(
      fc.asyncProperty(
        lives,
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 3, max: 20 }),
        async (all, walkers, pageSize) => {
          const catalogue = catalogueFromDays(new Map(DAYS.map((day, at) => [day, rowsOn(all, at)])))
          const hub = await startMiniatureHub({ catalogue, quota: null })
          const clock = fakeClock(0)
          const client = createHubClient({
            endpoint: hub.origin,
            token: null,
            userAgent: 'hub-census-test',
            quotaShare: 1,
            clock,
            log: silentLog,
          })
          const [one, several] = [0, 1].map(() =>
            openStore({ file: join(folder, `${files++}.db`), migrationsFolder: MIGRATIONS }),
          ) as [Store, Store]
          try {
            for (const day of DAYS) {
              const alone = await sweeping(hub, one, client).sweep(day, { pageSize: 31 })
              const shared = await sweeping(hub, several, client).sweep(day, { pageSize, walkers })
              expect(shared).toMatchObject({ began: 'fresh', heldBecause: alone.heldBecause })
              const ranges = listRanges(several, shared.sweep.sweepKey)
              expect(ranges).toHaveLength(walkers)
              seen.parted += ranges.filter(({ pageCount }) => pageCount > 1).length > 1 ? 1 : 0
              seen.held += shared.sweep.state === 'held' ? 1 : 0
              expectSameCensus(several, one)
              for (const store of [one, several])
                publishDailyTotals({ store, registry: EVERY_KIND, clock, log: silentLog })
              expect(readRaw(several, TOTALS)).toEqual(readRaw(one, TOTALS))
              expect(readRaw(several, SHARES)).toEqual(readRaw(one, SHARES))
            }
            expect(readRaw(several, 'PRAGMA foreign_key_check')).toEqual([])
            const count = (query: string) => readRaw(several, query)[0]![0] as number
            seen.gone += count("SELECT count(*) FROM event WHERE kind = 'removal'")
            seen.renamed += count('SELECT count(*) FROM repo_name')
            seen.absent += count('SELECT count(*) FROM sweep_absence')
            seen.edges += count('SELECT count(*) FROM base_edge WHERE base_hub_id IS NOT NULL')
          } finally {
            one.close()
            several.close()
            await client.close()
            await hub.close()
          }
        },
      ),
      // Its smaller cases would take minutes to find; the seed is told.
      { numRuns: 30, endOnFailure: true },
    )
    const { held: _, ...wanted } = seen
    expect(Math.min(...Object.values(wanted)), JSON.stringify(seen)).toBeGreaterThan(5)
  }, 180_000)

  test.each([2, 3, 5])(
    'of %i finds a boundary that is no more, and the first and last row of a stretch',
    async walkers => {
      const hub = await hubOf({ [D1]: wide(60), [D2]: wide(60) })
      const shared = sweeping(hub, temporaryStore())
      await shared.sweep(D1)
      const boundaries = findBoundaries(shared.store, walkers)
      expect(boundaries).toHaveLength(walkers - 1)
      const isAt = (id: string) => boundaries.some(boundary => boundary === id)
      const before = wide(60)
      const missing = [
        before.filter(({ _id }) => isAt(_id)),
        before.filter((_, index) => isAt(before[index - 1]?._id ?? '')),
        [before[0]!, before.at(-1)!],
      ]
      for (const gone of missing) {
        const days = {
          [D1]: before,
          // As many are born as are gone, so that the gone are believed.
          [D2]: [
            ...before.filter(found => !gone.includes(found)),
            ...gone.map((_, index) => row(numberOf(65 + index), { id: `lab/born${index}` })),
          ],
        }
        const again = sweeping(await hubOf(days), temporaryStore())
        await again.sweep(D1)
        expect(findBoundaries(again.store, walkers)).toEqual(boundaries)
        const { sweep } = await again.sweep(D2, { walkers })
        expect(sweep).toMatchObject({ absentCount: gone.length, rowCount: 60 })
        expectSameCensus(again.store, await undisturbed(days))
      }
    },
  )

  test('misses everybody of a stretch in which nobody is listed any more', async () => {
    const before = wide(60)
    const hub = await hubOf({ [D1]: before, [D2]: before.filter((_, index) => index < 20 || index >= 45) })
    const [one, several] = [sweeping(hub, temporaryStore()), sweeping(hub, temporaryStore())]
    for (const { sweep } of [one, several]) await sweep(D1)
    await one.sweep(D2, { acceptShrinkage: true })
    const { sweep } = await several.sweep(D2, { acceptShrinkage: true, walkers: 5 })
    expect(sweep).toMatchObject({ state: 'complete', absentCount: 25 })
    expectSameCensus(several.store, one.store)
  })

  test('asks the Hub once about its cursors, for one row, before it begins', async () => {
    const hub = await hubOf({ [D1]: wide(60), [D2]: wide(60) })
    const shared = sweeping(hub, temporaryStore())
    for (const day of [D1, D2]) {
      const asked = hub.requests.length
      await shared.sweep(day, { walkers: 3 })
      const requests = hub.requests.slice(asked)
      expect(requests.filter(isProbe)).toHaveLength(1)
      expect(isProbe(requests[0]!)).toBe(true)
      expect(requests.every(({ status }) => status === 200)).toBe(true)
    }
    const asked = hub.requests.length
    await sweeping(hub, temporaryStore()).sweep(D1)
    expect(hub.requests.slice(asked).some(isProbe)).toBe(false)
    expect(shared.warnings).toEqual([])
  })

  test('notes once that the Hub refuses a field, however many walkers hear it', async () => {
    const days = { [D1]: wide(60, () => ({ likes: 3, pipeline_tag: 'text-generation' })), [D2]: wide(60) }
    const alone = sweeping(await hubOf(days), temporaryStore())
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    await alone.sweep(D1)
    await shared.sweep(D1)
    const lone = await hubOf(days)
    const other = sweeping(lone, temporaryStore())
    await other.sweep(D1)
    for (const server of [hub, lone])
      server.faults.push({ kind: 'rejectExpand', value: 'likes', times: Number.POSITIVE_INFINITY })
    await other.sweep(D2)
    const { sweep } = await shared.sweep(D2, { walkers: 3 })
    expect(sweep.refusedFields).toEqual(['likes'])
    expect(readRaw(shared.store, "SELECT count(*) FROM event WHERE kind = 'field-refused'")).toEqual([[1]])
    expectSameCensus(shared.store, other.store)
  })
})

describe('when the Hub takes no cursor made by hand, a sweep by several walkers', () => {
  const days = {
    [D1]: wide(60),
    [D2]: wide(60, index => ({ downloads: index + 1, ...(index === 3 ? { id: 'lab/renamed' } : {}) })),
  }
  const refuse = (status: number) => (hub: MiniatureHub) =>
    hub.faults.push({ kind: 'status', status, on: request => !isPage(request), times: 99 })

  test.each([
    ['refuses them with 400', refuse(400)],
    ['knows no such page', refuse(404)],
    ['refuses them with 422', refuse(422)],
    [
      'answers from the start',
      (hub: MiniatureHub) =>
        hub.faults.push({
          kind: 'editRows',
          on: request => !isPage(request),
          edit: () => [{ _id: hubId(numberOf(0)), createdAt: '2023-11-14T22:13:20.000Z' }],
          times: 99,
        }),
    ],
  ])('is one walk with one warning: it %s', async (_, script) => {
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    script(hub)
    for (const [index, day] of [D1, D2].entries()) {
      const asked = hub.requests.length
      const { sweep, began } = await shared.sweep(day, { walkers: 4 })
      expect({ began, state: sweep.state }).toEqual({ began: 'fresh', state: 'complete' })
      expect(listRanges(shared.store, sweep.sweepKey)).toMatchObject([
        { range: 0, afterHubId: null, untilHubId: null, isDone: true },
      ])
      expect(shared.warnings).toHaveLength(index + 1)
      expect(shared.warnings[index]).toMatchObject({
        message: 'the Hub does not take cursors made by hand; going on with one walker',
        fields: { walkers: 4 },
      })
      // Refused is refused: the question is not asked again.
      expect(hub.requests.slice(asked).filter(isProbe)).toHaveLength(1)
    }
    expectSameCensus(shared.store, await undisturbed(days))
  })

  test('is no such walk when the Hub takes them', async () => {
    const hub = await hubOf(days)
    const [first, later] = [sweeping(hub, temporaryStore()), sweeping(hub, temporaryStore())]
    await later.sweep(D1)
    for (const [{ store, sweep, warnings }, day] of [
      [first, D1],
      [later, D2],
    ] as const) {
      const captured = await sweep(day, { walkers: 4 })
      expect(listRanges(store, captured.sweep.sweepKey)).toHaveLength(4)
      expect(warnings).toEqual([])
      expectSameCensus(store, await undisturbed(days, day === D1 ? [D1] : [D1, D2]))
    }
  })

  test('begins nothing when the Hub cannot even be asked', async () => {
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    hub.faults.push({ kind: 'status', status: 503, times: 99 })
    await expect(shared.sweep(D1, { walkers: 3 })).rejects.toThrow(HubError)
    expect(readRaw(shared.store, 'SELECT count(*) FROM sweep')).toEqual([[0]])
    hub.faults.clear()
    for (const day of [D1, D2]) await shared.sweep(day, { walkers: 3 })
    expectSameCensus(shared.store, await undisturbed(days))
  })

  const newest = (store: Store) => {
    const [rows, , , , , , , , ...rest] = sweepCounts(store).at(-1)!.slice(2)
    return [rows, rest]
  }
  const CURSOR_REFUSED = 'the Hub refuses a cursor; the sweep begins again in one walk'

  test.each([
    ['of every walker', 4],
    ['of one walker', 1],
  ])(
    'begins again in one walk when the first cursor %s is refused only after the trial',
    async (_, times) => {
      const hub = await hubOf(days)
      const shared = sweeping(hub, temporaryStore())
      const alone = await undisturbed(days)
      for (const day of [D1, D2]) {
        hub.faults.clear()
        hub.faults.push({ kind: 'status', status: 400, on: beginsRange(shared.store), times })
        const { sweep, began } = await shared.sweep(day, { walkers: 4 })
        expect({ began, state: sweep.state }).toEqual({ began: 'fresh', state: 'complete' })
        expect(listRanges(shared.store, sweep.sweepKey)).toHaveLength(1)
      }
      expect(shared.warnings.map(({ message }) => message)).toEqual([CURSOR_REFUSED, CURSOR_REFUSED])
      expect(
        readRaw(shared.store, 'SELECT day, state FROM v1_sweep ORDER BY started_at, state DESC'),
      ).toEqual([
        [D1, 'partial'],
        [D1, 'complete'],
        [D2, 'partial'],
        [D2, 'complete'],
      ])
      expect(factLines(shared.store)).toEqual(factLines(alone))
      expect(newest(shared.store)).toEqual(newest(alone))
    },
  )

  test('begins again in one walk when its cursors have expired while it was interrupted', async () => {
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    await shared.sweep(D1)
    const stop = new AbortController()
    const onPage = ({ pageCount }: { pageCount: number }) => {
      if (pageCount === 5) stop.abort()
    }
    expect(await shared.sweep(D2, { walkers: 3, signal: stop.signal, onPage })).toMatchObject({
      interrupted: true,
    })
    hub.faults.push({
      kind: 'status',
      status: 410,
      on: request =>
        isPage(request) && request.params.has('cursor') && findRunningSweep(shared.store)?.sweepKey === 2,
      times: 99,
    })
    const { sweep, began } = await shared.sweep(D2, { walkers: 3 })
    expect({ began, state: sweep.state }).toEqual({ began: 'fresh', state: 'complete' })
    expect(shared.warnings.map(({ message }) => message)).toEqual([CURSOR_REFUSED])
    const alone = await undisturbed(days)
    expect(factLines(shared.store)).toEqual(factLines(alone))
    expect(newest(shared.store)).toEqual(newest(alone))
  })
})

describe('an interrupted sweep by several walkers', () => {
  const days = {
    [D1]: wide(60),
    [D2]: wide(60, index => ({
      downloads: index + 2,
      ...(index % 7 === 3 ? { id: `meta/r${index}`, tags: ['base_model:finetune:lab/m1'] } : {}),
    })).map((found, index) =>
      index % 30 === 11 ? row(numberOf(index) + 5, { id: `lab/born${index}` }) : found,
    ),
  }

  test.each([2, 3, 5])(
    'of %i goes on with each stretch where it was, after a stop at any page',
    async walkers => {
      const hub = await hubOf(days)
      const whole = sweeping(hub, temporaryStore())
      const broken = sweeping(hub, temporaryStore())
      for (const { sweep } of [whole, broken]) await sweep(D1)
      const straight = await whole.sweep(D2, { walkers })
      let runs = 0
      let isInterrupted = true
      while (isInterrupted) {
        const running = findRunningSweep(broken.store)
        const before = running === null ? [] : listRanges(broken.store, running.sweepKey)
        const asked = hub.requests.length
        const stop = new AbortController()
        const result = await broken.sweep(D2, {
          // What was parted stays parted, whatever is asked for now.
          walkers: runs % 2 === 0 ? walkers : 1,
          signal: stop.signal,
          onPage: () => stop.abort(),
        })
        isInterrupted = result.interrupted
        expect(result.began).toBe(runs === 0 ? 'fresh' : 'resumed')
        runs += 1
        if (before.length === 0) continue
        expect(listRanges(broken.store, result.sweep.sweepKey)).toHaveLength(walkers)
        expect(hub.requests.slice(asked).some(isProbe)).toBe(false)
        const cursors = hub.requests.slice(asked).map(cursorOf)
        const now = listRanges(broken.store, result.sweep.sweepKey)
        const moved = before.filter(({ range, pageCount }) => now[range]!.pageCount > pageCount)
        expect(moved.length).toBeGreaterThan(0)
        for (const { afterHubId, cursor, isDone } of moved) {
          expect(isDone).toBe(false)
          expect(cursors).toContain(cursor ?? (afterHubId === null ? null : createdAtCursor(afterHubId)))
        }
      }
      expect(runs).toBeGreaterThan(5)
      expectSameCensus(broken.store, whole.store)
      expectSameCensus(broken.store, await undisturbed(days))
      // No page was walked twice and none was left out: the stretches have the pages they have without a stop.
      const pages = (store: Store, sweepKey: number) =>
        listRanges(store, sweepKey).map(({ range, pageCount, isDone }) => [range, pageCount, isDone])
      expect(pages(broken.store, 2)).toEqual(pages(whole.store, straight.sweep.sweepKey))
      expect(findRunningSweep(broken.store)).toBeNull()
    },
  )

  test('by a walker that fails keeps every page committed, stops the other walkers, and resumes', async () => {
    const dense = (more: number) =>
      Array.from({ length: 200 }, (_, index) =>
        row(index * 300_000, { id: `lab/m${index}`, downloads: index + more }),
      )
    const many = { [D1]: dense(0), [D2]: dense(1) }
    const hub = await hubOf(many)
    const shared = sweeping(hub, temporaryStore())
    const { store } = shared
    await shared.sweep(D1)
    const lame = createdAtCursor(findBoundaries(store, 4)[1]!)
    hub.faults.push({
      kind: 'status',
      status: 403,
      on: request => isPage(request) && request.params.get('cursor') === lame,
      times: Number.POSITIVE_INFINITY,
    })
    const heard: number[] = []
    const failing = shared.sweep(D2, {
      pageSize: 2,
      walkers: 4,
      onPage: ({ pageCount }) => heard.push(pageCount),
    })
    await expect(failing).rejects.toMatchObject({ name: 'HubError', status: 403 })
    const running = findRunningSweep(store)!
    expect(running).toMatchObject({ day: D2, pageCount: heard.length })
    const ranges = listRanges(store, running.sweepKey)
    expect(ranges[2]).toMatchObject({ pageCount: 0, isDone: false })
    // Twenty-five pages each, and the third failed with its first: the others did not walk to their ends.
    expect(ranges.filter(({ isDone }) => isDone)).toEqual([])
    expect(ranges.reduce((sum, { pageCount }) => sum + pageCount, 0)).toBe(heard.length)
    const rows = readRaw(
      store,
      'SELECT sum(row_count), count(*) FROM sweep_page WHERE sweep_key = ?',
      running.sweepKey,
    )
    expect(rows).toEqual([[running.rowCount || null, heard.length]])
    // Nobody goes on behind the caller's back.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve))
    expect(findRunningSweep(store)).toEqual(running)
    hub.faults.clear()
    expect(await shared.sweep(D2, { pageSize: 2, walkers: 4 })).toMatchObject({
      began: 'resumed',
      sweep: { state: 'complete', sweepKey: running.sweepKey },
    })
    expectSameCensus(store, await undisturbed(many))
  })

  test('fails with what the first walker met, not with the stop of another', async () => {
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    await shared.sweep(D1)
    hub.faults.push({
      kind: 'status',
      status: 500,
      on: request => isPage(request) && request.params.has('cursor'),
      times: Number.POSITIVE_INFINITY,
    })
    await expect(shared.sweep(D2, { walkers: 5 })).rejects.toThrow(HubError)
    hub.faults.clear()
    await shared.sweep(D2)
    expectSameCensus(shared.store, await undisturbed(days))
  })
})

describe('a row that the Hub lists outside its stretch', () => {
  const days = {
    [D1]: wide(60),
    [D2]: wide(60, index => ({ downloads: index + 2, downloadsAllTime: index * 10 + 3 })),
  }
  const at = (index: number) => days[D2][index]!
  /** As it goes over the wire. */
  const sent = (found: CatalogueRow) => ({ lastModified: found.createdAt, ...found })
  const insert = (place: number, found: CatalogueRow) => (rows: unknown[]) =>
    rows.toSpliced(place, 0, sent(found))

  test.each([
    ['the first page', () => (request: FaultRequest) => request.params.get('cursor') === null],
    ['the first page of another stretch', beginsRange],
  ])('far above, on %s, cuts no stretch short', async (_, on) => {
    const hub = await hubOf(days)
    const shared = sweeping(hub, temporaryStore())
    await shared.sweep(D1)
    hub.faults.push({
      kind: 'editRows',
      on: request => isPage(request) && on(shared.store)(request),
      edit: insert(1, at(58)),
    })
    const { sweep } = await shared.sweep(D2, { walkers: 3 })
    expect(sweep).toMatchObject({ state: 'complete', absentCount: 0 })
    expect(factLines(shared.store)).toEqual(factLines(await undisturbed(days)))
  })

  test.each([0, 1, 17, 18, 19])(
    'far below (number %i), on two first pages of other stretches, counts where it belongs and nowhere else',
    async index => {
      const hub = await hubOf(days)
      const shared = sweeping(hub, temporaryStore())
      await shared.sweep(D1)
      const strange = at(index)
      // Not as its own stretch shows it: of two answers about one repository in one sweep, its own one stands.
      const edit = insert(1, { ...strange, id: 'lab/strange', downloads: 777_777, downloadsAllTime: 1 })
      hub.faults.push({
        kind: 'editRows',
        on: beginsRange(shared.store),
        edit,
        times: 2,
      })
      // No page of seven ends where a stretch ends: only the walkers of the other two meet it.
      await shared.sweep(D2, { walkers: 3, pageSize: 7 })
      expect(hub.faults.fired).toHaveLength(2)
      expectSameCensus(shared.store, await undisturbed(days))
    },
  )
})

describe('a row without a readable `_id` where two stretches meet', () => {
  const days = {
    [D1]: wide(60),
    [D2]: wide(60, index => ({ downloads: index + 2, downloadsAllTime: index * 10 + 3 })),
  }
  const at = (index: number) => days[D2][index]!
  const hide = (unreadable: string) => (rows: unknown[]) =>
    rows.map(found => ((found as CatalogueRow)._id === unreadable ? { id: 'lab/no-id' } : found))
  /** The last row of the first of two stretches. */
  const BOUNDARY = 29

  /** The second day by one walker and by two, both from a first day by one. */
  async function twice(script: (hub: MiniatureHub, walkers: number) => void): Promise<[Store, Store]> {
    const stores = [1, 2].map(async walkers => {
      const hub = await hubOf(days)
      const { store, sweep } = sweeping(hub, temporaryStore())
      await sweep(D1)
      expect(findBoundaries(store, 2)).toEqual([at(BOUNDARY)._id])
      script(hub, walkers)
      await sweep(D2, { walkers, pageSize: 7 })
      return store
    })
    return [await stores[0]!, await stores[1]!]
  }

  // On the last page of the first stretch, with its last two rows and the first five of the second one.
  test.each([
    ['before the last row of the first', -1],
    ['the last of the first', 0],
    ['the first of the second', 1],
    ['the second of the second', 2],
  ])('is set aside once, and nobody is missed for it: %s', async (_, offset) => {
    const [alone, shared] = await twice(hub =>
      hub.faults.push({
        kind: 'editRows',
        on: isPage,
        edit: hide(at(BOUNDARY + offset)._id),
        times: Number.POSITIVE_INFINITY,
      }),
    )
    expect(sweepCounts(alone)[1]!.slice(1, 10)).toEqual(['complete', 60, 59, 0, 1, 0, 0, 0, 0])
    expectSameCensus(shared, alone)
    expect(readRaw(shared, 'SELECT reason FROM quarantine')).toEqual(
      readRaw(alone, 'SELECT reason FROM quarantine'),
    )
  })

  test('is set aside although a row from far above stands in front of it', async () => {
    const unreadable = at(5)._id
    const [alone, shared] = await twice((hub, walkers) =>
      hub.faults.push({
        kind: 'editRows',
        on: request => isPage(request) && !request.params.has('cursor'),
        edit: rows => (walkers === 1 ? hide(unreadable)(rows) : [{ ...at(58) }, ...hide(unreadable)(rows)]),
      }),
    )
    expectSameCensus(shared, alone)
    expect(readRaw(shared, 'SELECT count(*) FROM quarantine')).toEqual([[1]])
  })
})
