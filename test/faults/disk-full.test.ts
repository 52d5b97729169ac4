import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, type TestContext, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { withCensus } from '../../src/pipeline/open-census.ts'
import { refreshMetrics } from '../../src/pipeline/refresh-metrics.ts'
import { failureOf, NOON } from '../bad-input/three-page-hub.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { fakeClock, MIGRATIONS, REGISTRY, temporaryFolder, temporaryStore } from '../support/census.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { contentLines } from '../support/content-hash.ts'
import { type SmallDisk, smallDisk } from './small-disk.ts'
import { readAll, sweepOnce } from './sweeping.ts'

const PAGE_SIZE = 10
const PAGES = 24
const KILOBYTE = 1024
/** An amount of space in words a person can act on. */
const SPACE = /\b\d[\d,.]* ?(?:bytes|kB|KB|MB|GB|KiB|MiB|GiB)\b/

const OWNERS = ['Qwen', 'meta-llama', 'mistralai', 'google', 'deepseek-ai', 'nobody-at-all']

/** Pages of some 100 KB each in the file. */
const HEAVY = Array.from({ length: PAGES * PAGE_SIZE }, (_, index) =>
  row(index + 1, {
    id: `${OWNERS[index % OWNERS.length]}/model-${index}`,
    downloads: index,
    downloadsAllTime: index * 10,
    pipeline_tag: 'text-generation',
    tags: Array.from({ length: 40 }, (_, base) => `base_model:${base}/${'x'.repeat(200)}`),
  }),
)

const heavyHub = () => serve(HEAVY, { quota: null, clock: { now: () => Date.parse(NOON) } })

function sweepArguments(hub: { origin: string }, file: string): string[] {
  const where = ['--clock', 'hub', '--endpoint', hub.origin, '--db', file]
  return ['sweep', ...where, '--page-size', String(PAGE_SIZE)]
}

/** The disk, or a test that says why it cannot run. */
function diskOf(bytes: number, context: TestContext): SmallDisk {
  const disk = smallDisk(bytes)
  if (disk === null) return context.skip('no small disk can be mounted here: that takes root')
  return disk
}

/** The three lines of a failure with exit code 7 that names a path. */
function expectStorageFailure(met: CliResult, path: string): string {
  expect([met.code, met.signal], met.stderr).toEqual([EXIT_CODES.storage, null])
  expect(met.stderr).toMatch(/^error: .+\nkept: {2}.+\nnext: {2}.+\n$/m)
  expect(met.stderr).not.toContain('    at ')
  expect(met.stderr).toContain(path)
  return met.stderr
}

const sourceless = (lines: readonly string[], { origin }: { origin: string }) =>
  lines.map(line => line.replaceAll(origin, 'hub'))

interface Kept {
  state: string
  pages: number
  rows: number
  observed: number
}

/** What a reader who comes next finds, from a copy: a full disk may have no room for a reader's own files. */
function keptIn(file: string): Kept {
  const copy = join(temporaryFolder(), 'copy.db')
  copyFileSync(file, copy)
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
  const db = new Database(copy)
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const sweep = db.prepare('SELECT state, page_count AS pages, row_count AS rows FROM v1_sweep').get()
    const observed = db.prepare('SELECT count(*) FROM v1_observation').pluck().get()
    return { ...(sweep as Omit<Kept, 'observed'>), observed: Number(observed) }
  } finally {
    db.close()
  }
}

