import type { CountryTenure, Family, HandleTenure, Lab, RepoException } from '../domain/registry.ts'
import { addDays, type UtcDay } from '../domain/utc-day.ts'
import { checkLookAlikes, checkOwnership, overlaps, type Span } from './check-handles.ts'
import { nearestName } from './nearest-name.ts'
import { type LabEntry, labEntry } from './registry-schema.ts'
import {
  checkKeys,
  checkQuoted,
  checkSorted,
  checkText,
  HANDLE,
  REPO_ID,
  readChecked,
  readDay,
  readEvidence,
  readPatterns,
} from './shared-checks.ts'
import {
  checkNotEmpty,
  type Placed,
  type Report,
  readEntries,
  type YamlFile,
  type YamlPath,
} from './yaml-file.ts'

const OFTEN_MISTAKEN: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
  ['EU', 'multinational'],
  ['MULTI', 'multinational'],
])

export interface LabsContext {
  isoCodes: ReadonlySet<string>
  retiredKeys: ReadonlySet<string>
  /** Age of the `checked` days is judged against this day, or not at all. */
  today: UtcDay | null
}

/** Reads `labs.yml` and reports whatever would mislead. Entries of a wrong shape are reported and left out. */
export function checkLabs(file: YamlFile, context: LabsContext, report: Report): Map<string, Lab> {
  const entries = readEntries(file, labEntry, report)
  const read = entries.map(placed => readLab(file, placed, context, report))
  checkNotEmpty(file, report)
  checkKeys(file, entries, report)
  checkOwnership(file, read, report)
  checkLookAlikes(file, read, report)
  checkExceptions(file, read, report)
  checkFamilyKeys(file, read, report)
  checkOrder(file, entries, report)
  return new Map(read.map(({ entry }) => [entry.key, entry] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function readLab(
  file: YamlFile,
  { entry, path }: Placed<LabEntry>,
  context: LabsContext,
  report: Report,
): Placed<Lab> {
  const at = (field: string) => [...path, field]
  if (context.retiredKeys.has(entry.key)) {
    report(at('key'), entry.key, 'is a retired key', 'Choose another: keys are never used again.')
  }
  checkText(at('name'), entry.name, report)
  if (entry.note !== undefined) checkText(at('note'), entry.note, report)
  if (entry.countries.length === 0) {
    report(at('countries'), entry.key, 'has no country', 'Add one, or "unknown" with a note.')
  }
  if (entry.handles.length === 0) {
    report(at('handles'), entry.key, 'has no handle', 'Add one; a lab without a Hub account is not listed.')
  }
  const countries = entry.countries.map((tenure, index): CountryTenure => {
    const here = [...path, 'countries', index]
    checkSeat(
      file,
      [...here, 'country'],
      tenure.country,
      context.isoCodes,
      ['multinational', 'unknown'],
      report,
    )
    if (tenure.country === 'unknown' && !entry.note?.trim()) {
      report(here, entry.key, 'is unknown without a note', 'Add a note that says what was looked for.')
    }
    const evidence = readEvidence([...here, 'evidence'], tenure.evidence, report)
    return { country: tenure.country, ...readSpan(file, here, tenure, report), evidence }
  })
  checkTenureOrder([...path, 'countries'], countries, report)
  const handles = entry.handles.map((tenure, index): HandleTenure => {
    const here = [...path, 'handles', index]
    const named = [...here, 'handle']
    checkQuoted(file, named, tenure.handle, report)
    if (tenure.handle.includes('/')) {
      report(named, tenure.handle, 'is a repository', 'Write the part before the slash, or use exceptions.')
    } else if (!HANDLE.test(tenure.handle)) {
      report(
        named,
        tenure.handle,
        'is not a Hub handle',
        'Letters, digits, "-", "_" and ".", as in the address.',
      )
    }
    const span = readSpan(file, here, tenure, report)
    if (tenure.evidence === undefined && (tenure.from ?? tenure.until) !== undefined) {
      report(named, tenure.handle, 'has a day without evidence', 'Add evidence to the handle.')
    }
    const evidence =
      tenure.evidence === undefined ? null : readEvidence([...here, 'evidence'], tenure.evidence, report)
    return { handle: tenure.handle, ...span, evidence }
  })
  return {
    path,
    entry: {
      key: entry.key,
      name: entry.name,
      kind: entry.kind,
      countries,
      secondCountry: readSecondCountry(file, path, entry, context.isoCodes, report),
      handles,
      exceptions: (entry.exceptions ?? []).map((exception, index): RepoException => {
        const here = [...path, 'exceptions', index]
        const evidence = readEvidence([...here, 'evidence'], exception.evidence, report)
        checkText([...here, 'reason'], exception.reason, report)
        return { repoId: exception.repo, reason: exception.reason, evidence }
      }),
      families: (entry.families ?? []).map((family, index) =>
        readFamily([...path, 'families', index], family, report),
      ),
      note: entry.note ?? null,
      checked: readChecked(file, path, { name: entry.key, checked: entry.checked }, context.today, report),
    },
  }
}

function checkSeat(
  file: YamlFile,
  path: YamlPath,
  code: string,
  isoCodes: ReadonlySet<string>,
  otherAnswers: readonly string[],
  report: Report,
): void {
  if (otherAnswers.includes(code)) return
  checkQuoted(file, path, code, report)
  if (isoCodes.has(code)) return
  const upper = code.toUpperCase()
  const meant = OFTEN_MISTAKEN.get(upper) ?? (isoCodes.has(upper) ? upper : nearestName(code, otherAnswers))
  const allowed = ['a two-letter code of countries.yml', ...otherAnswers.map(word => `"${word}"`)].join(
    ' or ',
  )
  const usable = meant !== null && (isoCodes.has(meant) || otherAnswers.includes(meant))
  report(path, code, 'is not a country', usable ? `Write "${meant}".` : `Write ${allowed}.`)
}

function readSecondCountry(
  file: YamlFile,
  path: YamlPath,
  entry: LabEntry,
  isoCodes: ReadonlySet<string>,
  report: Report,
): string | null {
  const code = entry.secondCountry
  if (code === undefined) return null
  const here = [...path, 'secondCountry']
  checkSeat(file, here, code, isoCodes, [], report)
  if (entry.countries.at(-1)?.country === code) {
    report(here, code, 'is the first seat too', 'Remove it, or name the other seat.')
  }
  return code
}

function readSpan(
  file: YamlFile,
  path: YamlPath,
  written: { from?: string | undefined; until?: string | undefined },
  report: Report,
): Span {
  const read = (field: 'from' | 'until'): UtcDay | null => {
    const day = written[field]
    if (day === undefined) return null
    checkQuoted(file, [...path, field], day, report)
    return readDay([...path, field], day, report)
  }
  const span = { from: read('from'), until: read('until') }
  if (span.from !== null && span.until !== null && span.until < span.from) {
    report(
      [...path, 'until'],
      span.until,
      `is before from, ${span.from}`,
      'Exchange the two, or correct one.',
    )
  }
  return span
}

function checkTenureOrder(path: YamlPath, tenures: readonly CountryTenure[], report: Report): void {
  for (let at = 1; at < tenures.length; at++) {
    const before = tenures[at - 1]!
    const tenure = tenures[at]!
    const here = [...path, at]
    if (tenure.from !== null && before.from !== null && tenure.from < before.from) {
      report(
        here,
        tenure.country,
        'begins before the seat above it',
        'Order the seats from the oldest to the newest.',
      )
    } else if (overlaps(before, tenure)) {
      const end = tenure.from === null ? 'the day before this one begins' : addDays(tenure.from, -1)
      const remedy = `Give ${before.country} until: "${end}"${tenure.from === null ? ' and this one a from day' : ''}.`
      report(here, tenure.country, `overlaps the seat above it, ${before.country}`, remedy)
    }
  }
}

function readFamily(
  path: YamlPath,
  family: NonNullable<LabEntry['families']>[number],
  report: Report,
): Family {
  checkText([...path, 'name'], family.name, report)
  return {
    key: family.key,
    name: family.name,
    patterns: readPatterns([...path, 'patterns'], family.patterns, report),
  }
}

function checkExceptions(file: YamlFile, labs: readonly Placed<Lab>[], report: Report): void {
  const seen = new Map<string, YamlPath>()
  for (const { entry: lab, path } of labs) {
    const own = new Set(lab.handles.map(({ handle }) => handle.toLowerCase()))
    const sorted = lab.exceptions.map(({ repoId }, index) => {
      const here = [...path, 'exceptions', index, 'repo']
      checkQuoted(file, here, repoId, report)
      if (!REPO_ID.test(repoId))
        report(here, repoId, 'is not a repository', 'Write "owner/name", as in the address.')
      const owner = repoId.split('/')[0]!.toLowerCase()
      if (own.has(owner)) {
        report(here, repoId, `is under a handle of ${lab.key} already`, 'Remove the exception.', 'style')
      }
      const earlier = seen.get(repoId.toLowerCase())
      if (earlier !== undefined) {
        report(here, repoId, `is an exception on line ${file.lineAt(earlier)} too`, 'Keep it with one lab.')
      }
      seen.set(repoId.toLowerCase(), here)
      return { shown: repoId, by: repoId.toLowerCase(), path: here }
    })
    checkSorted(file, sorted, report)
  }
}

function checkFamilyKeys(file: YamlFile, labs: readonly Placed<Lab>[], report: Report): void {
  const families = labs.flatMap(({ entry: lab, path }) =>
    lab.families.map((entry, index) => ({ entry, path: [...path, 'families', index] })),
  )
  checkKeys(file, families, report)
  for (const { entry: lab, path } of labs) {
    const sorted = lab.families.map(({ key }, index) => {
      return { shown: key, by: key, path: [...path, 'families', index] }
    })
    checkSorted(file, sorted, report)
  }
}

function checkOrder(file: YamlFile, entries: readonly Placed<LabEntry>[], report: Report): void {
  const byKey = entries.map(({ entry, path }) => ({
    shown: entry.key,
    by: entry.key,
    path,
  }))
  checkSorted(file, byKey, report)
  for (const { entry, path } of entries) {
    const byHandle = entry.handles.map(({ handle, from }, index) => {
      return { shown: handle, by: `${handle.toLowerCase()} ${from ?? ''}`, path: [...path, 'handles', index] }
    })
    checkSorted(file, byHandle, report)
  }
}
