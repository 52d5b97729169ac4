import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { and, eq, sql } from 'drizzle-orm'
import type { Store } from './open-store.ts'
import { lease as leaseTable } from './schema/lease.ts'
import { LeaseError } from './store-error.ts'

/** The right to do what only one process at a time may do, as long as nobody has taken it over. */
export interface Lease {
  name: string
  /** Greater than that of every earlier holder. */
  fence: number
  /** Unique to this taking, so that two runs in one process exclude each other too. */
  token: string
}

/** Who has a lease: the row of the table. Times are milliseconds since the epoch by the holder's clock. */
export type LeaseHolder = typeof leaseTable.$inferSelect

export type LeaseAttempt =
  | { kind: 'taken'; lease: Lease; takenOver: { from: LeaseHolder; because: 'gone' | 'silent' } | null }
  | { kind: 'held'; holder: LeaseHolder }

/** Tokens that this process has done with and could not free, the file being full, read-only or busy. */
const LEFT_BEHIND = new Set<string>()

/**
 * Takes a lease in one IMMEDIATE transaction when it is free or left behind by this process, when its holder's process
 * provably exists no more, or when its latest beat is still `silent`, the one the caller has watched standing still for
 * too long. It never asks how old a beat is: a wall clock can jump. Throws what SQLite throws.
 */
export function takeLease(store: Store, name: string, now: number, silent?: LeaseHolder): LeaseAttempt {
  const self = thisProcess()
  const attempt = store.sqlite.transaction((): LeaseAttempt => {
    const last = store.db.select().from(leaseTable).where(eq(leaseTable.name, name)).get()
    const isFree = last === undefined || last.token === null || LEFT_BEHIND.has(last.token)
    const holder = isFree ? null : last
    const because = holder === null ? null : whyOver(holder, self.pidSpace, silent)
    if (holder !== null && because === null) return { kind: 'held', holder }
    const lease = { name, fence: (last?.fence ?? 0) + 1, token: randomUUID() }
    const row = { ...self, ...lease, takenAt: now, beatAt: now }
    store.db.insert(leaseTable).values(row).onConflictDoUpdate({ target: leaseTable.name, set: row }).run()
    return { kind: 'taken', lease, takenOver: holder && because ? { from: holder, because } : null }
  })
  return attempt.immediate()
}

/** Shows that the holder lives; false when the lease is no longer its own. Throws what SQLite throws. */
export function beatLease(store: Store, lease: Lease, now: number): boolean {
  // A watcher looks for a change, so a beat is one even when the clock stands still or was set back.
  const beatAt = sql`${now} + (${leaseTable.beatAt} = ${now})`
  return store.db.update(leaseTable).set({ beatAt }).where(isOwn(lease)).run().changes > 0
}

/**
 * Frees the lease; does nothing when it is no longer the holder's own. Throws what SQLite throws; this process can then
 * take the lease again all the same.
 */
export function releaseLease(store: Store, lease: Lease): void {
  try {
    store.db.update(leaseTable).set({ token: null }).where(isOwn(lease)).run()
  } catch (error) {
    LEFT_BEHIND.add(lease.token)
    throw error
  }
}

/**
 * Throws a LeaseError when the lease was taken over. Fences only inside the IMMEDIATE transaction of the write it is to
 * guard: outside, the lease can change hands between the question and the write.
 */
export function requireLease(store: Store, lease: Lease): void {
  const own = store.db.select({ fence: leaseTable.fence }).from(leaseTable).where(isOwn(lease)).get()
  if (own === undefined) throw leaseLost(store, lease)
}

/** Runs `write` in one IMMEDIATE transaction that fails with a LeaseError when the lease was taken over. */
export function writeUnderLease<T>(store: Store, lease: Lease, write: () => T): T {
  const commit = store.sqlite.transaction(() => {
    requireLease(store, lease)
    return write()
  })
  return commit.immediate()
}

/** Whether two sights of a holder show no sign of life in between. */
export function isSameBeat(one: LeaseHolder, other: LeaseHolder): boolean {
  return one.token === other.token && one.beatAt === other.beatAt
}

/** Says who has the lease, to somebody who wants it. */
export function leaseHeld(store: Store, holder: LeaseHolder): LeaseError {
  return new LeaseError({
    happened: `${store.file}: the ${holder.name} is held by ${nameProcess(holder)} since ${instant(holder.takenAt)}, last heard of at ${instant(holder.beatAt)}.`,
    kept: 'Nothing was written; that process goes on.',
    next: `Let it finish, or stop it (kill ${holder.pid}), and run the same command again; when that process is dead, the same command finds out.`,
  })
}

/** Says to a former holder who has the lease now. */
export function leaseLost(store: Store, { name, fence }: Lease): LeaseError {
  const now = store.db.select().from(leaseTable).where(eq(leaseTable.name, name)).get()
  const heir = now ? `${nameProcess(now)}, at ${instant(now.takenAt)}` : 'nobody known'
  return new LeaseError({
    happened: `${store.file}: this ${name} (fence ${fence}) showed no sign of life for minutes and was taken over by ${heir}.`,
    kept: 'Nothing was written after that; every page committed before is in the file.',
    next: 'Let the other process finish; running the same command again then resumes or says that all is done.',
  })
}

function isOwn({ name, token }: Lease) {
  return and(eq(leaseTable.name, name), eq(leaseTable.token, token))
}

function whyOver(holder: LeaseHolder, pidSpace: string | null, silent?: LeaseHolder) {
  if (isGone(holder, pidSpace)) return 'gone'
  return silent !== undefined && isSameBeat(holder, silent) ? 'silent' : null
}

/** True only when it is certain: a process of another machine, boot or container cannot be looked up from here. */
function isGone(holder: LeaseHolder, pidSpace: string | null): boolean {
  if (pidSpace === null || holder.pidSpace !== pidSpace) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return true
  }
  const found = findProcess(String(holder.pid))
  if (found === null) return false
  return found.isEnded || (holder.processStart !== null && holder.processStart !== found.start)
}

function thisProcess(): Pick<LeaseHolder, 'pid' | 'processStart' | 'host' | 'pidSpace'> {
  return {
    pid: process.pid,
    processStart: findProcess('self')?.start ?? null,
    host: readProc('sys/kernel/hostname'),
    pidSpace: findPidSpace(),
  }
}

function findPidSpace(): string | null {
  try {
    // A /proc of another pid namespace would answer about other processes than the pids in the table name.
    if (readlinkSync('/proc/self') !== String(process.pid)) return null
    const bootId = readProc('sys/kernel/random/boot_id')
    return bootId === null ? null : `${bootId} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return null
  }
}

function findProcess(pid: string): { isEnded: boolean; start: number } | null {
  const stat = readProc(`${pid}/stat`)
  if (stat === null) return null
  // The second field is the program's name in brackets and may hold anything; the third and the 22nd are wanted.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const start = Number(fields[19])
  if (!Number.isSafeInteger(start)) return null
  // Killed and not yet collected by its parent: still there for kill(2), and never to run again.
  return { isEnded: fields[0] === 'Z' || fields[0] === 'X', start }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, 'utf8').trim()
  } catch {
    return null
  }
}

function nameProcess({ pid, host }: LeaseHolder): string {
  return host === null ? `process ${pid}` : `process ${pid} on ${host}`
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
