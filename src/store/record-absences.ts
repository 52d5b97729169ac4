import type { Store } from './open-store.ts'
import type { KnownRepo } from './record-repo.ts'

/** Who was known before and is not in the list of this sweep. */
export interface Absences {
  /** Notes those that are not gone already; says how many. */
  add(sweepKey: number, unseen: Iterable<KnownRepo>): number
  /** Takes one back that was listed after all; says whether it was noted. */
  remove(sweepKey: number, repoKey: number): boolean
}

export function openAbsences({ sqlite }: Store): Absences {
  const miss = sqlite.prepare('INSERT OR IGNORE INTO sweep_absence (sweep_key, repo_key) VALUES (?, ?)')
  const unmiss = sqlite.prepare('DELETE FROM sweep_absence WHERE sweep_key = ? AND repo_key = ?')
  return {
    add(sweepKey, unseen) {
      let count = 0
      for (const [repoKey, , goneOn] of unseen) {
        if (goneOn !== null) continue
        miss.run(sweepKey, repoKey)
        count += 1
      }
      return count
    },
    remove: (sweepKey, repoKey) => unmiss.run(sweepKey, repoKey).changes > 0,
  }
}
