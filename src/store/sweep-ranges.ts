import { asc, eq } from 'drizzle-orm'
import type { SweepRange } from '../domain/sweep.ts'
import type { Store } from './open-store.ts'
import { sweepRange } from './schema/sweep.ts'

/** The ranges of a sweep in creation order. */
export function listRanges(store: Store, sweepKey: number): SweepRange[] {
  return store.db
    .select()
    .from(sweepRange)
    .where(eq(sweepRange.sweepKey, sweepKey))
    .orderBy(asc(sweepRange.range))
    .all()
    .map(({ range, afterHubId, untilHubId, cursor, pageCount, isDone }) => ({
      range,
      afterHubId: afterHubId?.toString('hex') ?? null,
      untilHubId: untilHubId?.toString('hex') ?? null,
      cursor,
      pageCount,
      isDone,
    }))
}

/** Gives a new sweep its ranges: one more than there are boundaries (`_id`s, ascending, each the last of its range). */
export function addRanges(store: Store, sweepKey: number, boundaries: readonly string[]): void {
  const ends = boundaries.map(hubId => Buffer.from(hubId, 'hex'))
  store.db
    .insert(sweepRange)
    .values(
      [...ends, null].map((untilHubId, range) => ({
        sweepKey,
        range,
        afterHubId: ends[range - 1] ?? null,
        untilHubId,
      })),
    )
    .run()
}

/** `_id`s that part the known repositories into `count` stretches of about equal length; fewer when few are known. */
export function findBoundaries(store: Store, count: number): string[] {
  const known = store.sqlite.prepare<[], number>('SELECT count(*) FROM repo').pluck().get()!
  const find = store.sqlite
    .prepare<[number], string>('SELECT lower(hex(hub_id)) FROM repo ORDER BY hub_id LIMIT 1 OFFSET ?')
    .pluck()
  const found = Array.from({ length: count - 1 }, (_, index) =>
    find.get(Math.ceil((known * (index + 1)) / count) - 1),
  )
  return [...new Set(found.filter(hubId => hubId !== undefined))]
}
