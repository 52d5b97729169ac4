import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import type { DayDecision } from '../../src/domain/day-decision.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { decideDay } from '../../src/pipeline/decide-day.ts'
import { listDayStates, listHeldDays } from '../../src/pipeline/list-held-days.ts'
import { sweepEnd } from '../../src/pipeline/take-census.ts'
import { readEveryTotal } from '../../src/store/daily-totals.ts'
import { takeLease } from '../../src/store/lease.ts'
import type { Store } from '../../src/store/open-store.ts'
import { LeaseError } from '../../src/store/store-error.ts'
import { listCompleteDays } from '../../src/store/sweep-ledger.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { fakeClock, temporaryFolder } from '../support/census.ts'
import { publishedWorld, readAll, withCensusOf } from './sweeping.ts'

const DAYS = ['2026-08-19', '2026-08-20', '2026-08-21', '2026-08-22'] as const
const [D1, D2, D3, D4] = DAYS
const REPOS = 60

type Edit = (row: CatalogueRow, index: number) => Partial<CatalogueRow>

/** Sixty repositories of one lab on a night: 1,000 downloads more each than the night before, but for what `edit` says. */
const nightOf = (night: number, edit: Edit = () => ({}), count = REPOS): CatalogueRow[] =>
  Array.from({ length: count }, (_, index) => {
    const usual = row(index + 1, {
      downloads: 30_000 + index + night,
      downloadsAllTime: 1_000_000 + 1000 * night + index,
      likes: index,
    })
    return { ...usual, ...edit(usual, index) }
  })
const lessBy =
  (share: number): Edit =>
  ({ downloads }) => ({ downloads: Math.round(downloads * (1 - share)) })
const ZEROS: Edit = () => ({ downloads: 0, downloadsAllTime: 0 })
const oneFell: Edit = (_, index) => (index === 7 ? { downloadsAllTime: 400_000 } : {})
const half = (night: number) => nightOf(night).filter((_, index) => index % 2 === 0)

type Census = Parameters<Parameters<typeof withCensusOf>[2]>[0]

/** Nights one after another on a Hub of their own. */
const withNights = <T>(nights: CatalogueRow[][], action: (census: Census) => Promise<T>): Promise<T> =>
  withCensusOf(
    new Map(nights.map((rows, index) => [DAYS[index]!, rows])),
    join(temporaryFolder(), 'census.db'),
    action,
  )

const decide = (store: Store, decision: DayDecision, day: string, why = 'looked at it') =>
  decideDay(
    decision,
    { day: parseUtcDay(day), why, by: 'ann' },
    { store, clock: fakeClock(`${D4}T20:00:00Z`), log: silentLog },
  )

async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action
  } catch (error) {
    if (!(error instanceof CensusError)) throw error
    expect(error.exitCode).toBe(EXIT_CODES.usage)
    return Object.values(error.remedy).join('\n')
  }
  throw new Error('nothing was refused')
}

const notesOf = (store: Store, day: string) =>
  readAll(
    store,
    "SELECT kind, detail FROM event WHERE day = ? AND kind LIKE 'day-%' ORDER BY event_key",
    dayNumber(parseUtcDay(day)),
  ).map(([kind, detail]) => ({ kind, ...JSON.parse(String(detail)) }))
const drops = (store: Store) => readAll(store, "SELECT repo_id, detail FROM v1_event WHERE kind = 'drop'")
const goneCount = (store: Store) => readAll(store, 'SELECT count(gone_on) FROM repo')[0]![0]
const states = (store: Store) => readAll(store, 'SELECT day, state FROM v1_sweep ORDER BY day')
/** Every published total of a day, in an order of its own. */
const totalsOn = (store: Store, day: string) =>
  readEveryTotal(store, parseUtcDay(day))
    .map(total => JSON.stringify(total))
    .sort()

test('case 30: one counter that falls is kept, noted and published', () =>
  withNights([nightOf(0), nightOf(1, oneFell)], async ({ store, capture, publish }) => {
    await capture(D1)
    const { sweep, heldBecause, judgement } = await capture(D2)
    expect(sweep.state).toBe('complete')
    expect(heldBecause).toBeNull()
    expect(judgement?.figures?.night).toMatchObject({ compared: REPOS, fell: 1, unchanged: 0 })
    expect(drops(store)).toEqual([['lab/model-8', '{"from":1000007,"to":400000}']])
    publish()
    expect(listCompleteDays(store)).toEqual([D1, D2])
    expect(notesOf(store, D2)).toEqual([])
  }))

