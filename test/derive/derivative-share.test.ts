import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAttributor } from '../../src/derive/attribute.ts'
import { type DerivativeShareRule, derivativeShare } from '../../src/derive/derivative-share.ts'
import type { Derivative } from '../../src/domain/derivative.ts'
import { day, EVERY_KIND } from './small-registry.ts'

const TODAY = day('2026-06-01')
const RULE: DerivativeShareRule = {
  counter: 'downloads30d',
  threshold: 5,
  relations: ['finetune'],
  createdFrom: null,
}
const attributor = createAttributor(EVERY_KIND)

type Base = string | null | { repoId: string | null; relation: string }

function derivative(
  bases: Base[],
  downloads30d = 6,
  parts: { allTime?: number | null; createdOn?: string; handle?: string } = {},
): Derivative {
  const { allTime = null, createdOn = '2025-06-01', handle = 'nobody' } = parts
  return {
    repo: {
      repoKey: 1,
      repoId: `${handle}/x`,
      handle,
      createdOn,
      task: null,
      bases: bases.map(found => {
        const { repoId, relation } =
          typeof found === 'object' && found !== null ? found : { repoId: found, relation: 'finetune' }
        return { declared: repoId ?? 'C:\\x', relation, repoId }
      }),
    },
    counters: { downloads30d, downloadsAllTime: allTime },
  }
}

const answer = (derivatives: Derivative[], rule: Partial<DerivativeShareRule> = {}) =>
  derivativeShare(derivatives, attributor, TODAY, { ...RULE, ...rule })

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
    expect(answer([mixed, bare], { relations: ['merge'] }).lines).toEqual([
      { line: 'united-states', repos: 1 },
    ])
    expect(answer([derivative([])])).toMatchObject({ considered: 0, counted: 0, lines: [] })
  })

  test('takes the first day of the window in and the day before it out', () => {
    const some = ['2025-06-01', '2025-05-31'].map(createdOn => derivative(['qwen/a'], 9, { createdOn }))
    expect(answer(some, { createdFrom: '2025-06-01' })).toMatchObject({ considered: 1, counted: 1 })
  })

  test('counts publishers by handle and judges bases as of the day', () => {
    const some = ['a', 'a', 'b'].map(handle => derivative(['mover/x'], 9, { handle }))
    expect(derivativeShare(some, attributor, day('2026-03-02'), RULE)).toMatchObject({
      publishers: 2,
      lines: [{ line: 'china', repos: 3 }],
    })
    expect(derivativeShare(some, attributor, day('2026-03-03'), RULE).lines).toEqual([
      { line: 'united-states', repos: 3 },
    ])
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
