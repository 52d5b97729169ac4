import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRunningTotals } from '../../src/derive/daily-totals.ts'
import { createRunningCorrections } from '../../src/derive/running-corrections.ts'
import { createRunningShares, type DerivativeShareRule } from '../../src/derive/running-shares.ts'
import { type NamedBase, NO_NAMES, type RepoFacts, type RootShare } from '../../src/domain/attribution.ts'
import {
  CLEAN_RULES,
  type CleanRule,
  type DailyCorrection,
  type RepoCleanSpan,
} from '../../src/domain/clean.ts'
import type { DerivativeShare, RelationSet } from '../../src/domain/derivative.ts'
import { type DailyTotal, TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import { addDays, dayNumber, type UtcDay } from '../../src/domain/utc-day.ts'
import { type PlainRepo, plainShare, plainTotals } from './plain-derivation.ts'
import { day, LLM, lab, registryOf, scope } from './small-registry.ts'

const FIRST = day('2026-03-01')

/** Seats that move, a handle that passes from one lab to another and lapses, single repositories that move along. */
const REGISTRY = registryOf(
  [
    lab('china', {
      families: [
        { key: 'a', name: 'A', patterns: [/^a$/] },
        { key: 'x', name: 'X', patterns: [/^x/] },
      ],
    }),
    lab('states', { countries: ['US'] }),
    lab('pack', { kind: 'community', countries: ['US'] }),
    lab('ci', { kind: 'excluded' }),
    lab('many', { countries: ['multinational'] }),
    lab('mover', {
      countries: [
        ['CN', null, '2026-03-02'],
        ['US', '2026-03-03', '2026-03-07'],
      ],
      handles: [['mover', null, '2026-03-04']],
    }),
    lab('heir', {
      families: [{ key: 'x', name: 'Heir X', patterns: [/^x/] }],
      countries: [['FR', '2026-03-02', null]],
      handles: [['mover', '2026-03-05', '2026-03-06'], 'heir'],
      exceptions: ['nobody/a', 'china/x'],
    }),
  ],
  [
    scope('all'),
    LLM,
    scope('new', { createdAfter: day('2026-02-28') }),
    scope('young', { bornWithinDays: 365 }),
    scope('young-own', { bornWithinDays: 365, firstParty: true, rejectNames: [/guard/] }),
    scope('own', { firstParty: true, rejectNames: [/guard/] }),
    scope('list', { listed: new Set(['china/a', 'states/x', 'nobody/a', 'mover/x-instruct']) }),
  ],
)

const OWNERS = ['china', 'states', 'pack', 'ci', 'many', 'mover', 'heir', 'nobody', 'China']
const NAMES = ['a', 'x', 'x-instruct', 'y-guard', 'z-FP8']
const repoId = fc
  .tuple(fc.constantFrom(...OWNERS), fc.constantFrom(...NAMES))
  .map(([owner, name]) => `${owner}/${name}`)
const base: fc.Arbitrary<NamedBase> = fc
  .tuple(
    fc.constantFrom('finetune', 'finetune', 'merge', 'quantized', 'adapter', 'undeclared'),
    fc.oneof({ weight: 5, arbitrary: repoId }, { weight: 1, arbitrary: fc.constantFrom('C:\\x', 'y') }),
  )
  .map(([relation, declared]) => ({
    declared,
    relation,
    repoId: declared.includes('/') ? declared : null,
  }))
/** Weights of quarters, which sum to 1 to the bit. */
const roots: fc.Arbitrary<RootShare[]> = fc
  .tuple(
    fc.constantFrom([], [1], [0.5, 0.5], [0.25, 0.75], [0.25, 0.25, 0.5]),
    fc.array(fc.oneof({ weight: 5, arbitrary: repoId }, { weight: 1, arbitrary: fc.constant(null) }), {
      minLength: 3,
      maxLength: 3,
    }),
  )
  .map(([weights, ids]) => weights.map((weight, index) => ({ repoId: ids[index]!, weight })))
const facts = fc.record({
  repoId,
  createdOn: fc.constantFrom('2022-11-30', '2025-03-03', '2025-03-04', '2026-03-01'),
  task: fc.constantFrom(null, 'text-generation', 'fill-mask'),
  bases: fc.oneof(fc.constant([]), fc.array(base, { maxLength: 4 })),
  roots,
})
type Facts = Omit<RepoFacts, 'repoKey' | 'handle' | 'formerNames'>

/** Some within what the columns hold at first, some far beyond, in any order of arrival. */
const KEYS = [0, 1, 2, 1023, 1024, 1500, 20_000, 70_000]
const key = fc.constantFrom(...KEYS)
const count = fc.oneof(fc.nat(12), fc.nat(1e6), fc.integer({ min: 2 ** 31, max: 2 ** 40 }))

type Step =
  | { kind: 'add'; key: number; facts: Facts }
  | { kind: 'redescribe'; key: number; facts: Facts }
  | { kind: 'observe'; key: number; downloads30d: number; allTime: number | null }
  | { kind: 'gone'; key: number; isGone: boolean }
  | { kind: 'look'; later: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), key, facts }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('redescribe' as const), key, facts }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('observe' as const),
      key,
      downloads30d: count,
      allTime: fc.option(count, { freq: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('gone' as const), key, isGone: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), later: fc.nat(2) }) },
)
/** Some are known from the start, so that most steps are about one that was seen. */
const steps = fc
  .tuple(
    fc.array(facts, { maxLength: KEYS.length - 2, size: 'max' }),
    fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  )
  .map(([some, more]): Step[] => [
    ...some.map((found, index): Step => ({ kind: 'add', key: KEYS[index]!, facts: found })),
    ...more,
  ])

