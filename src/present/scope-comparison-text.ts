import type { ListedNames, ScopeComparison, ScopeSurplus, ScopeTally } from '../domain/scope-comparison.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { VERDICTS } from './explanation-text.ts'
import { formatCount } from './format.ts'
import { laterSweepWords } from './review-gaps-text.ts'
import { terminalTable } from './terminal-table.ts'

/**
 * What each of two scopes has and the other lacks, for the terminal: counts by rule, then the most downloaded, then what is to
 * be said of a published list. `limit` names of a list are shown at most; null for all.
 */
export function scopeComparisonText(answer: ScopeComparison, limit: number | null): string {
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
    ...answer.lists.map(list => listText(list, limit)),
  )
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

function surplusText({ all, rules, strays }: ScopeSurplus, names: { has: string; lacks: string }): string {
  const lines = [`In ${names.has}, not in ${names.lacks}: ${tallyWords(all)}`]
  if (rules.length === 0) return lines.join('\n')
  const byRule = rules.map(rule => [
    verdictWords(rule.verdict),
    formatCount(rule.repos),
    formatCount(rule.goneRepos),
    formatCount(rule.downloadsAllTime),
    formatCount(rule.allTimeUnknownRepos),
  ])
  const shown = strays.map(({ repoId, goneOn, verdict, downloadsAllTime }) => [
    withFate(repoId, goneOn),
    verdict,
    formatCount(downloadsAllTime),
  ])
  const count = all.repos + all.goneRepos
  const isCut = strays.length < count
  lines.push(
    terminalTable([`what ${names.lacks} says`, 'repos', 'gone', 'cumulative', 'unknown'], byRule),
    '',
    isCut ? `the ${strays.length} most downloaded of ${formatCount(count)}:` : 'all of them:',
    terminalTable(['repository', 'rule', 'cumulative'], shown),
  )
  if (isCut) lines.push(notShown(count - strays.length))
  return lines.join('\n')
}

/** Findings about a list: the names on it that no repository has. */
function listText({ scope, names, borne, former, absent }: ListedNames, limit: number | null): string {
  const formerNames = new Set(former.map(({ name }) => name)).size
  const lines = [
    `Names on the list of ${visibleText(scope)}: ${formatCount(names)}, of which ${formatCount(borne)} are names of repositories, ${formatCount(formerNames)} only former names, ${formatCount(absent.length)} of no repository of this file`,
  ]
  const add = <Item>(title: string, items: readonly Item[], words: (item: Item) => string) => {
    if (items.length === 0) return
    const shown = items.slice(0, limit ?? items.length)
    lines.push(`${title}:`, ...shown.map(item => `  ${words(item)}`))
    if (shown.length < items.length) lines.push(`  ${notShown(items.length - shown.length)}`)
  }
  add('only former names', former, ({ name, repoId, goneOn, rule, isListedTwice }) => {
    const how = rule === 'former-name' ? '' : ' by a reviewed alias'
    const twice = isListedTwice ? ', which is on the list too' : ''
    return `${visibleText(name)} is now ${visibleText(withFate(repoId, goneOn))}${how}${twice}`
  })
  add('of no repository of this file', absent, name => visibleText(name))
  return lines.join('\n')
}

function withFate(repoId: string, goneOn: string | null): string {
  return goneOn === null ? repoId : `${repoId} (gone since ${goneOn})`
}

function notShown(count: number): string {
  return `${formatCount(count)} not shown: --limit 0 shows all, --json has all`
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
