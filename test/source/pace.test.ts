import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RateLimiter } from '../../fixtures/miniature-hub/rate-limit.ts'
import { createPacer, type Pacer } from '../../src/source/pace.ts'
import type { RateLimit } from '../../src/source/rate-limit.ts'
import { type StepClock, stepClock } from '../support/step-clock.ts'

const NOON = Date.parse('2026-08-19T12:00:00.000Z')
const WINDOW_SECONDS = 300

/** Asks for a turn and notes when, from the start, it came. */
function turns(pacer: Pacer, clock: StepClock) {
  const left: [string, number][] = []
  const ask = async (name: string, signal?: AbortSignal) => {
    await pacer.takeTurn(signal)
    left.push([name, clock.now() - NOON])
  }
  return { left, ask }
}

const spaced = (ms: number): RateLimit => ({ remaining: 100, resetSeconds: ms / 10, quota: null })
const SPENT: RateLimit = { remaining: 0, resetSeconds: 55, quota: null }

describe('turns', () => {
  test('come at once, however many, while nobody has said what the window holds', async () => {
    const clock = stepClock(NOON)
    const { left, ask } = turns(createPacer(clock, 1), clock)
    await Promise.all([ask('a'), ask('b'), ask('c')])
    expect(left).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ])
    expect(clock.due).toEqual([])
  })

  test('are spaced from start to start: what an answer takes is not added', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    for (const latency of [700, 0, 999, 1000, 2500, 300]) {
      await Promise.all([ask('next'), clock.run()])
      await Promise.all([clock.sleep(latency), clock.run()])
      pacer.learn(spaced(1000))
    }
    expect(left.map(([, at]) => at)).toEqual([0, 1000, 2000, 3000, 4000, 6500])
  })

  test('of requests that overlap are one queue, in the order asked', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    await ask('a')
    pacer.learn(spaced(1000))
    const asked = Promise.all(['b', 'c', 'd'].map(name => ask(name)))
    await Promise.all([asked, clock.run()])
    expect(left).toEqual([
      ['a', 0],
      ['b', 1000],
      ['c', 2000],
      ['d', 3000],
    ])
  })

  test('end with the reason of the signal, and hold nobody else', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    await ask('a')
    pacer.learn(spaced(1000))
    const stop = new AbortController()
    const stopped = ask('stopped', stop.signal)
    const last = ask('last')
    stop.abort(new Error('stopped by SIGINT'))
    await expect(stopped).rejects.toThrow('stopped by SIGINT')
    await Promise.all([last, clock.run()])
    expect(left.map(([name]) => name)).toEqual(['a', 'last'])
    expect(clock.due).toEqual([])
  })
})