const described = (repoKey: number, found: Facts): RepoFacts => ({
  repoKey,
  formerNames: NO_NAMES,
  handle: found.repoId.split('/')[0]!,
  ...found,
})

interface Run {
  onLook(day: UtcDay, known: readonly PlainRepo[]): void
  add(repo: RepoFacts): void
  redescribe(repo: RepoFacts): void
  observe(key: number, downloads30d: number, allTime: number): void
  setGone(key: number, isGone: boolean): void
}

/** Does the steps to what is under test and to a plain list of what is known. */
function follow(all: readonly Step[], run: Run): void {
  const known = new Map<number, PlainRepo>()
  let today = FIRST
  for (const found of all) {
    const entry = found.kind === 'look' ? undefined : known.get(found.key)
    if (found.kind === 'look') {
      today = addDays(today, found.later)
      run.onLook(today, [...known.values()])
    } else if (found.kind === 'add') {
      if (entry) continue
      const repo = described(found.key, found.facts)
      known.set(found.key, { repo, counters: null, isGone: false })
      run.add(repo)
    } else if (found.kind === 'redescribe') {
      const repo = described(found.key, found.facts)
      if (entry) {
        entry.repo = repo
        run.redescribe(repo)
      } else expect(() => run.redescribe(repo)).toThrow(RangeError)
    } else if (found.kind === 'observe') {
      const { downloads30d, allTime } = found
      const observe = () => run.observe(found.key, downloads30d, allTime ?? Number.NaN)
      if (entry) {
        const lastKnown = entry.counters?.downloadsAllTime ?? null
        entry.counters = { downloads30d, downloadsAllTime: allTime ?? lastKnown }
        observe()
      } else expect(observe).toThrow(RangeError)
    } else if (entry === undefined) expect(() => run.setGone(found.key, found.isGone)).toThrow(RangeError)
    // Nothing is gone before it was seen: the store notes a removal only of what it has.
    else if (entry.counters !== null) {
      entry.isGone = found.isGone
      run.setGone(found.key, found.isGone)
    }
  }
  run.onLook(today, [...known.values()])
}

