import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HEADLINE_METRICS } from '../../src/derive/headline-metrics.ts'
import { lineName, regionTable } from '../../src/derive/lines.ts'
import type { SeriesChart } from '../../src/domain/chart.ts'
import { type Html, html, trustedMarkup } from '../../src/present/html.ts'
import { chartSentence, renderChart } from '../../src/present/render-chart.ts'
import { reportHtml } from '../../src/present/report-html.ts'
import { day, EVERY_KIND } from '../derive/small-registry.ts'
import { familiesContent } from './family-samples.ts'
import { qualityAnswer } from './quality-samples.ts'
import {
  basis,
  chart,
  crossing,
  crossoverAnswer,
  HOSTILE,
  headline,
  NOTICE,
  shareAnswer,
  total,
} from './samples.ts'

const nameLine = (line: string) => lineName(EVERY_KIND, line)
const plain = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe('html', () => {
  test('escapes every text that is put in, in elements, attributes and lists', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...HOSTILE), fc.string()), text => {
        const { markup } = html`<a title="${text}">${text}${[text, html`<b>${text}</b>`]}</a>`
        const inside = /^<a title="([^"]*)">([^<]*)<b>([^<]*)<\/b><\/a>$/.exec(markup)
        expect(inside?.slice(1).map(plain)).toEqual([text, text + text, text])
      }),
    )
  })

  test('lets only its own markup through, and leaves nothing out but nothing', () => {
    expect(html`${html`<b>x</b>`}${trustedMarkup('<i>')}${null}${undefined}${false}${0}`.markup).toBe(
      '<b>x</b><i>0',
    )
    expect(() => html`${{ markup: '<b>' } as unknown as Html}`).toThrow(TypeError)
  })
})

describe('the report', () => {
  const totals = [total('china', { downloadsAllTime: 300 })]
  const content = (parts: Parameters<typeof headline>[1] = {}, drawing: Partial<SeriesChart> = {}) => ({
    headline: headline(totals, parts),
    shares: shareAnswer(),
    families: familiesContent({ chartSvg: null }),
    chart: chart(drawing),
    chartSvg: null,
    quality: qualityAnswer(),
    definitions: HEADLINE_METRICS,
    nameLine,
  })

  test('lets no number of a table break, and every table scroll by mouse and by key', () => {
    const page = reportHtml(content())
    expect(page).toMatch(/\ntd, \.whole \{ white-space: nowrap; \}\n/)
    expect(page.match(/<table/g)).toHaveLength(page.match(/<div class="scroll" tabindex="0"><table/g)!.length)
  })

  test.each(HOSTILE)('holds %s as text wherever a name can stand', async text => {
    const series = chart().series.map(line => ({ ...line, name: text }))
    const crossover = crossoverAnswer({}, { nameA: text, nameB: text, scope: text })
    const drawing = { title: text, unit: text, definition: text, series, crossover }
    const page = reportHtml({
      ...content(
        {
          basis: basis({ notice: text, source: text, registryRevision: text }),
          scope: {
            scope: text,
            scopeDefinition: text,
            table: {
              ...regionTable(totals, [], EVERY_KIND),
              lines: regionTable(totals, [], EVERY_KIND).lines.map(line => ({ ...line, name: text })),
              leftOut: [{ line: text, name: text, repos: 1, downloads30d: 1, downloadsAllTime: 1 }],
            },
            topLabs: [{ key: text, name: text, downloads30d: 1, downloadsAllTime: 1 }],
          },
          crossovers: [crossover],
        },
        drawing,
      ),
      chartSvg: await renderChart(chart(drawing)),
      nameLine: () => text,
      shares: shareAnswer(undefined, {
        basis: basis({ notice: text, source: text, registryRevision: text }),
        lines: shareAnswer().lines.map(({ line }) => ({ line, name: text })),
      }),
    })
    expect(page).not.toContain(text)
    expect(page).not.toMatch(/<(?:script|img|iframe|object|embed|link|b|i|u)[\s>]/i)
    // What stands between quotes is text, however it reads.
    expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+\s*=/i)
    expect(page.match(/<svg/g)).toHaveLength(1)
    expect(page.match(/<\/style>/g)).toHaveLength(1)
    expect(plain(page).split(text).length).toBeGreaterThan(12)
  })

  test('asks for nothing from elsewhere and allows no script', async () => {
    const page = reportHtml({ ...content(), chartSvg: await renderChart(chart()) })
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/\s(?:src|href|action|poster|xlink:href)=|url\(|@import|<script/i)
  })

  test('says what the data is, gives every definition, and draws nothing of nothing', () => {
    const page = reportHtml(content({ basis: basis({ notice: NOTICE }) }))
    expect(page).toContain('Modelled demonstration data: these are not observations')
    const madeBy = 'counters are made by a generator'
    expect(page).toContain(madeBy)
    const other = reportHtml(content({ basis: basis({ notice: 'a catalogue made by hand' }) }))
    expect(other).toContain('A catalogue made by hand: these are not observations of the Hub.</p>')
    expect(other).not.toContain(madeBy)
    expect(page).toContain('No lifetime counter is known, so there is nothing to draw.')
    for (const metric of HEADLINE_METRICS) expect(plain(page)).toContain(metric.formula)
    expect(reportHtml(content())).not.toMatch(/modelled/i)
  })

  test('shows a dash, not a zero, for a lifetime nobody knows', () => {
    const page = reportHtml({
      ...content(),
      headline: headline([total('china', { downloads30d: 4, allTimeUnknownRepos: 1 })]),
    })
    expect(page).toContain('<th scope="row">China</th><td>–</td><td>–</td><td>4</td>')
    expect(page).toContain('<th scope="row">All</th><td>–</td>')
  })

  test('shows a gap of the chart as a dash in its table', () => {
    const points = [
      { day: day('2026-05-01'), value: 1 },
      { day: day('2026-06-01'), value: null },
    ]
    const page = reportHtml(content({}, { series: [{ key: 'china', name: 'China', points }] }))
    expect(page).toContain(
      '<tr><th scope="row">2026-05-01</th><td>1</td></tr><tr><th scope="row">2026-06-01</th><td>–</td></tr>',
    )
  })
})

