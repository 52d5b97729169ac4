import type { Evidence } from '../domain/registry.ts'
import { daysBetween, parseUtcDay, type UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'
import { patternFault } from './pattern-fault.ts'
import type { RegistrySeverity } from './registry-problem.ts'
import type { Placed, Report, YamlFile, YamlPath } from './yaml-file.ts'

const KEY = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
/** A Hub handle, and `owner/name`, in the letters that the Hub allows. */
export const HANDLE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
export const REPO_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/
const EVIDENCE = /^(?:unverified|published-list:([AENWSIHGK]+)|https:\/\/[^\s/]+\.[^\s/]+(?:\/\S*)?)$/
const EVIDENCE_REMEDY =
  'Write "unverified", an https address, or "published-list:" and letters of A E N W S I H G K, each once.'
const YEAR_DAYS = 365

/** Byte order for the ASCII words of these files. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Reports keys that are malformed or used twice. */
export function checkKeys(file: YamlFile, entries: readonly Placed<{ key: string }>[], report: Report): void {
  const seen = new Map<string, YamlPath>()
  for (const { entry, path } of entries) {
    const here = [...path, 'key']
    if (!KEY.test(entry.key)) {
      report(here, entry.key, 'is not a key', 'Use lower-case letters, digits and single "-" between words.')
    }
    const earlier = seen.get(entry.key)
    if (earlier !== undefined) {
      const problem = `is the key of line ${file.lineAt(earlier)} too`
      report(here, entry.key, problem, 'Merge the two entries, or give one a new key.')
    }
    seen.set(entry.key, earlier ?? here)
  }
}

/** One item of a list that must be sorted: what it is called, what it sorts by, where it stands. */
export interface Sorted {
  shown: string
  by: string
  path: YamlPath
}

/** Reports the first item that stands below one it should stand above. */
export function checkSorted(file: YamlFile, items: readonly Sorted[], report: Report): void {
  if (!file.pedantic) return
  const misplaced = items.find((item, at) => at > 0 && compareText(items[at - 1]!.by, item.by) > 0)
  if (misplaced === undefined) return
  const target = items.find(other => compareText(other.by, misplaced.by) > 0)!
  const shown = JSON.stringify(target.shown)
  const remedy = `Move it above ${shown} (line ${file.lineAt(target.path)}).`
  report(misplaced.path, misplaced.shown, `stands below ${shown}`, remedy, 'style')
}

/**
 * Reports ids of another form, ids listed twice whatever their letters (the Hub keeps them apart only in spelling), and
 * the first one out of order; the order has no regard to letter case.
 */
export function checkRepoIds(
  file: YamlFile,
  listed: readonly { repoId: string; path: YamlPath }[],
  report: Report,
): void {
  const seen = new Map<string, YamlPath>()
  const items = listed.map(({ repoId, path }) => {
    const folded = repoId.toLowerCase()
    if (!REPO_ID.test(repoId)) {
      report(path, repoId, 'is not a repository', 'Write "owner/name", as in the address.')
    }
    const earlier = seen.get(folded)
    if (earlier !== undefined) {
      const problem = `is on line ${file.lineAt(earlier)} already`
      report(path, repoId, problem, 'Keep one of the two, spelled as the Hub spells it.')
    }
    seen.set(folded, earlier ?? path)
    return { shown: repoId, by: folded, path }
  })
  checkSorted(file, items, report)
}

/** Sorted and without repetition: for plain lists of words. `repeated` says how bad a repetition is. */
export function checkWordList(
  file: YamlFile,
  path: YamlPath,
  words: readonly string[],
  report: Report,
  repeated: RegistrySeverity = 'style',
): void {
  const items = words.map((word, index) => ({ shown: word, by: word, path: [...path, index] }))
  checkSorted(file, items, report)
  for (const [index, item] of items.entries()) {
    if (words.indexOf(item.shown) === index) continue
    report(item.path, item.shown, 'is listed twice', 'Remove one of the two.', repeated)
  }
}

/** The day, or null after reporting that it is none. */
export function readDay(path: YamlPath, written: string, report: Report): UtcDay | null {
  try {
    return parseUtcDay(written)
  } catch {
    report(path, written, 'is not a day', 'Write "YYYY-MM-DD", a day that exists.')
    return null
  }
}

export function checkQuoted(file: YamlFile, path: YamlPath, shown: string, report: Report): void {
  if (file.pedantic && !file.isQuoted(path)) {
    report(path, shown, 'is not in quotes', `Write "${shown}".`, 'style')
  }
}

/** Compiles patterns without regard to letter case. A refused one is reported and left out. */
export function readPatterns(path: YamlPath, sources: readonly string[], report: Report): RegExp[] {
  if (sources.length === 0) report(path, '', 'has no pattern', 'Add one, or remove the field.')
  return sources.flatMap((source, index) => {
    const fault = patternFault(source)
    if (fault === null) return [new RegExp(source, 'i')]
    report([...path, index], source, fault, 'Write a pattern without it; two simple ones do.')
    return []
  })
}

/** Words that stand beside numbers: there have to be some, and nothing in them may hide or turn its neighbours. */
export function checkText(path: YamlPath, written: string, report: Report): void {
  if (written.trim() === '') report(path, '', `${path.at(-1)} is empty`, `Write the ${path.at(-1)}.`)
  const shown = visibleText(written.replaceAll('\n', ' '), written.length)
  if (shown !== written.replaceAll('\n', ' ')) {
    report(path, shown, 'holds a character that cannot be seen', 'Remove it.')
  }
}

/** The evidence as written, after reporting whatever is none. */
export function readEvidence(path: YamlPath, written: string, report: Report): Evidence {
  const letters = EVIDENCE.exec(written)
  if (
    letters === null ||
    visibleText(written, written.length) !== written ||
    new Set(letters[1]).size !== (letters[1] ?? '').length
  ) {
    report(path, visibleText(written), 'is not evidence', EVIDENCE_REMEDY)
  }
  return written
}

/** The day of the last review of the entry at `path`, called `name`; one long ago or still to come is a warning. */
export function readChecked(
  file: YamlFile,
  path: YamlPath,
  entry: { name: string; checked: string },
  today: UtcDay | null,
  report: Report,
): UtcDay {
  const here = [...path, 'checked']
  checkQuoted(file, here, entry.checked, report)
  const day = readDay(here, entry.checked, report)
  if (day !== null && today !== null) {
    const age = daysBetween(day, today)
    if (age > YEAR_DAYS) {
      report(
        here,
        day,
        `was reviewed ${age} days ago`,
        `Review ${entry.name} and set checked to the day.`,
        'warning',
      )
    } else if (age < 0) {
      report(here, day, `is after today, ${today}`, 'Write the day of the review.', 'warning')
    }
  }
  return day ?? (entry.checked as UtcDay)
}
