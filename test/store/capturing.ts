import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { RepoPage, RepoRow } from '../../src/domain/repo.ts'
import { type CaptureOptions, type CaptureResult, captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { packRows } from '../../src/source/pack-rows.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import type { Store } from '../../src/store/open-store.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock, temporaryStore } from '../support/census.ts'

export type Days = Record<string, CatalogueRow[]>

export interface Capturing {
  hub: MiniatureHub
  store: Store
  clock: ReturnType<typeof fakeClock>
  /** Sweeps a day of the catalogue at noon, or at `at`. */
  capture(day: string, options?: Partial<CaptureOptions> & { at?: string | number }): Promise<CaptureResult>
  /** Rows of a statement as arrays. */
  sql(text: string, ...values: unknown[]): unknown[][]
}

/** A miniature Hub over these days and a census file that reads it, two rows a page. */
export async function capturing(
  days: Days,
  options: { store?: Store; token?: string; notice?: string } = {},
): Promise<Capturing> {
  const catalogue = catalogueFromDays(new Map(Object.entries(days)), options.notice)
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  const store = options.store ?? temporaryStore()
  const clock = fakeClock(0)
  const client = clientOf(hub, clock, options.token === undefined ? {} : { token: options.token })
  return {
    hub,
    store,
    clock,
    capture(day, { at = `${day}T12:00:00Z`, ...rest } = {}) {
      hub.serveDay(day)
      clock.set(at)
      const chosen = { pageSize: 2, notice: options.notice ?? null, ...rest }
      return captureSweep(chosen, { hub: client, store, clock, log: silentLog })
    },
    sql: (text, ...values) => readRaw(store, text, ...values),
  }
}

export function readRaw(store: Store, text: string, ...values: unknown[]): unknown[][] {
  return store.sqlite
    .prepare(text)
    .raw()
    .all(...values) as unknown[][]
}

/** Everything that was observed and judged an incident; the ledger of sweeps is not among it. */
const FACT_TABLES = ['publisher', 'term', 'repo', 'repo_name', 'observation', 'base_edge', 'event']

/** One hash over the sorted rows of every table of facts. */
export function factsHash(store: Store): string {
  const hash = createHash('sha256')
  for (const table of FACT_TABLES) {
    const rows = readRaw(store, `SELECT * FROM ${table}`).map(found => JSON.stringify(found))
    hash.update(`${table}\n${rows.sort().join('\n')}\n`)
  }
  return hash.digest('hex')
}

/** A row of the Hub as the source understands it. */
export function understood(number: number, parts: Partial<CatalogueRow> = {}): RepoRow {
  return parseRepoRow(row(number, parts))
}

/** A page of understood rows; the cursor says whether another follows. */
export function page(rows: readonly RepoRow[], parts: Partial<RepoPage> = {}): RepoPage {
  const ids = rows.map(found => found.hubId).sort()
  return {
    rows: packRows(rows),
    rejected: [],
    privateCount: 0,
    laterHubIds: [],
    isPartlyDescribed: false,
    isCardTextMissing: false,
    lastHubId: ids.at(-1) ?? null,
    nextCursor: null,
    observedAt: 0,
    ...parts,
  }
}
