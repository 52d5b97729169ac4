import type { Store } from './open-store.ts'

/** Days on which a repository was known and not listed: from the first to before the last (days since 1970-01-01). */
export type Absences = readonly (readonly [from: number, before: number])[]

/**
 * Reads the absences of the repositories with keys from `low` to below `high`: while it was gone, and the days of complete
 * sweeps that missed it without making it gone. Most have none, and are left out.
 */
export function openAbsenceReader({ sqlite }: Store): (low: number, high: number) => Map<number, Absences> {
  const turns = sqlite
    .prepare<[number, number], [number, number, number]>(
      `SELECT repo_key, day, kind = 'removal' FROM event
       WHERE repo_key >= ? AND repo_key < ? AND kind IN ('removal', 'return') ORDER BY repo_key, day, event_key`,
    )
    .raw()
  const missed = sqlite
    .prepare<[number, number], [number, number]>(
      `SELECT repo_key, day FROM sweep CROSS JOIN sweep_absence USING (sweep_key)
       WHERE state = 'complete' AND repo_key >= ? AND repo_key < ?`,
    )
    .raw()
  return (low, high) => {
    const found = new Map<number, [number, number][]>()
    const add = (repoKey: number, from: number, before: number) => {
      const known = found.get(repoKey)
      if (known) known.push([from, before])
      else found.set(repoKey, [[from, before]])
    }
    const goneOn = new Map<number, number>()
    for (const [repoKey, day, isRemoval] of turns.all(low, high)) {
      const since = goneOn.get(repoKey)
      if (isRemoval === 1) goneOn.set(repoKey, since ?? day)
      else if (since !== undefined) {
        add(repoKey, since, day)
        goneOn.delete(repoKey)
      }
    }
    for (const [repoKey, since] of goneOn) add(repoKey, since, Number.POSITIVE_INFINITY)
    for (const [repoKey, day] of missed.all(low, high)) add(repoKey, day, day + 1)
    return found
  }
}
