import type { NamedBase, RepoFacts } from '../domain/attribution.ts'
import { type Counters, handleOf } from '../domain/repo.ts'
import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository with its latest counters; the lifetime counter is the last one that was known. */
export interface PopulationRow {
  repo: RepoFacts
  counters: Counters
  goneOn: UtcDay | null
}

type RepoColumns = [
  repoKey: number,
  repoId: string,
  createdAt: number,
  taskKey: number | null,
  downloads30d: number,
  downloadsAllTime: number | null,
  likes: number | null,
  goneOn: number | null,
]

type EdgeColumns = [
  repoKey: number,
  relation: string,
  declared: string,
  isResolved: number,
  baseKey: number | null,
  baseRepoId: string | null,
]

/** Repositories read at once: bounds the memory, and leaves the connection free to write in between. */
const CHUNK = 8192

/** What a repository id can look like: anything else declared as a base is a path or a typing error. */
export const REPO_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/

/**
 * Every repository ever seen (or only one), ascending by key, with its bases as last declared. A base the Hub resolved is given by
 * its current name, so a renamed base stays one base. A repository that names itself has no base by that.
 */
export function* readPopulation(store: Store, only?: { repoKey: number }): Generator<PopulationRow> {
  const tasks = new Map(
    store.sqlite
      .prepare<[], [number, string]>("SELECT term_key, word FROM term WHERE kind = 'task'")
      .raw()
      .all(),
  )
  const repos = store.sqlite
    .prepare<[number, number, number], RepoColumns>(
      `SELECT repo_key, repo_id, created_at, task_key, downloads_30d, last_known_all_time, likes, gone_on
       FROM repo WHERE repo_key >= ? AND repo_key <= ? ORDER BY repo_key LIMIT ?`,
    )
    .raw()
  const edges = store.sqlite
    .prepare<[number, number], EdgeColumns>(
      `SELECT base_edge.repo_key, relation, declared, base_hub_id IS NOT NULL, base.repo_key, base.repo_id
       FROM base_edge LEFT JOIN repo AS base ON base.hub_id = base_edge.base_hub_id
       WHERE base_edge.repo_key >= ? AND base_edge.repo_key <= ? AND ended_on IS NULL
       ORDER BY base_edge.repo_key, declared, relation`,
    )
    .raw()
  const last = only?.repoKey ?? Number.MAX_SAFE_INTEGER
  const dayNames = createDayNames()
  for (let from = only?.repoKey ?? 0; from <= last; ) {
    const chunk = repos.all(from, last, CHUNK)
    const end = chunk.at(-1)
    if (end === undefined) return
    const declared = edges.all(from, end[0])
    let at = 0
    for (const [
      repoKey,
      repoId,
      createdAt,
      taskKey,
      downloads30d,
      downloadsAllTime,
      likes,
      goneOn,
    ] of chunk) {
      let bases = NO_BASES
      for (; at < declared.length && declared[at]![0] === repoKey; at += 1) {
        const base = namedBase(declared[at]!, repoKey, repoId)
        if (base !== null) bases = bases === NO_BASES ? [base] : [...bases, base]
      }
      const task = taskKey === null ? null : (tasks.get(taskKey) ?? null)
      const createdOn = dayNames(createdAt)
      yield {
        repo: { repoKey, repoId, handle: handleOf(repoId), createdOn, task, bases },
        counters: { downloads30d, downloadsAllTime, likes },
        goneOn: goneOn === null ? null : dayFromNumber(goneOn),
      }
    }
    from = end[0] + 1
  }
}

const NO_BASES: readonly NamedBase[] = []

function namedBase(
  [, relation, declared, isResolved, baseKey, baseRepoId]: EdgeColumns,
  repoKey: number,
  repoId: string,
): NamedBase | null {
  if (declared === repoId || (isResolved === 1 && baseKey === repoKey)) return null
  return { declared, relation, repoId: baseRepoId ?? (REPO_ID.test(declared) ? declared : null) }
}

/** Names of days by second of the epoch; three million repositories share a few thousand of them. */
function createDayNames(): (seconds: number) => UtcDay {
  const names = new Map<number, UtcDay>()
  return seconds => {
    const number = Math.floor(seconds / 86_400)
    let name = names.get(number)
    if (name === undefined) {
      name = dayFromNumber(number)
      names.set(number, name)
    }
    return name
  }
}

export interface PresenceChange {
  day: UtcDay
  repoKey: number
  isGone: boolean
}

/** Every time a repository went or came back, in order. */
export function readPresenceChanges(store: Store): PresenceChange[] {
  return store.sqlite
    .prepare<[], { day: number; repo_key: number; kind: string }>(
      "SELECT day, repo_key, kind FROM event WHERE kind IN ('removal', 'return') ORDER BY day, event_key",
    )
    .all()
    .map(row => ({ day: dayFromNumber(row.day), repoKey: row.repo_key, isGone: row.kind === 'removal' }))
}
