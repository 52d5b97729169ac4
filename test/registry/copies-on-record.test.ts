import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createReuploadFinder } from '../../src/derive/base-names.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import { HAS_RADAR, radarFiles } from '../support/radar.ts'
import { bundled } from './bundled.ts'

const copiers = new Set(bundled.reuploads.map(({ handle }) => handle))
const find = createReuploadFinder(bundled)

interface Copy {
  repoId: string
  bases: readonly string[]
}

function readCopies(file: string): { copies: Copy[]; declared: Map<string, number> } {
  const copies: Copy[] = []
  const declared = new Map<string, number>()
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')) {
    const row = parseRepoRow(JSON.parse(line))
    const bases = row.bases.map(base => base.declared)
    if (copiers.has(handleOf(row.repoId))) copies.push({ repoId: row.repoId, bases })
    for (const base of bases.filter(id => copiers.has(handleOf(id)))) {
      declared.set(base, (declared.get(base) ?? 0) + 1)
    }
  }
  return { copies, declared }
}

describe.skipIf(!HAS_RADAR)(
  'rules for copies on a recorded list (skipped: ../shared/real/radar is absent)',
  () => {
    const { copies, declared } = HAS_RADAR
      ? readCopies(radarFiles()[2]!)
      : { copies: [], declared: new Map<string, number>() }

    test('say what every copy says that declares its base: no rule is contradicted', () => {
      const both = copies.filter(({ repoId, bases }) => bases.length > 0 && find(repoId) !== null)
      const contradicted = both.filter(({ repoId, bases }) => !bases.includes(find(repoId)!.repoId))
      expect(contradicted).toEqual([])
      expect(both.length).toBe(70)
    })

    test('find the model of every copy without a base', () => {
      const silent = copies.filter(({ bases }) => bases.length === 0)
      expect(silent).toHaveLength(24)
      expect(silent.filter(({ repoId }) => find(repoId) === null)).toEqual([])
    })

    test('are silent only on what these accounts changed themselves', () => {
      const unmapped = [...declared].filter(([repoId]) => find(repoId) === null)
      const edges = (rows: readonly (readonly [string, number])[]) =>
        rows.reduce((sum, [, count]) => sum + count, 0)
      expect([edges([...declared]), edges(unmapped)]).toEqual([726, 7])
      expect(unmapped.map(([repoId]) => repoId).sort()).toEqual([
        'NousResearch/DeepHermes-3-Llama-3-8B-Preview',
        'NousResearch/Genstruct-7B',
        'NousResearch/Hermes-3-Llama-3.1-8B',
        'RedHatAI/GLM-5.2-speculator.dspark',
        'mlx-community/Qwythos-9B-v2-OptiQ-4bit',
        'mlx-community/gemma-4-12b-coder-fable5-composer2.5-4bit',
      ])
    })
  },
)
