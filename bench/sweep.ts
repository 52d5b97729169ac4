import { statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { findPackageRoot } from '../src/config/package-root.ts'
import { type Clock, silentLog } from '../src/domain/effects.ts'
import { captureSweep } from '../src/pipeline/capture-sweep.ts'
import { refreshMetrics } from '../src/pipeline/refresh-metrics.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { createHubClient, type HubClient } from '../src/source/hub-client.ts'
import { SWEEP_FIELDS } from '../src/source/list-repos.ts'
import { parseNextPage } from '../src/source/next-cursor.ts'
import { findHighestKey } from '../src/store/read-population.ts'
import { openCensusFile } from './made-hub.ts'
import type { Probe } from './measured-process.ts'

/** What a sweep asks of its first page; the Hub prepares pages for it. */
export const SWEEP_QUERY = (() => {
  const query = new URLSearchParams({ limit: '1000', sort: 'createdAt', direction: '1' })
  for (const field of SWEEP_FIELDS) query.append('expand[]', field)
  return query.toString()
})()

export interface NightsInput {
  origin: string
  /** The census file; made when absent. */
  file: string
  notice: string | null
  /** Days to capture, ascending; the parent is asked to serve each. */
  days: readonly string[]
  /** Walk the same pages first, fetched and JSON-parsed and nothing else. */
  withFloor: boolean
}

export interface Night {
  day: string
  /** Seconds; null without a floor. */
  floor: number | null
  sweep: number
  /** Totals, shares and packs of the day. */
  totals: number
  rows: number
  stored: number
  /** Repositories that were not in the file before. */
  born: number
  /** What the census file grew by, and of that its facts alone (before the totals). */
  grownBytes: number
  grownByFactsBytes: number
}

/** Captures nights one after another. A step for `runMeasured`; marks `floor`, `sweep` and `totals` after each. */
export async function takeNights(input: NightsInput, probe: Probe): Promise<Night[]> {
  let now = 0
  const clock: Clock = { now: () => now, sleep: async () => {} }
  const hub = createHubClient({
    endpoint: input.origin,
    token: null,
    userAgent: 'hub-census-bench',
    quotaShare: 1,
    clock,
    log: silentLog,
  })
  const registry = loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
  const store = openCensusFile(input.file)
  const nights: Night[] = []
  try {
    for (const day of input.days) {
      await probe.ask({ serve: day })
      now = Date.parse(`${day}T12:00:00Z`)
      const before = sizeOf(input.file)
      const keysBefore = findHighestKey(store)
      const floor = input.withFloor ? await seconds(() => walkOnly(hub)) : null
      probe.mark('floor')
      let counts = { rowCount: 0, storedCount: 0 }
      const sweep = await seconds(async () => {
        const options = { pageSize: 1000, notice: input.notice }
        counts = (await captureSweep(options, { hub, store, clock, log: silentLog })).sweep
      })
      probe.mark('sweep')
      const grownByFactsBytes = sizeOf(input.file) - before
      const totals = await seconds(async () => {
        refreshMetrics({ store, registry, clock, log: silentLog })
      })
      probe.mark('totals')
      store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
      const grownBytes = sizeOf(input.file) - before
      nights.push({
        day,
        floor,
        sweep,
        totals,
        rows: counts.rowCount,
        stored: counts.storedCount,
        born: findHighestKey(store) - keysBefore,
        grownBytes,
        grownByFactsBytes,
      })
    }
  } finally {
    store.close()
    await hub.close()
  }
  return nights
}

/** The floor: the pages of the walk, one after another, fetched, unpacked and JSON-parsed by the same client. */
async function walkOnly(hub: HubClient): Promise<void> {
  const query = new URLSearchParams(SWEEP_QUERY)
  for (;;) {
    const { link } = await hub.get(`/api/models?${query}`, 'list')
    const { cursor } = parseNextPage(link, hub.endpoint)
    if (cursor === null) return
    query.set('cursor', cursor)
  }
}

async function seconds(action: () => Promise<void>): Promise<number> {
  const since = performance.now()
  await action()
  return (performance.now() - since) / 1000
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
