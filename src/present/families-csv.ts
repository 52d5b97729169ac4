import type {
  FamilyAdoption,
  FamilyAnswer,
  FamilyChoice,
  FamilyHistory,
  FamilyName,
} from '../domain/family-answer.ts'
import { sourceWords } from './crossover-text.ts'
import { csvTable } from './csv.ts'

/** The families of an answer as comma-separated values, one row each. */
export function familiesCsv(answer: FamilyAnswer): string {
  const { asOf } = answer.basis
  return familyTable(
    answer,
    answer.families.map(line => ({ day: asOf, name: line, adoption: line })),
  )
}

/** One family as comma-separated values, one row for each of its months; the same columns. */
export function familyCsv(history: FamilyHistory): string {
  return familyTable(
    history,
    history.months.map(({ day, ...adoption }) => ({ day, name: history.family, adoption })),
  )
}

interface Row {
  day: string
  name: FamilyName
  adoption: FamilyAdoption
}

function familyTable({ basis, scope, attribution }: FamilyChoice, rows: readonly Row[]): string {
  return csvTable(
    [
      ...['day', 'scope', 'attribution', 'lab', 'lab_name', 'family', 'family_name'],
      ...SIDES.flatMap(side => SUMS.map(([column]) => `${side}_${column}`)),
      ...['own_elsewhere_repos', 'own_elsewhere_downloads_30d', 'own_elsewhere_downloads_all_time'],
      ...['ratio_30d', 'ratio_all_time', 'as_of', 'registry_revision', 'definition_version', 'source'],
      'clean_rules',
    ],
    rows.map(({ day, name, adoption }) => [
      ...[day, scope, attribution, name.labKey, name.labName, name.familyKey, name.familyName],
      ...SIDES.flatMap(side => SUMS.map(([, field]) => adoption[side][field])),
      ...[adoption.ownElsewhere.repos, adoption.ownElsewhere.downloads30d],
      ...[adoption.ownElsewhere.downloadsAllTime, adoption.ratio30d, adoption.ratioAllTime],
      ...[basis.asOf, basis.registryRevision, basis.definitionVersion, sourceWords(basis)],
      basis.cleanRules.join(' '),
    ]),
  )
}

const SIDES = ['own', 'descending'] as const

const SUMS = [
  ['repos', 'repos'],
  ['downloads_30d', 'downloads30d'],
  ['downloads_all_time', 'downloadsAllTime'],
  ['all_time_unknown_repos', 'allTimeUnknownRepos'],
  ['gone_repos', 'goneRepos'],
  ['gone_downloads_all_time', 'goneDownloadsAllTime'],
] as const
