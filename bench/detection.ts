import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { findPackageRoot } from '../src/config/package-root.ts'
import { silentLog } from '../src/domain/effects.ts'
import { dayNumber } from '../src/domain/utc-day.ts'
import { detectEverything } from '../src/pipeline/detect-everything.ts'
import { detectNewest } from '../src/pipeline/detect-newest.ts'
import { publishDailyTotals } from '../src/pipeline/publish-totals.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { openPackedObservations } from '../src/store/observation-packs.ts'
import type { Store } from '../src/store/open-store.ts'
import { readCurrentCounters } from '../src/store/read-current-counters.ts'
import { findCompleteSweep, listCompleteDays } from '../src/store/sweep-ledger.ts'
import { openCensusFile } from './made-hub.ts'
import { type Measured, type Probe, runMeasured } from './measured-process.ts'

/** Seconds of the detectors over all of a file's history, and of reading every packed observation of it and nothing else. */
export interface DetectedHistory {
  days: number
  observations: number
  events: number
  seconds: number
  floor: number
}

/** Seconds of the detectors for the newest night of a file, and of reading every repository's current counters alone. */
export interface DetectedNight {
  days: number
  repos: number
  events: number
  /** Whether the night was enough, or all of history had to be looked at. */
  isNightEnough: boolean
  seconds: number
  floor: number
}

/** All of history, twice: the second time counts. A step for `runMeasured`. */
export function detectHistory({ file }: { file: string }, probe: Probe): DetectedHistory {
  const store = openCensusFile(file)
  const days = listCompleteDays(store)
  publish(store)
  probe.mark('published')
  let observations = 0
  const floor = timed(() => {
    openPackedObservations(store)(-1, dayNumber(days.at(-1)!), () => {
      observations += 1
    })
  })
  const found = timed(() => detectEverything(store, days))
  probe.mark('detected')
  store.close()
  const { seconds, value } = found
  return { days: days.length, observations, events: value.events.length, seconds, floor: floor.seconds }
}

/** The newest night of a file whose earlier days are published, as it was when the night began. A step for `runMeasured`. */
export function detectNight({ file }: { file: string }, probe: Probe): DetectedNight {
  const store = openCensusFile(file)
  const days = listCompleteDays(store)
  const newest = findCompleteSweep(store)!
  publish(store)
  probe.mark('published')
  store.sqlite.prepare('DELETE FROM day_quality WHERE day = ?').run(dayNumber(newest.day))
  const floor = timed(() => readCurrentCounters(store))
  const { value, seconds } = timed(() => detectNewest(store, days))
  probe.mark('detected')
  const repos = floor.value.isListed.reduce((sum, one) => sum + one, 0)
  store.close()
  const events = value?.events.length ?? 0
  return { days: days.length, repos, events, isNightEnough: value !== null, seconds, floor: floor.seconds }
}

function publish(store: Store): void {
  const registry = loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
  const clock = { now: () => 0, sleep: async () => {} }
  publishDailyTotals({ store, registry, clock, log: silentLog })
}

function timed<T>(run: () => T): { value: T; seconds: number } {
  const since = performance.now()
  const value = run()
  return { value, seconds: (performance.now() - since) / 1000 }
}

export function measureDetectedHistory(file: string): Promise<Measured<DetectedHistory>> {
  return runMeasured({ module: import.meta.url, step: 'detectHistory' }, { file })
}

export function measureDetectedNight(file: string): Promise<Measured<DetectedNight>> {
  return runMeasured({ module: import.meta.url, step: 'detectNight' }, { file })
}
