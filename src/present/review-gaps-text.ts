import type { LaterSweep, ListedRepo, PublisherGap, ReviewGaps } from '../domain/review-gaps.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'
import { terminalTable } from './terminal-table.ts'

/** The work list for the terminal: the whole, the publishers by rank, what they are used for. */
export function reviewGapsText(answer: ReviewGaps): string {
  const { basis, gaps, unreviewed } = answer
  const parts: string[] = []
  const banner = noticeBanner(basis.notice)
  if (banner !== null) parts.push(banner)
  const head = [
    `Unreviewed publishers by ${answer.by === 'downloads30d' ? '30-day' : 'all-time'} downloads of their listed repositories, ${basisLine(basis)}`,
    `source: ${sourceWords(basis)}`,
    `reviewed: ${formatShare(answer.reviewed30d)} of 30-day and ${formatShare(answer.reviewedAllTime)} of all-time downloads`,
    `unreviewed: ${formatCount(answer.unreviewedPublishers)} publishers with ${formatCount(unreviewed.repos)} of ${formatCount(answer.whole.repos)} repositories`,
  ]
  if (answer.laterSweep !== null) head.push(laterSweepWords(answer.laterSweep))
  if (unreviewed.allTimeUnknownRepos > 0) {
    head.push(
      `${formatCount(unreviewed.allTimeUnknownRepos)} of these repositories ${unreviewed.allTimeUnknownRepos === 1 ? 'has' : 'have'} no known all-time counter: unknown, not zero`,
    )
  }
  parts.push(head.join('\n'))
  if (gaps.length === 0) parts.push('Every publisher is reviewed.')
  else {
    parts.push(
      terminalTable(
        ['publisher', 'repos', '30 days', 'share', 'all-time', 'share', 'unknown'],
        gaps.map(gapRow),
      ),
      ['Most used of each', ...gaps.map(gap => topModelsLine(gap, answer))].join('\n'),
    )
  }
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

/** What a sweep after the as-of day has moved already. */
export function laterSweepWords({ day, state }: LaterSweep): string {
  return `a later sweep of ${day} (${state}) has written counters: what it saw is counted`
}

function gapRow(gap: PublisherGap): string[] {
  return [
    gap.handle,
    formatCount(gap.repos),
    formatCount(gap.downloads30d),
    formatShare(gap.share30d),
    formatCount(gap.downloadsAllTime),
    formatShare(gap.shareAllTime),
    formatCount(gap.allTimeUnknownRepos),
  ]
}

function topModelsLine({ handle, topModels }: PublisherGap, { by }: ReviewGaps): string {
  const name = ({ repoId }: ListedRepo) =>
    visibleText(repoId.startsWith(`${handle}/`) ? repoId.slice(handle.length + 1) : repoId)
  const models = topModels.map(model => `${name(model)} ${formatCount(model[by])}`)
  return `  ${visibleText(handle)}: ${models.join(' · ')}`
}