describe('case 31: a shift of the whole site', () => {
  const GATES: [string, CatalogueRow[], string, string][] = [
    ['a total that lost 40 %', nightOf(1, lessBy(0.4)), 'fall30d', '30-day downloads of the 60 repositories'],
    ['all zeros', nightOf(1, ZEROS), 'zeros,fall-all-time,fell', 'every 30-day counter is 0'],
    ['half of the models missing', half(1), 'repos', 'the catalogue shrank from 60 to 30 repositories'],
    ['an empty list', [], 'empty', 'the Hub listed no repository at all'],
    ['a rise by half', nightOf(1, lessBy(-0.5)), 'rise30d', 'limit +30.0 %'],
    [
      'counters set back for one repository in ten',
      nightOf(1, ({ downloadsAllTime }, index) =>
        index % 10 === 0 ? { downloadsAllTime: downloadsAllTime! - 5000 } : {},
      ),
      'fell',
      '6 of 60 repositories listed on both days have an all-time counter that fell',
    ],
  ]

  test.each(GATES)('is held with exit code 6, its date and its reason: %s', (_, night, limits, words) =>
    withNights([nightOf(0), night, nightOf(2)], async ({ store, capture, publish }) => {
      await capture(D1)
      publish()
      const before = publishedWorld(store, D1)
      const result = await capture(D2)
      const end = sweepEnd(result)
      expect(end.exitCode).toBe(EXIT_CODES.held)
      const lines = end.summary.split('\n')
      expect(lines).toHaveLength(3)
      expect(lines[0]).toContain(`The sweep of ${D2} is held back: `)
      expect(lines[0]).toContain(words)
      expect(lines[1]).toContain(`the headline stays at ${D1}`)
      expect(lines[2]).toContain(`hub-census day accept ${D2} --why`)
      expect(result.sweep.state).toBe('held')
      const comparedWith = limits === 'empty' ? null : D1
      expect(notesOf(store, D2)).toMatchObject([{ kind: 'day-held', limits, comparedWith }])
      expect(notesOf(store, D2)[0].reasons).toContain(words)

      publish()
      expect(publishedWorld(store, D1)).toEqual(before)
      expect(publishedWorld(store, D2)).toEqual([0, 0, 0])
      expect(goneCount(store)).toBe(0)
      const headline = answerHeadline({}, { store, registry: EVERY_KIND })
      expect(headline.basis.asOf).toBe(D1)
      expect(headline.heldDays).toMatchObject([{ day: D2, because: expect.stringContaining(words) }])
      expect(answerHeadline({ asOf: parseUtcDay(D1) }, { store, registry: EVERY_KIND }).heldDays).toEqual([])

      // The night after it is right again: published, and nobody counts as fallen that is back.
      const next = await capture(D3)
      expect(next.heldBecause).toBeNull()
      expect(next.judgement).toMatchObject({ lastGood: D1, figures: { night: { fell: 0, compared: REPOS } } })
      publish()
      expect(answerHeadline({}, { store, registry: EVERY_KIND })).toMatchObject({
        basis: { asOf: D3 },
        heldDays: [],
      })
    }),
  )

  test.each(GATES.slice(0, 3))('leaves the nights after it as if it had never been: %s', (_, night) =>
    withNights([nightOf(0), night, nightOf(2), nightOf(3)], held =>
      withNights([nightOf(0), [], nightOf(2), nightOf(3)], async never => {
        for (const { capture, publish } of [held, never]) {
          await capture(D1)
          publish()
        }
        await held.capture(D2)
        for (const { capture, publish } of [held, never]) {
          await capture(D3)
          publish()
        }
        const [first, third] = [totalsOn(never.store, D1), totalsOn(never.store, D3)]
        const expectAlike = () => {
          expect(totalsOn(held.store, D1)).toEqual(first)
          expect(totalsOn(held.store, D3)).toEqual(third)
        }
        expect(third.length).toBeGreaterThan(3)
        expectAlike()
        held.publish({ recompute: true })
        expectAlike()
        // Whatever is decided on it, other days do not move.
        for (const decision of ['accept', 'reject', 'accept'] as const) {
          await decide(held.store, decision, D2)
          held.publish()
          expectAlike()
          expect(totalsOn(held.store, D2).length > 0).toBe(decision === 'accept')
        }
        for (const { capture, publish } of [held, never]) {
          await capture(D4)
          publish()
        }
        expectAlike()
        expect(totalsOn(held.store, D4)).toEqual(totalsOn(never.store, D4))
      }),
    ),
  )

  test('says nothing of a night on which somebody left since: what left is what the good day knew', () =>
    withNights([nightOf(0), nightOf(1, ZEROS), nightOf(2).slice(2)], async ({ capture }) => {
      await capture(D1)
      expect((await capture(D2)).sweep.state).toBe('held')
      const { heldBecause, judgement } = await capture(D3)
      expect(heldBecause).toBeNull()
      expect(judgement?.figures?.night).toMatchObject({ compared: REPOS - 2, fell: 0 })
    }))

  test('that lasts is held every night until somebody accepts it, and from then on is the good day', () =>
    withNights(
      [nightOf(0), ...[1, 2, 3].map(night => nightOf(night, lessBy(0.4)))],
      async ({ store, capture, publish }) => {
        await capture(D1)
        for (const day of [D2, D3]) {
          const { heldBecause, judgement } = await capture(day)
          expect(heldBecause).toContain('-40.0 %')
          expect(judgement?.lastGood).toBe(D1)
        }
        const note = await decide(store, 'accept', D3, 'the Hub announced that it counts otherwise')
        expect(note).toMatchObject({ day: D3, before: 'held', newest: D3, goneRepos: 0 })
        expect(notesOf(store, D3)).toMatchObject([
          { kind: 'day-held' },
          { kind: 'day-accepted', by: 'ann', was: 'held', why: 'the Hub announced that it counts otherwise' },
        ])
        publish()
        expect(publishedWorld(store, D3)[0]).toBe(REPOS)
        const next = await capture(D4)
        expect(next).toMatchObject({ heldBecause: null, judgement: { lastGood: D3 } })
        expect(states(store)).toEqual([
          [D1, 'complete'],
          [D2, 'held'],
          [D3, 'complete'],
          [D4, 'complete'],
        ])
        expect(listHeldDays(store).map(({ day }) => day)).toEqual([D2])
        await decide(store, 'reject', D2)
        expect(listHeldDays(store)).toEqual([])
      },
    ))

  test('rejected is in no number, and can still be accepted', () =>
    withNights([nightOf(0), nightOf(1, lessBy(0.4))], async ({ store, capture, publish }) => {
      await capture(D1)
      await capture(D2)
      await decide(store, 'reject', D2, '\u001b[2Jthe Hub lost half a month')
      publish()
      expect(answerHeadline({}, { store, registry: EVERY_KIND })).toMatchObject({
        basis: { asOf: D1 },
        heldDays: [],
      })
      expect(listDayStates(store)).toMatchObject({ days: [{ day: D2, state: 'rejected' }], newest: D1 })
      await decide(store, 'accept', D2)
      publish()
      expect(answerHeadline({}, { store, registry: EVERY_KIND }).basis.asOf).toBe(D2)
      expect(notesOf(store, D2).map(({ kind }) => kind)).toEqual(['day-held', 'day-rejected', 'day-accepted'])
    }))

  test('of an accepted list makes gone who is not in it, and nobody once it is rejected again', () =>
    withNights([nightOf(0), half(1), nightOf(2)], async ({ store, capture, publish }) => {
      await capture(D1)
      publish()
      await capture(D2)
      expect(goneCount(store)).toBe(0)
      expect((await decide(store, 'accept', D2)).goneRepos).toBe(30)
      publish()
      expect(publishedWorld(store, D2)[0]).toBe(30)
      // The published day is taken back: its totals go, and who was gone by it alone is listed.
      expect((await decide(store, 'reject', D2)).goneRepos).toBe(30)
      expect(goneCount(store)).toBe(0)
      publish()
      expect(readAll(store, 'SELECT DISTINCT day FROM v1_daily_total')).toEqual([[D1]])
      expect(publishedWorld(store, D1)[0]).toBe(REPOS)
      // And accepted once more: the same as the first time.
      expect((await decide(store, 'accept', D2)).goneRepos).toBe(30)
      publish()
      expect(publishedWorld(store, D2)[0]).toBe(30)
      await decide(store, 'reject', D2)
      const next = await capture(D3)
      expect(next).toMatchObject({ heldBecause: null, judgement: { lastGood: D1 } })
      expect(next.judgement?.figures).toMatchObject({
        night: { compared: REPOS, downloads30d: 60 * 30_002 + (59 * 60) / 2 },
        good: { downloads30d: 60 * 30_000 + (59 * 60) / 2 },
      })
      publish()
      expect(publishedWorld(store, D3)[0]).toBe(REPOS)
      publish({ recompute: true })
      expect(publishedWorld(store, D3)[0]).toBe(REPOS)
    }))

  test('accepted after somebody was seen again makes nobody gone', () =>
    withNights([nightOf(0), half(1), nightOf(2)], async ({ store, capture, publish }) => {
      for (const day of [D1, D2, D3]) await capture(day)
      expect((await decide(store, 'accept', D2)).goneRepos).toBe(0)
      expect(goneCount(store)).toBe(0)
      publish()
      expect(listCompleteDays(store)).toEqual([D1, D2, D3])
      expect(publishedWorld(store, D3)[0]).toBe(REPOS)
    }))

  test('of which only the counters are accepted makes nobody gone that a shrunken list leaves out', () =>
    // 5 % fewer repositories: within the limit, beyond the 1 % that is believed.
    withNights([nightOf(0), nightOf(1, lessBy(0.4)).slice(3)], async ({ store, capture }) => {
      await capture(D1)
      expect((await capture(D2)).heldBecause).toMatch(/^30-day downloads of the 57 /)
      expect((await decide(store, 'accept', D2)).goneRepos).toBe(0)
    }))

  test('accepted beforehand is noted as a decision', () =>
    withNights([nightOf(0), half(1)], async ({ store, capture }) => {
      await capture(D1)
      expect((await capture(D2, { acceptShrinkage: true })).sweep.state).toBe('complete')
      expect(goneCount(store)).toBe(30)
      expect(notesOf(store, D2)).toMatchObject([
        { kind: 'day-accepted', why: '--accept-shrinkage', limits: 'repos', repos: 30, reposBefore: 60 },
      ])
    }))

  test('that is another one than the shrinkage is not accepted with it', () =>
    withNights([nightOf(0), half(1).map(found => ({ ...found, downloads: 0 }))], async ({ capture }) => {
      await capture(D1)
      expect((await capture(D2, { acceptShrinkage: true })).heldBecause).toBe('every 30-day counter is 0')
    }))

  test('on the only complete day, rejected, leaves nothing published', () =>
    withNights([nightOf(0), nightOf(1)], async ({ store, capture, publish }) => {
      await capture(D1)
      publish()
      expect((await decide(store, 'reject', D1)).newest).toBeNull()
      publish()
      expect(publishedWorld(store, D1)).toEqual([0, 0, 0])
      expect(() => answerHeadline({}, { store, registry: EVERY_KIND })).toThrow('No day has been published')
      await capture(D2)
      publish()
      expect(answerHeadline({}, { store, registry: EVERY_KIND }).basis.asOf).toBe(D2)
    }))
})

