import type {
  CrossoverAnswer,
  Headline,
  HeadlineShare,
  RegionTable,
  ScopeHeadline,
} from '../domain/headline.ts'
import type { TotalAttribution } from '../domain/total.ts'
import { correctionLines } from './counter-words.ts'
import {
  basisLine,
  coverageWords,
  crossoverSentence,
  noticeBanner,
  rawCrossoverSentence,
  sourceWords,
} from './crossover-text.ts'
import { formatCount, formatRepos, formatShare, formatUnknown } from './format.ts'
import { heldDaysLines } from './held-days-text.ts'
import { ATTRIBUTION_WORDS, shareTitle } from './share-title.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Names of region lines for tables that know only the key. */
export type LineNamer = (line: string) => string

/** The headline for the terminal: every table below its definition, every number beside its whole. */
export function headlineText(headline: Headline, nameLine: LineNamer): string {
  const { basis, sweep } = headline
  const parts: string[] = []
  const banner = noticeBanner(basis.notice)
  if (banner !== null) parts.push(banner)
  parts.push(
    [
      `Census of ${formatCount(sweep.rowCount - sweep.duplicateCount)} model repositories, ${basisLine(basis)}`,
      `source: ${sourceWords(basis)}; rows in ${formatCount(sweep.rowCount)} = stored ${formatCount(sweep.storedCount)} + unchanged ${formatCount(sweep.unchangedCount)} + quarantined ${formatCount(sweep.quarantinedCount)}`,
    ].join('\n'),
  )
  const caveats = [...heldDaysLines(headline), ...sweepCaveats(headline)]
  if (caveats.length > 0) parts.push(caveats.join('\n'))
  headline.scopes.forEach((scope, index) => {
    const crossover = headline.crossovers[index]
    parts.push(scopeText(scope, crossover))
  })
  parts.push(sharesText(headline.shares, nameLine))
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

/** What this day's sweep could not read, in words: nothing of it may hide behind a total. */
export function sweepCaveats({ carriedRepos, sweep }: Headline): string[] {
  const caveats: string[] = []
  if (carriedRepos > 0) {
    caveats.push(
      `${formatRepos(carriedRepos)} absent from or unreadable in this sweep ${carriedRepos === 1 ? 'is counted with its' : 'are counted with their'} last counters`,
    )
  }
  if (sweep.refusedFields.length > 0) {
    caveats.push(`the Hub refused ${sweep.refusedFields.join(', ')}: what was known of it before is kept`)
  }
  return caveats
}

function scopeText(scope: ScopeHeadline, crossover: CrossoverAnswer | undefined): string {
  const { table } = scope
  const rows = table.lines.map(line => [
    line.name,
    formatCount(line.downloadsAllTime),
    formatShare(line.shareAllTime),
    formatCount(line.downloads30d),
    formatShare(line.share30d),
    formatCount(line.repos),
  ])
  rows.push([
    'All',
    formatCount(table.downloadsAllTime),
    table.downloadsAllTime === null ? '–' : '100.0 %',
    formatCount(table.downloads30d),
    table.downloads30d === 0 ? '–' : '100.0 %',
    formatCount(table.repos),
  ])
  const lines = [
    `Downloads by region · scope ${scope.scope} v${scope.scopeVersion} · by ${attributionWords(scope.attribution)}`,
    wrapText(scope.scopeDefinition, '  '),
    terminalTable(['', 'cumulative', 'share', '30 days', 'share', 'repos'], rows),
    ...correctionLines(table).map(line => wrapText(line, '')),
    coverageText(table),
  ]
  if (scope.attribution !== 'publisher') {
    lines.push(
      'a repository with several bases splits its downloads; among repos it counts once, under the last of them',
    )
  }
  if (table.goneRepos > 0 && table.downloadsAllTime !== null) {
    lines.push(
      `cumulative includes ${formatCount(table.goneDownloadsAllTime)} downloads of ${formatRepos(table.goneRepos)} since gone${table.corrections.length > 0 ? ', as last counted' : ''}`,
    )
  }
  if (table.allTimeUnknownRepos > 0) {
    lines.push(formatUnknown(table.allTimeUnknownRepos))
  }
  if (scope.topLabs.length > 0) {
    const isKnown = table.downloadsAllTime !== null
    const labs = scope.topLabs
      .slice(0, 5)
      .map(lab => `${lab.name} ${formatCount(isKnown ? lab.downloadsAllTime : lab.downloads30d)}`)
    lines.push(
      wrapText(`leading labs by ${isKnown ? 'cumulative' : '30-day'} downloads: ${labs.join(' · ')}`, ''),
    )
  }
  if (crossover !== undefined) {
    const raw = rawCrossoverSentence(crossover)
    const sentences = [crossoverSentence(crossover), ...(raw === null ? [] : [raw])]
    lines.push(wrapText(`crossover: ${sentences.join(' ')}`, ''))
  }
  return lines.join('\n')
}

function coverageText(table: RegionTable): string {
  const { basis } = table.coverage
  const parts = [`coverage: ${coverageWords(table.coverage)}`]
  const leftOut = table.leftOut.map(line => {
    const downloads = basis === 'downloadsAllTime' ? line.downloadsAllTime : line.downloads30d
    return `${line.name} ${formatCount(downloads)} in ${formatCount(line.repos)} repos`
  })
  if (leftOut.length > 0)
    parts.push(wrapText(`left out only for their publisher: ${leftOut.join(' · ')}`, ''))
  return parts.join('\n')
}

function attributionWords(attribution: TotalAttribution): string {
  const words = ATTRIBUTION_WORDS[attribution]
  if (attribution === 'base') return `${words} (publisher where none is declared)`
  return attribution === 'publisher' ? words : `${words} (publisher where it stands on nothing)`
}

/** Shares of one counter and window under one title: one step back and at the end of the walk, beside each other. */
function sharesText(shares: readonly HeadlineShare[], nameLine: LineNamer): string {
  const byTitle = new Map<string, HeadlineShare[]>()
  for (const share of shares) {
    const title = shareTitle(share)
    byTitle.set(title, [...(byTitle.get(title) ?? []), share])
  }
  const blocks = [...byTitle].map(([title, found]) => {
    // Whom a share goes to changes none of its counts.
    const { considered, counterUnknown, counted, publishers } = found[0]!
    if (counted === 0) {
      const why = counterUnknown > 0 ? `the counter of all ${formatCount(counterUnknown)} is unknown` : 'none'
      return `  ${title}: no answer (${why})`
    }
    const unknown = counterUnknown > 0 ? `, ${formatCount(counterUnknown)} with unknown counter left out` : ''
    return [
      `  ${title}:`,
      ...found.map(
        ({ attribution, lines }) =>
          `    by ${ATTRIBUTION_WORDS[attribution]}: ${lines
            .map(({ line, repos }) => `${nameLine(line)} ${formatShare(repos / counted)}`)
            .join(' · ')}`,
      ),
      `    of ${formatCount(counted)} fine-tunes by ${formatCount(publishers)} publishers (${formatCount(considered)} considered${unknown})`,
    ].join('\n')
  })
  const [first] = shares
  const over = first
    ? ` · scope ${first.scope} v${first.scopeVersion}, listed on the as-of day, by raw counters`
    : ''
  return [`Share of fine-tunes by region of their bases${over}`, ...blocks].join('\n')
}
