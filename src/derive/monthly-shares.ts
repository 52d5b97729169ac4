import {
  MONTHLY_COUNTERS,
  type MonthlyCounter,
  type MonthlyShare,
  type MonthlyShareLine,
  RELATION_SET_KEYS,
  type RelationSet,
  SHARE_THRESHOLDS,
  UPLOADER_CAP,
} from '../domain/derivative.ts'
import { TOTAL_ATTRIBUTIONS } from '../domain/total.ts'
import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import { PRESENCE } from './running-counters.ts'
import type { Derivatives, RunningShares } from './running-shares.ts'
import { relationBits, rounded } from './standings.ts'

/** Derivatives of one month and one relation set, gathered so that every counter and threshold reads them in a row. */
interface Members {
  month: string
  relations: RelationSet
  repoKeys: Int32Array
  publishers: Int32Array
  standings: Int32Array
  /** Each standing once. */
  distinct: readonly number[]
}

/** The derivatives of a set that exceed one threshold, added up. `repos` and `capped` are by standing. */
interface Cell {
  counted: number
  publishers: number
  capped: number
  repos: Float64Array
  cappedRepos: Float64Array
}

/**
 * Shares of the derivatives listed on `day` by their month of creation, for every relation set, counter and threshold
 * (method.md M5 and section 4, items 7, 8 and 10): month by month, ascending, a month and relation set without any
 * derivative left out. `downloads30dAt30Days` is by repository key: the 30-day counter of each at the age of 30 days;
 * NaN, or nothing, where none was observed at that age, or where it is younger. Days must not go backwards.
 */
export function* monthlyShares(
  shares: RunningShares,
  day: UtcDay,
  downloads30dAt30Days: Float64Array,
): Generator<MonthlyShare> {
  const derivatives = shares.derivativesOn(day)
  const { downloads30d, downloadsAllTime } = derivatives.counters
  const columns: Record<MonthlyCounter, Float64Array> = {
    downloads30d,
    downloadsAllTime,
    downloads30dAt30Days,
  }
  const count = createCellCounter(derivatives)
  for (const { month, places } of listedByMonth(derivatives)) {
    for (const relations of RELATION_SET_KEYS) {
      const members = gather(derivatives, month, places, relations)
      const considered = members.repoKeys.length
      if (considered === 0) continue
      for (const counter of MONTHLY_COUNTERS) {
        const { levels, counterUnknown } = readLevels(members, columns[counter])
        for (const [index, threshold] of SHARE_THRESHOLDS.entries()) {
          const cell = count(members, levels, index)
          yield {
            ...{ month, relations, counter, threshold, considered, counterUnknown },
            ...{ counted: cell.counted, publishers: cell.publishers, capped: rounded(cell.capped) },
            lines: weighLines(cell, members, derivatives),
          }
        }
      }
    }
  }
}

/** Places of the derivatives listed, month of creation by month. */
function listedByMonth(derivatives: Derivatives): { month: string; places: Int32Array }[] {
  const { count, repoKeys, createdOn, relations, counters } = derivatives
  const monthOfDay = new Map<number, string>()
  const lengths = new Map<string, number>()
  const isListed = (at: number) => relations[at] !== 0 && counters.presence[repoKeys[at]!] === PRESENCE.listed
  const monthOf = (at: number) => {
    const day = createdOn[at]!
    let month = monthOfDay.get(day)
    if (month === undefined) {
      month = dayFromNumber(day).slice(0, 7)
      monthOfDay.set(day, month)
    }
    return month
  }
  for (let at = 0; at < count; at += 1) {
    if (isListed(at)) lengths.set(monthOf(at), (lengths.get(monthOf(at)) ?? 0) + 1)
  }
  const months = new Map(
    [...lengths.keys()]
      .sort()
      .map(month => [month, { places: new Int32Array(lengths.get(month)!), used: 0 }]),
  )
  for (let at = 0; at < count; at += 1) {
    if (!isListed(at)) continue
    const month = months.get(monthOf(at))!
    month.places[month.used] = at
    month.used += 1
  }
  return [...months].map(([month, { places }]) => ({ month, places }))
}

function gather(
  derivatives: Derivatives,
  month: string,
  places: Int32Array,
  relations: RelationSet,
): Members {
  const wanted = relationBits(relations)
  const chosen = places.filter(at => (derivatives.relations[at]! & wanted) !== 0)
  const standings = chosen.map(at => derivatives.standings[at]!)
  return {
    month,
    relations,
    repoKeys: chosen.map(at => derivatives.repoKeys[at]!),
    publishers: chosen.map(at => derivatives.publishers[at]!),
    standings,
    distinct: [...new Set(standings)],
  }
}

/** How many thresholds each member exceeds: none where its counter is unknown. */
function readLevels(
  { repoKeys }: Members,
  column: Float64Array,
): { levels: Uint8Array; counterUnknown: number } {
  let counterUnknown = 0
  const levels = new Uint8Array(repoKeys.length)
  for (let index = 0; index < repoKeys.length; index += 1) {
    const downloads = column[repoKeys[index]!] ?? Number.NaN
    if (Number.isNaN(downloads)) counterUnknown += 1
    for (const threshold of SHARE_THRESHOLDS) if (downloads > threshold) levels[index]! += 1
  }
  return { levels, counterUnknown }
}

/** Adds up cells, one after another in the same memory: a cell is good until the next one. */
function createCellCounter({ publisherCount, lines }: Derivatives) {
  const countOf = new Int32Array(publisherCount)
  const repos = new Float64Array(lines.size())
  const cappedRepos = new Float64Array(lines.size())

  return (members: Members, levels: Uint8Array, threshold: number): Cell => {
    const { publishers, standings } = members
    const cell = { counted: 0, publishers: 0, capped: 0, repos, cappedRepos }
    for (let index = 0; index < levels.length; index += 1) {
      countOf[publishers[index]!] = 0
      repos[standings[index]!] = 0
      cappedRepos[standings[index]!] = 0
    }
    for (let index = 0; index < levels.length; index += 1) {
      if (levels[index]! <= threshold) continue
      const publisher = publishers[index]!
      if (countOf[publisher] === 0) cell.publishers += 1
      countOf[publisher]! += 1
      cell.counted += 1
    }
    const cap = Math.max(1, cell.counted * UPLOADER_CAP)
    for (let index = 0; index < levels.length; index += 1) {
      if (levels[index]! <= threshold) continue
      const part = Math.min(1, cap / countOf[publishers[index]!]!)
      cell.capped += part
      repos[standings[index]!]! += 1
      cappedRepos[standings[index]!]! += part
    }
    return cell
  }
}

function weighLines(cell: Cell, members: Members, { lines }: Derivatives): MonthlyShareLine[] {
  const standings = members.distinct.filter(number => cell.repos[number]! > 0)
  return TOTAL_ATTRIBUTIONS.flatMap(attribution => {
    const found = new Map<string, MonthlyShareLine>()
    for (const number of standings) {
      for (const { line, weight } of lines.parts(number, attribution, members.relations)) {
        const known = found.get(line) ?? { attribution, line, repos: 0, capped: 0 }
        known.repos += weight * cell.repos[number]!
        known.capped += weight * cell.cappedRepos[number]!
        found.set(line, known)
      }
    }
    return [...found.values()]
      .map(found => ({ ...found, repos: rounded(found.repos), capped: rounded(found.capped) }))
      .sort((a, b) => (a.line < b.line ? -1 : 1))
  })
}
