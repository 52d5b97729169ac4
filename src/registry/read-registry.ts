import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { checkAliases } from './check-aliases.ts'
import { checkLabs } from './check-labs.ts'
import { checkModelList } from './check-model-list.ts'
import { checkCountries, checkRegions } from './check-regions.ts'
import { checkReleaseDates } from './check-release-dates.ts'
import { checkReuploads } from './check-reuploads.ts'
import { checkScopes } from './check-scopes.ts'
import { checkSizes } from './check-sizes.ts'
import { listHandles } from './listed-handles.ts'
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
  const releaseDates = open('release-dates.yml')
  const sizes = open('sizes.yml')
  const atomModels = open('atom-models.yml')
  const reuploads = open('re-uploads.yml')
  const aliases = open('aliases.yml')

  const isoCodes = countries.file && checkCountries(countries.file, countries.report)
  const retiredKeys = retired.file ? checkRetiredKeys(retired.file, retired.report) : new Set<string>()
  const readDates = releaseDates.file && checkReleaseDates(releaseDates.file, today, releaseDates.report)
  const readSizes = sizes.file && checkSizes(sizes.file, sizes.report)
  const readAtom = atomModels.file && checkModelList(atomModels.file, atomModels.report)
  // A list that could not be read is reported once, and not again by the scope that wants it.
  const lists = new Map([['atom-models', readAtom ?? new Set<string>()]])
  const readScopes = scopes.file && checkScopes(scopes.file, lists, scopes.report)
  // Without the list of countries every code would be reported: one missing file, hundreds of wrong messages.
  const readRegions = regions.file && isoCodes && checkRegions(regions.file, isoCodes, regions.report)
  const readLabs =
    labs.file && isoCodes && checkLabs(labs.file, { isoCodes, retiredKeys, today }, labs.report)
  // An entry of labs.yml that is left out would be missed again wherever its handle stands.
  const isLabsWhole = !problems.some(({ file, severity }) => file === 'labs.yml' && severity === 'error')
  const listed = readLabs && isLabsWhole ? listHandles(readLabs.values()) : null
  const readAliases = aliases.file && checkAliases(aliases.file, { listed, today }, aliases.report)
  const readReuploads =
    reuploads.file &&
    checkReuploads(reuploads.file, { listed, aliases: readAliases, today }, reuploads.report)

  problems.sort((a, b) => fileRank(a.file) - fileRank(b.file) || a.line - b.line)
  const revised = [labs, regions, countries, scopes, releaseDates, sizes, atomModels, reuploads, aliases]
  const texts = revised.flatMap(({ file }) => file?.text ?? [])
  const isWhole = texts.length === REVISED_FILES.length
  if (!isWhole || !readScopes || !readDates || !readSizes || !readRegions || !readLabs) {
    return { problems, registry: null }
  }
  if (!readReuploads || !readAliases) return { problems, registry: null }
  return {
    problems,
    registry: {
      revision: revisionOf(texts),
      labs: readLabs,
      regions: readRegions,
      scopes: readScopes,
      releaseDates: readDates,
      sizes: readSizes,
      reuploads: readReuploads,
      aliases: readAliases,
    },
  }
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