describe('a pause', () => {
  /** Three requests wait for turns at 1, 2 and 3 s when something happens at 0.5 s; one more asks after it. */
  async function around(happening: (pacer: Pacer) => void) {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    await ask('first')
    pacer.learn(spaced(1000))
    const waiting = ['a', 'b', 'c'].map(name => ask(name))
    const half = clock.sleep(500).then(() => happening(pacer))
    clock.wakeNext()
    await half
    waiting.push(ask('later'))
    await Promise.all([...waiting, clock.run()])
    return left.slice(1)
  }

  test('announced while others wait holds for them, and for who asks later', async () => {
    const left = await around(pacer => pacer.pause(60_000))
    expect(left.map(([name]) => name).sort()).toEqual(['a', 'b', 'c', 'later'])
    for (const [, at] of left) expect(at).toBeGreaterThanOrEqual(60_500)
    expect(left[0]![1]).toBe(60_500)
  })

  test('is what a spent window means, until a second after its end', async () => {
    const left = await around(pacer => pacer.learn(SPENT))
    expect(left[0]![1]).toBe(56_500)
    for (const [, at] of left) expect(at).toBeGreaterThanOrEqual(56_500)
  })

  test('that ends before the turn of a request changes nothing for it', async () => {
    const left = await around(pacer => pacer.pause(1000))
    expect(left).toEqual([
      ['a', 1500],
      ['b', 2000],
      ['c', 3000],
      ['later', 4000],
    ])
  })

  test('is never shortened by a later, shorter one, and lengthened by a longer one', async () => {
    const shorter = await around(pacer => {
      pacer.pause(60_000)
      pacer.pause(10)
    })
    expect(shorter[0]![1]).toBe(60_500)
    const longer = await around(pacer => {
      pacer.pause(10)
      pacer.pause(60_000)
    })
    expect(longer[0]![1]).toBe(60_500)
  })

  test('lengthened while it is sat out is sat out to its new end', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    pacer.pause(1000)
    const waiting = ask('a')
    const other = clock.sleep(900).then(() => pacer.pause(5000))
    await Promise.all([waiting, other, clock.run()])
    expect(left).toEqual([['a', 5900]])
  })

  test('lets those who ask during it leave one after the other', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1)
    const { left, ask } = turns(pacer, clock)
    await ask('first')
    pacer.learn(spaced(1000))
    pacer.pause(60_000)
    await Promise.all([ask('a'), ask('b'), ask('c'), clock.run()])
    expect(left.slice(1)).toEqual([
      ['a', 60_000],
      ['b', 61_000],
      ['c', 62_000],
    ])
  })

  test('is not ended by an answer that says there is room', async () => {
    const left = await around(pacer => {
      pacer.pause(60_000)
      pacer.learn({ remaining: 499, resetSeconds: 300, quota: 500 })
    })
    expect(left[0]![1]).toBe(60_500)
  })

  test('of a share is told by what is left above the operator’s own', async () => {
    for (const [remaining, at] of [
      [250, 100_000],
      [251, 0],
    ] as const) {
      const clock = stepClock(NOON)
      const pacer = createPacer(clock, 0.5)
      const { left, ask } = turns(pacer, clock)
      pacer.learn({ remaining, resetSeconds: 99, quota: 500 })
      await Promise.all([ask('a'), clock.run()])
      expect(left).toEqual([['a', at]])
    }
  })

  test('longer than the longest wait is an error for everyone it would hold, who asks later and who waits', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1, 900_000)
    const { left, ask } = turns(pacer, clock)
    await ask('first')
    pacer.learn(spaced(1000))
    const waiting = [ask('a'), ask('b')]
    const tenDays = 10 * 86_400_000
    const half = clock.sleep(500).then(() => pacer.pause(tenDays))
    clock.wakeNext()
    await half
    const ended = Promise.allSettled([...waiting, ask('later')])
    await clock.run()
    // Told when they ask, or when their turn comes: what is left of the pause then.
    expect(await ended).toMatchObject(
      [tenDays - 500, tenDays - 1500, tenDays].map(waitMs => ({
        status: 'rejected',
        reason: { name: 'LongPauseError', waitMs },
      })),
    )
    expect(left).toEqual([['first', 0]])
    expect(clock.now()).toBe(NOON + 2000)
  })

  test('as long as the longest wait is sat out', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 1, 900_000)
    const { left, ask } = turns(pacer, clock)
    pacer.pause(900_000)
    await Promise.all([ask('a'), clock.run()])
    expect(left).toEqual([['a', 900_000]])
  })
})

describe('a window that is nearly spent', () => {
  test('spaces nobody beyond its end: there another window begins', async () => {
    const clock = stepClock(NOON)
    const pacer = createPacer(clock, 0.5, 900_000)
    const { left, ask } = turns(pacer, clock)
    await ask('first')
    // One request of our half for the 280 s that are left.
    pacer.learn({ remaining: 251, resetSeconds: 280, quota: 500 })
    const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(name => ask(name))
    await Promise.all([...asked, clock.run()])
    expect(left).toHaveLength(9)
    expect(left[1]).toEqual(['a', 280_000])
    for (const [, at] of left.slice(2)) {
      expect(at).toBeGreaterThan(280_000)
      expect(at).toBeLessThan(300_000)
    }
  })
})

/** Callers that each keep one request under way, against the miniature Hub's own limiter, in virtual time. */
interface Load {
  quota: number
  quotaShare: number
  callers: number
  /** One request before the callers begin, as every run greets the Hub. */
  greets: boolean
  /** What each next answer takes, and each next caller does before its next request; round and round. */
  latencies: number[]
  gaps: number[]
  /** When the operator's other tools ask for how much of what is theirs. */
  others: { at: number; part: number }[]
}

const WINDOWS = 4

