import { findCrossover } from '../derive/crossover.ts'
import { HOLD_DAYS } from '../derive/headline-metrics.ts'
import { lineName, lineOrder } from '../derive/lines.ts'
import { CensusError } from '../domain/census-error.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { CrossoverAnswer } from '../domain/headline.ts'
import type { Registry } from '../domain/registry.ts'
import { type DailyTotal, isAllTimeKnown, type TotalAttribution } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { listTotalDays } from '../store/daily-totals.ts'
import {
  type AnswerEffects,
  answerBasis,
  chooseScopes,
  readRegionTable,
  unknownName,
} from './answer-basis.ts'
import { chosenTotalSeries } from './read-totals.ts'

export interface CrossoverQuery {
  /** Region lines (`china`) or lab keys. */
  a: string
  b: string
  scope: string
  attribution: TotalAttribution
  metric: 'downloadsAllTime' | 'downloads30d'
  asOf?: UtcDay
  /** Cleaned by every rule when absent. */
  counters?: CounterChoice
}

/** When `a` passed `b`. Throws a CensusError when a name is neither a region line nor a lab, or nothing is published. */
export function answerCrossover(query: CrossoverQuery, effects: AnswerEffects): CrossoverAnswer {
  const { store, registry } = effects
  const { counters = CLEAN_COUNTERS } = query
  const { basis } = answerBasis(query.asOf, effects, counters)
  const [scope] = chooseScopes(registry, query.scope)
  const axis = chooseAxis(registry, [query.a, query.b])
  if (query.a === query.b) throw sameName(query.a)
  const { attribution, metric } = query
  const days = listTotalDays(store).filter(day => day <= basis.asOf)
  const found = [query.a, query.b].map(key =>
    chosenTotalSeries(store, { scope: query.scope, attribution, axis, key }, counters),
  )
  const series = (rows: readonly DailyTotal[]) => {
    const values = new Map(
      rows.map(row => [row.day, metric === 'downloadsAllTime' && !isAllTimeKnown(row) ? null : row[metric]]),
    )
    // No repository of the group on a day that was counted is a true zero; an unknown counter is not.
    return days.map(day => ({ day, value: values.has(day) ? (values.get(day) ?? null) : 0 }))
  }
  const find = (a: readonly DailyTotal[], b: readonly DailyTotal[]) =>
    findCrossover(series(a), series(b), { holdDays: HOLD_DAYS })
  const [a, b] = found
  const crossover = find(a!.totals, b!.totals)
  const isCorrected = found.some(({ corrections }) => corrections.length > 0)
  const { coverage } = readRegionTable(basis.asOf, query.scope, attribution, effects, metric, counters)
  return {
    a: query.a,
    b: query.b,
    nameA: keyName(registry, axis, query.a),
    nameB: keyName(registry, axis, query.b),
    axis,
    scope: scope!.key,
    attribution,
    metric,
    coverage,
    crossover,
    rawCrossover: isCorrected ? find(a!.raw, b!.raw) : crossover,
  }
}

function chooseAxis(registry: Registry, keys: readonly string[]): 'region' | 'lab' {
  const lines = lineOrder(registry)
  if (keys.every(key => lines.includes(key))) return 'region'
  if (keys.every(key => registry.labs.has(key))) return 'lab'
  const stranger = keys.find(key => !lines.includes(key) && !registry.labs.has(key))
  if (stranger !== undefined) {
    throw unknownName('region or lab', stranger, [...lines, ...registry.labs.keys()])
  }
  throw new CensusError(
    {
      happened: `Of ${keys.join(' and ')}, one is a region and one a lab.`,
      kept: 'Nothing was changed.',
      next: 'Name two regions or two labs.',
    },
    EXIT_CODES.usage,
  )
}

function keyName(registry: Registry, axis: 'region' | 'lab', key: string): string {
  return axis === 'region' ? lineName(registry, key) : (registry.labs.get(key)?.name ?? key)
}

function sameName(name: string): CensusError {
  return new CensusError(
    {
      happened: `${name} cannot pass itself.`,
      kept: 'Nothing was changed.',
      next: 'Name two different regions or labs.',
    },
    EXIT_CODES.usage,
  )
}
