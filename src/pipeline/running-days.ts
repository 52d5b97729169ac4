import { createAccountNumbers } from '../derive/account-numbers.ts'
import { createRunningTotals } from '../derive/daily-totals.ts'
import { HEADLINE_RELATIONS, HEADLINE_THRESHOLD } from '../derive/headline-metrics.ts'
import { lineageContent } from '../derive/lineage-content.ts'
import { monthlyShares } from '../derive/monthly-shares.ts'
import { createRunningAges } from '../derive/running-ages.ts'
import { createRunningCorrections } from '../derive/running-corrections.ts'
import { PRESENCE } from '../derive/running-counters.ts'
import { createRunningShares } from '../derive/running-shares.ts'
import type { RepoFacts } from '../domain/attribution.ts'
import { coversDay, type RepoCleanSpan } from '../domain/clean.ts'
import { createdFrom, SHARE_BIRTHS, SHARE_COUNTERS } from '../domain/derivative.ts'
import { TOTAL_ATTRIBUTIONS } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { readAgeCounters } from '../store/age-counters.ts'
import type { PublishedDay, Standing } from '../store/daily-totals.ts'
import { openDescriptions, openPublisherKeys } from '../store/find-described.ts'
import { openPackedObservations } from '../store/observation-packs.ts'
import { type DescribedRepo, readFactChanges } from '../store/read-fact-changes.ts'
import { findHighestKey, readPopulation, readPresenceChanges } from '../store/read-population.ts'
import type { Effects } from './effects.ts'
import { feedPopulation } from './feed-population.ts'
import { openLineage } from './open-lineage.ts'

type DayEffects = Pick<Effects, 'store' | 'registry'>

/** Feeds totals, shares and ages alike, and reads all of them off for a day. */
function openBooks({ store, registry }: DayEffects, first: UtcDay, spans: readonly RepoCleanSpan[]) {
  const highestKey = findHighestKey(store)
  const totals = createRunningTotals(registry, first, highestKey)
  const shares = createRunningShares(registry, totals.counters, { parties: totals.parties, firstDay: first })
  const ages = createRunningAges(totals.counters)
  const corrections = createRunningCorrections(registry, first, spans)
  /** By repository key: the number of the account that publishes it. */
  const publisherOf = new Int32Array(highestKey + 1)
  const accounts = createAccountNumbers()

  function note(repo: RepoFacts): void {
    publisherOf[repo.repoKey] = accounts.numberOf(repo)
  }

  return {
    totals,
    ages,
    add(repo: RepoFacts): void {
      totals.add(repo)
      corrections.add(repo)
      shares.describe(repo)
      ages.add(repo)
      note(repo)
    },
    redescribe(repo: RepoFacts): void {
      totals.redescribe(repo)
      corrections.redescribe(repo)
      shares.describe(repo)
      note(repo)
    },
    // Millions of observations pass here: without corrections they go straight to the totals.
    observe: corrections.isNeeded
      ? (repoKey: number, downloads30d: number, downloadsAllTime: number) => {
          totals.observe(repoKey, downloads30d, downloadsAllTime)
          corrections.observe(repoKey, downloads30d, downloadsAllTime)
        }
      : totals.observe,
    setGone(repoKey: number, isGone: boolean): void {
      totals.setGone(repoKey, isGone)
      corrections.setGone(repoKey, isGone)
    },
    publish(day: UtcDay): PublishedDay {
      return {
        day,
        totals: totals.totalsOn(day),
        shares: SHARE_BIRTHS.flatMap(born =>
          SHARE_COUNTERS.flatMap(counter =>
            TOTAL_ATTRIBUTIONS.map(attribution => {
              const window = { threshold: HEADLINE_THRESHOLD, createdFrom: createdFrom(day, born) }
              const rule = { counter, attribution, relations: HEADLINE_RELATIONS, ...window }
              return { day, born, share: shares.shareOn(day, rule) }
            }),
          ),
        ),
        corrections: corrections.correctionsOn(day),
        ages: ages.reachedOn(day),
        standing: null,
      }
    },
    /** What is kept of the newest day alone. */
    standingOn(day: UtcDay, book: ReturnType<typeof openLineage>): Standing {
      return {
        lineage: lineageContent(book, {
          isListed: repoKey => totals.counters.presence[repoKey] === PRESENCE.listed,
          isSeen: repoKey => totals.counters.presence[repoKey] !== PRESENCE.unobserved,
          publisherOf: repoKey => publisherOf[repoKey] ?? 0,
        }),
        monthly: monthlyShares(shares, day, ages.downloads30d),
      }
    },
  }
}

