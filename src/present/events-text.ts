import type { ListedEvent } from '../domain/counter-event.ts'
import type { EventChoice, EventsAnswer, FileBasis } from '../domain/event-answer.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { eventWords, KIND_WORDS, spanWords, whoseWords } from './event-words.ts'
import { formatCount } from './format.ts'
import { wrapText } from './wrap-text.ts'

/** Longer than any name and its evidence. */
const MOST_CHARACTERS = 2000

/** The events for the terminal, newest last: when, what and whose, then the evidence in words. In pieces: there can be many. */
export function* eventsText(answer: EventsAnswer): Generator<string> {
  const { basis, choice, events, total, notShown } = answer
  const banner = noticeBanner(basis.notice)
  const head = [`Events${choiceWords(choice)}`, fileBasisLine(basis)]
  yield visibleLines([...(banner === null ? [] : [banner, '']), ...head, '']).join('\n')
  yield '\n'
  if (total === 0) {
    yield `${visibleText(nothingWords(choice), MOST_CHARACTERS)}\n`
    return
  }
  if (notShown > 0) {
    yield `${formatCount(notShown)} earlier ${notShown === 1 ? 'event is' : 'events are'} not shown: --limit ${total} shows all ${formatCount(total)}, --from and --until narrow them.\n\n`
  }
  for (const event of events) yield eventText(event)
  if (basis.notice !== null) yield `\nAll of the above: ${visibleText(basis.notice, MOST_CHARACTERS)}.\n`
}

/** One event as lines for the terminal, its text made harmless. */
export function eventText(event: ListedEvent): string {
  const head = `${spanWords(event)}  ${KIND_WORDS[event.kind] ?? event.kind}  ${whoseWords(event)}`
  const words = eventWords(event)
  const lines = [visibleText(head, MOST_CHARACTERS)]
  if (words !== '') lines.push(wrapText(visibleText(words, MOST_CHARACTERS), '    '))
  return `${lines.join('\n')}\n`
}

/** What an answer about the file rests on. */
export function fileBasisLine({
  asOf,
  source,
  notice,
  registryRevision,
  definitionVersion,
}: FileBasis): string {
  const day = asOf === null ? 'no day is complete yet' : `as of ${asOf}`
  const from = notice ?? source
  return `${day} · registry ${registryRevision} · definitions v${definitionVersion}${from === null ? '' : ` · source: ${from}`}`
}

/** What was asked for, as the end of a title. */
export function choiceWords({ repo, handle, from, until, kind }: EventChoice): string {
  const parts: string[] = []
  if (repo !== null) parts.push(`of ${repo.repoId}${askedWords(repo)}`)
  if (handle !== null) parts.push(`of ${handle}`)
  if (kind !== null) parts.push(`of kind ${kind}`)
  if (from !== null) parts.push(`from ${from}`)
  if (until !== null) parts.push(`until ${until}`)
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`
}

/** That there is nothing, as a sentence. */
export function nothingWords(choice: EventChoice): string {
  return `No event is on record${choiceWords(choice)}.`
}

/** By what else a repository was asked for, and how many more that may mean. */
export function askedWords({ askedAs, others }: NonNullable<EventChoice['repo']>): string {
  const asked = askedAs === null ? [] : [`asked for as ${askedAs}`]
  const more = others === 0 ? [] : [`${others} more ${others === 1 ? 'has or had' : 'have or had'} that name`]
  const words = [...asked, ...more].join('; ')
  return words === '' ? '' : ` (${words})`
}

function visibleLines(lines: readonly string[]): string[] {
  return lines.map(line => visibleText(line, MOST_CHARACTERS))
}
