import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { findCrossover } from '../../src/derive/crossover.ts'
import { DEFINITION_VERSION, HOLD_DAYS } from '../../src/derive/headline-metrics.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import {
  CLEAN_COUNTERS,
  CLEAN_RULES,
  type CounterChoice,
  type DailyCorrection,
  RAW_COUNTERS,
} from '../../src/domain/clean.ts'
import type { RegionTable } from '../../src/domain/headline.ts'
import { type DailyTotal, TOTAL_ATTRIBUTIONS, type TotalAxis } from '../../src/domain/total.ts'
import { addDays, type UtcDay } from '../../src/domain/utc-day.ts'
import { answerCumulativeChart } from '../../src/pipeline/answer-chart.ts'
import { answerCrossover } from '../../src/pipeline/answer-crossover.ts'
import { answerFamilies } from '../../src/pipeline/answer-families.ts'
import { answerHeadline } from '../../src/pipeline/answer-headline.ts'
import { chooseCounters } from '../../src/pipeline/choose-counters.ts'
import { basisLine, crossoverText } from '../../src/present/crossover-text.ts'
import { headlineText } from '../../src/present/headline-text.ts'
import { publishDays } from '../../src/store/daily-totals.ts'
import type { Store } from '../../src/store/open-store.ts'
import { day, lab, registryOf } from '../derive/small-registry.ts'
import { temporaryStore } from '../support/census.ts'
import { writeCompleteSweep } from '../support/lineage-census.ts'

const REGISTRY = registryOf([
  lab('qwen', { families: [{ key: 'qwen', name: 'Qwen', patterns: [/qwen/i] }] }),
  lab('meta', { countries: ['US'] }),
])
const FIRST = day('2026-01-01')
const DAYS = Array.from({ length: 60 }, (_, index) => addDays(FIRST, index))
const LAST = DAYS.at(-1)!

/** Groups that hold something, by axis. */
const GROUPS: readonly (readonly [TotalAxis, string])[] = [
  ['region', 'china'],
  ['region', 'united-states'],
  ['region', 'unreviewed'],
  ['lab', 'qwen'],
  ['lab', 'meta'],
  ['family', 'qwen/qwen'],
  ['descendants', 'qwen/qwen'],
  ['left-out', 'community'],
]

let store: Store
beforeEach(() => {
  store = temporaryStore()
  for (const date of DAYS) writeCompleteSweep(store, date)
})
const effects = () => ({ store, registry: REGISTRY })

/** What a group counts: `place` tells the groups apart. */
type Counts = (date: UtcDay, place: number) => Pick<DailyTotal, 'downloads30d' | 'downloadsAllTime'>

function publish(counts: Counts, corrections: readonly DailyCorrection[]): void {
  const known = { repos: 2, allTimeUnknownRepos: 0, goneRepos: 1, goneDownloadsAllTime: 5 }
  publishDays(
    store,
    DAYS.map(date => ({
      day: date,
      totals: ['all', 'llm'].flatMap(scope =>
        TOTAL_ATTRIBUTIONS.flatMap(attribution =>
          GROUPS.map(([axis, key], place) => ({
            ...{ day: date, scope, attribution, axis, key, ...known, ...counts(date, place) },
          })),
        ),
      ),
      shares: [],
      corrections: corrections.filter(found => found.day === date),
      ages: [],
      standing: null,
    })),
    {
      registryRevision: REGISTRY.revision,
      definitionVersion: DEFINITION_VERSION,
      sweepKey: 60,
      publishedAt: 0,
    },
    'all',
  )
}

const growing: Counts = (date, place) => ({
  downloads30d: 10_000 * (place + 1) + DAYS.indexOf(date),
  downloadsAllTime: 1_000_000 * (place + 1) + 100 * DAYS.indexOf(date),
})

function correction(parts: Partial<DailyCorrection>): DailyCorrection {
  return {
    ...{ day: LAST, scope: 'llm', attribution: 'publisher', axis: 'region', key: 'china', rule: 'spike' },
    ...{ repos: 1, downloads30d: 0, downloadsAllTime: 0 },
    ...parts,
  }
}