describe('case 31: what is no shift of the site', () => {
  test('births, however many and however large, and removals, returns and a list whose members change', () => {
    const large: Edit = (_, index) => (index >= REPOS ? { downloads: 9_000_000, downloadsAllTime: 9e9 } : {})
    // From night to night the list moves on by a quarter; it starts with giants and ends with them again.
    const window = (night: number, from: number) =>
      nightOf(
        night,
        (_, index) => (index < 10 ? { downloads: 5_000_000, downloadsAllTime: 4e9 } : {}),
        120,
      ).slice(from, from + 80)
    return withNights([nightOf(0), nightOf(1, large, 200)], async ({ capture }) => {
      await capture(D1)
      expect((await capture(D2)).judgement).toMatchObject({
        reasons: [],
        figures: { night: { repos: 200, compared: 60 } },
      })
    }).then(() =>
      withNights([window(0, 0), window(1, 20), window(2, 40), window(3, 0)], async ({ store, capture }) => {
        for (const [day, compared] of [
          [D1, null],
          [D2, 60],
          [D3, 60],
          [D4, 40],
        ] as const) {
          const { heldBecause, judgement } = await capture(day)
          expect([heldBecause, judgement?.figures?.night.compared ?? null]).toEqual([null, compared])
        }
        expect(goneCount(store)).toBe(40)
      }),
    )
  })

  test('an all-time counter that the Hub leaves out: unknown is not zero', () =>
    withNights(
      [nightOf(0), nightOf(1, () => ({ downloadsAllTime: undefined as never })), nightOf(2)],
      async ({ capture }) => {
        await capture(D1)
        expect((await capture(D2)).judgement?.figures).toMatchObject({
          night: { downloadsAllTime: null },
          good: { downloadsAllTime: null },
        })
        expect((await capture(D3)).heldBecause).toBeNull()
      },
    ))
})

