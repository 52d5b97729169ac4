import type { DayStates, DecidedDay } from '../domain/day-decision.ts'
import { visibleText } from '../domain/visible-text.ts'
import { eventWords, KIND_WORDS } from './event-words.ts'
import { formatRepos } from './format.ts'

const LONGEST_TEXT = 2000

/** What a decision did, and what is to be typed next. */
export function decidedDayText({ day, decision, before, goneRepos, newest }: DecidedDay): string {
  const [done, gone] =
    decision === 'accept'
      ? ['accepted', `${formatRepos(goneRepos)} ${goneRepos === 1 ? 'is' : 'are'} gone since that day`]
      : [
          'rejected',
          `${formatRepos(goneRepos)} that it made gone ${goneRepos === 1 ? 'is' : 'are'} listed again`,
        ]
  const stands = newest === null ? 'no complete day is left' : `the newest complete day is ${newest}`
  return [
    `${day} was ${before} and is ${done}${goneRepos === 0 ? '' : `; ${gone}`}; ${stands}.`,
    'Type "hub-census metrics" to bring the numbers up to date.',
    '',
  ].join('\n')
}

/** Days that are not complete, and the decisions; text from outside is made harmless. */
export function dayStatesText({ days, decisions, newest }: DayStates): string {
  const told = days.map(({ day, state, because }) => {
    const why = because === null ? '' : `: ${visibleText(because, LONGEST_TEXT)}`
    return `  ${day}  ${state}${why}`
  })
  const decided = decisions
    .filter(({ kind }) => kind !== 'day-held')
    .map(
      event => `  ${event.day}  ${KIND_WORDS[event.kind]}: ${visibleText(eventWords(event), LONGEST_TEXT)}`,
    )
  return [
    `Newest complete day: ${newest ?? 'none'}.`,
    'Days that are not complete:',
    ...(told.length > 0 ? told : ['  none']),
    'Decisions:',
    ...(decided.length > 0 ? decided : ['  none']),
    '',
  ].join('\n')
}