/** At most one a group, day and rule, as the table has it. */
const CORRECTIONS = fc.uniqueArray(
  fc
    .record({
      day: fc.constantFrom(LAST, DAYS[30]!),
      scope: fc.constantFrom('all', 'llm'),
      attribution: fc.constantFrom(...TOTAL_ATTRIBUTIONS),
      group: fc.constantFrom(...GROUPS),
      rule: fc.constantFrom(...CLEAN_RULES),
      repos: fc.nat(3),
      downloads30d: fc.integer({ min: -9000, max: 9000 }),
      downloadsAllTime: fc.integer({ min: -900_000, max: 900_000 }),
    })
    .map(({ group: [axis, key], ...parts }): DailyCorrection => ({ ...parts, axis, key })),
  {
    maxLength: 40,
    selector: row => [row.day, row.scope, row.attribution, row.axis, row.key, row.rule].join(),
  },
)

/** What the rules that are on add to a group. */
function added(
  corrections: readonly DailyCorrection[],
  counters: CounterChoice,
  group: Partial<DailyCorrection>,
  counter: 'downloads30d' | 'downloadsAllTime',
): number {
  return corrections
    .filter(row => counters.includes(row.rule))
    .filter(row =>
      Object.entries(group).every(([name, value]) => row[name as keyof DailyCorrection] === value),
    )
    .reduce((sum, row) => sum + row[counter], 0)
}

function sumLines(table: RegionTable, counter: 'downloads30d' | 'downloadsAllTime'): number {
  return table.lines.reduce((sum, line) => sum + (line[counter] ?? 0), 0)
}

