import { expect } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import type { Fault, FaultRequest } from '../../fixtures/miniature-hub/faults.ts'
import type { MiniatureHub, MiniatureHubOptions } from '../../fixtures/miniature-hub/server.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { ExitCode } from '../../src/domain/exit-code.ts'
import { type CaptureResult, captureSweep } from '../../src/pipeline/capture-sweep.ts'
import type { Store } from '../../src/store/open-store.ts'
import { DAY, hubId, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock, temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'

export const PAGE_SIZE = 3
export const NOON = `${DAY}T12:00:00.000Z`
export const FOR_EVER = Number.POSITIVE_INFINITY

/** Nine repositories: three pages. Some derive from others, so that edges are compared too. */
const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(number =>
  row(number, {
    author: 'lab',
    downloads: number * 100,
    downloadsAllTime: 3_400_000_000 + number,
    likes: number,
    pipeline_tag: 'text-generation',
    tags: number > 1 ? ['base_model:lab/model-1', 'base_model:finetune:lab/model-1', 'license:mit'] : [],
    ...(number > 1
      ? { baseModels: { relation: 'finetune', models: [{ _id: hubId(1), id: 'lab/model-1' }] } }
      : {}),
  }),
)

/** A hub of three pages whose clock is the tests', without a quota unless told otherwise. */
export async function threePages(
  options: Omit<MiniatureHubOptions, 'catalogue'> & { rows?: CatalogueRow[] } = {},
) {
  const clock = fakeClock(NOON)
  const { rows = NINE, ...others } = options
  return { clock, hub: await serve(rows, { quota: null, clock, ...others }) }
}

/** Whether a request asks for a page of the sweep, counted from 1. */
export function isPage(number: 1 | 2 | 3): (request: FaultRequest) => boolean {
  const after = JSON.stringify({ _id: { $gt: hubId((number - 1) * PAGE_SIZE) } })
  const cursor = number === 1 ? null : Buffer.from(after).toString('base64')
  return ({ params }) => params.get('cursor') === cursor
}

export interface SweepOptions {
  token?: string
  clock?: ReturnType<typeof fakeClock>
}

/** Takes one census of the hub as a run of the program would: its own client, the same file. */
export function sweep(hub: MiniatureHub, store: Store, options: SweepOptions = {}): Promise<CaptureResult> {
  const clock = options.clock ?? fakeClock(NOON)
  const client = clientOf(hub, clock, options.token ? { token: options.token } : {})
  return captureSweep({ pageSize: PAGE_SIZE, notice: null }, { hub: client, store, clock, log: silentLog })
}

/** What a sweep that met no fault leaves in the file. */
export async function undisturbed(hub: MiniatureHub): Promise<string[]> {
  const store = temporaryStore()
  expect((await sweep(hub, store)).sweep).toMatchObject({ state: 'complete', rowCount: 9, pageCount: 3 })
  const lines = contentLines(store.file)
  for (const table of ['repo', 'observation', 'base_edge', 'sweep', 'sweep_page']) {
    expect(lines.some(line => line.startsWith(`${table} `))).toBe(true)
  }
  return lines
}

/** The failure, with the three sentences every failure owes its reader. */
export async function failureOf(work: Promise<unknown>, exitCode: ExitCode): Promise<CensusError> {
  const error = await work.then(
    () => null,
    reason => reason,
  )
  expect(error).toBeInstanceOf(CensusError)
  const failure = error as CensusError
  expect(failure.exitCode, failure.message).toBe(exitCode)
  expect(failure.remedy.happened).toMatch(/^\S.{20,}/s)
  expect(failure.remedy.kept).toMatch(/^[A-Z].{10,}\.$/)
  expect(failure.remedy.next).toMatch(/^[A-Z].{10,}\.$/)
  return failure
}

/** Checks that exactly the first pages are in the file and that the sweep waits to be resumed after them. */
export function expectKept(store: Store, pages: number): void {
  const ids = store.sqlite.prepare('SELECT lower(hex(hub_id)) FROM repo ORDER BY 1').pluck().all()
  expect(ids).toEqual(NINE.slice(0, pages * PAGE_SIZE).map(({ _id }) => _id))
  expect(store.sqlite.prepare('SELECT count(*) FROM observation').pluck().get()).toBe(pages * PAGE_SIZE)
  expect(
    store.sqlite.prepare('SELECT state, page_count, row_count, quarantined_count FROM sweep').raw().all(),
  ).toEqual([['running', pages, pages * PAGE_SIZE, 0]])
  expect(store.sqlite.prepare('SELECT count(*) FROM quarantine').pluck().get()).toBe(0)
}

/**
 * Meets a fault that does not go away while page 2 is asked for: fails as said, stores nothing of that page, keeps
 * page 1, and a run after the fault is gone ends in the content of an undisturbed sweep.
 */
export async function failThenResume(fault: Fault, exitCode: ExitCode, options: SweepOptions = {}) {
  const { hub } = await threePages()
  const whole = await undisturbed(hub)
  const store = temporaryStore()
  hub.faults.push({ ...fault, on: isPage(2), times: FOR_EVER })
  const failure = await failureOf(sweep(hub, store, options), exitCode)
  const attempts = hub.faults.fired.length
  expect(attempts).toBeGreaterThan(0)
  expectKept(store, 1)

  // Running again while it lasts changes nothing.
  await failureOf(sweep(hub, store, options), exitCode)
  expectKept(store, 1)

  hub.faults.clear()
  const resumed = await sweep(hub, store, options)
  expect([resumed.began, resumed.interrupted, resumed.sweep.state]).toEqual(['resumed', false, 'complete'])
  expect(contentLines(store.file)).toEqual(whole)
  return { hub, failure, attempts }
}
