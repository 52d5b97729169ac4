import type {
  Ancestor,
  AncestorLink,
  AskedBy,
  CopySums,
  DescendantSums,
  LineageSubject,
  LineageTrace,
  TracedRoot,
} from '../domain/lineage-tree.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { formatCount, formatPart, formatShare } from './format.ts'
import { descendantTreeLines } from './lineage-tree-text.ts'
import { downloadWords, END_WORDS, FOUND_WORDS, standingWords } from './lineage-words.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Ancestors and roots printed: the rest is counted, and in the JSON. */
const MOST_PRINTED = 25

const DEFINITION =
  'Direct derivatives declare the repository as a base; all are reached by any number of such steps, each counted once, ' +
  'under its own relations. Several bases share a repository equally at each step. Links between repositories that name ' +
  'each other in a circle do not count on the way up. A copy by a reviewed rule is no derivative: the tree shows it, counts ' +
  'and sums leave it out, and what stands on a copy stands on what it copies. Counts and downloads are of repositories ' +
  'listed now.'

/** What a repository stands on and what stands on it, for the terminal. */
export function lineageText(trace: LineageTrace): string {
  const { basis, subject } = trace
  const banner = noticeBanner(basis.notice)
  const parts = [
    ...(banner === null ? [] : [banner]),
    [
      ...subjectLines(subject),
      `  ${basisLine(basis)} · source: ${visibleText(sourceWords(basis))}`,
      wrapText(DEFINITION, '  '),
    ].join('\n'),
    ...(subject.kind === 'absent' ? [] : [upLines(trace).join('\n')]),
    downLines(trace).join('\n'),
  ]
  const { all, copies, tree } = trace
  if (all.repos + all.goneRepos + copies.repos + copies.goneRepos > 0 || tree.nodes.length > 0)
    parts.push(descendantTreeLines(tree).join('\n'))
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

const ASKED_BY = {
  'former-name': 'a former name',
  'legacy-id': 'an id that moved, by a reviewed alias',
  'renamed-handle': 'under a handle that was renamed, by a reviewed alias',
  're-upload': 'a copy of it by a reviewed rule, and not in the file itself',
} as const satisfies Record<AskedBy, string>

function subjectLines(subject: LineageSubject): string[] {
  if (subject.kind === 'absent') {
    return [
      `${visibleText(subject.declared)}  (not in the census: only declared as a base)`,
      subject.standing.line === 'unresolved'
        ? '  a text that is no id of the Hub'
        : `  ${standingWords(subject.standing)}, by the owner in its name`,
    ]
  }
  const lines = [`${visibleText(subject.repoId)}  (hub id ${subject.hubId})`]
  if (subject.asked !== null)
    lines.push(`  asked for as ${visibleText(subject.asked.text)}, ${ASKED_BY[subject.asked.by]}`)
  lines.push(
    `  ${standingWords(subject.standing)}; created ${subject.createdOn}`,
    `  ${downloadWords(subject)}`,
  )
  if (subject.goneOn !== null)
    lines.push(`  gone since ${subject.goneOn}: its counters are the last that were seen`)
  if (subject.isInCircle)
    lines.push('  in a circle: it and others name each other as bases, so none of these names counts')
  return lines
}

function upLines({ ancestors, hasMoreAncestors, roots }: LineageTrace): string[] {
  const lines: string[] = []
  if (ancestors.length === 0) lines.push('Bases: none declared, or none but itself; it is its own root')
  else {
    lines.push('Ancestors: steps away, the share of it that stands there')
    for (const ancestor of ancestors.slice(0, MOST_PRINTED)) lines.push(...ancestorLines(ancestor))
    const left = ancestors.length - MOST_PRINTED
    if (hasMoreAncestors)
      lines.push(`  … the way up has more than the ${formatCount(ancestors.length)} repositories kept`)
    else if (left > 0) lines.push(`  … ${formatCount(left)} more, with --json`)
  }
  lines.push('', 'Roots: where the way up ends', ...roots.slice(0, MOST_PRINTED).map(rootLine))
  if (roots.length > MOST_PRINTED)
    lines.push(`  … ${formatCount(roots.length - MOST_PRINTED)} more, with --json`)
  return lines
}

function ancestorLines({ steps, weight, repo, declared, standing, links }: Ancestor): string[] {
  const name = visibleText(repo?.repoId ?? declared ?? '')
  const whose = repo?.standing ?? standing
  const gone = repo !== null && repo.goneOn !== null ? `, gone since ${repo.goneOn}` : ''
  return [
    `  ${String(steps).padStart(2)}  ${formatShare(weight).padStart(7)}  ${name}${whose === null ? '' : `  (${standingWords(whose)}${gone})`}`,
    ...links.map(link => `               ${linkWords(link)}`),
  ]
}

function linkWords({ repoId, declared, relation, found, isWithinCircle, reupload }: AncestorLink): string {
  const circle = isWithinCircle ? '; within a circle, so it does not count' : ''
  if (found === 're-upload') {
    const why =
      reupload === null ? '' : `: ${visibleText(reupload.reason)} Evidence: ${visibleText(reupload.evidence)}`
    return `of ${visibleText(repoId)}: ${FOUND_WORDS[found]}${circle}${why}`
  }
  const text = declared === null ? '' : ` "${visibleText(declared)}"`
  return `${relation} of ${visibleText(repoId)}, declared${text}: ${FOUND_WORDS[found]}${circle}`
}

function rootLine({ repoId, declared, weight, depth, end, standing }: TracedRoot): string {
  const name = visibleText(repoId ?? declared ?? 'several')
  const steps = depth === 0 ? 'itself' : `${formatCount(depth)} ${depth === 1 ? 'step' : 'steps'} up`
  return `  ${formatShare(weight).padStart(7)}  ${name}  (${standingWords(standing)}; ${steps}; ${END_WORDS[end]})`
}

function downLines({ subject, counts, direct, all, copies, months }: LineageTrace): string[] {
  if (all.repos + all.goneRepos === 0) return ['Derivatives: none', ...copyLines(copies)]
  const table = terminalTable(
    ['derivatives', 'direct', 'uploaders', 'all', 'uploaders'],
    counts.map(count => [
      count.relation,
      ...[count.directRepos, count.directPublishers, count.allRepos, count.allPublishers].map(formatCount),
    ]),
  )
  const byMonth = terminalTable(
    ['created', 'direct', 'all'],
    months.map(({ month, ...counted }) => [month, formatCount(counted.direct), formatCount(counted.all)]),
  )
  return [
    subject.kind === 'absent'
      ? 'Who declares it, and all that stand on it by their own relation'
      : 'Derivatives by their own relation (one under two relations is counted under both, once as any)',
    counts.length === 0 ? '  nobody listed' : table,
    ...uploaderLines('direct', direct),
    ...uploaderLines('all', all),
    '',
    ...sumLines('direct', direct),
    ...sumLines('all', all),
    ...copyLines(copies),
    '',
    'Derivatives by month of creation, the last twelve',
    byMonth,
  ]
}

function uploaderLines(which: string, { repos, topUploader, cappedRepos, cap }: DescendantSums): string[] {
  if (topUploader === null) return []
  const { handle, repos: own, share, cappedShare, ties } = topUploader
  if (ties > 0 || own === 1) {
    const most = own === 1 ? 'one' : formatCount(own)
    return [`  ${which}: no uploader published more than ${most} of ${formatCount(repos)}`]
  }
  return [
    `  ${which}: ${visibleText(handle)} published most, ${formatCount(own)} of ${formatCount(repos)} (${formatShare(share)}); ` +
      `with no uploader above ${formatPart(cap)}, ${formatShare(cappedShare)} of ${formatPart(cappedRepos)}`,
  ]
}

function sumLines(which: string, sums: DescendantSums): string[] {
  const { repos, allTimeUnknownRepos, goneRepos, goneAllTimeUnknownRepos } = sums
  const allTime = allTimeWords(sums.downloadsAllTime, allTimeUnknownRepos)
  const lines = [
    `  ${which}, ${formatCount(repos)} listed: ${formatCount(sums.downloads30d)} downloads in 30 days, ${allTime}`,
  ]
  if (goneRepos > 0) {
    const last = allTimeWords(sums.goneDownloadsAllTime, goneAllTimeUnknownRepos)
    lines.push(
      `  ${which}, ${formatCount(goneRepos)} gone: ${last} when last seen, in none of the other numbers`,
    )
  }
  return lines
}

function copyLines({ repos, downloads30d, goneRepos }: CopySums): string[] {
  if (repos + goneRepos === 0) return []
  const gone = goneRepos > 0 ? `; ${formatCount(goneRepos)} more that are gone` : ''
  return [
    `  copies by a reviewed rule: ${formatCount(repos)}, ${formatCount(downloads30d)} downloads in 30 days (in the tree, not in the counts)${gone}`,
  ]
}

function allTimeWords(downloads: number | null, unknownRepos: number): string {
  if (downloads === null) return 'all-time unknown'
  return `${formatCount(downloads)} all-time${unknownRepos > 0 ? ` (unknown for ${formatCount(unknownRepos)} of them)` : ''}`
}
