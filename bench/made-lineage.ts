import { drawFraction } from '../fixtures/generated-catalogue/draw.ts'
import { handleOf } from '../src/domain/repo.ts'
import { addDays, dayNumber, parseUtcDay, type UtcDay } from '../src/domain/utc-day.ts'
import { openBulkInsert } from '../src/store/bulk-insert.ts'
import { indexNames } from '../src/store/name-index.ts'
import type { Store } from '../src/store/open-store.ts'
import { type LineageShape, shapeLineage } from './lineage-shape.ts'
import { MADE_NOTICE, openCensusFile } from './made-hub.ts'

/** The day of a made file, and the one that `makeNextNight` adds. */
export const FIRST_DAY = parseUtcDay('2026-11-01')
export const NEXT_DAY = addDays(FIRST_DAY, 1)

/** What the night after brings, as shares of the repositories or of those with bases. */
const BORN_SHARE = 0.001
const CHANGED_EDGES_SHARE = 0.01
const CHANGED_BASES_SHARE = 0.001

const SEED = 6
const [POPULARITY, IS_CHANGED] = [1, 2]
const FIRST_SECOND = 0x62200000
const CREATED_OVER_SECONDS = 1_640 * 86_400
/** Above every rename, below every day that is published. */
const [SEEN_DAYS_BEFORE, RENAMED_DAYS_BEFORE] = [90, 40]
const TASKS = ['text-generation', 'image-text-to-text', 'text-classification', 'text-to-image', 'translation']

const REPO_COLUMNS = [
  'repo_key',
  'hex hub_id',
  'repo_id',
  'publisher_key',
  'created_at',
  'first_seen_on',
  'task_key',
  'gated',
  'is_disabled',
  'downloads_30d',
  'downloads_all_time',
  'likes',
  'last_known_all_time',
  'observed_on',
  'detail_hash',
]
const EDGE_COLUMNS = ['repo_key', 'declared', 'relation', 'hex base_hub_id', 'first_seen_on']

/** How much is in a file. */
export interface MadeLineage {
  repos: number
  edges: number
  bases: number
}

/**
 * Makes a census file of one complete night with so many repositories, nearly four fifths of which name a base. Plain rows
 * in the tables of the migrations: nothing that is measured is used. An interruption leaves a broken file.
 */
export function makeLineageFile(file: string, models: number): MadeLineage {
  const shape = shapeLineage(models)
  const store = openCensusFile(file)
  hasten(store)
  TASKS.forEach((task, index) => {
    store.sqlite.prepare("INSERT INTO term VALUES (?, 'task', ?)").run(index + 1, task)
  })
  const add = openWriter(store, shape)
  store.sqlite.transaction(() => {
    for (let place = 0; place < models; place += 1) {
      add.repo(place, dayNumber(FIRST_DAY) - SEEN_DAYS_BEFORE)
      add.edges(place, dayNumber(FIRST_DAY) - SEEN_DAYS_BEFORE, 0)
    }
    add.flush()
    completeNight(store, FIRST_DAY, 'true')
  })()
  indexNames(store)
  const made = store.sqlite
    .prepare<[], MadeLineage>(
      `SELECT (SELECT count(*) FROM repo) AS repos, count(*) AS edges, count(DISTINCT base_hub_id) AS bases FROM base_edge`,
    )
    .get()!
  store.close()
  return made
}

/** How much a night changed. */
export interface NightChanges {
  born: number
  /** Repositories that declare other bases than before. */
  changed: number
}

/**
 * Adds the night after: a thousandth more repositories, other bases of one in a hundred (of bases, one in a thousand; heads
 * keep theirs), other counters of three in ten.
 */
export function makeNextNight(file: string, models: number): NightChanges {
  const shape = shapeLineage(models)
  const store = openCensusFile(file)
  hasten(store)
  const day = dayNumber(NEXT_DAY)
  const end = store.sqlite.prepare(
    'UPDATE base_edge SET ended_on = ? WHERE repo_key = ? AND ended_on IS NULL',
  )
  const add = openWriter(store, shape)
  const born = Math.ceil(models * BORN_SHARE)
  let changed = 0
  store.sqlite.transaction(() => {
    for (let place = models; place < models + born; place += 1) {
      add.repo(place, day)
      add.edges(place, day, 0)
    }
    for (let place = 0; place < models; place += 1) {
      const share = shape.isBase(place) ? CHANGED_BASES_SHARE : CHANGED_EDGES_SHARE
      if (shape.isFixed(place) || drawFraction(SEED, place, IS_CHANGED) >= share) continue
      changed += Math.min(1, end.run(day, keyOf(place)).changes + add.edges(place, day, 1))
    }
    add.flush()
    store.sqlite.exec(
      `UPDATE repo SET downloads_30d = downloads_30d + 1, downloads_all_time = downloads_all_time + 1,
         last_known_all_time = last_known_all_time + 1, observed_on = ${day} WHERE repo_key % 10 < 3`,
    )
    completeNight(store, NEXT_DAY, `observed_on = ${day}`)
  })()
  store.close()
  return { born, changed }
}