/** The `d` of every line mark, by the order of the series. */
const linesOf = (svg: string) =>
  [
    ...svg.matchAll(
      /<path[^>]*aria-roledescription="line mark"[^>]*? d="([^"]*)"|<path[^>]*? d="([^"]*)"[^>]*stroke-width="2\.4"[^>]*>/g,
    ),
  ].map(match => match[1] ?? match[2] ?? '')
const textOf = (svg: string) => [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(match => match[1])

describe('a chart', () => {
  test('names the last day of a bracket as the date only where the bracket is one day wide', async () => {
    const between = async (before: string) => {
      const found = crossing({ lastBefore: { day: day(before), a: 900, b: 1000 } })
      return textOf(
        await renderChart(chart({ crossover: crossoverAnswer({ crossing: found, crossings: [found] }) })),
      )
    }
    expect(await between('2025-07-08')).toContain('China ahead from 2025-07-09')
    expect(await between('2025-07-01')).toContain('China ahead between 2025-07-01 and 2025-07-09')
  })

  test('is a self-contained picture with a title and a description for assistive technology', async () => {
    const svg = await renderChart(chart({ crossover: crossoverAnswer() }))
    expect(svg).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="chart-title chart-desc"><title id="chart-title">Cumulative downloads<\/title><desc id="chart-desc">/,
    )
    expect(svg).toMatch(
      /<desc id="chart-desc">On 2026-05-10: China 10,000,000, Europe 11,000,000 all-time downloads\. China passed Europe between/,
    )
    expect(svg).not.toMatch(/<(?:script|image|foreignObject)|href=/)
    expect(svg.match(/^<svg[^>]*>/)![0]).not.toMatch(/ (?:width|height)="/)
  })

  test('carries the notice inside the picture, not only beside it', async () => {
    const svg = await renderChart(chart({ basis: basis({ notice: NOTICE }) }))
    expect(textOf(svg).filter(text => text?.includes(NOTICE)).length).toBeGreaterThanOrEqual(1)
    expect(textOf(await renderChart(chart())).join(' ')).not.toContain(NOTICE)
  })

  test('carries definition, as-of day, registry and source inside the picture', async () => {
    const text = textOf(await renderChart(chart())).join('\n')
    for (const part of [
      'Scope llm v1, by publisher',
      'as of 2026-05-10',
      'registry 0123456789ab',
      'https://hub.example',
      'China',
      'Europe',
    ])
      expect(text).toContain(part)
  })

  test('is the same to the byte every time', async () => {
    const full = chart({ crossover: crossoverAnswer({}, {}), basis: basis({ notice: NOTICE }) })
    const first = await renderChart(full)
    await renderChart(chart({ title: 'another one in between' }))
    expect(await renderChart(full)).toBe(first)
  })

  test('breaks the line at an unknown value and at a hole, and nowhere else', async () => {
    const [china] = chart().series
    const moves = async (points: (typeof china & {})['points']) => {
      const lines = linesOf(await renderChart(chart({ series: [{ key: 'china', name: 'China', points }] })))
      expect(lines).toHaveLength(1)
      return lines[0]!.match(/M/g)!.length
    }
    const whole = china!.points
    expect(await moves(whole)).toBe(1)
    expect(await moves(whole.map((point, index) => (index === 4 ? { ...point, value: null } : point)))).toBe(
      2,
    )
    expect(
      await moves([...whole, { day: day('2026-05-30'), value: 3e7 }, { day: day('2026-05-31'), value: 3e7 }]),
    ).toBe(2)
  })

  test.each(HOSTILE)('shows a series called %s as text', async text => {
    const series = chart()
      .series.map(line => ({ ...line, key: text, name: text }))
      .slice(0, 1)
    const svg = await renderChart(
      chart({
        title: text,
        definition: text,
        unit: text,
        series,
        crossover: crossoverAnswer({}, { nameA: text }),
      }),
    )
    expect(svg).not.toContain(text)
    expect(svg).not.toMatch(/<(?:script|img|b|i|u)[\s>]/i)
    expect(svg.match(/<svg/g)).toHaveLength(1)
    expect(plain(textOf(svg).join('\n'))).toContain(text)
  })

  test('says of a series that ends early on which day it was last known', () => {
    const [china, europe] = chart().series
    const ended = {
      ...china!,
      points: china!.points.map((point, index) => (index > 6 ? { ...point, value: null } : point)),
    }
    expect(chartSentence(chart({ series: [ended, europe!] }))).toBe(
      'On 2026-05-10: China 7,000,000 (last known on 2026-05-07), Europe 11,000,000 all-time downloads.',
    )
  })
})
