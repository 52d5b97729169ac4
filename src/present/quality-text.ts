import { DAY_STATES, type QualityAnswer } from '../domain/quality-answer.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { eventText, fileBasisLine } from './events-text.ts'
import { DAY_LETTERS, dayCountWords, type QualitySection, qualitySections } from './quality-sections.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Longer than any sentence of the page. */
const MOST_CHARACTERS = 4000

/** The quality of the file for the terminal: the calendar, then what each number means and how it stands. */
export function qualityText(answer: QualityAnswer): string {
  const { basis, span } = answer
  const banner = noticeBanner(basis.notice)
  const parts = banner === null ? [] : [visible(banner)]
  parts.push(`How far the counters can be trusted\n${visible(fileBasisLine(basis))}`)
  if (span === null) {
    parts.push(
      basis.source === null ? 'No sweep has begun in this file.' : 'No sweep lies within these days.',
    )
    return `${parts.join('\n\n')}\n`
  }
  parts.push(calendarText(answer), ...qualitySections(answer).map(sectionText))
  if (basis.notice !== null) parts.push(`All figures above: ${visible(basis.notice)}.`)
  return `${parts.join('\n\n')}\n`
}

function calendarText(answer: QualityAnswer): string {
  const ruler = Array.from({ length: 31 }, (_, index) => String((index + 1) % 10)).join('')
  const used = new Set(answer.calendar.flatMap(({ days }) => days))
  const legend = DAY_STATES.filter(state => used.has(state)).map(
    state => `${DAY_LETTERS[state].letter} ${DAY_LETTERS[state].words}`,
  )
  return [
    `Completeness, a month a row · ${answer.span!.from} to ${answer.span!.until} · ${dayCountWords(answer)}`,
    `         ${ruler}`,
    ...answer.calendar.map(
      ({ month, days }) => `${month}  ${days.map(state => DAY_LETTERS[state].letter).join('')}`,
    ),
    wrapText(legend.join(' · '), ''),
  ].join('\n')
}

function sectionText({ title, about, table, events, lines }: QualitySection): string {
  return [
    title,
    ...(about === null ? [] : [wrapText(visible(about), '  ')]),
    ...(table === null ? [] : [terminalTable(table.header, table.rows)]),
    ...events.map(event => eventText(event).trimEnd()),
    ...lines.map(line => wrapText(visible(line), '')),
  ].join('\n')
}

function visible(text: string): string {
  return visibleText(text, MOST_CHARACTERS)
}
