import { describe, expect, test } from 'vitest'
import type { Fault } from '../../fixtures/miniature-hub/faults.ts'
import type { MiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { createHubClient, type HubHead } from '../../src/source/hub-client.ts'
import type { HubError } from '../../src/source/hub-error.ts'
import { unpackBody } from '../../src/source/read-body.ts'
import { decodeText, UnreadableBodyError } from '../../src/source/read-json.ts'
import { DAY, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'
import { gate, latch } from '../support/gated-hub.ts'
import { drive, settled, stepClock } from '../support/step-clock.ts'

const NOON = `${DAY}T12:00:00.000Z`
const LIST = '/api/models?sort=createdAt&direction=1&limit=1&expand[]=downloads'
const FOR_EVER = Number.POSITIVE_INFINITY
const TEN_DAYS = 10 * 86_400

/** The next answer, an empty list, says of the window what a header can say. */
const answering = (limit: string): Fault => ({
  kind: 'status',
  status: 200,
  body: '[]',
  headers: { RateLimit: limit, 'RateLimit-Policy': '"fixed window";"api";q=500;w=300' },
})

/** Milliseconds from noon at which the Hub hears each request from now on. */
function arrivals(hub: MiniatureHub, clock: { now(): number }): number[] {
  const heard: number[] = []
  const listen = () => {
    heard.push(clock.now() - Date.parse(NOON))
    return false
  }
  hub.faults.push({ kind: 'reset', on: listen, times: FOR_EVER })
  return heard
}

/** A client whose pace is a request a second, and a Hub that answers the next one with a fault. */
async function meet(fault: Fault, options: { quotaShare?: number; attempts?: number } = {}) {
  const clock = stepClock(NOON)
  const hub = await serve([row(1), row(2)], { quota: null, clock })
  const client = clientOf(hub, clock, options)
  const heard = arrivals(hub, clock)
  hub.faults.push(answering('"api";r=450;t=200'))
  await client.get(LIST, 'list')
  heard.length = 0
  hub.faults.push(fault)
  const ask = (count: number, signal?: AbortSignal) =>
    Array.from({ length: count }, () => client.get(LIST, 'list', signal))
  return { hub, clock, heard, ask }
}

describe('what the Hub asks of one request it asks of all', () => {
  test.each<[string, Fault]>([
    [
      'a window used up',
      { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=55', 'Retry-After': '2' } },
    ],
    [
      '429 with quota left and a time',
      { kind: 'status', status: 429, headers: { RateLimit: '"api";r=400;t=55', 'Retry-After': '55' } },
    ],
    ['503 with a time', { kind: 'status', status: 503, headers: { 'Retry-After': '55' } }],
    ['a good answer that leaves nothing of our share', answering('"api";r=250;t=55')],
  ])('%s', async (_, fault) => {
    const { clock, heard, ask } = await meet(fault, { quotaShare: 0.5 })
    const asked = ask(3)
    await drive(clock, asked)
    await Promise.all(asked)
    // Spacing is a second at half of 500: 200 of 450 are ours, for 200 s.
    expect(heard[0]).toBe(1000)
    expect(heard.length).toBeGreaterThanOrEqual(3)
    for (const at of heard.slice(1)) expect(at).toBeGreaterThanOrEqual(57_000)
    expect(heard[1]).toBe(57_000)
  })

  test('but a fault that asks for nothing holds up nobody else', async () => {
    const { clock, heard, ask } = await meet({ kind: 'reset' })
    const asked = ask(3)
    await drive(clock, asked)
    expect(heard.every((at, index) => index === 0 || at > heard[index - 1]!)).toBe(true)
    expect(heard.at(-1)).toBeLessThan(10_000)
    expect(heard).toHaveLength(4)
  })

  test('a pause of ten days is left to the operator, also by those who waited for their turn already', async () => {
    const { clock, heard, ask } = await meet(answering(`"api";r=0;t=${TEN_DAYS}`))
    const asked = ask(3)
    const ended = Promise.allSettled(asked)
    await drive(clock, asked)
    const [first, ...others] = await ended
    expect(first!.status).toBe('fulfilled')
    for (const other of others) {
      expect(other).toMatchObject({ status: 'rejected', reason: { exitCode: EXIT_CODES.partial } })
    }
    expect(heard).toHaveLength(1)
    expect(clock.now()).toBeLessThan(Date.parse(NOON) + 900_000)
  })

  test('a window nearly used up by others ends no run: it turns within five minutes', async () => {
    // One request of our half is left for 280 s. Eight walkers, the most there are, ask at once.
    const { clock, heard, ask } = await meet(answering('"api";r=251;t=280'), { quotaShare: 0.5 })
    const first = ask(1)
    await drive(clock, first)
    const asked = ask(8)
    const ended = Promise.allSettled(asked)
    await drive(clock, asked)
    const refused = (await ended).flatMap(end =>
      end.status === 'rejected' ? [(end.reason as HubError).message] : [],
    )
    expect(refused).toEqual([])
    expect(heard).toHaveLength(9)
  })
})

test('a request that waits for its turn ends with the reason of the signal and is not sent', async () => {
  const { hub, clock, ask } = await meet({ kind: 'never', on: () => false })
  const sent = hub.requests.length
  const stop = new AbortController()
  const [stopped, ...others] = [...ask(1, stop.signal), ...ask(2)]
  await settled()
  expect(clock.due).toHaveLength(3)
  stop.abort(new Error('stopped by SIGTERM'))
  await expect(stopped).rejects.toThrow('stopped by SIGTERM')
  await drive(clock, others)
  await Promise.all(others)
  expect(hub.requests).toHaveLength(sent + 2)
})

test('waiting for a window to turn costs no attempt, the last one included', async () => {
  const clock = fakeClock(NOON)
  const hub = await serve([row(1)], { quota: null, clock })
  hub.faults.push(
    { kind: 'status', status: 503, times: 2 },
    { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=55' } },
  )
  const answer = await clientOf(hub, clock, { attempts: 3 }).get(LIST, 'list')
  expect(answer.json).toHaveLength(1)
  expect(hub.requests.map(({ status }) => status)).toEqual([503, 503, 429, 200])
  expect(clock.slept.filter(ms => ms > 0)).toEqual([56_000])
})

describe('reading an answer', () => {
  test('begins with its headers, which are told before the body has come', async () => {
    const body = latch()
    const hub = await serve([row(1), row(2)], { quota: null, clock: fakeClock(NOON), notice: 'modelled' })
    const gated = await gate(hub, { beforeBody: () => body.opened })
    const head = latch()
    const told: HubHead[] = []
    let isRead = false
    const reply = clientOf(gated, fakeClock(NOON)).read(LIST, {
      onHead(met) {
        told.push(met)
        head.open()
      },
      read() {
        isRead = true
        return 'read'
      },
    })
    await head.opened
    expect(isRead).toBe(false)
    body.open()
    const { content, ...rest } = await reply
    expect(content).toBe('read')
    expect(told).toEqual([rest])
    expect(rest).toEqual({
      link: expect.stringMatching(/^<http.+cursor=.+>; rel="next"$/),
      notice: 'modelled',
      hubTime: Date.parse(NOON),
    })
  })

  test('tells the headers of every 200 again, and of nothing else', async () => {
    const hub = await serve([row(1)], { quota: null })
    const Link = (name: string) => ({ Link: `</api/models?cursor=${name}>; rel="next"` })
    hub.faults.push(
      { kind: 'status', status: 503, headers: Link('refused') },
      { kind: 'status', status: 200, body: '<html>', headers: Link('broken') },
      { kind: 'status', status: 429, headers: Link('refused') },
      { kind: 'status', status: 200, body: '[]', headers: Link('good') },
    )
    const told: (string | null)[] = []
    const { link } = await clientOf(hub, fakeClock(NOON), { attempts: 5 }).read(LIST, {
      onHead: head => told.push(head.link),
      read(body) {
        if (decodeText(unpackBody(body)) !== '[]') throw new UnreadableBodyError('no list')
      },
    })
    expect(told).toEqual([Link('broken').Link, Link('good').Link])
    expect(link).toBe(Link('good').Link)
  })

  test('gives the body as it travelled, in memory of its own', async () => {
    const hub = await serve([row(1)], { quota: null })
    const { content } = await clientOf(hub, fakeClock(NOON)).read(LIST, { read: body => body })
    expect(content.isGzip).toBe(true)
    expect([...content.bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b])
    expect(content.bytes.byteLength).toBe(content.bytes.buffer.byteLength)
  })

  test('is done again for an unreadable body, whether thrown or rejected, and for no other error', async () => {
    const hub = await serve([row(1)], { quota: null })
    const client = clientOf(hub, fakeClock(NOON))
    let reads = 0
    const unreadable = (isAsync: boolean) =>
      client.read(LIST, {
        read() {
          reads += 1
          const error = new UnreadableBodyError('not what was asked for')
          if (isAsync) return Promise.reject(error)
          throw error
        },
      })
    for (const isAsync of [true, false]) {
      reads = 0
      await expect(unreadable(isAsync)).rejects.toMatchObject({ name: 'HubError', status: null })
      expect(reads).toBe(3)
    }
    const asked = hub.requests.length
    for (const error of [new Error('the thread ended'), new TypeError('a mistake of ours')]) {
      const failing = client.read(LIST, { read: () => Promise.reject(error) })
      await expect(failing).rejects.toBe(error)
    }
    expect(hub.requests).toHaveLength(asked + 2)
  })

  test('comes after the Hub’s time is heard', async () => {
    const clock = fakeClock(NOON)
    const hub = await serve([row(1)], { quota: null, clock })
    const order: unknown[] = []
    const client = createHubClient({
      endpoint: hub.origin,
      token: null,
      userAgent: 'hub-census-test',
      quotaShare: 1,
      clock,
      log: silentLog,
      onHubTime: hubTime => order.push(hubTime),
    })
    await client.read(LIST, { read: () => order.push('read') })
    expect(order).toEqual([Date.parse(NOON), 'read'])
    await client.close()
  })
})
