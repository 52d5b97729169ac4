import type { TopLevelSpec } from 'vega-lite'
import type { ChartAnnotation } from '../domain/chart.ts'
import type { FamilyAnswer, FamilyName } from '../domain/family-answer.ts'
import { annotationSentence } from './annotation-words.ts'
import { CHART_CONFIG, TITLE_LOOK } from './chart-look.ts'
import { basisLine, sourceWords } from './crossover-text.ts'
import { FAMILY_ORDER, familyTitle } from './family-words.ts'
import { formatCount } from './format.ts'
import { renderSpec } from './render-chart.ts'
import { ATTRIBUTION_WORDS } from './share-title.ts'

/** Two colours that differ in grey and for colour-blind readers; the order of the bars says the same once more. */
const PARTS = [
  { part: 'own', colour: '#1f5fa8' },
  { part: 'descending', colour: '#e08a1e' },
] as const

const TITLE = '30-day downloads of model families'

/** The families of an answer as bars, own above descending; null where no family is. */
export async function renderFamilyChart(
  answer: FamilyAnswer,
  annotations: readonly ChartAnnotation[] = [],
): Promise<string | null> {
  if (answer.families.length === 0) return null
  const marked = annotationSentence(annotations)
  return renderSpec(familyChartSpec(answer, annotations), {
    id: 'family-chart',
    title: TITLE,
    sentence: familyChartSentence(answer) + (marked === null ? '' : ` ${marked}`),
  })
}

/** What the chart shows, in words. */
export function familyChartSentence({ basis, families }: FamilyAnswer): string {
  const bars = families.map(
    line =>
      `${familyTitle(line)} ${formatCount(line.own.downloads30d)} own, ${formatCount(line.descending.downloads30d)} descending`,
  )
  const notice = basis.notice === null ? '' : ` This is ${basis.notice}.`
  return `30-day downloads on ${basis.asOf}: ${bars.join('; ')}.${notice}`
}

/** The chart as a Vega-Lite specification with its data inside. */
export function familyChartSpec(
  answer: FamilyAnswer,
  annotations: readonly ChartAnnotation[] = [],
): TopLevelSpec {
  const { basis, families, scope, scopeVersion, attribution } = answer
  const names = families.map(({ familyName }) => familyName)
  // Room for labels is reckoned without a font, twice as wide as they are: short ones where they tell families apart.
  const labelOf =
    new Set(names).size < names.length ? familyTitle : ({ familyName }: FamilyName) => familyName
  const rows = families.flatMap(line =>
    [line.own, line.descending].map(({ downloads30d }, side) => ({
      family: labelOf(line),
      part: PARTS[side]!.part,
      value: downloads30d,
      label: formatCount(downloads30d),
    })),
  )
  const y = {
    field: 'family',
    type: 'nominal',
    sort: families.map(labelOf),
    axis: { title: null, domain: false, ticks: false, labelLimit: 400, labelFontSize: 12 },
  }
  const yOffset = { field: 'part', type: 'nominal', sort: PARTS.map(({ part }) => part) }
  const x = {
    field: 'value',
    type: 'quantitative',
    axis: {
      title: '30-day downloads',
      tickCount: 5,
      labelExpr: "format(datum.value / 1e6, ',~g') + ' M'",
      domain: false,
      ticks: false,
    },
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 620,
    height: { step: 14 },
    padding: 8,
    background: '#ffffff',
    title: {
      text: basis.notice === null ? TITLE : `${TITLE} (${basis.notice})`,
      subtitle: [
        `Scope ${scope} v${scopeVersion}, descendants by ${ATTRIBUTION_WORDS[attribution]}; ${FAMILY_ORDER}`,
        `${basisLine(basis)} · source: ${sourceWords(basis)}`,
        ...markedLine(annotations),
      ],
      ...TITLE_LOOK,
      frame: 'bounds',
    },
    config: CHART_CONFIG,
    data: { values: rows },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          y,
          yOffset,
          x,
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: PARTS.map(({ part }) => part), range: PARTS.map(({ colour }) => colour) },
            legend: { title: null, orient: 'top', labelFontSize: 12 },
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 10, color: '#333333' },
        encoding: { y, yOffset, x, text: { field: 'label' } },
      },
    ],
  } as TopLevelSpec
}

/** Characters of a line below the title that the picture is wide enough for. */
const LINE_LENGTH = 125

/** The annotations as a line of the picture, where they are few and short; else how many there are. */
function markedLine(annotations: readonly ChartAnnotation[]): string[] {
  const words = annotationSentence(annotations)
  if (words === null) return []
  const line = `In these 30 days: ${words.slice('Marked: '.length)}`
  if (line.length <= LINE_LENGTH) return [line]
  return [
    `In these 30 days ${annotations.length === 1 ? 'one stretch is' : `${annotations.length} stretches are`} marked: see the caption.`,
  ]
}
