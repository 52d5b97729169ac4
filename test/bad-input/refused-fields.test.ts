import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { sweepEnd } from '../../src/pipeline/take-census.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import { expectKept, FOR_EVER, failureOf, isPage, sweep, threePages, undisturbed } from './three-page-hub.ts'

const refusals = (store: Store) =>
  store.sqlite
    .prepare(
      "SELECT date(day * 86400, 'unixepoch'), detail FROM event WHERE kind = 'field-refused' ORDER BY event_key",
    )
    .raw()
    .all()

test('a field the census can do without is left out, noted once, and unknown afterwards', async () => {
  const { hub } = await threePages()
  hub.faults.push({ kind: 'rejectExpand', value: 'downloadsAllTime', times: FOR_EVER })
  const store = temporaryStore()
  const result = await sweep(hub, store)
  expect(result.sweep).toMatchObject({
    state: 'complete',
    rowCount: 9,
    storedCount: 9,
    refusedFields: ['downloadsAllTime'],
    allTimeKnownCount: 0,
    downloadsAllTimeTotal: null,
    downloads30dTotal: 4500,
  })
  expect(refusals(store)).toEqual([['2026-08-19', '{"field":"downloadsAllTime"}']])
  expect(store.sqlite.prepare('SELECT count(*), count(downloads_all_time) FROM repo').raw().get()).toEqual([
    9, 0,
  ])
  expect(sweepEnd(result)).toMatchObject({
    exitCode: EXIT_CODES.complete,
    summary: expect.stringContaining('all-time unknown'),
  })
  expect(hub.faults.fired).toHaveLength(1)
})

test('an interrupted sweep does not ask again for what it was refused, and resumes to the same content', async () => {
  const { hub } = await threePages()
  const reject = { kind: 'rejectExpand', value: 'baseModels', times: FOR_EVER } as const
  hub.faults.push(reject)
  const whole = temporaryStore()
  await sweep(hub, whole)
  const store = temporaryStore()
  hub.faults.push({ kind: 'status', status: 500, on: isPage(2), times: FOR_EVER })
  await failureOf(sweep(hub, store), EXIT_CODES.partial)
  expectKept(store, 1)
  hub.faults.clear()
  hub.faults.push(reject)
  const asked = hub.requests.length
  expect((await sweep(hub, store)).sweep).toMatchObject({ state: 'complete', refusedFields: ['baseModels'] })
  expect(hub.requests.slice(asked).map(({ status, url }) => [status, url.includes('baseModels')])).toEqual([
    [200, false],
    [200, false],
  ])
  expect(refusals(store)).toHaveLength(1)
  expect(contentLines(store.file)).toEqual(contentLines(whole.file))
})

describe('a field the census cannot do without stops the sweep with exit code 5', () => {
  test.each(['createdAt', 'downloads', 'private', 'tags'])(
    '%s, refused from the first page on',
    async field => {
      const { hub } = await threePages()
      const whole = await undisturbed(hub)
      hub.faults.push({ kind: 'rejectExpand', value: field, times: FOR_EVER })
      const store = temporaryStore()
      const failure = await failureOf(sweep(hub, store), EXIT_CODES.refused)
      expect(failure.remedy.happened).toMatch(
        /status 400: ✖ Invalid option: expected one of .* at expand\[\d+\]$/,
      )
      expectKept(store, 0)
      expect(refusals(store)).toEqual([])
      hub.faults.clear()
      expect((await sweep(hub, store)).began).toBe('resumed')
      expect(contentLines(store.file)).toEqual(whole)
    },
  )

  test('downloads, refused in the middle: the pages before it stay', async () => {
    const { hub } = await threePages()
    hub.faults.push({ kind: 'rejectExpand', value: 'downloads', on: isPage(3), times: FOR_EVER })
    const store = temporaryStore()
    await failureOf(sweep(hub, store), EXIT_CODES.refused)
    expectKept(store, 2)
  })
})
