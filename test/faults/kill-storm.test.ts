import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli, startCli } from '../support/cli.ts'
import { contentHash, contentLines } from '../support/content-hash.ts'
import { SEED, seededRandom } from './seeded.ts'

const D1 = '2026-08-19'
const D2 = '2026-08-20'
const KILLS = 100
const ROWS = 1000
const PAGE_SIZE = 2
/** Slow enough that a killed run has got a few pages at most, so that the hundredth kill still finds the sweep. */
const PAGE_MS = 12

/** That the run before was cut off may be told; nothing else may be. */
const ONLY_WARNINGS = expect.stringMatching(/^(?:warning: .*taken over.*\n)*$/)

/** Two days on which everything happens that a page can bring: counters, names, bases, newcomers, leavers. */
function dayRows(day: 1 | 2): CatalogueRow[] {
  return Array.from({ length: ROWS }, (_, index) => index + 1)
    .filter(number => (day === 1 ? number % 90 !== 0 : number % 97 !== 1 || number % 2 === 0))
    .map(number =>
      row(number, {
        id: day === 2 && number % 31 === 0 ? `moved/model-${number}` : `lab-${number % 7}/model-${number}`,
        downloads: number + (day === 2 && number % 3 === 0 ? 10 : 0),
        downloadsAllTime: 3_400_000_000 + number * (day === 2 && number % 41 === 0 ? -1 : 1),
        likes: number % 5,
        pipeline_tag: day === 2 && number % 53 === 0 ? 'fill-mask' : 'text-generation',
        tags: number > 1 && !(day === 2 && number % 43 === 0) ? ['base_model:finetune:lab-1/model-1'] : [],
        ...(number % 11 === 0
          ? { baseModels: { relation: 'finetune', models: [{ _id: hubId(1), id: 'lab-1/model-1' }] } }
          : {}),
      }),
    )
}

async function twoDays(): Promise<MiniatureHub> {
  const catalogue = catalogueFromDays(
    new Map([
      [D1, dayRows(1)],
      [D2, dayRows(2)],
    ]),
  )
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  return hub
}

const sweepArguments = (hub: MiniatureHub, file: string, pageSize = PAGE_SIZE) => [
  ...['sweep', '--clock', 'hub', '--endpoint', hub.origin, '--db', file],
  ...['--page-size', String(pageSize)],
]

/** Slows every page down from now on, and counts them as they are asked for. */
function slowPages(hub: MiniatureHub) {
  let count = 0
  let waiting: { until: number; resolve(): void }[] = []
  hub.faults.push({
    kind: 'slow',
    ms: PAGE_MS,
    times: Number.POSITIVE_INFINITY,
    on: ({ params }) => {
      if (params.get('limit') !== String(PAGE_SIZE)) return false
      count += 1
      for (const { resolve } of waiting.filter(({ until }) => until <= count)) resolve()
      return true
    },
  })
  return {
    count: () => count,
    /** Resolves when so many more have been asked for. */
    more: (pages: number) =>
      new Promise<void>(resolve => {
        waiting = [...waiting.filter(({ until }) => until > count), { until: count + pages, resolve }]
      }),
  }
}

type SlowPages = ReturnType<typeof slowPages>

/** A moment to kill at: so long after the start, or so many pages after it and a little more. */
type Moment = { afterMs: number } | { afterPages: number; plusMs: number }

/** `startMs`: what a run needs to its first page. Before the second half of that it has not opened the file. */
function drawMoment(random: () => number, startMs: number): Moment {
  if (random() < 0.3) return { afterMs: Math.floor(startMs * (0.5 + random() * 0.7)) }
  return { afterPages: 1 + Math.floor(random() * 3), plusMs: Math.floor(random() * PAGE_MS * 1.5) }
}

/** Starts the sweep, kills it at the moment, and says how it ended and how long its first page took, if it came. */
async function killAt(moment: Moment, pages: SlowPages, args: string[]) {
  const startedAt = performance.now()
  let startMs: number | null = null
  void pages.more(1).then(() => {
    startMs = performance.now() - startedAt
  })
  const enough = pages.more('afterPages' in moment ? moment.afterPages : 3)
  const { child, done } = startCli(args)
  const due = 'afterMs' in moment ? [sleep(moment.afterMs)] : []
  await Promise.race([done, enough, ...due])
  if ('plusMs' in moment) await sleep(moment.plusMs)
  child.kill('SIGKILL')
  return { met: await done, startMs }
}

