import { lineName, lineOrder, regionTable } from '../../src/derive/lines.ts'
import { shareSensitivity } from '../../src/derive/share-sensitivity.ts'
import { createShareSums } from '../../src/derive/share-sums.ts'
import type { SeriesChart } from '../../src/domain/chart.ts'
import { CLEAN_COUNTERS } from '../../src/domain/clean.ts'
import type { Crossing, Crossover } from '../../src/domain/crossover.ts'
import type { MonthlyShare } from '../../src/domain/derivative.ts'
import type { AnswerBasis, CrossoverAnswer, Headline, ScopeHeadline } from '../../src/domain/headline.ts'
import type { Registry } from '../../src/domain/registry.ts'
import type { ShareAnswer, ShareChoice } from '../../src/domain/share-answer.ts'
import type { Sweep } from '../../src/domain/sweep.ts'
import { type DailyTotal, TOTAL_ATTRIBUTIONS, type TotalAttribution } from '../../src/domain/total.ts'
import { day, EVERY_KIND } from '../derive/small-registry.ts'

/** Text that an attacker would choose. Each holds something that must not reach a page as markup. */
export const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "'><script>alert(1)</script>",
  '</script><script>alert(1)</script>',
  '</title><svg onload=alert(1)>',
  '</style><b>',
  ']]><b>',
  '{{constructor.constructor("alert(1)")()}}<u>',
  '&lt;i&gt;<i>',
] as const

export const NOTICE = 'modelled demonstration data'
export const AS_OF = day('2026-06-01')

export const basis = (parts: Partial<AnswerBasis> = {}): AnswerBasis => ({
  asOf: AS_OF,
  notice: null,
  source: 'https://hub.example',
  registryRevision: '0123456789ab',
  definitionVersion: 1,
  counters: 'clean',
  cleanRules: CLEAN_COUNTERS,
  ...parts,
})

export const crossing = (parts: Partial<Crossing> = {}): Crossing => ({
  direction: 'ahead',
  lastBefore: { day: day('2025-07-01'), a: 900, b: 1000 },
  firstAfter: { day: day('2025-07-09'), a: 1100, b: 1000 },
  interpolated: day('2025-07-05'),
  isHeld: true,
  observedAfter: 300,
  ...parts,
})

export function crossoverAnswer(
  crossover: Partial<Crossover> = {},
  parts: Partial<CrossoverAnswer> = {},
): CrossoverAnswer {
  const found: Crossover = {
    outcome: 'crossed',
    crossing: crossing(),
    crossings: [crossing()],
    lostLeads: 0,
    dips: 0,
    isAhead: true,
    firstDay: day('2024-01-01'),
    lastDay: AS_OF,
    holdDays: 28,
    ...crossover,
  }
  return {
    a: 'china',
    b: 'europe',
    nameA: 'China',
    nameB: 'Europe',
    axis: 'region',
    scope: 'llm',
    attribution: 'publisher',
    metric: 'downloadsAllTime',
    coverage: { attributed: 0.875, unreviewed: 0.125, basis: 'downloadsAllTime' },
    crossover: found,
    rawCrossover: found,
    ...parts,
  }
}

export function chart(parts: Partial<SeriesChart> = {}): SeriesChart {
  const points = (start: number) =>
    Array.from({ length: 10 }, (_, index) => ({
      day: day(`2026-05-${String(index + 1).padStart(2, '0')}`),
      value: start + index * 1e6,
    }))
  return {
    title: 'Cumulative downloads',
    unit: 'all-time downloads',
    definition: 'Scope llm v1, by publisher',
    basis: basis({ asOf: day('2026-05-10') }),
    series: [
      { key: 'china', name: 'China', points: points(1e6) },
      { key: 'europe', name: 'Europe', points: points(2e6) },
    ],
    crossover: null,
    annotations: [],
    ...parts,
  }
}

