import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChartAnnotation } from '../../src/domain/chart.ts'
import { addDays } from '../../src/domain/utc-day.ts'
import { annotationLayers } from '../../src/present/annotation-layers.ts'
import { annotationSentence, drawnLabels, touches } from '../../src/present/annotation-words.ts'
import { familiesSection } from '../../src/present/families-html.ts'
import { familyChartSpec, renderFamilyChart } from '../../src/present/family-chart.ts'
import { chartSentence, renderChart } from '../../src/present/render-chart.ts'
import { day } from '../derive/small-registry.ts'
import { familiesContent, familyAnswer } from './family-samples.ts'
import { chart, HOSTILE } from './samples.ts'

const mark = (parts: Partial<ChartAnnotation> = {}): ChartAnnotation => ({
  kind: 'hub-incident',
  from: day('2026-05-03'),
  until: day('2026-05-04'),
  label: 'Hub incident',
  ...parts,
})
const marks = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    mark({
      from: addDays(day('2026-05-01'), index),
      until: addDays(day('2026-05-01'), index),
      label: `mark ${index}`,
    }),
  )
const textOf = (svg: string) => [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(match => match[1])

interface Layer {
  data: { values: { day: string; text: string; lane: number; align: string; y: number }[] }
  mark: { type: string; stroke?: string }
}
const labelsOf = (
  annotations: readonly ChartAnnotation[],
  span: { from: string; until: string },
  width = 760,
) =>
  (annotationLayers(annotations, span as never, width) as Layer[])
    .filter(layer => layer.mark.type === 'text' && layer.mark.stroke === undefined)
    .flatMap(layer => layer.data.values)

describe('annotations', () => {
  test('are drawn by their labels while there are few, and told in words in the description', async () => {
    const annotations = [
      mark(),
      mark({ kind: 'gap', from: day('2026-05-07'), until: null, label: 'no sweep' }),
    ]
    const svg = await renderChart(chart({ annotations }))
    expect(textOf(svg)).toEqual(expect.arrayContaining(['Hub incident', 'no sweep']))
    expect(chartSentence(chart({ annotations }))).toContain(
      'Marked: Hub incident, 2026-05-03 to 2026-05-04; no sweep, since 2026-05-07.',
    )
    expect(svg).toContain('Marked: Hub incident, 2026-05-03 to 2026-05-04')
    expect(annotationSentence([])).toBeNull()
  })

  test('are numbered in the chart and in the words where there are more than six', async () => {
    expect(drawnLabels(marks(6))).toEqual(marks(6).map(({ label }) => label))
    expect(drawnLabels(marks(7))).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(annotationSentence(marks(7))).toMatch(
      /^Marked: \(1\) mark 0, on 2026-05-01; \(2\) mark 1, on 2026-05-02;/,
    )
    const drawn = textOf(await renderChart(chart({ annotations: marks(7) })))
    expect(drawn).toContain('1')
    expect(drawn).not.toContain('mark 0')
  })

  test('move no line of the chart: the days drawn are those of the series', async () => {
    const lines = (svg: string) => [...svg.matchAll(/stroke-width="2\.4"/g)].length
    const early = mark({ from: day('2025-01-01'), until: day('2025-01-05') })
    const beyond = mark({ from: day('2026-04-20'), until: null })
    const plain = await renderChart(chart())
    const path = (svg: string) => /<path[^>]*? d="(M[^"]*)"[^>]*stroke-width="2\.4"/.exec(svg)?.[1]
    const marked = await renderChart(chart({ annotations: [early, beyond] }))
    expect(lines(marked)).toBe(lines(plain))
    expect(path(marked)).toBeDefined()
    expect(path(marked)).toBe(path(plain))
    expect(annotationLayers([early], { from: day('2026-05-01'), until: day('2026-05-10') }, 760)).toEqual([])
  })

  test('never lie over one another, nor outside the plot', () => {
    const span = { from: day('2024-01-01'), until: day('2025-12-31') }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 730 }), fc.integer({ min: 1, max: 40 })), {
          maxLength: 12,
        }),
        found => {
          const annotations = found.map(([at, length]) =>
            mark({ from: addDays(span.from, at), until: null, label: 'x'.repeat(length) }),
          )
          const boxes = labelsOf(annotations, span).map(({ day: at, text, lane, align }) => {
            const x = ((Date.parse(at) - Date.parse(span.from)) / 864e5 / 730) * 760
            const length = text.length * 6.9
            return { lane, from: align === 'left' ? x : x - length, until: align === 'left' ? x + length : x }
          })
          boxes.forEach((a, index) => {
            for (const b of boxes.slice(index + 1)) {
              expect(a.lane !== b.lane || a.until <= b.from || b.until <= a.from).toBe(true)
            }
            if (annotations.length <= 6) expect([a.from >= 0, a.until <= 760 + 8]).toEqual([true, true])
          })
        },
      ),
    )
  })

  test('stand beside the bars of families, in the picture and below it', async () => {
    const annotations = [mark()]
    const words = 'Hub incident, 2026-05-03 to 2026-05-04'
    expect(JSON.stringify(familyChartSpec(familyAnswer(), annotations))).toContain(
      `In these 30 days: ${words}.`,
    )
    expect(JSON.stringify(familyChartSpec(familyAnswer(), marks(9)))).toContain('9 stretches are marked')
    expect(JSON.stringify(familyChartSpec(familyAnswer()))).not.toContain('30 days:')
    expect(await renderFamilyChart(familyAnswer(), annotations)).toContain(`Marked: ${words}.`)
    expect(familiesSection(familiesContent({ annotations })).markup).toContain(
      `In their 30 days: marked: ${words}.`,
    )
  })

  test('tell which rows of the table they touch', () => {
    const span = { from: day('2026-05-01'), before: day('2026-06-01') }
    expect(touches(mark({ from: day('2026-05-31') }), span)).toBe(true)
    expect(touches(mark({ from: day('2026-06-01') }), span)).toBe(false)
    expect(touches(mark({ from: day('2026-04-01'), until: null }), span)).toBe(true)
    expect(touches(mark({ from: day('2026-04-01'), until: day('2026-04-30') }), span)).toBe(false)
  })

  test.each(HOSTILE)('hold %s as text', async label => {
    const svg = await renderChart(chart({ annotations: [mark({ label })] }))
    expect(svg).not.toContain(label)
    expect(svg).not.toMatch(/<(?:script|img|b|i|u)[\s>]/i)
    expect(svg.match(/<svg/g)).toHaveLength(1)
    const section = familiesSection(familiesContent({ annotations: [mark({ label })] })).markup
    expect(section).not.toContain(label)
  })

  test('show no control character of a name', async () => {
    const control = String.fromCodePoint(27)
    const svg = await renderChart(chart({ annotations: [mark({ label: `spike: a/b${control}[2J` })] }))
    expect(svg).not.toContain(control)
    expect(svg).toContain('\\u{1b}')
  })
})
