import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readCatalogue } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { type MiniatureHub, startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli, startCli, until } from '../support/cli.ts'
import { contentHash, contentLines } from '../support/content-hash.ts'
import { HAS_RADAR, RADAR_DAYS, radarFiles } from '../support/radar.ts'

const PAGE_SIZE = 400

const sweepArguments = (hub: MiniatureHub, file: string) => [
  'sweep',
  '--clock',
  'hub',
  '--endpoint',
  hub.origin,
  '--db',
  file,
  '--page-size',
  String(PAGE_SIZE),
]

const pagesServed = (hub: MiniatureHub) =>
  hub.requests.filter(({ url }) => url.includes(`limit=${PAGE_SIZE}`)).length

const pagesCommitted = (file: string): number => {
  const db = new Database(file, { readonly: true })
  try {
    return Number(
      db.prepare("SELECT coalesce(max(page_count), 0) FROM sweep WHERE state = 'running'").pluck().get(),
    )
  } finally {
    db.close()
  }
}

describe.skipIf(!HAS_RADAR)('a sweep of recorded days on the command line', () => {
  test('ends in the same content when it is killed in the middle of every day', async () => {
    const hub = await startMiniatureHub({ catalogue: await readCatalogue(radarFiles()), quota: null })
    onTestFinished(() => hub.close())
    const folder = temporaryFolder()
    const undisturbed = join(folder, 'undisturbed.db')
    const killed = join(folder, 'killed.db')
    for (const { day, repos } of RADAR_DAYS) {
      hub.serveDay(day)
      const whole = await runCli(sweepArguments(hub, undisturbed))
      expect(whole).toMatchObject({ code: 0, stderr: '' })

      // Twice at a moment nobody chose, with the next page on its way or being written. Pages come slowly, so that a
      // busy machine does not finish the day before the signal arrives.
      hub.faults.push({ kind: 'slow', ms: 25, times: Number.POSITIVE_INFINITY })
      for (const pages of [5, 9]) {
        const before = pagesServed(hub)
        const { child, done } = startCli(sweepArguments(hub, killed))
        await until(() => pagesServed(hub) >= before + pages, `${pages} pages served`)
        child.kill('SIGKILL')
        expect((await done).signal).toBe('SIGKILL')
        const committed = pagesCommitted(killed)
        expect(committed).toBeGreaterThan(0)
        expect(committed).toBeLessThan(repos / PAGE_SIZE)
      }
      hub.faults.clear()
      const resumed = await runCli(sweepArguments(hub, killed))
      expect(resumed.stdout).toContain(
        `Sweep of ${day} complete (resumed): rows in ${repos.toLocaleString('en-US')} =`,
      )
      expect(resumed.code).toBe(0)
    }
    expect(contentLines(killed)).toEqual(contentLines(undisturbed))
    expect(contentHash(killed)).toBe(contentHash(undisturbed))
  }, 180_000)

  test('stops after the current page on SIGTERM with 143 and says how to resume', async () => {
    const hub = await startMiniatureHub({
      catalogue: await readCatalogue(radarFiles().slice(0, 1)),
      quota: null,
    })
    onTestFinished(() => hub.close())
    const file = join(temporaryFolder(), 'stopped.db')
    hub.faults.push({ kind: 'slow', ms: 25, times: Number.POSITIVE_INFINITY })
    const { child, done } = startCli(sweepArguments(hub, file))
    await until(() => pagesServed(hub) >= 3, '3 pages served')
    child.kill('SIGTERM')
    const stopped = await done
    expect(stopped.code).toBe(143)
    expect(stopped.stdout).toMatch(
      /^Stopped after page \d+ of the sweep of 2026-08-19; \d+ rows are kept\. Run the same command to resume\.$/m,
    )
    expect((await runCli(sweepArguments(hub, file))).stdout).toContain('complete (resumed): rows in 11,566 =')
  }, 60_000)
})
