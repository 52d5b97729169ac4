import { lineName } from '../derive/lines.ts'
import type { ChartSeries, SeriesChart } from '../domain/chart.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import { isAllTimeKnown, type TotalAttribution } from '../domain/total.ts'
import { listTotalDays } from '../store/daily-totals.ts'
import { answerBasis } from './answer-basis.ts'
import { answerCrossover } from './answer-crossover.ts'
import { chartAnnotations } from './chart-annotations.ts'
import type { Effects } from './effects.ts'
import { chosenTotalSeries } from './read-totals.ts'

/**
 * Cumulative downloads of every region over the published days, with the China-US crossover. Regions whose counters
 * are unknown throughout are left out. Throws a CensusError when nothing is published.
 */
export function answerCumulativeChart(
  scopeKey: string,
  attribution: TotalAttribution,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
  counters: CounterChoice = CLEAN_COUNTERS,
): SeriesChart {
  const { basis } = answerBasis(undefined, { store, registry }, counters)
  const days = listTotalDays(store)
  const series: ChartSeries[] = registry.regions.map(region => {
    const query = { scope: scopeKey, attribution, axis: 'region', key: region.key } as const
    const rows = chosenTotalSeries(store, query, counters).totals
    const known = new Map(rows.map(row => [row.day, isAllTimeKnown(row) ? row.downloadsAllTime : null]))
    return {
      key: region.key,
      name: lineName(registry, region.key),
      points: days.map(day => ({ day, value: known.get(day) ?? null })),
    }
  })
  const scope = registry.scopes.get(scopeKey)
  const drawn = series.filter(line => line.points.some(point => point.value !== null))
  const annotations = chartAnnotations(
    {
      ...{ days, counter: 'downloadsAllTime' },
      series: drawn.map(({ key, points }) => ({
        ...{ scope: scopeKey, attribution, axis: 'region', key },
        largest: points.reduce((most, { value }) => Math.max(most, value ?? 0), 0),
      })),
    },
    { store },
  )
  return {
    title: 'Cumulative downloads of open models by region',
    unit: 'all-time downloads',
    definition: `Scope ${scopeKey} v${scope?.version ?? '?'}, by ${attribution}: ${scope?.title ?? scopeKey}`,
    basis,
    series: drawn,
    crossover: answerCrossover(
      { a: 'china', b: 'united-states', scope: scopeKey, attribution, metric: 'downloadsAllTime', counters },
      { store, registry },
    ),
    annotations,
  }
}
