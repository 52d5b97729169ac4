import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { drawFraction } from '../fixtures/generated-catalogue/draw.ts'
import type { askDuckdb, askSqlite } from './lineage-peers.ts'
import { compareRoots, exportEdges } from './lineage-peers.ts'
import {
  type findRoots,
  type moveNight,
  type publishNight,
  type readEdgesOnly,
  rowsChanged,
  type writeLineage,
} from './lineage-steps.ts'
import { FIRST_DAY, keepPlainEdges, makeLineageFile, makeNextNight, NEXT_DAY } from './made-lineage.ts'
import { type Measured, type MeasureOptions, runMeasured } from './measured-process.ts'
import type { Promised } from './promises.ts'

/** The steps by name. */
interface Steps {
  readEdgesOnly: typeof readEdgesOnly
  findRoots: typeof findRoots
  writeLineage: typeof writeLineage
  moveNight: typeof moveNight
  publishNight: typeof publishNight
  askSqlite: typeof askSqlite
  askDuckdb: typeof askDuckdb
}

/** Runs a step and measures it; as a rule in a process of its own. */
export type RunStep = <N extends keyof Steps>(
  step: N,
  input: Parameters<Steps[N]>[0],
) => Promise<Measured<Awaited<ReturnType<Steps[N]>>>>

export interface LineageBench {
  models: number
  rounds: number
  /** A folder of the bench's own, with room for three files: 1.5 KB a repository. */
  folder: string
  note(figure: Promised, value: number): void
  say(text: string): void
  run?: RunStep
}

const MODULES: Record<keyof Steps, string> = {
  readEdgesOnly: './lineage-steps.js',
  findRoots: './lineage-steps.js',
  writeLineage: './lineage-steps.js',
  moveNight: './lineage-steps.js',
  publishNight: './lineage-steps.js',
  askSqlite: './lineage-peers.js',
  askDuckdb: './lineage-peers.js',
}
/** What every command but a sweep has (`boundMemory`). */
const BOUNDED: MeasureOptions = { execArgv: ['--optimize-for-size'] }
/** Repositories whose roots are compared one by one; of all the others, how many there are. */
const SAMPLE = 2_000

const inOwnProcess: RunStep = (step, input) =>
  runMeasured({ module: new URL(MODULES[step], import.meta.url).href, step }, input as never, BOUNDED)

/**
 * Roots and weights of a made Hub of 2.5 million edges at 3.25 million repositories: to the reading of the edges, to
 * recursive queries over the same edges, written, and brought up to date the night after. Throws an Error when two ways to
 * the same roots differ.
 */
export async function measureLineage(bench: LineageBench): Promise<void> {
  const { models, folder, say } = bench
  const file = join(folder, 'lineage.db')
  say(`lineage: ${JSON.stringify(makeLineageFile(file, models))}`)
  await measureRoots(bench, file)
  const plain = join(folder, 'plain.db')
  copyFileSync(file, plain)
  say(`lineage without circles, texts and the long chain: ${keepPlainEdges(plain, models)} edges`)
  await comparePeers(bench, plain)
  rmSync(plain)
  await measureNight(bench, file)
  rmSync(file)
}

async function measureRoots({ folder, rounds, note, say, run = inOwnProcess }: LineageBench, file: string) {
  for (let round = 1; round <= rounds; round += 1) {
    const floor = (await run('readEdgesOnly', { file })).result
    const { result, peakMB, samples } = await run('findRoots', { file, day: FIRST_DAY })
    note('roots and weights, to reading their edges', result.seconds.all / floor.seconds)
    note('roots and weights of 3.25 M repositories', result.seconds.all)
    note('memory of roots and weights, 3.25 M repositories', peakMB)
    note('floor, reading edges', floor.seconds)
    say(`roots: ${JSON.stringify({ floor, ...result })} ${phases(samples)}`)
    const written = join(folder, 'written.db')
    copyFileSync(file, written)
    const first = await run('writeLineage', { file: written, day: FIRST_DAY })
    note('lineage written the first time', first.result.seconds)
    say(`written: ${JSON.stringify(first.result)} ${phases(first.samples)}`)
    rmSync(written)
  }
}

async function comparePeers(
  { models, folder, rounds, note, say, run = inOwnProcess }: LineageBench,
  file: string,
) {
  const draws = Array.from({ length: SAMPLE }, (_, draw) => 1 + Math.floor(drawFraction(1, draw, 1) * models))
  const sample = [...new Set(draws)]
  const tables = exportEdges(file, folder)
  for (let round = 1; round <= rounds; round += 1) {
    const own = await run('findRoots', { file, day: FIRST_DAY, sample, withoutReuploads: true })
    const sqlite = await run('askSqlite', { file, sample })
    const duckdb = await run('askDuckdb', { ...tables, sample })
    compareRoots(own.result, sqlite.result, 'SQLite')
    compareRoots(own.result, duckdb.result, 'DuckDB')
    const { all } = own.result.seconds
    note('roots of the same edges, to a recursive query in SQLite', all / sqlite.result.seconds)
    note('roots of the same edges, to a recursive query in DuckDB', all / duckdb.result.seconds)
    note('roots of the same edges', all)
    note('roots by a recursive query in SQLite', sqlite.result.seconds)
    note('roots by a recursive query in DuckDB', duckdb.result.seconds)
    say(
      `${own.result.roots} roots, ${own.result.answers.length} compared: ${JSON.stringify(own.result.seconds)} peak ${own.peakMB}, ` +
        `SQLite ${sqlite.result.seconds} peak ${sqlite.peakMB}, DuckDB ${duckdb.result.seconds} peak ${duckdb.peakMB}`,
    )
  }
  for (const table of Object.values(tables)) rmSync(table)
}

async function measureNight(
  { models, folder, rounds, note, say, run = inOwnProcess }: LineageBench,
  file: string,
) {
  const first = (await run('publishNight', { file })).result
  say(`first night published: ${JSON.stringify(first)}`)
  say(`next night: ${JSON.stringify(makeNextNight(file, models))}`)
  const fresh = (await run('findRoots', { file, day: NEXT_DAY, withDigest: true })).result
  const copy = join(folder, 'night.db')
  for (let round = 1; round <= rounds; round += 1) {
    const moved = (await run('moveNight', { file })).result
    if (moved.digest !== fresh.digest)
      throw new Error('roots moved on to the next night are not those read afresh')
    note('roots of the next night, what changed alone', moved.seconds)
    note('roots of the next night, what changed to everything', moved.seconds / fresh.seconds.all)
    copyFileSync(file, copy)
    const written = (await run('writeLineage', { file: copy, day: NEXT_DAY })).result
    note('lineage written the next night', written.seconds)
    note('rows of lineage written the next night', (100 * rowsChanged(written.changes)) / written.held)
    copyFileSync(file, copy)
    const { result: night, peakMB, samples } = await run('publishNight', { file: copy })
    if (night.from !== 'latest') throw new Error(`a night was published from ${night.from}`)
    note('publication of a night with its lineage', night.seconds)
    note('memory of a publication with its lineage', peakMB)
    say(`moved: ${JSON.stringify(moved)}; written: ${JSON.stringify(written)}`)
    say(`published: ${JSON.stringify(night)} ${phases(samples)}`)
    rmSync(copy)
  }
}

function phases(samples: Measured<unknown>['samples']): string {
  return samples
    .map(({ label, at, peakMB }) => `${label} ${at.toFixed(2)} s ${Math.round(peakMB)} MB`)
    .join(', ')
}
