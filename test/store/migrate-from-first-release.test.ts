import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { DEFINITION_VERSION } from '../../src/derive/headline-metrics.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { SWEEP_FIELDS } from '../../src/source/list-repos.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { findRunningSweep } from '../../src/store/sweep-ledger.ts'
import { listRanges } from '../../src/store/sweep-ranges.ts'
import { lab, registryOf } from '../derive/small-registry.ts'
import { ask, hubId, nextOf, row } from '../fixtures/tiny-hub.ts'
import { clientOf, MIGRATIONS } from '../support/census.ts'
import { type Capturing, capturing, readRaw } from './capturing.ts'
import { absentees, factLines, sweepCounts } from './census-content.ts'
import { type FirstPage, type FirstRelease, firstRelease } from './first-release.ts'

const [D1, D2, D3, D4, D5] = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'] as const
const REGISTRY = registryOf([lab('china'), lab('states', { countries: ['US'] })])
const PAGE_SIZE = 4

/** Everything that the first release could have noted, and something left to note for today's program. */
function rowsOn(at: 0 | 1 | 2 | 3 | 4): CatalogueRow[] {
  const rows = Array.from({ length: 22 }, (_, index): CatalogueRow[] => {
    const number = index + 1
    const parts: Partial<CatalogueRow> = {
      id: `${number % 2 === 0 ? 'china' : 'states'}/m${number}`,
      downloads: number * (number % 3 === 0 ? 10 + at : 10),
      downloadsAllTime: number * 100 + (number % 5 === 0 ? at : 0),
      likes: number % 4 === 0 ? at : 0,
      pipeline_tag: 'text-generation',
      library_name: 'transformers',
      tags: ['license:mit'],
      safetensors: { total: 2 ** 33 + number },
      gated: number % 7 === 0 ? 'auto' : false,
      lastModified: '2026-02-01T00:00:00.000Z',
    }
    if (number === 4 && at >= 2) parts.id = 'china/renamed'
    if (number === 5) parts.tags = [`base_model:finetune:china/${at >= 2 ? 'renamed' : 'm4'}`]
    if (number === 6) parts.tags = [at < 2 ? 'base_model:merge:states/m1' : 'base_model:quantized:states/m3']
    if (number === 7) parts.tags = ['base_model:elsewhere/x', 'base_model:finetune:elsewhere/x']
    if (number === 8 && at >= 2) parts.pipeline_tag = 'fill-mask'
    if (number === 9 && at >= 2) delete parts.downloadsAllTime
    if (number === 10 && at >= 2) parts.downloadsAllTime = 3
    // One goes and comes back; one is born.
    if (number === 11 && (at === 2 || at === 3)) return []
    if (number === 12 && at < 2) return []
    // Today's program meets these on the day that the first release began.
    if (number === 2 && at >= 3) parts.pipeline_tag = 'image-text-to-text'
    if (number === 17 && at >= 3) parts.id = 'states/renamed'
    if (number === 18 && at >= 3) parts.tags = ['base_model:adapter:china/m2']
    if (number === 19 && at === 3) return []
    if (number === 20 && at < 3) return []
    return [row(number, parts)]
  })
  return rows.flat()
}
const CATALOGUE = { [D1]: rowsOn(0), [D2]: rowsOn(1), [D3]: rowsOn(2), [D4]: rowsOn(3), [D5]: rowsOn(4) }

/** The pages of a day as the Hub lists them, with its cursors. */
async function pagesOf({ hub }: Capturing, day: string): Promise<FirstPage[]> {
  hub.serveDay(day)
  const fields = SWEEP_FIELDS.map(field => `expand[]=${field}`).join('&')
  const pages: FirstPage[] = []
  let path: string | null = `/api/models?limit=${PAGE_SIZE}&sort=createdAt&direction=1&${fields}`
  while (path !== null) {
    const heard: Awaited<ReturnType<typeof ask>> = await ask(hub, path)
    path = nextOf(heard.headers)?.slice(hub.origin.length) ?? null
    const cursor = path === null ? null : new URL(path, hub.origin).searchParams.get('cursor')
    pages.push({ rows: (heard.body as unknown[]).map(parseRepoRow), cursor })
  }
  return pages
}

