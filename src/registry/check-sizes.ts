import type { CuratedSize } from '../domain/registry.ts'
import { type SizeEntry, sizeEntry } from './registry-schema.ts'
import { checkRepoIds } from './shared-checks.ts'
import { type Placed, type Report, readEntries, type YamlFile } from './yaml-file.ts'

/** Above this a count was not written in billions: a hundred thousand billion parameters is no model yet. */
const LARGEST_PLAUSIBLE_B = 100_000

/** Reads `sizes.yml`, by repository id. */
export function checkSizes(file: YamlFile, report: Report): Map<string, CuratedSize> {
  const entries = readEntries(file, sizeEntry, report)
  const ids = entries.map(({ entry, path }) => ({ repoId: entry.repo, path: [...path, 'repo'] }))
  checkRepoIds(file, ids, report)
  return new Map(entries.map(placed => [placed.entry.repo, readSize(placed, report)] as const))
}

function readSize({ entry, path }: Placed<SizeEntry>, report: Report): CuratedSize {
  const { totalB, activeB } = entry
  checkBillions('totalB')
  if (activeB !== undefined) {
    checkBillions('activeB')
    if (activeB > totalB) {
      report(
        [...path, 'activeB'],
        String(activeB),
        `is more than totalB, ${totalB}`,
        'Exchange the two, or correct one.',
      )
    }
  }
  if (entry.legacy === false) {
    report([...path, 'legacy'], 'false', 'says nothing', 'Remove it: only legacy: true is written.', 'style')
  }
  return { totalB, activeB: activeB ?? null, isLegacy: entry.legacy ?? false, note: entry.note ?? null }

  function checkBillions(field: 'totalB' | 'activeB'): void {
    const value = entry[field]!
    const at = [...path, field]
    if (value <= 0) {
      const remedy =
        field === 'activeB'
          ? 'Write a number above 0, or remove activeB where nobody states it.'
          : 'Write a number above 0.'
      report(at, String(value), 'is no number of parameters', remedy)
    } else if (value > LARGEST_PLAUSIBLE_B) {
      report(at, String(value), 'is too large', 'Write billions: 7 for 7,000,000,000.')
    }
  }
}
