import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  beatLease,
  type Lease,
  type LeaseAttempt,
  type LeaseHolder,
  leaseHeld,
  releaseLease,
  requireLease,
  takeLease,
  writeUnderLease,
} from '../../src/store/lease.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { LeaseError } from '../../src/store/store-error.ts'
import { MIGRATIONS, temporaryFolder, temporaryStore } from '../support/census.ts'
import { until } from '../support/cli.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const HOUR = 3600_000
const HAS_PROC = existsSync('/proc/self/ns/pid')

/** Two connections to one file, as two processes have them. */
function twoStores(): [Store, Store] {
  const file = join(temporaryFolder(), 'census.db')
  const one = temporaryStore(file)
  const other = openStore({ file, migrationsFolder: MIGRATIONS, busyTimeout: 20 })
  onTestFinished(() => other.close())
  return [one, other]
}

function taken(attempt: LeaseAttempt): Lease {
  if (attempt.kind !== 'taken') throw new Error(`held by ${attempt.holder.pid}`)
  return attempt.lease
}

function held(attempt: LeaseAttempt): LeaseHolder {
  if (attempt.kind !== 'held') throw new Error('it was taken')
  return attempt.holder
}

function refusal(write: () => unknown): LeaseError {
  try {
    write()
  } catch (error) {
    expect(error).toBeInstanceOf(LeaseError)
    return error as LeaseError
  }
  throw new Error('it was not refused')
}

/** Third field and 22nd of a process's stat: its state and when it began. */
function statOf(pid: number): { state: string; start: number } {
  const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return { state: state ?? '', start: Number(rest[18]) }
}

/** The lease passes for one that another process of this machine took. */
function giveTo(store: Store, pid: number, start: number): void {
  store.sqlite.prepare('UPDATE lease SET pid = ?, process_start = ?').run(pid, start)
}

function startSleeping(): { child: ChildProcess; pid: number; start: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const pid = child.pid!
  return { child, pid, start: statOf(pid).start }
}

describe('a lease', () => {
  test('is given once, and again when it is free, with a greater fence each time', () => {
    const [one, other] = twoStores()
    const first = taken(takeLease(one, 'sweep', NOON))
    expect(held(takeLease(other, 'sweep', NOON))).toMatchObject({ pid: process.pid, fence: 1, takenAt: NOON })
    releaseLease(one, first)
    const second = takeLease(other, 'sweep', NOON + 1)
    expect(second).toMatchObject({ kind: 'taken', takenOver: null, lease: { fence: 2 } })
    // What is no longer one's own cannot be freed.
    releaseLease(one, first)
    expect(held(takeLease(one, 'sweep', NOON)).fence).toBe(2)
  })

  test('of one name leaves another name free', () => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    expect(taken(takeLease(other, 'publish', NOON)).fence).toBe(1)
  })

  test('is not had twice by one process either: two runs in it exclude each other', () => {
    const [one] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    expect(takeLease(one, 'sweep', NOON).kind).toBe('held')
  })

  test.each([3 * 24 * HOUR, -24 * HOUR, 100 * 365 * 24 * HOUR])(
    'is not taken over because a clock moved by %d ms',
    jump => {
      const [one, other] = twoStores()
      taken(takeLease(one, 'sweep', NOON))
      expect(takeLease(other, 'sweep', NOON + jump).kind).toBe('held')
    },
  )

  test('shows every beat, even by a clock that stands still or goes back', () => {
    const [one, other] = twoStores()
    const lease = taken(takeLease(one, 'sweep', NOON))
    const seen = new Set([NOON])
    for (const now of [NOON, NOON, NOON - HOUR, NOON - HOUR]) {
      const before = held(takeLease(other, 'sweep', NOON)).beatAt
      expect(beatLease(one, lease, now)).toBe(true)
      const after = held(takeLease(other, 'sweep', NOON)).beatAt
      expect(after).not.toBe(before)
      seen.add(after)
    }
    expect(Math.min(...seen)).toBe(NOON - HOUR)
  })

  test('is taken over from a beat that was watched standing still, and not when it beat meanwhile', () => {
    const [one, other] = twoStores()
    const lease = taken(takeLease(one, 'sweep', NOON))
    const watched = held(takeLease(other, 'sweep', NOON))
    beatLease(one, lease, NOON)
    const again = held(takeLease(other, 'sweep', NOON, watched))
    const attempt = takeLease(other, 'sweep', NOON, again)
    expect(attempt).toMatchObject({ kind: 'taken', takenOver: { because: 'silent', from: { fence: 1 } } })
    expect(beatLease(one, lease, NOON)).toBe(false)
    expect(beatLease(other, taken(attempt), NOON)).toBe(true)
  })

  test('says who has it, since when and what to do, with exit code 4', () => {
    const [one, other] = twoStores()
    const lease = taken(takeLease(one, 'sweep', NOON))
    beatLease(one, lease, NOON + 20_000)
    const { exitCode, remedy } = leaseHeld(other, held(takeLease(other, 'sweep', NOON)))
    expect(exitCode).toBe(4)
    expect(remedy.happened).toContain(`the sweep is held by process ${process.pid}`)
    expect(remedy.happened).toContain(
      'since 2026-03-01T12:00:00.000Z, last heard of at 2026-03-01T12:00:20.000Z',
    )
    expect(remedy.kept).toContain('Nothing was written')
    expect(remedy.next).toContain(`kill ${process.pid}`)
  })
})

