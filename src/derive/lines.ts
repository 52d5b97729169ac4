import { OUTSIDE_LINES } from '../domain/attribution.ts'
import type { Coverage, RegionLine, RegionTable } from '../domain/headline.ts'
import type { Registry } from '../domain/registry.ts'
import { type DailyTotal, isAllTimeKnown } from '../domain/total.ts'

/** Keys of every region line in reading order: regions as the registry orders them, then the lines outside. */
export function lineOrder(registry: Registry): string[] {
  return [...registry.regions.map(region => region.key), ...OUTSIDE_LINES]
}

const OUTSIDE_NAMES = new Map<string, string>([
  ['multinational', 'Multinational'],
  ['unknown', 'Unknown seat'],
  ['community', 'Community accounts'],
  ['excluded', 'CI and test accounts'],
  ['unreviewed', 'Unreviewed publishers'],
  ['unresolved', 'Unresolved bases'],
])

/** A line's name for readers. */
export function lineName(registry: Registry, line: string): string {
  const region = registry.regions.find(found => found.key === line)
  return region?.name ?? OUTSIDE_NAMES.get(line) ?? line
}

/**
 * One day's totals of one scope and attribution as a table with every line, empty ones included: the lines sum to the
 * total. Lifetime values are null when no repository of the scope has a known counter. `leftOut` are the totals a
 * first-party scope leaves out for their publisher alone: they belong to the whole that coverage is a share of. Coverage
 * is by `counter`; when none is named, by lifetime downloads where they are known.
 */
export function regionTable(
  totals: readonly DailyTotal[],
  leftOut: readonly DailyTotal[],
  registry: Registry,
  counter?: 'downloadsAllTime' | 'downloads30d',
): RegionTable {
  const byLine = new Map(totals.map(total => [total.key, total]))
  const isKnown = totals.some(isAllTimeKnown)
  const whole = {
    repos: sumOf(totals, total => total.repos),
    downloads30d: sumOf(totals, total => total.downloads30d),
  }
  const wholeAllTime = isKnown ? sumOf(totals, total => total.downloadsAllTime) : null
  const lines: RegionLine[] = lineOrder(registry).map(line => {
    const total = byLine.get(line)
    // Nobody here is a true zero; repositories whose counters are all unknown are not.
    const isLineKnown = wholeAllTime !== null && (total === undefined || isAllTimeKnown(total))
    const downloadsAllTime = isLineKnown ? (total?.downloadsAllTime ?? 0) : null
    return {
      line,
      name: lineName(registry, line),
      repos: total?.repos ?? 0,
      downloads30d: total?.downloads30d ?? 0,
      share30d: ratio(total?.downloads30d ?? 0, whole.downloads30d),
      downloadsAllTime,
      shareAllTime: downloadsAllTime === null ? null : ratio(downloadsAllTime, wholeAllTime ?? 0),
    }
  })
  return {
    lines,
    ...whole,
    downloadsAllTime: wholeAllTime,
    allTimeUnknownRepos: sumOf(totals, total => total.allTimeUnknownRepos),
    goneRepos: sumOf(totals, total => total.goneRepos),
    goneDownloadsAllTime: sumOf(totals, total => total.goneDownloadsAllTime),
    leftOut: leftOut.map(total => ({
      line: total.key,
      name: lineName(registry, total.key),
      repos: total.repos,
      downloads30d: total.downloads30d,
      downloadsAllTime: isAllTimeKnown(total) ? total.downloadsAllTime : null,
    })),
    coverage: coverageOf(totals, leftOut, counter ?? (isKnown ? 'downloadsAllTime' : 'downloads30d')),
  }
}

/**
 * How much of the downloads the scope's rules are about has an answer. A first-party scope drops unreviewed publishers,
 * so what they would have added counts in the whole: else a scope that knows nobody would be covered completely.
 */
function coverageOf(
  totals: readonly DailyTotal[],
  leftOut: readonly DailyTotal[],
  basis: 'downloadsAllTime' | 'downloads30d',
): Coverage {
  const hasNoAnswer = (total: DailyTotal) => total.key === 'unreviewed' || total.key === 'unresolved'
  const candidates = [...totals, ...leftOut.filter(total => total.key === 'unreviewed')]
  const whole = sumOf(candidates, total => total[basis])
  const attributed = sumOf(candidates, total => (hasNoAnswer(total) ? 0 : total[basis]))
  const unreviewed = sumOf(candidates, total => (total.key === 'unreviewed' ? total[basis] : 0))
  return { attributed: ratio(attributed, whole), unreviewed: ratio(unreviewed, whole), basis }
}

function sumOf(totals: readonly DailyTotal[], pick: (total: DailyTotal) => number): number {
  return totals.reduce((all, total) => all + pick(total), 0)
}

/** A share, or null over an empty whole: nothing of nothing is not zero. */
function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
