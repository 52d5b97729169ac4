import { expect, test } from 'vitest'
import { predictSweep } from '../../bench/quota.ts'
import { createVirtualClock } from '../../bench/virtual-clock.ts'

test('a predicted sweep asks once a page, is refused nothing, and takes no less than the Hub needs', async () => {
  const answer = await predictSweep({ caller: 'anonymous', latencyMs: 1230, pages: 40 })
  expect(answer).toMatchObject({ requests: 40, refused: 0 })
  expect(answer.wallMinutes).toBeGreaterThanOrEqual(answer.serialMinutes)
  expect(answer.leastLeft).toBeGreaterThanOrEqual(0.5)
})

test('with a quick Hub the quota binds: half of 500 requests in five minutes', async () => {
  const answer = await predictSweep({ caller: 'anonymous', latencyMs: 10, pages: 300 })
  expect(answer.refused).toBe(0)
  expect(answer.wallMinutes).toBeGreaterThan(5)
  expect(answer.wallMinutes).toBeLessThan(7)
})

test('a virtual clock wakes its sleepers in order and takes no real time', async () => {
  for (const isAlone of [true, false]) {
    const clock = createVirtualClock(0, { isAlone })
    const woken: string[] = []
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woken.push(`${name} ${clock.now()}`)
    }
    await Promise.all([sleep('late', 3_600_000), sleep('early', 1000), sleep('also early', 1000)])
    expect(woken).toEqual(['early 1000', 'also early 1000', 'late 3600000'])
  }
})

test('a virtual sleep that is aborted ends at once', async () => {
  const clock = createVirtualClock(0, { isAlone: false })
  const stop = new AbortController()
  const sleep = clock.sleep(1000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(sleep).rejects.toThrow('enough')
  expect(clock.now()).toBe(0)
})
