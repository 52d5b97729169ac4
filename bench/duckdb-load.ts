import { statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { startMadeHub, withFolder } from './made-hub.ts'
import { type Measured, runMeasured } from './measured-process.ts'
import { fetchPageFiles } from './page-files.ts'

/** What DuckDB made of the pages. */
export interface DuckdbLoad {
  rows: number
  seconds: number
  rowsPerSecond: number
  fileBytes: number
  version: string
}

/** The fields a sweep keeps, as JSON types; whatever else a page holds is skipped. */
const FIELDS = `{
  '_id': 'VARCHAR', 'id': 'VARCHAR', 'createdAt': 'TIMESTAMP', 'lastModified': 'TIMESTAMP', 'gated': 'VARCHAR',
  'disabled': 'BOOLEAN', 'private': 'BOOLEAN', 'pipeline_tag': 'VARCHAR', 'library_name': 'VARCHAR',
  'downloads': 'BIGINT', 'downloadsAllTime': 'BIGINT', 'likes': 'BIGINT', 'safetensors': 'STRUCT(total BIGINT)',
  'tags': 'VARCHAR[]', 'baseModels': 'STRUCT(relation VARCHAR, models STRUCT(_id VARCHAR, id VARCHAR)[])'
}`

/**
 * The same pages loaded by DuckDB with all cores into a table with the lean columns, in a file, up to its checkpoint.
 * A step for `runMeasured`. Throws where DuckDB has no build for this machine.
 */
export async function loadPages({
  pages,
  database,
}: {
  pages: string
  database: string
}): Promise<DuckdbLoad> {
  // Loaded here: a platform without a build of DuckDB can still run every other part of the bench.
  const { DuckDBInstance, version } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const since = performance.now()
  await connection.run(
    `CREATE TABLE repo AS SELECT _id AS hub_id, id AS repo_id, createdAt AS created_at, lastModified AS last_modified_at,
       pipeline_tag AS task, library_name AS library,
       list_filter(tags, tag -> starts_with(tag, 'license:'))[1] AS licence, safetensors.total AS parameters, gated, disabled,
       downloads AS downloads_30d, downloadsAllTime AS downloads_all_time, likes, baseModels AS bases
     FROM read_json('${join(pages, '*.json').replaceAll("'", "''")}', format = 'array', columns = ${FIELDS})
     WHERE private IS NOT TRUE`,
  )
  await connection.run('CHECKPOINT')
  const seconds = (performance.now() - since) / 1000
  const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM repo')
  const rows = Number(counted.getRows()[0]![0])
  connection.closeSync()
  instance.closeSync()
  return {
    rows,
    seconds,
    rowsPerSecond: rows / seconds,
    fileBytes: statSync(database).size,
    version: version(),
  }
}

/** Loads a folder of page files with DuckDB in a process of its own. */
export function measureDuckdbLoad(pages: string): Promise<Measured<DuckdbLoad>> {
  return withFolder(folder =>
    runMeasured(
      { module: import.meta.url, step: 'loadPages' },
      { pages, database: join(folder, 'load.duckdb') },
    ),
  )
}

/** `node dist/bench/duckdb-load.js [repositories | folder of page files | origin]` */
if (argv[1] === fileURLToPath(import.meta.url)) {
  const from = argv[2] ?? '20000'
  const report = async (pages: string) => {
    const { result, peakMB } = await measureDuckdbLoad(pages)
    process.stdout.write(`${JSON.stringify({ ...result, peakMB }, null, 2)}\n`)
  }
  if (from.startsWith('http'))
    await withFolder(async folder => report((await fetchPageFiles(from, folder)).folder))
  else if (/^\d+$/.test(from)) {
    const hub = await startMadeHub(Number(from), [0])
    await withFolder(async folder => report((await fetchPageFiles(hub.origin, folder)).folder))
    await hub.close()
  } else await report(from)
}
