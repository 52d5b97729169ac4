import type { NamedBase, RepoFacts } from '../domain/attribution.ts'
import { handleOf } from '../domain/repo.ts'
import { dayFromNumber, dayOf, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'
import { REPO_ID } from './read-population.ts'

/** From `day` on a repository was described like this, until its next change. */
export interface FactChange {
  day: UtcDay
  repo: RepoFacts
}

interface Edge {
  declared: string
  relation: string
  base_key: number | null
  first_seen_on: number
  ended_on: number | null
}

interface Dated {
  on: number
  before: string | null
}

/**
 * How the repositories whose name, task or bases ever changed were described over time, oldest first, each beginning on
 * the day it was first seen. The others are as `readPopulation` says on every day. So a day of the past is judged by
 * what was declared on that day, however late it is recomputed.
 */
export function readFactChanges(store: Store): FactChange[] {
  const { sqlite } = store
  const changed = sqlite
    .prepare<[], number>(
      `SELECT repo_key FROM repo_name
       UNION SELECT repo_key FROM event WHERE kind = 'task-change'
       UNION SELECT repo_key FROM base_edge JOIN repo USING (repo_key)
         WHERE ended_on IS NOT NULL OR base_edge.first_seen_on > repo.first_seen_on
       UNION SELECT edge.repo_key FROM repo_name JOIN repo AS base USING (repo_key)
         JOIN base_edge AS edge ON edge.base_hub_id = base.hub_id
       ORDER BY 1`,
    )
    .pluck()
    .all()
  const read = openReader(store)
  return changed
    .flatMap(repoKey => read(repoKey))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.repo.repoKey - b.repo.repoKey))
}

function openReader({ sqlite }: Store): (repoKey: number) => FactChange[] {
  const current = sqlite.prepare<
    [number],
    { repo_id: string; created_at: number; first_seen_on: number; task: string | null }
  >(
    `SELECT repo_id, created_at, first_seen_on, term.word AS task
     FROM repo LEFT JOIN term ON term.term_key = repo.task_key WHERE repo_key = ?`,
  )
  const names = sqlite.prepare<[number], Dated>(
    'SELECT until_on AS "on", repo_id AS before FROM repo_name WHERE repo_key = ? ORDER BY until_on',
  )
  const tasks = sqlite.prepare<[number], Dated>(
    `SELECT day AS "on", detail ->> '$.from' AS before FROM event
     WHERE kind = 'task-change' AND repo_key = ? ORDER BY day, event_key`,
  )
  const edges = sqlite.prepare<[number], Edge>(
    `SELECT declared, relation, base.repo_key AS base_key, base_edge.first_seen_on, ended_on
     FROM base_edge LEFT JOIN repo AS base ON base.hub_id = base_hub_id WHERE base_edge.repo_key = ?
     ORDER BY declared, relation, base_edge.first_seen_on`,
  )
  const nameOn = (repoKey: number, day: number) =>
    valueOn(names.all(repoKey), day) ?? current.get(repoKey)!.repo_id

  return repoKey => {
    const now = current.get(repoKey)!
    const taskChanges = tasks.all(repoKey)
    const allEdges = edges.all(repoKey)
    const baseKeys = allEdges.flatMap(edge => edge.base_key ?? [])
    const days = new Set([
      now.first_seen_on,
      ...[repoKey, ...baseKeys].flatMap(key => names.all(key).map(name => name.on)),
      ...taskChanges.map(change => change.on),
      ...allEdges.flatMap(edge =>
        edge.ended_on === null ? [edge.first_seen_on] : [edge.first_seen_on, edge.ended_on],
      ),
    ])
    return [...days]
      .filter(day => day >= now.first_seen_on)
      .map(day => {
        const repoId = nameOn(repoKey, day)
        const change = taskChanges.find(({ on }) => on > day)
        const bases = allEdges.flatMap((edge): NamedBase[] => {
          const isDeclared = edge.first_seen_on <= day && (edge.ended_on === null || edge.ended_on > day)
          if (!isDeclared || edge.base_key === repoKey || edge.declared === repoId) return []
          const declaredId = REPO_ID.test(edge.declared) ? edge.declared : null
          const baseName = edge.base_key === null ? declaredId : nameOn(edge.base_key, day)
          return [{ declared: edge.declared, relation: edge.relation, repoId: baseName }]
        })
        const handle = handleOf(repoId)
        const createdOn = dayOf(now.created_at * 1000)
        const task = change ? change.before : now.task
        return { day: dayFromNumber(day), repo: { repoKey, repoId, handle, createdOn, task, bases } }
      })
  }
}

/** The value that held on a day, from values with the day each was given up; null for the current one. */
function valueOn(changes: readonly Dated[], day: number): string | null {
  return changes.find(({ on }) => on > day)?.before ?? null
}
