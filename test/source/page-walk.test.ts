import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import type { Fault, FaultRequest } from '../../fixtures/miniature-hub/faults.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { type Log, silentLog } from '../../src/domain/effects.ts'
import type { RepoPage } from '../../src/domain/repo.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { type ListReposOptions, listRepos, SWEEP_FIELDS } from '../../src/source/list-repos.ts'
import { openPageReader } from '../../src/source/page-reader.ts'
import { ask, DAY, hubId, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock, PACKAGE_ROOT } from '../support/census.ts'
import { until } from '../support/cli.ts'
import { cursorAfter, type GatedRequest, gate, latch } from '../support/gated-hub.ts'
import { hubIdsOf, unpackRows } from './unpack-rows.ts'

const NOON = `${DAY}T12:00:00.000Z`
const FOR_EVER = Number.POSITIVE_INFINITY
const PAGE_SIZE = 2
/** Pages asked for and not yet handed over, at most: as many as the walk says itself. */
const UNDER_WAY = Number(
  /^const PAGES_UNDER_WAY = (\d+)$/m.exec(
    readFileSync(join(PACKAGE_ROOT, 'src', 'source', 'page-walk.ts'), 'utf8'),
  )![1],
)

const rowsOf = (count: number): CatalogueRow[] =>
  Array.from({ length: count }, (_, index) => row(index + 1, { likes: index, library_name: 'transformers' }))

const hubOf = (rows: CatalogueRow[]) => serve(rows, { quota: null, clock: { now: () => Date.parse(NOON) } })

/** The page of the request, from 1, by the row its cursor follows. */
const pageOf = ({ cursor }: { cursor: string | null }, pageSize = PAGE_SIZE) => {
  if (cursor === null) return 1
  const { _id } = JSON.parse(Buffer.from(cursor, 'base64').toString())
  return Number.parseInt(_id.$gt.slice(8), 16) / pageSize + 1
}

const isPage = (number: number) => (request: FaultRequest) =>
  request.params.get('cursor') === (number === 1 ? null : cursorAfter((number - 1) * PAGE_SIZE))

interface Told {
  refused: string[]
  warnings: unknown[]
}

/** A walk over the Hub, or a gate before it, that has not begun. */
function walkOver(hub: { origin: string }, options: Partial<ListReposOptions> & { attempts?: number } = {}) {
  const { attempts, ...others } = options
  const told: Told = { refused: [], warnings: [] }
  const clock = fakeClock(NOON)
  const log: Log = { ...silentLog, warn: fields => told.warnings.push(fields) }
  const pages = listRepos(clientOf(hub, clock, attempts === undefined ? {} : { attempts }), {
    cursor: null,
    startedAt: clock.now(),
    pageSize: PAGE_SIZE,
    refusedFields: [],
    reader: openPageReader(),
    clock,
    log,
    onRefusedField: field => told.refused.push(field),
    ...others,
  })
  return { pages, told }
}

async function collect(pages: AsyncIterable<RepoPage>): Promise<RepoPage[]> {
  const met: RepoPage[] = []
  for await (const page of pages) met.push(page)
  return met
}

/** Whatever the client set off has reached the Hub: a request made after it has come back, several times over. */
async function settle(hub: MiniatureHub): Promise<void> {
  for (let times = 0; times < 5; times += 1) await ask(hub, '/api/whoami-v2')
}

/** Fails the test when a promise is rejected and nobody hears of it. */
function expectEveryRejectionHeard(): () => void {
  const unheard: unknown[] = []
  const listen = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', listen)
  onTestFinished(() => void process.off('unhandledRejection', listen))
  return () => expect(unheard).toEqual([])
}

