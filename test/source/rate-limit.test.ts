import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paceMs, parseRateLimit, retryAfterSeconds } from '../../src/source/rate-limit.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'

const POLICY = '"fixed window";"api";q=500;w=300'
const NOON = Date.parse('2026-08-19T12:00:00Z')

describe('the RateLimit headers', () => {
  test('are read as the Hub writes them', () => {
    expect(parseRateLimit('"api";r=489;t=189', POLICY)).toEqual({
      remaining: 489,
      resetSeconds: 189,
      quota: 500,
    })
  })

  test('tell what is left without a policy, with an unreadable one, and with one that a proxy respaced', () => {
    const limit = { remaining: 0, resetSeconds: 55 }
    expect(parseRateLimit('"api";r=0;t=55', undefined)).toEqual({ ...limit, quota: null })
    expect(parseRateLimit('"api";r=0;t=55', 'q=lots')).toEqual({ ...limit, quota: null })
    expect(parseRateLimit('"api"; r=0; t=55', '"fixed window"; "api"; q=1000; w=300')).toEqual({
      ...limit,
      quota: 1000,
    })
  })

  test.each([undefined, '', '"api"', '"api";r=5', '"api";t=5', '"api";r=a;t=5', 'r=5;t=5', '"api;r=5;t=5'])(
    'pace nothing when they read %j',
    header => {
      expect(parseRateLimit(header, POLICY)).toBeNull()
    },
  )

  test('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (limit, policy) => {
        const read = parseRateLimit(limit, policy)
        if (read !== null) expect(read.remaining + read.resetSeconds).not.toBeNaN()
      }),
    )
  })
})

describe('the pace', () => {
  test('spreads our share of what is left over the time that is left', () => {
    const limit = { remaining: 400, resetSeconds: 150, quota: 500 }
    expect(paceMs(limit, 1)).toBe(375)
    expect(paceMs(limit, 0.5)).toBe(1000)
  })

  test('waits for the next window, and a second more, when our share is used up', () => {
    expect(paceMs({ remaining: 250, resetSeconds: 20, quota: 500 }, 0.5)).toBe(21_000)
    expect(paceMs({ remaining: 251, resetSeconds: 20, quota: 500 }, 0.5)).toBe(20_000)
    expect(paceMs({ remaining: 0, resetSeconds: 55, quota: 500 }, 1)).toBe(56_000)
  })

  test('uses everything that is left when the quota is not told', () => {
    expect(paceMs({ remaining: 100, resetSeconds: 50, quota: null }, 0.5)).toBe(500)
  })
})

/** Requests a steady run makes in each window of the Hub, which opens with the first request after the last one ended. */
async function steadyRun(options: {
  quota: number
  share: number
  requests: number
  thinkMs: number
}): Promise<number[]> {
  const clock = fakeClock(NOON)
  const hub = await serve([row(1)], { quota: { anonymous: options.quota, windowSeconds: 300 }, clock })
  const client = clientOf(hub, clock, { quotaShare: options.share, attempts: 1 })
  const windows: number[] = []
  let openedMs = Number.NEGATIVE_INFINITY
  for (let count = 0; count < options.requests; count += 1) {
    await client.get('/api/models?limit=1&expand[]=downloads', 'list')
    if (clock.now() - openedMs >= 300_000) {
      openedMs = clock.now()
      windows.push(0)
    }
    windows[windows.length - 1]! += 1
    clock.set(clock.now() + options.thinkMs)
  }
  expect(hub.requests.map(({ status }) => status)).toEqual(Array(options.requests).fill(200))
  return windows
}

describe('a steady run', () => {
  test.each([
    [0.5, 250],
    [1, 500],
  ])('at share %d of 500 in 300 s meets no 429 and uses its share, no more', async (share, most) => {
    const windows = await steadyRun({ quota: 500, share, requests: most * 2 + 20, thinkMs: 0 })
    expect(windows.length).toBeGreaterThan(2)
    for (const used of windows) expect(used).toBeLessThanOrEqual(most)
    for (const used of windows.slice(0, -1)) expect(used).toBeGreaterThan(most * 0.9)
  })

  test('meets no 429 and keeps to its share whatever the quota, the share and the time a page takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 20_000 }),
        async (quota, share, thinkMs) => {
          const windows = await steadyRun({ quota, share, requests: 2 * quota + 2, thinkMs })
          // One request is needed to learn what is left.
          for (const used of windows) expect(used).toBeLessThanOrEqual(Math.max(1, quota * share + 1e-9))
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('Retry-After', () => {
  test('is seconds or a date', () => {
    expect(retryAfterSeconds('120', NOON)).toBe(120)
    expect(retryAfterSeconds(' 0 ', NOON)).toBe(0)
    expect(retryAfterSeconds('Wed, 19 Aug 2026 12:01:30 GMT', NOON)).toBe(90)
    expect(retryAfterSeconds('Wed, 19 Aug 2026 12:01:30 GMT', NOON + 250)).toBe(90)
  })

  test.each([
    undefined,
    '',
    '-5',
    '12.5',
    'soon',
    'Wed, 19 Aug 2026 12:00:00 GMT',
    'Tue, 18 Aug 2026 12:00:00 GMT',
  ])('says nothing when it reads %j', header => {
    expect(retryAfterSeconds(header, NOON)).toBeNull()
  })
})
