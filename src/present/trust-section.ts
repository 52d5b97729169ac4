import type { ListedEvent } from '../domain/counter-event.ts'
import type { QualityAnswer } from '../domain/quality-answer.ts'
import { eventWords, KIND_WORDS, spanWords, whoseWords } from './event-words.ts'
import { formatCount, formatShare } from './format.ts'
import { type Html, html } from './html.ts'
import { dayCountWords, residualShare } from './quality-sections.ts'

/** Incidents told one by one; the others are counted. */
const TOLD = 5

/** What the report says of its own counters: residuals, open incidents, days held back; `hub-census quality` has the rest. */
export function trustSection(answer: QualityAnswer): Html {
  const items = [residuals(answer), incidents(answer), heldDays(answer), completeness(answer)]
  return html`<ul>${items.map(item => item !== null && html`<li>${item}</li>`)}</ul>
<p class="definition">Day by day, with a calendar: <code>hub-census quality</code>. Every event with its evidence: <code>hub-census events</code>.</p>`
}

function residuals({ newest }: QualityAnswer): Html | null {
  if (newest === null) return null
  const share = residualShare(newest)
  if (share === null || newest.medianRatio === null) {
    return html`The two download counters cannot be held against each other yet: no repository with 100 downloads in 30 days has a known all-time counter of 30 days before ${newest.day}.`
  }
  return html`On ${newest.day} the all-time counter grew in 30 days by what the 30-day counter says, to within 2 %, for <strong>${formatShare(share)}</strong> of ${formatCount(newest.reconciled)} repositories; the median is ${newest.medianRatio.toFixed(3)} of it.`
}

function incidents({ incidents: open }: QualityAnswer): Html | null {
  if (open === null) return null
  const total = open.counts.reduce((sum, { hub, publishers, repos }) => sum + hub + publishers + repos, 0)
  if (total === 0)
    return html`<strong>No incident</strong> of the counters is open, or ended since ${open.since}.`
  const kinds = open.counts.map(
    ({ kind, hub, publishers, repos }) => `${KIND_WORDS[kind]} ${formatCount(hub + publishers + repos)}`,
  )
  const told = open.events.slice(0, TOLD)
  const rest = total - told.length
  return html`<strong>${formatCount(total)} ${total === 1 ? 'incident' : 'incidents'}</strong> of the counters ${total === 1 ? 'is' : 'are'} open, or ended since ${open.since} (${kinds.join(', ')}): <ul>${told.map(incident)}${rest > 0 && html`<li class="more">and ${formatCount(rest)} more</li>`}</ul>`
}

function incident(event: ListedEvent): Html {
  const words = eventWords(event)
  return html`<li>${KIND_WORDS[event.kind]}, ${spanWords(event)}, ${whoseWords(event)}${words !== '' && `: ${words}`}</li>`
}

function heldDays({ heldDays: held }: QualityAnswer): Html | null {
  if (held.length === 0) return html`<strong>No day</strong> is held back from these numbers.`
  const days = held.map(({ day }) => day).join(', ')
  return html`<strong>${formatCount(held.length)} ${held.length === 1 ? 'day is' : 'days are'}</strong> stored and held back from these numbers until somebody decides: ${days}.`
}

function completeness(answer: QualityAnswer): Html | null {
  if (answer.span === null) return null
  return html`From ${answer.span.from} to ${answer.span.until}: ${dayCountWords(answer)}.`
}
