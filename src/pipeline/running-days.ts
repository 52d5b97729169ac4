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
import { coversDay, type DailyCorrection, type RepoCleanSpan } from '../domain/clean.ts'
import { createdFrom, SHARE_BIRTHS, SHARE_COUNTERS } from '../domain/derivative.ts'
import { TOTAL_ATTRIBUTIONS } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { readAgeCounters } from '../store/age-counters.ts'
import type { PublishedDay, Standing } from '../store/daily-totals.ts'
import { findHighestKey } from '../store/read-population.ts'
import type { Effects } from './effects.ts'
import { feedPopulation } from './feed-population.ts'
import { openLineage } from './open-lineage.ts'
import { replayDays } from './replay-days.ts'

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
  const books = openBooks(effects, first, spans)
  for (const { day, lineage } of replayDays(effects, wanted, books)) {
    const published = books.publish(day)
    yield day === wanted.at(-1) ? { ...published, standing: books.standingOn(day, lineage) } : published
  }
}

/** The corrections of every day asked for, ascending, and nothing else: what changed spans alone change of history. */
export function* everyCorrection(
  effects: DayEffects,
  wanted: readonly UtcDay[],
  spans: readonly RepoCleanSpan[],
): Generator<{ day: UtcDay; corrections: DailyCorrection[] }> {
  const [first] = wanted
  if (first === undefined) return
  const corrections = createRunningCorrections(effects.registry, first, spans)
  const corrected = new Set(spans.map(({ repoKey }) => repoKey))
  const sink = { ...corrections, wants: (repoKey: number) => corrected.has(repoKey) }
  for (const { day } of replayDays(effects, wanted, sink)) {
    yield { day, corrections: corrections.correctionsOn(day) }
  }
}
