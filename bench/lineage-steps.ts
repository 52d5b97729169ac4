import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { findPackageRoot } from '../src/config/package-root.ts'
import type { LineageBook } from '../src/derive/lineage-book.ts'
import { lineageContent } from '../src/derive/lineage-content.ts'
import { silentLog } from '../src/domain/effects.ts'
import type { Registry } from '../src/domain/registry.ts'
import { dayNumber, type UtcDay } from '../src/domain/utc-day.ts'
import { openLineage } from '../src/pipeline/open-lineage.ts'
import { type PublishedTotals, publishDailyTotals } from '../src/pipeline/publish-totals.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { type LineageChanges, replaceLineage } from '../src/store/lineage-tables.ts'
import type { Store } from '../src/store/open-store.ts'
import { readFactChanges } from '../src/store/read-fact-changes.ts'
import { findHighestKey } from '../src/store/read-population.ts'
import { openCensusFile } from './made-hub.ts'
import { FIRST_DAY, NEXT_DAY } from './made-lineage.ts'
import type { Probe } from './measured-process.ts'

/** One root of one repository: its key, the root's key (null for a text), the weight. */
export type RootAnswer = [repoKey: number, rootKey: number | null, weight: number]

const KEYS_AT_ONCE = 65_536
const HEX_DIGITS = 24

/** The floor: repository and `_id` of the base of every edge, out of SQLite into two columns, and nothing else. */
export function readEdgesOnly({ file }: { file: string }): { seconds: number; edges: number } {
  const { sqlite, close } = openCensusFile(file)
  const since = performance.now()
  const chunk = sqlite
    .prepare<[number, number], [string, string | null]>(
      `SELECT json_group_array(repo_key), group_concat(ifnull(nullif(hex(base_hub_id), ''), '${'0'.repeat(HEX_DIGITS)}'), '')
       FROM (SELECT repo_key, base_hub_id FROM base_edge
             WHERE repo_key >= ? AND repo_key < ? AND ended_on IS NULL ORDER BY repo_key)`,
    )
    .raw()
  const count = sqlite.prepare<[], number>('SELECT count(*) FROM base_edge').pluck().get()!
  const repoKeys = new Int32Array(count)
  const hubIds = Buffer.alloc((count * HEX_DIGITS) / 2)
  const highest = sqlite.prepare<[], number>('SELECT max(repo_key) FROM base_edge').pluck().get()!
  let edges = 0
  for (let from = 0; from <= highest; from += KEYS_AT_ONCE) {
    const [keys, hex] = chunk.get(from, from + KEYS_AT_ONCE)!
    hubIds.write(hex ?? '', (edges * HEX_DIGITS) / 2, 'hex')
    for (const repoKey of JSON.parse(keys) as number[]) repoKeys[edges++] = repoKey
  }
  const seconds = secondsSince(since)
  close()
  return { seconds, edges }
}

export interface FoundRoots {
  /** Reading the edges and what their texts mean, working the roots out, asking for those of every repository. */
  seconds: { read: number; settle: number; walk: number; all: number }
  /** Roots of all repositories that have a base. */
  roots: number
  /** The roots of the repositories asked for. */
  answers: RootAnswer[]
  /** Of everybody's roots; null where it was not asked for. */
  digest: string | null
}

export interface FindRoots {
  file: string
  day: UtcDay
  /** Keys of repositories whose roots are to be told. */
  sample?: readonly number[]
  withDigest?: boolean
  /** Copies stand on what they copy by no rule of ours, as recursive queries have it. */
  withoutReuploads?: boolean
}

/** Roots and weights of every repository of a file, as a publication works them out. A step for `runMeasured`. */
export function findRoots(
  { file, day, sample = [], withDigest = false, withoutReuploads = false }: FindRoots,
  probe: Probe,
): FoundRoots {
  const store = openCensusFile(file)
  const reviewed = readRegistry()
  const registry = withoutReuploads ? { ...reviewed, reuploads: [] } : reviewed
  probe.mark('opened')
  const since = performance.now()
  const book = openLineage({ store, registry }, day)
  const read = secondsSince(since)
  probe.mark('read')
  book.settle()
  const settled = secondsSince(since)
  probe.mark('settled')
  const highest = findHighestKey(store)
  let roots = 0
  for (let repoKey = 1; repoKey <= highest; repoKey += 1) {
    const found = book.rootsOf(repoKey)
    let sum = 0
    for (const { weight } of found) sum += weight
    if (found.length > 0 && Math.abs(sum - 1) > 1e-9) throw new Error(`${repoKey} has roots of weight ${sum}`)
    roots += found.length
  }
  const all = secondsSince(since)
  probe.mark('walked')
  const answers = sample.flatMap(repoKey =>
    book.rootsOf(repoKey).map((root): RootAnswer => [repoKey, root.repoKey, root.weight]),
  )
  const seconds = { read, settle: settled - read, walk: all - settled, all }
  const found = { seconds, roots, answers, digest: withDigest ? digestOf(book, highest) : null }
  store.close()
  return found
}

