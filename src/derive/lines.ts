import { OUTSIDE_LINES } from '../domain/attribution.ts'
import type { RegionLine, RegionTable } from '../domain/headline.ts'
import type { Registry } from '../domain/registry.ts'
import { type DailyTotal, isAllTimeKnown } from '../domain/total.ts'

/** Keys of every region line in reading order: regions as the registry orders them, then the lines outside. */
export function lineOrder(registry: Registry): string[] {
  return [...registry.regions.map(region => region.key), ...OUTSIDE_LINES]
}

/** A line's name for readers. */
export function lineName(registry: Registry, line: string): string {
  const names: Record<string, string> = {
    multinational: 'Multinational',
    unknown: 'Unknown seat',
    community: 'Community accounts',
    excluded: 'CI and test accounts',
    unreviewed: 'Unreviewed publishers',
    unresolved: 'Unresolved bases',
  }
  const region = registry.regions.find(found => found.key === line)
  return region?.name ?? (Object.hasOwn(names, line) ? (names[line] ?? line) : line)
}

/**
 * One day's totals of one scope and attribution as a table with every line, empty ones included: the lines sum to the
 * total. Lifetime values are null when no repository of the scope has a known counter.
 */
export function regionTable(totals: readonly DailyTotal[], registry: Registry): RegionTable {
  const byLine = new Map(totals.map(total => [total.key, total]))
  const sum = (pick: (total: DailyTotal) => number) => totals.reduce((all, total) => all + pick(total), 0)
  const isKnown = totals.some(isAllTimeKnown)
  const whole = { repos: sum(total => total.repos), downloads30d: sum(total => total.downloads30d) }
  const wholeAllTime = isKnown ? sum(total => total.downloadsAllTime) : null
  const lines: RegionLine[] = lineOrder(registry).map(line => {
    const total = byLine.get(line)
    const downloadsAllTime = wholeAllTime === null ? null : (total?.downloadsAllTime ?? 0)
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
    allTimeUnknownRepos: sum(total => total.allTimeUnknownRepos),
    goneRepos: sum(total => total.goneRepos),
    goneDownloadsAllTime: sum(total => total.goneDownloadsAllTime),
    coverage: {
      attributed: coverage(
        lines,
        whole,
        wholeAllTime,
        line => line !== 'unreviewed' && line !== 'unresolved',
      ),
      unreviewed: coverage(lines, whole, wholeAllTime, line => line === 'unreviewed'),
      basis: wholeAllTime === null ? 'downloads30d' : 'downloadsAllTime',
    },
  }
}

function coverage(
  lines: readonly RegionLine[],
  whole: { downloads30d: number },
  wholeAllTime: number | null,
  belongs: (line: string) => boolean,
): number | null {
  const chosen = lines.filter(line => belongs(line.line))
  if (wholeAllTime === null)
    return ratio(
      chosen.reduce((all, line) => all + line.downloads30d, 0),
      whole.downloads30d,
    )
  return ratio(
    chosen.reduce((all, line) => all + (line.downloadsAllTime ?? 0), 0),
    wholeAllTime,
  )
}

/** A share, or null over an empty whole: nothing of nothing is not zero. */
function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
