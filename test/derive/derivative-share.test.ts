import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRunningCounters, PRESENCE } from '../../src/derive/running-counters.ts'
import { createRunningShares, type DerivativeShareRule } from '../../src/derive/running-shares.ts'
import { NO_NAMES, type RepoFacts, type RootShare } from '../../src/domain/attribution.ts'
import type { UtcDay } from '../../src/domain/utc-day.ts'
import { day, EVERY_KIND } from './small-registry.ts'

interface Derivative {
  repo: RepoFacts
  counters: { downloads30d: number; downloadsAllTime: number | null }
}

const TODAY = day('2026-06-01')
const RULE: DerivativeShareRule = {
  relations: 'finetune',
  attribution: 'base',
  counter: 'downloads30d',
  threshold: 5,
  createdFrom: null,
}

type Base = string | null | { repoId: string | null; relation: string }

function derivative(
  bases: Base[],
  downloads30d = 6,
  parts: { allTime?: number | null; createdOn?: string; handle?: string; roots?: RootShare[] } = {},
): Derivative {
  const { allTime = null, createdOn = '2025-06-01', handle = 'nobody', roots = [] } = parts
  return {
    repo: {
      repoKey: 1,
      repoId: `${handle}/x`,
      formerNames: NO_NAMES,
      handle,
      createdOn,
      task: null,
      bases: bases.map(found => {
        const { repoId, relation } =
          typeof found === 'object' && found !== null ? found : { repoId: found, relation: 'finetune' }
        return { declared: repoId ?? 'C:\\x', relation, repoId }
      }),
      roots,
    },
    counters: { downloads30d, downloadsAllTime: allTime },
  }
}

function sharesOf(derivatives: Derivative[]) {
  const columns = createRunningCounters()
  const shares = createRunningShares(EVERY_KIND, columns)
  derivatives.forEach(({ repo, counters }, repoKey) => {
    columns.reach(repoKey)
    columns.presence[repoKey] = PRESENCE.listed
    columns.downloads30d[repoKey] = counters.downloads30d
    columns.downloadsAllTime[repoKey] = counters.downloadsAllTime ?? Number.NaN
    shares.describe({ ...repo, repoKey })
  })
  return { shares, columns }
}

function answer(derivatives: Derivative[], rule: Partial<DerivativeShareRule> = {}, on: UtcDay = TODAY) {
  return sharesOf(derivatives).shares.shareOn(on, { ...RULE, ...rule })
}

