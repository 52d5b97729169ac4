import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogueFromDays } from '../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../fixtures/miniature-hub/server.ts'
import { findPackageRoot } from '../src/config/package-root.ts'
import { type Clock, silentLog } from '../src/domain/effects.ts'
import { captureSweep } from '../src/pipeline/capture-sweep.ts'
import { createHubClient } from '../src/source/hub-client.ts'
import { openStore, type Store } from '../src/store/open-store.ts'
import { dayOfNight, madeNight } from './made-catalogue.ts'

/** What made data says of itself, in every answer and every census file. */
export const MADE_NOTICE = 'made for a bench'

/** Serves nights of the made catalogue, the first of them first, without a quota. */
export function startMadeHub(models: number, nights: readonly number[]): Promise<MiniatureHub> {
  const days = new Map(nights.map(night => [dayOfNight(night), madeNight(night, models)]))
  return startMiniatureHub({ catalogue: catalogueFromDays(days, MADE_NOTICE), quota: null })
}

/** Captures nights of the made catalogue into a census file, which is made when absent. */
export async function captureNights(file: string, models: number, nights: readonly number[]): Promise<void> {
  const server = await startMadeHub(models, nights)
  let now = 0
  const clock: Clock = { now: () => now, sleep: async () => {} }
  const hub = createHubClient({
    endpoint: server.origin,
    token: null,
    userAgent: 'hub-census-bench',
    quotaShare: 1,
    clock,
    log: silentLog,
  })
  const store = openCensusFile(file)
  try {
    for (const night of nights) {
      server.serveDay(dayOfNight(night))
      now = noonOf(night)
      await captureSweep({ pageSize: 1000, notice: MADE_NOTICE }, { hub, store, clock, log: silentLog })
    }
  } finally {
    store.close()
    await hub.close()
    await server.close()
  }
}

/** Noon of a night, in milliseconds: the miniature Hub's own time. */
export function noonOf(night: number): number {
  return Date.parse(`${dayOfNight(night)}T12:00:00Z`)
}

/** Opens a census file, which is made when absent, with this package's migrations. */
export function openCensusFile(file: string): Store {
  return openStore({ file, migrationsFolder: join(findPackageRoot(import.meta.dirname), 'migrations') })
}

/** Gives an action a folder of its own and removes it afterwards. */
export async function withFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-bench-'))
  try {
    return await action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
