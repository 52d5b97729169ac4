import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RepoRow } from '../../src/domain/repo.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { packRows } from '../../src/source/pack-rows.ts'
import { beginFilling } from '../../src/store/filling.ts'
import { openHandles } from '../../src/store/handles.ts'
import { openNewRepos } from '../../src/store/new-repos.ts'
import type { Store } from '../../src/store/open-store.ts'
import { openTerms } from '../../src/store/terms.ts'
import { hubId } from '../fixtures/tiny-hub.ts'
import { temporaryStore } from '../support/census.ts'
import { readRaw, understood } from './capturing.ts'

const COLUMNS = `SELECT repo_key, lower(hex(hub_id)), repo_id, handle, created_at, last_modified_at, task.kind, task.word,
    library.kind, library.word, licence.kind, licence.word, parameters, gated, is_disabled, downloads_30d,
    downloads_all_time, likes, last_known_all_time, first_seen_on, observed_on, gone_on, detail_hash
  FROM repo LEFT JOIN publisher USING (publisher_key) LEFT JOIN term AS task ON task.term_key = task_key
  LEFT JOIN term AS library ON library.term_key = library_key
  LEFT JOIN term AS licence ON licence.term_key = licence_key
  ORDER BY repo_key`

/** A row as the table has to hold it. */
function stored(row: RepoRow, repoKey: number, day: number, detailHash: number): unknown[] {
  const word = (kind: string, text: string | null) => (text === null ? [null, null] : [kind, text])
  return [
    repoKey,
    row.hubId,
    row.repoId,
    handleOf(row.repoId),
    row.createdAt,
    row.lastModifiedAt,
    ...word('task', row.task),
    ...word('library', row.library),
    ...word('licence', row.licence),
    row.parameters,
    row.gated,
    row.isDisabled ? 1 : 0,
    row.downloads30d,
    row.downloadsAllTime,
    row.likes,
    row.downloadsAllTime,
    day,
    day,
    null,
    detailHash,
  ]
}

const text = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 4 }))
const count = fc.oneof(fc.nat(9), fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1), fc.maxSafeNat())
const instant = fc.oneof(fc.integer({ min: 1_451_606_400, max: 4_102_444_799 }), fc.constantFrom(0, 2 ** 32))
const word = fc.option(fc.oneof(fc.constantFrom('', 'mit', '__proto__', 'transformers'), text), { freq: 2 })
const described = fc.record({
  repoId: fc
    .tuple(fc.oneof(fc.constantFrom('lab', 'Lab', '模型', '__proto__'), text), text)
    .map(([handle, name]) => `${handle.replaceAll('/', '')}x/${name}`),
  createdAt: instant,
  lastModifiedAt: fc.option(instant, { freq: 2 }),
  task: word,
  library: word,
  licence: word,
  parameters: fc.option(count, { freq: 2 }),
  gated: fc.constantFrom('no' as const, 'auto' as const, 'manual' as const),
  isDisabled: fc.boolean(),
  downloads30d: count,
  downloadsAllTime: fc.option(count, { freq: 2 }),
  likes: fc.option(count, { freq: 2 }),
  bases: fc.constant([]),
})

/** Around one and two statements of fifty rows, and few enough that a page is long only where it matters. */
const lengths = fc.oneof(fc.constantFrom(0, 1, 49, 50, 51, 120), fc.nat(5))
const pages = fc.array(
  fc.record({
    rows: lengths.chain(length => fc.array(described, { minLength: length, maxLength: length })),
    day: fc.integer({ min: 19_000, max: 25_000 }),
    /** After so many rows one of the page is looked up. */
    flushAt: fc.option(fc.nat(120)),
    /** Whether the page fails, and whether its last rows have reached the table by then. */
    ends: fc.constantFrom('well', 'well', 'before-flush', 'after-flush'),
  }),
  { minLength: 1, maxLength: 3 },
)

function opened(store: Store) {
  const terms = openTerms(store)
  const handles = openHandles(store)
  const newRepos = openNewRepos(store.sqlite, terms, handles)
  return {
    newRepos,
    drop() {
      newRepos.drop()
      terms.forget()
      handles.forget()
    },
  }
}

/** All rows of a page, with the fingerprints they came with. */
function packed(rows: readonly RepoRow[]) {
  const listed = packRows(rows)
  return { listed, hashes: [...listed.detailHashes] }
}

