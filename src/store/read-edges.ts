import type { DeclaredEdge, KnownBase } from '../domain/lineage.ts'
import type { EdgeRelation } from '../domain/relation.ts'
import type { Store } from './open-store.ts'

/** Columns of a chunk, each as a JSON text: a third of the cost of as many rows. */
type EdgeColumns = [repoKeys: string, relations: string, declared: string, baseHubIds: string]

/** Repository keys read at once: bounds the memory, and leaves the connection free in between. */
const KEYS_AT_ONCE = 4096

/** Calls with every repository that declares a base now, ascending by key, and its edges in an order no rename changes. */
export function readCurrentEdges(
  { sqlite }: Store,
  findBase: FindBase,
  hear: (repoKey: number, edges: DeclaredEdge[]) => void,
): void {
  const columnsOf = sqlite
    .prepare<[number, number], EdgeColumns>(
      `SELECT json_group_array(repo_key), json_group_array(relation), json_group_array(declared),
         json_group_array(hex(base_hub_id))
       FROM (SELECT repo_key, relation, declared, base_hub_id FROM base_edge
             WHERE repo_key >= ? AND repo_key < ? AND ended_on IS NULL ORDER BY repo_key, declared, relation)`,
    )
    .raw()
  const highest = sqlite.prepare<[], number | null>('SELECT max(repo_key) FROM base_edge').pluck().get() ?? 0
  for (let from = 0; from <= highest; from += KEYS_AT_ONCE) {
    const columns = columnsOf.get(from, from + KEYS_AT_ONCE)!
    const repoKeys = JSON.parse(columns[0]) as number[]
    const relations = JSON.parse(columns[1]) as EdgeRelation[]
    const declared = JSON.parse(columns[2]) as string[]
    const baseHubIds = JSON.parse(columns[3]) as string[]
    let edges: DeclaredEdge[] = []
    for (let at = 0; at < repoKeys.length; at += 1) {
      // `hex` makes an empty text of null.
      const base = baseHubIds[at] === '' ? null : findBase(baseHubIds[at]!)
      edges.push({ declared: declared[at]!, relation: relations[at]!, base })
      if (repoKeys[at] === repoKeys[at + 1]) continue
      hear(repoKeys[at]!, inLastingOrder(edges))
      edges = []
    }
  }
}

/** Bases by `_id`, then texts: an order that no rename changes. */
export function inLastingOrder(edges: DeclaredEdge[]): DeclaredEdge[] {
  if (edges.length < 2) return edges
  const id = ({ base, declared }: DeclaredEdge) => (base === null ? `~${declared}` : base.hubId)
  return edges.sort((a, b) => compare(id(a), id(b)) || compare(a.relation, b.relation))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Finds repositories by `_id` in hexadecimal digits; null where the file has none. */
export type FindBase = (hubId: string) => KnownBase | null

/** A million declarations name some ten thousand bases: remembered, they cost a fifth of a join. */
export function openBases({ sqlite }: Store): FindBase {
  const find = sqlite.prepare<[string], KnownBase>(
    `SELECT repo_key AS repoKey, repo_id AS repoId, lower(hex(hub_id)) AS hubId FROM repo
     WHERE hub_id = unhex(?)`,
  )
  const found = new Map<string, KnownBase | null>()
  return hubId => {
    let base = found.get(hubId)
    if (base === undefined) {
      base = find.get(hubId) ?? null
      if (found.size >= BASES_REMEMBERED) found.clear()
      found.set(hubId, base)
    }
    return base
  }
}

/** Bases remembered; past that the memory starts again. */
const BASES_REMEMBERED = 50_000
