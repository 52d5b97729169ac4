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

/** Columns of a chunk, each as a JSON text: a third of the cost of as many rows. */
type RepoColumns = [
  repoKeys: string,
  repoIds: string,
  createdAt: string,
  taskKeys: string,
  downloads30d: string,
  downloadsAllTime: string,
  likes: string,
  goneOn: string,
]

type EdgeColumns = [
  repoKeys: string,
  relations: string,
  declared: string,
  isResolved: string,
  baseKeys: string,
  baseRepoIds: string,
]

/** A declared base as it stands in its table, with the repository the Hub resolved it to. */
interface Edge {
  relation: string
  declared: string
  isResolved: boolean
  baseKey: number | null
  baseRepoId: string | null
}

/** Repositories read at once: bounds the memory, and leaves the connection free to write in between. */
const CHUNK = 512

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
      `SELECT json_group_array(repo_key), json_group_array(repo_id), json_group_array(created_at),
         json_group_array(task_key), json_group_array(downloads_30d), json_group_array(last_known_all_time),
         json_group_array(likes), json_group_array(gone_on)
       FROM (SELECT repo_key, repo_id, created_at, task_key, downloads_30d, last_known_all_time, likes, gone_on
             FROM repo WHERE repo_key >= ? AND repo_key <= ? ORDER BY repo_key LIMIT ?)`,
    )
    .raw()
  const edges = store.sqlite
    .prepare<[number, number], EdgeColumns>(
      `SELECT json_group_array(edge.repo_key), json_group_array(relation), json_group_array(declared),
         json_group_array(base_hub_id IS NOT NULL), json_group_array(base.repo_key), json_group_array(base.repo_id)
       FROM (SELECT repo_key, relation, declared, base_hub_id FROM base_edge WHERE repo_key >= ? AND repo_key <= ? AND ended_on IS NULL
             ORDER BY repo_key, declared, relation) AS edge
       LEFT JOIN repo AS base ON base.hub_id = edge.base_hub_id`,
    )
    .raw()
  const last = only?.repoKey ?? Number.MAX_SAFE_INTEGER
  const dayNames = createDayNames()
  for (let from = only?.repoKey ?? 0; from <= last; ) {
    const columns = repos.get(from, last, CHUNK)!
    const repoKeys = JSON.parse(columns[0]) as number[]
    const end = repoKeys.at(-1)
    if (end === undefined) return
    const repoIds = JSON.parse(columns[1]) as string[]
    const createdAt = JSON.parse(columns[2]) as number[]
    const taskKeys = JSON.parse(columns[3]) as (number | null)[]
    const downloads30d = JSON.parse(columns[4]) as number[]
    const downloadsAllTime = JSON.parse(columns[5]) as (number | null)[]
    const likes = JSON.parse(columns[6]) as (number | null)[]
    const goneOn = JSON.parse(columns[7]) as (number | null)[]
    const basesOf = readBases(edges.get(from, end)!)
    for (let at = 0; at < repoKeys.length; at += 1) {
      const repoKey = repoKeys[at]!
      const repoId = repoIds[at]!
      const taskKey = taskKeys[at]!
      const gone = goneOn[at]!
      yield {
        repo: {
          repoKey,
          repoId,
          handle: handleOf(repoId),
          createdOn: dayNames(createdAt[at]!),
          task: taskKey === null ? null : (tasks.get(taskKey) ?? null),
          bases: basesOf(repoKey, repoId),
        },
        counters: {
          downloads30d: downloads30d[at]!,
          downloadsAllTime: downloadsAllTime[at]!,
          likes: likes[at]!,
        },
        goneOn: gone === null ? null : dayFromNumber(gone),
      }
    }
    from = end + 1
  }
}

const NO_BASES: readonly NamedBase[] = []

/** The bases of the repositories of a chunk, to be asked for in ascending order. */
function readBases(columns: EdgeColumns): (repoKey: number, repoId: string) => readonly NamedBase[] {
  const repoKeys = JSON.parse(columns[0]) as number[]
  const relations = JSON.parse(columns[1]) as string[]
  const declared = JSON.parse(columns[2]) as string[]
  const isResolved = JSON.parse(columns[3]) as number[]
  const baseKeys = JSON.parse(columns[4]) as (number | null)[]
  const baseRepoIds = JSON.parse(columns[5]) as (string | null)[]
  let at = 0
  return (repoKey, repoId) => {
    if (repoKeys[at] !== repoKey) return NO_BASES
    const bases: NamedBase[] = []
    for (; repoKeys[at] === repoKey; at += 1) {
      const base = namedBase(
        {
          relation: relations[at]!,
          declared: declared[at]!,
          isResolved: isResolved[at] === 1,
          baseKey: baseKeys[at]!,
          baseRepoId: baseRepoIds[at]!,
        },
        repoKey,
        repoId,
      )
      if (base !== null) bases.push(base)
    }
    return bases
  }
}

function namedBase(
  { relation, declared, isResolved, baseKey, baseRepoId }: Edge,
  repoKey: number,
  repoId: string,
): NamedBase | null {
  if (declared === repoId || (isResolved && baseKey === repoKey)) return null
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

/** The highest repository key given out; 0 before the first. */
export function findHighestKey(store: Store): number {
  return store.sqlite.prepare<[], number | null>('SELECT max(repo_key) FROM repo').pluck().get() ?? 0
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
