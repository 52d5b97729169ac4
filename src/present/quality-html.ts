import type { ListedEvent } from '../domain/counter-event.ts'
import { DAY_STATES, type QualityAnswer } from '../domain/quality-answer.ts'
import { eventWords, KIND_WORDS, spanWords, whoseWords } from './event-words.ts'
import { fileBasisLine } from './events-text.ts'
import { type Html, html } from './html.ts'
import { noticeHtml, pageHtml } from './page-html.ts'
import { DAY_LETTERS, dayCountWords, type QualitySection, qualitySections } from './quality-sections.ts'

/** The quality of the file as one self-contained page. */
export function qualityHtml(answer: QualityAnswer): string {
  const { basis, span } = answer
  const content =
    span === null
      ? html`<p>${basis.source === null ? 'No sweep has begun in this file.' : 'No sweep lies within these days.'}</p>`
      : html`${calendarSection(answer)}${qualitySections(answer).map(sectionHtml)}`
  return pageHtml(
    `Quality of the census${basis.asOf === null ? '' : `, ${basis.asOf}`}`,
    html`<header>
<h1>How far the counters can be trusted</h1>
<p class="basis">${fileBasisLine(basis)}</p>
${noticeHtml(basis.notice)}
</header>
<main>
${content}
</main>`,
  )
}

function calendarSection(answer: QualityAnswer): Html {
  const used = new Set(answer.calendar.flatMap(({ days }) => days))
  const legend = DAY_STATES.filter(state => used.has(state)).map(
    state =>
      html`<li><span class="day ${state}">${DAY_LETTERS[state].letter}</span> ${DAY_LETTERS[state].words}</li>`,
  )
  const numbers = Array.from({ length: 31 }, (_, index) => html`<th scope="col">${index + 1}</th>`)
  const rows = answer.calendar.map(
    ({ month, days }) =>
      html`<tr><th scope="row">${month}</th>${days.map(state => html`<td class="day ${state}">${DAY_LETTERS[state].letter}</td>`)}</tr>`,
  )
  return html`<section aria-labelledby="completeness">
<h2 id="completeness">Completeness</h2>
<p class="definition">A month a row, from ${answer.span!.from} to ${answer.span!.until}. ${dayCountWords(answer)}.</p>
<div class="scroll" tabindex="0"><table class="calendar"><thead><tr><th scope="col">Month</th>${numbers}</tr></thead><tbody>${rows}</tbody></table></div>
<ul class="legend">${legend}</ul>
</section>
`
}

function sectionHtml({ title, about, table, events, lines }: QualitySection, index: number): Html {
  const id = `part-${index + 1}`
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${about !== null && html`<p class="definition">${about}</p>`}
${
  table !== null &&
  html`<div class="scroll" tabindex="0"><table class="days"><thead><tr>${table.header.map(name => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${table.rows.map(
    ([first, ...others]) =>
      html`<tr><th scope="row">${first}</th>${others.map(cell => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`
}
${events.length > 0 && eventTable(events)}
${lines.map(line => html`<p>${line}</p>`)}
</section>
`
}

/** Events as a table: when, what, whose, and the evidence in words. */
export function eventTable(events: readonly ListedEvent[]): Html {
  const rows = events.map(
    event =>
      html`<tr><th scope="row">${spanWords(event)}</th><td class="words">${KIND_WORDS[event.kind] ?? event.kind}</td><td class="words">${whoseWords(event)}</td><td class="words">${eventWords(event)}</td></tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table class="events"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Whose</th><th scope="col">Evidence</th></tr></thead><tbody>${rows}</tbody></table></div>`
}