test('case 32: a frozen source is published; a limit can be set to hold it', () =>
  withNights([nightOf(0), nightOf(0), nightOf(0), nightOf(0)], async ({ store, capture, publish }) => {
    await capture(D1)
    for (const day of [D2, D3]) {
      const { sweep, judgement } = await capture(day)
      expect(sweep).toMatchObject({ state: 'complete', storedCount: 0, unchangedCount: REPOS })
      expect(judgement?.figures?.night.unchanged).toBe(REPOS)
    }
    publish()
    expect(publishedWorld(store, D3)).toEqual(publishedWorld(store, D1))
    const gate = { ...(await import('../../src/domain/day-gate.ts')).DEFAULT_GATE_LIMITS, unchanged: 0.95 }
    expect((await capture(D4, { gate })).heldBecause).toBe(
      '60 of 60 repositories listed on both days have the 30-day counter last seen (100.0 %; limit 95.0 %)',
    )
  }))

test('case 33: a value of yesterday that is corrected today is visible beside its correction', () =>
  withNights([nightOf(0), nightOf(1, oneFell), nightOf(2)], async ({ store, capture, publish }) => {
    for (const day of [D1, D2, D3]) {
      await capture(day)
      publish()
    }
    const seen = `SELECT day, downloads_all_time FROM v1_observation WHERE repo_id = 'lab/model-8' ORDER BY day`
    expect(readAll(store, seen)).toEqual([
      [D1, 1_000_007],
      [D2, 400_000],
      [D3, 1_002_007],
    ])
    expect(publishedWorld(store, D2)[2]).toBe(60 * 1_001_000 + (59 * 60) / 2 - 1_001_007 + 400_000)
  }))

