import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { type Clock, type Log, silentLog } from '../../src/domain/effects.ts'
import { type CaptureOptions, type CaptureResult, captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { fakeClock, MIGRATIONS } from '../support/census.ts'

export const FOR_EVER = Number.POSITIVE_INFINITY
export const ATTEMPTS = 8

export interface SweepOptions extends Partial<CaptureOptions> {
  clock: Clock
  pageSize: number
  attempts?: number
  random?: () => number
  token?: string
  log?: Log
}

/** Takes a census the way one run of the program does: with a client of its own that it closes, into the same file. */
export async function sweepOnce(
  hub: { origin: string },
  store: Store,
  options: SweepOptions,
): Promise<CaptureResult> {
  const { clock, attempts = ATTEMPTS, random = () => 0, token = null, log = silentLog, ...rest } = options
  const client = createHubClient({
    endpoint: hub.origin,
    token,
    userAgent: 'hub-census-test',
    quotaShare: 1,
    clock,
    log,
    attempts,
    random,
  })
  try {
    return await captureSweep({ notice: null, ...rest }, { hub: client, store, clock, log })
  } finally {
    await client.close()
  }
}

/** What a log was told, as one text each. */
export function listeningLog(): Log & { warnings: string[] } {
  const warnings: string[] = []
  const warn: Log['warn'] = (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`)
  return { ...silentLog, warnings, warn }
}

/** Rows of a statement as arrays. */
export function readAll(store: Store, sql: string, ...values: unknown[]): unknown[][] {
  return store.sqlite
    .prepare(sql)
    .raw()
    .all(...values) as unknown[][]
}

/**
 * A hub of several days with a file beside it, for one run of a property: made and unmade within it, because a test's
 * own clean-up would keep hundreds of them open.
 */
export async function withCensusOf<T>(
  days: ReadonlyMap<string, CatalogueRow[]>,
  file: string,
  action: (census: {
    hub: Awaited<ReturnType<typeof startMiniatureHub>>
    store: Store
    clock: ReturnType<typeof fakeClock>
    capture(day: string, options?: Partial<SweepOptions>): Promise<CaptureResult>
    /** Publishes what is new, or everything again from the observations. */
    publish(options?: { recompute?: boolean }): void
  }) => Promise<T>,
): Promise<T> {
  const hub = await startMiniatureHub({ catalogue: catalogueFromDays(new Map(days)), quota: null })
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  const clock = fakeClock(0)
  try {
    return await action({
      hub,
      store,
      clock,
      capture(day, options = {}) {
        hub.serveDay(day)
        clock.set(`${day}T12:00:00Z`)
        return sweepOnce(hub, store, { clock, pageSize: 3, ...options })
      },
      publish: options =>
        void publishDailyTotals({ store, registry: EVERY_KIND, clock, log: silentLog }, options),
    })
  } finally {
    store.close()
    await hub.close()
  }
}

/** The world as published for a day: repositories listed, their 30-day sum, and the lifetime sum with those gone. */
export function publishedWorld(store: Store, day: string): unknown[] {
  const [world] = readAll(
    store,
    `SELECT coalesce(sum(repos), 0), coalesce(sum(downloads_30d), 0), coalesce(sum(downloads_all_time), 0)
     FROM v1_daily_total WHERE day = ? AND scope = 'all' AND attribution = 'publisher' AND axis = 'region'`,
    day,
  )
  return world!
}
