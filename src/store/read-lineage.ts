import type { BaseLink, LineageEnd, LinkRelation, LooseBase } from '../domain/lineage.ts'
import { dayFromNumber, dayOf, type UtcDay } from '../domain/utc-day.ts'
import type { Store } from './open-store.ts'

/** A repository of a lineage with its latest counters. */
export interface LinkedRepo {
  repoKey: number
  hubId: string
  repoId: string
  createdOn: UtcDay
  goneOn: UtcDay | null
  downloads30d: number
  /** The latest that was known; null for unknown. */
  downloadsAllTime: number | null
}

/** A base of a repository that was found: `declared` is null for a copy by a reviewed rule, the first of several texts. */
export interface FoundBase {
  baseRepoKey: number
  declared: string | null
  relation: LinkRelation
  rule: BaseLink['rule']
}

/** One root of a repository as stored. */
export interface StoredRoot {
  repoId: string | null
  declared: string | null
  weight: number
  depth: number
  end: LineageEnd
}

/** Answers about single repositories, from the published lineage. */
export interface LineageReader {
  /** Throws a RangeError for an unknown key. */
  repo(repoKey: number): LinkedRepo
  basesOf(repoKey: number): { found: readonly FoundBase[]; loose: readonly LooseBase[] }
  /** Empty for a repository that is its own root. */
  rootsOf(repoKey: number): readonly StoredRoot[]
}

/** Rows read of one repository: nobody declares so many bases, and who does is cut short. */
const MOST_BASES = 1000

export function openLineageReader({ sqlite }: Store): LineageReader {
  const repo = sqlite.prepare<[number], LinkedRow>(`SELECT ${LINKED_COLUMNS} FROM repo WHERE repo_key = ?`)
  const found = sqlite.prepare<[number, number], FoundBase>(
    `SELECT link.base_repo_key AS baseRepoKey, link.relation, link.rule, CASE link.rule
         WHEN 're-upload' THEN NULL
         WHEN 'hub-id' THEN (
           SELECT min(declared) FROM base_edge AS edge JOIN repo AS base ON base.hub_id = edge.base_hub_id
           WHERE edge.repo_key = link.repo_key AND edge.relation = link.relation AND edge.ended_on IS NULL
             AND base.repo_key = link.base_repo_key)
         ELSE (
           SELECT min(declared) FROM found_text AS text
           WHERE text.repo_key = link.repo_key AND text.relation = link.relation AND text.rule = link.rule
             AND text.base_repo_key = link.base_repo_key)
       END AS declared
     FROM base_link AS link WHERE link.repo_key = ? ORDER BY 1, 2 LIMIT ?`,
  )
  const loose = sqlite.prepare<[number, number], LooseBase>(
    `SELECT repo_key AS repoKey, declared, relation, cause FROM loose_base
     WHERE repo_key = ? ORDER BY declared, relation LIMIT ?`,
  )
  const roots = sqlite.prepare<[number, number], StoredRoot>(
    `SELECT coalesce(repo.repo_id, CASE "end" WHEN 'absent' THEN root_declared END) AS repoId,
       root_declared AS declared, weight, depth, "end"
     FROM lineage_root LEFT JOIN repo ON repo.repo_key = root_repo_key
     WHERE lineage_root.repo_key = ? ORDER BY weight DESC, ordinal LIMIT ?`,
  )
  return {
    repo(repoKey) {
      const row = repo.get(repoKey)
      if (row === undefined) throw new RangeError(`no repository ${repoKey}`)
      return linkedRepo(row)
    },
    basesOf: repoKey => ({
      found: found.all(repoKey, MOST_BASES),
      loose: loose.all(repoKey, MOST_BASES),
    }),
    rootsOf: repoKey => roots.all(repoKey, MOST_BASES),
  }
}

/** What `linkedRepo` reads, of a table named `repo`. */
export const LINKED_COLUMNS = `repo.repo_key AS repoKey, lower(hex(repo.hub_id)) AS hubId, repo.repo_id AS repoId,
  repo.created_at AS createdAt, repo.gone_on AS goneOn, repo.downloads_30d AS downloads30d,
  repo.last_known_all_time AS downloadsAllTime`

export interface LinkedRow {
  repoKey: number
  hubId: string
  repoId: string
  createdAt: number
  goneOn: number | null
  downloads30d: number
  downloadsAllTime: number | null
}

export function linkedRepo(row: LinkedRow): LinkedRepo {
  const { repoKey, hubId, repoId, createdAt, goneOn, downloads30d, downloadsAllTime } = row
  return {
    repoKey,
    hubId,
    repoId,
    createdOn: dayOf(createdAt * 1000),
    goneOn: goneOn === null ? null : dayFromNumber(goneOn),
    downloads30d,
    downloadsAllTime,
  }
}