describe('pages ahead', () => {
  test('are asked for while one is read and written, never more than a few under way', async () => {
    const hub = await hubOf(rowsOf(40))
    const gated = await gate(hub)
    let handedOver = 0
    for await (const page of walkOver(gated).pages) {
      handedOver += 1
      expect(hubIdsOf(page)).toEqual([handedOver * 2 - 1, handedOver * 2].map(hubId))
      const most = Math.min(20, handedOver + UNDER_WAY)
      await until(() => gated.requests.length === most, `${most} requests at page ${handedOver}`)
      await settle(hub)
      expect(gated.requests).toHaveLength(most)
    }
    expect(handedOver).toBe(20)
    expect(gated.mostOpen).toBeLessThanOrEqual(UNDER_WAY)
  })

  test('are asked for as soon as the headers before them are there, in that order', async () => {
    const hub = await hubOf(rowsOf(24))
    const bodies = latch()
    const gated = await gate(hub, { beforeBody: () => bodies.opened })
    const { pages } = walkOver(gated)
    const all = collect(pages)
    await until(() => gated.requests.length === UNDER_WAY, 'requests without a body')
    await settle(hub)
    const pageNumbers = Array.from({ length: 12 }, (_, index) => index + 1)
    expect(gated.requests.map(request => pageOf(request))).toEqual(pageNumbers.slice(0, UNDER_WAY))
    bodies.open()
    expect((await all).flatMap(hubIdsOf)).toEqual(rowsOf(24).map(({ _id }) => _id))
    expect(gated.requests.map(request => pageOf(request))).toEqual(pageNumbers)
    expect(gated.mostOpen).toBe(UNDER_WAY)
  })

  test('come in order whichever body is there first', async () => {
    const hub = await hubOf(rowsOf(24))
    const first = latch()
    const gated = await gate(hub, {
      beforeBody: request => (pageOf(request) === 1 ? first.opened : undefined),
    })
    const all = collect(walkOver(gated).pages)
    const there = () => gated.requests.filter(({ isOpen }) => !isOpen).length
    await until(() => there() === UNDER_WAY - 1, 'every page but the first is there')
    await settle(hub)
    expect(gated.requests).toHaveLength(UNDER_WAY)
    first.open()
    expect((await all).flatMap(hubIdsOf)).toEqual(rowsOf(24).map(({ _id }) => _id))
  })

  test('whose body fails are asked for again while the one after is already there, which is not', async () => {
    const hub = await hubOf(rowsOf(8))
    hub.faults.push({ kind: 'truncate', cut: 'cleanly', on: isPage(2) })
    const again = latch()
    const gated = await gate(hub, {
      beforeHead: request => (pageOf(request) === 2 && request.nth === 2 ? again.opened : undefined),
    })
    const all = collect(walkOver(gated).pages)
    await until(() => gated.requests.some(request => pageOf(request) === 2 && request.nth === 2), 'a retry')
    await until(() => gated.requests.some(request => pageOf(request) === 3 && !request.isOpen), 'page 3')
    again.open()
    expect((await all).map(hubIdsOf)).toEqual([1, 3, 5, 7].map(number => [number, number + 1].map(hubId)))
    const asked = gated.requests.map(request => pageOf(request))
    expect(asked.toSorted()).toEqual([1, 2, 2, 3, 4])
  })

  test('whose requests keep failing end the walk when it reaches them, and not before', async () => {
    const hub = await hubOf(rowsOf(8))
    hub.faults.push({ kind: 'status', status: 503, on: isPage(3), times: FOR_EVER })
    const expectHeard = expectEveryRejectionHeard()
    const met: RepoPage[] = []
    const walking = (async () => {
      for await (const page of walkOver(hub).pages) {
        met.push(page)
        // Page 3 has failed for good while page 1 is still being written.
        await until(() => hub.faults.fired.length === 3, 'three attempts')
        await settle(hub)
      }
    })()
    await expect(walking).rejects.toMatchObject({ name: 'HubError', status: 503 })
    expect(met.map(hubIdsOf)).toEqual([[1, 2].map(hubId), [3, 4].map(hubId)])
    expectHeard()
  })

  test('are not asked for twice where the list leads back to one under way', async () => {
    for (const kind of ['itself', 'the first'] as const) {
      const hub = await hubOf(rowsOf(40))
      const cursor = cursorAfter(kind === 'itself' ? 6 : 2)
      const headers = { Link: `</api/models?cursor=${encodeURIComponent(cursor)}>; rel="next"` }
      hub.faults.push({ kind: 'status', status: 200, body: '[{}]', headers, on: isPage(4), times: FOR_EVER })
      const never = latch()
      const gated = await gate(hub, {
        beforeBody: request => (pageOf(request) === 2 ? never.opened : undefined),
      })
      const { pages } = walkOver(gated, { cursor: cursorAfter(2) })
      const first = pages.next()
      await until(() => gated.requests.length >= 3, 'pages 2, 3 and 4')
      await settle(hub)
      expect(gated.requests.map(request => pageOf(request))).toEqual([2, 3, 4])
      never.open()
      await first
      await pages.return(undefined)
    }
  })

  test('are not asked for beyond the last', async () => {
    const hub = await hubOf(rowsOf(6))
    expect(await collect(walkOver(hub).pages)).toHaveLength(3)
    await settle(hub)
    expect(hub.requests.filter(({ url }) => url.startsWith('/api/models'))).toHaveLength(3)
  })
})

