import { lineName } from '../derive/lines.ts'
import type { ChartSeries, SeriesChart } from '../domain/chart.ts'
import { isAllTimeKnown, type TotalAttribution } from '../domain/total.ts'
import { listTotalDays, readTotalSeries } from '../store/daily-totals.ts'
import { answerBasis } from './answer-basis.ts'
import { answerCrossover } from './answer-crossover.ts'
import type { Effects } from './effects.ts'

/**
 * Cumulative downloads of every region over the published days, with the China-US crossover. Regions whose counters
 * are unknown throughout are left out. Throws a CensusError when nothing is published.
 */
export function answerCumulativeChart(
  scopeKey: string,
  attribution: TotalAttribution,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
): SeriesChart {
  const { basis } = answerBasis(undefined, { store, registry })
  const days = listTotalDays(store)
  const series: ChartSeries[] = registry.regions.map(region => {
    const rows = readTotalSeries(store, { scope: scopeKey, attribution, axis: 'region', key: region.key })
    const known = new Map(rows.map(row => [row.day, isAllTimeKnown(row) ? row.downloadsAllTime : null]))
    return {
      key: region.key,
      name: lineName(registry, region.key),
      points: days.map(day => ({ day, value: known.get(day) ?? null })),
    }
  })
  const scope = registry.scopes.get(scopeKey)
  return {
    title: 'Cumulative downloads of open models by region',
    unit: 'all-time downloads',
    definition: `Scope ${scopeKey} v${scope?.version ?? '?'}, by ${attribution}: ${scope?.title ?? scopeKey}`,
    basis,
    series: series.filter(line => line.points.some(point => point.value !== null)),
    crossover: answerCrossover(
      { a: 'china', b: 'united-states', scope: scopeKey, attribution, metric: 'downloadsAllTime' },
      { store, registry },
    ),
  }
}
