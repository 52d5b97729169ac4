import { CLEAN_RULES, type CounterChoice } from '../domain/clean.ts'
import type { AnswerBasis, RegionTable, TableCorrection } from '../domain/headline.ts'
import { formatCount, formatRepos } from './format.ts'

/** Which counters an answer is of, with the cleaning rules that were on. */
export function counterWords({ counters, cleanRules }: Pick<AnswerBasis, 'counters' | 'cleanRules'>): string {
  return counters === 'raw' ? 'raw counters' : `clean counters (rules: ${ruleWords(cleanRules)})`
}

/** The rules that are on, by name where that is shorter than naming those that are off. */
function ruleWords(rules: CounterChoice): string {
  const off = CLEAN_RULES.filter(rule => !rules.includes(rule))
  if (off.length === 0) return 'all'
  return off.length <= rules.length ? `all but ${off.join(', ')}` : rules.join(', ')
}

/** `+1,234` or `-1,234`: what is added. */
export function formatAdded(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value)
}

/** What each rule adds to a table, a line a rule, then the raw figures of whatever it moves; nothing where nothing is corrected. */
export function correctionLines(table: RegionTable): string[] {
  if (table.corrections.length === 0) return []
  return [...table.corrections.map(correctionLine), ...rawLines(table)]
}

function correctionLine(correction: TableCorrection): string {
  const most = correction.lines[0]!
  const whose = most.repos === 0 ? 'as a group' : formatRepos(most.repos)
  const to = correction.lines.length === 1 ? 'to' : 'most to'
  return `${correction.rule} adds ${addedWords(correction)}; ${to} ${most.name} ${addedWords(most)} (${whose})`
}

function addedWords({
  downloadsAllTime,
  downloads30d,
}: TableCorrection['lines'][number] | TableCorrection): string {
  const parts: string[] = []
  if (downloadsAllTime !== 0) parts.push(`${formatAdded(downloadsAllTime)} cumulative`)
  if (downloads30d !== 0) parts.push(`${formatAdded(downloads30d)} in 30 days`)
  return parts.length === 0 ? 'nothing in all' : parts.join(', ')
}

/** Both sums of the table, and of its lines those that differ. */
function rawLines(table: RegionTable): string[] {
  return RAW_COUNTERS_SHOWN.flatMap(({ counter, words }) => {
    const moved = table.lines.filter(line => line.raw[counter] !== line[counter])
    if (moved.length === 0) return []
    const parts = moved.map(line => `${line.name} ${formatCount(line.raw[counter])}`)
    return [`raw, ${words}: ${[...parts, `All ${formatCount(table.raw[counter])}`].join(' · ')}`]
  })
}

const RAW_COUNTERS_SHOWN = [
  { counter: 'downloadsAllTime', words: 'cumulative' },
  { counter: 'downloads30d', words: '30 days' },
] as const
