import type { MonthlyShare } from '../domain/derivative.ts'
import type { MonthSpan, ShareChoice, ShareSum } from '../domain/share-answer.ts'

/** Adds monthly shares up over months. */
export interface ShareSums {
  /** The months of the choice together, with every one of `lines`. Exact but for the cap, which is of each month. */
  sum(choice: ShareChoice): ShareSum
  /** Months with a derivative, ascending. */
  months: readonly string[]
}

/** `lines`: keys of the lines to tell, in reading order: every line the shares have. */
export function createShareSums(shares: readonly MonthlyShare[], lines: readonly string[]): ShareSums {
  const cells = new Map<string, MonthlyShare[]>()
  for (const share of shares) {
    const key = cellKey(share)
    const known = cells.get(key)
    if (known === undefined) cells.set(key, [share])
    else known.push(share)
  }
  return {
    months: [...new Set(shares.map(({ month }) => month))].sort(),
    sum(choice) {
      const chosen = (cells.get(cellKey(choice)) ?? []).filter(({ month }) => isWithin(month, choice.months))
      const sum = { considered: 0, counterUnknown: 0, counted: 0 }
      const repos = new Map<string, number>(lines.map(line => [line, 0]))
      for (const cell of chosen) {
        sum.considered += cell.considered
        sum.counterUnknown += cell.counterUnknown
        sum.counted += choice.isCapped ? cell.capped : cell.counted
        for (const found of cell.lines) {
          if (found.attribution !== choice.attribution) continue
          const value = choice.isCapped ? found.capped : found.repos
          repos.set(found.line, (repos.get(found.line) ?? 0) + value)
        }
      }
      // Uploaders of two months may be the same: only of one month is their number known.
      const { from, until } = choice.months
      const isOneMonth = from !== null && from === until
      const publishers = isOneMonth ? (chosen[0]?.publishers ?? 0) : null
      return {
        ...sum,
        publishers,
        lines: [...repos].map(([line, value]) => ({
          line,
          repos: value,
          share: sum.counted === 0 ? null : value / sum.counted,
        })),
      }
    },
  }
}

function cellKey({
  relations,
  counter,
  threshold,
}: Pick<ShareChoice, 'relations' | 'counter' | 'threshold'>): string {
  return `${relations} ${counter} ${threshold}`
}

function isWithin(month: string, { from, until }: MonthSpan): boolean {
  return (from === null || from <= month) && (until === null || month <= until)
}
