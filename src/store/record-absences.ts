import type { Store } from './open-store.ts'

/** Who was known before and is not in the list of this sweep. Those that are gone already are never noted. */
export interface Absences {
  add(sweepKey: number, repoKey: number): void
  /** Everybody above `low` and up to `high` (`_id`s; null for no end): the list ended before them. Says how many. */
  addRange(sweepKey: number, low: string, high: Buffer | null): number
  /** Takes one back that was listed after all; says whether it was noted. */
  remove(sweepKey: number, repoKey: number): boolean
}

const ABOVE_EVERY_ID = Buffer.alloc(12, 0xff)

export function openAbsences({ sqlite }: Store): Absences {
  const miss = sqlite.prepare('INSERT OR IGNORE INTO sweep_absence (sweep_key, repo_key) VALUES (?, ?)')
  const missRange = sqlite.prepare(
    `INSERT OR IGNORE INTO sweep_absence (sweep_key, repo_key)
     SELECT ?, repo_key FROM repo WHERE hub_id > unhex(?) AND hub_id <= ? AND gone_on IS NULL`,
  )
  const unmiss = sqlite.prepare('DELETE FROM sweep_absence WHERE sweep_key = ? AND repo_key = ?')
  return {
    add: (sweepKey, repoKey) => {
      miss.run(sweepKey, repoKey)
    },
    addRange: (sweepKey, low, high) => missRange.run(sweepKey, low, high ?? ABOVE_EVERY_ID).changes,
    remove: (sweepKey, repoKey) => unmiss.run(sweepKey, repoKey).changes > 0,
  }
}
