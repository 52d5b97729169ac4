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
import { terminalTable } from './terminal-table.ts'

/** Labs a table names; the JSON has all of them. */
const MOST_LABS = 20

type Moved = TableMovement['whole'] & { name: string }

const COUNTERS = [
  { counter: 'downloadsAllTime', share: 'shareAllTime', words: 'cumulative' },
  { counter: 'downloads30d', share: 'share30d', words: '30 days' },
] as const satisfies readonly { counter: ShareCounter; share: keyof Standing; words: string }[]

/** Which headline moves by how much, then the entries that differ, for the terminal. */
export function registryComparisonText(answer: RegistryComparison): string {
  const { basis, tables, entries } = answer
  const parts: string[] = []
  const banner = noticeBanner(basis.notice)
  if (banner !== null) parts.push(banner)
  const head = [
    `What would move with registry ${answer.proposedRevision} instead of ${basis.registryRevision}, ${basisLine(basis)}`,
    `before: ${visibleText(answer.sides.before)} · after: ${visibleText(answer.sides.after)} · crossovers and shares of fine-tunes are not compared`,
    `source: ${sourceWords(basis)}`,
  ]
  if (answer.laterSweep !== null) head.push(laterSweepWords(answer.laterSweep))
  parts.push(head.join('\n'), ...tables.map(tableText), entriesText(answer, entries))
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

function tableText(table: TableMovement): string {
  const { before, after } = table.scopeVersion
  const version = before === after ? `v${before}` : `v${before} to v${after}`
  const title = `Scope ${visibleText(table.scope)} ${version} · by ${table.attribution === 'base' ? 'immediate base' : 'publisher'}`
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
