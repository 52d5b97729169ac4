import type { ShareCounter } from '../domain/derivative.ts'
import type {
  EntryChange,
  RegistryComparison,
  Standing,
  TableMovement,
} from '../domain/registry-comparison.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, coverageWords, noticeBanner, sourceWords } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'
import { laterSweepWords } from './review-gaps-text.ts'
import { ATTRIBUTION_WORDS, shareTitle } from './share-title.ts'
import { terminalTable } from './terminal-table.ts'

/** Labs a table names; the JSON has all of them. */
const MOST_LABS = 20

type Moved = TableMovement['whole'] & { name: string }

const COUNTERS = [
  { counter: 'downloadsAllTime', share: 'shareAllTime', words: 'cumulative' },
  { counter: 'downloads30d', share: 'share30d', words: '30 days' },
] as const satisfies readonly { counter: ShareCounter; share: keyof Standing; words: string }[]

/** Which lead, headline and share moves by how much, then the entries that differ, for the terminal. */
export function registryComparisonText(answer: RegistryComparison): string {
  const { basis, tables, entries } = answer
  const parts: string[] = []
  const banner = noticeBanner(basis.notice)
  if (banner !== null) parts.push(banner)
  const head = [
    `What would move with registry ${answer.proposedRevision} instead of ${basis.registryRevision}, ${basisLine(basis)}`,
    `before: ${visibleText(answer.sides.before)} · after: ${visibleText(answer.sides.after)}`,
    `source: ${sourceWords(basis)}`,
  ]
  if (answer.laterSweep !== null) head.push(laterSweepWords(answer.laterSweep))
  parts.push(head.join('\n'))
  if (answer.staleVersions.length > 0) parts.push(staleText(answer))
  parts.push(leadsText(answer), ...tables.map(tableText), sharesText(answer), entriesText(answer, entries))
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

/** One name for two rules is a finding, whatever moves. */
function staleText({ sides, staleVersions }: RegistryComparison): string {
  const lines = staleVersions.map(({ scope, version }) => {
    const words =
      version.before === version.after
        ? `the version is still ${version.after}`
        : `the version fell from ${version.before} to ${version.after}`
    return `  scope ${visibleText(scope)}: its rule differs from that of ${visibleText(sides.before)} but ${words}: raise it`
  })
  return ['Findings', ...lines].join('\n')
}

/** The lead on the day in every scope and attribution: what can be told of a crossover without its history. */
function leadsText({ pair, tables, basis }: RegistryComparison): string {
  const words = (lead: number | null) =>
    lead === null ? 'unknown' : lead === 0 ? 'level' : signed(lead, value => formatCount(value))
  const rows = tables.map(({ scope, attribution, lead: { before, after } }) => {
    const change = before === null || after === null ? null : after - before
    const isTurned = before !== null && after !== null && Math.sign(before) !== Math.sign(after)
    return [
      `${scope}, by ${ATTRIBUTION_WORDS[attribution]}`,
      words(before),
      words(after),
      signed(change, value => formatCount(value)),
      isTurned ? 'the lead turns' : '',
    ]
  })
  return [
    `${pair.a} less ${pair.b}, cumulative downloads on ${basis.asOf}`,
    'dates of crossovers rest on every day and are not compared: once accepted, "hub-census metrics" finds them anew',
    terminalTable(['scope', 'before', 'after', 'change', ''], rows),
  ].join('\n')
}

function sharesText({ shares }: RegistryComparison): string {
  const moved = shares.filter(({ lines }) => lines.length > 0)
  const title = 'Share of fine-tunes by region'
  if (moved.length === 0) return `${title}: nothing moves`
  const blocks = moved.map(share =>
    [
      `${title} of their ${ATTRIBUTION_WORDS[share.attribution]}: ${shareTitle(share)}, of ${formatCount(share.counted)}`,
      terminalTable(
        ['', 'before', 'after', 'points'],
        share.lines.map(({ name, before, after, change }) => [
          name,
          formatShare(before),
          formatShare(after),
          signed(change, value => (value * 100).toFixed(2)),
        ]),
      ),
    ].join('\n'),
  )
  return blocks.join('\n\n')
}

function tableText(table: TableMovement): string {
  const { before, after } = table.scopeVersion
  const version = before === after ? `v${before}` : `v${before} to v${after}`
  const title = `Scope ${visibleText(table.scope)} ${version} · by ${ATTRIBUTION_WORDS[table.attribution]}`
  if (table.lines.length === 0 && table.labs.length === 0) return `${title}: nothing moves`
  const lines = [title]
  for (const { counter, share, words } of COUNTERS) {
    const isMoved = ({ before, after }: Moved) => before[counter] !== after[counter]
    const labs = table.labs.filter(isMoved)
    const isLineMoved = (line: Moved) => isMoved(line) || line.before[share] !== line.after[share]
    const shown = [...table.lines.filter(isLineMoved), ...labs.slice(0, MOST_LABS)]
    if (shown.length === 0) continue
    lines.push(
      terminalTable(
        [words, 'before', 'after', 'change', 'share before', 'after', 'points'],
        [...shown, { name: 'All', ...table.whole }].map(({ name, before, after, change }) => [
          name,
          formatCount(before[counter]),
          formatCount(after[counter]),
          signed(change[counter], value => formatCount(value)),
          formatShare(before[share]),
          formatShare(after[share]),
          signed(change[share], value => (value * 100).toFixed(2)),
        ]),
      ),
    )
    if (labs.length > MOST_LABS) {
      lines.push(`and ${formatCount(labs.length - MOST_LABS)} more labs: --json has all of them`)
    }
  }
  const { coverage } = table
  lines.push(
    `coverage before: ${coverageWords(coverage.before)}`,
    `coverage after:  ${coverageWords(coverage.after)}`,
  )
  return lines.join('\n')
}

function entriesText(answer: RegistryComparison, entries: readonly EntryChange[]): string {
  if (entries.length > 0) {
    return [`Entries that differ: ${formatCount(entries.length)}`, ...entries.map(entryLine)].join('\n')
  }
  return answer.proposedRevision === answer.basis.registryRevision
    ? 'The two registries are the same.'
    : 'No entry differs in anything that decides an answer: only evidence, notes, days of review or the written form.'
}

function entryLine({ kind, subject, before, after }: EntryChange): string {
  const named = visibleText(subject)
  if (before === null) return `  ${kind} added: ${named}: ${visibleText(after ?? '')}`
  if (after === null) return `  ${kind} removed: ${named}: ${visibleText(before)}`
  return `  ${kind} changed: ${named}: ${visibleText(before)} → ${visibleText(after)}`
}

function signed(value: number | null, format: (value: number) => string): string {
  return value !== null && value > 0 ? `+${format(value)}` : value === null ? '–' : format(value)
}
