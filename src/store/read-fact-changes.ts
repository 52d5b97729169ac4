import { NO_NAMES, type RepoFacts } from '../domain/attribution.ts'
import { type DeclaredEdge, inLastingOrder } from '../domain/lineage.ts'
import type { EdgeRelation } from '../domain/relation.ts'
import { handleOf } from '../domain/repo.ts'
import { dayFromNumber, dayOf, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository but its bases and roots. */
export type DescribedRepo = Omit<RepoFacts, 'bases' | 'roots'>

/** From `day` on a repository was described like this, until its next change. */
export interface FactChange {
  day: UtcDay
  repo: DescribedRepo
  edges: readonly DeclaredEdge[]
}

interface Edge {
  declared: string
  relation: EdgeRelation
  base_key: number | null
  base_id: string | null
  base_hub_id: string | null
  base_seen_on: number | null
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
 * what was declared on that day, however late it is recomputed. A base counts as found from the day it was first seen.
 */
export function readFactChanges(store: Store): FactChange[] {
  const { sqlite } = store
  const changed = sqlite
    .prepare<[], number>(
      `SELECT repo_key FROM repo_name
       UNION SELECT repo_key FROM event WHERE kind = 'task-change'
       UNION SELECT repo_key FROM base_edge JOIN repo USING (repo_key)
         WHERE ended_on IS NOT NULL OR base_edge.first_seen_on > repo.first_seen_on
       UNION SELECT edge.repo_key FROM base_edge AS edge JOIN repo AS base ON base.hub_id = edge.base_hub_id
         WHERE base.first_seen_on > edge.first_seen_on
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
    `SELECT declared, relation, base.repo_key AS base_key, base.repo_id AS base_id,
       lower(hex(base.hub_id)) AS base_hub_id, base.first_seen_on AS base_seen_on, base_edge.first_seen_on, ended_on
     FROM base_edge LEFT JOIN repo AS base ON base.hub_id = base_hub_id WHERE base_edge.repo_key = ?
     ORDER BY declared, relation, base_edge.first_seen_on`,
  )

  return repoKey => {
    const now = current.get(repoKey)!
    const formerNames = names.all(repoKey)
    const taskChanges = tasks.all(repoKey)
    const allEdges = edges.all(repoKey)
    const days = new Set([
      now.first_seen_on,
      ...[...formerNames, ...taskChanges].map(change => change.on),
      ...allEdges.flatMap(edge => daysOf(edge)),
    ])
    return [...days]
      .filter(day => day >= now.first_seen_on)
      .map(day => {
        const repoId = valueOn(formerNames, day) ?? now.repo_id
        const given = formerNames.filter(({ on }) => on <= day).map(({ before }) => before!)
        const change = taskChanges.find(({ on }) => on > day)
        const repo: DescribedRepo = {
          repoKey,
          repoId,
          formerNames: given.length === 0 ? NO_NAMES : given,
          handle: handleOf(repoId),
          createdOn: dayOf(now.created_at * 1000),
          task: change ? change.before : now.task,
        }
        const declared = allEdges.filter(edge => isDeclaredOn(edge, day))
        return {
          day: dayFromNumber(day),
          repo,
          edges: inLastingOrder(declared.map(edge => edgeOn(edge, day))),
        }
      })
  }
}

function daysOf({ first_seen_on, ended_on, base_seen_on }: Edge): number[] {
  const found = base_seen_on !== null && base_seen_on > first_seen_on ? [base_seen_on] : []
  return [first_seen_on, ...(ended_on === null ? [] : [ended_on]), ...found]
}

function isDeclaredOn({ first_seen_on, ended_on }: Edge, day: number): boolean {
  return first_seen_on <= day && (ended_on === null || ended_on > day)
}

function edgeOn(edge: Edge, day: number): DeclaredEdge {
  const { declared, relation, base_key, base_id, base_hub_id, base_seen_on } = edge
  const isFound = base_key !== null && base_seen_on! <= day
  const base = isFound ? { repoKey: base_key, repoId: base_id!, hubId: base_hub_id! } : null
  return { declared, relation, base }
}

/** The value that held on a day, from values with the day each was given up; null for the current one. */
function valueOn(changes: readonly Dated[], day: number): string | null {
  return changes.find(({ on }) => on > day)?.before ?? null
}
