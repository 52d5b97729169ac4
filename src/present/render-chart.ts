import type { TopLevelSpec } from 'vega-lite'
import type { SeriesChart } from '../domain/chart.ts'
import { annotationSentence } from './annotation-words.ts'
import { chartSpec } from './chart-spec.ts'
import { crossoverSentence } from './crossover-text.ts'
import { formatCount } from './format.ts'
import { html } from './html.ts'

/** Renders a chart of series as a self-contained SVG without a browser. */
export function renderChart(chart: SeriesChart): Promise<string> {
  return renderSpec(chartSpec(chart), { id: 'chart', title: chart.title, sentence: chartSentence(chart) })
}

/**
 * Renders a specification as a self-contained SVG. Vega drops the description of a chart from its SVG, so the title and
 * the sentence that assistive technology reads are put in here, under ids that begin with `id`: one of its own on a page.
 */
export async function renderSpec(
  spec: TopLevelSpec,
  { id, title, sentence }: { id: string; title: string; sentence: string },
): Promise<string> {
  // Loaded when a chart is drawn: every other command starts half a second earlier without it.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  const labels = html`<title id="${id}-title">${title}</title><desc id="${id}-desc">${sentence}</desc>`
  return svg.replace(/^<svg([^>]*)>/, (_, attributes: string) => {
    const kept = attributes.replace(/ (width|height)="[^"]*"/g, '')
    return `<svg${kept} role="img" aria-labelledby="${id}-title ${id}-desc">${labels.markup}`
  })
}

/** What the chart shows, in words: last values, the crossover, and the days that are marked. */
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
  const marked = annotationSentence(chart.annotations)
  return values + crossing + notice + (marked === null ? '' : ` ${marked}`)
}
