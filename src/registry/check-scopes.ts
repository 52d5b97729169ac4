import type { Scope } from '../domain/registry.ts'
import { nearestName } from './nearest-name.ts'
import { type ScopeEntry, scopeEntry } from './registry-schema.ts'
import { checkKeys, checkQuoted, checkSorted, checkWordList, readDay, readPatterns } from './shared-checks.ts'
import { checkNotEmpty, type Placed, type Report, readEntries, type YamlFile } from './yaml-file.ts'

/** The published lists that a scope can be restricted to, by the name it calls them. */
export type ModelLists = ReadonlyMap<string, ReadonlySet<string>>

/** Reads `scopes.yml`. */
export function checkScopes(file: YamlFile, lists: ModelLists, report: Report): Map<string, Scope> {
  const entries = readEntries(file, scopeEntry, report)
  checkNotEmpty(file, report)
  checkKeys(file, entries, report)
  checkSorted(
    file,
    entries.map(({ entry, path }) => ({ shown: entry.key, by: entry.key, path })),
    report,
  )
  checkAges(entries, report)
  return new Map(entries.map(placed => [placed.entry.key, readScope(file, placed, lists, report)] as const))
}

/** Totals follow the day on which a repository grows too old: one age for all scopes. */
function checkAges(entries: readonly Placed<ScopeEntry>[], report: Report): void {
  const aged = entries.filter(({ entry }) => entry.bornWithinDays !== undefined)
  for (const { entry, path } of aged) {
    const days = entry.bornWithinDays!
    const at = [...path, 'bornWithinDays']
    if (!Number.isInteger(days) || days < 1 || days > 3650) {
      report(at, String(days), 'is not a number of days', 'Write a whole number from 1 to 3650.')
    } else if (days !== aged[0]!.entry.bornWithinDays) {
      report(
        at,
        String(days),
        `differs from ${aged[0]!.entry.bornWithinDays}, the age in ${aged[0]!.entry.key}`,
        'Write the same number of days in every scope that has one.',
      )
    }
  }
}

function readScope(
  file: YamlFile,
  { entry, path }: Placed<ScopeEntry>,
  lists: ModelLists,
  report: Report,
): Scope {
  const at = (field: string) => [...path, field]
  if (!Number.isInteger(entry.version) || entry.version < 1) {
    report(at('version'), String(entry.version), 'is not a version', 'Write a whole number from 1.')
  }
  for (const field of ['title', 'definition', 'source'] as const) {
    if (entry[field].trim() === '') {
      report(at(field), '', `${field} is empty`, `Write the ${field}: it stands beside every number.`)
    }
  }
  if (entry.tasks) checkWordList(file, at('tasks'), entry.tasks, report)
  if (entry.precisionSuffixes) checkWordList(file, at('precisionSuffixes'), entry.precisionSuffixes, report)
  if (entry.trainingWords) checkWordList(file, at('trainingWords'), entry.trainingWords, report)
  if (entry.createdAfter !== undefined) checkQuoted(file, at('createdAfter'), entry.createdAfter, report)
  return {
    key: entry.key,
    version: entry.version,
    title: entry.title,
    definition: entry.definition.trim(),
    source: entry.source,
    tasks: entry.tasks ? new Set(entry.tasks) : null,
    rejectNames: entry.rejectNames ? readPatterns(at('rejectNames'), entry.rejectNames, report) : [],
    createdAfter:
      entry.createdAfter === undefined ? null : readDay(at('createdAfter'), entry.createdAfter, report),
    bornWithinDays: entry.bornWithinDays ?? null,
    firstParty: entry.firstParty,
    precisionSuffixes: entry.precisionSuffixes ?? null,
    trainingWords: new Set(entry.trainingWords?.map(word => word.toLowerCase())),
    listed: entry.list === undefined ? null : readList(entry.list),
  }

  function readList(name: string): ReadonlySet<string> {
    const listed = lists.get(name)
    if (listed !== undefined) return listed
    const known = [...lists.keys()]
    const meant = nearestName(name, known)
    report(
      at('list'),
      name,
      'is not a known list',
      meant === null ? `Write one of ${known.join(', ')}.` : `Write ${meant}.`,
    )
    return new Set()
  }
}
