import { eq } from 'drizzle-orm'
import type { Store } from './open-store.ts'
import { jobRun } from './schema/derived.ts'

/** Notes that a job began; returns its key. Times are milliseconds since the epoch. */
export function beginJobRun(store: Store, job: string, startedAt: number): number {
  return store.db.insert(jobRun).values({ job, startedAt }).returning({ key: jobRun.jobRunKey }).get().key
}

/** Notes how a job ended. */
export function endJobRun(
  store: Store,
  key: number,
  end: { finishedAt: number; exitCode: number; summary: string },
): void {
  store.db.update(jobRun).set(end).where(eq(jobRun.jobRunKey, key)).run()
}
