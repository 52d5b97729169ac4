import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Log, silentLog } from '../../src/domain/effects.ts'
import { holdLease } from '../../src/pipeline/hold-lease.ts'
import { beatLease, type Lease, takeLease, writeUnderLease } from '../../src/store/lease.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { LeaseError } from '../../src/store/store-error.ts'
import { fakeClock, MIGRATIONS, PACKAGE_ROOT, temporaryFolder, temporaryStore } from '../support/census.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const DAY = 24 * 3600_000
const BEAT = 20_000
const LIMIT = 120_000

const DIST = join(PACKAGE_ROOT, 'dist', 'src')
const built = (path: string) => JSON.stringify(pathToFileURL(join(DIST, path)).href)

/** Another process with the built program: obeys a word a line and answers a line each. */
const HOLDER = `
import { createInterface } from 'node:readline'
const { machineClock: clock } = await import(${built('config/machine-clock.js')})
const { silentLog: log } = await import(${built('domain/effects.js')})
const { holdLease } = await import(${built('pipeline/hold-lease.js')})
const { writeUnderLease } = await import(${built('store/lease.js')})
const { openStore } = await import(${built('store/open-store.js')})
const [file, migrationsFolder] = process.argv.slice(1)
const store = openStore({ file, migrationsFolder })
const say = words => process.stdout.write(words.join(' ') + '\\n')
let held, letGo
const commands = {
  take() {
    holdLease({ store, clock, log }, 'sweep', lease => {
      held = lease
      say(['won', lease.fence])
      return new Promise(resolve => { letGo = resolve })
    }).then(() => say(['released']), error => say(['refused', error.exitCode ?? error]))
  },
  write() {
    const insert = store.sqlite.prepare('INSERT INTO written VALUES (?, ?)')
    try {
      writeUnderLease(store, held, () => insert.run(held.fence, process.pid))
      say(['written'])
    } catch (error) { say(['refused', error.exitCode ?? error]) }
  },
  release: () => letGo(),
}
say(['ready'])
for await (const word of createInterface({ input: process.stdin })) commands[word]()
`

interface OtherProcess {
  child: ChildProcess
  ended: Promise<unknown>
  /** Sends a word; resolves with the next line it says. */
  ask(word: 'take' | 'write' | 'release'): Promise<string>
}

async function startOther(file: string): Promise<OtherProcess> {
  if (!existsSync(join(DIST, 'pipeline', 'hold-lease.js'))) throw new Error('type "npm run build" first')
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, file, MIGRATIONS], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async () => String((await lines.next()).value)
  expect(await hear()).toBe('ready')
  return {
    child,
    ended,
    ask(word) {
      child.stdin.write(`${word}\n`)
      return hear()
    },
  }
}

function leasedFile(): { file: string; store: Store } {
  const file = join(temporaryFolder(), 'census.db')
  const store = temporaryStore(file)
  store.sqlite.exec('CREATE TABLE written (fence integer NOT NULL, pid integer NOT NULL) STRICT')
  return { file, store }
}

function connect(file: string, busyTimeout = 20): Store {
  const store = openStore({ file, migrationsFolder: MIGRATIONS, busyTimeout })
  onTestFinished(() => store.close())
  return store
}

const written = (store: Store) =>
  store.sqlite.prepare('SELECT fence, pid FROM written ORDER BY rowid').raw().all()
const tokenOf = (store: Store) => store.sqlite.prepare('SELECT token FROM lease').pluck().get()

/** The lease seems to be of a machine nobody can ask. */
function moveElsewhere(store: Store): void {
  store.sqlite.exec("UPDATE lease SET pid_space = 'another boot', host = 'elsewhere'")
}

function listeningLog(): Log & { heard: { fields: Record<string, unknown>; message: string }[] } {
  const heard: { fields: Record<string, unknown>; message: string }[] = []
  return { ...silentLog, heard, warn: (fields, message) => void heard.push({ fields, message }) }
}

