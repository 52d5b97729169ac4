import {
  MONTHLY_COUNTERS,
  type MonthlyCounter,
  type MonthlyShare,
  type MonthlyShareLine,
  RELATION_SET_KEYS,
  type RelationSet,
  SHARE_THRESHOLDS,
  uploaderCap,
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

/** Members whose counter exceeds a threshold, in columns of which `count` places are in use. */
interface Left {
  publishers: Int32Array
  standings: Int32Array
  downloads: Float64Array
  count: number
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
        const { downloads, counterUnknown } = readCounter(members, columns[counter])
        // Thresholds ascend: whoever does not exceed one is not looked at for the next.
        let left: Left = { ...members, downloads, count: considered }
        for (const threshold of SHARE_THRESHOLDS) {
          left = exceeding(left, threshold)
          const cell = count(members, left)
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
  const chosen = new Int32Array(places.length)
  let count = 0
  for (const at of places) {
    if ((derivatives.relations[at]! & wanted) === 0) continue
    chosen[count] = at
    count += 1
  }
  const column = (from: Int32Array) => {
    const found = new Int32Array(count)
    for (let index = 0; index < count; index += 1) found[index] = from[chosen[index]!]!
    return found
  }
  const standings = column(derivatives.standings)
  return {
    month,
    relations,
    repoKeys: column(derivatives.repoKeys),
    publishers: column(derivatives.publishers),
    standings,
    distinct: [...new Set(standings)],
  }
}

/** What each member's counter says; NaN where it is unknown. */
function readCounter(
  { repoKeys }: Members,
  column: Float64Array,
): { downloads: Float64Array; counterUnknown: number } {
  let counterUnknown = 0
  const downloads = new Float64Array(repoKeys.length)
  for (let index = 0; index < repoKeys.length; index += 1) {
    const value = column[repoKeys[index]!] ?? Number.NaN
    if (Number.isNaN(value)) counterUnknown += 1
    downloads[index] = value
  }
  return { downloads, counterUnknown }
}

/** Those with strictly more downloads, in their order. */
function exceeding(left: Left, threshold: number): Left {
  const publishers = new Int32Array(left.count)
  const standings = new Int32Array(left.count)
  const downloads = new Float64Array(left.count)
  let count = 0
  for (let index = 0; index < left.count; index += 1) {
    // Not so for NaN either.
    if (!(left.downloads[index]! > threshold)) continue
    publishers[count] = left.publishers[index]!
    standings[count] = left.standings[index]!
    downloads[count] = left.downloads[index]!
    count += 1
  }
  return { publishers, standings, downloads, count }
}

/** Adds up cells, one after another in the same memory: a cell is good until the next one. */
function createCellCounter({ publisherCount, lines }: Derivatives) {
  /** All 0 between two cells. */
  const countOf = new Int32Array(publisherCount)
  const repos = new Float64Array(lines.size())
  const cappedRepos = new Float64Array(lines.size())

  return ({ distinct }: Members, { publishers, standings, count }: Left): Cell => {
    const cell = { counted: count, publishers: 0, capped: 0, repos, cappedRepos }
    for (const standing of distinct) {
      repos[standing] = 0
      cappedRepos[standing] = 0
    }
    for (let index = 0; index < count; index += 1) {
      const publisher = publishers[index]!
      if (countOf[publisher] === 0) cell.publishers += 1
      countOf[publisher]! += 1
    }
    const cap = uploaderCap(count)
    for (let index = 0; index < count; index += 1) {
      const part = Math.min(1, cap / countOf[publishers[index]!]!)
      cell.capped += part
      repos[standings[index]!]! += 1
      cappedRepos[standings[index]!]! += part
    }
    for (let index = 0; index < count; index += 1) countOf[publishers[index]!] = 0
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