/**
 * The roots of the night after, in a process that has those of the first: everything ever declared is read, the first day
 * settled, and then the time taken for what changed. A step for `runMeasured`.
 */
export function moveNight(
  { file }: { file: string },
  probe: Probe,
): { seconds: number; affected: number; digest: string } {
  const store = openCensusFile(file)
  const changes = readFactChanges(store)
  const book = openLineage({ store, registry: readRegistry() }, FIRST_DAY, changes)
  // What a history does on its first day: the past up to there.
  const moveTo = (day: UtcDay, after: UtcDay | null) => {
    for (const change of changes) {
      if (change.day > day || (after !== null && change.day <= after)) continue
      book.rename(change.repo.repoKey, change.repo.repoId)
      book.declare(change.repo.repoKey, change.edges)
    }
    book.moveTo(dayNumber(day))
    return book.settle().length
  }
  moveTo(FIRST_DAY, null)
  probe.mark('first')
  const since = performance.now()
  const affected = moveTo(NEXT_DAY, FIRST_DAY)
  const seconds = secondsSince(since)
  probe.mark('moved')
  const digest = digestOf(book, findHighestKey(store))
  store.close()
  return { seconds, affected, digest }
}

export interface WrittenLineage {
  seconds: number
  changes: LineageChanges
  /** Rows that the file holds now. */
  held: number
}

/** Writes a night's lineage into its tables, whatever they held. The time is that of the writing and what it writes. A step. */
export function writeLineage({ file, day }: { file: string; day: UtcDay }, probe: Probe): WrittenLineage {
  const store = openCensusFile(file)
  const book = openLineage({ store, registry: readRegistry() }, day)
  book.settle()
  const who = readPublishers(store)
  probe.mark('settled')
  const since = performance.now()
  const changes = store.sqlite.transaction(() => replaceLineage(store, lineageContent(book, who))).immediate()
  const seconds = secondsSince(since)
  probe.mark('written')
  const held = ['base_link', 'found_text', 'loose_base', 'lineage_root', 'derivative_count']
    .map(table => store.sqlite.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!)
    .reduce((sum, count) => sum + count, 0)
  store.close()
  return { seconds, changes, held }
}

/** How many rows a replacement wrote or took away. */
export function rowsChanged(changes: LineageChanges): number {
  return Object.values(changes).reduce((sum, { written, removed }) => sum + written + removed, 0)
}

/** Publishes what is due: totals, shares, ages, lineage. A step for `runMeasured`. */
export function publishNight({ file }: { file: string }): PublishedTotals & { seconds: number } {
  const store = openCensusFile(file)
  // Registry files may be edited while a bench runs: that would be another judgement, and history anew.
  const registry = { ...readRegistry(), revision: 'bench' }
  const clock = { now: () => Date.parse(NEXT_DAY), sleep: async () => {} }
  const since = performance.now()
  const published = publishDailyTotals({ store, registry, clock, log: silentLog })
  const seconds = secondsSince(since)
  store.close()
  return { ...published, seconds }
}

function readRegistry(): Registry {
  return loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
}

/** Nobody is gone in a made file. */
function readPublishers(store: Store): Parameters<typeof lineageContent>[1] {
  const publisherOf = new Int32Array(findHighestKey(store) + 1)
  const rows = store.sqlite.prepare<[], [number, number]>('SELECT repo_key, publisher_key FROM repo').raw()
  for (const [repoKey, publisherKey] of rows.iterate()) publisherOf[repoKey] = publisherKey
  return { isListed: () => true, isSeen: () => true, publisherOf: repoKey => publisherOf[repoKey]! }
}

function digestOf(book: LineageBook, highest: number): string {
  const hash = createHash('sha256')
  for (let repoKey = 1; repoKey <= highest; repoKey += 1) {
    for (const root of book.rootsOf(repoKey)) hash.update(JSON.stringify([repoKey, root]))
  }
  return hash.digest('hex')
}

function secondsSince(since: number): number {
  return (performance.now() - since) / 1000
}