describe('case 31: a decision', () => {
  test('is refused without a reason, and on a day on which there is nothing to decide', () =>
    withNights([nightOf(0), nightOf(1, lessBy(0.4)), nightOf(2)], async ({ store, capture }) => {
      await capture(D1)
      await capture(D2)
      const stop = new AbortController()
      await capture(D3, { signal: stop.signal, onPage: () => stop.abort() })
      const before = readAll(store, 'SELECT count(*), max(event_key) FROM event')
      expect(await refusal(decide(store, 'accept', D2, ' '))).toContain('--why is empty')
      expect(await refusal(decide(store, 'accept', D2, 'x'.repeat(501)))).toContain(
        '--why has 501 characters',
      )
      expect(await refusal(decide(store, 'accept', '2026-01-01'))).toMatch(
        /2026-01-01 has no sweep.*\n.*\nHeld: 2026-08-20\./,
      )
      expect(await refusal(decide(store, 'accept', D1))).toContain(`${D1} is complete`)
      for (const decision of ['accept', 'reject'] as const) {
        expect(await refusal(decide(store, decision, D3))).toContain('is not at its end')
      }
      store.sqlite.prepare("UPDATE sweep SET state = 'partial' WHERE state = 'running'").run()
      expect(await refusal(decide(store, 'accept', D3))).toContain('broke off')
      expect(readAll(store, 'SELECT count(*), max(event_key) FROM event')).toEqual(before)
      await decide(store, 'reject', D2)
      expect(await refusal(decide(store, 'reject', D2))).toContain(`${D2} is rejected already`)
    }))

  test('waits for nobody: while a sweep is under way it is refused', () =>
    withNights([nightOf(0), nightOf(1, lessBy(0.4))], async ({ store, clock, capture }) => {
      await capture(D1)
      await capture(D2)
      expect(takeLease(store, 'sweep', clock.now()).kind).toBe('taken')
      const effects = { store, clock, log: silentLog }
      await expect(
        decideDay('accept', { day: parseUtcDay(D2), why: 'looked', by: null }, effects),
      ).rejects.toThrow(LeaseError)
      expect(states(store).at(-1)).toEqual([D2, 'held'])
    }))
})
