import type { RunningTotals } from '../derive/daily-totals.ts'
import type { Store } from '../store/open-store.ts'
import { type KnownLineage, readPopulation } from '../store/read-population.ts'

/** What can be fed repositories with their counters. */
export type PopulationSink = Pick<RunningTotals, 'add' | 'observe' | 'setGone'>

/** Feeds every repository ever seen, with its bases and roots, its current counters and whether it is gone. */
export function feedPopulation(store: Store, sink: PopulationSink, lineage: KnownLineage): void {
  for (const { repo, counters, goneOn } of readPopulation(store, { lineage })) {
    sink.add(repo)
    sink.observe(repo.repoKey, counters.downloads30d, counters.downloadsAllTime ?? Number.NaN)
    if (goneOn !== null) sink.setGone(repo.repoKey, true)
  }
}