describe('the fence', () => {
  test('lets the holder write and rolls back a write of a former one', () => {
    const [one, other] = twoStores()
    one.sqlite.exec('CREATE TABLE written (fence integer NOT NULL) STRICT')
    const lease = taken(takeLease(one, 'sweep', NOON))
    const write = (store: Store, { fence }: Lease) =>
      store.sqlite.prepare('INSERT INTO written VALUES (?)').run(fence)
    writeUnderLease(one, lease, () => write(one, lease))
    const heir = taken(takeLease(other, 'sweep', NOON, held(takeLease(other, 'sweep', NOON))))
    writeUnderLease(other, heir, () => write(other, heir))

    const error = refusal(() => writeUnderLease(one, lease, () => write(one, lease)))
    expect(error.exitCode).toBe(4)
    expect(error.remedy.happened).toContain(`(fence 1)`)
    expect(error.remedy.happened).toContain(`taken over by process ${process.pid}`)
    // As a page recorder does: write first, ask last; the transaction takes it all back.
    const late = one.sqlite.transaction(() => {
      write(one, lease)
      requireLease(one, lease)
    })
    refusal(() => late.immediate())
    expect(other.sqlite.prepare('SELECT fence FROM written').pluck().all()).toEqual([1, 2])
  })

  test('holds although the heir has finished, and although the row is gone', () => {
    const [one, other] = twoStores()
    const lease = taken(takeLease(one, 'sweep', NOON))
    releaseLease(other, taken(takeLease(other, 'sweep', NOON, held(takeLease(other, 'sweep', NOON)))))
    refusal(() => requireLease(one, lease))
    other.sqlite.exec('DELETE FROM lease')
    refusal(() => requireLease(one, lease))
    expect(beatLease(one, lease, NOON)).toBe(false)
  })

  test('is not passed while another writer has the file', () => {
    const [one, other] = twoStores()
    const lease = taken(takeLease(other, 'sweep', NOON))
    one.sqlite.exec('BEGIN IMMEDIATE')
    expect(() => beatLease(other, lease, NOON)).toThrow(/database is locked/)
    expect(() => takeLease(other, 'sweep', NOON)).toThrow(/database is locked/)
    one.sqlite.exec('ROLLBACK')
    expect(beatLease(other, lease, NOON)).toBe(true)
  })
})

describe.skipIf(!HAS_PROC)('a holder on this machine', () => {
  test('keeps the lease while its process lives, whatever the clock says', () => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    const { child, pid, start } = startSleeping()
    giveTo(one, pid, start)
    expect(held(takeLease(other, 'sweep', NOON + 72 * HOUR)).pid).toBe(pid)
    child.kill('SIGSTOP')
    expect(held(takeLease(other, 'sweep', NOON + 72 * HOUR)).pid).toBe(pid)
  })

  test('is replaced at once when it was killed', async () => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    const { child, pid, start } = startSleeping()
    giveTo(one, pid, start)
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    expect(takeLease(other, 'sweep', NOON)).toMatchObject({
      kind: 'taken',
      lease: { fence: 2 },
      takenOver: { because: 'gone', from: { pid } },
    })
  })

  test('is replaced at once when it was killed and its parent has not collected it', async () => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    // The shell becomes a sleep, which never collects the child it was left with.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => {
      parent.kill('SIGKILL')
    })
    const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)))
    await until(
      () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').startsWith('sleep'),
      'the shell becomes sleep',
    )
    giveTo(one, pid, statOf(pid).start)
    expect(takeLease(other, 'sweep', NOON).kind).toBe('held')
    process.kill(pid, 'SIGKILL')
    await until(() => statOf(pid).state === 'Z', 'the child is a zombie')
    expect(takeLease(other, 'sweep', NOON)).toMatchObject({ takenOver: { because: 'gone' } })
  })

  test('is replaced at once when its pid belongs to a later process', () => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    giveTo(one, process.pid, statOf(process.pid).start - 1)
    expect(takeLease(other, 'sweep', NOON)).toMatchObject({ takenOver: { because: 'gone' } })
  })

  test.each([
    ['another boot', '00000000-0000-4000-8000-000000000000 pid:[4026531836]'],
    ['another container of this boot', `${readBootId()} pid:[1]`],
    ['a system without /proc', null],
  ])('is not looked up by its pid when it is of %s', (_, pidSpace) => {
    const [one, other] = twoStores()
    taken(takeLease(one, 'sweep', NOON))
    // Beyond the greatest pid of Linux: surely nobody here.
    one.sqlite.prepare('UPDATE lease SET pid = 4194305, pid_space = ?').run(pidSpace)
    expect(held(takeLease(other, 'sweep', NOON)).pid).toBe(4_194_305)
    one.sqlite.prepare('UPDATE lease SET pid_space = ?').run(ownPidSpace(other))
    expect(takeLease(other, 'sweep', NOON)).toMatchObject({ takenOver: { because: 'gone' } })
  })
})

function readBootId(): string {
  return HAS_PROC ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : ''
}

function ownPidSpace(store: Store): string | null {
  taken(takeLease(store, 'another', NOON))
  return held(takeLease(store, 'another', NOON)).pidSpace
}