/**
 * Takes out of a file what a recursive query has no answer for, or none in reasonable time: circles, bases that only a text
 * names, and the chain of 50,000 steps, whose every repository has all those before it for ancestors (1.25 thousand million
 * ways). Gives how many edges are left.
 */
export function keepPlainEdges(file: string, models: number): number {
  const shape = shapeLineage(models)
  const store = openCensusFile(file)
  hasten(store)
  const remove = store.sqlite.prepare('DELETE FROM base_edge WHERE repo_key = ?')
  store.sqlite.transaction(() => {
    store.sqlite.exec('DELETE FROM base_edge WHERE base_hub_id IS NULL')
    for (let place = 0; place < models; place += 1) if (shape.isOdd(place)) remove.run(keyOf(place))
  })()
  const left = store.sqlite.prepare<[], number>('SELECT count(*) FROM base_edge').pluck().get()!
  store.close()
  return left
}

/** The file is the bench's own: nobody needs it after a crash. */
function hasten({ sqlite }: Store): void {
  sqlite.pragma('journal_mode = OFF')
  sqlite.pragma('synchronous = OFF')
  sqlite.pragma('foreign_keys = OFF')
  sqlite.pragma('cache_size = -200000')
}

function keyOf(place: number): number {
  return place + 1
}

function secondOf(place: number, models: number): number {
  return FIRST_SECOND + Math.floor((place / models) * CREATED_OVER_SECONDS)
}

function openWriter(store: Store, shape: LineageShape) {
  const { sqlite } = store
  const { models } = shape
  const insert = {
    publisher: openBulkInsert(sqlite, 'publisher', ['publisher_key', 'handle']),
    repo: openBulkInsert(sqlite, 'repo', REPO_COLUMNS),
    name: openBulkInsert(sqlite, 'repo_name', ['repo_key', 'from_on', 'until_on', 'repo_id']),
    edge: openBulkInsert(sqlite, 'base_edge', EDGE_COLUMNS),
  }
  const publishers = new Map(
    sqlite.prepare<[], [string, number]>('SELECT handle, publisher_key FROM publisher').raw().all(),
  )
  const hubIdOf = (place: number) =>
    secondOf(place, models).toString(16) + place.toString(16).padStart(16, '0')

  function publisherOf(repoId: string): number {
    const handle = handleOf(repoId)
    let key = publishers.get(handle)
    if (key === undefined) {
      key = publishers.size + 1
      publishers.set(handle, key)
      insert.publisher.add([key, handle])
    }
    return key
  }

  return {
    repo(place: number, day: number): void {
      const repoId = shape.repoIdOf(place)
      const popularity = drawFraction(SEED, place, POPULARITY)
      const downloads = popularity < 0.6 ? 1 + Math.floor(1 / (popularity + 1e-6)) : 0
      const former = shape.formerNameOf(place)
      const [key, hubId, publisher] = [keyOf(place), hubIdOf(place), publisherOf(repoId)]
      const about = [key, hubId, repoId, publisher, secondOf(place, models), day, (place % TASKS.length) + 1]
      insert.repo.add([...about, 'no', 0, downloads, downloads * 12, place % 50, downloads * 12, day, 0])
      if (former !== null) insert.name.add([key, day, day + RENAMED_DAYS_BEFORE, former])
    },
    /** Gives how many there are. */
    edges(place: number, day: number, draw: number): number {
      const edges = shape.edgesOf(place, draw)
      for (const { declared, relation, base } of edges)
        insert.edge.add([keyOf(place), declared, relation, base === null ? null : hubIdOf(base), day])
      return edges.length
    },
    flush(): void {
      for (const { flush } of Object.values(insert)) flush()
    },
  }
}

/** A complete sweep of the day, with the observations of the repositories that `which` (our own SQL) chooses. */
function completeNight({ sqlite }: Store, day: UtcDay, which: string): void {
  const number = dayNumber(day)
  sqlite.exec(
    `INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time, likes)
     SELECT ${number}, repo_key, downloads_30d, downloads_all_time, likes FROM repo WHERE ${which}`,
  )
  sqlite
    .prepare(
      `INSERT INTO sweep (source, notice, day, state, started_at, finished_at, page_count, row_count, stored_count)
       SELECT 'https://example.org', ?, ?, 'complete', ?, ?, 1, count(*), count(*) FROM repo`,
    )
    .run(MADE_NOTICE, number, Date.parse(day), Date.parse(day))
}
