import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src/domain/effects.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { createHubClient, type HubClient } from '../../src/source/hub-client.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'

export const PACKAGE_ROOT = join(import.meta.dirname, '..', '..')
export const MIGRATIONS = join(PACKAGE_ROOT, 'migrations')
export const REGISTRY = join(PACKAGE_ROOT, 'src', 'registry')

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A real census file that goes with the test. */
export function temporaryStore(file = join(temporaryFolder(), 'census.db')): Store {
  const store = openStore({ file, migrationsFolder: MIGRATIONS })
  onTestFinished(() => store.close())
  return store
}

/** A clock that stands where it is put, moves only by sleeping, and remembers how long each sleep was. */
export function fakeClock(
  start: string | number,
): Clock & { slept: number[]; set(instant: string | number): void } {
  let instant = new Date(start).getTime()
  const slept: number[] = []
  return {
    slept,
    now: () => instant,
    set(next) {
      instant = new Date(next).getTime()
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      instant += ms
    },
  }
}

/** A client of a miniature Hub that never waits in earnest. */
export function clientOf(
  hub: { origin: string },
  clock: Clock,
  options: { token?: string; attempts?: number; quotaShare?: number; log?: typeof silentLog } = {},
): HubClient {
  const client = createHubClient({
    endpoint: hub.origin,
    token: options.token ?? null,
    userAgent: 'hub-census-test',
    quotaShare: options.quotaShare ?? 1,
    clock,
    log: options.log ?? silentLog,
    attempts: options.attempts ?? 3,
    random: () => 0,
  })
  onTestFinished(() => client.close())
  return client
}