describe('headers that mislead', () => {
  const ALL = rowsOf(10).map(({ _id }) => _id)
  const Link = (cursor: string) => ({
    Link: `</api/models?limit=2&cursor=${encodeURIComponent(cursor)}>; rel="next"`,
  })

  test.each<[string, Record<string, string>]>([
    ['to a page further on', Link(cursorAfter(6))],
    ['to the page itself', Link(cursorAfter(2))],
    ['to a page before', Link(cursorAfter(0))],
    ['to a cursor that the Hub refuses', Link('nonsense')],
    ['nowhere', {}],
    ['off the list', { Link: '</login?cursor=abc>; rel="next"' }],
    ['to another host', { Link: `<http://127.0.0.1:1/api/models?cursor=${cursorAfter(4)}>; rel="next"` }],
    ['to what is no link', { Link: '<<<' }],
  ])('with a broken page, %s, lead nowhere', async (_, headers) => {
    const hub = await hubOf(rowsOf(10))
    const expectHeard = expectEveryRejectionHeard()
    hub.faults.push({ kind: 'status', status: 200, body: '{"error":"busy"}', headers, on: isPage(2) })
    const pages = await collect(walkOver(hub).pages)
    expect(pages.flatMap(hubIdsOf)).toEqual(ALL)
    expect(pages.map(({ nextCursor }) => nextCursor)).toEqual([
      ...[2, 4, 6, 8].map(number => cursorAfter(number)),
      null,
    ])
    await settle(hub)
    expectHeard()
  })

  test('a request made on such advice is hung up on when the advice turns out wrong', async () => {
    const hub = await hubOf(rowsOf(20))
    const astray = cursorAfter(14)
    hub.faults.push({ kind: 'status', status: 200, body: '<html>', headers: Link(astray), on: isPage(2) })
    const never = latch()
    // Its answer would take long: without a hang-up it stays under way beside those that count.
    const gated = await gate(hub, {
      beforeHead: ({ cursor, nth }) => (cursor === astray && nth === 1 ? never.opened : undefined),
    })
    const { pages } = walkOver(gated)
    const isUnderWay = ({ cursor, nth, isOpen }: GatedRequest) => cursor === astray && nth === 1 && isOpen
    let handedOver = 0
    for await (const page of pages) {
      handedOver += 1
      expect(hubIdsOf(page)).toEqual([handedOver * 2 - 1, handedOver * 2].map(hubId))
      if (handedOver === 3) {
        await until(() => gated.requests.some(request => pageOf(request) === 5), 'page 5')
        await settle(hub)
        expect(gated.requests.filter(isUnderWay)).toEqual([])
      }
    }
  })

  test('a retry with another cursor than the first answer’s decides', async () => {
    const hub = await hubOf(rowsOf(6))
    // The first answer is cut, and the second one's cursor leads past rows 3 and 4: its body was understood.
    hub.faults.push(
      { kind: 'truncate', cut: 'cleanly', on: isPage(1) },
      {
        kind: 'status',
        status: 200,
        body: JSON.stringify([{ ...row(1), private: false }]),
        headers: Link(cursorAfter(4)),
        on: isPage(1),
        nth: 2,
      },
    )
    const pages = await collect(walkOver(hub).pages)
    expect(pages.map(hubIdsOf)).toEqual([[hubId(1)], [5, 6].map(hubId)])
  })

  const wrong = fc.oneof(
    fc.constantFrom<Record<string, string>>({}, { Link: 'garbage' }, Link('nonsense')),
    fc.integer({ min: 0, max: 12 }).map(number => Link(cursorAfter(number))),
  )
  const disturbance = fc.oneof<fc.Arbitrary<Fault>[]>(
    fc.constantFrom<Fault>(
      { kind: 'truncate', cut: 'cleanly' },
      { kind: 'truncate', cut: 'socket' },
      { kind: 'truncatedGzip' },
      { kind: 'reset' },
      { kind: 'html200' },
      { kind: 'slow', ms: 3 },
      { kind: 'status', status: 503 },
      { kind: 'status', status: 429, headers: { 'Retry-After': '2' } },
      { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=5' } },
    ),
    wrong.map(headers => ({ kind: 'status', status: 200, body: '{}', headers })),
    wrong.map(headers => ({ kind: 'status', status: 200, body: '[1,', headers })),
  )

  test('whatever happens to its requests, a walk gives the rows and cursors of an undisturbed one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), disturbance), { maxLength: 10 }),
        fc.integer({ min: 9, max: 12 }),
        async (disturbances, count) => {
          const rows = rowsOf(count)
          const clock = { now: () => Date.parse(NOON) }
          const catalogue = catalogueFromDays(new Map([[DAY, rows]]))
          const hub = await startMiniatureHub({ catalogue, quota: null, clock })
          for (const [page, fault] of disturbances) hub.faults.push({ ...fault, on: isPage(page) })
          const client = createHubClient({
            endpoint: hub.origin,
            token: null,
            userAgent: 'hub-census-test',
            quotaShare: 1,
            clock: fakeClock(NOON),
            log: silentLog,
            // One page may meet all of them.
            attempts: 12,
            random: () => 0,
          })
          try {
            const pages = await collect(
              listRepos(client, {
                cursor: null,
                startedAt: clock.now(),
                pageSize: PAGE_SIZE,
                refusedFields: [],
                reader: openPageReader(),
                clock: fakeClock(NOON),
                log: silentLog,
                onRefusedField: () => {},
              }),
            )
            expect(pages.flatMap(hubIdsOf)).toEqual(rows.map(({ _id }) => _id))
            const ends = pages.map((_, index) => (index + 1) * PAGE_SIZE)
            expect(pages.map(({ nextCursor }) => nextCursor)).toEqual(
              ends.map(end => (end < count ? cursorAfter(end) : null)),
            )
            const described = pages.flatMap(page => unpackRows(page.rows).map(({ library }) => library))
            expect(new Set(described)).toEqual(new Set(['transformers']))
          } finally {
            await client.close()
            await hub.close()
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a walk that is stopped', () => {
  /** A gate that holds every head from page 3 on and the body of page 2: one page is out, three are under way. */
  async function heldBack() {
    const hub = await hubOf(rowsOf(20))
    const never = latch()
    const gated = await gate(hub, {
      beforeHead: request => (pageOf(request) >= 3 ? never.opened : undefined),
      beforeBody: request => (pageOf(request) === 2 ? never.opened : undefined),
    })
    return { hub, gated }
  }

  test('in the middle leaves no request hanging and no rejection unheard', async () => {
    const expectHeard = expectEveryRejectionHeard()
    const { hub, gated } = await heldBack()
    const stop = new AbortController()
    const walk = walkOver(gated, { signal: stop.signal })
    expect((await walk.pages.next()).done).toBe(false)
    const second = walk.pages.next()
    await until(() => gated.requests.length === 3, 'pages 2 and 3 are under way')
    stop.abort(new Error('stopped by SIGINT'))
    await expect(second).rejects.toThrow('stopped by SIGINT')
    await until(() => gated.isQuiet(), 'every request is hung up on')
    await settle(hub)
    expect(gated.requests).toHaveLength(3)
    expect(await walk.pages.next()).toEqual({ done: true, value: undefined })
    expectHeard()
  })

  test('by whoever takes its pages, with or without an error, does the same', async () => {
    const expectHeard = expectEveryRejectionHeard()
    for (const leave of [() => {}, () => Promise.reject(new Error('the disk is full'))]) {
      const { hub, gated } = await heldBack()
      const walking = (async () => {
        for await (const page of walkOver(gated).pages) {
          expect(hubIdsOf(page)).toEqual([1, 2].map(hubId))
          await until(() => gated.requests.length === 3, 'pages 2 and 3 are under way')
          await leave()
          break
        }
      })()
      await walking.catch(error => expect(error.message).toBe('the disk is full'))
      await until(() => gated.isQuiet(), 'every request is hung up on')
      await settle(hub)
      expect(gated.requests).toHaveLength(3)
    }
    expectHeard()
  })

  test('by an error of the page it waits for, does the same', async () => {
    const expectHeard = expectEveryRejectionHeard()
    const hub = await hubOf(rowsOf(20))
    const never = latch()
    hub.faults.push({ kind: 'truncate', cut: 'cleanly', on: isPage(2), times: FOR_EVER })
    const gated = await gate(hub, {
      beforeHead: request => (pageOf(request) === 3 ? never.opened : undefined),
    })
    const error = await collect(walkOver(gated).pages).catch(reason => reason)
    expect(error).toBeInstanceOf(HubError)
    await until(() => gated.isQuiet(), 'every request is hung up on')
    await settle(hub)
    expectHeard()
  })

  test('before it began asks for nothing', async () => {
    const hub = await hubOf(rowsOf(4))
    const { pages } = walkOver(hub, { signal: AbortSignal.abort(new Error('stopped by SIGINT')) })
    await expect(collect(pages)).rejects.toThrow('stopped by SIGINT')
    expect(hub.requests).toEqual([])
  })
})

describe('a field refused while several pages are under way', () => {
  const FIELD = 'library_name'
  const librariesOf = ({ rows }: RepoPage) => unpackRows(rows).map(({ library }) => library)
  const KNOWN = ['transformers', 'transformers']
  const UNKNOWN = [null, null]

  test('is said once, though both pages were refused', async () => {
    const hub = await hubOf(rowsOf(8))
    hub.faults.push(
      { kind: 'truncate', cut: 'cleanly', on: isPage(1) },
      { kind: 'rejectExpand', value: FIELD, times: FOR_EVER, nth: 2 },
    )
    // Page 1, asked for again, and page 2 are refused together.
    const both = latch()
    const isRefused = (request: GatedRequest) =>
      request.url.includes(FIELD) && (pageOf(request) === 2 || request.nth === 2)
    const gated = await gate(hub, {
      beforeHead: request => (isRefused(request) ? both.opened : undefined),
    })
    const { pages, told } = walkOver(gated)
    const all = collect(pages)
    await until(() => gated.requests.filter(isRefused).length === 2, 'both are asked for')
    await settle(hub)
    both.open()
    expect((await all).map(page => [librariesOf(page), page.isPartlyDescribed])).toEqual(
      Array(4).fill([UNKNOWN, true]),
    )
    expect(told.refused).toEqual([FIELD])
    expect(told.warnings.filter(fields => (fields as { field?: string }).field === FIELD)).toHaveLength(1)
    expect(gated.requests.filter(({ url }) => url.includes(FIELD))).toHaveLength(3)
  })

  test('is missing on the pages that were asked for without it, and on no other', async () => {
    const hub = await hubOf(rowsOf(40))
    // Page 2 is cut, page 3 comes whole, page 2 is refused, and only then comes page 4, which was not.
    hub.faults.push(
      { kind: 'truncate', cut: 'cleanly', on: isPage(2) },
      { kind: 'rejectExpand', value: FIELD, on: isPage(2), nth: 2 },
    )
    const again = latch()
    const without = latch()
    const gated = await gate(hub, {
      beforeHead: request => (pageOf(request) === 2 && request.nth === 2 ? again.opened : undefined),
      beforeBody: request => (pageOf(request) === 4 ? without.opened : undefined),
    })
    const { pages, told } = walkOver(gated)
    const all = collect(pages)
    const has = (page: number, nth: number) =>
      gated.requests.some(request => pageOf(request) === page && request.nth === nth)
    await until(() => gated.requests.some(request => pageOf(request) === 3 && !request.isOpen), 'page 3')
    await until(() => has(2, 2) && has(4, 1), 'page 2 again, and page 4')
    await settle(hub)
    again.open()
    await until(() => has(2, 3), 'page 2 without the field')
    await settle(hub)
    without.open()
    const asked = (page: number) => gated.requests.findLast(request => pageOf(request) === page)!
    const met = await all
    for (const [index, page] of met.entries()) {
      const isAsked = asked(index + 1).url.includes(FIELD)
      expect([librariesOf(page), page.isPartlyDescribed]).toEqual(isAsked ? [KNOWN, false] : [UNKNOWN, true])
    }
    const isPartly = met.map(({ isPartlyDescribed }) => isPartlyDescribed)
    expect(isPartly.slice(0, 4)).toEqual([false, true, false, false])
    expect(isPartly.at(-1)).toBe(true)
    expect(told.refused).toEqual([FIELD])
  })

  test('that only counts leaves the description whole', async () => {
    const hub = await hubOf(rowsOf(8))
    hub.faults.push({ kind: 'rejectExpand', value: 'likes', on: isPage(2) })
    const { pages, told } = walkOver(hub)
    const met = await collect(pages)
    expect(met.map(({ isPartlyDescribed }) => isPartlyDescribed)).toEqual(Array(4).fill(false))
    expect(met.map(({ rows }) => [...rows.likes])).toEqual([
      [0, 1],
      ...Array(3).fill([Number.NaN, Number.NaN]),
    ])
    expect(told.refused).toEqual(['likes'])
  })

  test('two of them, each by another page, are both left out from then on', async () => {
    const hub = await hubOf(rowsOf(40))
    hub.faults.push(
      { kind: 'rejectExpand', value: 'gated', on: isPage(2) },
      { kind: 'rejectExpand', value: 'disabled', on: isPage(3) },
    )
    const { pages, told } = walkOver(hub)
    expect((await collect(pages)).flatMap(hubIdsOf)).toHaveLength(40)
    expect(told.refused).toEqual(['gated', 'disabled'])
    const lastUrl = hub.requests.at(-1)!.url
    expect(new URL(lastUrl, hub.origin).searchParams.getAll('expand[]')).toEqual(
      SWEEP_FIELDS.filter(field => field !== 'gated' && field !== 'disabled'),
    )
  })
})

describe('a range of the list', () => {
  test('ends with its last _id: rows beyond are dropped and no cursor follows', async () => {
    const hub = await hubOf(rowsOf(9))
    for (let last = 1; last <= 9; last += 1) {
      const pages = await collect(walkOver(hub, { pageSize: 3, untilHubId: hubId(last) }).pages)
      expect(pages.flatMap(hubIdsOf)).toEqual(
        rowsOf(9)
          .slice(0, last)
          .map(({ _id }) => _id),
      )
      expect(pages.map(({ nextCursor }) => nextCursor === null).indexOf(true)).toBe(pages.length - 1)
      expect(pages.flatMap(({ lastHubId }) => lastHubId ?? []).at(-1)).toBe(hubId(last))
    }
  })

  test('counts nothing of what lies beyond: neither private, nor unreadable, nor born later', async () => {
    const clock = fakeClock(NOON)
    const born = (Date.parse(NOON) - 1_700_000_000_000) / 1000 + 1
    const hub = await hubOf([row(1), row(2), row(3), row(4), row(born)])
    hub.faults.push({
      kind: 'editRows',
      times: FOR_EVER,
      edit: rows =>
        rows.map((met, index) => [met, met, { ...(met as object), private: true }, 5, met][index % 5]),
    })
    clock.set(Date.parse(NOON) + 5000)
    const [page, ...none] = await collect(
      walkOver(hub, { pageSize: 5, untilHubId: hubId(2), clock, startedAt: Date.parse(NOON) }).pages,
    )
    expect(none).toEqual([])
    expect(page).toMatchObject({ privateCount: 0, laterHubIds: [], lastHubId: hubId(2), nextCursor: null })
    // A row without an _id that stands behind the range's last row is listed by the next walker, too.
    expect(page!.rejected).toEqual([])
  })

  test('is not walked past its end because a row there has no _id', async () => {
    const hub = await hubOf(rowsOf(30))
    hub.faults.push({ kind: 'editRows', edit: rows => [...rows.slice(0, -1), {}], times: FOR_EVER })
    const pages = await collect(walkOver(hub, { pageSize: 3, untilHubId: hubId(2) }).pages)
    // The first page holds the range, the second has nothing of it.
    expect(pages.length).toBeLessThanOrEqual(2)
  })

  test('that nothing is left of is one page without rows', async () => {
    const hub = await hubOf(rowsOf(9))
    const pages = await collect(walkOver(hub, { cursor: cursorAfter(3), untilHubId: hubId(3) }).pages)
    expect(pages.map(page => [hubIdsOf(page), page.lastHubId, page.nextCursor])).toEqual([[[], null, null]])
  })

  test('and those beside it are together the whole list, each row once', async () => {
    const hub = await hubOf(rowsOf(30))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 12 }),
        async (ends, pageSize) => {
          const boundaries = ends.toSorted((a, b) => a - b)
          const met: string[] = []
          for (const [index, end] of [...boundaries, null].entries()) {
            const after = boundaries[index - 1]
            const { pages } = walkOver(hub, {
              pageSize,
              cursor: after === undefined ? null : cursorAfter(after),
              untilHubId: end === null ? null : hubId(end),
            })
            met.push(...(await collect(pages)).flatMap(hubIdsOf))
          }
          expect(met).toEqual(rowsOf(30).map(({ _id }) => _id))
        },
      ),
      { numRuns: 25 },
    )
  })
})
