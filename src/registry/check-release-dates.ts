import type { ReleaseDate } from '../domain/registry.ts'
import { parseUtcDay, type UtcDay } from '../domain/utc-day.ts'
import { releaseDateEntry } from './registry-schema.ts'
import { checkQuoted, checkRepoIds, readDay } from './shared-checks.ts'
import { type Report, readEntries, type YamlFile } from './yaml-file.ts'

/** Hugging Face was founded in 2016: an earlier day is a typing error. */
const FIRST_PLAUSIBLE = parseUtcDay('2016-01-01')

/** Reads `release-dates.yml`, by repository id. A day after `today` is a warning; null judges none. */
export function checkReleaseDates(
  file: YamlFile,
  today: UtcDay | null,
  report: Report,
): Map<string, ReleaseDate> {
  const entries = readEntries(file, releaseDateEntry, report)
  const ids = entries.map(({ entry, path }) => ({ repoId: entry.repo, path: [...path, 'repo'] }))
  checkRepoIds(file, ids, report)
  const dates = new Map<string, ReleaseDate>()
  for (const { entry, path } of entries) {
    const here = [...path, 'released']
    checkQuoted(file, here, entry.released, report)
    const released = readDay(here, entry.released, report)
    if (entry.note.trim() === '') {
      report(
        [...path, 'note'],
        entry.repo,
        'has an empty note',
        'Say how far the day of creation is off, or who says so.',
      )
    }
    if (released === null) continue
    if (released < FIRST_PLAUSIBLE) {
      report(
        here,
        released,
        `is before ${FIRST_PLAUSIBLE}, when no model was on the Hub`,
        'Correct the year.',
      )
    } else if (today !== null && released > today) {
      report(here, released, `is after today, ${today}`, 'Write a day on which it was released.', 'warning')
    }
    dates.set(entry.repo, { released, note: entry.note.trim() })
  }
  return dates
}
