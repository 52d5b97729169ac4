import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../fixtures/miniature-hub/faults.ts'
import type { MiniatureHub, MiniatureHubOptions } from '../../fixtures/miniature-hub/server.ts'
import type { Clock, Log } from '../../src/domain/effects.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { DAY, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'

const NOON = `${DAY}T12:00:00.000Z`
const LIST = '/api/models?sort=createdAt&direction=1&limit=1&expand[]=downloads'
const TOKEN = 'hf_TESTSECRET0123456789'
const FOR_EVER = Number.POSITIVE_INFINITY

/** A hub of two rows that counts no quota, its clock, and a client of it. */
async function meet(
  options: Omit<MiniatureHubOptions, 'catalogue'> & { token?: string; attempts?: number } = {},
) {
  const { token, attempts = 3, ...hubOptions } = options
  const clock = fakeClock(NOON)
  const hub = await serve([row(1), row(2)], { quota: null, clock, ...hubOptions })
  return { hub, clock, client: clientOf(hub, clock, { attempts, ...(token ? { token } : {}) }) }
}

async function failureOf(answer: Promise<unknown>): Promise<HubError> {
  const error = await answer.then(
    () => null,
    reason => reason,
  )
  expect(error).toBeInstanceOf(HubError)
  return error as HubError
}

const statuses = (hub: MiniatureHub) => hub.requests.map(({ status }) => status)

describe('an answer', () => {
  test('carries the rows, the link as sent, the Hub’s own time and what it says of its data', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1), row(2)], { quota: null, clock, notice: 'modelled demonstration data' })
    const answer = await clientOf(hub, clock).get(LIST, 'list')
    expect(answer.json).toEqual([expect.objectContaining({ _id: row(1)._id })])
    expect(answer.link).toMatch(/^<http.+cursor=.+>; rel="next"$/)
    expect(answer.hubTime).toBe(Date.parse(NOON))
    expect(answer.notice).toBe('modelled demonstration data')
  })

  test('has no notice and no link where the Hub sends none', async () => {
    const { client } = await meet()
    expect(await client.get('/api/models?limit=5', 'list')).toMatchObject({ link: null, notice: null })
  })
})

describe('a request', () => {
  test('says who asks, what it reads, and carries the token', async () => {
    const { hub, client } = await meet({ token: TOKEN })
    await client.get(LIST, 'list')
    expect(hub.requests.map(({ method, url }) => [method, url])).toEqual([['GET', LIST]])
    expect(hub.requests[0]?.headers).toMatchObject({
      'user-agent': 'hub-census-test',
      accept: 'application/json',
      'accept-encoding': 'gzip',
      authorization: `Bearer ${TOKEN}`,
    })
  })

  test('carries no authorization without a token', async () => {
    const { hub, client } = await meet()
    await client.get(LIST, 'list')
    expect(hub.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test.each([301, 302, 303, 307, 308])(
    'does not follow a %i: the token stays with the origin',
    async status => {
      const other = await serve([row(1)])
      const { hub, client } = await meet({ token: TOKEN })
      const location = `${other.origin}/api/models?limit=1`
      hub.faults.push({ kind: 'status', status, headers: { Location: location }, times: FOR_EVER })
      const error = await failureOf(client.get(LIST, 'list'))
      expect(other.requests).toEqual([])
      expect(statuses(hub)).toEqual([status])
      expect(error).toMatchObject({ status, exitCode: EXIT_CODES.refused })
      // Both hosts are named.
      expect(error.remedy.happened).toContain(hub.origin)
      expect(error.remedy.happened).toContain(location)
      expect(error.remedy.next).toContain('HF_ENDPOINT')
      expect(JSON.stringify(error.remedy)).not.toContain(TOKEN)
    },
  )

  test('is not sent once its signal is aborted', async () => {
    const { hub, client } = await meet()
    const stop = AbortSignal.abort(new Error('stopped by SIGINT'))
    await expect(client.get(LIST, 'list', stop)).rejects.toThrow('stopped by SIGINT')
    expect(hub.requests).toEqual([])
  })

  test('that nobody answers ends with the reason of the signal, without another attempt', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'never', times: FOR_EVER })
    const controller = new AbortController()
    const answer = client.get(LIST, 'list', controller.signal)
    while (hub.requests.length === 0) await new Promise(resolve => setImmediate(resolve))
    controller.abort(new Error('stopped by SIGTERM'))
    await expect(answer).rejects.toThrow('stopped by SIGTERM')
    expect(hub.requests).toHaveLength(1)
  })

  test('that waits for its next attempt ends with the reason of the signal', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: null, clock })
    hub.faults.push({ kind: 'status', status: 503, times: FOR_EVER })
    const controller = new AbortController()
    const log: Log = { ...silentLog, warn: () => controller.abort(new Error('stopped by SIGINT')) }
    const answer = clientOf(hub, clock, { log }).get(LIST, 'list', controller.signal)
    await expect(answer).rejects.toThrow('stopped by SIGINT')
    expect(hub.requests).toHaveLength(1)
  })
})

