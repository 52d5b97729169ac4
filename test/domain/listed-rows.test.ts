import { expect, test } from 'vitest'
import {
  countersAt,
  detailsAt,
  GATINGS,
  hubIdAt,
  type ListedRows,
  repoIdAt,
} from '../../src/domain/listed-rows.ts'

const IDS = ['621ffdc136468d709f17a20e', '6a64056a5320303b7dd6fa9d', 'ffffffffffffffffffffffff']
const NOTHING = Number.NaN

/** Three rows: one that says everything, one that says nothing it need not, one that says zero. */
const ROWS: ListedRows = {
  count: 3,
  hubIds: IDS.join(''),
  downloads30d: Float64Array.of(120, 0, 1e12),
  downloadsAllTime: Float64Array.of(3_400_000_001, NOTHING, 0),
  likes: Float64Array.of(7, NOTHING, 0),
  detailHashes: Float64Array.of(1, 2, 2 ** 53 - 1),
  repoIds: 'lab/onetwo/模型a/b',
  repoIdEnds: Uint32Array.of(7, 13, 16),
  words: ['text-generation', 'transformers', 'mit', ''],
  tasks: Uint32Array.of(1, 0, 4),
  libraries: Uint32Array.of(2, 0, 2),
  licences: Uint32Array.of(3, 0, 1),
  createdAt: Float64Array.of(1_646_263_744, 1_700_000_000, 0),
  lastModifiedAt: Float64Array.of(1_700_000_000, NOTHING, 0),
  parameters: Float64Array.of(2 ** 53 - 1, NOTHING, 0),
  gated: Uint8Array.of(2, 0, 1),
  isDisabled: Uint8Array.of(1, 0, 0),
  bases: '[{"declared":"x/y","relation":"merge","baseHubId":null}][]',
  baseEnds: Uint32Array.of(56, 56, 58),
}

test('an _id is found by its place', () => {
  expect(IDS.map((_, index) => hubIdAt(ROWS.hubIds, index))).toEqual(IDS)
})

test('a repository id ends where the next begins, the first and the last too', () => {
  expect([0, 1, 2].map(index => repoIdAt(ROWS, index))).toEqual(['lab/one', 'two/模型', 'a/b'])
})

test('a counter that was not said is null, and zero is zero', () => {
  expect([0, 1, 2].map(index => countersAt(ROWS, index))).toEqual([
    { downloads30d: 120, downloadsAllTime: 3_400_000_001, likes: 7 },
    { downloads30d: 0, downloadsAllTime: null, likes: null },
    { downloads30d: 1e12, downloadsAllTime: 0, likes: 0 },
  ])
})

test('a description is put together from every column', () => {
  expect(detailsAt(ROWS, 0)).toEqual({
    repoId: 'lab/one',
    createdAt: 1_646_263_744,
    lastModifiedAt: 1_700_000_000,
    task: 'text-generation',
    library: 'transformers',
    licence: 'mit',
    parameters: 2 ** 53 - 1,
    gated: 'manual',
    isDisabled: true,
    bases: [{ declared: 'x/y', relation: 'merge', baseHubId: null }],
  })
})

test('what was not said is null in a description, and what is empty or zero is not', () => {
  expect(detailsAt(ROWS, 1)).toEqual({
    repoId: 'two/模型',
    createdAt: 1_700_000_000,
    lastModifiedAt: null,
    task: null,
    library: null,
    licence: null,
    parameters: null,
    gated: 'no',
    isDisabled: false,
    bases: [],
  })
  expect(detailsAt(ROWS, 2)).toEqual({
    repoId: 'a/b',
    createdAt: 0,
    lastModifiedAt: 0,
    task: '',
    library: 'transformers',
    licence: 'text-generation',
    parameters: 0,
    gated: 'auto',
    isDisabled: false,
    bases: [],
  })
})

test('gatings travel by their places, which stored pages rely on', () => {
  expect(GATINGS).toEqual(['no', 'auto', 'manual'])
})
