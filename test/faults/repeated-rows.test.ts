import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { DAY, hubId, row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import { FOR_EVER, publishedWorld, readAll, withCensusOf } from './sweeping.ts'

const ROWS = 12
const PAGE_SIZE = 3
const PAGES = ROWS / PAGE_SIZE

const rows = Array.from({ length: ROWS }, (_, index) =>
  row(index + 1, {
    downloads: 10 * (index + 1),
    likes: index,
    // One in three carries no lifetime counter: unknown has to stay out of the sums too.
    ...(index % 3 === 0 ? {} : { downloadsAllTime: 1000 + index }),
  }),
)

/** A row listed once more, on some page: as it is, or with counters that moved meanwhile. */
interface Repeat {
  number: number
  page: number
  moved: { downloads: number; downloadsAllTime: number } | null
}

const repeat: fc.Arbitrary<Repeat> = fc.record({
  number: fc.integer({ min: 1, max: ROWS }),
  page: fc.nat(PAGES - 1),
  moved: fc.option(fc.record({ downloads: fc.nat(5000), downloadsAllTime: fc.nat(2 ** 33) }), { freq: 2 }),
})

/** The row again. One without a lifetime counter does not get one by being repeated. */
function repeated({ number, moved }: Repeat): CatalogueRow {
  const found = rows[number - 1]!
  if (moved === null || found.downloadsAllTime !== undefined) return { ...found, ...moved }
  return { ...found, downloads: moved.downloads }
}

/** Every page as it is listed: its own rows, then the repeats, in the order of their making. */
function listedPages(repeats: readonly Repeat[]): CatalogueRow[][] {
  return Array.from({ length: PAGES }, (_, page) => [
    ...rows.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
    ...repeats.filter(found => found.page === page).map(repeated),
  ])
}

const sumOf = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

test('case 20: rows repeated anywhere are one repository each: the later one wins, repeats are counted, sums count once', async () => {
  const folder = temporaryFolder()
  let files = 0
  const seen = { moved: 0, early: 0, samePage: 0, interrupted: 0, secondDay: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(repeat, { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat(PAGES - 2)),
      fc.boolean(),
      async (repeats, stopAfter, isSecondDay) => {
        const pages = listedPages(repeats)
        const last = new Map(pages.flat().map(listed => [listed._id, listed]))
        const days = new Map([
          ['2026-08-18', rows],
          [DAY, rows],
        ])
        await withCensusOf(days, join(folder, `${files++}.db`), async ({ hub, store, capture, publish }) => {
          if (isSecondDay) {
            await capture('2026-08-18')
            publish()
          }
          hub.faults.push({
            kind: 'editRows',
            times: FOR_EVER,
            edit: given =>
              pages[
                Math.floor(rows.findIndex(({ _id }) => _id === (given[0] as CatalogueRow)._id) / PAGE_SIZE)
              ]!,
          })
          const stop = new AbortController()
          const onPage = ({ pageCount }: { pageCount: number }) => {
            if (stopAfter !== null && pageCount === stopAfter + 1) stop.abort(new Error('stop'))
          }
          const first = await capture(DAY, { signal: stop.signal, onPage })
          expect(first.interrupted).toBe(stopAfter !== null)
          const { sweep } = stopAfter === null ? first : await capture(DAY)
          expect(sweep).toMatchObject({
            state: 'complete',
            rowCount: ROWS + repeats.length,
            duplicateCount: repeats.length,
            quarantinedCount: 0,
            absentCount: 0,
            downloads30dTotal: sumOf([...last.values()].map(({ downloads }) => downloads)),
            downloadsAllTimeTotal: sumOf([...last.values()].map(({ downloadsAllTime }) => downloadsAllTime)),
            allTimeKnownCount: [...last.values()].filter(
              ({ downloadsAllTime }) => downloadsAllTime !== undefined,
            ).length,
          })
          expect(
            readAll(store, 'SELECT hub_id, downloads_30d, downloads_all_time FROM v1_repo ORDER BY hub_id'),
          ).toEqual(
            [...last.values()]
              .sort((a, b) => (a._id < b._id ? -1 : 1))
              .map(({ _id, downloads, downloadsAllTime }) => [_id, downloads, downloadsAllTime ?? null]),
          )
          expect(
            readAll(store, 'SELECT day, hub_id FROM v1_observation GROUP BY 1, 2 HAVING count(*) > 1'),
          ).toEqual([])
          publish()
          const world = [ROWS, sweep.downloads30dTotal, sweep.downloadsAllTimeTotal]
          expect(publishedWorld(store, DAY)).toEqual(world)
          publish({ recompute: true })
          expect(publishedWorld(store, DAY)).toEqual(world)
        })
        seen.moved += repeats.some(({ moved }) => moved !== null) ? 1 : 0
        seen.early += repeats.some(({ number, page }) => page < Math.floor((number - 1) / PAGE_SIZE)) ? 1 : 0
        seen.samePage += repeats.some(({ number, page }) => page === Math.floor((number - 1) / PAGE_SIZE))
          ? 1
          : 0
        seen.interrupted += stopAfter === null ? 0 : 1
        seen.secondDay += isSecondDay ? 1 : 0
      },
    ),
    { numRuns: 60 },
  )
  // A generator that never reached these would prove nothing about them.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
})

test('case 20: rows repeated with the same numbers leave every fact and the headline as without them', async () => {
  const folder = temporaryFolder()
  const facts = async (name: string, pages: CatalogueRow[][]) =>
    withCensusOf(new Map([[DAY, rows]]), join(folder, name), async ({ hub, store, capture, publish }) => {
      let page = 0
      hub.faults.push({ kind: 'editRows', times: FOR_EVER, edit: () => pages[page++]! })
      await capture(DAY)
      publish()
      expect(
        store.sqlite.prepare('SELECT count(*) FROM v1_repo WHERE hub_id = ?').pluck().get(hubId(2)),
      ).toBe(1)
      return contentLines(store.file).filter(line => !/^(sweep\w*|totals_basis) /.test(line))
    })
  const plain = await facts('plain.db', listedPages([]))
  const repeats = [
    { number: 2, page: 0, moved: null },
    { number: 2, page: 2, moved: null },
    { number: 7, page: 3, moved: null },
  ]
  expect(await facts('repeated.db', listedPages(repeats))).toEqual(plain)
})

test('case 20: a repeat that leaves the lifetime counter out publishes the same night by night as recomputed', async () => {
  const folder = temporaryFolder()
  const [first] = rows
  const known = { ...first!, downloadsAllTime: 70 }
  const days = new Map([
    ['2026-08-18', [first!]],
    [DAY, [first!]],
  ])
  await withCensusOf(days, join(folder, 'census.db'), async ({ hub, store, capture, publish }) => {
    await capture('2026-08-18')
    publish()
    hub.faults.push({ kind: 'editRows', edit: () => [known, first] })
    expect((await capture(DAY)).sweep).toMatchObject({
      rowCount: 2,
      duplicateCount: 1,
      downloadsAllTimeTotal: 70,
    })
    publish()
    const nightByNight = publishedWorld(store, DAY)
    publish({ recompute: true })
    expect(publishedWorld(store, DAY)).toEqual(nightByNight)
  })
})
