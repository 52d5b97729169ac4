import type { CleanSpan } from '../domain/clean.ts'
import type { FoundEvent } from '../domain/counter-event.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { leadAcrossFrozen, leadAcrossIncidents } from './lead-across.ts'
import { type MarkedSpan, markedAs } from './marked-days.ts'
import { createSpanBook, type Line, levelLine, type SpanBook, type SpanBooks } from './span-book.ts'

const { alongShare } = DETECTOR_RULES.fall
const { windowLength } = DETECTOR_RULES.spike

/**
 * What the five rules add to the counters of one repository (method.md M14, M16, M17), by rule in the order of cleaning, then
 * counter, then day. Each rule is measured on the counters as the rules before it left them. It wants the whole series and all its
 * events (`detectSeries`); events of other kinds are passed over.
 *
 * - hub-incident: the 30-day counter goes in a straight line from the last good observation to the first good one; while there is
 *   none, it is held. The lifetime counter is left to the falls.
 * - frozen-day: on days of frozen events and of marked frozen spans on which the repository stood still, both counters go in a
 *   straight line from the last good observation to the next that moved. While there is none, and where the lifetime counter came
 *   back lower, nothing is known to correct.
 * - transient-drop (pending ones, too): the lifetime counter is held at the old level; the 30-day counter, where it lost at least half of
 *   the same downloads, is held at its last value, and never lowered.
 * - restatement: the lifetime counter of every day before is multiplied by to / from.
 * - spike: downloads above the usual rate are taken off the lifetime counter, for ever; the 30-day counter is lowered to what it was
 *   before until the burst has left its window. A sustained rise is corrected by nothing, nor is a burst of which a later
 *   restatement took off half: there the Hub has done it.
 */
export function cleanSpans(
  series: CounterSeries,
  events: readonly FoundEvent[],
  marked: readonly MarkedSpan[],
): CleanSpan[] {
  const isMarked = marked.length > 0 && series.days.length > 0
  if (!isMarked && !events.some(({ kind }) => CORRECTED.has(kind))) return []
  const books: SpanBooks = {
    downloads30d: createSpanBook('downloads30d'),
    downloadsAllTime: createSpanBook('downloadsAllTime'),
  }
  const take = (rule: CleanSpan['rule']) => [
    ...books.downloads30d.take(rule),
    ...books.downloadsAllTime.take(rule),
  ]
  const of = (...kinds: FoundEvent['kind'][]) => events.filter(({ kind }) => kinds.includes(kind))
  const restatements = of('restatement')

  leadAcrossIncidents(series, markedAs(marked, 'hub-incident'), books)
  const spans = take('hub-incident')
  leadAcrossFrozen(series, [...markedAs(marked, 'frozen'), ...of('frozen')], books)
  spans.push(...take('frozen-day'))
  for (const drop of of('transient-drop', 'pending-drop')) holdLevel(series, drop, books)
  spans.push(...take('transient-drop'))
  for (const restatement of restatements) restate(restatement, books)
  spans.push(...take('restatement'))
  for (const spike of of('spike')) takeOff(series, spike, restatements, books)
  spans.push(...take('spike'))
  return spans
}

const CORRECTED: ReadonlySet<FoundEvent['kind']> = new Set([
  'frozen',
  'transient-drop',
  'pending-drop',
  'restatement',
  'spike',
])

function holdLevel(series: CounterSeries, { from, until, evidence }: FoundEvent, books: SpanBooks): void {
  const old = numberOf(evidence, 'from')
  const end = until ?? Number.POSITIVE_INFINITY
  books.downloadsAllTime.change(from, end, () => levelLine(old))
  const before = evidence.downloads30dBefore
  if (typeof before !== 'number') return
  const { days, downloads30d, downloadsAllTime } = series
  // From the first day on which the same downloads were lost.
  const along = days.findIndex((day, at) => {
    const lost = old - downloadsAllTime[at]!
    return day >= from && day <= end && lost > 0 && before - downloads30d[at]! >= alongShare * lost
  })
  if (along < 0) return
  const isBelow = (clean: number, target: number) => clean < target
  moveTo(books.downloads30d, series, downloads30d, days[along]!, end, () => before, isBelow)
}

