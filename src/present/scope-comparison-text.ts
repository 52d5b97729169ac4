import type { ScopeComparison, ScopeSurplus, ScopeTally } from '../domain/scope-comparison.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { VERDICTS } from './explanation-text.ts'
import { formatCount } from './format.ts'
import { laterSweepWords } from './review-gaps-text.ts'
import { terminalTable } from './terminal-table.ts'

/** What each of two scopes has and the other lacks, for the terminal: counts by rule, then the most downloaded. */
export function scopeComparisonText(answer: ScopeComparison): string {
  const { basis, laterSweep } = answer
  const a = scopeWords(answer.a)
  const b = scopeWords(answer.b)
  const banner = noticeBanner(basis.notice)
  const parts = banner === null ? [] : [banner]
  const head = [`Scope ${a} beside scope ${b} · ${basisLine(basis)}`, `source: ${sourceWords(basis)}`]
  if (laterSweep !== null) head.push(laterSweepWords(laterSweep))
  head.push(`in both: ${tallyWords(answer.both)}`)
  parts.push(
    head.join('\n'),
    surplusText(answer.onlyA, { has: a, lacks: b }),
    surplusText(answer.onlyB, { has: b, lacks: a }),
  )
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

function surplusText({ all, rules, top }: ScopeSurplus, names: { has: string; lacks: string }): string {
  const lines = [`In ${names.has}, not in ${names.lacks}: ${tallyWords(all)}`]
  if (rules.length === 0) return lines.join('\n')
  const byRule = rules.map(rule => [
    verdictWords(rule.verdict),
    formatCount(rule.repos),
    formatCount(rule.goneRepos),
    formatCount(rule.downloadsAllTime),
    formatCount(rule.allTimeUnknownRepos),
  ])
  const shown = top.map(({ repoId, goneOn, verdict, downloadsAllTime }) => [
    goneOn === null ? repoId : `${repoId} (gone since ${goneOn})`,
    verdict,
    formatCount(downloadsAllTime),
  ])
  const count = all.repos + all.goneRepos
  const which =
    top.length < count ? `the ${top.length} most downloaded of ${formatCount(count)}` : 'all of them'
  lines.push(
    terminalTable([`what ${names.lacks} says`, 'repos', 'gone', 'cumulative', 'unknown'], byRule),
    '',
    `${which}:`,
    terminalTable(['repository', 'rule', 'cumulative'], shown),
  )
  return lines.join('\n')
}

function scopeWords({ key, version }: { key: string; version: number }): string {
  return `${visibleText(key)} v${version}`
}

function verdictWords(verdict: string): string {
  return `${verdict}: ${(VERDICTS.get(verdict) ?? verdict).replace(/^out: /, '')}`
}

function tallyWords({ repos, goneRepos, downloadsAllTime, allTimeUnknownRepos }: ScopeTally): string {
  const words = [`${formatCount(repos)} ${repos === 1 ? 'repository' : 'repositories'}`]
  if (goneRepos > 0) words.push(`${formatCount(goneRepos)} since gone`)
  words.push(`${formatCount(downloadsAllTime)} cumulative downloads`)
  if (allTimeUnknownRepos > 0) words.push(`${formatCount(allTimeUnknownRepos)} without a known counter`)
  return words.join(', ')
}
