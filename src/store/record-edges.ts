import type { DeclaredBase } from '../domain/repo.ts'
import { openBulkInsert } from './bulk-insert.ts'
import type { Store } from './open-store.ts'

interface CurrentEdge {
  declared: string
  relation: string
  base_hub_id: Buffer | null
}

/** Keeps repositories' declared bases. What was begun is in the table after `flush`. */
export interface EdgeRecorder {
  /** The bases of a repository that had none. */
  begin(repoKey: number, day: number, bases: readonly DeclaredBase[]): void
  /**
   * Brings them up to date: new ones begin, missing ones end, none is deleted. Where the card's text is missing, one that
   * the Hub never resolved and nothing else names does not end: the card may still name it. Says whether any was kept so.
   */
  update(repoKey: number, day: number, bases: readonly DeclaredBase[], isCardTextMissing: boolean): boolean
  flush(): void
  drop(): void
}

export function openEdgeRecorder(store: Store): EdgeRecorder {
  const { sqlite } = store
  const current = sqlite.prepare<[number], CurrentEdge>(
    'SELECT declared, relation, base_hub_id FROM base_edge WHERE repo_key = ? AND ended_on IS NULL',
  )
  const end = sqlite.prepare(
    'UPDATE base_edge SET ended_on = ? WHERE repo_key = ? AND declared = ? AND relation = ? AND ended_on IS NULL',
  )
  const newEdges = openBulkInsert(
    sqlite,
    'base_edge',
    ['repo_key', 'declared', 'relation', 'hex base_hub_id', 'first_seen_on'],
    // Only a second sweep of the same day can meet its own row.
    'ON CONFLICT DO UPDATE SET base_hub_id = excluded.base_hub_id, ended_on = NULL',
  )

  function add(repoKey: number, day: number, base: DeclaredBase): void {
    newEdges.add([repoKey, base.declared, base.relation, base.baseHubId, day])
  }

  return {
    begin(repoKey, day, bases) {
      for (const base of bases) add(repoKey, day, base)
    },
    update(repoKey, day, bases, isCardTextMissing) {
      const before = new Map<string, CurrentEdge>()
      for (const edge of current.all(repoKey)) before.set(edgeId(edge.declared, edge.relation), edge)
      for (const base of bases) {
        const id = edgeId(base.declared, base.relation)
        const known = before.get(id)
        before.delete(id)
        if (known && (known.base_hub_id?.toString('hex') ?? null) === base.baseHubId) continue
        // Resolved now, or to another repository: what was known before stays true of the days before.
        if (known) end.run(day, repoKey, base.declared, base.relation)
        add(repoKey, day, base)
      }
      let isAnyKept = false
      for (const { declared, relation, base_hub_id } of before.values()) {
        const mayBeOfCard = base_hub_id === null && !bases.some(base => base.declared === declared)
        if (isCardTextMissing && mayBeOfCard) isAnyKept = true
        else end.run(day, repoKey, declared, relation)
      }
      return isAnyKept
    },
    flush: newEdges.flush,
    drop: newEdges.drop,
  }
}

function edgeId(declared: string, relation: string): string {
  return `${relation} ${declared}`
}
