import type { Crossing, Crossover } from '../domain/crossover.ts'
import type { AnswerBasis, Coverage, CrossoverAnswer } from '../domain/headline.ts'
import { counterWords } from './counter-words.ts'
import { formatCount, formatShare } from './format.ts'
import { ATTRIBUTION_WORDS } from './share-title.ts'

const METRIC_WORDS = new Map([
  ['downloadsAllTime', 'cumulative (all-time) downloads'],
  ['downloads30d', '30-day downloads'],
])

/** What was compared: the sentence every crossover begins with. */
export function crossoverSubject(answer: CrossoverAnswer): string {
  const metric = METRIC_WORDS.get(answer.metric) ?? answer.metric
  return `${answer.nameA} and ${answer.nameB} by ${metric}, scope ${answer.scope}, by ${ATTRIBUTION_WORDS[answer.attribution]}`
}

/** The answer as one sentence without its definition. */
export function crossoverSentence(answer: CrossoverAnswer): string {
  const sentence = crossoverWords(answer)
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
}

/** What raw counters answer, as a sentence; null where they say the same. */
export function rawCrossoverSentence(answer: CrossoverAnswer): string | null {
  const words = crossoverWords({ ...answer, crossover: answer.rawCrossover })
  return words === crossoverWords(answer) ? null : `By raw counters: ${words}`
}

function crossoverWords(answer: CrossoverAnswer): string {
  const { crossover } = answer
  const nameA = inSentence(answer.nameA)
  const nameB = inSentence(answer.nameB)
  const { crossing } = crossover
  switch (crossover.outcome) {
    case 'crossed':
      return `${nameA} passed ${nameB} ${bracket(crossing!)}, and stayed ahead for ${crossover.holdDays} days and more${ending(crossover)}${alsoLed(crossover)}.`
    case 'provisional':
      return `${nameA} passed ${nameB} ${bracket(crossing!)}; provisional: ${crossing!.observedAfter} of ${crossover.holdDays} days observed since${alsoLed(crossover)}.`
    case 'never':
      return `${nameA} has not passed ${nameB} on any day observed (${crossover.firstDay} to ${crossover.lastDay})${lost(crossover.lostLeads)}.`
    case 'ahead-from-the-start':
      return `${nameA} was ahead of ${nameB} on the first day observed (${crossover.firstDay}): the crossing, if any, lies before${ending(crossover)}${alsoLed(crossover)}.`
    case 'no-data':
      return `Nothing to compare: no day has a known value for both ${nameA} and ${nameB}, or both are zero on every day.`
  }
}

/** "the United States": the one kind of region name that English does not leave bare. */
function inSentence(name: string): string {
  return name.startsWith('United ') ? `the ${name}` : name
}

function bracket(crossing: Crossing): string {
  return `between ${crossing.lastBefore.day} (last day behind) and ${crossing.firstAfter.day} (first day ahead)`
}

/** How it went on: a lead lost for good belongs into the same sentence as the lead. */
function ending({ crossings, dips }: Crossover): string {
  const last = crossings.at(-1)
  const fall = last?.direction === 'behind' ? last : null
  const mark = fall?.isHeld === false ? ' (provisional)' : ''
  if (fall) return `; it fell behind again between ${fall.lastBefore.day} and ${fall.firstAfter.day}${mark}`
  return dips === 0 ? '' : `, but for ${dips} dip${dips === 1 ? '' : 's'} shorter than that`
}

function lost(leads: number): string {
  return leads === 0 ? '' : `, though it led ${leads} time${leads === 1 ? '' : 's'} for less than the hold`
}

/** Leads that did not last, beside one that did or may. */
function alsoLed({ lostLeads }: Crossover): string {
  return lostLeads === 0
    ? ''
    : `; it also led ${lostLeads} time${lostLeads === 1 ? '' : 's'} for less than the hold`
}

/** The full answer for the terminal: subject, sentence, values at the bracket, later turns, coverage. */
export function crossoverText(answer: CrossoverAnswer, basis: AnswerBasis): string {
  const { crossover } = answer
  const lines = [crossoverSubject(answer), `  ${crossoverSentence(answer)}`]
  const raw = rawCrossoverSentence(answer)
  if (raw !== null) lines.push(`  ${raw}`)
  for (const crossing of crossover.crossings) {
    const turn = crossing.direction === 'ahead' ? 'goes ahead' : 'falls behind'
    const title = crossing === crossover.crossing ? '' : ` (another turn: ${answer.nameA} ${turn})`
    for (const [label, point] of [
      ['before', crossing.lastBefore],
      ['after ', crossing.firstAfter],
    ] as const) {
      lines.push(
        `  ${label} ${point.day}: ${answer.nameA} ${formatCount(point.a)}, ${answer.nameB} ${formatCount(point.b)}${title}`,
      )
    }
    lines.push(`  straight lines between the two meet on ${crossing.interpolated} (interpolated)`)
  }
  lines.push(`  coverage: ${coverageWords(answer.coverage)}`, `  ${basisLine(basis)}`)
  return lines.join('\n')
}

/** How much of which downloads has an answer. */
export function coverageWords({ attributed, unreviewed, basis }: Coverage): string {
  const counter = basis === 'downloadsAllTime' ? 'cumulative' : '30-day'
  return `${formatShare(attributed)} of ${counter} downloads attributed, ${formatShare(unreviewed)} unreviewed`
}

/** The line that stands above and below everything made from data that are not the Hub's; null for the Hub's own. */
export function noticeBanner(notice: string | null): string | null {
  return notice === null ? null : `*** ${notice.toUpperCase()}: not observations of the Hub ***`
}

/** Where the facts came from: a demonstration says what it is, not at which local port it ran. */
export function sourceWords(basis: AnswerBasis): string {
  return basis.notice ?? basis.source
}

/** As-of day, registry revision, definition version, counters: on every answer. */
export function basisLine(basis: AnswerBasis): string {
  return `as of ${basis.asOf} · registry ${basis.registryRevision} · definitions v${basis.definitionVersion} · ${counterWords(basis)}`
}
