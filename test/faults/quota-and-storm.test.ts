import { describe, expect, test } from 'vitest'
import type { FaultRequest } from '../../fixtures/miniature-hub/faults.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { failureOf, isPage, NOON, PAGE_SIZE, threePages, undisturbed } from '../bad-input/three-page-hub.ts'
import { fakeClock, temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import { SEED, seededRandom } from './seeded.ts'
import { ATTEMPTS, FOR_EVER, listeningLog, readAll, sweepOnce } from './sweeping.ts'

const MINUTE = 60_000
const EXHAUSTED = { RateLimit: '"api";r=0;t=55' }

const stateOf = (store: ReturnType<typeof temporaryStore>) =>
  readAll(store, 'SELECT state, page_count, row_count FROM v1_sweep')

describe('case 9: 429 with "api";r=0;t=55', () => {
  test('waits 56 s before a page goes on and asks nothing meanwhile', async () => {
    const { hub, clock } = await threePages()
    const whole = await undisturbed(hub)
    const askedAt: [string | null, number][] = []
    const start = clock.now()
    const note = ({ params }: FaultRequest) => {
      askedAt.push([params.get('cursor'), clock.now() - start])
      return false
    }
    hub.faults.push({ kind: 'never', on: note })
    for (const page of [1, 2, 3] as const)
      hub.faults.push({ kind: 'status', status: 429, headers: EXHAUSTED, on: isPage(page) })
    const store = temporaryStore()
    const { sweep } = await sweepOnce(hub, store, { clock, pageSize: PAGE_SIZE })
    expect(sweep.state).toBe('complete')
    expect(contentLines(store.file)).toEqual(whole)
    // Each page is asked for twice, exactly 56 virtual seconds apart, and nothing in between.
    expect(askedAt.map(([, at]) => at / 1000)).toEqual([0, 56, 56, 112, 112, 168])
    expect(new Set(askedAt.map(([cursor]) => cursor)).size).toBe(3)
    expect(clock.slept.filter(ms => ms > 0)).toEqual([56_000, 56_000, 56_000])
  })

  test.each([1, 2, ATTEMPTS])('uses up none of %i attempts, not even the last', async attempts => {
    const { hub, clock } = await threePages()
    const others = attempts - 1
    hub.faults.push({ kind: 'status', status: 503, on: isPage(2), times: others })
    hub.faults.push({ kind: 'status', status: 429, headers: EXHAUSTED, on: isPage(2), nth: others + 1 })
    const { sweep } = await sweepOnce(hub, temporaryStore(), { clock, pageSize: PAGE_SIZE, attempts })
    expect(sweep).toMatchObject({ state: 'complete', rowCount: 9 })
    expect(hub.faults.fired).toHaveLength(attempts)
    expect(clock.slept.filter(ms => ms > 0)).toEqual([56_000])
  })

  test('tells whoever watches at which moment the window turns', async () => {
    const { hub, clock } = await threePages()
    hub.faults.push({ kind: 'status', status: 429, headers: EXHAUSTED })
    const log = listeningLog()
    await sweepOnce(hub, temporaryStore(), { clock, pageSize: PAGE_SIZE, log })
    expect(log.warnings).toHaveLength(1)
    expect(log.warnings[0]).toContain('12:00:56')
  })
})

describe('case 10: a server that answers 503 to everything for half an hour', () => {
  /** The Hub whose second page on is 503 until so many minutes from now. */
  async function storm(minutes: number) {
    const { hub, clock } = await threePages()
    const whole = await undisturbed(hub)
    const over = clock.now() + minutes * MINUTE
    let refused = 0
    const on = () => clock.now() < over
    const count = (request: FaultRequest) => {
      const isRefused = on() && !isPage(1)(request)
      refused += isRefused ? 1 : 0
      return isRefused
    }
    hub.faults.push({ kind: 'status', status: 503, times: FOR_EVER, on: count })
    return { hub, clock, whole, on, refused: () => refused }
  }

  test(`stops a run with exit code 3 after ${ATTEMPTS} attempts, waits that are drawn and grow, and page 1 kept`, async () => {
    const { hub, clock, refused } = await storm(30)
    const store = temporaryStore()
    const random = seededRandom(SEED)
    const run = sweepOnce(hub, store, { clock, pageSize: PAGE_SIZE, random })
    const failure = await failureOf(run, EXIT_CODES.partial)
    expect(refused()).toBe(ATTEMPTS)
    expect(failure.remedy.happened).toContain('status 503')
    expect(failure.remedy.next).toContain('it resumes')
    expect(stateOf(store)).toEqual([['running', 1, PAGE_SIZE]])
    const replay = seededRandom(SEED)
    expect(clock.slept.filter(ms => ms > 0)).toEqual(
      Array.from({ length: ATTEMPTS - 1 }, (_, attempt) =>
        Math.floor(replay() * Math.min(MINUTE, 2000 * 2 ** attempt)),
      ),
    )
    expect(new Set(clock.slept).size).toBeGreaterThan(ATTEMPTS / 2)
  })

  test('started again every five minutes stays within its budget of requests, and resumes when it is over', async () => {
    const { hub, clock, whole, on, refused } = await storm(30)
    const store = temporaryStore()
    const random = seededRandom(SEED + 1)
    let runs = 0
    for (; on(); runs += 1) {
      const slot = clock.now() + 5 * MINUTE
      const run = sweepOnce(hub, store, { clock, pageSize: PAGE_SIZE, random })
      if (!on()) break
      await failureOf(run, EXIT_CODES.partial)
      expect(stateOf(store)).toEqual([['running', 1, PAGE_SIZE]])
      clock.set(Math.max(slot, clock.now()))
    }
    expect(runs).toBeGreaterThan(3)
    expect(runs).toBeLessThanOrEqual(7)
    expect(refused()).toBeLessThanOrEqual(runs * ATTEMPTS)
    const { began, sweep } = await sweepOnce(hub, store, { clock, pageSize: PAGE_SIZE, random })
    expect([began, sweep.state]).toEqual(['resumed', 'complete'])
    expect(contentLines(store.file)).toEqual(whole)
  })
})

test('case 10: 504 at one cursor only is exit code 3 within the budget, whatever else is served, and the page before is not asked again', async () => {
  const { hub } = await threePages()
  const whole = await undisturbed(hub)
  const asked = hub.requests.length
  hub.faults.push({ kind: 'status', status: 504, on: isPage(2), times: FOR_EVER })
  const store = temporaryStore()
  for (const runs of [1, 2, 3]) {
    const clock = fakeClock(NOON)
    const run = sweepOnce(hub, store, { clock, pageSize: PAGE_SIZE, random: () => 0.5 })
    const failure = await failureOf(run, EXIT_CODES.partial)
    expect(failure.remedy.happened).toContain('status 504')
    expect(stateOf(store)).toEqual([['running', 1, PAGE_SIZE]])
    // The first page once, and the bad one as often as it may.
    const statuses = hub.requests.slice(asked).map(({ status }) => status)
    expect(statuses).toEqual([200, ...Array(runs * ATTEMPTS).fill(504)])
  }
  hub.faults.clear()
  expect((await sweepOnce(hub, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })).began).toBe('resumed')
  expect(contentLines(store.file)).toEqual(whole)
})
