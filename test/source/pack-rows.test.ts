import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DERIVATIVE_RELATIONS, type EdgeRelation } from '../../src/domain/relation.ts'
import type { DeclaredBase, RepoDetails, RepoRow } from '../../src/domain/repo.ts'
import { packRows } from '../../src/source/pack-rows.ts'
import { unpackRows } from './unpack-rows.ts'
import { hubIds, texts } from './wire-rows.ts'

const counts = fc.oneof(
  fc.nat(),
  fc.integer({ min: 0, max: 1e12 }),
  fc.constantFrom(0, 2 ** 31, 2 ** 32, 1e12),
)
const seconds = fc.oneof(
  fc.integer({ min: 1_451_606_400, max: 4_102_444_799 }),
  fc.constantFrom(0, 2 ** 32 - 1),
)
const words = fc.option(fc.oneof(fc.constantFrom('', 'mit', 'transformers', 'null', '0'), texts))
const basesOfRows: fc.Arbitrary<readonly DeclaredBase[]> = fc.array(
  fc.record({
    declared: texts,
    relation: fc.constantFrom<EdgeRelation>(...DERIVATIVE_RELATIONS, 'undeclared'),
    baseHubId: fc.option(hubIds),
  }),
  { maxLength: 4 },
)

const details = {
  repoId: fc.oneof(texts, fc.constantFrom('', 'lab/model')),
  createdAt: seconds,
  lastModifiedAt: fc.option(seconds),
  task: words,
  library: words,
  licence: words,
  parameters: fc.option(fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 53 - 1))),
  gated: fc.constantFrom('no' as const, 'auto' as const, 'manual' as const),
  isDisabled: fc.boolean(),
  bases: basesOfRows,
} satisfies { [Key in keyof RepoDetails]: fc.Arbitrary<RepoDetails[Key]> }

const counters = {
  downloads30d: counts,
  downloadsAllTime: fc.option(counts),
  likes: fc.option(counts),
}

const repoRows: fc.Arbitrary<RepoRow> = fc.record({ hubId: hubIds, ...details, ...counters })
const hashOf = (row: RepoRow) => packRows([row]).detailHashes[0]!

describe('rows laid out in columns', () => {
  test('are the same rows when they are put together again', () => {
    fc.assert(
      fc.property(fc.array(repoRows, { maxLength: 20 }), rows => {
        const packed = packRows(rows)
        expect(packed.count).toBe(rows.length)
        expect(unpackRows(packed)).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })

  test('name every task, library and licence once', () => {
    fc.assert(
      fc.property(fc.array(repoRows, { maxLength: 20 }), rows => {
        const named = rows.flatMap(({ task, library, licence }) => [task, library, licence])
        expect(packRows(rows).words.toSorted()).toEqual(
          [...new Set(named.filter(word => word !== null))].toSorted(),
        )
      }),
    )
  })

  test('of no row are columns of no length', () => {
    const packed = packRows([])
    expect(unpackRows(packed)).toEqual([])
    expect(
      Object.values(packed)
        .filter(ArrayBuffer.isView)
        .map(({ byteLength }) => byteLength),
    ).toEqual(Array(14).fill(0))
  })
})

const PLAIN: RepoRow = {
  hubId: '6a64056a5320303b7dd6fa9d',
  repoId: 'lab/model',
  createdAt: 1_700_000_000,
  lastModifiedAt: null,
  task: null,
  library: null,
  licence: null,
  parameters: null,
  gated: 'no',
  isDisabled: false,
  downloads30d: 1,
  downloadsAllTime: null,
  likes: null,
  bases: [],
}

describe('the fingerprint of a description', () => {
  test('is the same wherever the row stands, whatever its counters and its _id', () => {
    fc.assert(
      fc.property(
        fc.array(repoRows, { maxLength: 5 }),
        repoRows,
        fc.record(counters),
        (others, row, counted) => {
          const again = packRows([...others, { ...row, ...counted, hubId: PLAIN.hubId }, ...others])
          expect(again.detailHashes[others.length]).toBe(hashOf(row))
        },
      ),
    )
  })

  test.each(Object.keys(details) as (keyof RepoDetails)[])('changes with %s', key => {
    fc.assert(
      fc.property(repoRows, details[key] as fc.Arbitrary<unknown>, (row, value) => {
        fc.pre(JSON.stringify(row[key]) !== JSON.stringify(value))
        expect(hashOf({ ...row, [key]: value })).not.toBe(hashOf(row))
      }),
      { numRuns: 400 },
    )
  })

  test.each(['task', 'library', 'licence'] as const)('tells nothing from its look-alikes in %s', key => {
    const hashes = [null, '', 'null', 'undefined', '0', ' '].map(value => hashOf({ ...PLAIN, [key]: value }))
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test.each([
    ['repoId', 'task'],
    ['task', 'library'],
    ['library', 'licence'],
  ] as const)('tells in which of %s and %s a character, or the whole text, stands', (left, right) => {
    const rows = [
      { ...PLAIN, [left]: 'ab', [right]: 'c' },
      { ...PLAIN, [left]: 'a', [right]: 'bc' },
      { ...PLAIN, [left]: 'abc', [right]: '' },
      { ...PLAIN, [left]: '', [right]: 'abc' },
    ]
    expect(new Set(rows.map(hashOf)).size).toBe(rows.length)
  })

  test.each([
    ['createdAt', 'lastModifiedAt'],
    ['lastModifiedAt', 'parameters'],
  ] as const)('tells in which of %s and %s a number stands', (left, right) => {
    const rows = [
      { ...PLAIN, [left]: 5, [right]: 7 },
      { ...PLAIN, [left]: 7, [right]: 5 },
    ]
    expect(hashOf(rows[0]!)).not.toBe(hashOf(rows[1]!))
  })

  test('changes with any member of a base, and with the order of two', () => {
    const base: DeclaredBase = { declared: 'lab/base', relation: 'finetune', baseHubId: PLAIN.hubId }
    const other: DeclaredBase = { declared: 'lab/other', relation: 'merge', baseHubId: null }
    const sets: DeclaredBase[][] = [
      [],
      [base],
      [{ ...base, declared: 'lab/bas' }],
      [{ ...base, relation: 'adapter' }],
      [{ ...base, relation: 'undeclared' }],
      [{ ...base, baseHubId: null }],
      [{ ...base, baseHubId: `${PLAIN.hubId.slice(0, -1)}e` }],
      [base, base],
      [base, other],
      [other, base],
    ]
    expect(new Set(sets.map(bases => hashOf({ ...PLAIN, bases }))).size).toBe(sets.length)
  })

  test('has no collision among 200,000 repositories that are much alike', () => {
    const found = new Set<number>()
    for (let page = 0; page < 200; page += 1) {
      const rows = Array.from({ length: 1000 }, (_, index): RepoRow => {
        const number = page * 1000 + index
        return {
          ...PLAIN,
          repoId: `lab-${number % 50}/model-${(number / 50) | 0}`,
          createdAt: 1_700_000_000 + (number % 7),
          task: number % 3 === 0 ? 'text-generation' : null,
          licence: number % 5 === 0 ? 'mit' : 'apache-2.0',
        }
      })
      for (const hash of packRows(rows).detailHashes) {
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true)
        found.add(hash)
      }
    }
    expect(found.size).toBe(200_000)
  })
})
