import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../fixtures/miniature-hub/faults.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import {
  acceptsCursor,
  createdAtCursor,
  evenBoundaries,
  isCursorRefusal,
} from '../../src/source/created-at-cursor.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { DAY, hubId, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'

const NOON = `${DAY}T12:00:00.000Z`
const FOR_EVER = Number.POSITIVE_INFINITY

test('a cursor made by hand is the Hub’s own, byte for byte', () => {
  // hub-contract.md 1.6, the fourth example.
  expect(createdAtCursor('6a64056a5320303b7dd6fa9d')).toBe(
    'eyJfaWQiOnsiJGd0IjoiNmE2NDA1NmE1MzIwMzAzYjdkZDZmYTlkIn19',
  )
})

test('a cursor made by hand leads where the Hub’s own link leads', async () => {
  const hub = await serve(
    [1, 2, 3, 4].map(number => row(number)),
    { quota: null },
  )
  const { link } = await clientOf(hub, fakeClock(NOON)).get(
    '/api/models?limit=2&sort=createdAt&direction=1&expand[]=createdAt',
    'list',
  )
  const next = new URL(/<(.+)>/.exec(link!)![1]!)
  expect(next.searchParams.get('cursor')).toBe(createdAtCursor(hubId(2)))
})

describe('whether the Hub takes such a cursor', () => {
  async function meet(fault?: Fault) {
    const hub = await serve(
      [1, 2, 3, 4].map(number => row(number)),
      { quota: null },
    )
    if (fault) hub.faults.push({ ...fault, times: FOR_EVER })
    return { hub, client: clientOf(hub, fakeClock(NOON)) }
  }

  test('is asked with one small page of the same walk', async () => {
    const { hub, client } = await meet()
    expect(await acceptsCursor(client, hubId(2))).toBe(true)
    expect(hub.requests).toHaveLength(1)
    const { pathname, searchParams } = new URL(hub.requests[0]!.url, hub.origin)
    expect(pathname).toBe('/api/models')
    expect(Object.fromEntries(searchParams)).toEqual({
      limit: '1',
      sort: 'createdAt',
      direction: '1',
      'expand[]': 'createdAt',
      cursor: createdAtCursor(hubId(2)),
    })
  })

  test('is yes for an _id that no repository has', async () => {
    const { client } = await meet()
    expect(await acceptsCursor(client, `${hubId(2).slice(0, 8)}${'0'.repeat(16)}`)).toBe(true)
    expect(await acceptsCursor(client, '0'.repeat(24))).toBe(true)
  })

  test('is no where nothing follows, which tells nothing', async () => {
    const { client } = await meet()
    expect(await acceptsCursor(client, hubId(4))).toBe(false)
    expect(await acceptsCursor(client, 'f'.repeat(24))).toBe(false)
  })

  test.each<[string, Fault]>([
    ['begins at the beginning', { kind: 'editRows', edit: () => [row(1)] }],
    ['sends the very row', { kind: 'editRows', edit: () => [row(2)] }],
    ['sends what has no _id', { kind: 'editRows', edit: () => [{ id: 'lab/model' }] }],
    ['sends no row', { kind: 'editRows', edit: () => [null] }],
    ['answers 400', { kind: 'status', status: 400, body: '{"error":"Invalid cursor"}' }],
    ['answers 404', { kind: 'status', status: 404 }],
    ['answers 410', { kind: 'status', status: 410 }],
    ['answers 422', { kind: 'status', status: 422 }],
  ])('is no when it %s', async (_, fault) => {
    const { hub, client } = await meet(fault)
    expect(await acceptsCursor(client, hubId(2))).toBe(false)
    expect(hub.requests).toHaveLength(1)
  })

  test.each<[string, Fault, number]>([
    ['wants a token', { kind: 'status', status: 401 }, EXIT_CODES.refused],
    ['forbids it', { kind: 'status', status: 403 }, EXIT_CODES.refused],
    ['is away', { kind: 'status', status: 503 }, EXIT_CODES.partial],
    ['hangs up', { kind: 'reset' }, EXIT_CODES.partial],
    ['sends what is no list', { kind: 'html200' }, EXIT_CODES.refused],
    [
      'refuses the field and not the cursor',
      { kind: 'rejectExpand', value: 'createdAt' },
      EXIT_CODES.refused,
    ],
  ])('is unknown when it %s', async (_, fault, exitCode) => {
    const { client } = await meet(fault)
    const error = await acceptsCursor(client, hubId(2)).catch(reason => reason)
    expect(error).toBeInstanceOf(HubError)
    expect(error.exitCode).toBe(exitCode)
  })

  test('is not waited for once the signal is aborted', async () => {
    const { hub, client } = await meet()
    const stop = AbortSignal.abort(new Error('stopped by SIGINT'))
    await expect(acceptsCursor(client, hubId(2), stop)).rejects.toThrow('stopped by SIGINT')
    expect(hub.requests).toEqual([])
  })
})

test('only a HubError of those four statuses refuses a cursor', () => {
  const error = (status: number | null, happened = 'Invalid cursor') =>
    new HubError({ happened, kept: 'Nothing.', next: 'Nothing.' }, { status })
  const statuses = [null, 200, 301, 400, 401, 403, 404, 405, 408, 410, 422, 429, 500, 503]
  expect(statuses.filter(status => isCursorRefusal(error(status)))).toEqual([400, 404, 410, 422])
  expect(isCursorRefusal(error(400, 'expected one of "author"\n → at expand[3]'))).toBe(false)
  expect(isCursorRefusal(Object.assign(new Error('Invalid cursor'), { status: 400 }))).toBe(false)
  expect(isCursorRefusal(null)).toBe(false)
})

describe('boundaries for several walkers', () => {
  /** The first `_id` the Hub can have given, at 2022-03-02T23:29:04Z. */
  const FIRST = `621ffdc0${'0'.repeat(16)}`
  const idOf = (until: number) =>
    Math.floor(until / 1000)
      .toString(16)
      .padStart(8, '0') + '0'.repeat(16)
  const moments = fc.integer({ min: Date.UTC(2022, 2, 4), max: Date.UTC(2090, 0, 1) })

  test('ascend, inside the time from the Hub’s beginning to the moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), moments, (count, until) => {
        const boundaries = evenBoundaries(count, until)
        expect(boundaries).toHaveLength(count - 1)
        const all = [FIRST, ...boundaries, idOf(until)]
        expect(all.toSorted()).toEqual(all)
        expect(new Set(all).size).toBe(all.length)
        for (const boundary of boundaries) expect(boundary).toMatch(/^[0-9a-f]{8}0{16}$/)
      }),
    )
  })

  test('part that time into stretches that differ by a second at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), moments, (count, until) => {
        const seconds = [...evenBoundaries(count, until), idOf(until)].map(id =>
          Number.parseInt(id.slice(0, 8), 16),
        )
        const stretches = seconds.map((second, index) => second - (seconds[index - 1] ?? 0x621ffdc0))
        expect(Math.max(...stretches) - Math.min(...stretches)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('are none for one walker, and distinct even where there is hardly any time to part', () => {
    expect(evenBoundaries(1, Date.parse(NOON))).toEqual([])
    for (const until of [Date.UTC(2022, 2, 2, 23, 29, 5), 0, -1]) {
      const boundaries = evenBoundaries(8, until)
      expect(boundaries).toHaveLength(7)
      expect(new Set(boundaries).size).toBe(7)
      expect(boundaries.toSorted()).toEqual(boundaries)
    }
  })
})
