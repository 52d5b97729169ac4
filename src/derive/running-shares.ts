import type { RepoFacts } from '../domain/attribution.ts'
import type { DerivativeShare, ShareCounter } from '../domain/derivative.ts'
import type { Registry } from '../domain/registry.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'
import { createBirthDays } from './birth-days.ts'
import { lengthened, PRESENCE, type RunningCounters } from './running-counters.ts'

export interface DerivativeShareRule {
  counter: ShareCounter
  threshold: number
  createdFrom: UtcDay | null
}

/**
 * Shares of derivatives by the region line of their immediate base (method.md M5), from counters that pass by. Feed it
 * the repositories that the totals are fed.
 */
export interface RunningShares {
  /** A repository as it is described from the next `shareOn` on. */
  describe(repo: RepoFacts): void
  /**
   * Share of the derivatives listed on `day` with more than the threshold of downloads. Bases are judged as of `day`;
   * several bases share one repository equally. Days must not go backwards.
   */
  shareOn(day: UtcDay, rule: DerivativeShareRule): DerivativeShare
}

/** Columns of the derivatives, by the order in which they came. */
const FIRST_LENGTH = 1024
const NOWHERE = -1

export function createRunningShares(
  registry: Registry,
  counters: RunningCounters,
  relations: readonly string[],
): RunningShares {
  const attributor = createAttributor(registry)
  /** Columns by place: which repository, the numbers of its publisher and of its bases' lines, the day of its birth. */
  let count = 0
  let repoKeys = new Int32Array(FIRST_LENGTH)
  let publisherOf = new Int32Array(FIRST_LENGTH)
  let linesAt = new Int32Array(FIRST_LENGTH)
  let createdOn = new Int32Array(FIRST_LENGTH)
  /** By repository key. */
  let placeOf = new Int32Array(counters.presence.length).fill(NOWHERE)
  /** Derivatives whose lines depend on the day. */
  const dated = new Map<number, RepoFacts>()
  const publishers = new Map<string, number>()
  const birthDay = createBirthDays()
  const lineLists: string[][] = []
  const lineListNumbers = new Map<string, number>()
  let today = EARLIEST_DAY

  function linesOf(repo: RepoFacts): number {
    const bases = repo.bases.filter(base => relations.includes(base.relation))
    const lines = attributeBases(attributor, { ...repo, bases }, today).map(({ line }) => line)
    const id = lines.join(' ')
    let number = lineListNumbers.get(id)
    if (number === undefined) {
      number = lineLists.push(lines) - 1
      lineListNumbers.set(id, number)
    }
    return number
  }

  function publisherNumber(handle: string): number {
    let number = publishers.get(handle)
    if (number === undefined) {
      number = publishers.size
      publishers.set(handle, number)
    }
    return number
  }

  function place(repo: RepoFacts): void {
    const { repoKey } = repo
    if (repoKey >= placeOf.length) {
      const longer = new Int32Array(Math.max(repoKey + 1, Math.ceil(placeOf.length * 1.5))).fill(NOWHERE)
      placeOf = lengthened(placeOf, longer)
    }
    if (placeOf[repoKey] === NOWHERE) {
      if (count === repoKeys.length) {
        const longer = () => new Int32Array(Math.ceil(count * 1.5))
        repoKeys = lengthened(repoKeys, longer())
        publisherOf = lengthened(publisherOf, longer())
        linesAt = lengthened(linesAt, longer())
        createdOn = lengthened(createdOn, longer())
      }
      placeOf[repoKey] = count
      count += 1
    }
    const at = placeOf[repoKey]!
    repoKeys[at] = repoKey
    publisherOf[at] = publisherNumber(repo.handle)
    linesAt[at] = linesOf(repo)
    createdOn[at] = birthDay(repo.createdOn)
  }

  function moveTo(day: UtcDay): void {
    const from = today
    today = day
    if (!attributor.boundaries.some(boundary => from < boundary && boundary <= day)) return
    for (const repo of dated.values()) place(repo)
  }

  return {
    describe(repo) {
      const known = placeOf[repo.repoKey] ?? NOWHERE
      if (known !== NOWHERE) linesAt[known] = NOWHERE
      dated.delete(repo.repoKey)
      if (!repo.bases.some(base => relations.includes(base.relation))) return
      if (repo.bases.some(base => base.repoId !== null && attributor.mayChange(base.repoId))) {
        dated.set(repo.repoKey, repo)
      }
      place(repo)
    },
    shareOn(day, { counter, threshold, createdFrom }) {
      moveTo(day)
      const values = counters[counter]
      const from = createdFrom === null ? Number.NEGATIVE_INFINITY : dayNumber(createdFrom)
      const counts = new Float64Array(lineLists.length)
      const isCounted = new Uint8Array(publishers.size)
      const share = { considered: 0, counterUnknown: 0, counted: 0, publishers: 0 }
      for (let at = 0; at < count; at += 1) {
        const lines = linesAt[at]!
        const repoKey = repoKeys[at]!
        // No derivative any more, not yet born for the window, or not listed.
        if (lines === NOWHERE || createdOn[at]! < from) continue
        if (counters.presence[repoKey] !== PRESENCE.listed) continue
        share.considered += 1
        const downloads = values[repoKey]!
        if (Number.isNaN(downloads)) share.counterUnknown += 1
        if (!(downloads > threshold)) continue
        share.counted += 1
        counts[lines]! += 1
        const publisher = publisherOf[at]!
        if (isCounted[publisher] === 0) share.publishers += 1
        isCounted[publisher] = 1
      }
      return { counter, threshold, relations, createdFrom, ...share, lines: weigh(lineLists, counts) }
    },
  }
}

/** Before every boundary of every tenure. */
const EARLIEST_DAY = '0001-01-01' as UtcDay

function weigh(lineLists: readonly string[][], counts: Float64Array): DerivativeShare['lines'] {
  const weights = new Map<string, number>()
  lineLists.forEach((lines, number) => {
    const count = counts[number]!
    if (count === 0) return
    for (const line of lines) weights.set(line, (weights.get(line) ?? 0) + count / lines.length)
  })
  return [...weights.entries()]
    .map(([line, repos]) => ({ line, repos }))
    .sort((a, b) => b.repos - a.repos || (a.line < b.line ? -1 : 1))
}
