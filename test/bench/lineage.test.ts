import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureLineage, type RunStep } from '../../bench/lineage.ts'
import { askDuckdb, askSqlite, compareRoots, exportEdges, type PeerRoots } from '../../bench/lineage-peers.ts'
import { shapeLineage } from '../../bench/lineage-shape.ts'
import * as ownSteps from '../../bench/lineage-steps.ts'
import { openCensusFile } from '../../bench/made-hub.ts'
import { FIRST_DAY, keepPlainEdges, makeLineageFile } from '../../bench/made-lineage.ts'
import type { Measured } from '../../bench/measured-process.ts'
import { PROMISES } from '../../bench/promises.ts'
import { temporaryFolder } from '../support/census.ts'

const MODELS = 50_000
const PROBE = { mark() {}, ask: () => Promise.reject(new Error('nobody is asked')) }
const STEPS = { ...ownSteps, askSqlite, askDuckdb }

/** In this process: children of Node run no TypeScript, and what memory a step took is not asked here. */
const inThisProcess = (async (step: keyof typeof STEPS, input: never): Promise<Measured<unknown>> => ({
  result: await STEPS[step](input, PROBE),
  startMB: 1,
  peakMB: 1,
  seconds: 1,
  samples: [],
})) as unknown as RunStep

test('every promised figure of lineage is measured, and three ways to the roots agree', async () => {
  const noted: string[] = []
  const note = (name: string, value: number) => {
    expect(value, name).toBeGreaterThan(0)
    noted.push(name)
  }
  await measureLineage({
    models: MODELS,
    rounds: 1,
    folder: temporaryFolder(),
    note,
    say() {},
    run: inThisProcess,
  })
  const promised = PROMISES.filter(({ name }) => /roots|lineage|edges/.test(name)).map(({ name }) => name)
  expect(noted.sort()).toEqual([...promised].sort())
}, 120_000)

test('the goals of the issue are the ones that are promised', () => {
  const goalOf = (wanted: string) => PROMISES.find(({ name }) => name === wanted)?.goal
  expect(goalOf('roots and weights of 3.25 M repositories')).toEqual({ atMost: 10 })
  expect(goalOf('memory of roots and weights, 3.25 M repositories')).toEqual({ atMost: 500 })
})

test('a made file has the shape of the Hub: few bases with most edges, texts, circles, merges and a long chain', () => {
  const file = join(temporaryFolder(), 'made.db')
  const made = makeLineageFile(file, MODELS)
  expect(made.repos).toBe(MODELS)
  expect(made.edges / MODELS).toBeCloseTo(2.5 / 3.25, 1)
  const { sqlite, close } = openCensusFile(file)
  const ask = (query: string) => sqlite.prepare<[], number>(query).pluck().get()!
  expect(sqlite.pragma('foreign_key_check')).toEqual([])
  expect(ask('SELECT avg(base_hub_id IS NULL) FROM base_edge')).toBeCloseTo(0.14, 1)
  const heads = 'SELECT base_hub_id FROM base_edge GROUP BY 1 ORDER BY count(*) DESC LIMIT 20'
  const share = `SELECT avg(base_hub_id IN (${heads})) FROM base_edge WHERE base_hub_id IS NOT NULL`
  expect(ask(share)).toBeGreaterThan(0.75)
  const most = ask('SELECT max(bases) FROM (SELECT count(*) AS bases FROM base_edge GROUP BY repo_key)')
  expect(most).toBeGreaterThan(5)
  expect(most).toBeLessThanOrEqual(18)
  close()
  const { changes } = ownSteps.writeLineage({ file, day: FIRST_DAY }, PROBE)
  expect(changes.roots.written).toBeGreaterThan(MODELS / 2)
  const written = openCensusFile(file)
  const tell = (query: string) => written.sqlite.prepare<[], string>(query).pluck().all()
  expect(tell('SELECT DISTINCT rule FROM base_link ORDER BY 1')).toEqual(
    ['former-name', 'hub-id', 'legacy-id', 'letter-case', 'name', 'renamed-handle'].sort(),
  )
  expect(tell('SELECT DISTINCT cause FROM loose_base ORDER BY 1')).toEqual(['absent', 'path'])
  expect(tell('SELECT DISTINCT "end" FROM lineage_root ORDER BY 1')).toEqual(
    expect.arrayContaining(['cycle', 'root']),
  )
  expect(tell('SELECT max(depth) FROM lineage_root')).toEqual([Math.floor(MODELS / 65) - 1])
  written.close()
})

test('the roots that are compared are those of the declared bases, walked here step by step', async () => {
  const folder = temporaryFolder()
  const [file, plain] = [join(folder, 'made.db'), join(folder, 'plain.db')]
  makeLineageFile(file, MODELS)
  copyFileSync(file, plain)
  keepPlainEdges(plain, MODELS)
  const shape = shapeLineage(MODELS)
  const rootsOf = (place: number): Map<number, number> => {
    const bases = shape.isOdd(place) ? [] : shape.edgesOf(place).flatMap(({ base }) => base ?? [])
    const roots = new Map<number, number>()
    for (const base of bases) {
      const above = rootsOf(base)
      for (const [root, weight] of above.size === 0 ? [[base, 1] as const] : above)
        roots.set(root, (roots.get(root) ?? 0) + weight / bases.length)
    }
    return roots
  }
  const sample = Array.from({ length: 3_000 }, (_, place) => place * 13 + 1)
  const walked = sample.flatMap(repoKey =>
    [...rootsOf(repoKey - 1)].map(([root, weight]): [number, number, number] => [repoKey, root + 1, weight]),
  )
  const own = ownSteps.findRoots({ file: plain, day: FIRST_DAY, sample, withoutReuploads: true }, PROBE)
  compareRoots({ roots: own.roots, answers: walked }, own, 'ours')
  compareRoots(own, askSqlite({ file: plain, sample }, PROBE), 'SQLite')
  compareRoots(own, await askDuckdb({ ...exportEdges(plain, folder), sample }, PROBE), 'DuckDB')
  expect(walked.some(([, , weight]) => weight < 1)).toBe(true)
})

test('roots that differ in one weight, one root or one row are no comparison', () => {
  const ours: Pick<PeerRoots, 'roots' | 'answers'> = {
    roots: 2,
    answers: [
      [1, 7, 0.5],
      [1, 8, 0.5],
    ],
  }
  const theirs = (answers: PeerRoots['answers'], roots = 2) => ({ roots, answers })
  expect(() =>
    compareRoots(
      ours,
      theirs([
        [1, 8, 0.5],
        [1, 7, 0.5],
      ]),
      'X',
    ),
  ).not.toThrow()
  expect(() =>
    compareRoots(
      ours,
      theirs([
        [1, 7, 0.6],
        [1, 8, 0.4],
      ]),
      'X',
    ),
  ).toThrow('X: repository 1 stands on 7 by 0.5')
  expect(() => compareRoots(ours, theirs([[1, 7, 0.5]]), 'X')).toThrow('or by nothing')
  expect(() =>
    compareRoots(
      ours,
      theirs([
        [1, 7, 0.5],
        [1, 8, 0.5],
        [2, 8, 1],
      ]),
      'X',
    ),
  ).toThrow('X alone')
  expect(() =>
    compareRoots(
      ours,
      theirs(
        [
          [1, 7, 0.5],
          [1, 8, 0.5],
        ],
        3,
      ),
      'X',
    ),
  ).toThrow('3 roots')
})