describe('every answer is raw plus the corrections of the rules that are on', () => {
  const counts = fc.subarray([...CLEAN_RULES])

  test('region tables, what they leave out and their wholes, in every scope and attribution', () => {
    fc.assert(
      fc.property(CORRECTIONS, counts, (corrections, counters) => {
        publish(growing, corrections)
        const { basis, scopes } = answerHeadline({ counters }, effects())
        expect(basis).toMatchObject({
          counters: counters.length === 0 ? 'raw' : 'clean',
          cleanRules: counters,
        })
        expect(scopes).toHaveLength(6)
        for (const { scope, attribution, table } of scopes) {
          for (const counter of ['downloads30d', 'downloadsAllTime'] as const) {
            for (const line of table.lines) {
              const place = GROUPS.findIndex(([axis, key]) => axis === 'region' && key === line.line)
              const raw = place < 0 ? 0 : growing(LAST, place)[counter]
              const more = added(
                corrections,
                counters,
                { day: LAST, scope, attribution, axis: 'region', key: line.line },
                counter,
              )
              expect(line.raw[counter]).toBe(raw)
              expect(line[counter]).toBe(raw + more)
            }
            const region = { day: LAST, scope, attribution, axis: 'region' } as const
            expect(table[counter]).toBe(sumLines(table, counter))
            expect(table[counter]).toBe(table.raw[counter]! + added(corrections, counters, region, counter))
            for (const rule of CLEAN_RULES) {
              const told = table.corrections.find(found => found.rule === rule)
              expect(told?.[counter] ?? 0).toBe(added(corrections, counters, { ...region, rule }, counter))
              const lines = told?.lines.reduce((sum, line) => sum + line[counter], 0) ?? 0
              expect(lines).toBe(told?.[counter] ?? 0)
            }
            const left = { day: LAST, scope, attribution, axis: 'left-out' } as const
            expect(table.leftOut[0]![counter]).toBe(
              growing(LAST, GROUPS.length - 1)[counter] + added(corrections, counters, left, counter),
            )
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  test('labs, families, charts and crossovers', () => {
    fc.assert(
      fc.property(CORRECTIONS, counts, (corrections, counters) => {
        publish(growing, corrections)
        const more = (group: Partial<DailyCorrection>, counter: 'downloads30d' | 'downloadsAllTime') =>
          added(corrections, counters, group, counter)
        const publisher = { scope: 'llm', attribution: 'publisher' } as const

        const { scopes } = answerHeadline({ counters, scope: 'llm', attribution: 'publisher' }, effects())
        for (const { key, downloadsAllTime } of scopes[0]!.topLabs) {
          const place = GROUPS.findIndex(([, found]) => found === key)
          expect(downloadsAllTime).toBe(
            growing(LAST, place).downloadsAllTime +
              more({ day: LAST, ...publisher, axis: 'lab', key }, 'downloadsAllTime'),
          )
        }
        const labs = scopes[0]!.topLabs.map(({ downloadsAllTime }) => downloadsAllTime!)
        expect(labs).toEqual([...labs].sort((a, b) => b - a))

        const { families } = answerFamilies(
          { scope: 'llm', attribution: 'root', limit: 9, counters },
          effects(),
        )
        expect(families[0]).toMatchObject({
          own: {
            downloads30d:
              growing(LAST, 5).downloads30d +
              more({ day: LAST, ...publisher, axis: 'family' }, 'downloads30d'),
          },
          descending: {
            downloadsAllTime:
              growing(LAST, 6).downloadsAllTime +
              more({ day: LAST, scope: 'llm', attribution: 'root', axis: 'descendants' }, 'downloadsAllTime'),
          },
        })

        const chart = answerCumulativeChart('llm', 'publisher', effects(), counters)
        const lines = chart.series.filter(({ key }) => key === 'china' || key === 'united-states')
        for (const [place, { key, points }] of lines.entries()) {
          for (const point of points) {
            const group = { day: point.day, ...publisher, axis: 'region', key } as const
            expect(point.value).toBe(
              growing(point.day, place).downloadsAllTime + more(group, 'downloadsAllTime'),
            )
          }
        }

        const query = { a: 'china', b: 'united-states', metric: 'downloadsAllTime', ...publisher } as const
        const answer = answerCrossover({ ...query, counters }, effects())
        expect(answer.crossover).toEqual(
          findCrossover(lines[0]!.points, lines[1]!.points, { holdDays: HOLD_DAYS }),
        )
        expect(answer.rawCrossover).toEqual(
          answerCrossover({ ...query, counters: RAW_COUNTERS }, effects()).crossover,
        )
      }),
      { numRuns: 15 },
    )
  })

  test('each rule can be switched off by name and leaves the others as they are', () => {
    const one = (at: number) => 10 ** (at + 1)
    publish(
      growing,
      CLEAN_RULES.map((rule, at) => correction({ rule, downloadsAllTime: one(at) })),
    )
    const china = (counters: CounterChoice) => {
      const { scopes } = answerHeadline({ counters, scope: 'llm', attribution: 'publisher' }, effects())
      return scopes[0]!.table.lines.find(({ line }) => line === 'china')!.downloadsAllTime
    }
    const raw = growing(LAST, 0).downloadsAllTime
    expect(china(chooseCounters('clean', undefined))).toBe(raw + 111_110)
    for (const [at, rule] of CLEAN_RULES.entries()) {
      expect(china(chooseCounters('clean', rule)), rule).toBe(raw + 111_110 - one(at))
    }
    expect(china(chooseCounters('clean', 'spike, restatement'))).toBe(raw + 1_110)
    expect(china(chooseCounters('raw', undefined))).toBe(raw)
  })
})

describe('the choice of counters', () => {
  const refusal = (counters: string, without?: string): CensusError => {
    try {
      chooseCounters(counters, without)
    } catch (error) {
      expect(error).toBeInstanceOf(CensusError)
      return error as CensusError
    }
    throw new Error('there was a choice')
  }

  test('is clean by every rule, and refuses a rule nobody defined with the nearest name', () => {
    expect(chooseCounters('clean', undefined)).toEqual(CLEAN_COUNTERS)
    expect(refusal('clean', 'spyke')).toMatchObject({
      exitCode: 2,
      remedy: { happened: '"spyke" is no cleaning rule.', next: 'Try spike.' },
    })
    for (const without of ['', 'spike,', 'toString', '__proto__'])
      expect(refusal('clean', without).exitCode, without).toBe(2)
    expect(refusal('clear').remedy.next).toContain('clean')
  })

  test('has no rules to leave out of raw counters', () => {
    expect(refusal('raw', 'spike')).toMatchObject({ exitCode: 2, remedy: { kept: 'Nothing was changed.' } })
  })

  test('stands in the basis of every answer', () => {
    publish(growing, [])
    const line = (counters: CounterChoice) => basisLine(answerHeadline({ counters }, effects()).basis)
    expect(line(RAW_COUNTERS)).toMatch(/ · raw counters$/)
    expect(line(CLEAN_COUNTERS)).toMatch(/ · clean counters \(rules: all\)$/)
    expect(line(chooseCounters('clean', 'spike'))).toMatch(/ · clean counters \(rules: all but spike\)$/)
    expect(line(['spike'])).toMatch(/ · clean counters \(rules: spike\)$/)
  })
})

describe('raw and clean for a reader', () => {
  const nameLine = (line: string) => line

  test('every rule says what it adds in all and where most, and the raw sums stand below', () => {
    publish(growing, [
      correction({ rule: 'spike', downloadsAllTime: -174_000, downloads30d: -9_000 }),
      correction({ rule: 'frozen-day', key: 'united-states', downloads30d: 20, repos: 0 }),
      correction({ rule: 'frozen-day', key: 'china', downloads30d: -30, repos: 0 }),
      correction({ rule: 'restatement', day: DAYS[3]!, downloadsAllTime: -1 }),
    ])
    const text = (counters: CounterChoice) =>
      headlineText(
        answerHeadline({ scope: 'llm', attribution: 'publisher', counters }, effects()),
        nameLine,
      ).replaceAll('\n', ' ')
    expect(text(CLEAN_COUNTERS)).toContain(
      'spike adds -174,000 cumulative, -9,000 in 30 days; to China -174,000 cumulative, -9,000 in 30 days (1 repository)',
    )
    expect(text(CLEAN_COUNTERS)).toContain(
      'frozen-day adds -10 in 30 days; most to China -30 in 30 days (as a group)',
    )
    expect(text(CLEAN_COUNTERS)).toContain('raw, cumulative: China 1,005,900 · All 6,017,700 ')
    expect(text(CLEAN_COUNTERS)).toContain('raw, 30 days: China 10,059 · United States 20,059 · All 60,177 ')
    expect(text(CLEAN_COUNTERS)).not.toContain('restatement adds')
    expect(text(chooseCounters('clean', 'spike'))).not.toContain('spike adds')
    expect(text(RAW_COUNTERS)).not.toMatch(/ adds |raw, /)
  })

  test('a crossover that raw counters date otherwise says both', () => {
    const meeting: Counts = (date, place) => {
      const lead = place === 0 ? 1000 * (DAYS.indexOf(date) - 10) : 0
      return { downloads30d: 1, downloadsAllTime: 1_000_000 + lead }
    }
    publish(
      meeting,
      DAYS.map(date => correction({ day: date, downloadsAllTime: -5_000 })),
    )
    const query = { a: 'china', b: 'united-states', scope: 'llm', attribution: 'publisher' } as const
    const ask = (counters: CounterChoice) =>
      answerCrossover({ ...query, metric: 'downloadsAllTime', counters }, effects())
    const clean = ask(CLEAN_COUNTERS)
    expect(clean.crossover.crossing?.firstAfter.day).toBe(DAYS[16])
    expect(clean.rawCrossover.crossing?.firstAfter.day).toBe(DAYS[11])
    const { basis } = answerHeadline({}, effects())
    expect(crossoverText(clean, basis)).toMatch(
      new RegExp(
        `China passed the United States between ${DAYS[15]} .*\n  By raw counters: China passed the United States between ${DAYS[10]} `,
      ),
    )
    expect(crossoverText(ask(RAW_COUNTERS), basis)).not.toContain('By raw counters')
    expect(headlineText(answerHeadline({ scope: 'llm' }, effects()), nameLine)).toMatch(
      /By\s+raw\s+counters: China/,
    )
  })
})
