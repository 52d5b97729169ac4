import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { findPackageRoot } from '../src/config/package-root.ts'
import { silentLog } from '../src/domain/effects.ts'
import { publishDailyTotals } from '../src/pipeline/publish-totals.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { openCensusFile } from './made-hub.ts'
import { type Measured, type Probe, runMeasured } from './measured-process.ts'

export interface Recomputed {
  days: number
  observations: number
  /** The first time, when the past has yet to be packed. */
  firstSeconds: number
  /** Every time after: what a changed registry costs. */
  seconds: number
  packBytes: number
}

/** Recomputes all of a file's history twice. A step for `runMeasured`. */
export function recomputeTwice({ file }: { file: string }, probe: Probe): Recomputed {
  const store = openCensusFile(file)
  const registry = loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
  const clock = { now: () => 0, sleep: async () => {} }
  const recompute = (revision: string) => {
    const since = performance.now()
    const { days } = publishDailyTotals(
      { store, registry: { ...registry, revision }, clock, log: silentLog },
      { recompute: true },
    )
    return { days, seconds: (performance.now() - since) / 1000 }
  }
  const first = recompute('packs first')
  probe.mark('packed')
  const second = recompute('packed before')
  probe.mark('recomputed')
  const counts = store.sqlite
    .prepare<[], { observations: number; packBytes: number }>(
      'SELECT sum(row_count) AS observations, sum(length(content)) AS packBytes FROM observation_pack',
    )
    .get()!
  store.close()
  return { days: second.days, firstSeconds: first.seconds, seconds: second.seconds, ...counts }
}

export function measureRecompute(file: string): Promise<Measured<Recomputed>> {
  return runMeasured({ module: import.meta.url, step: 'recomputeTwice' }, { file })
}
