import { createRunningTotals } from '../derive/daily-totals.ts'
import { entryChanges } from '../derive/entry-changes.ts'
import { type JudgedTotals, tableMovements } from '../derive/table-movements.ts'
import { CensusError } from '../domain/census-error.ts'
import type { Registry } from '../domain/registry.ts'
import type { RegistryComparison } from '../domain/registry-comparison.ts'
import { loadRegistry } from '../registry/load-registry.ts'
import { RegistryError } from '../registry/registry-problem.ts'
import { findHighestKey } from '../store/read-population.ts'
import type { AnswerEffects } from './answer-basis.ts'
import { currentBasis } from './current-basis.ts'
import { feedPopulation } from './feed-population.ts'

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
 * The same for a registry already read. Both sides are added up from the current counters, as a night's totals are, on the
 * day of the newest complete sweep; nothing stored is used and nothing is written.
 */
export function compareRegistries(proposed: Registry, effects: AnswerEffects): RegistryComparison {
  const { store, registry } = effects
  // One state of the file: a sweep may commit pages while three million repositories are read.
  return store.sqlite.transaction(() => {
    const { basis, laterSweep } = currentBasis(effects)
    const highestKey = findHighestKey(store)
    const open = (judge: Registry) => createRunningTotals(judge, basis.asOf, highestKey)
    const [before, after] = [open(registry), open(proposed)]
    feedPopulation(store, {
      add(repo) {
        before.add(repo)
        after.add(repo)
      },
      observe(...counters) {
        before.observe(...counters)
        after.observe(...counters)
      },
      setGone(repoKey, isGone) {
        before.setGone(repoKey, isGone)
        after.setGone(repoKey, isGone)
      },
    })
    const judged = (judge: Registry, totals: typeof before): JudgedTotals => ({
      registry: judge,
      totals: totals.totalsOn(basis.asOf),
    })
    return {
      basis,
      laterSweep,
      proposedRevision: proposed.revision,
      sides: { before: registry.revision, after: proposed.revision },
      tables: tableMovements(judged(registry, before), judged(proposed, after)),
      entries: entryChanges(registry, proposed),
    }
  })()
}

/** Two registries are in play: an error says which of them it means. */
function loadOther(folder: string, named: string): Registry {
  try {
    return loadRegistry(folder)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const happened = `The registry ${named} cannot be used: ${error.remedy.happened}`
    const next = `${error.remedy.next} "hub-census registry check <folder>" lists every problem of a folder; a revision older than one of these files cannot be compared; git:HEAD is the last commit.`
    throw new CensusError({ ...error.remedy, happened, next }, error.exitCode, { cause: error })
  }
}