const sortedTotals = (totals: readonly DailyTotal[]) =>
  totals
    .map(total => ({ ...total, id: JSON.stringify([total.scope, total.attribution, total.axis, total.key]) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

describe('running totals', () => {
  test('are after any steps what adding up every repository by itself gives', () => {
    const seen = { looks: 0, gone: 0, merges: 0, unknown: 0, moved: 0 }
    fc.assert(
      fc.property(steps, all => {
        const totals = createRunningTotals(REGISTRY, FIRST)
        follow(all, {
          ...totals,
          onLook(on, known) {
            const expected = plainTotals(REGISTRY, known, on)
            expect(sortedTotals(totals.totalsOn(on))).toEqual(sortedTotals(expected))
            // Looking changes nothing.
            expect(sortedTotals(totals.totalsOn(on))).toEqual(sortedTotals(expected))
            seen.looks += 1
            seen.gone += expected.some(total => total.goneRepos > 0) ? 1 : 0
            seen.unknown += expected.some(total => total.allTimeUnknownRepos > 0) ? 1 : 0
            seen.merges += known.some(({ repo }) => repo.bases.length > 1) ? 1 : 0
            seen.moved += on > '2026-03-05' && known.some(({ repo }) => repo.handle === 'mover') ? 1 : 0
          },
        })
      }),
      { numRuns: 500 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20)
  })

  test('hold nothing of a repository that left a line, to the unit, whatever its merges were', () => {
    const values = fc.tuple(count, count)
    fc.assert(
      fc.property(facts, facts, values, values, (before, after, [a30, aAll], [b30, bAll]) => {
        const totals = createRunningTotals(REGISTRY, FIRST)
        totals.add(described(1, before))
        totals.observe(1, a30, aAll)
        totals.totalsOn(FIRST)
        totals.redescribe(described(1, after))
        totals.observe(1, b30, bAll)
        const fresh = createRunningTotals(REGISTRY, FIRST)
        fresh.add(described(1, after))
        fresh.observe(1, b30, bAll)
        expect(sortedTotals(totals.totalsOn(FIRST))).toEqual(sortedTotals(fresh.totalsOn(FIRST)))
      }),
      { numRuns: 300 },
    )
  })
})

/** What a rule adds to a repository, now and then, up or down. */
const span: fc.Arbitrary<RepoCleanSpan> = fc
  .record({
    repoKey: key,
    rule: fc.constantFrom(...CLEAN_RULES.slice(0, 3)),
    counter: fc.constantFrom('downloads30d' as const, 'downloadsAllTime' as const),
    begins: fc.integer({ min: -2, max: 12 }),
    lasts: fc.option(fc.nat(8)),
    rawFactor: fc.constantFrom(0, -1, -0.75, 0.5),
    constant: fc.integer({ min: -1000, max: 1000 }),
    perDay: fc.constantFrom(0, 0, 2.5, -7),
  })
  .map(({ begins, lasts, ...rest }) => {
    const from = dayNumber(FIRST) + begins
    return { ...rest, from, until: lasts === null ? null : from + lasts }
  })

describe('running corrections', () => {
  test('are after any steps what adding up the correction of every repository by itself gives', () => {
    const seen = { rows: 0, below: 0, merges: 0, gone: 0, none: 0 }
    fc.assert(
      fc.property(steps, fc.array(span, { maxLength: 12 }), (all, spans) => {
        const corrections = createRunningCorrections(REGISTRY, FIRST, spans)
        const known = new Set<number>()
        follow(all, {
          add(repo) {
            known.add(repo.repoKey)
            corrections.add(repo)
          },
          // A stranger is no matter of theirs: the totals beside them refuse it.
          redescribe(repo) {
            if (!known.has(repo.repoKey)) throw new RangeError('a stranger')
            corrections.redescribe(repo)
          },
          observe(repoKey, downloads30d, allTime) {
            if (!known.has(repoKey)) throw new RangeError('a stranger')
            corrections.observe(repoKey, downloads30d, allTime)
          },
          setGone(repoKey, isGone) {
            if (!known.has(repoKey)) throw new RangeError('a stranger')
            corrections.setGone(repoKey, isGone)
          },
          onLook(on, repos) {
            const expected = CLEAN_RULES.flatMap(rule => plainCorrections(rule, spans, repos, on))
            const found = corrections.correctionsOn(on)
            expect(sortedCorrections(found)).toEqual(sortedCorrections(expected))
            expect(sortedCorrections(corrections.correctionsOn(on))).toEqual(sortedCorrections(expected))
            seen.rows += found.length > 0 ? 1 : 0
            seen.none += found.length === 0 ? 1 : 0
            seen.below += found.some(row => row.downloadsAllTime < 0) ? 1 : 0
            seen.merges += found.some(row => row.attribution === 'base' && row.repos === 0) ? 1 : 0
            seen.gone += repos.some(({ isGone }) => isGone) && found.length > 0 ? 1 : 0
          },
        })
      }),
      { numRuns: 500 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20)
  })

  test('ask for nothing where nothing is corrected', () => {
    const corrections = createRunningCorrections(REGISTRY, FIRST, [])
    corrections.observe(1, 5, 5)
    expect(corrections).toMatchObject({ isNeeded: false })
    expect(corrections.correctionsOn(FIRST)).toEqual([])
  })
})

function plainCorrections(
  rule: CleanRule,
  spans: readonly RepoCleanSpan[],
  repos: readonly PlainRepo[],
  on: UtcDay,
): DailyCorrection[] {
  const corrected = repos.flatMap(({ repo, counters, isGone }): PlainRepo[] => {
    if (counters === null) return []
    const sum = (counter: RepoCleanSpan['counter'], raw: number | null) =>
      raw === null
        ? 0
        : spans
            .filter(
              found => found.repoKey === repo.repoKey && found.rule === rule && found.counter === counter,
            )
            .filter(({ from, until }) => from <= dayNumber(on) && (until === null || until >= dayNumber(on)))
            .reduce((total, found) => {
              const value =
                found.rawFactor * raw + found.constant + found.perDay * (dayNumber(on) - found.from)
              return total + (value < 0 ? -Math.round(-value) : Math.round(value))
            }, 0)
    const downloads30d = isGone ? 0 : sum('downloads30d', counters.downloads30d)
    const downloadsAllTime = sum('downloadsAllTime', counters.downloadsAllTime)
    if (downloads30d === 0 && downloadsAllTime === 0) return []
    return [{ repo, counters: { downloads30d, downloadsAllTime }, isGone: false }]
  })
  return plainTotals(REGISTRY, corrected, on)
    .filter(total => total.downloads30d !== 0 || total.downloadsAllTime !== 0)
    .map(({ allTimeUnknownRepos: _, goneRepos: __, goneDownloadsAllTime: ___, ...total }) => ({
      ...total,
      rule,
    }))
}

const sortedCorrections = (rows: readonly DailyCorrection[]) =>
  rows
    .map(row => ({
      ...row,
      id: JSON.stringify([row.rule, row.scope, row.attribution, row.axis, row.key]),
      // No minus before a zero.
      downloads30d: row.downloads30d + 0,
      downloadsAllTime: row.downloadsAllTime + 0,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** Lines as far as floating point says anything about them, in no order. */
const readable = ({ lines, ...share }: DerivativeShare) => ({
  ...share,
  lines: Object.fromEntries(lines.map(({ line, repos }) => [line, Math.round(repos * 1e9) / 1e9])),
})

const RULES = (on: UtcDay, relations: RelationSet): DerivativeShareRule[] =>
  TOTAL_ATTRIBUTIONS.flatMap(attribution =>
    (['downloads30d', 'downloadsAllTime'] as const).flatMap(counter =>
      [0, 5].flatMap(threshold =>
        [null, addDays(on, -365)].map(createdFrom => ({
          relations,
          attribution,
          counter,
          threshold,
          createdFrom,
        })),
      ),
    ),
  )

describe('running shares', () => {
  test.each(['finetune', 'merge', 'weights'] as const)(
    'of %s are after any steps what counting derivative by derivative gives',
    relations => {
      const seen = { counted: 0, unknown: 0, excluded: 0, split: 0, rooted: 0 }
      fc.assert(
        fc.property(steps, all => {
          const totals = createRunningTotals(REGISTRY, FIRST)
          const shares = createRunningShares(REGISTRY, totals.counters)
          follow(all, {
            ...totals,
            add(repo) {
              totals.add(repo)
              shares.describe(repo)
            },
            redescribe(repo) {
              totals.redescribe(repo)
              shares.describe(repo)
            },
            onLook(on, known) {
              for (const rule of RULES(on, relations)) {
                const expected = plainShare(REGISTRY, known, on, rule)
                const found = shares.shareOn(on, rule)
                expect(readable(found)).toEqual(readable(expected))
                expect(found.lines.map(({ repos }) => repos)).toEqual(
                  found.lines.map(({ repos }) => repos).sort((a, b) => b - a),
                )
                seen.counted += expected.counted > 1 ? 1 : 0
                seen.unknown += expected.counterUnknown > 0 ? 1 : 0
                seen.excluded += expected.considered > expected.counted ? 1 : 0
                seen.split += expected.lines.some(({ repos }) => !Number.isInteger(repos)) ? 1 : 0
                const isRooted = ({ repo }: PlainRepo) => repo.roots.length > 0 && repo.bases.length > 0
                seen.rooted += rule.attribution === 'root' && known.some(isRooted) ? 1 : 0
              }
            },
          })
        }),
        { numRuns: 200 },
      )
      expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20)
    },
  )
})