/** What has to hold of the file between two runs: whole, and rows and cursor in step. */
function inspect(file: string): { pageCount: number; rowCount: number } {
  const db = new Database(file, { readonly: true })
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const sweeps = db
      .prepare('SELECT state, page_count AS pageCount, row_count AS rowCount FROM v1_sweep WHERE day = ?')
      .all(D2) as { state: string; pageCount: number; rowCount: number }[]
    expect(sweeps.length).toBeLessThanOrEqual(1)
    const { state, pageCount, rowCount } = sweeps[0] ?? { state: 'running', pageCount: 0, rowCount: 0 }
    expect({ state, rowCount }).toEqual({ state: 'running', rowCount: pageCount * PAGE_SIZE })
    return { pageCount, rowCount }
  } finally {
    db.close()
  }
}

test(`case 1: a sweep killed ${KILLS} times at random moments (seed ${SEED}) ends as one that nobody disturbed`, async () => {
  const random = seededRandom(SEED)
  const hub = await twoDays()
  const folder = temporaryFolder()
  const killed = join(folder, 'killed.db')
  const undisturbed = join(folder, 'undisturbed.db')
  expect(await runCli(sweepArguments(hub, killed, 1000))).toMatchObject({ code: 0, stderr: '' })
  copyFileSync(killed, undisturbed)
  hub.serveDay(D2)
  expect(await runCli(sweepArguments(hub, undisturbed))).toMatchObject({ code: 0, stderr: '' })

  const pages = slowPages(hub)
  const progress: number[] = []
  let startMs = 500
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const moment = drawMoment(random, startMs)
    const { met, startMs: seen } = await killAt(moment, pages, sweepArguments(hub, killed))
    if (seen !== null) startMs = seen
    // Anything else ended by itself: finished, or tripped over what the kill before it left behind.
    expect(met, `kill ${kill} of seed ${SEED} at ${JSON.stringify(moment)}`).toMatchObject({
      code: null,
      signal: 'SIGKILL',
      stdout: '',
      stderr: ONLY_WARNINGS,
    })
    // Not after each: the next run, not this reader, has to recover what was left.
    if (kill % 10 === 0) progress.push(inspect(killed).pageCount)
  }
  hub.faults.clear()

  // A storm that never hit a page half-way, or never let one through, would prove nothing.
  expect(progress.at(-1)).toBeGreaterThan(KILLS / 4)
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(pages.count() - progress.at(-1)!).toBeGreaterThan(KILLS / 4)

  const last = await runCli(sweepArguments(hub, killed))
  expect(last).toMatchObject({ code: 0, stderr: ONLY_WARNINGS })
  expect(last.stdout).toContain(`Sweep of ${D2} complete (resumed): rows in ${dayRows(2).length} =`)
  expect(contentLines(killed)).toEqual(contentLines(undisturbed))
  expect(contentHash(killed)).toBe(contentHash(undisturbed))

  const db = new Database(killed, { readonly: true })
  onTestFinished(() => void db.close())
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  expect(db.prepare('SELECT day, state, duplicate_count FROM v1_sweep ORDER BY day').raw().all()).toEqual([
    [D1, 'complete', 0],
    [D2, 'complete', 0],
  ])
  for (const [view, key] of [
    ['v1_repo', 'hub_id'],
    ['v1_observation', "day || ' ' || hub_id"],
    ['v1_event', 'day || kind || hub_id || detail'],
    ['v1_base_edge', 'hub_id || relation || base_declared || first_seen_on'],
  ]) {
    const [all, distinct] = db
      .prepare(`SELECT count(*), count(DISTINCT ${key}) FROM ${view}`)
      .raw()
      .get() as number[]
    expect([view, distinct]).toEqual([view, all])
  }
}, 180_000)

test('case 1: a first sweep killed while it makes its file leaves one that the next run goes on with', async () => {
  const random = seededRandom(SEED + 1)
  const hub = await twoDays()
  const folder = temporaryFolder()
  const undisturbed = join(folder, 'undisturbed.db')
  expect((await runCli(sweepArguments(hub, undisturbed, 1000))).code).toBe(0)
  const killed = join(folder, 'killed.db')
  const pages = slowPages(hub)
  const slow = sweepArguments(hub, killed)
  let startMs = 500
  for (let kill = 1; kill <= 8; kill += 1) {
    // Most of the time is the program's own start; the file is made in the last part of it.
    const moment = { afterMs: Math.floor(startMs * (0.6 + random() * 0.4)) }
    const { met, startMs: seen } = await killAt(moment, pages, slow)
    if (seen !== null) startMs = seen
    expect(met).toMatchObject({ signal: 'SIGKILL', stderr: ONLY_WARNINGS })
  }
  hub.faults.clear()
  const last = await runCli(sweepArguments(hub, killed, 1000))
  expect(last).toMatchObject({ code: 0, stderr: ONLY_WARNINGS })
  // Pages committed before a kill were of the small size: what they hold is the same, how many they were is not.
  const facts = (file: string) => contentLines(file).filter(line => !/^sweep\w* /.test(line))
  expect(facts(killed)).toEqual(facts(undisturbed))
})
