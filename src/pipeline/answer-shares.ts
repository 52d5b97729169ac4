import { SHARE_SCOPE } from '../derive/headline-metrics.ts'
import { lineName, lineOrder } from '../derive/lines.ts'
import { shareSensitivity } from '../derive/share-sensitivity.ts'
import { createShareSums, type ShareSums } from '../derive/share-sums.ts'
import type { MonthSpan, MonthSum, ShareAnswer, ShareChoice } from '../domain/share-answer.ts'
import { readMonthlyShares } from '../store/monthly-shares.ts'
import { type AnswerEffects, answerBasis } from './answer-basis.ts'

/** The regions whose share every other choice is held against. */
const WATCHED = ['china', 'united-states', 'europe']
/** Complete months that the table shows when none are named. */
const MONTHS_SHOWN = 12
const EVERY_MONTH: MonthSpan = { from: null, until: null }

/**
 * The share of derivatives by month of creation under one set of choices, and how far every other choice moves it: of
 * the newest published day. Throws a CensusError when no day has been published.
 */
export function answerShares(choice: ShareChoice, effects: AnswerEffects): ShareAnswer {
  const { store, registry } = effects
  // One state of the file: another process may publish between the two questions.
  const { basis, shares } = store.sqlite.transaction(() => ({
    basis: answerBasis(undefined, effects).basis,
    shares: readMonthlyShares(store),
  }))()
  const order = lineOrder(registry)
  const sums = createShareSums(shares, order)
  const runningMonth = basis.asOf.slice(0, 7)
  const newestOver = monthsLater(runningMonth, -1)
  const lastYear = { from: monthsLater(newestOver, 1 - MONTHS_SHOWN), until: newestOver }
  const spans = distinctSpans([choice.months, EVERY_MONTH, lastYear, { from: newestOver, until: newestOver }])
  const watched = WATCHED.filter(line => order.includes(line))
  const months = monthSums(sums, choice, { runningMonth, firstShown: lastYear.from })
  const [earliest, latest] = [sums.months[0], sums.months.at(-1)]
  return {
    basis,
    choice,
    scope: SHARE_SCOPE,
    scopeVersion: registry.scopes.get(SHARE_SCOPE)?.version ?? 0,
    lines: order.map(line => ({ line, name: lineName(registry, line) })),
    months,
    shown: sums.sum({ ...choice, months: spanOf(months.filter(({ isOver }) => isOver)) }),
    known: earliest === undefined || latest === undefined ? null : { from: earliest, until: latest },
    together: sums.sum(choice),
    ...shareSensitivity(sums, choice, spans, watched),
  }
}

/** The months of the choice, gaps included; when it names none, the newest complete ones and the one that runs. */
function monthSums(
  sums: ShareSums,
  choice: ShareChoice,
  { runningMonth, firstShown }: { runningMonth: string; firstShown: string },
): MonthSum[] {
  const { from, until } = choice.months
  const earliest = sums.months[0] ?? runningMonth
  // A span with one open end begins or ends with what is known.
  const first = from === null ? (until === null ? firstShown : earliest) : later(from, earliest)
  const last = until === null || until > runningMonth ? runningMonth : until
  const months: MonthSum[] = []
  for (let month = first; month <= last; month = monthsLater(month, 1)) {
    const sum = sums.sum({ ...choice, months: { from: month, until: month } })
    months.push({ month, isOver: month < runningMonth, ...sum })
  }
  return months
}

/** From the first of these months to the last; of none, a span without a month. */
function spanOf(months: readonly MonthSum[]): MonthSpan {
  const [first, last] = [months[0], months.at(-1)]
  return first === undefined || last === undefined
    ? { from: '9999-12', until: '0000-01' }
    : { from: first.month, until: last.month }
}

function later(a: string, b: string): string {
  return a > b ? a : b
}

function monthsLater(month: string, count: number): string {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count
  return `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`
}

function distinctSpans(spans: readonly MonthSpan[]): MonthSpan[] {
  const byEnds = new Map(spans.map(span => [`${span.from} ${span.until}`, span]))
  return [...byEnds.values()]
}
