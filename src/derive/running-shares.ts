import type { RepoFacts } from '../domain/attribution.ts'
import type { DerivativeShare, ShareCounter } from '../domain/derivative.ts'
import type { Registry } from '../domain/registry.ts'
import { dayNumber, parseUtcDay, type UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'
import { PRESENCE, type RunningCounters } from './running-counters.ts'

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

/** A derivative: the numbers of its publisher and of its bases' lines, and the day it was created. */
interface Derivative {
  repoKey: number
  publisher: number
  lines: number
  createdOn: number
}

export function createRunningShares(
  registry: Registry,
  counters: RunningCounters,
  relations: readonly string[],
): RunningShares {
  const attributor = createAttributor(registry)
  const derivatives = new Map<number, Derivative>()
  /** Derivatives whose lines depend on the day. */
  const dated = new Map<number, RepoFacts>()
  const publishers = new Map<string, number>()
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
    derivatives.set(repo.repoKey, {
      repoKey: repo.repoKey,
      publisher: publisherNumber(repo.handle),
      lines: linesOf(repo),
      createdOn: dayNumber(parseUtcDay(repo.createdOn)),
    })
  }

  function moveTo(day: UtcDay): void {
    const from = today
    today = day
    if (!attributor.boundaries.some(boundary => from < boundary && boundary <= day)) return
    for (const repo of dated.values()) place(repo)
  }

  return {
    describe(repo) {
      derivatives.delete(repo.repoKey)
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
      for (const { repoKey, publisher, lines, createdOn } of derivatives.values()) {
        if (createdOn < from || counters.presence[repoKey] !== PRESENCE.listed) continue
        share.considered += 1
        const downloads = values[repoKey]!
        if (Number.isNaN(downloads)) share.counterUnknown += 1
        if (!(downloads > threshold)) continue
        share.counted += 1
        counts[lines]! += 1
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