describe('the share of derivatives', () => {
  test('counts strictly more than the threshold', () => {
    const some = [4, 5, 6].map(downloads => derivative(['qwen/a'], downloads))
    expect(answer(some)).toMatchObject({ considered: 3, counted: 1, lines: [{ line: 'china', repos: 1 }] })
    expect(answer(some, { threshold: 0 }).counted).toBe(3)
    expect(answer([derivative(['qwen/a'], 0)], { threshold: 0 }).counted).toBe(0)
  })

  test('gives each of n bases one nth, a repeated base once', () => {
    const some = [derivative(['qwen/a', 'meta/b']), derivative(['qwen/a', 'qwen/a', 'mistral/c', null])]
    const { lines, counted } = answer(some)
    expect(counted).toBe(2)
    expect(Object.fromEntries(lines.map(({ line, repos }) => [line, Math.round(repos * 6)]))).toEqual({
      china: 5,
      'united-states': 3,
      europe: 2,
      unresolved: 2,
    })
    expect(lines[0]?.line).toBe('china')
  })

  test('leaves an unknown counter out of both sides and counts it', () => {
    const some = [
      derivative(['qwen/a'], 0, { allTime: null }),
      derivative(['meta/a'], 0, { allTime: 100 }),
      derivative(['qwen/a'], 0, { allTime: 0 }),
    ]
    expect(answer(some, { counter: 'downloadsAllTime' })).toMatchObject({
      considered: 3,
      counterUnknown: 1,
      counted: 1,
      lines: [{ line: 'united-states', repos: 1 }],
    })
  })

  test('looks at the chosen relations alone, edge by edge', () => {
    const mixed = derivative([
      { repoId: 'qwen/a', relation: 'finetune' },
      { repoId: 'meta/b', relation: 'merge' },
    ])
    const bare = derivative([{ repoId: 'meta/b', relation: 'undeclared' }])
    expect(answer([mixed, bare])).toMatchObject({ considered: 1, lines: [{ line: 'china', repos: 1 }] })
    expect(answer([mixed, bare], { relations: 'merge' }).lines).toEqual([{ line: 'united-states', repos: 1 }])
    expect(answer([mixed, bare], { relations: 'weights' }).lines).toEqual([
      { line: 'china', repos: 0.5 },
      { line: 'united-states', repos: 0.5 },
    ])
    expect(answer([mixed, bare], { relations: 'trained' }).lines).toEqual([{ line: 'china', repos: 1 }])
    expect(answer([mixed, bare], { relations: 'adapter' })).toMatchObject({ considered: 0, lines: [] })
    expect(answer([derivative([])])).toMatchObject({ considered: 0, counted: 0, lines: [] })
  })

  test('has one base of a base named under two relations', () => {
    const twice = derivative([
      { repoId: 'qwen/a', relation: 'finetune' },
      { repoId: 'qwen/a', relation: 'adapter' },
      { repoId: 'meta/b', relation: 'adapter' },
    ])
    expect(answer([twice], { relations: 'trained' }).lines).toEqual([
      { line: 'china', repos: 0.5 },
      { line: 'united-states', repos: 0.5 },
    ])
    expect(answer([twice]).lines).toEqual([{ line: 'china', repos: 1 }])
  })

  test('goes to the publisher, the immediate base or the roots by their weights', () => {
    const roots = [
      { repoId: 'qwen/a', weight: 0.25 },
      { repoId: 'meta/b', weight: 0.5 },
      { repoId: null, weight: 0.25 },
    ]
    const some = [derivative(['bloke/q'], 9, { handle: 'mistral', roots })]
    const by = (attribution: DerivativeShareRule['attribution']) => {
      const { lines } = answer(some, { attribution })
      return Object.fromEntries(lines.map(({ line, repos }) => [line, repos]))
    }
    expect(by('publisher')).toEqual({ europe: 1 })
    expect(by('base')).toEqual({ community: 1 })
    expect(by('root')).toEqual({ china: 0.25, 'united-states': 0.5, unresolved: 0.25 })
    // Without roots a repository stands for itself.
    expect(answer([derivative(['qwen/a'], 9, { handle: 'ci' })], { attribution: 'root' }).lines).toEqual([
      { line: 'excluded', repos: 1 },
    ])
  })

  test.each([
    ['publisher', { handle: 'mover' }],
    ['base', { handle: 'nobody' }],
    ['root', { roots: [{ repoId: 'mover/r', weight: 1 }] }],
  ] as const)('judges the %s again when its seat has moved', (attribution, parts) => {
    const { shares } = sharesOf([
      derivative([attribution === 'base' ? 'mover/x' : 'bloke/q'], 9, parts as object),
    ])
    const on = (date: string) =>
      shares.shareOn(day(date), { ...RULE, attribution }).lines.map(({ line }) => line)
    expect(on('2026-03-02')).toEqual(['china'])
    expect(on('2026-03-03')).toEqual(['united-states'])
    expect(on('2026-03-04')).toEqual(['unreviewed'])
  })

  test('takes the first day of the window in and the day before it out', () => {
    const some = ['2025-06-01', '2025-05-31'].map(createdOn => derivative(['qwen/a'], 9, { createdOn }))
    expect(answer(some, { createdFrom: day('2025-06-01') })).toMatchObject({ considered: 1, counted: 1 })
  })

  test('counts publishers by handle and judges bases as of the day', () => {
    const some = ['a', 'a', 'b'].map(handle => derivative(['mover/x'], 9, { handle }))
    expect(answer(some, {}, day('2026-03-02'))).toMatchObject({
      publishers: 2,
      lines: [{ line: 'china', repos: 3 }],
    })
    expect(answer(some, {}, day('2026-03-03')).lines).toEqual([{ line: 'united-states', repos: 3 }])
  })

  test('follows the days: seats that move, repositories that go, come back or are described anew', () => {
    const { shares, columns } = sharesOf(
      ['a', 'b', 'c'].map(handle => derivative(['mover/x'], 9, { handle })),
    )
    const on = (date: string) =>
      Object.fromEntries(shares.shareOn(day(date), RULE).lines.map(({ line, repos }) => [line, repos]))
    expect(on('2026-03-02')).toEqual({ china: 3 })
    expect(on('2026-03-03')).toEqual({ 'united-states': 3 })
    columns.presence[0] = PRESENCE.gone
    shares.describe({ ...derivative(['qwen/a']).repo, repoKey: 1 })
    shares.describe({ ...derivative([]).repo, repoKey: 2 })
    expect(on('2026-03-04')).toEqual({ china: 1 })
    columns.presence[0] = PRESENCE.listed
    columns.downloads30d[1] = 5
    expect(on('2026-03-05')).toEqual({ unreviewed: 1 })
  })

  test('has shares that sum to one', () => {
    const owner = fc.constantFrom<Base>(
      'qwen/a',
      'meta/b',
      'mistral/c',
      'bloke/d',
      'nobody/e',
      'many/f',
      null,
      { repoId: 'ci/g', relation: 'merge' },
    )
    const any = fc.tuple(fc.array(owner, { maxLength: 5 }), fc.nat(10), fc.option(fc.nat(10)))
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 40 }),
        fc.constantFrom('downloads30d', 'downloadsAllTime'),
        (some, counter) => {
          const { lines, counted, considered, counterUnknown } = answer(
            some.map(([bases, downloads, allTime]) => derivative(bases, downloads, { allTime })),
            { counter },
          )
          expect(lines.reduce((sum, line) => sum + line.repos, 0)).toBeCloseTo(counted, 9)
          expect(counted + counterUnknown).toBeLessThanOrEqual(considered)
          expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length)
        },
      ),
      { numRuns: 300 },
    )
  })
})
