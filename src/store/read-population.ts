import { type NamedBase, NO_NAMES, type RepoFacts, type RootShare } from '../domain/attribution.ts'
import { type DeclaredEdge, inLastingOrder } from '../domain/lineage.ts'
import type { EdgeRelation } from '../domain/relation.ts'
import { type Counters, handleOf, isRepoId } from '../domain/repo.ts'
import { dayFromNumber, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { type FindBase, openBases } from './read-edges.ts'

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
  publisherKeys: string,
  createdOn: string,
  taskKeys: string,
  downloads30d: string,
  downloadsAllTime: string,
  likes: string,
  goneOn: string,
]

type EdgeColumns = [repoKeys: string, relations: string, declared: string, baseHubIds: string]

/** Repositories read at once: bounds the memory, and leaves the connection free to write in between. */
const CHUNK = 512

/** Bases and roots by repository key, where they are known better than row by row. */
export interface KnownLineage {
  basesOf(repoKey: number): readonly NamedBase[]
  rootsOf(repoKey: number): readonly RootShare[]
}

/**
 * Every repository ever seen (or only one), ascending by key, with its bases as last declared. A base the Hub resolved is
 * given by its current name, so a renamed base stays one base. A repository that names itself has no base by that. Without
 * a lineage, texts are taken as they are and nobody has roots.
 */
export function* readPopulation(
  store: Store,
  { only, lineage }: { only?: { repoKey: number }; lineage?: KnownLineage } = {},
): Generator<PopulationRow> {
  const tasks = new Map(
    store.sqlite
      .prepare<[], [number, string]>("SELECT term_key, word FROM term WHERE kind = 'task'")
      .raw()
      .all(),
  )
  const repos = store.sqlite
    .prepare<[number, number, number], RepoColumns>(
      `SELECT json_group_array(repo_key), json_group_array(repo_id), json_group_array(publisher_key),
         json_group_array(created_at / 86400),
         json_group_array(task_key), json_group_array(downloads_30d), json_group_array(last_known_all_time),
         json_group_array(likes), json_group_array(gone_on)
       FROM (SELECT repo_key, repo_id, publisher_key, created_at, task_key, downloads_30d, last_known_all_time,
               likes, gone_on
             FROM repo WHERE repo_key >= ? AND repo_key <= ? ORDER BY repo_key LIMIT ?)`,
    )
    .raw()
  const edges = store.sqlite
    .prepare<[number, number], EdgeColumns>(
      `SELECT json_group_array(repo_key), json_group_array(relation), json_group_array(declared),
         json_group_array(hex(base_hub_id))
       FROM (SELECT repo_key, relation, declared, base_hub_id FROM base_edge
             WHERE repo_key >= ? AND repo_key <= ? AND ended_on IS NULL ORDER BY repo_key, declared, relation)`,
    )
    .raw()
  const formerNames = readFormerNames(store, only)
  const last = only?.repoKey ?? Number.MAX_SAFE_INTEGER
  const findBase = openBases(store)
  const dayNames = createDayNames()
  for (let from = only?.repoKey ?? 0; from <= last; ) {
    const columns = repos.get(from, last, CHUNK)!
    const repoKeys = JSON.parse(columns[0]) as number[]
    const end = repoKeys.at(-1)
    if (end === undefined) return
    const repoIds = JSON.parse(columns[1]) as string[]
    const publisherKeys = JSON.parse(columns[2]) as number[]
    const createdOn = JSON.parse(columns[3]) as number[]
    const taskKeys = JSON.parse(columns[4]) as (number | null)[]
    const downloads30d = JSON.parse(columns[5]) as number[]
    const downloadsAllTime = JSON.parse(columns[6]) as (number | null)[]
    const likes = JSON.parse(columns[7]) as (number | null)[]
    const goneOn = JSON.parse(columns[8]) as (number | null)[]
    const basesOf = lineage?.basesOf ?? readBases(edges.get(from, end)!, findBase, repoKeys, repoIds)
    for (let at = 0; at < repoKeys.length; at += 1) {
      const repoKey = repoKeys[at]!
      const repoId = repoIds[at]!
      const taskKey = taskKeys[at]!
      const gone = goneOn[at]!
      yield {
        repo: {
          repoKey,
          repoId,
          formerNames: formerNames.get(repoKey) ?? NO_NAMES,
          handle: handleOf(repoId),
          publisherKey: publisherKeys[at]!,
          createdOn: dayNames(createdOn[at]!),
          task: taskKey === null ? null : (tasks.get(taskKey) ?? null),
          bases: basesOf(repoKey),
          roots: lineage?.rootsOf(repoKey) ?? NO_ROOTS,
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
const NO_ROOTS: readonly RootShare[] = []

/** The bases of the repositories of a chunk. */
function readBases(
  columns: EdgeColumns,
  findBase: FindBase,
  chunkKeys: readonly number[],
  repoIds: readonly string[],
): (repoKey: number) => readonly NamedBase[] {
  const repoKeys = JSON.parse(columns[0]) as number[]
  const relations = JSON.parse(columns[1]) as EdgeRelation[]
  const declared = JSON.parse(columns[2]) as string[]
  const baseHubIds = JSON.parse(columns[3]) as string[]
  const found = new Map<number, NamedBase[]>()
  let at = 0
  for (const [index, repoKey] of chunkKeys.entries()) {
    const edges: DeclaredEdge[] = []
    for (; repoKeys[at] === repoKey; at += 1) {
      // `hex` makes an empty text of null.
      const base = baseHubIds[at] === '' ? null : findBase(baseHubIds[at]!)
      if (declared[at] === repoIds[index] || base?.repoKey === repoKey) continue
      edges.push({ declared: declared[at]!, relation: relations[at]!, base })
    }
    if (edges.length > 0) found.set(repoKey, inLastingOrder(edges).map(named))
  }
  return repoKey => found.get(repoKey) ?? NO_BASES
}

function named({ base, declared, relation }: DeclaredEdge): NamedBase {
  return { declared, relation, repoId: base?.repoId ?? (isRepoId(declared) ? declared : null) }
}

/** The names that repositories gave up; few have any. */
function readFormerNames({ sqlite }: Store, only?: { repoKey: number }): Map<number, string[]> {
  const rows = sqlite
    .prepare<[number | null], [number, string]>(
      'SELECT repo_key, repo_id FROM repo_name WHERE repo_key = ifnull(?, repo_key) ORDER BY repo_key, until_on',
    )
    .raw()
    .all(only?.repoKey ?? null)
  const names = new Map<number, string[]>()
  for (const [repoKey, name] of rows) {
    const known = names.get(repoKey)
    if (known) known.push(name)
    else names.set(repoKey, [name])
  }
  return names
}

/** Names of days by number; three million repositories share a few thousand of them. */
function createDayNames(): (day: number) => UtcDay {
  const names = new Map<number, UtcDay>()
  return number => {
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
