import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { openStore } from '../../src/store/open-store.ts'
import { DAY, row, serve } from '../fixtures/tiny-hub.ts'
import { MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { type CliResult, runCli, startCli } from '../support/cli.ts'
import { contentHash, contentLines } from '../support/content-hash.ts'
import { interfere } from './interference.ts'
import { FOR_EVER } from './sweeping.ts'

const PROCESSES = 6
const ROUNDS = 3
const NEW_FILES = 3
const PAGE_SIZE = 5
const PAGES = 12

const ROWS = Array.from({ length: PAGES * PAGE_SIZE }, (_, index) =>
  row(index + 1, { downloads: index, tags: index > 0 ? ['base_model:finetune:lab/model-1'] : [] }),
)

/**
 * A hub with a gate in front: whoever greets it waits until the last racer has greeted it or has ended, so that all
 * begin their sweep together. Pages are slow, so that the race lasts.
 */
async function gatedHub() {
  const hub = await serve(ROWS, { quota: null })
  hub.faults.push({
    kind: 'slow',
    ms: 10,
    times: FOR_EVER,
    on: ({ params }) => params.get('limit') === String(PAGE_SIZE),
  })
  let racing = 0
  let waiting: (() => void)[] = []
  const open = () => {
    if (waiting.length < racing) return
    for (const go of waiting) go()
    waiting = []
    racing = 0
  }
  /** Who asked for pages, by the token they carry: each racer has its own. */
  const walkers = new Map<string, number>()
  const front = await interfere(hub, async ({ params, request }) => {
    const who = String(request.headers.authorization)
    if (params.get('limit') === '1') {
      if (racing > 0) {
        await new Promise<void>(resolve => {
          waiting.push(resolve)
          open()
        })
      }
    } else walkers.set(who, (walkers.get(who) ?? 0) + 1)
    return false
  })
  const args = (file: string) => [
    ...['sweep', '--clock', 'hub', '--endpoint', front.origin, '--db', file],
    ...['--page-size', String(PAGE_SIZE), '--quota-share', '1'],
  ]
  /** Starts so many processes on one file at once and waits for all of them. */
  async function race(file: string): Promise<CliResult[]> {
    racing = PROCESSES
    walkers.clear()
    return Promise.all(
      Array.from({ length: PROCESSES }, async (_, racer) => {
        const met = await startCli(args(file), { env: { HF_TOKEN: `hf_racer${racer}` } }).done
        // Turned away before it greeted the Hub: nobody has to wait for it.
        racing = Math.max(0, racing - 1)
        open()
        return met
      }),
    )
  }
  return { hub, front, args, race, walkers }
}

const IS_THE_ONE = /^Sweep of \S+ complete(?: \(resumed\))?: rows in 60 =/m
const FOUND_IT_DONE = /^Sweep of \S+ was complete before: /m

/** Every end a racer may come to, and exactly one that did the work. */
function expectOneWinner(ends: readonly CliResult[]): void {
  const said = ends.map(({ code, stdout, stderr }) => `${code}: ${stdout}${stderr}`).join('\n')
  const winners = ends.filter(({ code, stdout }) => code === EXIT_CODES.complete && IS_THE_ONE.test(stdout))
  expect(winners, said).toHaveLength(1)
  for (const met of ends) if (met !== winners[0]) expectLoser(met)
}

/** Turned away because somebody has the sweep, or come when it was done. */
function expectLoser({ code, stdout, stderr }: CliResult): void {
  const isTurnedAway = code === EXIT_CODES.lease && /^error: .+\nkept: {2}.+\nnext: {2}.+\n$/m.test(stderr)
  const isLate = code === EXIT_CODES.complete && FOUND_IT_DONE.test(stdout)
  expect(isTurnedAway || isLate, `${code}: ${stdout}${stderr}`).toBe(true)
}

function expectWhole(file: string, single: string): void {
  const db = new Database(file, { readonly: true })
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(
      db.prepare('SELECT day, state, page_count, row_count, duplicate_count FROM v1_sweep').raw().all(),
    ).toEqual([[DAY, 'complete', PAGES, ROWS.length, 0]])
  } finally {
    db.close()
  }
  expect(contentLines(file)).toEqual(contentLines(single))
  expect(contentHash(file)).toBe(contentHash(single))
}

describe('case 7: six processes that start the same sweep on one file', () => {
  test(`are one that asks the Hub for pages, and five that do not: ${ROUNDS} rounds`, async () => {
    const { args, race, walkers } = await gatedHub()
    const folder = temporaryFolder()
    const single = join(folder, 'single.db')
    expect((await runCli(args(single))).code).toBe(EXIT_CODES.complete)
    const empty = join(folder, 'empty.db')
    openStore({ file: empty, migrationsFolder: MIGRATIONS }).close()
    const file = join(folder, 'raced.db')
    for (let round = 1; round <= ROUNDS; round += 1) {
      copyFileSync(empty, file)
      expectOneWinner(await race(file))
      expectWhole(file, single)
      expect([...walkers.values()]).toEqual([PAGES])
    }
  }, 60_000)

  test(`that is not there yet make it together: ${NEW_FILES} rounds`, async () => {
    const { args, race } = await gatedHub()
    const folder = temporaryFolder()
    const single = join(folder, 'single.db')
    expect((await runCli(args(single))).code).toBe(EXIT_CODES.complete)
    for (let round = 1; round <= NEW_FILES; round += 1) {
      const file = join(folder, `round-${round}.db`)
      expectOneWinner(await race(file))
      expectWhole(file, single)
    }
  }, 60_000)

  test('that was complete before all say so with exit code 0, and nobody asks for a page', async () => {
    const { args, race, walkers } = await gatedHub()
    const file = join(temporaryFolder(), 'census.db')
    expect((await runCli(args(file))).code).toBe(EXIT_CODES.complete)
    const before = contentLines(file)
    for (const { code, stdout, stderr } of await race(file)) {
      expect([code, stderr]).toEqual([EXIT_CODES.complete, ''])
      expect(stdout).toMatch(FOUND_IT_DONE)
    }
    expect(walkers.size).toBe(0)
    expect(contentLines(file)).toEqual(before)
  })

  test('take over from one that was killed: one goes on where it stopped', async () => {
    const { hub, args, race, walkers } = await gatedHub()
    const folder = temporaryFolder()
    const single = join(folder, 'single.db')
    expect((await runCli(args(single))).code).toBe(EXIT_CODES.complete)
    const file = join(folder, 'census.db')
    const asked = hub.requests.length
    const { child, done } = startCli(args(file), { env: { HF_TOKEN: 'hf_first' } })
    while (hub.requests.length < asked + 5) await new Promise(resolve => setTimeout(resolve, 2))
    child.kill('SIGKILL')
    expect((await done).signal).toBe('SIGKILL')
    const ends = await race(file)
    expectOneWinner(ends)
    expect(ends.filter(({ stdout }) => stdout.includes('complete (resumed)'))).toHaveLength(1)
    expectWhole(file, single)
    expect(walkers.has('Bearer hf_first')).toBe(false)
  })
})
