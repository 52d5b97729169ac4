import { parseUtcDay, type UtcDay } from '../domain/utc-day.ts'
import { patternFault } from './pattern-fault.ts'
import type { RegistrySeverity } from './registry-problem.ts'
import type { Placed, Report, YamlFile, YamlPath } from './yaml-file.ts'

const KEY = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const REPO_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/

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
