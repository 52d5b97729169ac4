import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Failure, mayRetry, retryWaitMs } from '../../src/source/retry-wait.ts'

const status = (code: number, parts: Partial<Extract<Failure, { kind: 'status' }>> = {}): Failure => ({
  kind: 'status',
  status: code,
  resetSeconds: null,
  quotaLeft: true,
  retryAfter: null,
  ...parts,
})

test.each([408, 425, 429, 500, 502, 503, 504])('status %i is worth another attempt', code => {
  expect(mayRetry(status(code))).toBe(true)
})

test.each([301, 302, 307, 400, 401, 403, 404, 405, 410, 501])('status %i is final', code => {
  expect(mayRetry(status(code))).toBe(false)
})

test('no answer and a bad body are worth another attempt', () => {
  expect(mayRetry({ kind: 'transport', message: 'ECONNRESET' })).toBe(true)
  expect(mayRetry({ kind: 'body', message: 'not JSON' })).toBe(true)
})

test('an exhausted window waits for its end and a second, whatever Retry-After says', () => {
  const failure = status(429, { quotaLeft: false, resetSeconds: 55, retryAfter: 3 })
  expect(retryWaitMs(failure, 1, 0.99)).toBe(56_000)
})

test('with quota left the end of the window means nothing and Retry-After counts', () => {
  expect(retryWaitMs(status(429, { resetSeconds: 241, retryAfter: 7 }), 1, 0.99)).toBe(8000)
  expect(retryWaitMs(status(429, { resetSeconds: 241 }), 1, 0.5)).toBe(1000)
  expect(retryWaitMs(status(503, { retryAfter: 0 }), 5, 0.99)).toBe(1000)
})

test('a window end belongs to 429 alone', () => {
  expect(retryWaitMs(status(503, { quotaLeft: false, resetSeconds: 55 }), 1, 0.5)).toBe(1000)
})

test('without word from the server the wait doubles up to a minute and is drawn from all of it', () => {
  const failure: Failure = { kind: 'transport', message: 'reset' }
  const longest = [1, 2, 3, 4, 5, 6, 7, 40].map(attempt => retryWaitMs(failure, attempt, 0.999_999_9))
  expect(longest).toEqual([1999, 3999, 7999, 15_999, 31_999, 59_999, 59_999, 59_999])
  expect(retryWaitMs(failure, 7, 0)).toBe(0)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const wait = retryWaitMs(failure, attempt, random)
        expect(wait).toBe(Math.floor(random * Math.min(60_000, 2 ** attempt * 1000)))
        expect(wait).toBeLessThan(60_000)
      },
    ),
  )
})
