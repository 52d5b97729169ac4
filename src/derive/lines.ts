import { OUTSIDE_LINES } from '../domain/attribution.ts'
import { CLEAN_RULES, type DailyCorrection } from '../domain/clean.ts'
import type { Coverage, RawDownloads, RegionLine, RegionTable, TableCorrection } from '../domain/headline.ts'
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

/** What stands behind cleaned totals. */
export interface RawSide {
  raw: readonly DailyTotal[]
  /** Of the rules that are on. */
  corrections: readonly DailyCorrection[]
}

/**
 * One day's totals of one scope and attribution as a table with every line, empty ones included: the lines sum to the
 * total. Lifetime values are null when no repository of the scope has a known counter. `leftOut` are the totals a
 * first-party scope leaves out for their publisher alone: they belong to the whole that coverage is a share of. Coverage
 * is by `counter`; when none is named, by lifetime downloads where they are known. `side` is what cleaned totals were made of;
 * without it they are raw.
 */
export function regionTable(
  totals: readonly DailyTotal[],
  leftOut: readonly DailyTotal[],
  registry: Registry,
  counter?: 'downloadsAllTime' | 'downloads30d',
  side: RawSide = { raw: totals, corrections: [] },
): RegionTable {
  const rawByLine = new Map(side.raw.map(total => [total.key, total]))
  const byLine = new Map(totals.map(total => [total.key, total]))
  // Known or not is a matter of facts: no correction makes it so.
  const isKnown = side.raw.some(isAllTimeKnown)
  const whole = {
    repos: sumOf(totals, total => total.repos),
    downloads30d: sumOf(totals, total => total.downloads30d),
  }
  const wholeAllTime = isKnown ? sumOf(totals, total => total.downloadsAllTime) : null
  const lines: RegionLine[] = lineOrder(registry).map(line => {
    const total = byLine.get(line)
    // Nobody here is a true zero; repositories whose counters are all unknown are not.
    const raw = rawByLine.get(line)
    const isLineKnown = wholeAllTime !== null && (raw === undefined || isAllTimeKnown(raw))
    const downloadsAllTime = isLineKnown ? (total?.downloadsAllTime ?? 0) : null
    return {
      line,
      name: lineName(registry, line),
      repos: total?.repos ?? 0,
      downloads30d: total?.downloads30d ?? 0,
      share30d: ratio(total?.downloads30d ?? 0, whole.downloads30d),
      downloadsAllTime,
      shareAllTime: downloadsAllTime === null ? null : ratio(downloadsAllTime, wholeAllTime ?? 0),
      raw: rawDownloads([raw], isLineKnown),
    }
  })
  return {
    lines,
    ...whole,
    downloadsAllTime: wholeAllTime,
    allTimeUnknownRepos: sumOf(totals, total => total.allTimeUnknownRepos),
    goneRepos: sumOf(totals, total => total.goneRepos),
    goneDownloadsAllTime: sumOf(totals, total => total.goneDownloadsAllTime),
    raw: rawDownloads(side.raw, isKnown),
    corrections: tableCorrections(side.corrections, registry),
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

function rawDownloads(totals: readonly (DailyTotal | undefined)[], isKnown: boolean): RawDownloads {
  const found = totals.filter(total => total !== undefined)
  return {
    downloads30d: sumOf(found, total => total.downloads30d),
    downloadsAllTime: isKnown ? sumOf(found, total => total.downloadsAllTime) : null,
  }
}

function tableCorrections(corrections: readonly DailyCorrection[], registry: Registry): TableCorrection[] {
  return CLEAN_RULES.flatMap(rule => {
    const lines = corrections
      .filter(row => row.rule === rule && (row.downloads30d !== 0 || row.downloadsAllTime !== 0))
      .sort((a, b) => movement(b) - movement(a) || (a.key < b.key ? -1 : 1))
      .map(({ key, repos, downloads30d, downloadsAllTime }) => ({
        ...{ line: key, name: lineName(registry, key), repos, downloads30d, downloadsAllTime },
      }))
    if (lines.length === 0) return []
    const sums = {
      repos: sumOf(lines, line => line.repos),
      downloads30d: sumOf(lines, line => line.downloads30d),
      downloadsAllTime: sumOf(lines, line => line.downloadsAllTime),
    }
    return [{ rule, ...sums, lines }]
  })
}

/** How far a correction moves the larger of the two counters. */
function movement({ downloads30d, downloadsAllTime }: DailyCorrection): number {
  return Math.max(Math.abs(downloads30d), Math.abs(downloadsAllTime))
}

function sumOf<Row>(rows: readonly Row[], pick: (row: Row) => number): number {
  return rows.reduce((all, row) => all + pick(row), 0)
}

/** A share, or null over an empty whole: nothing of nothing is not zero. */
function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