function restate({ from, evidence }: FoundEvent, { downloadsAllTime }: SpanBooks): void {
  const ratio = numberOf(evidence, 'to') / numberOf(evidence, 'from')
  downloadsAllTime.change(0, from - 1, ({ factor, constant, perDay }) => ({
    factor: factor * ratio,
    constant: constant * ratio,
    perDay: perDay * ratio,
  }))
}

function takeOff(
  series: CounterSeries,
  { from, until, evidence }: FoundEvent,
  restatements: readonly FoundEvent[],
  books: SpanBooks,
): void {
  const { excess, usualDaily } = evidence
  if (evidence.status === 'sustained') return
  const later = restatements.filter(restatement => restatement.from > from)
  const lostLater = later.map(({ evidence: loss }) => numberOf(loss, 'from') - numberOf(loss, 'to'))
  if (typeof excess === 'number' && lostLater.some(lost => lost >= excess / 2)) return
  const { days, downloads30d, downloadsAllTime } = series
  const first = days.indexOf(from)
  if (first < 1) return
  const before = first - 1
  let last = until === null ? days.length - 1 : days.indexOf(until)
  while (last > before && Number.isNaN(downloadsAllTime[last]!)) last -= 1

  const start30d = Math.round(books.downloads30d.valueOn(days[before]!, downloads30d[before]!))
  const end30d = until === null ? Number.POSITIVE_INFINITY : until + windowLength - 1
  const isAbove = (clean: number, target: number) => clean > target
  moveTo(books.downloads30d, series, downloads30d, from, end30d, () => start30d, isAbove)

  if (typeof usualDaily !== 'number') return
  // What was counted before a restatement weighs in the clean counter as much as it left of it.
  const weight = later.reduce(
    (product, { evidence: loss }) => product * (numberOf(loss, 'to') / numberOf(loss, 'from')),
    1,
  )
  const perDay = usualDaily * weight
  const book = books.downloadsAllTime
  const start = Math.round(book.valueOn(days[before]!, downloadsAllTime[before]!))
  const usual = (day: number) => start + perDay * (day - days[before]!)
  const over = book.valueOn(days[last]!, downloadsAllTime[last]!) - usual(days[last]!)
  const line = { factor: 0, constant: start - perDay * days[before]!, perDay }
  moveTo(book, series, downloadsAllTime, from, days[last]!, usual, isAbove, line)
  if (over > 0) {
    const constant = Math.round(over)
    book.change(days[last]! + 1, Number.POSITIVE_INFINITY, old => ({
      ...old,
      constant: old.constant - constant,
    }))
  }
}

/**
 * Brings a counter to `target` on the observed days between `from` and `until` on which `isWanted`, each until the next observed
 * one; `line` is the target as a line, a level where absent.
 */
function moveTo(
  book: SpanBook,
  { days }: CounterSeries,
  raw: Float64Array,
  from: number,
  until: number,
  target: (day: number) => number,
  isWanted: (clean: number, target: number) => boolean,
  line?: Line,
): void {
  const wanted: number[] = []
  for (let at = 0; at < days.length; at += 1) {
    const day = days[at]!
    if (day < from || day > until) continue
    if (isWanted(book.valueOn(day, raw[at]!), target(day))) wanted.push(at)
  }
  for (const at of wanted) {
    let after = at + 1
    while (after < days.length && Number.isNaN(raw[after]!)) after += 1
    const next = Math.min(until, (days[after] ?? Number.POSITIVE_INFINITY) - 1)
    book.change(days[at]!, next, () => line ?? levelLine(target(days[at]!)))
  }
}

function numberOf(evidence: FoundEvent['evidence'], name: string): number {
  const value = evidence[name]
  if (typeof value !== 'number') throw new RangeError(`evidence has no number ${name}`)
  return value
}