describe.each([
  ['beside the index of handles', () => {}],
  ['while a first sweep fills the file', beginFilling],
] as [string, (store: Store) => void][])('new repositories %s', (_, prepare) => {
  test('end in the table as they were given, with keys one after another, and nothing of a page that failed', () => {
    const store = temporaryStore()
    prepare(store)
    const { sqlite } = store
    const seen = { full: 0, failed: 0, failedAfterFull: 0 }
    fc.assert(
      fc.property(pages, all => {
        sqlite.exec('DELETE FROM repo; DELETE FROM publisher; DELETE FROM term')
        const { newRepos, drop } = opened(store)
        const expected: unknown[][] = []
        let next = 1
        for (const { rows: given, day, flushAt, ends } of all) {
          const rows = given.map(details => ({ hubId: hubId(next++), ...details }))
          const { listed, hashes } = packed(rows)
          const firstKey = expected.length + 1
          sqlite.exec('BEGIN')
          newRepos.begin(day)
          const keys = rows.map((_, index) => {
            if (index === flushAt) newRepos.flush()
            return newRepos.add(listed, index, hashes[index]!)
          })
          if (ends !== 'before-flush') newRepos.flush()
          expect(keys).toEqual(rows.map((_, index) => firstKey + index))
          if (ends === 'well') {
            sqlite.exec('COMMIT')
            expected.push(...rows.map((row, index) => stored(row, keys[index]!, day, hashes[index]!)))
          } else {
            sqlite.exec('ROLLBACK')
            drop()
            seen.failed += 1
            if (rows.length > 50) seen.failedAfterFull += 1
          }
          if (rows.length >= 50) seen.full += 1
          expect(readRaw(store, COLUMNS)).toEqual(expected)
        }
      }),
      { numRuns: 60 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2)
  })

  test.each([0, 1, 49, 50, 51, 120])('go on from the highest key there is: %i of them', length => {
    const store = temporaryStore()
    prepare(store)
    const { newRepos } = opened(store)
    const add = (from: number, count: number) => {
      const { listed, hashes } = packed(
        Array.from({ length: count }, (_, index) => understood(from + index, { id: `lab-${index}/m` })),
      )
      newRepos.begin(20_000)
      const keys = hashes.map((hash, index) => newRepos.add(listed, index, hash))
      newRepos.flush()
      return keys
    }
    add(0, 2)
    store.sqlite.exec('UPDATE repo SET repo_key = 900 WHERE repo_key = 2')
    expect(add(10, length)).toEqual(Array.from({ length }, (_, index) => 901 + index))
    expect(
      readRaw(store, 'SELECT lower(hex(hub_id)) FROM repo WHERE repo_key > 900 ORDER BY repo_key'),
    ).toEqual(Array.from({ length }, (_, index) => [hubId(10 + index)]))
  })

  test('that were dropped do not come along with what follows', () => {
    const store = temporaryStore()
    prepare(store)
    const { newRepos, drop } = opened(store)
    const { listed, hashes } = packed([1, 2, 3].map(number => understood(number)))
    newRepos.begin(20_000)
    for (const index of [0, 1]) newRepos.add(listed, index, hashes[index]!)
    drop()
    newRepos.flush()
    expect(readRaw(store, 'SELECT * FROM repo')).toEqual([])
    newRepos.begin(20_001)
    expect(newRepos.add(listed, 2, hashes[2]!)).toBe(1)
    newRepos.flush()
    newRepos.flush()
    expect(readRaw(store, 'SELECT repo_key, repo_id, first_seen_on FROM repo')).toEqual([
      [1, 'lab/model-3', 20_001],
    ])
  })

  test.each([
    ['in a full statement', 50],
    ['in the flush', 3],
  ])('let an `_id` that is there already be heard %s, and are added after the drop', (_, length) => {
    const store = temporaryStore()
    prepare(store)
    const { newRepos, drop } = opened(store)
    const rows = Array.from({ length }, (_, index) => understood(index))
    const write = (page: readonly RepoRow[]) =>
      store.sqlite.transaction(() => {
        const { listed, hashes } = packed(page)
        newRepos.begin(20_000)
        for (const [index, hash] of hashes.entries()) newRepos.add(listed, index, hash)
        newRepos.flush()
      })()
    expect(() => write([...rows.slice(1), rows[1]!])).toThrow(/UNIQUE/)
    drop()
    expect(readRaw(store, 'SELECT (SELECT count(*) FROM repo), (SELECT count(*) FROM publisher)')).toEqual([
      [0, 0],
    ])
    write(rows)
    expect(readRaw(store, 'SELECT count(*), max(repo_key) FROM repo')).toEqual([[length, length]])
  })
})
