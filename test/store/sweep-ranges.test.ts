import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayFromNumber } from '../../src/domain/utc-day.ts'
import type { Store } from '../../src/store/open-store.ts'
import { beginSweep } from '../../src/store/sweep-ledger.ts'
import { findBoundaries, listRanges } from '../../src/store/sweep-ranges.ts'
import { hubId } from '../fixtures/tiny-hub.ts'
import { temporaryStore } from '../support/census.ts'

/** Repositories known by nothing but key and `_id`. */
function know(store: Store, repos: Iterable<readonly [repoKey: number, hubId: string]>): void {
  const { sqlite } = store
  sqlite.exec("INSERT OR IGNORE INTO publisher (publisher_key, handle) VALUES (1, 'lab')")
  sqlite.exec('DELETE FROM repo')
  const add = sqlite.prepare(
    `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gated, is_disabled,
       downloads_30d, observed_on, detail_hash)
     VALUES (?, unhex(?), 'lab/x', 1, 0, 0, 'no', 0, 0, 0, 0)`,
  )
  sqlite.transaction(() => {
    for (const [repoKey, id] of repos) add.run(repoKey, id)
  })()
}

/** How many of the `_id`s fall into each stretch between the boundaries. */
function stretches(hubIds: readonly string[], boundaries: readonly string[]): number[] {
  const lengths = Array(boundaries.length + 1).fill(0) as number[]
  for (const id of hubIds) lengths[boundaries.filter(boundary => boundary < id).length]! += 1
  return lengths
}

function expectAscending(boundaries: readonly string[]): void {
  expect(boundaries).toEqual([...new Set(boundaries)].sort())
}

describe('the boundaries of a sweep by several walkers', () => {
  test('are known `_id`s, ascending, each once, and fewer than walkers, whatever is known', () => {
    const store = temporaryStore()
    const known = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5_000_000 }), fc.nat(1_000_000)), {
      maxLength: 30,
      selector: ([key]) => key,
    })
    fc.assert(
      fc.property(known, fc.integer({ min: 1, max: 8 }), (pairs, walkers) => {
        const repos = [...new Map(pairs.map(([key, number]) => [hubId(number), key]))].map(
          ([id, key]) => [key, id] as const,
        )
        know(store, repos)
        const boundaries = findBoundaries(store, walkers)
        expectAscending(boundaries)
        expect(boundaries.length).toBeLessThan(walkers)
        expect(boundaries.filter(id => !repos.some(([, known]) => known === id))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('are none where nothing is known, and for a single walker', () => {
    const store = temporaryStore()
    for (const walkers of [1, 2, 5, 8]) expect(findBoundaries(store, walkers)).toEqual([])
    know(store, [[1, hubId(1)]])
    expect(findBoundaries(store, 1)).toEqual([])
  })

  test.each([2, 3, 5, 8])(
    'part repositories that were met in creation order into %i even stretches',
    walkers => {
      const store = temporaryStore()
      for (const count of [walkers, 1000, 30_011]) {
        const hubIds = Array.from({ length: count }, (_, index) => hubId(index))
        know(
          store,
          hubIds.map((id, index) => [index + 1, id]),
        )
        const lengths = stretches(hubIds, findBoundaries(store, walkers))
        expect(Math.max(...lengths), JSON.stringify(lengths)).toBeLessThanOrEqual(
          Math.ceil(count / walkers) + 1,
        )
      }
    },
  )

  test.each([2, 3, 4, 8])('part evenly also what %i walkers met side by side, a page in turn', walkers => {
    // Keys are given in the order of writing: after a first sweep by several walkers that is not creation order.
    const store = temporaryStore()
    const pageRows = 10
    const pagesEach = walkers * 20
    const hubIds = Array.from({ length: walkers * pagesEach * pageRows }, (_, index) => hubId(index))
    const written = Array.from({ length: pagesEach }, (_, page) =>
      Array.from({ length: walkers }, (_, walker) => {
        const first = (walker * pagesEach + page) * pageRows
        return hubIds.slice(first, first + pageRows)
      }),
    ).flat(2)
    know(
      store,
      written.map((id, index) => [index + 1, id]),
    )
    const lengths = stretches(hubIds, findBoundaries(store, walkers))
    // The longest stretch decides how long a sweep takes.
    expect(Math.max(...lengths), JSON.stringify(lengths)).toBeLessThanOrEqual((1.5 * hubIds.length) / walkers)
  })
})

describe('the ranges of a sweep', () => {
  test('cover the whole list once: each begins where the one before it ends', () => {
    const store = temporaryStore()
    const numbers = fc.uniqueArray(fc.nat(1_000_000), { maxLength: 7 })
    let day = 20_000
    fc.assert(
      fc.property(numbers, found => {
        const boundaries = found.map(hubId).sort()
        day += 1
        const start = { source: 'x', notice: null, day: dayFromNumber(day), startedAt: 0 }
        const ranges = listRanges(store, beginSweep(store, start, boundaries).sweepKey)
        expect(ranges.map(({ range }) => range)).toEqual(
          boundaries.map((_, index) => index).concat(found.length),
        )
        expect(ranges.map(({ afterHubId }) => afterHubId)).toEqual([null, ...boundaries])
        expect(ranges.map(({ untilHubId }) => untilHubId)).toEqual([...boundaries, null])
        for (const { cursor, pageCount, isDone } of ranges)
          expect({ cursor, pageCount, isDone }).toEqual({ cursor: null, pageCount: 0, isDone: false })
      }),
      { numRuns: 50 },
    )
  })
})