describe('case 4: a disk that is full', () => {
  test('while pages are written is exit code 7, again with every start; with space the same command resumes to the same content', async context => {
    const disk = diskOf(12 << 20, context)
    const hub = await heavyHub()
    const whole = temporaryStore()
    await sweepOnce(hub, whole, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
    const file = join(disk.folder, 'census.db')
    const args = sweepArguments(hub, file)

    // A first start takes what it needs to begin, and some pages.
    disk.fill(1400 * KILOBYTE)
    const first = expectStorageFailure(await runCli(args), file)
    expect(first).toContain('Free space')
    const kept = keptIn(file)
    expect(kept.state).toBe('running')
    expect(kept.pages).toBeGreaterThan(0)
    expect(kept.pages).toBeLessThan(PAGES)
    expect([kept.rows, kept.observed]).toEqual([kept.pages * PAGE_SIZE, kept.pages * PAGE_SIZE])

    // Started again with a little space and with none at all, it fails the same way and loses nothing.
    for (const bytesLeft of [100 * KILOBYTE, 0]) {
      disk.fill(bytesLeft)
      expectStorageFailure(await runCli(args), file)
      const again = keptIn(file)
      expect(again.state).toBe('running')
      expect(again.pages).toBeGreaterThanOrEqual(kept.pages)
      expect([again.rows, again.observed]).toEqual([again.pages * PAGE_SIZE, again.pages * PAGE_SIZE])
    }

    disk.free()
    const resumed = await runCli(args)
    expect(resumed).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
    expect(resumed.stdout).toContain(`complete (resumed): rows in ${HEAVY.length} =`)
    expect(sourceless(contentLines(file), hub)).toEqual(sourceless(contentLines(whole.file), hub))
    // And it is still there for the next process.
    expect((await runCli(args)).stdout).toContain('was complete before')
    expect(sourceless(contentLines(file), hub)).toEqual(sourceless(contentLines(whole.file), hub))
  })

  test('while pages are written says how much space is needed', async context => {
    const disk = diskOf(8 << 20, context)
    const hub = await heavyHub()
    const file = join(disk.folder, 'census.db')
    disk.fill(1000 * KILOBYTE)
    expect(expectStorageFailure(await runCli(sweepArguments(hub, file)), file)).toMatch(SPACE)
  })

  test('wherever in the publishing leaves all of the day’s totals or none, and every fact; with space they are published', async () => {
    const hub = await heavyHub()
    const folder = temporaryFolder()
    const taken = join(folder, 'taken.db')
    const store = temporaryStore(taken)
    await sweepOnce(hub, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
    const facts = (file: string) =>
      contentLines(file).filter(line =>
        /^(sweep|observation|base_edge|event|quarantine|repo_name) /.test(line),
      )
    const before = facts(taken)
    store.close()
    const effects = { clock: fakeClock(NOON), log: silentLog }
    const placeOf = (file: string) => ({ file, migrationsFolder: MIGRATIONS, registryFolder: REGISTRY })
    const totalsOf = (file: string) => {
      const db = new Database(file, { readonly: true })
      try {
        return db.prepare('SELECT * FROM v1_daily_total ORDER BY 1, 2, 3, 4, 5').raw().all()
      } finally {
        db.close()
      }
    }
    const publish = (file: string, morePages: number | null) =>
      withCensus(placeOf(file), { mustExist: true }, effects, ({ store: opened, registry }) => {
        if (morePages !== null) {
          const pages = Number(opened.sqlite.pragma('page_count', { simple: true }))
          opened.sqlite.pragma(`max_page_count = ${pages + morePages}`)
        }
        return refreshMetrics({ store: opened, registry, ...effects })
      })

    const spacious = join(folder, 'spacious.db')
    copyFileSync(taken, spacious)
    await publish(spacious, null)
    const totals = totalsOf(spacious)
    expect(totals.length).toBeGreaterThan(10)

    const file = join(folder, 'tight.db')
    copyFileSync(taken, file)
    let failures = 0
    for (let morePages = 0; totalsOf(file).length === 0; morePages += Math.max(4, morePages >> 3)) {
      const met = await publish(file, morePages).then(
        () => null,
        error => error,
      )
      if (met === null) break
      failures += 1
      const failure = await failureOf(Promise.reject(met), EXIT_CODES.storage)
      expect(failure.remedy.happened).toContain(file)
      expect(totalsOf(file)).toEqual([])
      expect(facts(file)).toEqual(before)
    }
    expect(failures).toBeGreaterThan(3)
    expect(totalsOf(file)).toEqual(totals)
    expect(facts(file)).toEqual(before)
  }, 120_000)

  describe('under the metrics command', () => {
    async function asking(context: TestContext) {
      const disk = diskOf(12 << 20, context)
      const hub = await heavyHub()
      const file = join(disk.folder, 'census.db')
      const store = temporaryStore(file)
      await sweepOnce(hub, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
      store.close()
      return { disk, file, metrics: () => runCli(['metrics', '--db', file]) }
    }

    test('is exit code 7, and the same command answers once there is space', async context => {
      const { disk, file, metrics } = await asking(context)
      for (const bytesLeft of [0, 64 * KILOBYTE]) {
        disk.fill(bytesLeft)
        expectStorageFailure(await metrics(), file)
      }
      disk.free()
      expect((await metrics()).code).toBe(EXIT_CODES.complete)
      const rows = HEAVY.length
      expect(keptIn(file)).toEqual({ state: 'complete', pages: PAGES, rows, observed: rows })
    })

    test('sends nobody to a backup when not even the file’s own index of its log finds room', async context => {
      const { disk, file, metrics } = await asking(context)
      disk.fill(0)
      const said = expectStorageFailure(await metrics(), file)
      expect(said).toContain('Free space')
      expect(said).not.toContain('backup')
    })
  })

  describe('under a report', () => {
    async function reporting(context: TestContext) {
      const disk = diskOf(4 << 20, context)
      const hub = await heavyHub()
      const census = join(temporaryFolder(), 'census.db')
      const store = temporaryStore(census)
      await sweepOnce(hub, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
      store.close()
      const output = join(disk.folder, 'report.html')
      return { disk, census, output, report: () => runCli(['report', '--db', census, '--output', output]) }
    }

    // With room for a first part, the system takes that part and says so without an error.
    test.for([
      ['without any room', 0],
      ['with room for its first 4 kB', 4 * KILOBYTE],
    ] as const)(
      '%s is exit code 7, leaves no part of it and the older one whole; with space it is written',
      async ([, bytesLeft], context) => {
        const { disk, output, report } = await reporting(context)
        disk.fill(bytesLeft)
        expectStorageFailure(await report(), output)
        expect(readdirSync(disk.folder)).toEqual(['ballast'])
        disk.free()
        writeFileSync(output, 'the older report')
        disk.fill(bytesLeft)
        expectStorageFailure(await report(), output)
        expect(readdirSync(disk.folder).sort()).toEqual(['ballast', 'report.html'])
        expect(readFileSync(output, 'utf8')).toBe('the older report')
        disk.free()
        expect((await report()).code).toBe(EXIT_CODES.complete)
        expect(readFileSync(output, 'utf8')).toMatch(/<\/html>\s*$/)
      },
    )

    test('says how much space is needed', async context => {
      const { disk, output, report } = await reporting(context)
      disk.fill(0)
      const said = expectStorageFailure(await report(), output)
      expect(said).toMatch(SPACE)
      expect(said).toContain('Free space')
    })
  })
})

test('case 4: a file that may not grow after any number of pages is exit code 7, and the open program resumes once it may', async () => {
  const hub = await heavyHub()
  const whole = temporaryStore()
  await sweepOnce(hub, whole, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
  for (const pages of [1, 5, PAGES - 1]) {
    const store = temporaryStore()
    const options = { clock: fakeClock(NOON), pageSize: PAGE_SIZE }
    const onPage = ({ pageCount }: { pageCount: number }) => {
      if (pageCount === pages) store.sqlite.pragma('max_page_count = 1')
    }
    await failureOf(sweepOnce(hub, store, { ...options, onPage }), EXIT_CODES.storage)
    const rows = pages * PAGE_SIZE
    expect(readAll(store, 'SELECT state, page_count, row_count FROM v1_sweep')).toEqual([
      ['running', pages, rows],
    ])
    expect(readAll(store, 'SELECT count(*) FROM v1_observation')).toEqual([[rows]])
    store.sqlite.pragma('max_page_count = 1000000')
    expect((await sweepOnce(hub, store, options)).began).toBe('resumed')
    expect(contentLines(store.file)).toEqual(contentLines(whole.file))
  }
})
