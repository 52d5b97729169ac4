import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { catalogueFromDays } from '../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../fixtures/miniature-hub/server.ts'
import { silentLog } from '../src/domain/effects.ts'
import { type CaptureOptions, captureSweep } from '../src/pipeline/capture-sweep.ts'
import { createHubClient } from '../src/source/hub-client.ts'
import { dayOfNight, madeNight } from './made-catalogue.ts'
import { MADE_NOTICE, openCensusFile, withFolder } from './made-hub.ts'
import { startSlowHub } from './slow-hub.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** The slowest page of a recorded census of the real Hub took so long (hub-contract.md 7.2). */
export const RECORDED_PAGE_MS = 1230
/** A quick page, with which the quota binds and not the Hub's speed. */
export const QUICK_PAGE_MS = 300
/** Pages of a full walk: 3.25 million models. */
export const FULL_WALK_PAGES = 3250

export interface QuotaQuestion {
  /** `anonymous` has 500 requests in 5 minutes, `token` 1,000. */
  caller: 'anonymous' | 'token'
  /** Milliseconds the Hub takes for an answer. */
  latencyMs: number
  pages?: number
  quotaShare?: number
  /** Passed to the sweep. */
  capture?: Partial<CaptureOptions> & { walkers?: number }
}

export interface QuotaAnswer {
  /** What the walk would take of the real Hub's time. */
  wallMinutes: number
  /** Without any quota: the Hub's own time, for one walker. */
  serialMinutes: number
  requests: number
  /** Answers 429: a steady walk meets none. */
  refused: number
  /** The smallest share of a window's quota left to the operator's other tools. */
  leastLeft: number
}

/**
 * A whole sweep against the Hub's real quota in virtual time: real client, real pacing, real census file, one row a page.
 * Throws when the sweep does not come out whole.
 */
export async function predictSweep(question: QuotaQuestion): Promise<QuotaAnswer> {
  const { caller, latencyMs, pages = FULL_WALK_PAGES, quotaShare = 0.5, capture = {} } = question
  const day = dayOfNight(0)
  const startedAt = Date.parse(`${day}T00:10:00Z`)
  const clock = createVirtualClock(startedAt, { isAlone: (capture.walkers ?? 1) === 1 })
  const catalogue = catalogueFromDays(new Map([[day, madeNight(0, pages)]]), MADE_NOTICE)
  const miniature = await startMiniatureHub({ catalogue, clock })
  const slow = await startSlowHub(miniature, { latencyMs, clock })
  const hub = createHubClient({
    endpoint: slow.origin,
    token: caller === 'token' ? 'hf_bench' : null,
    userAgent: 'hub-census-bench',
    quotaShare,
    clock,
    log: silentLog,
  })
  try {
    const sweep = await withFolder(async folder => {
      const store = openCensusFile(join(folder, 'census.db'))
      const options = { pageSize: 1, notice: MADE_NOTICE, ...capture }
      const done = await captureSweep(options, { hub, store, clock, log: silentLog })
      store.close()
      return done.sweep
    })
    if (sweep.state !== 'complete' || sweep.rowCount !== pages) {
      throw new Error(`the sweep is ${sweep.state} with ${sweep.rowCount} of ${pages} rows`)
    }
    const { requests, refused, leastLeft } = slow.traffic
    return {
      wallMinutes: (clock.now() - startedAt) / 60_000,
      serialMinutes: (pages * latencyMs) / 60_000,
      requests,
      refused,
      leastLeft,
    }
  } finally {
    await hub.close()
    await slow.close()
    await miniature.close()
  }
}

/** `node dist/bench/quota.js [pages] [walkers]` */
if (argv[1] === fileURLToPath(import.meta.url)) {
  const pages = Number(argv[2] ?? 650)
  const walkers = Number(argv[3] ?? 1)
  for (const caller of ['anonymous', 'token'] as const) {
    for (const latencyMs of [RECORDED_PAGE_MS, QUICK_PAGE_MS]) {
      const capture = walkers === 1 ? {} : { walkers }
      const answer = await predictSweep({ caller, latencyMs, pages, capture })
      process.stdout.write(`${JSON.stringify({ caller, latencyMs, walkers, ...answer })}\n`)
    }
  }
}
