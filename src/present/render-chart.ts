import type { SeriesChart } from '../domain/chart.ts'
import { chartSpec } from './chart-spec.ts'
import { crossoverSentence } from './crossover-text.ts'
import { formatCount } from './format.ts'
import { html } from './html.ts'

/**
 * Renders a chart as a self-contained SVG without a browser. Vega drops the description of a chart from its SVG, so the
 * title and description that assistive technology reads are put in here.
 */
export async function renderChart(chart: SeriesChart): Promise<string> {
  // Loaded when a chart is drawn: every other command starts half a second earlier without it.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new View(parse(compile(chartSpec(chart)).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  const labels = html`<title id="chart-title">${chart.title}</title><desc id="chart-desc">${chartSentence(chart)}</desc>`
  return svg.replace(/^<svg([^>]*)>/, (_, attributes: string) => {
    const kept = attributes.replace(/ (width|height)="[^"]*"/g, '')
    return `<svg${kept} role="img" aria-labelledby="chart-title chart-desc">${labels.markup}`
  })
}

/** What the chart shows, in words: last values, and the crossover. */
export function chartSentence(chart: SeriesChart): string {
  const ends = chart.series.flatMap(line => {
    const last = line.points.findLast(point => point.value !== null)
    if (!last) return []
    // A series can end before the as-of day: its last known value is then not that day's.
    const seen = last.day === chart.basis.asOf ? '' : ` (last known on ${last.day})`
    return [`${line.name} ${formatCount(last.value)}${seen}`]
  })
  const values = `On ${chart.basis.asOf}: ${ends.join(', ')} ${chart.unit}.`
  const crossing = chart.crossover === null ? '' : ` ${crossoverSentence(chart.crossover)}`
  const notice = chart.basis.notice === null ? '' : ` This is ${chart.basis.notice}.`
  return values + crossing + notice
}
