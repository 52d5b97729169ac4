import { createAttributor } from '../derive/attribute.ts'
import type { ShareCounter } from '../domain/derivative.ts'
import type { ListedSums, PublisherGap, ReviewGaps } from '../domain/review-gaps.ts'
import {
  findListedRepos,
  listTopRepos,
  type PublishedRepo,
  type PublisherSums,
  readPublisherSums,
} from '../store/unreviewed-publishers.ts'
import type { AnswerEffects } from './answer-basis.ts'
import { currentBasis } from './current-basis.ts'

export interface GapsQuery {
  /** The counter that ranks. */
  by: ShareCounter
  /** Publishers to name. */
  limit: number
}

const TOP_MODELS = 3

/**
 * The publishers whose review would answer for the most downloads. Only listed repositories count. A repository that an
 * exception gives to a lab is reviewed, whoever publishes it. Throws a CensusError (usage) before the first complete sweep.
 */
export function rankGaps(query: GapsQuery, effects: AnswerEffects): ReviewGaps {
  // One state of the file: a sweep may commit a page between two of the questions.
  return effects.store.sqlite.transaction(() => readGaps(query, effects))()
}

function readGaps({ by, limit }: GapsQuery, effects: AnswerEffects): ReviewGaps {
  const { store, registry } = effects
  const { basis, laterSweep } = currentBasis(effects)
  const attributor = createAttributor(registry)
  const exceptions = [...registry.labs.values()].flatMap(lab => lab.exceptions.map(({ repoId }) => repoId))
  const reviewedRepos = byPublisher(findListedRepos(store, exceptions))
  const whole = noSums()
  const unreviewed = noSums()
  let unreviewedPublishers = 0
  let ranked: PublisherSums[] = []
  const rank = () => ranked.sort((a, b) => compareSums(a, b, by)).slice(0, limit)
  for (const sums of readPublisherSums(store)) {
    addSums(whole, sums)
    // The registry knows ids; nothing but the part before the slash decides where there is no exception.
    if (attributor.attribute(`${sums.handle}/`, basis.asOf).decidedBy !== 'nothing') continue
    const rest = { ...sums, ...lessRepos(sums, reviewedRepos.get(sums.publisherKey) ?? []) }
    if (rest.repos === 0) continue
    unreviewedPublishers += 1
    addSums(unreviewed, rest)
    ranked.push(rest)
    // Hundreds of thousands of publishers are unreviewed; no more than the best are kept.
    if (ranked.length > 2 * limit + 1000) ranked = rank()
  }
  const named = rank()
  const publisherKeys = named.map(({ publisherKey }) => publisherKey)
  const topRepos = byPublisher(
    listTopRepos(store, publisherKeys, { by, count: TOP_MODELS, except: exceptions }),
  )
  return {
    basis,
    laterSweep,
    by,
    whole,
    unreviewed,
    unreviewedPublishers,
    reviewed30d: part(whole.downloads30d - unreviewed.downloads30d, whole.downloads30d),
    reviewedAllTime:
      whole.downloadsAllTime === null
        ? null
        : part(whole.downloadsAllTime - (unreviewed.downloadsAllTime ?? 0), whole.downloadsAllTime),
    gaps: named.map(({ publisherKey, ...sums }) =>
      publisherGap(sums, whole, topRepos.get(publisherKey) ?? []),
    ),
  }
}

function publisherGap(
  sums: Omit<PublisherSums, 'publisherKey'>,
  whole: ListedSums,
  topRepos: readonly PublishedRepo[],
): PublisherGap {
  return {
    ...sums,
    share30d: part(sums.downloads30d, whole.downloads30d),
    shareAllTime: part(sums.downloadsAllTime, whole.downloadsAllTime),
    topModels: topRepos.map(({ publisherKey: _, ...repo }) => repo),
  }
}

function byPublisher(repos: readonly PublishedRepo[]): Map<number, PublishedRepo[]> {
  const found = new Map<number, PublishedRepo[]>()
  for (const repo of repos) {
    const known = found.get(repo.publisherKey)
    if (known === undefined) found.set(repo.publisherKey, [repo])
    else known.push(repo)
  }
  return found
}

function noSums(): ListedSums {
  return { repos: 0, downloads30d: 0, downloadsAllTime: null, allTimeUnknownRepos: 0 }
}

function addSums(to: ListedSums, sums: ListedSums): void {
  to.repos += sums.repos
  to.downloads30d += sums.downloads30d
  to.allTimeUnknownRepos += sums.allTimeUnknownRepos
  if (sums.downloadsAllTime !== null) {
    to.downloadsAllTime = (to.downloadsAllTime ?? 0) + sums.downloadsAllTime
  }
}

function lessRepos(sums: ListedSums, repos: readonly PublishedRepo[]): ListedSums {
  const rest: ListedSums = {
    repos: sums.repos,
    downloads30d: sums.downloads30d,
    downloadsAllTime: sums.downloadsAllTime,
    allTimeUnknownRepos: sums.allTimeUnknownRepos,
  }
  for (const repo of repos) {
    rest.repos -= 1
    rest.downloads30d -= repo.downloads30d
    if (repo.downloadsAllTime === null) rest.allTimeUnknownRepos -= 1
    else rest.downloadsAllTime = (rest.downloadsAllTime ?? 0) - repo.downloadsAllTime
  }
  // The known counters may all have been taken away.
  if (rest.allTimeUnknownRepos === rest.repos) rest.downloadsAllTime = null
  return rest
}

/** Largest first; an unknown sum stands below every known one. */
function compareSums(a: PublisherSums, b: PublisherSums, by: ShareCounter): number {
  const other = by === 'downloads30d' ? 'downloadsAllTime' : 'downloads30d'
  return (
    (b[by] ?? -1) - (a[by] ?? -1) || (b[other] ?? -1) - (a[other] ?? -1) || (a.handle < b.handle ? -1 : 1)
  )
}

/** A share, or null over an empty or unknown whole. */
function part(value: number | null, whole: number | null): number | null {
  return value === null || whole === null || whole === 0 ? null : value / whole
}
