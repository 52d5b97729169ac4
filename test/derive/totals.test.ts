import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRunningTotals, share } from '../../src/derive/daily-totals.ts'
import { lineOrder, regionTable } from '../../src/derive/lines.ts'
import { NO_NAMES, type RepoFacts } from '../../src/domain/attribution.ts'
import { type DailyTotal, isAllTimeKnown } from '../../src/domain/total.ts'
import { day, EVERY_KIND, lab, registryOf, scope } from './small-registry.ts'

const D1 = day('2026-06-01')

function facts(repoKey: number, repoId: string, bases: string[] = []): RepoFacts {
  return {
    repoKey,
    repoId,
    formerNames: NO_NAMES,
    handle: repoId.split('/')[0]!,
    createdOn: '2025-01-01',
    task: null,
    bases: bases.map(declared => ({ declared, relation: 'merge', repoId: declared })),
    roots: [],
  }
}
const counters = (downloads30d: number, downloadsAllTime = Number.NaN) =>
  [downloads30d, downloadsAllTime] as const

test('the parts of a value sum to it exactly and differ by at most one', () => {
  fc.assert(
    fc.property(fc.nat(1e12), fc.integer({ min: 1, max: 200 }), (value, of) => {
      const parts = Array.from({ length: of }, (_, index) => share(value, { from: index, to: index + 1, of }))
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(value)
      expect(parts.every(Number.isSafeInteger)).toBe(true)
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})

describe('running totals', () => {
  const registry = registryOf([lab('cn'), lab('us', { countries: ['US'] })], [scope('all')])
  const pick = (totals: DailyTotal[], attribution: string, key: string) =>
    totals.find(total => total.attribution === attribution && total.axis === 'region' && total.key === key)

  test('split a merge between its bases to the unit; a half is held even where no repository is', () => {
    const totals = createRunningTotals(registry, D1)
    totals.add(facts(1, 'us/m', ['cn/a', 'us/b']))
    totals.observe(1, ...counters(101, 1001))
    const found = totals.totalsOn(D1)
    expect(pick(found, 'base', 'china')).toMatchObject({ repos: 0, downloads30d: 50, downloadsAllTime: 500 })
    expect(pick(found, 'base', 'united-states')).toMatchObject({
      repos: 1,
      downloads30d: 51,
      downloadsAllTime: 501,
    })
    expect(isAllTimeKnown(pick(found, 'base', 'china')!)).toBe(true)
    expect(pick(found, 'publisher', 'china')).toBeUndefined()
  })

  test('count a repository that is gone with its last lifetime value and without its 30 days', () => {
    const totals = createRunningTotals(registry, D1)
    totals.add(facts(1, 'cn/a'))
    totals.observe(1, ...counters(10, 100))
    totals.setGone(1, true)
    expect(pick(totals.totalsOn(D1), 'publisher', 'china')).toMatchObject({
      repos: 0,
      downloads30d: 0,
      downloadsAllTime: 100,
      goneRepos: 1,
      goneDownloadsAllTime: 100,
    })
    totals.setGone(1, false)
    expect(pick(totals.totalsOn(D1), 'publisher', 'china')).toMatchObject({
      repos: 1,
      downloads30d: 10,
      goneRepos: 0,
      goneDownloadsAllTime: 0,
    })
  })

  test('keep an unknown lifetime counter out of the sum and count it', () => {
    const totals = createRunningTotals(registry, D1)
    totals.add(facts(1, 'cn/a'))
    totals.add(facts(2, 'cn/b'))
    totals.observe(1, ...counters(1))
    totals.observe(2, ...counters(1))
    const unknown = pick(totals.totalsOn(D1), 'publisher', 'china')!
    expect([unknown.allTimeUnknownRepos, isAllTimeKnown(unknown)]).toEqual([2, false])
    totals.observe(2, ...counters(1, 0))
    const half = pick(totals.totalsOn(D1), 'publisher', 'china')!
    expect([half.allTimeUnknownRepos, half.downloadsAllTime, isAllTimeKnown(half)]).toEqual([1, 0, true])
  })

  test('leave out what has not been observed yet, and refuse what was never added', () => {
    const totals = createRunningTotals(registry, D1)
    totals.add(facts(1, 'cn/a'))
    expect(totals.totalsOn(D1)).toEqual([])
    expect(() => totals.observe(2, ...counters(1))).toThrow(RangeError)
  })

  test('move with a lab on the day its seat moves, not before', () => {
    const totals = createRunningTotals(EVERY_KIND, day('2026-03-01'))
    totals.add(facts(1, 'mover/a'))
    totals.observe(1, ...counters(5, 50))
    const lineOn = (on: string) =>
      totals
        .totalsOn(day(on))
        .filter(
          total => total.scope === 'all' && total.attribution === 'publisher' && total.axis === 'region',
        )
        .map(total => [total.key, total.downloadsAllTime])
    expect(lineOn('2026-03-02')).toEqual([['china', 50]])
    expect(lineOn('2026-03-03')).toEqual([['united-states', 50]])
    expect(lineOn('2026-06-01')).toEqual([['unreviewed', 50]])
  })
})

describe('a region table', () => {
  const total = (key: string, parts: Partial<DailyTotal> = {}): DailyTotal => ({
    day: D1,
    scope: 'all',
    attribution: 'publisher',
    axis: 'region',
    key,
    repos: 1,
    downloads30d: 0,
    downloadsAllTime: 0,
    allTimeUnknownRepos: 0,
    goneRepos: 0,
    goneDownloadsAllTime: 0,
    ...parts,
  })

  test('shows every line in order, and its lines sum to its whole', () => {
    const keys = lineOrder(EVERY_KIND)
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({ key: fc.constantFrom(...keys), downloads30d: fc.nat(), downloadsAllTime: fc.nat() }),
          {
            selector: entry => entry.key,
          },
        ),
        entries => {
          const table = regionTable(
            entries.map(entry => total(entry.key, entry)),
            [],
            EVERY_KIND,
          )
          expect(table.lines.map(line => line.line)).toEqual(keys)
          const sum = (read: (line: (typeof table.lines)[number]) => number | null) =>
            table.lines.reduce((all, line) => all + (read(line) ?? 0), 0)
          expect(sum(line => line.repos)).toBe(table.repos)
          expect(sum(line => line.downloads30d)).toBe(table.downloads30d)
          expect(sum(line => line.downloadsAllTime)).toBe(table.downloadsAllTime ?? 0)
          if (table.downloads30d > 0) expect(sum(line => line.share30d)).toBeCloseTo(1, 10)
          if (table.downloadsAllTime) expect(sum(line => line.shareAllTime)).toBeCloseTo(1, 10)
        },
      ),
    )
  })

  test('knows no lifetime value where no counter is known, and says by what it is covered', () => {
    const table = regionTable(
      [
        total('china', { downloads30d: 30, allTimeUnknownRepos: 1 }),
        total('unreviewed', { downloads30d: 10, allTimeUnknownRepos: 1 }),
      ],
      [],
      EVERY_KIND,
    )
    expect(table.downloadsAllTime).toBeNull()
    expect(table.lines.every(line => line.downloadsAllTime === null && line.shareAllTime === null)).toBe(true)
    expect(table.coverage).toEqual({ attributed: 0.75, unreviewed: 0.25, basis: 'downloads30d' })
  })

  test('gives no share of nothing', () => {
    const table = regionTable([], [], EVERY_KIND)
    expect(table.lines.every(line => line.share30d === null && line.shareAllTime === null)).toBe(true)
    expect(table).toMatchObject({
      repos: 0,
      downloadsAllTime: null,
      coverage: { attributed: null, unreviewed: null },
    })
  })
})
