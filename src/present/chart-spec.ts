import type { TopLevelSpec } from 'vega-lite'
import type { SeriesChart } from '../domain/chart.ts'
import { daysBetween, type UtcDay } from '../domain/utc-day.ts'
import { annotationLayers } from './annotation-layers.ts'
import { CHART_CONFIG, TITLE_LOOK } from './chart-look.ts'
import { basisLine, sourceWords } from './crossover-text.ts'

/** Colours that differ for colour-blind readers and in grey; dashes say the same once more. */
const STYLES = new Map([
  ['china', { colour: '#c0392b', dash: [1, 0] }],
  ['united-states', { colour: '#1f5fa8', dash: [1, 0] }],
  ['europe', { colour: '#7d4fa3', dash: [6, 3] }],
  ['other', { colour: '#5f6b6d', dash: [2, 3] }],
])
const FALLBACK = { colour: '#333333', dash: [4, 2] }
const WIDTH = 760
/** A hole this many times the usual spacing breaks the line: a gap is drawn as a gap. */
const GAP_FACTOR = 3

interface ChartRow {
  day: string
  key: string
  name: string
  value: number | null
}

/** The chart as a Vega-Lite specification: a citable artefact of its own, with its data inside. */
export function chartSpec(chart: SeriesChart): TopLevelSpec {
  const rows = chart.series.flatMap(line =>
    withGaps(line.points).map(point => ({ ...point, key: line.key, name: line.name })),
  )
  const keys = chart.series.map(line => line.key)
  const style = (key: string) => STYLES.get(key) ?? FALLBACK
  const ends = chart.series.flatMap(line => {
    const last = line.points.findLast(point => point.value !== null)
    return last ? [{ ...last, key: line.key, name: line.name }] : []
  })
  const colour = {
    field: 'key',
    type: 'nominal' as const,
    scale: { domain: keys, range: keys.map(key => style(key).colour) },
    legend: null,
  }
  const x = { field: 'day', type: 'temporal' as const, timeUnit: 'utcyearmonthdate' as const }
  const y = { field: 'value', type: 'quantitative' as const }
  const notice = chart.basis.notice
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: WIDTH,
    height: 380,
    padding: 8,
    autosize: { type: 'pad', contains: 'content' },
    background: '#ffffff',
    title: {
      text: notice === null ? chart.title : `${chart.title} (${notice})`,
      subtitle: [chart.definition, `${basisLine(chart.basis)} · source: ${sourceWords(chart.basis)}`],
      ...TITLE_LOOK,
    },
    config: CHART_CONFIG,
    layer: [
      ...annotationLayers(chart.annotations, drawnSpan(chart), WIDTH),
      ...crossoverLayers(chart),
      {
        data: { values: rows },
        mark: { type: 'line', strokeWidth: 2.4, invalid: 'break-paths-show-path-domains' },
        encoding: {
          x: {
            ...x,
            axis: {
              title: null,
              grid: false,
              tickCount: { interval: 'month', step: 3 },
              labelExpr:
                "utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b')",
            },
          },
          y: {
            ...y,
            axis: {
              title: chart.unit,
              tickCount: 6,
              labelExpr: "format(datum.value / 1e6, ',') + ' M'",
              domain: false,
              ticks: false,
            },
          },
          color: colour,
          strokeDash: {
            field: 'key',
            type: 'nominal',
            scale: { domain: keys, range: keys.map(key => style(key).dash) },
            legend: null,
          },
        },
      },
      {
        data: { values: ends },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12, fontWeight: 'bold' },
        encoding: { x, y, color: colour, text: { field: 'name' } },
      },
    ],
  } as TopLevelSpec
}

/** The first and the last day of any series. */
function drawnSpan({ series, basis }: SeriesChart): { from: UtcDay; until: UtcDay } {
  const days = series.flatMap(({ points }) => [points[0]?.day ?? [], points.at(-1)?.day ?? []]).flat()
  const sorted = [...days].sort()
  return { from: sorted[0] ?? basis.asOf, until: sorted.at(-1) ?? basis.asOf }
}

function crossoverLayers(chart: SeriesChart): unknown[] {
  const crossing = chart.crossover?.crossover.crossing
  if (!crossing) return []
  const day = crossing.firstAfter.day
  const before = crossing.lastBefore.day
  // A wide bracket has no date: a label that named its last day would be quoted as one.
  const when = daysBetween(before, day) === 1 ? `ahead from ${day}` : `ahead between ${before} and ${day}`
  const label = `${chart.crossover!.nameA} ${when}${crossing.isHeld ? '' : ' (provisional)'}`
  const x = { field: 'day', type: 'temporal', timeUnit: 'utcyearmonthdate' }
  return [
    {
      data: { values: [{ from: before, until: day }] },
      mark: { type: 'rect', color: '#d9d9d9', opacity: 0.8 },
      encoding: {
        x: { field: 'from', type: 'temporal', timeUnit: 'utcyearmonthdate' },
        x2: { field: 'until', timeUnit: 'utcyearmonthdate' },
      },
    },
    {
      data: { values: [{ day }] },
      mark: { type: 'rule', color: '#333333', strokeDash: [3, 3] },
      encoding: { x },
    },
    {
      data: { values: [{ day, label }] },
      mark: { type: 'text', align: 'right', baseline: 'top', dx: -6, y: 4, fontSize: 12, color: '#222222' },
      encoding: { x, text: { field: 'label' } },
    },
  ]
}

/** The points with an empty one inside every hole much wider than the usual spacing. */
function withGaps(
  points: readonly { day: UtcDay; value: number | null }[],
): Omit<ChartRow, 'key' | 'name'>[] {
  const steps = points.slice(1).map((point, index) => daysBetween(points[index]!.day, point.day))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1
  return points.flatMap((point, index) => {
    const step = steps[index]
    const isHole = step !== undefined && step > usual * GAP_FACTOR
    const next = points[index + 1]
    return isHole && next ? [point, { day: middle(point.day, next.day), value: null }] : [point]
  })
}

function middle(from: UtcDay, until: UtcDay): string {
  return new Date((Date.parse(from) + Date.parse(until)) / 2).toISOString().slice(0, 10)
}
