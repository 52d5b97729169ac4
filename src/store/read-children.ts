import type { LinkRelation } from '../domain/lineage.ts'
import type { MoreChildren } from '../domain/lineage-tree.ts'
import type { Store } from './open-store.ts'
import type { BaseName } from './read-descendants.ts'
import { LINKED_COLUMNS, type LinkedRepo, type LinkedRow, linkedRepo } from './read-lineage.ts'

export interface Child {
  repo: LinkedRepo
  relations: readonly LinkRelation[]
  /** Listed repositories that stand on it by any number of steps, without copies, as published. */
  derivatives: number
}

/** Finds the children of bases: what stands on each directly, copies by a reviewed rule too. */
export interface ChildFinder {
  /**
   * At most `limit`, biggest by 30-day downloads first, those that are gone last; and what the others add up to, copies
   * among them.
   */
  list(base: BaseName, limit: number): { children: readonly Child[]; more: MoreChildren }
}

export function openChildFinder({ sqlite }: Store): ChildFinder {
  const statements = (from: string) => ({
    sums: sqlite.prepare<[string | number], MoreChildren>(
      `SELECT count(*) - count(gone_on) AS repos, count(*) FILTER (WHERE is_copy AND gone_on IS NULL) AS copies,
         coalesce(sum(downloads_30d) FILTER (WHERE gone_on IS NULL), 0) AS downloads30d, count(gone_on) AS goneRepos
       FROM (SELECT repo_key, max(relation = 're-upload') AS is_copy ${from} GROUP BY repo_key) JOIN repo USING (repo_key)`,
    ),
    rows: sqlite.prepare<
      [string | number, number],
      LinkedRow & { relations: string; derivatives: number | null }
    >(
      `SELECT ${LINKED_COLUMNS}, relations,
         (SELECT all_repos FROM derivative_count WHERE base_repo_key = repo.repo_key AND relation = 'any') AS derivatives
       FROM (SELECT repo_key, group_concat(relation, ' ') AS relations ${from} GROUP BY repo_key)
       JOIN repo USING (repo_key)
       ORDER BY gone_on IS NOT NULL, downloads_30d DESC, repo_id, repo_key LIMIT ?`,
    ),
  })
  const ofRepo = statements('FROM base_link WHERE base_repo_key = ?')
  const ofText = statements("FROM loose_base WHERE declared = ? AND cause <> 'self'")
  return {
    list(base, limit) {
      const [{ sums, rows }, value] =
        'repoKey' in base ? ([ofRepo, base.repoKey] as const) : ([ofText, base.declared] as const)
      const all = sums.get(value)!
      const isNone = limit === 0 || all.repos + all.goneRepos === 0
      const children = isNone ? [] : rows.all(value, limit).map(childOf)
      const listed = children.filter(({ repo }) => repo.goneOn === null)
      return {
        children,
        more: {
          repos: all.repos - listed.length,
          copies: all.copies - listed.filter(({ relations }) => relations.includes('re-upload')).length,
          downloads30d: listed.reduce((left, { repo }) => left - repo.downloads30d, all.downloads30d),
          goneRepos: all.goneRepos - (children.length - listed.length),
        },
      }
    },
  }
}

function childOf({
  relations,
  derivatives,
  ...row
}: LinkedRow & { relations: string; derivatives: number | null }): Child {
  return {
    repo: linkedRepo(row),
    relations: relations.split(' ') as LinkRelation[],
    derivatives: derivatives ?? 0,
  }
}