describe('a transient fault', () => {
  const faults: Fault[] = [
    { kind: 'status', status: 408 },
    { kind: 'status', status: 425 },
    { kind: 'status', status: 429 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 504 },
    { kind: 'html200' },
    { kind: 'error200' },
    { kind: 'truncate', cut: 'cleanly' },
    { kind: 'truncate', cut: 'socket' },
    { kind: 'truncatedGzip' },
    { kind: 'reset' },
    { kind: 'bomb', megabytes: 33 },
    { kind: 'status', status: 200, body: 'null' },
    { kind: 'status', status: 200, body: '' },
  ]
  test.each(faults)('is retried: %j', async fault => {
    const { hub, client } = await meet()
    hub.faults.push({ ...fault, times: 2 })
    expect((await client.get(LIST, 'list')).json).toHaveLength(1)
    expect(hub.faults.fired).toHaveLength(2)
    expect(hub.requests).toHaveLength(3)
  })

  test('gets as many attempts as it is allowed, each told to the log, and no more', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: null, clock })
    hub.faults.push({ kind: 'status', status: 503, times: FOR_EVER })
    const told: unknown[] = []
    const log: Log = { ...silentLog, warn: fields => told.push([fields.attempt, fields.waitMs]) }
    const error = await failureOf(clientOf(hub, clock, { attempts: 4, log }).get(LIST, 'list'))
    expect(statuses(hub)).toEqual([503, 503, 503, 503])
    expect(told).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ])
    expect(error).toMatchObject({ status: 503, exitCode: EXIT_CODES.partial })
    expect(error.remedy.happened).toMatch(/status 503: .*\(4 attempts\)$/)
    expect(error.remedy.next).toContain('it resumes')
  })

  test('of a body that stays bad names address, status, type and its first characters, made harmless', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'html200', body: `<h1>\u001b[2J\u202eno${'x'.repeat(500)}`, times: FOR_EVER })
    const error = await failureOf(client.get(LIST, 'list'))
    expect(error).toMatchObject({ status: null, exitCode: EXIT_CODES.refused })
    expect(error.remedy.happened).toContain(
      `${hub.origin}${LIST}: status 200, text/html; charset=utf-8, not JSON`,
    )
    expect(error.remedy.happened).toContain('"<h1>\\u{1b}[2J\\u{202e}nox')
    expect(error.remedy.happened).toContain('(3 attempts)')
    expect(error.remedy.happened.length).toBeLessThan(400)
  })

  test('of an object where a list is due, or the other way round, is told as such', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'error200', times: FOR_EVER })
    expect((await failureOf(client.get(LIST, 'list'))).message).toContain(
      'not a list: "{"error":"Internal Error',
    )
    hub.faults.clear()
    expect((await failureOf(client.get(LIST, 'object'))).message).toContain('not an object: "[{')
    for (const body of ['null', '7', '"text"']) {
      hub.faults.push({ kind: 'status', status: 200, body, times: 3 })
      expect((await failureOf(client.get(LIST, 'object'))).message).toContain(`not an object: "${body}"`)
    }
  })

  test('of bytes that are not UTF-8 is a bad body, not a row with question marks', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.end(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const error = await failureOf(clientOf({ origin }, fakeClock(NOON)).get(LIST, 'list'))
    expect(error).toMatchObject({ status: null, exitCode: EXIT_CODES.refused })
    expect(error.remedy.happened).toContain('unreadable')
    expect(asked).toBe(3)
  })

  test('of a connection nobody accepts is exit code 3', async () => {
    const client = clientOf({ origin: 'http://127.0.0.1:1' }, fakeClock(NOON))
    const error = await failureOf(client.get(LIST, 'list'))
    expect(error).toMatchObject({ status: null, exitCode: EXIT_CODES.partial })
    expect(error.remedy.happened).toMatch(/^http:\/\/127\.0\.0\.1:1\/api.+ECONNREFUSED.+\(3 attempts\)$/)
    expect(error.remedy.next).toContain('HF_ENDPOINT')
  })
})

