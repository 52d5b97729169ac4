import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import type { MonthlyShare } from '../../src/domain/derivative.ts'
import { hasEarlierMonths, type MonthSpan } from '../../src/domain/share-answer.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { answerShares } from '../../src/pipeline/answer-shares.ts'
import { HEADLINE_CHOICE } from '../../src/pipeline/read-share-choice.ts'
import { replaceMonthlyShares } from '../../src/store/monthly-shares.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { monthlyShares } from '../present/samples.ts'
import { capturing } from '../store/capturing.ts'
import { temporaryStore } from '../support/census.ts'

const TODAY = parseUtcDay('2026-03-10')

/** A census whose newest published day has these monthly shares. */
async function publishedWith(shares: readonly MonthlyShare[]) {
  const { store, capture } = await capturing({ [TODAY]: [row(1)] })
  await capture(TODAY)
  store.sqlite.exec(
    `INSERT INTO daily_total VALUES (${dayNumber(TODAY)}, 'all', 'publisher', 'region', 'unreviewed', 1, 1, 1, 0, 0, 0);
     INSERT INTO daily_total_basis VALUES ('${EVERY_KIND.revision}', 2, 1, 0)`,
  )
  store.sqlite.transaction(() => replaceMonthlyShares(store, shares))()
  return { store, registry: EVERY_KIND }
}

const SHARES = monthlyShares({
  '2024-11': { china: 10 },
  '2025-04': { europe: 20 },
  '2026-02': { china: 60, 'united-states': 60 },
  '2026-03': { unreviewed: 5 },
})

describe('the answer on shares', () => {
  test('shows the twelve months that are over and the one that runs, gaps included, and sums every month', async () => {
    const answer = answerShares(HEADLINE_CHOICE, await publishedWith(SHARES))
    expect(answer.basis).toMatchObject({ asOf: TODAY, registryRevision: EVERY_KIND.revision })
    expect(answer.months.map(({ month }) => month)).toEqual([
      ...['2025-03', '2025-04', '2025-05', '2025-06', '2025-07', '2025-08', '2025-09', '2025-10'],
      ...['2025-11', '2025-12', '2026-01', '2026-02', '2026-03'],
    ])
    expect(answer.months.filter(({ isOver }) => !isOver).map(({ month }) => month)).toEqual(['2026-03'])
    expect(answer.months.map(({ counted }) => counted)).toEqual([0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 120, 5])
    expect(answer.together).toMatchObject({ counted: 155, publishers: null })
    // Without the running month and those that are not shown.
    expect(answer.shown).toMatchObject({ counted: 140, publishers: null })
    expect(answer).toMatchObject({
      scope: 'all',
      scopeVersion: 1,
      known: { from: '2024-11', until: '2026-03' },
    })
    expect(hasEarlierMonths(answer)).toBe(true)
    expect(answer.together.lines.find(({ line }) => line === 'china')).toMatchObject({
      repos: 70,
      share: 70 / 155,
    })
  })

  test('holds every month against the last twelve and the newest that is over', async () => {
    const { alternatives } = answerShares(HEADLINE_CHOICE, await publishedWith(SHARES))
    const spans = alternatives.filter(({ changed }) => changed === 'months')
    expect(spans.map(({ choice, counted, shares }) => [choice.months, counted, shares[0]!.share])).toEqual([
      [{ from: '2025-03', until: '2026-02' }, 140, 60 / 140],
      [{ from: '2026-02', until: '2026-02' }, 120, 0.5],
    ])
    expect(spans[1]!.shares.map(({ line }) => line)).toEqual(['china', 'united-states', 'europe'])
  })

  test.each<[MonthSpan, string, string, number, number]>([
    [{ from: '2024-11', until: '2024-12' }, '2024-11', '2024-12', 2, 10],
    [{ from: '2026-01', until: null }, '2026-01', '2026-03', 3, 125],
    // An open or a far end is cut to what there is.
    [{ from: null, until: '2025-04' }, '2024-11', '2025-04', 6, 30],
    [{ from: '1999-01', until: '2024-11' }, '2024-11', '2024-11', 1, 10],
    [{ from: '2026-03', until: '2999-12' }, '2026-03', '2026-03', 1, 5],
  ])('takes the span %j', async (months, first, last, count, counted) => {
    const answer = answerShares({ ...HEADLINE_CHOICE, months }, await publishedWith(SHARES))
    expect(answer.months.map(({ month }) => month)).toHaveLength(count)
    expect([answer.months[0]!.month, answer.months.at(-1)!.month]).toEqual([first, last])
    expect(answer.together.counted).toBe(counted)
    expect(hasEarlierMonths(answer)).toBe(false)
    // The headline's span is one of the other choices now.
    expect(answer.alternatives.map(({ choice }) => choice.months)).toContainEqual(HEADLINE_CHOICE.months)
  })

  test('has no month before any derivative or after the running one, and nothing of nothing', async () => {
    const census = await publishedWith(SHARES)
    const later = answerShares({ ...HEADLINE_CHOICE, months: { from: '2026-04', until: null } }, census)
    expect(later).toMatchObject({ months: [], shown: { considered: 0 }, together: { counted: 0 } })
    const empty = answerShares(HEADLINE_CHOICE, await publishedWith([]))
    expect(empty.months).toHaveLength(13)
    expect(empty.known).toBeNull()
    expect(empty.ranges).toEqual([])
  })

  test('is refused before anything is published', () => {
    const ask = () => answerShares(HEADLINE_CHOICE, { store: temporaryStore(), registry: EVERY_KIND })
    expect(ask).toThrow(CensusError)
  })
})
