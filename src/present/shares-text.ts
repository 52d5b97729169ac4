import {
  hasEarlierMonths,
  type ShareAnswer,
  type ShareRange,
  type ShareSum,
  usedLines,
} from '../domain/share-answer.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, noticeBanner, sourceWords } from './crossover-text.ts'
import { csvTable } from './csv.ts'
import { formatCount, formatPart, formatPoints, formatShare } from './format.ts'
import {
  allMonthsTitle,
  alternativeTitle,
  choiceTitle,
  createdWords,
  nothingWords,
  shareDefinition,
} from './share-title.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** The answer for the terminal: definition, every line together and by month, then what every other choice gives. */
export function sharesText(answer: ShareAnswer): string {
  const { basis, choice, together, scope, scopeVersion } = answer
  const nothing = nothingWords(answer)
  const banner = noticeBanner(basis.notice)
  const parts = [
    ...(banner === null ? [] : [banner]),
    [
      `Shares of ${choiceTitle(choice)}, ${createdWords(choice.months)} · scope ${scope} v${scopeVersion}`,
      wrapText(shareDefinition(choice, basis.asOf), '  '),
      `  ${basisLine(basis)} · source: ${visibleText(sourceWords(basis))}`,
    ].join('\n'),
  ]
  if (nothing !== null) parts.push(wrapText(nothing, ''))
  else {
    parts.push([togetherTable(answer), sumWords(together)].join('\n'))
    if (answer.months.length > 0) parts.push(monthTables(answer))
    parts.push(alternativesTable(answer), rangesText(answer))
  }
  if (basis.notice !== null) parts.push(`All figures above: ${basis.notice}.`)
  return `${parts.join('\n\n')}\n`
}

function togetherTable({ lines, together }: ShareAnswer): string {
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const rows = together.lines.map(({ line, repos, share }) => [
    names.get(line) ?? line,
    formatPart(repos),
    formatPart(together.counted),
    formatShare(share),
  ])
  const whole = together.counted === 0 ? null : 1
  rows.push(['All', formatPart(together.counted), formatPart(together.counted), formatShare(whole)])
  return terminalTable(['', 'repos', 'of', 'share'], rows)
}

function sumWords({ considered, counterUnknown }: ShareSum): string {
  const unknown = counterUnknown > 0 ? `, ${formatCount(counterUnknown)} with unknown counter left out` : ''
  return `${formatCount(considered)} considered${unknown}`
}

/** Shares and numerators of each month, for the lines that have anything. */
function monthTables(answer: ShareAnswer): string {
  const { months, shown, together, known } = answer
  const lines = usedLines(answer).map(({ line }) => line)
  const rows = [
    ...months.map(sum => ({ title: sum.isOver ? sum.month : `${sum.month}*`, sum })),
    { title: 'months shown', sum: shown },
    { title: allMonthsTitle(answer), sum: together },
  ]
  const pick = (sum: ShareSum, line: string) => sum.lines.find(found => found.line === line)
  const shares = terminalTable(
    ['created', ...lines, 'counted', 'uploaders'],
    rows.map(({ title, sum }) => [
      title,
      ...lines.map(line => formatShare(pick(sum, line)?.share ?? null)),
      formatPart(sum.counted),
      formatCount(sum.publishers),
    ]),
  )
  const numerators = terminalTable(
    ['created', ...lines, 'counted', 'considered', 'unknown'],
    rows.map(({ title, sum }) => [
      title,
      ...lines.map(line => formatPart(pick(sum, line)?.repos ?? 0)),
      formatPart(sum.counted),
      formatCount(sum.considered),
      formatCount(sum.counterUnknown),
    ]),
  )
  const notes = [
    'months shown: those above that are over; distinct uploaders of single months do not add up',
    ...(hasEarlierMonths(answer) && known !== null ? [`earlier months not shown: --from ${known.from}`] : []),
    ...(months.some(({ isOver }) => !isOver) ? ['* this month is not over'] : []),
  ]
  return [
    'Shares by month of creation',
    shares,
    '',
    'Repositories by month of creation',
    numerators,
    ...notes,
  ].join('\n')
}

function alternativesTable({ choice, together, lines, alternatives, ranges }: ShareAnswer): string {
  const watched = alternatives[0]?.shares.map(({ line }) => line) ?? ranges.map(({ line }) => line)
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const known = new Map(together.lines.map(({ line, share }) => [line, share]))
  const rows = [
    [
      'as above',
      ...watched.flatMap(line => [formatShare(known.get(line) ?? null), '']),
      formatPart(together.counted),
    ],
    ...alternatives.map(other => [
      alternativeTitle(other),
      ...other.shares.flatMap(({ share, points }) => [formatShare(share), formatPoints(points)]),
      formatPart(other.counted),
    ]),
  ]
  return [
    `How far every other choice moves it (one at a time, in percentage points from ${choiceTitle(choice)})`,
    terminalTable(['', ...watched.flatMap(line => [names.get(line) ?? line, 'points']), 'counted'], rows),
  ].join('\n')
}

function rangesText({ ranges, combinations, lines }: ShareAnswer): string {
  const { enough, tooFew, leastCounted } = combinations
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const fewer = tooFew === 0 ? '' : ` (${formatCount(tooFew)} more count fewer and are left out)`
  const title = `Over all ${formatCount(enough)} combinations of these choices that count ${leastCounted} repositories or more${fewer}`
  const end = ({ share, counted, choice }: ShareRange['lowest']) =>
    wrapText(
      `${formatShare(share)} of ${formatPart(counted)}: ${choiceTitle(choice)}, ${createdWords(choice.months)}`,
      '    ',
    )
  const blocks = ranges.map(({ line, lowest, highest }) =>
    [
      `  ${visibleText(names.get(line) ?? line)}: ${formatShare(lowest.share)} to ${formatShare(highest.share)}`,
      end(lowest),
      end(highest),
    ].join('\n'),
  )
  return [title, ...(blocks.length > 0 ? blocks : ['  none: no range can be told'])].join('\n')
}

/**
 * The months of the answer and the sum of all months as comma-separated values, one row per month and line. The column
 * `months` tells them apart: `one`, or `all months`, of those not shown too.
 */
export function sharesCsv(answer: ShareAnswer): string {
  const { basis, choice, lines, months, together, scope, scopeVersion } = answer
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const { from, until } = choice.months
  const rows = [
    ...months.map(sum => ({ which: 'one', from: sum.month, until: sum.month, sum })),
    { which: 'all months', from, until, sum: together },
  ].flatMap(({ which, from, until, sum }) =>
    sum.lines.map(({ line, repos, share }) => [
      ...[
        which,
        from,
        until,
        scope,
        scopeVersion,
        choice.relations,
        choice.attribution,
        choice.counter,
        choice.threshold,
      ],
      ...[choice.isCapped ? 'yes' : 'no', line, names.get(line) ?? line, repos, sum.counted, share],
      ...[sum.considered, sum.counterUnknown, sum.publishers, basis.asOf],
      ...[basis.registryRevision, basis.definitionVersion, sourceWords(basis)],
    ]),
  )
  return csvTable(
    [
      ...[
        'months',
        'created_from',
        'created_until',
        'scope',
        'scope_version',
        'relations',
        'attribution',
        'counter',
        'more_than',
        'capped',
      ],
      ...['line', 'line_name', 'numerator', 'denominator', 'share', 'considered', 'counter_unknown'],
      ...['uploaders', 'as_of', 'registry_revision', 'definition_version', 'source'],
    ],
    rows,
  )
}
