import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { checkLabs } from './check-labs.ts'
import { checkCountries, checkRegions } from './check-regions.ts'
import { checkScopes } from './check-scopes.ts'
import type { RegistryProblem } from './registry-problem.ts'
import { REVISED_FILES, revisionOf } from './registry-revision.ts'
import { checkSorted } from './shared-checks.ts'
import { openYamlFile, type Report, type YamlFile } from './yaml-file.ts'

const RETIRED_KEYS = 'retired-keys.yml'

export interface RegistryReading {
  /** In order of file and line. */
  problems: RegistryProblem[]
  /** Null when a file could not be read at all. Not to be trusted while a problem is an error. */
  registry: Registry | null
}

/** What to look for beyond errors. */
export interface RegistryStrictness {
  /** Breaches of the written form: order, quotes. */
  pedantic: boolean
  /** The day against which the age of reviews is judged; null judges none. */
  today: UtcDay | null
}

/** Reads every file of a registry folder and reports everything at once, so that one run is one round of corrections. */
export function readRegistry(folder: string, { pedantic, today }: RegistryStrictness): RegistryReading {
  const problems: RegistryProblem[] = []
  const open = (name: string) => openYamlFile(folder, name, { pedantic, problems })
  const countries = open('countries.yml')
  const regions = open('regions.yml')
  const scopes = open('scopes.yml')
  const retired = open(RETIRED_KEYS)
  const labs = open('labs.yml')

  const isoCodes = countries.file && checkCountries(countries.file, countries.report)
  const retiredKeys = retired.file ? checkRetiredKeys(retired.file, retired.report) : new Set<string>()
  const readScopes = scopes.file && checkScopes(scopes.file, scopes.report)
  // Without the list of countries every code would be reported: one missing file, hundreds of wrong messages.
  const readRegions = regions.file && isoCodes && checkRegions(regions.file, isoCodes, regions.report)
  const readLabs =
    labs.file && isoCodes && checkLabs(labs.file, { isoCodes, retiredKeys, today }, labs.report)

  problems.sort((a, b) => fileRank(a.file) - fileRank(b.file) || a.line - b.line)
  if (
    !countries.file ||
    !regions.file ||
    !scopes.file ||
    !labs.file ||
    !readScopes ||
    !readRegions ||
    !readLabs
  ) {
    return { problems, registry: null }
  }
  const revision = revisionOf([labs.file.text, regions.file.text, countries.file.text, scopes.file.text])
  return { problems, registry: { revision, labs: readLabs, regions: readRegions, scopes: readScopes } }
}

function fileRank(name: string): number {
  const rank = (REVISED_FILES as readonly string[]).indexOf(name)
  return rank === -1 ? REVISED_FILES.length : rank
}

function checkRetiredKeys(file: YamlFile, report: Report): Set<string> {
  const { value } = file
  if (!Array.isArray(value) || !value.every(key => typeof key === 'string')) {
    report([], '', 'is not a list of keys', 'Write one "- key" a line, or [] for none.')
    return new Set()
  }
  checkSorted(
    file,
    value.map((key: string, index) => ({ shown: key, by: key, path: [index] })),
    report,
  )
  return new Set(value)
}
