import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelledCatalogue } from '../../fixtures/catalogue/modelled-catalogue.ts'
import { createAttributor } from '../../src/derive/attribute.ts'
import { judgeScope, scopeBasis } from '../../src/derive/in-scope.ts'
import { NO_NAMES, type RepoFacts } from '../../src/domain/attribution.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import { PACKAGE_ROOT, REGISTRY } from '../support/census.ts'

const LIST = join(PACKAGE_ROOT, '..', 'shared', 'real', 'atom', 'models.csv')
if (!existsSync(LIST)) process.stderr.write('skipped: ../shared/real/atom is absent\n')

describe.skipIf(!existsSync(LIST))("the scope llm beside the ATOM Project's primary list", () => {
  test('is another list: the scope atom has all of them, and each repository once', () => {
    const registry = loadRegistry(REGISTRY)
    const listed = registry.scopes.get('atom')!.listed!
    const published = readFileSync(LIST, 'utf8').trim().split('\n').slice(1)
    expect([...listed].sort()).toEqual(published.map(line => line.split(',')[2]!).sort())
    const former = [...listed].filter(repoId => handleOf(repoId) === 'THUDM')
    expect(former).toHaveLength(93)
    // Whoever bears the new name is one repository: none of the former names is missed.
    expect(former.filter(repoId => !listed.has(repoId.replace('THUDM/', 'zai-org/')))).toEqual([])
  })

  test('keeps out no more of its models than can be named', () => {
    const primary = new Set(
      readFileSync(LIST, 'utf8')
        .split('\n')
        .slice(1)
        .map(line => line.split(',')[2]),
    )
    const registry = loadRegistry(REGISTRY)
    const attributor = createAttributor(registry)
    const llm = registry.scopes.get('llm')!
    const day = parseUtcDay('2025-12-31')
    const rows = modelledCatalogue(join(PACKAGE_ROOT, 'fixtures', 'catalogue')).rowsOn(day)
    const tracked = rows.filter(row => primary.has(row.id)).map(parseRepoRow)
    expect(tracked.length).toBeGreaterThan(350)
    const keptOut = tracked.flatMap(row => {
      const facts: RepoFacts = {
        repoKey: 0,
        repoId: row.repoId,
        formerNames: NO_NAMES,
        handle: handleOf(row.repoId),
        createdOn: new Date(row.createdAt * 1000).toISOString().slice(0, 10),
        task: row.task,
        bases: row.bases.map(base => ({
          declared: base.declared,
          relation: base.relation,
          repoId: base.declared,
        })),
        roots: [],
      }
      const verdict = judgeScope(llm, facts, attributor.attribute(row.repoId, day), scopeBasis(registry, day))
      return verdict === 'in' ? [] : [`${verdict} ${row.repoId}`]
    })
    // Each by its task alone: embedding, speech, translation and video models that the early list still holds.
    expect(keptOut.sort()).toEqual([
      'task ibm-granite/granite-embedding-278m-multilingual',
      'task microsoft/Phi-4-multimodal-instruct',
      'task openbmb/VoxCPM-0.5B',
      'task tencent/HY-MT1.5-1.8B',
      'task tencent/Hunyuan-MT-7B',
      'task zai-org/CogVideoX-2b',
      'task zai-org/CogVideoX-5b',
    ])
  })
})