/** What a promise was refused with. */
async function refusal(attempt: Promise<unknown>): Promise<LeaseError> {
  const error = await attempt.then(
    value => new Error(`not refused: ${String(value)}`),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(LeaseError)
  return error as LeaseError
}

describe('several processes', () => {
  test('that race for the lease, 6 of them for 10 rounds, have exactly one winner each time', async () => {
    const { file, store } = leasedFile()
    const others = await Promise.all(Array.from({ length: 6 }, () => startOther(file)))
    const winners: (number | undefined)[] = []
    for (let round = 1; round <= 10; round += 1) {
      const answers = await Promise.all(others.map(other => other.ask('take')))
      expect(answers.toSorted()).toEqual([...Array(5).fill('refused 4'), `won ${round}`])
      const winner = others[answers.indexOf(`won ${round}`)]!
      winners.push(winner.child.pid)
      expect(await winner.ask('write')).toBe('written')
      expect(await winner.ask('release')).toBe('released')
    }
    expect(written(store)).toEqual(winners.map((pid, index) => [index + 1, pid]))
  }, 60_000)

  test('that race for the lease of a killed one have exactly one heir, at once', async () => {
    const { file } = leasedFile()
    let others = await Promise.all(Array.from({ length: 6 }, () => startOther(file)))
    let holder = others[0]!
    expect(await holder.ask('take')).toBe('won 1')
    for (let fence = 2; fence <= 5; fence += 1) {
      const killed = holder
      killed.child.kill('SIGKILL')
      await killed.ended
      others = others.filter(other => other !== killed)
      const answers = await Promise.all(others.map(other => other.ask('take')))
      expect(answers.filter(answer => answer === `won ${fence}`)).toHaveLength(1)
      expect(answers.filter(answer => answer === 'refused 4')).toHaveLength(others.length - 1)
      holder = others[answers.indexOf(`won ${fence}`)]!
    }
  }, 60_000)

  test('a stopped one is not doubled before the limit, and is fenced off when it wakes after it', async () => {
    const { file, store } = leasedFile()
    const other = await startOther(file)
    expect(await other.ask('take')).toBe('won 1')
    expect(await other.ask('write')).toBe('written')
    other.child.kill('SIGSTOP')

    const clock = fakeClock(Date.now() + 60_000)
    const early = await refusal(holdLease({ store, clock, log: silentLog }, 'sweep', async () => 'doubled'))
    expect(early.remedy.happened).toContain(`held by process ${other.child.pid}`)
    expect(clock.slept).toEqual([])

    clock.set(Date.now() + LIMIT + 1000)
    const log = listeningLog()
    const end = await holdLease({ store, clock, log }, 'sweep', async lease => {
      expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(LIMIT)
      other.child.kill('SIGCONT')
      expect(await other.ask('write')).toBe('refused 4')
      // It ends, and must not free what is not its own any more.
      other.child.stdin?.write('release\n')
      writeUnderLease(store, lease, () =>
        store.sqlite.prepare('INSERT INTO written VALUES (?, 0)').run(lease.fence),
      )
      return lease.fence
    })
    expect(end).toBe(2)
    expect(written(store)).toEqual([
      [1, other.child.pid],
      [2, 0],
    ])
    expect(log.heard.map(({ message }) => message)).toEqual([
      'watching whether the holder of the lease lives',
      'lease taken over',
    ])
    expect(log.heard.at(-1)?.fields).toMatchObject({ because: 'silent', pid: other.child.pid, fence: 2 })
  }, 60_000)
})

describe('a clock that jumps', () => {
  /** A machine whose sleeps are seen by a holder that beats every 20 seconds, by its own clock. */
  function beside(holder: Store, lease: Lease, now: number, itsClock: (beat: number) => number) {
    const clock = fakeClock(now)
    let waited = 0
    let beats = 0
    const sleep = async (ms: number) => {
      waited += ms
      if (waited % BEAT === 0) beatLease(holder, lease, itsClock(++beats))
    }
    return { clock: { ...clock, sleep }, waited: () => waited }
  }

  test.each([
    ['ours by +3 days', 3 * DAY, (beat: number) => NOON + beat * BEAT],
    ['ours by -1 day', -DAY, (beat: number) => NOON + beat * BEAT],
    ['the holder’s by +3 days', 0, (beat: number) => NOON + 3 * DAY + beat * BEAT],
    ['both by +3 days', 3 * DAY, (beat: number) => NOON + 3 * DAY + beat * BEAT],
    ['the holder’s again and again, to the same instant', -DAY, () => NOON],
  ])('never costs a living holder its lease: %s', async (_, ours, itsClock) => {
    const { file, store } = leasedFile()
    const living = connect(file)
    const attempt = takeLease(living, 'sweep', NOON)
    if (attempt.kind !== 'taken') throw new Error('the file was new')
    for (const elsewhere of [false, true]) {
      if (elsewhere) moveElsewhere(store)
      const { clock, waited } = beside(living, attempt.lease, NOON + ours, itsClock)
      const error = await refusal(holdLease({ store, clock, log: silentLog }, 'sweep', async () => 'doubled'))
      expect(error.exitCode).toBe(4)
      expect(waited()).toBeLessThanOrEqual(BEAT)
    }
    expect(beatLease(living, attempt.lease, NOON)).toBe(true)
  })

  test.each([
    ['the day after', DAY],
    ['at a clock set back by a day', -DAY],
    ['at a clock that was three days ahead when it beat', -3 * DAY],
  ])('never locks the lease of a dead holder of another boot: %s', async (_, jump) => {
    const { store } = leasedFile()
    takeLease(store, 'sweep', NOON)
    moveElsewhere(store)
    const clock = fakeClock(NOON + jump)
    expect(await holdLease({ store, clock, log: silentLog }, 'sweep', async ({ fence }) => fence)).toBe(2)
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(LIMIT)
  })

  test('does not make a watcher wait for a holder that ends meanwhile', async () => {
    const { file, store } = leasedFile()
    takeLease(connect(file), 'sweep', NOON)
    moveElsewhere(store)
    const clock = fakeClock(NOON + DAY)
    const sleep = async (ms: number) => {
      await clock.sleep(ms)
      if (clock.slept.length === 3) store.sqlite.exec('UPDATE lease SET token = NULL')
    }
    const fence = await holdLease(
      { store, clock: { ...clock, sleep }, log: silentLog },
      'sweep',
      async l => l.fence,
    )
    expect([fence, clock.slept.length]).toEqual([2, 3])
  })

  test('of two watchers of one dead holder lets one take over', async () => {
    const { file, store } = leasedFile()
    takeLease(store, 'sweep', NOON)
    moveElsewhere(store)
    const attempts = [store, connect(file)].map(each =>
      holdLease({ store: each, clock: fakeClock(NOON + DAY), log: silentLog }, 'sweep', async ({ fence }) => {
        await new Promise(resolve => setTimeout(resolve, 50))
        return fence
      }),
    )
    const ends = await Promise.allSettled(attempts)
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('lets a watcher be stopped', async () => {
    const { store } = leasedFile()
    takeLease(store, 'sweep', NOON)
    moveElsewhere(store)
    const signal = AbortSignal.abort(new Error('stopped by SIGTERM'))
    const clock = fakeClock(NOON + DAY)
    await expect(
      holdLease({ store, clock, log: silentLog, signal }, 'sweep', async () => 'ran'),
    ).rejects.toThrow('stopped by SIGTERM')
  })
})

describe('a held lease', () => {
  test('is free again after a good end, an error and a stop', async () => {
    const { store } = leasedFile()
    const effects = { store, clock: fakeClock(NOON), log: silentLog }
    expect(await holdLease(effects, 'sweep', async () => 'done')).toBe('done')
    expect(tokenOf(store)).toBe(null)
    const fails = holdLease(effects, 'sweep', () => Promise.reject(new Error('no page')))
    await expect(fails).rejects.toThrow('no page')
    expect(tokenOf(store)).toBe(null)

    const stop = new AbortController()
    const stopped = holdLease({ ...effects, signal: stop.signal }, 'sweep', async (_, signal) => {
      stop.abort(new Error('stopped by SIGINT'))
      return signal.aborted ? 'ended after the page' : 'went on'
    })
    expect(await stopped).toBe('ended after the page')
    expect(tokenOf(store)).toBe(null)
  })

  test('is shown to be alive every 20 seconds, and a beat that a busy file refuses is made up by the next', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { file, store } = leasedFile()
    const holder = connect(file)
    const clock = fakeClock(NOON)
    const log = listeningLog()
    const beatAt = () => store.sqlite.prepare('SELECT beat_at FROM lease').pluck().get()
    await holdLease({ store: holder, clock, log }, 'sweep', async (_, signal) => {
      clock.set(NOON + BEAT)
      vi.advanceTimersByTime(BEAT)
      expect(beatAt()).toBe(NOON + BEAT)
      store.sqlite.exec('BEGIN IMMEDIATE')
      clock.set(NOON + 2 * BEAT)
      vi.advanceTimersByTime(BEAT)
      store.sqlite.exec('ROLLBACK')
      expect(beatAt()).toBe(NOON + BEAT)
      expect(log.heard.map(({ message }) => message)).toEqual(['the lease could not be renewed'])
      clock.set(NOON + 3 * BEAT)
      vi.advanceTimersByTime(BEAT)
      expect(beatAt()).toBe(NOON + 3 * BEAT)
      expect(signal.aborted).toBe(false)
    })
    vi.advanceTimersByTime(10 * BEAT)
    expect(beatAt()).toBe(NOON + 3 * BEAT)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is lost aborts the signal at the next beat, and a run that then ends well has failed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { file, store } = leasedFile()
    const other = connect(file)
    const clock = fakeClock(NOON)
    const run = holdLease({ store, clock, log: silentLog }, 'sweep', async (_, signal) => {
      const seen = takeLease(other, 'sweep', NOON)
      takeLease(other, 'sweep', NOON, seen.kind === 'held' ? seen.holder : undefined)
      expect(signal.aborted).toBe(false)
      vi.advanceTimersByTime(BEAT)
      expect(signal.reason).toBeInstanceOf(LeaseError)
      return 'ended after the page'
    })
    expect((await refusal(run)).remedy.happened).toContain('(fence 1) showed no sign of life')
    expect(tokenOf(other)).not.toBe(null)
  })

  test('that cannot be freed is only warned of: the end of the run stands', async () => {
    const { file, store } = leasedFile()
    const log = listeningLog()
    const end = await holdLease({ store: connect(file), clock: fakeClock(NOON), log }, 'sweep', async () => {
      store.sqlite.exec('BEGIN IMMEDIATE')
      return 'done'
    })
    store.sqlite.exec('ROLLBACK')
    expect(end).toBe('done')
    expect(log.heard.map(({ message }) => message)).toEqual(['the lease could not be freed'])
    // Another process has to see this one gone or silent; this one knows.
    expect(await holdLease({ store, clock: fakeClock(NOON), log }, 'sweep', async ({ fence }) => fence)).toBe(
      2,
    )
    expect(log.heard).toHaveLength(1)
  })
})