describe('a refusal', () => {
  test.each([400, 401, 403, 404, 405, 410])('with status %i is final at once', async status => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status, times: FOR_EVER })
    const error = await failureOf(client.get(LIST, 'list'))
    expect(statuses(hub)).toEqual([status])
    expect(error).toMatchObject({ status, exitCode: EXIT_CODES.refused })
    expect(error.remedy.happened).toBe(`${hub.origin}${LIST}: status ${status}: Scripted answer ${status}`)
  })

  test('of the token says so, without showing it', async () => {
    const { hub, client } = await meet({ token: TOKEN, rejectTokens: true })
    const error = await failureOf(client.get(LIST, 'list'))
    expect(statuses(hub)).toEqual([401])
    expect(error.exitCode).toBe(EXIT_CODES.refused)
    expect(error.remedy.next).toContain('token was refused')
    expect(JSON.stringify([error.remedy, String(error.stack), String(error.cause)])).not.toContain(TOKEN)
  })

  test('of a reader without a token asks for one', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 401 })
    expect((await failureOf(client.get(LIST, 'list'))).remedy.next).toContain('set HF_TOKEN')
  })

  test.each([
    ['a list of texts', '{"error":["one","two"]}', '["one","two"]'],
    ['an object', '{"error":{"toString":1,"valueOf":2}}', '{"toString":1,"valueOf":2}'],
    [
      'nested beyond showing',
      `{"error":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
      '(nested too deeply to show)',
    ],
    ['no JSON', `<html>${'x'.repeat(900)}`, `<html>${'x'.repeat(194)}`],
  ])('whose text is %s is still a HubError', async (_, body, shown) => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 400, body })
    const error = await failureOf(client.get(LIST, 'list'))
    expect(error.remedy.happened).toBe(`${hub.origin}${LIST}: status 400: ${shown}`)
  })
})

describe('the wait before the next attempt', () => {
  /** What a client slept between one 429 with these headers and the answer after it. */
  async function sleptAfter(headers: Record<string, string>, status = 429): Promise<number[]> {
    const { hub, clock, client } = await meet()
    hub.faults.push({ kind: 'status', status, headers })
    await client.get(LIST, 'list')
    expect(statuses(hub)).toEqual([status, 200])
    return clock.slept.filter(ms => ms > 0)
  }

  test('is the rest of an exhausted window and a second: 56,000 ms for r=0;t=55', async () => {
    expect(await sleptAfter({ RateLimit: '"api";r=0;t=55' })).toEqual([56_000])
    expect(await sleptAfter({ RateLimit: '"api";r=0;t=55', 'Retry-After': '2' })).toEqual([56_000])
  })

  test('is Retry-After and a second where quota is left, in seconds or as a date', async () => {
    const left = {
      RateLimit: '"api";r=99794;t=241',
      'RateLimit-Policy': '"fixed window";"api";q=100000;w=300',
    }
    expect(await sleptAfter({ ...left, 'Retry-After': '7' })).toEqual([8000])
    expect(await sleptAfter({ ...left, 'Retry-After': `Wed, 19 Aug 2026 12:01:30 GMT` })).toEqual([91_000])
    expect(await sleptAfter({ 'Retry-After': '30' }, 503)).toEqual([31_000])
  })

  test.each(['-5', 'soon', '', 'Wed, 19 Aug 2020 12:00:00 GMT'])(
    'is our own when Retry-After is %j',
    async header => {
      // The client's random number is 0, so that its own wait is none.
      expect(await sleptAfter({ 'Retry-After': header })).toEqual([])
    },
  )

  const tenDays = 10 * 86_400
  test.each([
    ['Retry-After of 10 days', { 'Retry-After': String(tenDays) }, '2026-08-29T12:00:01.000Z'],
    ['Retry-After as a date', { 'Retry-After': 'Sat, 29 Aug 2026 12:00:00 GMT' }, '2026-08-29T12:00:01.000Z'],
    ['a window of 10 days', { RateLimit: `"api";r=0;t=${tenDays}` }, '2026-08-29T12:00:01.000Z'],
    ['a number no calendar holds', { 'Retry-After': '9'.repeat(40) }, '9999-12-31T00:00:00.000Z'],
    [
      'a window no calendar holds',
      { RateLimit: `"api";r=0;t=${'9'.repeat(15)}` },
      '9999-12-31T00:00:00.000Z',
    ],
  ])('is left to the operator when it is absurd: %s', async (_, headers, until) => {
    const { hub, clock, client } = await meet()
    hub.faults.push({ kind: 'status', status: 429, headers, times: FOR_EVER })
    const error = await failureOf(client.get(LIST, 'list'))
    expect(error).toMatchObject({ status: 429, exitCode: EXIT_CODES.partial })
    expect(error.remedy.happened).toContain(until)
    expect(error.remedy.next).toContain(until)
    expect(statuses(hub)).toEqual([429])
    expect(clock.slept).toEqual([])
  })

  test('may be a quarter of an hour and not a second more', async () => {
    expect(await sleptAfter({ 'Retry-After': '899' })).toEqual([900_000])
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 503, headers: { 'Retry-After': '900' } })
    expect(await failureOf(client.get(LIST, 'list'))).toMatchObject({
      status: 503,
      exitCode: EXIT_CODES.partial,
    })
  })

  test('is just as bounded when a good answer asks for it', async () => {
    const { hub, clock, client } = await meet()
    hub.faults.push({
      kind: 'status',
      status: 200,
      body: '[]',
      headers: { RateLimit: `"api";r=0;t=${tenDays}` },
    })
    expect((await client.get(LIST, 'list')).json).toEqual([])
    const error = await failureOf(client.get(LIST, 'list'))
    expect(error).toMatchObject({ status: null, exitCode: EXIT_CODES.partial })
    expect(error.remedy.next).toContain('2026-08-29T12:00:01.000Z')
    expect(hub.requests).toHaveLength(1)
    expect(clock.slept).toEqual([])
  })

  test('is drawn anew for every attempt and grows', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: null, clock })
    hub.faults.push({ kind: 'reset', times: FOR_EVER })
    const client = createHubClient({
      endpoint: hub.origin,
      token: null,
      userAgent: 'hub-census-test',
      quotaShare: 1,
      clock,
      log: silentLog,
      random: () => 0.5,
    })
    await failureOf(client.get(LIST, 'list'))
    expect(clock.slept).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(hub.requests).toHaveLength(8)
    await client.close()
  })
})

describe('the pace', () => {
  test('lets the first request go at once and spaces the next ones by the answer before', async () => {
    const { clock, client, hub } = await meet({ quota: { anonymous: 100, windowSeconds: 300 } })
    await client.get(LIST, 'list')
    expect(clock.slept).toEqual([])
    await client.get(LIST, 'list')
    expect(clock.slept).toEqual([Math.ceil(300_000 / 99)])
    expect(hub.requests).toHaveLength(2)
  })

  test('keeps half of the quota for others at share 0.5', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: { anonymous: 100, windowSeconds: 300 }, clock })
    const client = clientOf(hub, clock, { quotaShare: 0.5 })
    await client.get(LIST, 'list')
    await client.get(LIST, 'list')
    expect(clock.slept).toEqual([Math.ceil(300_000 / 49)])
  })

  test('waits out a window that others have used up, then asks once', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: { anonymous: 2, windowSeconds: 300 }, clock })
    const others = clientOf(hub, fakeClock(NOON))
    await others.get(LIST, 'list')
    await others.get(LIST, 'list')
    clock.set(clock.now() + 100_000)
    expect((await clientOf(hub, clock).get(LIST, 'list')).json).toHaveLength(1)
    expect(statuses(hub)).toEqual([200, 200, 429, 200])
    expect(clock.slept.filter(ms => ms > 0)).toEqual([201_000])
  })

  test('holds no request back once the machine has slept through it', async () => {
    const { clock, client } = await meet({ quota: { anonymous: 2, windowSeconds: 300 } })
    await client.get(LIST, 'list')
    clock.set(clock.now() + 3_600_000)
    await client.get(LIST, 'list')
    expect(clock.slept).toEqual([])
  })
})

test('a clock that refuses to sleep is not taken for a fault of the Hub', async () => {
  const hub = await serve([row(1)], { quota: null })
  hub.faults.push({ kind: 'status', status: 503 })
  const clock: Clock = { now: () => Date.parse(NOON), sleep: () => Promise.reject(new Error('no sleep')) }
  await expect(clientOf(hub, clock).get(LIST, 'list')).rejects.toThrow('no sleep')
  expect(hub.requests).toHaveLength(1)
})