/**
 * The newest day from the current counters alone, from the ages that earlier days kept, and from the cleaning spans that
 * cover it.
 */
export function latestDay(effects: DayEffects, day: UtcDay, spans: readonly RepoCleanSpan[]): PublishedDay {
  const books = openBooks(
    effects,
    day,
    spans.filter(span => coversDay(span, dayNumber(day))),
  )
  const lineage = openLineage(effects, day)
  lineage.settle()
  feedPopulation(effects.store, books, lineage)
  books.ages.keep(readAgeCounters(effects.store, findHighestKey(effects.store)).downloads30d)
  return { ...books.publish(day), standing: books.standingOn(day, lineage) }
}

/**
 * Every day asked for, ascending, from every observation, everything that was ever declared and every cleaning span; the
 * last with its standing.
 */
export function* everyDay(
  effects: DayEffects,
  wanted: readonly UtcDay[],
  spans: readonly RepoCleanSpan[],
): Generator<PublishedDay> {
  const [first] = wanted
  if (first === undefined) return
  const { store } = effects
  const books = openBooks(effects, first, spans)
  const changes = readFactChanges(store)
  const presence = readPresenceChanges(store)
  const tellObservations = openPackedObservations(store)
  const describeNow = openDescriptions(store)
  const withPublisher = openPublisherKeys(store)
  const lineage = openLineage(effects, first, changes)
  /** Repositories whose description ever changed, as of the day reached. */
  const described = new Map<number, DescribedRepo>()
  for (const { repo } of changes) {
    if (!described.has(repo.repoKey)) described.set(repo.repoKey, withPublisher(repo))
  }
  let changed = 0

  /** Takes over what was declared up to a day; gives the keys of whoever is described otherwise by that. */
  function moveTo(day: UtcDay): Set<number> {
    const affected = new Set<number>()
    for (; changed < changes.length && changes[changed]!.day <= day; changed += 1) {
      const { repo, edges } = changes[changed]!
      described.set(repo.repoKey, withPublisher(repo))
      lineage.rename(repo.repoKey, repo.repoId)
      lineage.declare(repo.repoKey, edges)
      affected.add(repo.repoKey)
    }
    lineage.moveTo(dayNumber(day))
    for (const repoKey of lineage.settle()) affected.add(repoKey)
    return affected
  }

  function factsOf(repo: DescribedRepo): RepoFacts {
    const { repoKey } = repo
    return { ...repo, bases: lineage.basesOf(repoKey), roots: lineage.rootsOf(repoKey) }
  }

  moveTo(first)
  for (const { repo } of readPopulation(store, { lineage })) {
    const known = described.get(repo.repoKey)
    books.add(known === undefined ? repo : factsOf(known))
  }
  let present = 0
  let before = -1
  for (const day of wanted) {
    for (const repoKey of moveTo(day)) {
      books.redescribe(factsOf(described.get(repoKey) ?? describeNow(repoKey)))
    }
    // What a partial or held sweep saw on the days between is a fact too, and stays until the next observation.
    tellObservations(before, dayNumber(day), books.observe)
    for (; present < presence.length && presence[present]!.day <= day; present += 1) {
      books.setGone(presence[present]!.repoKey, presence[present]!.isGone)
    }
    before = dayNumber(day)
    const published = books.publish(day)
    yield day === wanted.at(-1) ? { ...published, standing: books.standingOn(day, lineage) } : published
  }
}