/** A file of the first release after a complete, a partial and a complete day, in the middle of the next. */
async function oldFile(
  census: Capturing,
  pagesOfD4: number,
  edit: (pages: FirstPage[]) => FirstPage[] = pages => pages,
): Promise<FirstRelease> {
  const old = firstRelease()
  const source = census.hub.origin
  old.sweep({ day: D1, source, state: 'complete', pages: await pagesOf(census, D1) })
  old.sweep({ day: D2, source, state: 'partial', pages: (await pagesOf(census, D2)).slice(0, 2) })
  old.sweep({ day: D3, source, state: 'complete', pages: await pagesOf(census, D3) })
  publishAsThen(old)
  const pages = edit(await pagesOf(census, D4)).slice(0, pagesOfD4)
  old.sweep({ day: D4, source, state: 'running', pages })
  return old
}

/** Totals as the first release left them, but for the numbers, which nobody should see again. */
function publishAsThen({ sqlite }: FirstRelease): void {
  const add = sqlite.prepare(
    "INSERT INTO daily_total VALUES (?, 'all', 'publisher', 'region', ?, 999, 999, 999, 0, 0, 0)",
  )
  for (const day of [D1, D3])
    for (const key of ['china', 'united-states', 'europe']) add.run(numberOf(day), key)
  sqlite
    .prepare('INSERT INTO daily_total_basis VALUES (?, ?, 3, 0)')
    .run(REGISTRY.revision, DEFINITION_VERSION)
}

const numberOf = (day: string) => dayNumber(parseUtcDay(day))

/** Today's program on that file. */
function migrated(old: FirstRelease): Store {
  old.close()
  const store = openStore({ file: old.file, migrationsFolder: MIGRATIONS })
  onTestFinished(() => store.close())
  return store
}

/** Sweeps into a migrated file, from the Hub that the file knows. */
function captureInto(store: Store, { hub, clock }: Capturing, day: string, at = '12:00') {
  hub.serveDay(day)
  clock.set(`${day}T${at}:00Z`)
  const options = { pageSize: PAGE_SIZE, notice: null }
  return captureSweep(options, { hub: clientOf(hub, clock), store, clock, log: silentLog })
}

const resume = (store: Store, census: Capturing) => captureInto(store, census, D4, '12:30')

/** The file that today's program alone has after the same days, the fourth undisturbed. */
async function todaysFile(until: 3 | 4 | 5 = 4): Promise<Capturing> {
  const census = await capturing(CATALOGUE)
  const options = { pageSize: PAGE_SIZE }
  await census.capture(D1, options)
  const stop = new AbortController()
  const onPage = ({ pageCount }: { pageCount: number }) => {
    if (pageCount === 2) stop.abort()
  }
  await census.capture(D2, { ...options, signal: stop.signal, onPage })
  for (const day of [D3, D4, D5].slice(0, until - 2)) await census.capture(day, options)
  return census
}

const effects = (store: Store, { clock }: Capturing) => ({ store, registry: REGISTRY, clock, log: silentLog })
/** The first release told descriptions apart by other numbers. */
const WITHOUT_HASH = { columns: ['detail_hash'] }
const totals = (store: Store) =>
  readRaw(store, 'SELECT * FROM daily_total ORDER BY day, scope, attribution, axis, key')
const shares = (store: Store) => [
  readRaw(store, 'SELECT * FROM daily_share ORDER BY day, counter, born'),
  readRaw(store, 'SELECT * FROM v1_derivative_share ORDER BY day, counter, born, line'),
]
const count = (store: Store, from: string) => readRaw(store, `SELECT count(*) FROM ${from}`)[0]![0]

function expectSound(store: Store): void {
  expect(readRaw(store, 'PRAGMA integrity_check')).toEqual([['ok']])
  expect(readRaw(store, 'PRAGMA foreign_key_check')).toEqual([])
}

