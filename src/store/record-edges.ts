import type { DeclaredBase } from '../domain/repo.ts'
import type { Store } from './open-store.ts'

interface CurrentEdge {
  declared: string
  relation: string
  base_hub_id: Buffer | null
}

/** Brings a repository's declared bases up to date: new ones begin, missing ones end, none is deleted. */
export type EdgeRecorder = (repoKey: number, day: number, bases: readonly DeclaredBase[]) => void

export function openEdgeRecorder(store: Store): EdgeRecorder {
  const { sqlite } = store
  const current = sqlite.prepare<[number], CurrentEdge>(
    'SELECT declared, relation, base_hub_id FROM base_edge WHERE repo_key = ? AND ended_on IS NULL',
  )
  const end = sqlite.prepare(
    'UPDATE base_edge SET ended_on = ? WHERE repo_key = ? AND declared = ? AND relation = ? AND ended_on IS NULL',
  )
  const begin = sqlite.prepare(
    `INSERT INTO base_edge (repo_key, declared, relation, base_hub_id, first_seen_on) VALUES (?, ?, ?, ?, ?)
     -- Only a second sweep of the same day can meet its own row.
     ON CONFLICT DO UPDATE SET base_hub_id = excluded.base_hub_id, ended_on = NULL`,
  )
  return (repoKey, day, bases) => {
    const before = new Map<string, CurrentEdge>()
    for (const edge of current.all(repoKey)) before.set(edgeId(edge.declared, edge.relation), edge)
    for (const base of bases) {
      const id = edgeId(base.declared, base.relation)
      const known = before.get(id)
      before.delete(id)
      const baseHubId = base.baseHubId === null ? null : Buffer.from(base.baseHubId, 'hex')
      if (known && sameBytes(known.base_hub_id, baseHubId)) continue
      // Resolved now, or to another repository: what was known before stays true of the days before.
      if (known) end.run(day, repoKey, base.declared, base.relation)
      begin.run(repoKey, base.declared, base.relation, baseHubId, day)
    }
    for (const edge of before.values()) end.run(day, repoKey, edge.declared, edge.relation)
  }
}

function edgeId(declared: string, relation: string): string {
  return `${relation} ${declared}`
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b)
}