async function drive(load: Load) {
  const clock = stepClock(NOON)
  const pacer = createPacer(clock, load.quotaShare)
  const quota = { anonymous: load.quota, token: load.quota, windowSeconds: WINDOW_SECONDS }
  const limiter = new RateLimiter(quota, clock.now)
  const spend = () => limiter.spend({ address: 'all of us' })
  const reserve = Math.ceil(load.quota * (1 - load.quotaShare))
  const end = NOON + WINDOWS * WINDOW_SECONDS * 1000
  /** Requests in each window, ours and the others'. */
  const ours: number[] = []
  const theirs: number[] = []
  let windowEnd = Number.NEGATIVE_INFINITY
  let refused = 0
  let count = 0
  const turnWindow = () => {
    if (clock.now() < windowEnd) return
    windowEnd = clock.now() + WINDOW_SECONDS * 1000
    ours.push(0)
    theirs.push(0)
  }
  const request = async () => {
    await pacer.takeTurn()
    turnWindow()
    ours[ours.length - 1]! += 1
    const { left, seconds, isOver } = spend()
    if (isOver) refused += 1
    await clock.sleep(load.latencies[count++ % load.latencies.length]!)
    pacer.learn({ remaining: left, resetSeconds: seconds, quota: load.quota })
  }
  if (load.greets) await Promise.all([request(), clock.run()])
  const callers = Array.from({ length: load.callers }, async () => {
    while (clock.now() < end) {
      await request()
      await clock.sleep(load.gaps[count % load.gaps.length]!)
    }
  })
  const others = load.others.map(async ({ at, part }) => {
    await clock.sleep(at * (end - NOON))
    turnWindow()
    for (let asked = 0; asked < part * reserve && theirs.at(-1)! < reserve; asked += 1) {
      theirs[theirs.length - 1]! += 1
      if (spend().isOver) refused += 1
    }
  })
  await Promise.all([...callers, ...others, clock.run()])
  return { share: load.quota - reserve, most: Math.max(...ours), windows: ours.length, refused }
}

const milliseconds = (max: number) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) },
      { weight: 2, arbitrary: fc.integer({ min: 100, max: 3000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max }) },
    ),
    { minLength: 1, maxLength: 9 },
  )

/** Even over 0 to 1, where a double is nearly always next to 0. */
const part = (min: number) => fc.integer({ min, max: 1000 }).map(thousandths => thousandths / 1000)

const loads = fc.record({
  quota: fc.oneof(fc.integer({ min: 8, max: 60 }), fc.constant(500)),
  quotaShare: part(10),
  callers: fc.integer({ min: 1, max: 8 }),
  greets: fc.boolean(),
  latencies: milliseconds(30_000),
  gaps: fc.oneof(fc.constant<number[]>([0]), milliseconds(200_000)),
  others: fc.array(fc.record({ at: part(0), part: part(0) }), { maxLength: 6 }),
})

describe('any number of requests that overlap', () => {
  const shareOf = ({ quota, quotaShare }: Load) => quota - Math.ceil(quota * (1 - quotaShare))

  test('use our share of every window and no more, and never meet a 429', async () => {
    await fc.assert(
      fc.asyncProperty(loads, async load => {
        // A share of fewer requests than there are callers, or unknown when they begin, is the next test's.
        fc.pre(shareOf(load) >= load.callers * (load.greets ? 1 : 4))
        const { share, most, refused } = await drive(load)
        expect(most).toBeLessThanOrEqual(share)
        expect(refused).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('go beyond the tiniest share by those already under way, and no further', async () => {
    await fc.assert(
      fc.asyncProperty(loads, async load => {
        fc.pre(shareOf(load) >= 1 && shareOf(load) < load.callers * 4)
        const { share, most } = await drive(load)
        expect(most).toBeLessThanOrEqual(share + load.callers - 1)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['half of an anonymous quota', 500, 0.5, 3],
    ['half of an anonymous quota', 500, 0.5, 8],
    ['all of it', 500, 1, 8],
    ['half of a token’s', 1000, 0.5, 8],
  ])('use %s up when the Hub is quick: %i, share %d, %i callers', async (_, quota, quotaShare, callers) => {
    const quick = { greets: true, latencies: [5, 20, 300], gaps: [0], others: [] }
    const { share, most, refused, windows } = await drive({ quota, quotaShare, callers, ...quick })
    expect(most).toBeLessThanOrEqual(share)
    expect(most).toBeGreaterThanOrEqual(share - 3)
    expect(refused).toBe(0)
    expect(windows).toBeLessThanOrEqual(WINDOWS + 1)
  })
})

test('a clock read late is no reason to wait: who slept through its turn leaves at once', async () => {
  const clock = stepClock(NOON)
  const pacer = createPacer(clock, 1)
  await pacer.takeTurn()
  pacer.learn(spaced(1000))
  const asleep = clock.sleep(30_000)
  clock.wakeNext()
  await asleep
  const { left, ask } = turns(pacer, clock)
  await Promise.all([ask('late'), ask('next'), clock.run()])
  expect(left).toEqual([
    ['late', 30_000],
    ['next', 31_000],
  ])
})
