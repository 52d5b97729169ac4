import { createRunningTotals } from '../derive/daily-totals.ts'
import { entryChanges, staleVersions } from '../derive/entry-changes.ts'
import { HEADLINE_RELATIONS, HEADLINE_THRESHOLD } from '../derive/headline-metrics.ts'
import { lineName } from '../derive/lines.ts'
import { createRunningShares } from '../derive/running-shares.ts'
import { type JudgedShares, shareMovements } from '../derive/share-movements.ts'
import { type JudgedTotals, tableMovements } from '../derive/table-movements.ts'
import type { RepoFacts } from '../domain/attribution.ts'
import { CensusError } from '../domain/census-error.ts'
import {
  createdFrom,
  SHARE_BIRTHS,
  SHARE_COUNTERS,
  type ShareBirth,
  type ShareCounter,
} from '../domain/derivative.ts'
import type { Registry } from '../domain/registry.ts'
import type { RegistryComparison } from '../domain/registry-comparison.ts'
import type { TotalAttribution } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { loadRegistry } from '../registry/load-registry.ts'
import { RegistryError } from '../registry/registry-problem.ts'
import type { Store } from '../store/open-store.ts'
import { findHighestKey } from '../store/read-population.ts'
import type { AnswerEffects } from './answer-basis.ts'
import { HEADLINE_PAIR, SHARE_ATTRIBUTIONS } from './answer-headline.ts'
import { currentBasis } from './current-basis.ts'
import { feedPopulation } from './feed-population.ts'
import { openLineage } from './open-lineage.ts'

/** Another registry: where its files are, how the caller was told of them, and which side of the comparison it is. */
export interface OtherRegistry {
  folder: string
  named: string
  /** `before`: an earlier revision of the files in use; `after`: files that are proposed. */
  is: 'before' | 'after'
}

/**
 * Which headline moves by how much between the registry in use and another. Throws a CensusError (usage) when the files
 * there would give a wrong answer, or before the first complete sweep.
 */
export function compareWithFolder(
  { folder, named, is }: OtherRegistry,
  effects: AnswerEffects,
): RegistryComparison {
  const other = loadOther(folder, named)
  const answer =
    is === 'after'
      ? compareRegistries(other, effects)
      : compareRegistries(effects.registry, { ...effects, registry: other })
  const ours = 'the files in use'
  return {
    ...answer,
    sides: is === 'after' ? { before: ours, after: named } : { before: named, after: ours },
  }
}

/**
 * The same for a registry already read. Both sides are added up from the current counters, as a night's totals and shares
 * are, on the day of the newest complete sweep; nothing stored is used and nothing is written. Crossovers rest on every day:
 * of them only the lead on that day is compared.
 */
export function compareRegistries(proposed: Registry, effects: AnswerEffects): RegistryComparison {
  const { store, registry } = effects
  // One state of the file: a sweep may commit pages while three million repositories are read.
  return store.sqlite.transaction(() => {
    const { basis, laterSweep } = currentBasis(effects)
    const from = judgeSide(registry, basis.asOf, store)
    const to = judgeSide(proposed, basis.asOf, store)
    const [a, b] = HEADLINE_PAIR
    return {
      basis,
      laterSweep,
      proposedRevision: proposed.revision,
      sides: { before: registry.revision, after: proposed.revision },
      staleVersions: staleVersions(registry, proposed),
      pair: { a: lineName(proposed, a), b: lineName(proposed, b) },
      tables: tableMovements(from, to, HEADLINE_PAIR),
      shares: shareMovements(from, to),
      entries: entryChanges(registry, proposed),
    }
  })()
}

/** Adds up everything under one registry. One at a time: half the memory of both together. */
function judgeSide(registry: Registry, day: UtcDay, store: Store): JudgedTotals & JudgedShares {
  const totals = createRunningTotals(registry, day, findHighestKey(store))
  const shares = createRunningShares(registry, totals.counters)
  const lineage = openLineage({ store, registry }, day)
  lineage.settle()
  const add = (repo: RepoFacts) => {
    totals.add(repo)
    shares.describe(repo)
  }
  const { observe, setGone } = totals
  feedPopulation(store, { add, observe, setGone }, lineage)
  const share = (attribution: TotalAttribution, born: ShareBirth, counter: ShareCounter) =>
    shares.shareOn(day, {
      relations: HEADLINE_RELATIONS,
      attribution,
      counter,
      threshold: HEADLINE_THRESHOLD,
      createdFrom: createdFrom(day, born),
    })
  return {
    registry,
    totals: totals.totalsOn(day),
    shares: SHARE_ATTRIBUTIONS.flatMap(attribution =>
      SHARE_BIRTHS.flatMap(born => SHARE_COUNTERS.map(counter => share(attribution, born, counter))),
    ),
  }
}

/** Two registries are in play: an error says which of them it means. */
function loadOther(folder: string, named: string): Registry {
  try {
    return loadRegistry(folder)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const happened = `The registry ${named} cannot be used: ${error.remedy.happened}`
    const next = `${error.remedy.next} "hub-census registry check <folder>" lists every problem of a folder; git:HEAD is the last commit.`
    throw new CensusError({ ...error.remedy, happened, next }, error.exitCode, { cause: error })
  }
}
