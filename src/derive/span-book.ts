import type { CleanCounter, CleanRule, CleanSpan } from '../domain/clean.ts'

/** What a clean value is of the raw one and the day (days since 1970-01-01): factor * raw + constant + perDay * day. */
export interface Line {
  factor: number
  constant: number
  perDay: number
}

/** A line on the days `from` to `until`, both included. */
interface Piece extends Line {
  from: number
  until: number
}

const RAW: Line = { factor: 1, constant: 0, perDay: 0 }

/**
 * The clean value of one counter as a chain of lines over all days, changed rule by rule. What a rule changed comes out as
 * spans that do not overlap, each measured on the chain as the rules before left it.
 */
export interface SpanBook {
  /** The clean value so far, not rounded. */
  valueOn(day: number, raw: number): number
  /** Changes every line of the days `from` to `until` (both included; Infinity for no end). */
  change(from: number, until: number, to: (line: Line) => Line): void
  /** What was changed since the last call, as spans of this rule by day. */
  take(rule: CleanRule): CleanSpan[]
}

/** A book for each counter. */
export interface SpanBooks {
  downloads30d: SpanBook
  downloadsAllTime: SpanBook
}

/** The same value on every day, whatever the raw one. */
export function levelLine(constant: number): Line {
  return { factor: 0, constant, perDay: 0 }
}

export function createSpanBook(counter: CleanCounter): SpanBook {
  let before: readonly Piece[] = [{ ...RAW, from: 0, until: Number.POSITIVE_INFINITY }]
  let pieces = before

  return {
    valueOn(day, raw) {
      return lineValue(pieces.find(piece => day <= piece.until)!, day, raw)
    },
    change(from, until, to) {
      if (until < from) return
      pieces = pieces.flatMap(piece => {
        if (piece.until < from || piece.from > until) return [piece]
        const start = Math.max(piece.from, from)
        const end = Math.min(piece.until, until)
        const parts: Piece[] = []
        if (piece.from < start) parts.push({ ...piece, until: start - 1 })
        parts.push({ ...to(piece), from: start, until: end })
        if (piece.until > end) parts.push({ ...piece, from: end + 1 })
        return parts
      })
    },
    take(rule) {
      const spans = differences(before, pieces).map(({ from, until, factor, constant, perDay }) => ({
        rule,
        counter,
        from,
        until: until === Number.POSITIVE_INFINITY ? null : until,
        rawFactor: factor,
        constant: constant + perDay * from,
        perDay,
      }))
      before = pieces
      return spans
    },
  }
}

/** What `after`, whose pieces lie each within one of `before`, adds; neighbours that add the same are one. */
function differences(before: readonly Piece[], after: readonly Piece[]): Piece[] {
  const found: Piece[] = []
  let place = 0
  for (const piece of after) {
    while (before[place]!.until < piece.from) place += 1
    const old = before[place]!
    const factor = piece.factor - old.factor
    const constant = piece.constant - old.constant
    const perDay = piece.perDay - old.perDay
    if (factor === 0 && constant === 0 && perDay === 0) continue
    const last = found.at(-1)
    if (
      last !== undefined &&
      last.until + 1 === piece.from &&
      last.factor === factor &&
      last.constant === constant &&
      last.perDay === perDay
    ) {
      last.until = piece.until
    } else {
      found.push({ from: piece.from, until: piece.until, factor, constant, perDay })
    }
  }
  return found
}

function lineValue({ factor, constant, perDay }: Line, day: number, raw: number): number {
  return factor * raw + constant + perDay * day
}
