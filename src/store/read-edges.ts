import type { EdgeTable, KnownBase } from '../domain/lineage.ts'
import { EDGE_RELATIONS, type EdgeRelation } from '../domain/relation.ts'
import type { Store } from './open-store.ts'

/** Columns of a chunk, each as a JSON text: a third of the cost of as many rows. */
type EdgeColumns = [repoKeys: string, relations: string, texts: string, baseHubIds: string]

/** Repository keys read at once: bounds the memory, and leaves the connection free in between. */
const KEYS_AT_ONCE = 4096
/** Bases looked up at once. */
const BASES_AT_ONCE = 2000

/**
 * Every base that a repository declares now. The bases' own rows are read once each and in the order of `_id`: looked up
 * as the edges name them, a few hundred thousand in all the file, they are most of the time.
 */
export function readCurrentEdges(store: Store): EdgeTable {
  const { sqlite } = store
  const most = sqlite.prepare<[], number>('SELECT count(*) FROM base_edge').pluck().get()!
  const repoKeys = new Int32Array(most)
  const relations = new Uint8Array(most)
  const targets = new Int32Array(most)
  const placeOf = new Map<string, number>()
  const texts: string[] = []
  let count = 0
  for (const columns of chunks(store)) {
    const chunkKeys = JSON.parse(columns[0]) as number[]
    const words = JSON.parse(columns[1]) as EdgeRelation[]
    const declared = JSON.parse(columns[2]) as (string | null)[]
    const hubIds = JSON.parse(columns[3]) as string[]
    for (let at = 0; at < chunkKeys.length; at += 1) {
      repoKeys[count] = chunkKeys[at]!
      relations[count] = EDGE_RELATIONS.indexOf(words[at]!)
      const text = declared[at]!
      if (text !== null) targets[count] = ~(texts.push(text) - 1)
      else {
        let place = placeOf.get(hubIds[at]!)
        if (place === undefined) {
          place = placeOf.size
          placeOf.set(hubIds[at]!, place)
        }
        targets[count] = place
      }
      count += 1
    }
  }
  const bases = readBases(store, placeOf)
  const textOf = sqlite
    .prepare<[number, string, string], string>(
      `SELECT declared FROM base_edge
       WHERE repo_key = ? AND relation = ? AND base_hub_id = unhex(?) AND ended_on IS NULL`,
    )
    .pluck()
  const hubIds = [...placeOf.keys()]
  for (let at = 0; at < count; at += 1) {
    if (targets[at]! < 0 || bases[targets[at]!] !== undefined) continue
    // The Hub resolved it to a repository that the file does not have: what is left is the text.
    const text = textOf.get(repoKeys[at]!, EDGE_RELATIONS[relations[at]!]!, hubIds[targets[at]!]!)!
    targets[at] = ~(texts.push(text) - 1)
  }
  return { count, repoKeys, relations, targets, bases, texts }
}

function* chunks({ sqlite }: Store): Generator<EdgeColumns> {
  const columnsOf = sqlite
    .prepare<[number, number], EdgeColumns>(
      `SELECT json_group_array(repo_key), json_group_array(relation),
         json_group_array(CASE WHEN base_hub_id IS NULL THEN declared END), json_group_array(hex(base_hub_id))
       FROM (SELECT repo_key, relation, declared, base_hub_id FROM base_edge
             WHERE repo_key >= ? AND repo_key < ? AND ended_on IS NULL ORDER BY repo_key, declared, relation)`,
    )
    .raw()
  const highest = sqlite.prepare<[], number | null>('SELECT max(repo_key) FROM base_edge').pluck().get() ?? 0
  for (let from = 0; from <= highest; from += KEYS_AT_ONCE) yield columnsOf.get(from, from + KEYS_AT_ONCE)!
}

/** The bases by place; undefined where the file has no such repository. */
function readBases({ sqlite }: Store, placeOf: ReadonlyMap<string, number>): (KnownBase | undefined)[] {
  const read = sqlite
    .prepare<[string], [number, string, string]>(
      `SELECT repo.repo_key, repo.repo_id, hex(repo.hub_id) FROM json_each(?) AS wanted
       CROSS JOIN repo ON repo.hub_id = unhex(wanted.value)`,
    )
    .raw()
  const bases: (KnownBase | undefined)[] = new Array(placeOf.size).fill(undefined)
  const hubIds = [...placeOf.keys()].sort()
  for (let from = 0; from < hubIds.length; from += BASES_AT_ONCE) {
    for (const [repoKey, repoId, hubId] of read.all(
      JSON.stringify(hubIds.slice(from, from + BASES_AT_ONCE)),
    )) {
      bases[placeOf.get(hubId)!] = { repoKey, repoId, hubId: hubId.toLowerCase() }
    }
  }
  return bases
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
