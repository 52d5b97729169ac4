import type { Region } from '../domain/registry.ts'
import { regionEntry } from './registry-schema.ts'
import { checkKeys, checkQuoted, checkSorted, checkWordList } from './shared-checks.ts'
import { checkNotEmpty, type Report, readEntries, type YamlFile, type YamlPath } from './yaml-file.ts'

const CODE = /^[A-Z]{2}$/

/** Reads `countries.yml`: the codes that the other files may use; null after reporting that there are none. */
export function checkCountries(file: YamlFile, report: Report): Set<string> | null {
  const { value } = file
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report([], '', 'is not a list of codes and names', 'Write one "CODE": name a line.')
    return null
  }
  const fields = file.fieldsOf([])
  if (fields.length === 0) {
    report([], '', 'names no country', 'Write one "CODE": name a line.')
    return null
  }
  for (const { field, quoted } of fields) {
    const line = file.lineOfField([], field)
    const name: unknown = (value as Record<string, unknown>)[field]
    if (!CODE.test(field)) report(line, field, 'is not a country code', 'Write two capital letters.')
    if (!quoted) report(line, field, 'is not in quotes', `Write "${field}".`, 'style')
    if (typeof name !== 'string' || name.trim() === '')
      report(line, field, 'has no name', 'Write the name as text.')
  }
  checkSorted(
    file,
    fields.map(({ field }) => ({ shown: field, by: field, path: [field] })),
    report,
  )
  return new Set(fields.map(({ field }) => field))
}

/** Reads `regions.yml`. The regions must hold every code once. */
export function checkRegions(file: YamlFile, isoCodes: ReadonlySet<string>, report: Report): Region[] {
  const entries = readEntries(file, regionEntry, report)
  checkNotEmpty(file, report)
  checkKeys(file, entries, report)
  const ownerOf = new Map<string, { key: string; path: YamlPath }>()
  for (const { entry, path } of entries) {
    if (entry.countries === 'rest') continue
    const here = [...path, 'countries']
    if (entry.countries.length === 0)
      report(here, entry.key, 'has no country', 'List its countries, or remove the region.')
    checkWordList(file, here, entry.countries, report, 'error')
    for (const [index, code] of entry.countries.entries()) {
      const listed = [...here, index]
      checkQuoted(file, listed, code, report)
      if (!isoCodes.has(code)) {
        report(listed, code, 'is not a country', 'Write a code of countries.yml.')
      }
      const owner = ownerOf.get(code)
      if (owner !== undefined && owner.key !== entry.key) {
        report(
          listed,
          code,
          `is in ${owner.key} (line ${file.lineAt(owner.path)}) too`,
          'Keep it in one region.',
        )
      }
      ownerOf.set(code, owner ?? { key: entry.key, path: listed })
    }
  }
  const rest = [...isoCodes].filter(code => !ownerOf.has(code))
  checkRest(
    entries.map(({ entry }) => entry.countries === 'rest'),
    rest,
    report,
  )
  return entries.map(({ entry }) => ({
    key: entry.key,
    name: entry.name,
    countries: new Set(entry.countries === 'rest' ? rest : entry.countries),
  }))
}

function checkRest(takesRest: readonly boolean[], rest: readonly string[], report: Report): void {
  for (const [index, takes] of takesRest.entries()) {
    if (takes && index !== takesRest.length - 1) {
      report(
        [index, 'countries'],
        'rest',
        'is not in the last region',
        'Move the region to the end, or list its countries.',
      )
    }
  }
  if (takesRest.at(-1) === true && rest.length === 0) {
    report(
      [takesRest.length - 1, 'countries'],
      'rest',
      'is left without a country',
      'Remove the region, or leave it some.',
    )
  }
  if (!takesRest.includes(true) && rest.length > 0) {
    const last = [Math.max(0, takesRest.length - 1)]
    const shown = rest.slice(0, 5).join(', ') + (rest.length > 5 ? `, … (${rest.length})` : '')
    report(
      last,
      shown,
      rest.length === 1 ? 'is in no region' : 'are in no region',
      'Add what is missing to one, or end the file with a region of countries: rest.',
    )
  }
}
