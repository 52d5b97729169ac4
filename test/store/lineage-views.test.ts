import { describe, expect, test } from 'vitest'
import { registryOf } from '../derive/small-registry.ts'
import { lineageCensus, type WrittenRepo } from '../support/lineage-census.ts'
import { readRaw } from './capturing.ts'

const REPOS: readonly WrittenRepo[] = [
  { id: 'lab/base' },
  { id: 'lab/Now', former: 'lab/then' },
  {
    id: 'user/all',
    created: '2026-01-31',
    declares: [
      ['lab/base', 'finetune', 1],
      ['lab/base', 'adapter'],
      ['lab/then', 'merge'],
      ['LAB/BASE', 'merge'],
      ['oldlab/base', 'quantized'],
      ['base', 'undeclared'],
      ['lost/one', 'finetune'],
      ['/home/x', 'finetune'],
      ['user/all', 'finetune', 3],
    ],
  },
  { id: 'user/two', created: '2026-02-01', declares: [['lab/base', 'finetune', 1]] },
  { id: 'other/three', created: '2026-02-28', declares: [['lab/base', 'finetune', 1]] },
  { id: 'other/gone', created: '2026-02-28', gone: '2026-03-01', declares: [['lab/base', 'finetune', 1]] },
  { id: 'packer/copy' },
]

const census = () =>
  lineageCensus(REPOS, registryOf([]), {
    links: [
      { baseRepoKey: 1, repoKey: 3, relation: 'adapter', rule: 'name' },
      { baseRepoKey: 1, repoKey: 3, relation: 'finetune', rule: 'hub-id' },
      { baseRepoKey: 1, repoKey: 3, relation: 'merge', rule: 'letter-case' },
      { baseRepoKey: 1, repoKey: 3, relation: 'quantized', rule: 'renamed-handle' },
      { baseRepoKey: 1, repoKey: 3, relation: 'undeclared', rule: 'legacy-id' },
      { baseRepoKey: 1, repoKey: 4, relation: 'finetune', rule: 'hub-id' },
      { baseRepoKey: 1, repoKey: 5, relation: 'finetune', rule: 'hub-id' },
      { baseRepoKey: 1, repoKey: 6, relation: 'finetune', rule: 'hub-id' },
      { baseRepoKey: 1, repoKey: 7, relation: 're-upload', rule: 're-upload' },
      { baseRepoKey: 2, repoKey: 3, relation: 'merge', rule: 'former-name' },
    ],
    loose: [
      { repoKey: 3, declared: '/home/x', relation: 'finetune', cause: 'path' },
      { repoKey: 3, declared: 'lost/one', relation: 'finetune', cause: 'absent' },
    ],
    roots: [
      {
        repoKey: 3,
        ordinal: 0,
        root: { repoKey: 1, repoId: 'lab/base', declared: null, weight: 0.5, depth: 1, end: 'root' },
      },
      {
        repoKey: 3,
        ordinal: 1,
        root: {
          repoKey: null,
          repoId: 'lost/one',
          declared: 'lost/one',
          weight: 0.25,
          depth: 1,
          end: 'absent',
        },
      },
      {
        repoKey: 3,
        ordinal: 2,
        root: { repoKey: null, repoId: null, declared: '/home/x', weight: 0.25, depth: 1, end: 'unresolved' },
      },
    ],
    counts: [
      { baseRepoKey: 1, relation: 'any', directRepos: 3, directPublishers: 2, allRepos: 3, allPublishers: 2 },
    ],
  })

describe('the views of the lineage', () => {
  test('tell of every declaration how its base was found, or why not', () => {
    const store = census()
    const resolutions = () =>
      readRaw(
        store,
        "SELECT base_declared, relation, resolution FROM v1_base_edge WHERE repo_id = 'user/all' ORDER BY 1, 2",
      )
    expect(resolutions()).toEqual([
      ['/home/x', 'finetune', 'path'],
      ['LAB/BASE', 'merge', 'letter-case'],
      ['base', 'undeclared', 'legacy-id'],
      ['lab/base', 'adapter', 'name'],
      ['lab/base', 'finetune', 'hub-id'],
      ['lab/then', 'merge', 'former-name'],
      ['lost/one', 'finetune', 'absent'],
      ['oldlab/base', 'quantized', 'renamed-handle'],
      ['user/all', 'finetune', 'self'],
    ])
    store.sqlite.exec('UPDATE base_edge SET ended_on = 20500')
    expect(new Set(resolutions().map(([, , resolution]) => resolution))).toEqual(new Set([null]))
  })

  test('have every repository with roots of weight one, itself where it stands on nothing', () => {
    const store = census()
    expect(readRaw(store, 'SELECT repo_id, sum(weight) FROM v1_lineage GROUP BY 1 ORDER BY 1')).toEqual(
      REPOS.map(({ id }) => [id, 1]).sort(),
    )
    const rows = (id: string) =>
      readRaw(
        store,
        'SELECT root_repo_id, root_hub_id IS NULL, weight, depth, "end", root_declared FROM v1_lineage WHERE repo_id = ? ORDER BY weight DESC, 1',
        id,
      )
    expect(rows('user/all')).toEqual([
      ['lab/base', 0, 0.5, 1, 'root', null],
      [null, 1, 0.25, 1, 'unresolved', '/home/x'],
      ['lost/one', 1, 0.25, 1, 'absent', 'lost/one'],
    ])
    expect(rows('lab/base')).toEqual([['lab/base', 0, 1, 0, 'root', null]])
  })

  test('count the direct derivatives of a base by month, those listed, and read only them', () => {
    const store = census()
    const query =
      'SELECT relation, month, repos, publishers FROM v1_derivative_month WHERE base_repo_id = ? ORDER BY 1, 2'
    expect(readRaw(store, query, 'lab/base')).toEqual([
      ['adapter', '2026-01', 1, 1],
      ['finetune', '2026-01', 1, 1],
      ['finetune', '2026-02', 2, 2],
      ['merge', '2026-01', 1, 1],
      ['quantized', '2026-01', 1, 1],
      ['undeclared', '2026-01', 1, 1],
    ])
    const plan = store.sqlite
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .all('lab/base')
      .map(step => (step as { detail: string }).detail)
    expect(plan).toContain('SEARCH base USING INDEX repo_repo_id (repo_id=?)')
    expect(plan).toContain('SEARCH base_link USING PRIMARY KEY (base_repo_key=?)')
    expect(plan.filter(step => /^SCAN (repo|base_link|base)\b/.test(step))).toEqual([])
  })

  test('name both ends of a link, and the counts of a base', () => {
    const store = census()
    expect(
      readRaw(store, "SELECT base_repo_id, relation, rule FROM v1_base_link WHERE repo_id = 'packer/copy'"),
    ).toEqual([['lab/base', 're-upload', 're-upload']])
    expect(readRaw(store, 'SELECT * FROM v1_derivative_count')).toEqual([
      ['000000000000000000000001', 'lab/base', 'any', 3, 2, 3, 2],
    ])
  })
})
