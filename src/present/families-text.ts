import type {
  FamilyAdoption,
  FamilyAnswer,
  FamilyChoice,
  FamilyHistory,
  FamilySums,
} from '../domain/family-answer.ts'
import { visibleText } from '../domain/visible-text.ts'
import { basisLine, coverageWords, noticeBanner, sourceWords } from './crossover-text.ts'
import {
  FAMILY_ORDER,
  familiesLeftOut,
  familyCoverage,
  familyDefinition,
  familyTitle,
  ownElsewhereWords,
  repoWords,
} from './family-words.ts'
import { formatCount, formatRatio } from './format.ts'
import { ATTRIBUTION_WORDS } from './share-title.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Of a list of families: there are a thousand at most. */
const MOST_CHARACTERS = 200_000

/** The families for the terminal: definition, then 30-day and cumulative downloads of own and descending repositories. */
export function familiesText(answer: FamilyAnswer): string {
  const { families } = answer
  const leftOut = familiesLeftOut(answer)
  const elsewhere = ownElsewhereWords(answer)
  const rolling = terminalTable(
    ['30-day downloads', 'own repos', 'own', 'descending repos', 'descending', 'ratio'],
    families.map(line => [
      familyTitle(line),
      formatCount(line.own.repos),
      formatCount(line.own.downloads30d),
      formatCount(line.descending.repos),
      formatCount(line.descending.downloads30d),
      formatRatio(line.ratio30d),
    ]),
  )
  const lifetime = terminalTable(
    ['cumulative downloads', 'own', 'descending', 'ratio', 'unknown'],
    families.map(line => [
      familyTitle(line),
      formatCount(line.own.downloadsAllTime),
      formatCount(line.descending.downloadsAllTime),
      formatRatio(line.ratioAllTime),
      formatCount(line.own.allTimeUnknownRepos + line.descending.allTimeUnknownRepos),
    ]),
  )
  return joined(answer, [
    opening(`Families by own and descending downloads${choiceWords(answer)}`, answer),
    ...(families.length === 0
      ? ['No family of the registry has a repository or a descendant in this scope.']
      : [
          [
            rolling,
            `ratio: descending over own; ${FAMILY_ORDER}`,
            ...(elsewhere === null ? [] : [wrapText(visibleText(elsewhere, MOST_CHARACTERS), '')]),
          ].join('\n'),
          `${lifetime}\nunknown: ${UNKNOWN_WORDS}`,
        ]),
    [...(leftOut === null ? [] : [leftOut]), wrapText(`coverage: ${familyCoverage(answer)}`, '')].join('\n'),
  ])
}

const UNKNOWN_WORDS =
  'repositories, gone ones included, whose lifetime counter is unknown: not zero, and in no sum'

/** One family for the terminal: its sums on the as-of day, then month by month. */
export function familyText(history: FamilyHistory): string {
  const { family, place, of, basis } = history
  const where =
    place === null
      ? 'nothing in this scope'
      : `number ${formatCount(place)} of ${formatCount(of)} by 30-day downloads, own and descending together`
  return joined(history, [
    opening(
      `${visibleText(familyTitle(family))}: own and descending downloads${choiceWords(history)}`,
      history,
    ),
    [`On ${basis.asOf}, ${where}`, ...sumLines(family)].join('\n'),
    monthTable(history),
    `coverage of the scope: ${coverageWords(history.coverage)}`,
  ])
}

function sumLines({ own, descending, ownElsewhere, ratio30d, ratioAllTime }: FamilyAdoption): string[] {
  const elsewhere =
    ownElsewhere.downloads30d === 0 && ownElsewhere.repos === 0
      ? []
      : [
          `  of its own, on others' work: ${repoWords(ownElsewhere.repos)}, ${formatCount(ownElsewhere.downloads30d)} downloads in 30 days, ${formatCount(ownElsewhere.downloadsAllTime)} cumulative`,
        ]
  return [
    `  own: ${sumWords(own)}`,
    ...elsewhere,
    `  descending: ${sumWords(descending)}`,
    `  descending over own: ${formatRatio(ratio30d)} in 30 days, ${formatRatio(ratioAllTime)} cumulative`,
  ]
}

function sumWords(sums: FamilySums): string {
  const { repos, downloads30d, downloadsAllTime, allTimeUnknownRepos, goneRepos, goneDownloadsAllTime } = sums
  const unknown = allTimeUnknownRepos > 0 ? ` (unknown for ${formatCount(allTimeUnknownRepos)})` : ''
  const gone =
    goneRepos > 0
      ? `, ${formatCount(downloadsAllTime === null ? null : goneDownloadsAllTime)} of it by ${formatCount(goneRepos)} since gone`
      : ''
  return `${repoWords(repos)}, ${formatCount(downloads30d)} downloads in 30 days, ${formatCount(downloadsAllTime)} cumulative${unknown}${gone}`
}

function monthTable({ months }: FamilyHistory): string {
  const rows = months.map(({ day, own, descending, ratio30d }) => [
    day,
    formatCount(own.repos),
    formatCount(own.downloads30d),
    formatCount(own.downloadsAllTime),
    formatCount(descending.repos),
    formatCount(descending.downloads30d),
    formatCount(descending.downloadsAllTime),
    formatRatio(ratio30d),
  ])
  const header = ['', 'own', '30 days', 'cumulative', 'descending', '30 days', 'cumulative', 'ratio']
  return `On the first published day of each month (ratio: of 30-day downloads)\n${terminalTable(header, rows)}`
}

function opening(title: string, { basis, attribution, scopeDefinition }: FamilyChoice): string {
  return [
    title,
    wrapText(familyDefinition(attribution), '  '),
    wrapText(`Scope: ${scopeDefinition}`, '  '),
    `  ${basisLine(basis)} · source: ${visibleText(sourceWords(basis))}`,
  ].join('\n')
}

function choiceWords({ scope, scopeVersion, attribution }: FamilyChoice): string {
  return ` · scope ${scope} v${scopeVersion} · descendants by ${ATTRIBUTION_WORDS[attribution]}`
}

function joined({ basis }: FamilyChoice, parts: readonly string[]): string {
  const banner = noticeBanner(basis.notice)
  const notice = basis.notice === null ? [] : [`All figures above: ${basis.notice}.`]
  return `${[...(banner === null ? [] : [banner]), ...parts, ...notice].join('\n\n')}\n`
}
