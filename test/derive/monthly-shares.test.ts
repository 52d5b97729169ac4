import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { monthlyShares } from '../../src/derive/monthly-shares.ts'
import { createRunningCounters, PRESENCE } from '../../src/derive/running-counters.ts'
import { createRunningShares } from '../../src/derive/running-shares.ts'
import { NO_NAMES, type RootShare } from '../../src/domain/attribution.ts'
import { type MonthlyShare, SHARE_THRESHOLDS } from '../../src/domain/derivative.ts'
import { TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import { type PlainRepo, plainMonthlyShares } from './plain-derivation.ts'
import { day, EVERY_KIND } from './small-registry.ts'

const TODAY = day('2026-03-04')

/** A repository of the day, with its 30-day counter at the age of 30 days; null where none was observed. */
interface Derivative extends PlainRepo {
  atThirtyDays: number | null
}

const repoId = fc
  .tuple(
    fc.constantFrom('qwen', 'meta', 'mistral', 'bloke', 'mover', 'nobody', 'ci'),
    fc.constantFrom('a', 'b'),
  )
  .map(([owner, name]) => `${owner}/${name}`)
const base = fc
  .tuple(
    fc.constantFrom('finetune', 'finetune', 'adapter', 'merge', 'quantized', 'undeclared'),
    fc.oneof({ weight: 6, arbitrary: repoId }, { weight: 1, arbitrary: fc.constant('C:\\x') }),
  )
  .map(([relation, declared]) => ({ declared, relation, repoId: declared.includes('/') ? declared : null }))
const roots: fc.Arbitrary<RootShare[]> = fc
  .tuple(
    fc.constantFrom([], [1], [1 / 2, 1 / 2], [1 / 3, 2 / 3], [1 / 3, 1 / 3, 1 / 3]),
    fc.array(repoId, { minLength: 3, maxLength: 3 }),
  )
  .map(([weights, ids]) =>
    weights.map((weight, index) => ({ repoId: index === 2 ? null : ids[index]!, weight })),
  )
const downloads = fc.constantFrom(0, 1, 2, 5, 6, 10, 11, 50, 51, 2 ** 40)
const derivative = fc.record({
  handle: fc.constantFrom('qwen', 'nobody', 'nobody', 'mover', 'batch', 'batch', 'batch'),
  createdOn: fc.constantFrom('2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01'),
  bases: fc.array(base, { maxLength: 4 }),
  roots,
  downloads30d: downloads,
  allTime: fc.option(downloads, { freq: 4 }),
  atThirtyDays: fc.option(downloads, { freq: 2 }),
  isGone: fc.integer({ min: 0, max: 5 }).map(value => value === 0),
  isObserved: fc.integer({ min: 0, max: 8 }).map(value => value > 0),
})
const derivatives = fc.array(derivative, { maxLength: 30, size: 'max' }).map(all =>
  all.map(
    ({ handle, createdOn, bases, roots, downloads30d, allTime, ...found }, index): Derivative => ({
      repo: {
        repoKey: index * 7,
        repoId: `${handle}/m${index}`,
        formerNames: NO_NAMES,
        ...{ handle, createdOn, task: null, bases, roots },
      },
      counters: found.isObserved ? { downloads30d, downloadsAllTime: allTime } : null,
      isGone: found.isGone,
      atThirtyDays: found.atThirtyDays,
    }),
  ),
)

function monthly(all: readonly Derivative[]): MonthlyShare[] {
  const counters = createRunningCounters()
  const shares = createRunningShares(EVERY_KIND, counters)
  // No longer than the last counter known at that age: what lies beyond is unknown.
  const known = all.flatMap(({ repo, atThirtyDays }) => (atThirtyDays === null ? [] : [repo.repoKey]))
  const ageColumn = new Float64Array(Math.max(-1, ...known) + 1).fill(Number.NaN)
  for (const { repo, counters: seen, isGone, atThirtyDays } of all) {
    counters.reach(repo.repoKey)
    if (seen !== null) {
      counters.presence[repo.repoKey] = isGone ? PRESENCE.gone : PRESENCE.listed
      counters.downloads30d[repo.repoKey] = seen.downloads30d
      counters.downloadsAllTime[repo.repoKey] = seen.downloadsAllTime ?? Number.NaN
    }
    if (atThirtyDays !== null) ageColumn[repo.repoKey] = atThirtyDays
    shares.describe(repo)
  }
  return [...monthlyShares(shares, TODAY, ageColumn)]
}

const plain = (all: readonly Derivative[]) =>
  plainMonthlyShares(
    EVERY_KIND,
    all,
    TODAY,
    new Map(
      all.flatMap(({ repo, atThirtyDays }) => (atThirtyDays === null ? [] : [[repo.repoKey, atThirtyDays]])),
    ),
  )

const rounded = (value: number) => Math.round(value * 1e9) / 1e9
const readable = (cells: readonly MonthlyShare[]) =>
  cells.map(({ lines, ...cell }) => ({
    ...cell,
    capped: rounded(cell.capped),
    lines: lines.map(line => ({ ...line, repos: rounded(line.repos), capped: rounded(line.capped) })),
  }))
/** Cells without their lines: what only counts repositories. */
const counts = (cells: readonly MonthlyShare[]) => readable(cells).map(({ lines: _, ...cell }) => cell)
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
const idOf = ({ month, relations, counter, threshold }: MonthlyShare) =>
  `${month} ${relations} ${counter} ${threshold}`

describe('monthly shares', () => {
  test('are of any derivatives what counting cell by cell gives', () => {
    const seen = { capped: 0, unknown: 0, split: 0, months: 0 }
    fc.assert(
      fc.property(derivatives, all => {
        const expected = plain(all)
        expect(readable(monthly(all))).toEqual(readable(expected))
        seen.capped += expected.some(({ capped, counted }) => capped < counted) ? 1 : 0
        seen.unknown += expected.some(({ counterUnknown }) => counterUnknown > 0) ? 1 : 0
        seen.split += expected.some(({ lines }) => lines.some(({ repos }) => !Number.isInteger(repos)))
          ? 1
          : 0
        seen.months += new Set(expected.map(({ month }) => month)).size > 2 ? 1 : 0
      }),
      { numRuns: 150 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20)
  })

  test('add up: lines to what is counted, capped to no more, wider sets and lower thresholds to no less', () => {
    fc.assert(
      fc.property(derivatives, all => {
        const cells = monthly(all)
        const byId = new Map(cells.map(cell => [idOf(cell), cell]))
        expect(byId.size).toBe(cells.length)
        for (const cell of cells) {
          const { counted, capped, considered, counterUnknown, publishers } = cell
          for (const attribution of TOTAL_ATTRIBUTIONS) {
            const lines = cell.lines.filter(line => line.attribution === attribution)
            expect(sum(lines.map(line => line.repos))).toBeCloseTo(counted, 9)
            expect(sum(lines.map(line => line.capped))).toBeCloseTo(capped, 9)
            expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length)
            for (const line of lines) expect(line.capped).toBeLessThanOrEqual(line.repos + 1e-9)
          }
          expect(capped).toBeLessThanOrEqual(counted + 1e-9)
          expect(capped).toBeGreaterThanOrEqual(publishers - 1e-9)
          expect(counted + counterUnknown).toBeLessThanOrEqual(considered)
          const lower = SHARE_THRESHOLDS[SHARE_THRESHOLDS.indexOf(cell.threshold) - 1]
          if (lower !== undefined) {
            const wider = byId.get(idOf({ ...cell, threshold: lower }))!
            expect(counted).toBeLessThanOrEqual(wider.counted)
            expect(publishers).toBeLessThanOrEqual(wider.publishers)
          }
          for (const [narrow, wide] of [
            ['finetune', 'trained'],
            ['adapter', 'trained'],
            ['trained', 'weights'],
            ['merge', 'weights'],
            ['weights', 'any'],
            ['quantized', 'any'],
          ] as const) {
            if (cell.relations !== narrow) continue
            const wider = byId.get(idOf({ ...cell, relations: wide }))!
            expect(counted).toBeLessThanOrEqual(wider.counted)
            expect(considered).toBeLessThanOrEqual(wider.considered)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  test('do not depend on the order in which repositories arrive, nor on those without a base or of another month', () => {
    const shuffled = derivatives.chain(all =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, derivatives, ([all, other], strangers) => {
        const unrelated = strangers.map((found, index) => ({
          ...found,
          repo:
            index % 2 === 0
              ? { ...found.repo, repoKey: 5000 + index, bases: [] }
              : { ...found.repo, repoKey: 5000 + index, createdOn: '2026-03-01' },
        }))
        const cells = monthly([...unrelated, ...other]).filter(({ month }) => month !== '2026-03')
        expect(readable(cells)).toEqual(readable(monthly(all)))
      }),
      { numRuns: 60 },
    )
  })

  test('count what they counted before when a derivative or a base is renamed', () => {
    fc.assert(
      fc.property(derivatives, all => {
        const renamed = all.map(found => {
          const { repo } = found
          const bases = repo.bases.map(base =>
            base.repoId === 'qwen/a' ? { ...base, repoId: 'meta/z' } : base,
          )
          return { ...found, repo: { ...repo, repoId: `${repo.repoId}-now`, bases } }
        })
        expect(counts(monthly(renamed))).toEqual(counts(monthly(all)))
      }),
      { numRuns: 60 },
    )
  })

  test('let one uploader of a large batch count as one in a hundred', () => {
    const one = (index: number, handle: string, base: string): Derivative => ({
      repo: {
        repoKey: index,
        repoId: `${handle}/m${index}`,
        formerNames: NO_NAMES,
        ...{ handle, createdOn: '2026-01-10', task: null, roots: [] },
        bases: [{ declared: base, relation: 'finetune', repoId: base }],
      },
      counters: { downloads30d: 6, downloadsAllTime: 6 },
      isGone: false,
      atThirtyDays: null,
    })
    const all = [
      ...Array.from({ length: 250 }, (_, index) => one(index, 'batch', 'qwen/a')),
      ...Array.from({ length: 50 }, (_, index) => one(250 + index, `person-${index}`, 'meta/b')),
    ]
    const cells = monthly(all)
    const found = cells.find(cell => idOf(cell) === '2026-01 finetune downloadsAllTime 5')!
    expect(found).toMatchObject({ considered: 300, counterUnknown: 0, counted: 300, publishers: 51 })
    expect(found.capped).toBeCloseTo(53, 9)
    const byBase = found.lines.filter(({ attribution }) => attribution === 'base')
    expect(byBase.map(({ line, repos, capped }) => [line, repos, rounded(capped)])).toEqual([
      ['china', 250, 3],
      ['united-states', 50, 50],
    ])
    // At the age of 30 days nobody was observed: unknown, not zero.
    expect(cells.find(cell => idOf(cell) === '2026-01 finetune downloads30dAt30Days 0')).toEqual({
      ...{ month: '2026-01', relations: 'finetune', counter: 'downloads30dAt30Days', threshold: 0 },
      ...{ considered: 300, counterUnknown: 300, counted: 0, publishers: 0, capped: 0, lines: [] },
    })
  })
})
