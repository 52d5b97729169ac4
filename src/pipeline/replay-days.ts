import type { RepoFacts } from '../domain/attribution.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { openDescriptions, openPublisherKeys } from '../store/find-described.ts'
import { openPackedObservations } from '../store/observation-packs.ts'
import { type DescribedRepo, readFactChanges } from '../store/read-fact-changes.ts'
import { readPopulation, readPresenceChanges } from '../store/read-population.ts'
import type { Effects } from './effects.ts'
import { openLineage } from './open-lineage.ts'

/** What is told history: every repository once, then what was seen and declared of it, day by day. */
export interface DaySink {
  /** Whose description matters; everybody's where it does not say. */
  wants?(repoKey: number): boolean
  add(repo: RepoFacts): void
  redescribe(repo: RepoFacts): void
  observe(repoKey: number, downloads30d: number, downloadsAllTime: number): void
  setGone(repoKey: number, isGone: boolean): void
}

/**
 * Tells all that was observed and declared up to each of the days, ascending, and gives the day when it has, with its lineage.
 */
export function* replayDays(
  effects: Pick<Effects, 'store' | 'registry'>,
  wanted: readonly UtcDay[],
  sink: DaySink,
): Generator<{ day: UtcDay; lineage: ReturnType<typeof openLineage> }> {
  const [first] = wanted
  if (first === undefined) return
  const { store } = effects
  const changes = readFactChanges(store)
  const presence = readPresenceChanges(store)
  const tellObservations = openPackedObservations(store)
  const describeNow = openDescriptions(store)
  const withPublisher = openPublisherKeys(store)
  const lineage = openLineage(effects, first, changes)
  const wants = sink.wants ?? (() => true)
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
    if (!wants(repo.repoKey)) continue
    const known = described.get(repo.repoKey)
    sink.add(known === undefined ? repo : factsOf(known))
  }
  let present = 0
  let before = -1
  for (const day of wanted) {
    for (const repoKey of moveTo(day)) {
      if (wants(repoKey)) sink.redescribe(factsOf(described.get(repoKey) ?? describeNow(repoKey)))
    }
    // What a partial or held sweep saw on the days between is a fact too, and stays until the next observation.
    tellObservations(before, dayNumber(day), sink.observe)
    for (; present < presence.length && presence[present]!.day <= day; present += 1) {
      sink.setGone(presence[present]!.repoKey, presence[present]!.isGone)
    }
    before = dayNumber(day)
    yield { day, lineage }
  }
}
