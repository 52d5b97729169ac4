import type { CountryTenure, Evidence } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'

/** The days of a tenure as the registry gives them. */
export function spanWords({ from, until }: { from: UtcDay | null; until: UtcDay | null }): string {
  if (from === null && until === null) return 'no day given'
  return [from === null ? '' : `from ${from}`, until === null ? '' : `until ${until}`]
    .filter(part => part !== '')
    .join(' ')
}

export function evidenceWords(evidence: Evidence | null): string {
  return evidence === null ? 'none given' : visibleText(evidence)
}

/** One line a seat, oldest first, each with its days and its evidence. */
export function seatLines(seats: readonly CountryTenure[], indent: string): string[] {
  return seats.map(
    seat => `${indent}${seat.country}: ${spanWords(seat)}; evidence ${evidenceWords(seat.evidence)}`,
  )
}
