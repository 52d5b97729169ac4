import type { RepoFacts } from '../domain/attribution.ts'
import type { DerivativeShare, RelationSet, ShareCounter } from '../domain/derivative.ts'
import type { Registry } from '../domain/registry.ts'
import type { TotalAttribution } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createAccountNumbers } from './account-numbers.ts'
import { createAttributor } from './attribute.ts'
import { createBirthDays } from './birth-days.ts'
import { createPartyFinder, type PartyFinder } from './party.ts'
import { lengthened, PRESENCE, type RunningCounters } from './running-counters.ts'
import { createStandings, relationBit, relationBits, rounded, type Standings } from './standings.ts'

export interface DerivativeShareRule {
  relations: RelationSet
  attribution: TotalAttribution
  counter: ShareCounter
  threshold: number
  createdFrom: UtcDay | null
}

/**
 * Shares of derivatives by the region line of their publisher, immediate base or roots (method.md M5), from counters
 * that pass by. Feed it the repositories that the totals are fed: it keeps those that declare a base by one of the four
 * relations.
 */
export interface RunningShares {
  /** A repository as it is described from the next question on. */
  describe(repo: RepoFacts): void
  /**
   * Share of the derivatives listed on `day` with more than the threshold of downloads. Lines are judged as of `day`;
   * several bases share one repository equally, roots by their weights. Days must not go backwards.
   */
  shareOn(day: UtcDay, rule: DerivativeShareRule): DerivativeShare
  /** The derivatives themselves, judged as of `day`, for sums of another kind. Days must not go backwards. */
  derivativesOn(day: UtcDay): Derivatives
}

/** Columns of the derivatives by place, in the order in which they came: good until the next `describe`. */
export interface Derivatives {
  /** Places in use: what the columns hold beyond is nothing. */
  count: number
  repoKeys: Int32Array
  /** Numbers of handles, below `publisherCount`, not all of them in use. */
  publishers: Int32Array
  publisherCount: number
  /** Days since 1970-01-01. */
  createdOn: Int32Array
  /** Relations of its edges as bits (`relationBit`); 0 for what is no derivative any more. */
  relations: Uint8Array
  /** Numbers in `lines`. */
  standings: Int32Array
  lines: Standings
  counters: RunningCounters
}

const FIRST_LENGTH = 1024
const NOWHERE = -1
/** Before every boundary of every tenure. */
const EARLIEST_DAY = '0001-01-01' as UtcDay

/**
 * `totals`: the parties of the totals that are fed the same, by the same registry, and their first day: what they found is
 * not looked for again. No day before that one can be asked for.
 */
