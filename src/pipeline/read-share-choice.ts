import { HEADLINE_RELATIONS, HEADLINE_THRESHOLD } from '../derive/headline-metrics.ts'
import { CensusError } from '../domain/census-error.ts'
import { type MonthlyCounter, RELATION_SET_KEYS, SHARE_THRESHOLDS } from '../domain/derivative.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { ShareChoice } from '../domain/share-answer.ts'
import { TOTAL_ATTRIBUTIONS } from '../domain/total.ts'
import { nearestName } from '../registry/nearest-name.ts'

/** The choices as typed; what is left out is settled as the headline settles it. */
export interface ShareWords {
  relations?: string | undefined
  counter?: string | undefined
  threshold?: string | undefined
  by?: string | undefined
  capped?: boolean | undefined
  /** `YYYY-MM`, included. */
  from?: string | undefined
  until?: string | undefined
}

/** The headline's own choices: fine-tunes with more than five all-time downloads by immediate base, of every month. */
export const HEADLINE_CHOICE: ShareChoice = {
  relations: HEADLINE_RELATIONS,
  counter: 'downloadsAllTime',
  threshold: HEADLINE_THRESHOLD,
  attribution: 'base',
  isCapped: false,
  months: { from: null, until: null },
}

const COUNTER_WORDS = new Map<string, MonthlyCounter>([
  ['30-day', 'downloads30d'],
  ['all-time', 'downloadsAllTime'],
  ['30-day-at-30-days', 'downloads30dAt30Days'],
])

/** Words that each option takes. */
export const SHARE_WORDS = {
  relations: RELATION_SET_KEYS,
  counter: [...COUNTER_WORDS.keys()],
  threshold: SHARE_THRESHOLDS.map(String),
  by: TOTAL_ATTRIBUTIONS,
} as const

/** Reads the choices. Throws a CensusError (usage) for a word nobody knows, with the nearest one that is known. */
export function readShareChoice(words: ShareWords): ShareChoice {
  const from = readMonth('--from', words.from)
  const until = readMonth('--until', words.until)
  if (from !== null && until !== null && from > until) {
    throw usage(`--from ${from} is later than --until ${until}.`, 'Name the earlier month with --from.')
  }
  return {
    relations: oneOf('--relations', words.relations, RELATION_SET_KEYS) ?? HEADLINE_CHOICE.relations,
    counter:
      COUNTER_WORDS.get(oneOf('--counter', words.counter, SHARE_WORDS.counter) ?? '') ??
      HEADLINE_CHOICE.counter,
    threshold:
      SHARE_THRESHOLDS.find(
        threshold => String(threshold) === oneOf('--threshold', words.threshold, SHARE_WORDS.threshold),
      ) ?? HEADLINE_CHOICE.threshold,
    attribution: oneOf('--by', words.by, TOTAL_ATTRIBUTIONS) ?? HEADLINE_CHOICE.attribution,
    isCapped: words.capped ?? HEADLINE_CHOICE.isCapped,
    months: { from, until },
  }
}

function oneOf<Word extends string>(
  option: string,
  word: string | undefined,
  known: readonly Word[],
): Word | undefined {
  if (word === undefined) return undefined
  const found = known.find(name => name === word)
  if (found !== undefined) return found
  const nearest = nearestName(word, known)
  const hint = nearest === null ? '' : `Type ${option} ${nearest}? `
  throw usage(
    `${option}: ${JSON.stringify(word)} is none of its words.`,
    `${hint}Known are ${known.join(', ')}.`,
  )
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/

function readMonth(option: string, word: string | undefined): string | null {
  if (word === undefined) return null
  if (MONTH.test(word)) return word
  throw usage(
    `${option}: not a month: ${JSON.stringify(word)}, expected YYYY-MM.`,
    `Type ${option} with a month such as 2025-08.`,
  )
}

function usage(happened: string, next: string): CensusError {
  return new CensusError({ happened, kept: 'Nothing was changed.', next }, EXIT_CODES.usage)
}
