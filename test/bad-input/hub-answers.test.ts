import { describe, expect, test } from 'vitest'
import type { Fault } from '../../fixtures/miniature-hub/faults.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock, temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import {
  expectKept,
  FOR_EVER,
  failThenResume,
  failureOf,
  isPage,
  NOON,
  sweep,
  threePages,
  undisturbed,
} from './three-page-hub.ts'

const TOKEN = 'hf_TESTSECRET0123456789'

describe('a fault that passes leaves no trace', () => {
  const faults: [string, Fault][] = [
    ['HTML with status 200', { kind: 'html200' }],
    ['an error object with status 200', { kind: 'error200' }],
    ['JSON cut cleanly', { kind: 'truncate', cut: 'cleanly' }],
    ['JSON cut with the socket', { kind: 'truncate', cut: 'socket' }],
    ['half a gzip stream', { kind: 'truncatedGzip' }],
    ['a gzip bomb', { kind: 'bomb', megabytes: 33 }],
    ['a connection reset', { kind: 'reset' }],
    ['500', { kind: 'status', status: 500 }],
    ['502', { kind: 'status', status: 502 }],
    ['503', { kind: 'status', status: 503 }],
    ['504', { kind: 'status', status: 504 }],
    ['429 with quota left', { kind: 'status', status: 429, headers: { 'Retry-After': '5' } }],
    ['429 without', { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=55' } }],
  ]
  test.each(faults)('%s', async (_, fault) => {
    const { hub } = await threePages()
    const whole = await undisturbed(hub)
    for (const page of [1, 2, 3] as const) hub.faults.push({ ...fault, on: isPage(page) })
    const store = temporaryStore()
    const { sweep: done, began } = await sweep(hub, store)
    expect(hub.faults.fired).toHaveLength(3)
    expect([began, done.state]).toEqual(['fresh', 'complete'])
    expect(contentLines(store.file)).toEqual(whole)
  })
})

describe('a body that stays bad is refused with exit code 5, and the sweep resumes', () => {
  test('HTML with status 200', async () => {
    const { failure, attempts } = await failThenResume({ kind: 'html200' }, EXIT_CODES.refused)
    expect(attempts).toBe(3)
    expect(failure.remedy.happened).toContain(
      'status 200, text/html; charset=utf-8, not JSON: "<!doctype html>',
    )
  })

  test('an error object with status 200', async () => {
    const fault: Fault = { kind: 'error200', error: 'We are working hard' }
    const { failure } = await failThenResume(fault, EXIT_CODES.refused)
    expect(failure.remedy.happened).toContain('not a list: "{"error":"We are working hard"}"')
  })

  test('truncated JSON, cut cleanly or with the socket', async () => {
    const clean = await failThenResume({ kind: 'truncate', cut: 'cleanly' }, EXIT_CODES.refused)
    expect(clean.failure.remedy.happened).toContain('not JSON: "[{"_id":')
    const cut = await failThenResume({ kind: 'truncate', cut: 'socket' }, EXIT_CODES.refused)
    expect(cut.failure.remedy.happened).toContain('body was cut')
  })

  test('half a gzip stream, and one that becomes too large', async () => {
    const half = await failThenResume({ kind: 'truncatedGzip' }, EXIT_CODES.refused)
    expect(half.failure.remedy.happened).toContain('unexpected end of file')
    const bomb = await failThenResume({ kind: 'bomb', megabytes: 33 }, EXIT_CODES.refused)
    expect(bomb.failure.remedy.happened).toContain(`larger than ${32 * 1024 * 1024} bytes`)
  })
})

describe('a server that stays away ends the run with exit code 3, and the sweep resumes', () => {
  test('500 on one page', async () => {
    const { failure, attempts } = await failThenResume({ kind: 'status', status: 500 }, EXIT_CODES.partial)
    expect(attempts).toBe(3)
    expect(failure.remedy.happened).toContain('status 500')
    expect(failure.remedy.next).toBe('Run the same command later: it resumes at this page.')
  })

  test('connections reset on one page', async () => {
    const { failure } = await failThenResume({ kind: 'reset' }, EXIT_CODES.partial)
    expect(failure.remedy.next).toContain('network')
  })

  test('every request 503, from the first on', async () => {
    const { hub } = await threePages()
    const whole = await undisturbed(hub)
    const asked = hub.requests.length
    hub.faults.push({ kind: 'status', status: 503, times: FOR_EVER })
    const store = temporaryStore()
    await failureOf(sweep(hub, store), EXIT_CODES.partial)
    expect(hub.requests.length - asked).toBe(3)
    expectKept(store, 0)
    hub.faults.clear()
    await sweep(hub, store)
    expect(contentLines(store.file)).toEqual(whole)
  })
})

describe('429', () => {
  test('without quota left waits for the window’s end each time, then exit code 3', async () => {
    const clock = fakeClock(NOON)
    const fault: Fault = { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=55' } }
    const { failure, attempts } = await failThenResume(fault, EXIT_CODES.partial, { clock })
    // Nine windows cost no attempt; then the three attempts count.
    expect(attempts).toBe(12)
    // Two runs: eleven waits within each. The second run may begin at once, as a new process does.
    expect(clock.slept.filter(ms => ms > 0)).toEqual(Array(22).fill(56_000))
    expect(failure.remedy.happened).toContain('status 429')
  })

  test('with quota left waits as Retry-After says, then exit code 3', async () => {
    const clock = fakeClock(NOON)
    const headers = {
      RateLimit: '"api";r=99794;t=241',
      'RateLimit-Policy': '"fixed window";"api";q=100000;w=300',
      'Retry-After': '20',
    }
    const { failure } = await failThenResume({ kind: 'status', status: 429, headers }, EXIT_CODES.partial, {
      clock,
    })
    expect(clock.slept.filter(ms => ms >= 1000)).toEqual(Array(4).fill(21_000))
    expect(failure.remedy.happened).toContain('status 429')
  })

  test('that asks for ten days is exit code 3 at once, with the moment to come back', async () => {
    const clock = fakeClock(NOON)
    const fault: Fault = { kind: 'status', status: 429, headers: { 'Retry-After': '864000' } }
    const { failure, attempts } = await failThenResume(fault, EXIT_CODES.partial, { clock })
    expect(attempts).toBe(1)
    expect(clock.slept).toEqual([])
    expect(failure.remedy.happened).toContain('2026-08-29T12:00:01.000Z')
    expect(failure.remedy.next).toBe('Run the same command after 2026-08-29T12:00:01.000Z: it resumes.')
  })

  test('from the Hub’s own limiter, because others used up the quota, delays the sweep and harms nothing', async () => {
    const { hub, clock } = await threePages({ quota: { anonymous: 4, windowSeconds: 300 } })
    const others = clientOf(hub, fakeClock(NOON))
    for (let count = 0; count < 4; count += 1) await others.get('/api/models?limit=1', 'list')
    const store = temporaryStore()
    const { sweep: done } = await sweep(hub, store, { clock })
    expect(done).toMatchObject({ state: 'complete', rowCount: 9, storedCount: 9, day: '2026-08-19' })
    expect(hub.requests.slice(4).map(({ status }) => status)).toEqual([429, 200, 200, 200])
    expect(clock.slept[0]).toBe(301_000)
  })

  test('is never met when one page a window is all the Hub allows', async () => {
    const { hub, clock } = await threePages({ quota: { anonymous: 1, windowSeconds: 300 } })
    const { sweep: done } = await sweep(hub, temporaryStore(), { clock })
    expect(done.state).toBe('complete')
    expect(hub.requests.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(clock.slept).toEqual([301_000, 301_000])
  })
})

describe('a cursor', () => {
  test('that repeats is exit code 5 at the first repeat', async () => {
    const { failure, attempts } = await failThenResume({ kind: 'repeatCursor' }, EXIT_CODES.refused)
    expect(attempts).toBe(1)
    expect(failure.remedy.happened).toContain('cursor repeats at page 2')
  })

  test('after page after empty page is exit code 5; what the sweep resumes to is whole', async () => {
    const { hub } = await threePages()
    await sweep(hub, temporaryStore())
    hub.faults.push({ kind: 'emptyPage', on: ({ params }) => params.has('cursor'), times: FOR_EVER })
    const store = temporaryStore()
    const failure = await failureOf(sweep(hub, store), EXIT_CODES.refused)
    expect(failure.remedy.happened).toContain('3 empty pages in a row')
    hub.faults.clear()
    const { sweep: done } = await sweep(hub, store)
    expect(done).toMatchObject({
      state: 'complete',
      rowCount: 9,
      storedCount: 9,
      duplicateCount: 0,
      absentCount: 0,
    })
  })

  const refusal: Fault = {
    kind: 'status',
    status: 400,
    body: JSON.stringify({ error: '✖ Invalid cursor\n  → at cursor' }),
  }

  test('that has expired begins the sweep again, once, and loses nothing', async () => {
    const { hub } = await threePages()
    const store = temporaryStore()
    hub.faults.push({ ...refusal, on: isPage(2) })
    const { sweep: done, began } = await sweep(hub, store)
    expect([began, done.state, done.pageCount, done.rowCount]).toEqual(['fresh', 'complete', 3, 9])
    // The first page is known from the first attempt, and is not written again.
    expect([done.storedCount, done.unchangedCount]).toEqual([6, 3])
    const states = store.sqlite.prepare('SELECT state, page_count FROM sweep ORDER BY sweep_key').raw().all()
    expect(states).toEqual([
      ['partial', 1],
      ['complete', 3],
    ])
  })

  test('that the Hub goes on refusing is exit code 5 after one more attempt', async () => {
    const { hub } = await threePages()
    const store = temporaryStore()
    hub.faults.push({ ...refusal, on: isPage(2), times: FOR_EVER })
    const failure = await failureOf(sweep(hub, store), EXIT_CODES.refused)
    expect(failure.remedy.happened).toContain('status 400: ✖ Invalid cursor')
    expect(hub.faults.fired).toHaveLength(2)
    hub.faults.clear()
    expect((await sweep(hub, store)).sweep).toMatchObject({ state: 'complete', rowCount: 9 })
  })
})

describe('a next link', () => {
  test('to another host is asked of the configured one; the other host hears nothing, least of all the token', async () => {
    const other = await serve([])
    const { hub } = await threePages()
    const whole = await undisturbed(hub)
    hub.faults.push({ kind: 'otherHostNext', origin: other.origin, times: 2 })
    const store = temporaryStore()
    const asked = hub.requests.length
    await sweep(hub, store, { token: TOKEN })
    expect(hub.faults.fired).toHaveLength(2)
    expect(contentLines(store.file)).toEqual(whole)
    expect(hub.requests.slice(asked).map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill(`Bearer ${TOKEN}`),
    )
    expect(other.requests).toEqual([])
  })

  test('to another path is exit code 5, and that path is never asked', async () => {
    const { hub, failure, attempts } = await failThenResume(
      { kind: 'otherPathNext', path: '/login' },
      EXIT_CODES.refused,
      { token: TOKEN },
    )
    expect(attempts).toBe(1)
    expect(failure.remedy.happened).toContain(`${hub.origin}/login`)
    expect(hub.requests.filter(({ url }) => !url.startsWith('/api/models?'))).toEqual([])
  })

  test('that cannot be read is exit code 5, not the end of the list', async () => {
    const fault: Fault = { kind: 'status', status: 200, body: '[]', headers: { Link: 'next page please' } }
    const { failure } = await failThenResume(fault, EXIT_CODES.refused)
    expect(failure.remedy.happened).toContain('"next page please"')
  })
})

test('a redirect to another host is exit code 5; that host hears nothing', async () => {
  const other = await serve([])
  const Location = `${other.origin}/api/models?limit=3`
  const fault: Fault = { kind: 'status', status: 302, headers: { Location } }
  const { failure, attempts } = await failThenResume(fault, EXIT_CODES.refused, { token: TOKEN })
  expect(attempts).toBe(1)
  expect(failure.remedy.happened).toContain(Location)
  expect(other.requests).toEqual([])
})

test('a refused token is exit code 5, is not shown, and nothing is read without it', async () => {
  const { hub } = await threePages({ rejectTokens: true })
  const store = temporaryStore()
  const failure = await failureOf(sweep(hub, store, { token: TOKEN }), EXIT_CODES.refused)
  expect(hub.requests.map(({ status }) => status)).toEqual([401])
  expect(failure.remedy.next).toContain('HF_TOKEN')
  expect(JSON.stringify([failure.remedy, failure.stack, String(failure.cause)])).not.toContain('TESTSECRET')
  expectKept(store, 0)
})
