import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { modelledCatalogue } from '../../fixtures/catalogue/modelled-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { TIMETABLE } from '../../jobs/timetable.ts'
import { startSchedule } from '../../src/cli/start-schedule.ts'
import { machineClock } from '../../src/config/machine-clock.ts'
import { DEFAULT_GATE_LIMITS } from '../../src/domain/day-gate.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { Job, JobPlace } from '../../src/pipeline/run-job.ts'
import { jobRun } from '../../src/store/schema/derived.ts'
import { findRunningSweep } from '../../src/store/sweep-ledger.ts'
import { MIGRATIONS, PACKAGE_ROOT, REGISTRY, temporaryFolder, temporaryStore } from '../support/census.ts'
import { runCli, startCli, until } from '../support/cli.ts'

const placeFor = (file: string): JobPlace => ({
  file,
  migrationsFolder: MIGRATIONS,
  registryFolder: REGISTRY,
  endpoint: 'http://127.0.0.1:1',
  readToken: () => null,
  userAgent: 'hub-census-test',
  quotaShare: 1,
  attempts: 1,
  walkers: 1,
  readsCardText: false,
  gate: DEFAULT_GATE_LIMITS,
  pageSize: 1000,
  follow: 'machine',
  reportFile: 'unused.html',
})

/** A job that notes when it begins and ends, so that overlaps show. */
function watchedJob(name: string, trace: string[], ms: number, fail = false): Job {
  return {
    name,
    about: name,
    mayCreate: true,
    async run({ signal }) {
      trace.push(`${name} begins`)
      await sleep(ms, undefined, { signal }).catch(() => trace.push(`${name} stops early`))
      trace.push(`${name} ends`)
      if (fail) throw new Error('this job always fails')
      return { exitCode: 0, summary: 'done' }
    },
  }
}

describe('the schedule', () => {
  test('runs jobs that fall due together one at a time, goes on after a failure, and notes every run', async () => {
    const file = join(temporaryFolder(), 'census.db')
    const trace: string[] = []
    const stop = new AbortController()
    const every = '* * * * * *'
    const timetable = [
      { job: watchedJob('first', trace, 300, true), cron: every, why: '' },
      { job: watchedJob('second', trace, 300), cron: every, why: '' },
    ]
    const ended = startSchedule(timetable, placeFor(file), {
      clock: machineClock,
      log: silentLog,
      signal: stop.signal,
    })
    await until(() => trace.filter(line => line === 'second ends').length >= 2, 'two turns of both jobs')
    stop.abort()
    await ended
    // The stop may meet a job at work: that one ends early, and still before anything else begins.
    const turns = trace.filter(line => !line.endsWith('stops early'))
    expect(turns.length % 2).toBe(0)
    for (let index = 0; index < turns.length; index += 2) {
      expect(turns[index]!.endsWith('begins')).toBe(true)
      expect(turns[index + 1]).toBe(turns[index]!.replace('begins', 'ends'))
    }
    const runs = temporaryStore(file).db.select().from(jobRun).all()
    expect(runs.length).toBe(trace.filter(line => line.endsWith('begins')).length)
    expect(runs.find(run => run.job === 'first')).toMatchObject({
      exitCode: 1,
      summary: 'this job always fails',
    })
    expect(runs.find(run => run.job === 'second')).toMatchObject({ exitCode: 0, summary: 'done' })
    expect(runs.every(run => run.finishedAt !== null)).toBe(true)
  })

  test('lets a running job end by its signal before it ends itself', async () => {
    const trace: string[] = []
    const stop = new AbortController()
    const timetable = [{ job: watchedJob('long', trace, 60_000), cron: '* * * * * *', why: '' }]
    const place = placeFor(join(temporaryFolder(), 'census.db'))
    const ended = startSchedule(timetable, place, {
      clock: machineClock,
      log: silentLog,
      signal: stop.signal,
    })
    await until(() => trace.includes('long begins'), 'the job begins')
    stop.abort()
    await ended
    expect(trace).toEqual(['long begins', 'long stops early', 'long ends'])
  })

  test('as a process prints its timetable, and ends with 0 on SIGTERM', async () => {
    const listed = await runCli(['schedule', '--list'])
    expect(listed.stdout.trim().split('\n')).toHaveLength(TIMETABLE.length)
    for (const { job, cron } of TIMETABLE) expect(listed.stdout).toContain(`${cron.padEnd(14)} ${job.name}`)
    const { child, done } = startCli(['schedule', '--db', join(temporaryFolder(), 'census.db')])
    let log = ''
    child.stderr?.on('data', chunk => {
      log += chunk
    })
    await until(() => log.includes('schedule begins'), 'the schedule begins')
    child.kill('SIGTERM')
    expect(await done).toMatchObject({ code: 0, signal: null })
    expect(log).toContain('schedule ends')
  })
})

describe('each job of the timetable', () => {
  test('runs alone from a terminal, in the order of the night', async () => {
    const catalogue = modelledCatalogue(join(PACKAGE_ROOT, 'fixtures', 'catalogue'), { from: '2025-12-30' })
    const hub = await startMiniatureHub({ catalogue, day: '2025-12-31', quota: null })
    onTestFinished(() => hub.close())
    const folder = temporaryFolder()
    const common = [
      '--db',
      join(folder, 'census.db'),
      '--endpoint',
      hub.origin,
      '--clock',
      'hub',
      '--page-size',
      '500',
    ]
    const said: string[] = []
    for (const { job } of TIMETABLE) {
      const help = await runCli(['--help'], { module: `jobs/${job.name}.js` })
      expect(help.code).toBe(0)
      expect(help.stdout.replace(/\s+/g, ' ')).toContain(job.about)
      const args = [...common, '--output', join(folder, 'report.html')]
      const result = await runCli(args, { module: `jobs/${job.name}.js` })
      expect(result.code, `${job.name}: ${result.stderr}`).toBe(0)
      said.push(result.stdout.trim())
    }
    expect(said[0]).toMatch(/^Registry [0-9a-f]{12} mirrored: \d+ labs\.$/)
    expect(said[1]).toMatch(
      /^Sweep of 2025-12-31 complete: rows in 1,742 = stored 1,742 \+ unchanged 0 \+ quarantined 0, 4 pages,/,
    )
    expect(said[2]).toMatch(
      /^\d+ counts of direct derivatives; 300 bases checked against the Hub, 0 differ, 0 not there\.$/,
    )
    expect(said[3]).toMatch(/^Totals of 1 day published \(\d+ rows\)\.$/)
    expect(said[4]).toMatch(/^Report written to .*report\.html \(\d+ bytes\)\.$/)
    const store = temporaryStore(join(folder, 'census.db'))
    expect(findRunningSweep(store)).toBeNull()
    expect(
      store.db
        .select()
        .from(jobRun)
        .all()
        .map(({ job, exitCode }) => `${job} ${exitCode}`),
    ).toEqual(TIMETABLE.map(({ job }) => `${job.name} 0`))
    const wrong = await runCli(['--nonsense'], { module: 'jobs/capture-sweep.js' })
    expect(wrong.code).toBe(2)
  }, 120_000)
})
