import type { CleanCounter } from '../domain/clean.ts'
import type { SeriesAnswer, SeriesCorrection, SeriesDay } from '../domain/series-answer.ts'
import { dayFromNumber, daysBetween, type UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'
import { formatAdded } from './counter-words.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { KIND_WORDS } from './event-words.ts'
import { askedWords, eventText } from './events-text.ts'
import { formatCount } from './format.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Days of a table that nobody narrowed. */
const SHOWN_DAYS = 30
/** Longer than any name. */
const MOST_CHARACTERS = 2000

/** A correction without a first day begins with the counting of days. */
const BEGINNING = dayFromNumber(0)

const COUNTER_WORDS: Readonly<Record<CleanCounter, string>> = {
  downloadsAllTime: 'all-time',
  downloads30d: '30-day',
}

/**
 * One repository over time for the terminal, raw beside clean, then what happened and what cleaning adds. Without `from` or
 * `until` the newest days alone, with the number of those before them.
 */
export function* seriesText(answer: SeriesAnswer): Generator<string> {
  const { basis, repo, days, events, corrections } = answer
  const banner = noticeBanner(basis.notice)
  if (banner !== null) yield `${visibleText(banner, MOST_CHARACTERS)}\n\n`
  yield `${visibleText(`Downloads of ${repo.repoId}${askedWords(repo)}`, MOST_CHARACTERS)}\n`
  yield `${visibleText(`${basisLine(basis)} · source: ${sourceWords(basis)}`, MOST_CHARACTERS)}\n`
  yield `${wrapText('daily: what the all-time counter gained since the day before; a dash on the first day, across a gap, and where it is unknown: unknown, not zero; clean, what a drop or a freeze hid is spread over its days; residual: what the raw all-time counter gained in 30 days less the raw 30-day counter', '')}\n\n`
  if (days.length === 0) {
    yield `${nothingWords(answer)}\n`
  } else {
    const isNarrowed = answer.from !== null || answer.until !== null
    const shown = isNarrowed ? days : days.slice(-SHOWN_DAYS)
    const hidden = days.length - shown.length
    if (hidden > 0) {
      yield `${formatCount(hidden)} earlier ${hidden === 1 ? 'day is' : 'days are'} not shown: --from ${days[0]!.day} shows all ${formatCount(days.length)}.\n\n`
    }
    yield `${daysTable(shown, answer.keptOut)}\n`
  }
  yield `\nEvents${events.length === 0 ? ': none' : ''}\n`
  for (const event of events) yield eventText(event)
  yield `\nCorrections: clean is raw plus those of the rules that are on${corrections.length === 0 ? '; none' : ''}\n`
  if (corrections.length > 0) yield `${correctionsTable(corrections)}\n`
  if (basis.notice !== null) yield `\nAll of the above: ${visibleText(basis.notice, MOST_CHARACTERS)}.\n`
}

function daysTable(days: readonly SeriesDay[], keptOut: SeriesAnswer['keptOut']): string {
  const rows = days.flatMap((row, index) => {
    const { day, downloadsAllTime, downloads30d, dailyDownloads, residual, events } = row
    const before = days[index - 1]
    const gap = before === undefined ? [] : absentWords(before.day, day, keptOut).map(words => [words])
    const cells = [downloadsAllTime, downloads30d, dailyDownloads].flatMap(({ raw, clean }) => [
      formatCount(raw),
      formatCount(clean),
    ])
    return [...gap, [day, ...cells, formatCount(residual), events.map(kind => KIND_WORDS[kind]).join(', ')]]
  })
  return terminalTable(
    ['day', 'all-time, raw', 'clean', '30 days, raw', 'clean', 'daily, raw', 'clean', 'residual', 'events'],
    rows,
  )
}

/** Why there is nothing between two days: `gap of 3`, `1 day held`. */
function absentWords(before: UtcDay, day: UtcDay, keptOut: SeriesAnswer['keptOut']): string[] {
  const between = keptOut.filter(found => found.day > before && found.day < day)
  const gap = daysBetween(before, day) - 1 - between.length
  const kept = (['held', 'rejected'] as const).flatMap(state => {
    const count = between.filter(found => found.state === state).length
    return count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? 'day' : 'days'} ${state}`]
  })
  return gap === 0 ? kept : [`gap of ${formatCount(gap)}`, ...kept]
}

function correctionsTable(corrections: readonly SeriesCorrection[]): string {
  return terminalTable(
    ['rule', 'counter', 'from', 'until', 'days', 'adds first', 'adds last', ''],
    corrections.map(({ rule, counter, from, until, days, first, last, isOn }) => [
      ...[
        rule,
        COUNTER_WORDS[counter],
        from === BEGINNING ? 'the beginning' : from,
        until ?? 'no end',
        formatCount(days),
      ],
      ...[formatAdded(first), formatAdded(last), isOn ? '' : 'off'],
    ]),
  )
}

function nothingWords({ from, until }: SeriesAnswer): string {
  if (from === null && until === null) return 'It was listed on no complete day.'
  return `It was listed on no complete day${from === null ? '' : ` from ${from}`}${until === null ? '' : ` until ${until}`}.`
}
