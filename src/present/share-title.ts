import type { DerivativeShare, MonthlyCounter, RelationSet } from '../domain/derivative.ts'
import type { MonthSpan, ShareAnswer, ShareChoice } from '../domain/share-answer.ts'
import type { TotalAttribution } from '../domain/total.ts'
import { formatCount } from './format.ts'

/** Which derivatives a share counts, in words. */
export function shareTitle({
  counter,
  threshold,
  createdFrom,
}: Pick<DerivativeShare, 'counter' | 'threshold' | 'createdFrom'>): string {
  const window = counter === 'downloadsAllTime' ? 'all-time' : '30-day'
  const born = createdFrom === null ? 'whenever created' : `created since ${createdFrom}`
  return `more than ${threshold} ${window} downloads, ${born}`
}

/** Whose a repository is, in words. */
export const ATTRIBUTION_WORDS: Record<TotalAttribution, string> = {
  publisher: 'publisher',
  base: 'immediate base',
  root: 'root base',
}

export const RELATION_WORDS: Record<RelationSet, string> = {
  finetune: 'fine-tunes',
  adapter: 'adapters',
  merge: 'merges',
  quantized: 'quantizations',
  trained: 'fine-tunes and adapters',
  weights: 'fine-tunes, adapters and merges',
  any: 'derivatives of any relation',
}

export const COUNTER_WORDS: Record<MonthlyCounter, string> = {
  downloads30d: '30-day downloads',
  downloadsAllTime: 'all-time downloads',
  downloads30dAt30Days: '30-day downloads at the age of 30 days',
}

/** Every choice of a monthly share but its months, in words. */
export function choiceTitle({ relations, counter, threshold, attribution, isCapped }: ShareChoice): string {
  const cap = isCapped ? ', uploaders capped' : ''
  return `${RELATION_WORDS[relations]} with more than ${threshold} ${COUNTER_WORDS[counter]} by ${ATTRIBUTION_WORDS[attribution]}${cap}`
}

/** When what is counted was created, in words. */
export function createdWords({ from, until }: MonthSpan): string {
  if (from === null && until === null) return 'whenever created'
  if (from === until) return `created in ${from}`
  if (from === null) return `created until ${until}`
  return until === null ? `created since ${from}` : `created from ${from} to ${until}`
}

/** What the sum of all months is called: with the first month where the choice names none. */
export function allMonthsTitle({ choice, known }: Pick<ShareAnswer, 'choice' | 'known'>): string {
  const { from, until } = choice.months
  if (from === null && until === null) return known === null ? 'all months' : `all months since ${known.from}`
  return `all months, ${createdWords(choice.months)}`
}

/** One of the other choices as the title of a row; of another counter, with how many it does not know. */
export function alternativeTitle({
  changed,
  choice,
  counterUnknown,
}: Pick<ShareAnswer['alternatives'][number], 'changed' | 'choice' | 'counterUnknown'>): string {
  const words = changeWords(changed, choice)
  return changed === 'counter' && counterUnknown > 0
    ? `${words} (unknown for ${formatCount(counterUnknown)})`
    : words
}

/** That nothing was created in the months of the choice, with the months that have something; null where something was. */
export function nothingWords({
  basis,
  choice,
  together,
  known,
  scope,
  scopeVersion,
}: ShareAnswer): string | null {
  if (together.considered > 0) return null
  const where =
    known === null
      ? 'No month has a derivative.'
      : `Derivatives were created from ${known.from} to ${known.until}.`
  return `Nothing to share: scope ${scope} v${scopeVersion} has no ${RELATION_WORDS[choice.relations]} listed on ${basis.asOf}, ${createdWords(choice.months)}. ${where}`
}

/** What one choice was changed to, in words. */
function changeWords(changed: keyof ShareChoice, choice: ShareChoice): string {
  switch (changed) {
    case 'attribution':
      return `by ${ATTRIBUTION_WORDS[choice.attribution]}`
    case 'threshold':
      return `more than ${choice.threshold}`
    case 'counter':
      return COUNTER_WORDS[choice.counter]
    case 'relations':
      return RELATION_WORDS[choice.relations]
    case 'isCapped':
      return choice.isCapped ? 'uploaders capped' : 'uploaders not capped'
    case 'months':
      return createdWords(choice.months)
  }
}

/** What a monthly share is. */
export function shareDefinition(
  { relations, counter, threshold, attribution, isCapped }: ShareChoice,
  asOf: string,
): string {
  const measured =
    counter === 'downloads30dAt30Days'
      ? `had more than ${threshold} 30-day downloads when they were 30 to 33 days old`
      : `have more than ${threshold} ${COUNTER_WORDS[counter]} on that day`
  const whose = {
    publisher: 'by region of their own publisher',
    base: 'by region of the publisher of the base they declare, several bases sharing a repository equally',
    root: 'by region of the publishers of the roots they descend from, several bases sharing a repository equally at every step',
  }[attribution]
  const cap = isCapped
    ? ' An uploader with more than a hundredth of a month counts as a hundredth of it, or as one repository.'
    : ''
  return `Repositories listed on ${asOf}, by month of creation (UTC), that the Hub lists as ${RELATION_WORDS[relations]} and that ${measured}, ${whose}. Unknown counters are in no numerator and no denominator; unknown, unreviewed and unresolved lines are in both.${cap}`
}
