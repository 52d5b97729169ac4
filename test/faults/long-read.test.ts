import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'
import { contentLines } from '../support/content-hash.ts'

const D1 = '2026-08-19'
const D2 = '2026-08-20'
const ROWS = 10_000
const MEGABYTE = 1024 * 1024

const dayRows = (growth: number): CatalogueRow[] =>
  Array.from({ length: ROWS }, (_, index) =>
    row(index + 1, { downloads: index + growth, downloadsAllTime: 10 * index + growth, likes: growth }),
  )

const walBytes = (file: string) => (existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0)

/** A census of the first day, the second one being served, and a researcher's own connection to the file. */
async function research() {
  const catalogue = catalogueFromDays(
    new Map([
      [D1, dayRows(0)],
      [D2, dayRows(1)],
    ]),
  )
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  const file = join(temporaryFolder(), 'census.db')
  const sweep = (db = file) => runCli(['sweep', '--clock', 'hub', '--endpoint', hub.origin, '--db', db])
  expect((await sweep()).code).toBe(0)
  const reader = new Database(file, { readonly: true })
  onTestFinished(() => void reader.close())
  /** Begins to read the second day with the next sweep. */
  const turn = () => hub.serveDay(D2)
  return { hub, file, sweep, reader, turn }
}

describe('case 6: a researcher who reads during a whole sweep', () => {
  test('holds nobody up and reads the day before to its end; the log of the file shrinks afterwards', async () => {
    const { hub, file, sweep, reader, turn } = await research()
    const reading = reader
      .prepare<[], [string, number]>('SELECT hub_id, downloads_30d FROM v1_observation ORDER BY hub_id')
      .raw()
      .iterate() as IterableIterator<[string, number]>
    const seen = [reading.next().value]
    turn()
    const met = await sweep()
    expect(met).toMatchObject({ code: 0, stderr: '' })
    expect(met.stdout).toContain(`Sweep of ${D2} complete: rows in 10,000 = stored 10,000 +`)
    const walWhileReading = walBytes(file)
    expect(walWhileReading).toBeGreaterThan(MEGABYTE / 2)

    // What was asked for before the sweep is answered as it was then.
    for (const found of reading) seen.push(found)
    expect(seen.map(found => found![1])).toEqual(Array.from({ length: ROWS }, (_, index) => index))
    // The next question sees the new day.
    expect(reader.prepare('SELECT count(*) FROM v1_observation WHERE day = ?').pluck().get(D2)).toBe(ROWS)
    reader.close()
    expect((await sweep()).stdout).toContain('was complete before')
    expect(walBytes(file)).toBeLessThan(walWhileReading / 10)

    // The same day without any reader.
    const alone = join(temporaryFolder(), 'alone.db')
    hub.serveDay(D1)
    await sweep(alone)
    hub.serveDay(D2)
    await sweep(alone)
    expect(contentLines(file)).toEqual(contentLines(alone))
  })

  test('and stays connected leaves the log short all the same, once the reading has ended', async () => {
    const { file, sweep, reader, turn } = await research()
    const reading = reader.prepare('SELECT hub_id FROM v1_observation').raw().iterate()
    reading.next()
    turn()
    expect((await sweep()).code).toBe(0)
    const walWhileReading = walBytes(file)
    expect(walWhileReading).toBeGreaterThan(MEGABYTE / 2)
    reading.return?.()
    expect((await sweep()).code).toBe(0)
    expect(walBytes(file)).toBeLessThan(walWhileReading / 10)
  })

  test('until the log has 256 MB is told of, with the advice to read a snapshot', async () => {
    const { file, sweep, reader, turn } = await research()
    const reading = reader.prepare('SELECT hub_id FROM v1_observation').raw().iterate()
    reading.next()
    // As if many sweeps had been written while somebody read.
    const writer = new Database(file)
    writer.exec('CREATE TABLE ballast (piece BLOB)')
    const add = writer.prepare('INSERT INTO ballast VALUES (zeroblob(?))')
    for (let megabytes = 0; megabytes < 256; megabytes += 16) add.run(16 * MEGABYTE)
    writer.close()
    expect(walBytes(file)).toBeGreaterThan(256 * MEGABYTE)
    turn()
    const met = await sweep()
    reading.return?.()
    reader.close()
    expect(met.code).toBe(0)
    expect(met.stderr).toMatch(/^warning: /m)
    expect(met.stderr).toMatch(/\bWAL\b|write-ahead/i)
    expect(met.stderr).toContain('snapshot')
  })
})