export const total = (key: string, parts: Partial<DailyTotal> = {}): DailyTotal => ({
  day: AS_OF,
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

export const SWEEP: Sweep = {
  sweepKey: 1,
  source: 'https://hub.example',
  notice: null,
  day: AS_OF,
  state: 'complete',
  startedAt: 0,
  finishedAt: 1,
  pageCount: 3,
  rowCount: 1234,
  storedCount: 1000,
  unchangedCount: 230,
  quarantinedCount: 4,
  duplicateCount: 0,
  privateCount: 0,
  laterCount: 0,
  absentCount: 0,
  downloads30dTotal: 0,
  downloadsAllTimeTotal: null,
  allTimeKnownCount: 0,
  refusedFields: [],
  effectiveDay: null,
  effectiveBy: null,
}

export function headline(
  totals: readonly DailyTotal[],
  parts: Partial<Headline> & { registry?: Registry; scope?: Partial<ScopeHeadline> } = {},
): Headline {
  const { registry = EVERY_KIND, scope, ...others } = parts
  return {
    basis: basis(),
    sweep: SWEEP,
    carriedRepos: 0,
    heldDays: [],
    rejectedDays: [],
    scopes: [
      {
        scope: 'all',
        scopeVersion: 1,
        scopeDefinition: 'Every repository.',
        attribution: 'publisher',
        table: regionTable(totals, [], registry),
        topLabs: [],
        ...scope,
      },
    ],
    shares: [
      {
        scope: 'all',
        scopeVersion: 1,
        attribution: 'base',
        counter: 'downloads30d',
        threshold: 5,
        relations: 'finetune',
        createdFrom: null,
        considered: 8,
        counterUnknown: 0,
        counted: 4,
        publishers: 2,
        lines: [
          { line: 'china', repos: 3 },
          { line: 'europe', repos: 1 },
        ],
      },
      {
        scope: 'all',
        scopeVersion: 1,
        attribution: 'base',
        counter: 'downloadsAllTime',
        threshold: 5,
        relations: 'finetune',
        createdFrom: '2025-06-01',
        considered: 8,
        counterUnknown: 8,
        counted: 0,
        publishers: 0,
        lines: [],
      },
    ],
    crossovers: [crossoverAnswer()],
    ...others,
  }
}

export const lines = () => lineOrder(EVERY_KIND)

/** Monthly shares of fine-tunes only: `months` gives, by month, what each line has of the counted ones, by whom ever. */
export function monthlyShares(
  months: Record<string, Record<string, number>>,
  parts: Partial<MonthlyShare> = {},
  attributions: readonly TotalAttribution[] = TOTAL_ATTRIBUTIONS,
): MonthlyShare[] {
  return Object.entries(months).map(([month, repos]) => {
    const counted = Object.values(repos).reduce((sum, value) => sum + value, 0)
    return {
      month,
      ...{ relations: 'finetune', counter: 'downloadsAllTime', threshold: 5 },
      ...{ considered: counted + 3, counterUnknown: 2, counted, publishers: 2, capped: counted / 2 },
      lines: attributions.flatMap(attribution =>
        Object.entries(repos).map(([line, value]) => ({
          ...{ attribution, line, repos: value, capped: value / 2 },
        })),
      ),
      ...parts,
    }
  })
}

export const CHOICE: ShareChoice = {
  relations: 'finetune',
  counter: 'downloadsAllTime',
  threshold: 5,
  attribution: 'base',
  isCapped: false,
  months: { from: null, until: null },
}

export function shareAnswer(
  shares: readonly MonthlyShare[] = monthlyShares({
    '2026-05': { china: 60.5, europe: 59.5 },
    '2026-06': { china: 30, unreviewed: 10 },
  }),
  parts: Partial<ShareAnswer> = {},
): ShareAnswer {
  const sums = createShareSums(shares, lines())
  return {
    basis: basis(),
    choice: CHOICE,
    ...{ scope: 'all', scopeVersion: 1 },
    lines: lines().map(line => ({ line, name: lineName(EVERY_KIND, line) })),
    months: sums.months.map(month => ({
      month,
      isOver: month < '2026-06',
      ...sums.sum({ ...CHOICE, months: { from: month, until: month } }),
    })),
    shown: sums.sum({ ...CHOICE, months: { from: null, until: '2026-05' } }),
    known: sums.months.length === 0 ? null : { from: sums.months[0]!, until: sums.months.at(-1)! },
    together: sums.sum(CHOICE),
    ...shareSensitivity(
      sums,
      CHOICE,
      [CHOICE.months, { from: '2026-05', until: '2026-05' }],
      ['china', 'united-states', 'europe'],
    ),
    ...parts,
  }
}
