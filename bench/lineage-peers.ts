import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { RootAnswer } from './lineage-steps.ts'
import { openCensusFile } from './made-hub.ts'
import type { Probe } from './measured-process.ts'

/**
 * Roots and weights by recursive queries. Neither knows circles or texts, and both keep a row for every way up, not for
 * every root: they are asked of a file that `keepPlainEdges` has prepared, whose ways have some eight steps. On the whole
 * graph they would need a limit of their depth, and with it give wrong roots of everything beyond.
 */
export interface PeerRoots {
  /** From the edges as they are kept to a table of roots. */
  seconds: number
  /** Rows of that table. */
  roots: number
  answers: RootAnswer[]
}

/** By a recursive query in SQLite, with the settings of the census file and its temporary tables in memory. A step. */
export function askSqlite(
  { file, sample }: { file: string; sample: readonly number[] },
  probe: Probe,
): PeerRoots {
  const { sqlite, close } = openCensusFile(file)
  sqlite.pragma('temp_store = MEMORY')
  const since = performance.now()
  sqlite.exec(
    `CREATE TEMP TABLE edge (repo_key INTEGER, base_key INTEGER, share REAL, PRIMARY KEY (repo_key, base_key)) WITHOUT ROWID;
     INSERT INTO edge
       SELECT repo_key, base_key, 1.0 / count(*) OVER (PARTITION BY repo_key)
       FROM (SELECT DISTINCT base_edge.repo_key, base.repo_key AS base_key
             FROM base_edge JOIN repo AS base ON base.hub_id = base_hub_id
             WHERE ended_on IS NULL AND base.repo_key <> base_edge.repo_key);`,
  )
  probe.mark('edges')
  sqlite.exec(
    `CREATE TEMP TABLE root AS
     WITH RECURSIVE way (repo_key, root_key, weight) AS (
       SELECT repo_key, base_key, share FROM edge
       UNION ALL
       SELECT way.repo_key, edge.base_key, way.weight * edge.share
       FROM way JOIN edge ON edge.repo_key = way.root_key
     )
     SELECT repo_key, root_key, sum(weight) AS weight FROM way
     WHERE NOT EXISTS (SELECT 1 FROM edge WHERE edge.repo_key = way.root_key)
     GROUP BY repo_key, root_key`,
  )
  const seconds = secondsSince(since)
  probe.mark('roots')
  const roots = sqlite.prepare<[], number>('SELECT count(*) FROM root').pluck().get()!
  const answers = sqlite
    .prepare<[string], RootAnswer>(
      'SELECT repo_key, root_key, weight FROM root WHERE repo_key IN (SELECT value FROM json_each(?))',
    )
    .raw()
    .all(JSON.stringify(sample))
  close()
  return { seconds, roots, answers }
}

/** Writes edges with the `_id` of their base, and every `_id` with its key, as CSV: DuckDB's way in here. */
export function exportEdges(file: string, folder: string): { edges: string; repos: string } {
  const { sqlite, close } = openCensusFile(file)
  const write = (name: string, query: string) => {
    const target = join(folder, name)
    const descriptor = openSync(target, 'w')
    let lines: string[] = []
    for (const [key, hubId] of sqlite.prepare<[], [number, string]>(query).raw().iterate()) {
      lines.push(`${key},${hubId}\n`)
      if (lines.length < 10_000) continue
      writeSync(descriptor, lines.join(''))
      lines = []
    }
    writeSync(descriptor, lines.join(''))
    closeSync(descriptor)
    return target
  }
  const files = {
    edges: write('edges.csv', 'SELECT repo_key, hex(base_hub_id) FROM base_edge WHERE ended_on IS NULL'),
    repos: write('repos.csv', 'SELECT repo_key, hex(hub_id) FROM repo'),
  }
  close()
  return files
}

/** By a recursive query in DuckDB with all cores, from tables of its own; their loading does not count. A step. */
export async function askDuckdb(
  { edges, repos, sample }: { edges: string; repos: string; sample: readonly number[] },
  probe: Probe,
): Promise<PeerRoots> {
  // Loaded here: a platform without a build of DuckDB can still run every other part of the bench.
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const load = (table: string, columns: string, file: string) =>
    connection.run(
      `CREATE TABLE ${table} AS FROM read_csv('${file.replaceAll("'", "''")}', header = false, columns = ${columns})`,
    )
  await load('declared', "{'repo_key': 'INTEGER', 'base_hub_id': 'VARCHAR'}", edges)
  await load('repo', "{'repo_key': 'INTEGER', 'hub_id': 'VARCHAR'}", repos)
  probe.mark('loaded')
  const since = performance.now()
  await connection.run(
    `CREATE TABLE edge AS
     SELECT repo_key, base_key, 1.0::DOUBLE / count(*) OVER (PARTITION BY repo_key) AS share
     FROM (SELECT DISTINCT declared.repo_key, repo.repo_key AS base_key
           FROM declared JOIN repo ON hub_id = base_hub_id WHERE repo.repo_key <> declared.repo_key)`,
  )
  await connection.run(
    `CREATE TABLE root AS
     WITH RECURSIVE way (repo_key, root_key, weight) AS (
       SELECT repo_key, base_key, share FROM edge
       UNION ALL
       SELECT way.repo_key, edge.base_key, way.weight * edge.share
       FROM way JOIN edge ON edge.repo_key = way.root_key
     )
     SELECT repo_key, root_key, sum(weight) AS weight FROM way
     WHERE root_key NOT IN (SELECT repo_key FROM edge)
     GROUP BY repo_key, root_key`,
  )
  const seconds = secondsSince(since)
  probe.mark('roots')
  const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM root')
  const found = await connection.runAndReadAll(
    `SELECT repo_key, root_key, weight FROM root WHERE repo_key IN (${sample.map(Math.trunc).join(', ')})`,
  )
  const answers = found
    .getRows()
    .map(([repo, root, weight]): RootAnswer => [Number(repo), Number(root), Number(weight)])
  connection.closeSync()
  instance.closeSync()
  return { seconds, roots: Number(counted.getRows()[0]![0]), answers }
}

function secondsSince(since: number): number {
  return (performance.now() - since) / 1000
}

/** Sums of the same weights in another order differ by less. */
const CLOSE = 1e-9

/** Throws an Error that names the first difference of two tellings of the same roots, in whatever order they came. */
export function compareRoots(
  ours: Pick<PeerRoots, 'roots' | 'answers'>,
  theirs: Pick<PeerRoots, 'roots' | 'answers'>,
  name: string,
): void {
  const left = new Map(theirs.answers.map(([repo, root, weight]) => [`${repo} ${root}`, weight]))
  for (const [repo, root, weight] of ours.answers) {
    const other = left.get(`${repo} ${root}`)
    if (other === undefined || Math.abs(other - weight) > CLOSE) {
      throw new Error(
        `${name}: repository ${repo} stands on ${root} by ${weight}, or by ${other ?? 'nothing'}`,
      )
    }
    left.delete(`${repo} ${root}`)
  }
  const [more] = left
  if (more !== undefined) throw new Error(`${name} alone: ${more.join(' by ')}`)
  if (ours.roots !== theirs.roots) throw new Error(`${name} has ${theirs.roots} roots, we have ${ours.roots}`)
}