describe('a file of the first release', () => {
  test('says after the migration what it said before, in every view', async () => {
    const census = await capturing(CATALOGUE)
    const old = await oldFile(census, 3)
    const views = old.sqlite
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
      .pluck()
      .all() as string[]
    expect(views).toContain('v1_observation')
    const columns = new Map(
      views.map(view => [
        view,
        old.sqlite.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(view),
      ]),
    )
    // A view may gain columns; those it had are promised.
    const read = (sqlite: FirstRelease['sqlite'], view: string) =>
      sqlite
        .prepare(`SELECT ${columns.get(view)!.join(', ')} FROM ${view}`)
        .raw()
        .all()
        .map(found => JSON.stringify(found))
        .sort()
    const before = views.map(view => [view, read(old.sqlite, view)] as const)
    for (const [view, lines] of before) expect(lines.length, view).toBeGreaterThan(1)
    const store = migrated(old)
    for (const [view, lines] of before) expect(read(store.sqlite, view), view).toEqual(lines)
    const now = readRaw(store, "SELECT name FROM sqlite_schema WHERE type = 'view'").flat() as string[]
    for (const view of now) expect(() => readRaw(store, `SELECT * FROM ${view}`), view).not.toThrow()
    const series = (view: string) =>
      readRaw(
        store,
        `SELECT day, hub_id, repo_id, downloads_30d, downloads_all_time, likes FROM ${view} ORDER BY hub_id, day`,
      )
    expect(series('v1_series')).toEqual(series('v1_observation'))
    expect(series('v1_series')).toHaveLength(count(store, 'observation') as number)
    expect(count(store, 'v1_sweep_page')).toBe(count(store, 'sweep_page'))
    // Nothing is published of shares yet; the headline does without them.
    expect(answerHeadline({}, effects(store, census))).toMatchObject({ basis: { asOf: D3 }, shares: [] })
    expectSound(store)
  })

  test('holds what today’s program finds on the same days, but for the hash', async () => {
    const census = await capturing(CATALOGUE)
    const store = migrated(await oldFile(census, 0))
    const { store: todays } = await todaysFile(3)
    expect(factLines(store, WITHOUT_HASH)).toEqual(factLines(todays, WITHOUT_HASH))
    expect(sweepCounts(store).slice(0, 3)).toEqual(sweepCounts(todays))
    expect(absentees(store)).toEqual(absentees(todays))
    // The fixture knows every kind of incident; without one of them it would prove nothing about it.
    expect(readRaw(store, 'SELECT DISTINCT kind FROM event ORDER BY 1').flat()).toEqual([
      'drop',
      'removal',
      'rename',
      'task-change',
    ])
    expect(count(store, 'base_edge WHERE ended_on IS NOT NULL')).toBeGreaterThan(1)
  })

  test.each([
    ['before its first page', 0],
    ['after its first page', 1],
    ['in the middle', 3],
    ['before its last page', 4],
  ])('goes on with a sweep that was stopped %s, after its cursor, to the same content', async (_, pages) => {
    const census = await capturing(CATALOGUE)
    const d4 = await pagesOf(census, D4)
    expect(d4).toHaveLength(5)
    const store = migrated(await oldFile(census, pages))
    const running = findRunningSweep(store)!
    expect(running).toMatchObject({ day: D4, pageCount: pages, sweepKey: 4 })
    const cursor = pages === 0 ? null : d4[pages - 1]!.cursor
    expect(listRanges(store, 4)).toEqual([
      { range: 0, afterHubId: null, untilHubId: null, cursor, pageCount: pages, isDone: false },
    ])
    const asked = census.hub.requests.length
    const result = await resume(store, census)
    expect(result).toMatchObject({
      began: 'resumed',
      sweep: { state: 'complete', sweepKey: 4, pageCount: 5 },
    })
    const cursors = census.hub.requests
      .slice(asked)
      .map(({ url }) => new URL(url, census.hub.origin).searchParams.get('cursor'))
    expect(cursors).toEqual([null, ...d4.map(found => found.cursor)].slice(pages, 5))
    const todays = await todaysFile()
    expect(factLines(store, WITHOUT_HASH)).toEqual(factLines(todays.store, WITHOUT_HASH))
    expect(absentees(store)).toEqual(absentees(todays.store))
    const [rows, , , ...rest] = sweepCounts(store).at(-1)!.slice(2)
    const [todaysRows, , , ...todaysRest] = sweepCounts(todays.store).at(-1)!.slice(2)
    expect([rows, rest]).toEqual([todaysRows, todaysRest])
    expectSound(store)
    // One day later the numbers that tell descriptions apart are today's too.
    await captureInto(store, census, D5)
    await todays.capture(D5, { pageSize: PAGE_SIZE })
    expect(factLines(store)).toEqual(factLines(todays.store))
    expect(readRaw(store, 'SELECT day, state FROM v1_sweep ORDER BY day')).toEqual([
      [D1, 'complete'],
      [D2, 'partial'],
      [D3, 'complete'],
      [D4, 'complete'],
      [D5, 'complete'],
    ])
  })

  test('completes a sweep that was walked to its end and not closed, and asks for nothing', async () => {
    const census = await capturing(CATALOGUE)
    const store = migrated(await oldFile(census, 5))
    expect(listRanges(store, 4)).toMatchObject([{ range: 0, cursor: null, pageCount: 5, isDone: true }])
    const asked = census.hub.requests.length
    expect(await resume(store, census)).toMatchObject({ began: 'resumed', sweep: { state: 'complete' } })
    expect(census.hub.requests.length).toBe(asked)
    const todays = await todaysFile()
    expect(factLines(store, WITHOUT_HASH)).toEqual(factLines(todays.store, WITHOUT_HASH))
    expectSound(store)
  })

  test('misses nobody behind a row without an `_id` that ended its last page', async () => {
    const census = await capturing(CATALOGUE)
    // The third page ends in a row that shows no `_id`: it is the repository that the fourth page seems to lack.
    const hidden = rowsOn(3)[11]!._id
    const spoil = (pages: FirstPage[]) =>
      pages.map((found, index) =>
        index === 2
          ? { ...found, rows: found.rows.filter(({ hubId: id }) => id !== hidden), refused: [null] }
          : found,
      )
    const store = migrated(await oldFile(census, 3, spoil))
    expect(findRunningSweep(store)).toMatchObject({ rowCount: 12, quarantinedCount: 1 })
    const { sweep } = await resume(store, census)
    // Those that are really no more are further on.
    expect(sweep).toMatchObject({ state: 'complete', rowCount: rowsOn(3).length, absentCount: 1 })
    expect(readRaw(store, 'SELECT lower(hex(hub_id)) FROM repo WHERE gone_on = ?', numberOf(D4))).toEqual([
      [hubId(19)],
    ])
  })

  test('is described anew once, and nothing else comes of it', async () => {
    const census = await capturing({ ...CATALOGUE, [D4]: rowsOn(2), [D5]: rowsOn(2) })
    const store = migrated(await oldFile(census, 0))
    const before = factLines(store, WITHOUT_HASH)
    const hashes = () => readRaw(store, 'SELECT detail_hash FROM repo WHERE gone_on IS NULL').flat()
    const old = hashes()
    const first = await resume(store, census)
    expect(first.sweep).toMatchObject({ storedCount: rowsOn(2).length, unchangedCount: 0, absentCount: 0 })
    expect(factLines(store, WITHOUT_HASH)).toEqual(before)
    expect(hashes().filter(hash => old.includes(hash))).toEqual([])
    const second = await captureInto(store, census, D5)
    expect(second.sweep).toMatchObject({ storedCount: 0, unchangedCount: rowsOn(2).length })
    expect(factLines(store, WITHOUT_HASH)).toEqual(before)
  })

  test('has its totals and shares computed once, from its own observations', async () => {
    const census = await capturing(CATALOGUE)
    const store = migrated(await oldFile(census, 3))
    expect(totals(store).flat()).toContain(999)
    const run = () => publishDailyTotals(effects(store, census))
    expect(run()).toMatchObject({ from: 'history', days: 2 })
    const todays = await todaysFile(3)
    publishDailyTotals(effects(todays.store, todays))
    expect(totals(store).flat()).not.toContain(999)
    expect(totals(store)).toEqual(totals(todays.store))
    expect(shares(store)).toEqual(shares(todays.store))
    expect(shares(store)[1]!.length).toBeGreaterThan(0)
    expect(run()).toEqual({ days: 0, rows: 0, from: 'none' })
    await resume(store, census)
    await todays.capture(D4, { pageSize: PAGE_SIZE })
    for (const [found, own] of [
      [store, census],
      [todays.store, todays],
    ] as const)
      expect(publishDailyTotals(effects(found, own))).toMatchObject({ from: 'latest', days: 1 })
    expect(totals(store)).toEqual(totals(todays.store))
    expect(shares(store)).toEqual(shares(todays.store))
    expect(publishDailyTotals(effects(store, census), { recompute: true })).toMatchObject({ days: 3 })
    expect(totals(store)).toEqual(totals(todays.store))
    expectSound(store)
  })
})
