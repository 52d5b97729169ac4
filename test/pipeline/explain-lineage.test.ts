import { expect, test } from 'vitest'
import type { LineageRoot, RootOfRepo } from '../../src/domain/lineage.ts'
import { explainRepo } from '../../src/pipeline/explain-repo.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { lineageCensus } from '../support/lineage-census.ts'

const registry = {
  ...EVERY_KIND,
  reuploads: [
    {
      handle: 'bloke',
      repoId: null,
      pattern: /^(.+)-GGUF$/,
      to: 'qwen/$1',
      reason: 'The same weights.',
      evidence: 'unverified',
    },
  ],
}

function rootOf(
  repoKey: number,
  ordinal: number,
  parts: Partial<LineageRoot> & Pick<LineageRoot, 'end'>,
): RootOfRepo {
  const root = { repoKey: null, repoId: null, declared: null, weight: 1 / 3, depth: 1, ...parts }
  return { repoKey, ordinal, root }
}

const census = () =>
  lineageCensus(
    [
      { id: 'qwen/base' },
      {
        id: 'user/merge',
        declares: [
          ['QWEN/BASE', 'merge'],
          ['meta/lost', 'merge'],
          ['/home/x', 'merge'],
          ['user/merge', 'merge'],
        ],
      },
      { id: 'bloke/base-GGUF' },
    ],
    registry,
    {
      links: [
        { baseRepoKey: 1, repoKey: 2, relation: 'merge', rule: 'letter-case' },
        { baseRepoKey: 1, repoKey: 3, relation: 're-upload', rule: 're-upload' },
      ],
      loose: [
        { repoKey: 2, declared: '/home/x', relation: 'merge', cause: 'path' },
        { repoKey: 2, declared: 'meta/lost', relation: 'merge', cause: 'absent' },
        { repoKey: 2, declared: 'user/merge', relation: 'merge', cause: 'self' },
      ],
      roots: [
        rootOf(2, 0, { repoKey: 1, repoId: 'qwen/base', end: 'root' }),
        rootOf(2, 1, { declared: '/home/x', end: 'unresolved' }),
        rootOf(2, 2, { repoId: 'meta/lost', declared: 'meta/lost', end: 'absent' }),
        rootOf(3, 0, { repoKey: 1, repoId: 'qwen/base', end: 'root' }),
      ],
    },
  )

test('an explanation tells by which rule each base was found, and whose each root is, in the file or not', () => {
  const { bases, roots, copy } = explainRepo('user/merge', { store: census(), registry })
  expect(
    bases.map(({ declared, repoId, found, attribution }) => [declared, repoId, found, attribution.line]),
  ).toEqual([
    ['QWEN/BASE', 'qwen/base', 'letter-case', 'china'],
    ['/home/x', null, 'path', 'unresolved'],
    ['meta/lost', 'meta/lost', 'absent', 'united-states'],
  ])
  expect(bases.map(({ weight }) => weight)).toEqual([1 / 3, 1 / 3, 1 / 3])
  expect(
    roots!.map(({ repoId, declared, end, attribution }) => [repoId ?? declared, end, attribution.line]),
  ).toEqual([
    ['qwen/base', 'root', 'china'],
    ['/home/x', 'unresolved', 'unresolved'],
    ['meta/lost', 'absent', 'united-states'],
  ])
  expect(copy).toBeNull()
})

test('an explanation names the reviewed rule that makes a copy', () => {
  const { bases, copy, roots } = explainRepo('bloke/base-GGUF', { store: census(), registry })
  expect(bases).toEqual([])
  expect(copy).toEqual({ repoId: 'qwen/base', reason: 'The same weights.', evidence: 'unverified' })
  expect(roots).toHaveLength(1)
})