export function createRunningShares(
  registry: Registry,
  counters: RunningCounters,
  totals?: { parties: PartyFinder; firstDay: UtcDay },
): RunningShares {
  const attributor = createAttributor(registry)
  const lines = createStandings(totals?.parties ?? createPartyFinder(registry, attributor))
  let count = 0
  let repoKeys = new Int32Array(FIRST_LENGTH)
  let publisherOf = new Int32Array(FIRST_LENGTH)
  let createdOn = new Int32Array(FIRST_LENGTH)
  let relationsOf = new Uint8Array(FIRST_LENGTH)
  let standingOf = new Int32Array(FIRST_LENGTH)
  /** By repository key. */
  let placeOf = new Int32Array(counters.presence.length).fill(NOWHERE)
  /** Derivatives whose lines depend on the day. */
  const dated = new Map<number, RepoFacts>()
  const publishers = createAccountNumbers()
  const birthDay = createBirthDays()
  let today = totals?.firstDay ?? EARLIEST_DAY

  function placeFor(repoKey: number): number {
    if (repoKey >= placeOf.length) {
      const longer = new Int32Array(Math.max(repoKey + 1, Math.ceil(placeOf.length * 1.5))).fill(NOWHERE)
      placeOf = lengthened(placeOf, longer)
    }
    if (placeOf[repoKey] !== NOWHERE) return placeOf[repoKey]!
    if (count === repoKeys.length) {
      // There are no more derivatives than repositories.
      const length = Math.max(count + 1, Math.min(Math.ceil(count * 1.5), counters.presence.length))
      repoKeys = lengthened(repoKeys, new Int32Array(length))
      publisherOf = lengthened(publisherOf, new Int32Array(length))
      createdOn = lengthened(createdOn, new Int32Array(length))
      relationsOf = lengthened(relationsOf, new Uint8Array(length))
      standingOf = lengthened(standingOf, new Int32Array(length))
    }
    placeOf[repoKey] = count
    repoKeys[count] = repoKey
    count += 1
    return count - 1
  }

  function moveTo(day: UtcDay): void {
    const from = today
    today = day
    if (!attributor.boundaries.some(boundary => from < boundary && boundary <= day)) return
    for (const repo of dated.values()) standingOf[placeOf[repo.repoKey]!] = lines.numberOf(repo, day)
  }

  function mayMove({ repoId }: { repoId: string | null }): boolean {
    return repoId !== null && attributor.mayChange(repoId)
  }

  function mayChange(repo: RepoFacts): boolean {
    if (attributor.boundaries.length === 0) return false
    return mayMove(repo) || repo.bases.some(mayMove) || repo.roots.some(mayMove)
  }

  return {
    describe(repo) {
      let relations = 0
      for (const { relation } of repo.bases) relations |= relationBit(relation)
      const known = placeOf[repo.repoKey] ?? NOWHERE
      if (known !== NOWHERE) {
        relationsOf[known] = 0
        dated.delete(repo.repoKey)
      }
      if (relations === 0) return
      if (mayChange(repo)) dated.set(repo.repoKey, repo)
      const at = placeFor(repo.repoKey)
      relationsOf[at] = relations
      publisherOf[at] = publishers.numberOf(repo)
      createdOn[at] = birthDay(repo.createdOn)
      standingOf[at] = lines.numberOf(repo, today)
    },
    shareOn(day, { relations, attribution, counter, threshold, createdFrom }) {
      moveTo(day)
      const values = counters[counter]
      const wanted = relationBits(relations)
      const from = createdFrom === null ? Number.NEGATIVE_INFINITY : dayNumber(createdFrom)
      const counts = new Float64Array(lines.size())
      const isCounted = new Uint8Array(publishers.size())
      const share = { considered: 0, counterUnknown: 0, counted: 0, publishers: 0 }
      for (let at = 0; at < count; at += 1) {
        // None of these derivatives (any more), not yet born for the window, or not listed.
        if ((relationsOf[at]! & wanted) === 0 || createdOn[at]! < from) continue
        const repoKey = repoKeys[at]!
        if (counters.presence[repoKey] !== PRESENCE.listed) continue
        share.considered += 1
        const downloads = values[repoKey]!
        if (Number.isNaN(downloads)) share.counterUnknown += 1
        if (!(downloads > threshold)) continue
        share.counted += 1
        counts[standingOf[at]!]! += 1
        const publisher = publisherOf[at]!
        if (isCounted[publisher] === 0) share.publishers += 1
        isCounted[publisher] = 1
      }
      const found = weigh(counts, number => lines.parts(number, attribution, relations))
      return { attribution, counter, threshold, relations, createdFrom, ...share, lines: found }
    },
    derivativesOn(day) {
      moveTo(day)
      return {
        count,
        repoKeys,
        publishers: publisherOf,
        publisherCount: publishers.size(),
        createdOn,
        relations: relationsOf,
        standings: standingOf,
        lines,
        counters,
      }
    },
  }
}

/** Counts by standing as weights by line, heaviest first. */
function weigh(
  counts: Float64Array,
  partsOf: (number: number) => readonly { line: string; weight: number }[],
): DerivativeShare['lines'] {
  const weights = new Map<string, number>()
  counts.forEach((count, number) => {
    if (count === 0) return
    for (const { line, weight } of partsOf(number)) {
      weights.set(line, (weights.get(line) ?? 0) + count * weight)
    }
  })
  return [...weights.entries()]
    .map(([line, repos]) => ({ line, repos: rounded(repos) }))
    .sort((a, b) => b.repos - a.repos || (a.line < b.line ? -1 : 1))
}
