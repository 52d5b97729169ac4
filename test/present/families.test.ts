import { describe, expect, test } from 'vitest'
import { familiesCsv, familyCsv } from '../../src/present/families-csv.ts'
import { familiesSection } from '../../src/present/families-html.ts'
import { familiesText, familyText } from '../../src/present/families-text.ts'
import { familyChartSentence, familyChartSpec, renderFamilyChart } from '../../src/present/family-chart.ts'
import { familiesLeftOut } from '../../src/present/family-words.ts'
import { formatRatio } from '../../src/present/format.ts'
import {
  familiesContent,
  familyAnswer,
  familyHistory,
  familyLine,
  familyTree,
  node,
  traced,
  unknownAdoption,
} from './family-samples.ts'
import { basis, HOSTILE, NOTICE } from './samples.ts'

const ESCAPE = String.fromCodePoint(27)

describe('a ratio', () => {
  test('has two digits below ten, one above, and says that next to nothing is not nothing', () => {
    expect([null, 0, 0.0049, 0.005, 2.345, 9.994, 9.995, 1234.56].map(formatRatio)).toEqual([
      ...['–', '0.00', '<0.01', '0.01', '2.35', '9.99', '10.0', '1,234.6'],
    ])
  })
})

describe('the families for the terminal', () => {
  const text = familiesText(familyAnswer())

  test('begin with what own and descending are, the scope and the basis', () => {
    const [title, ...lines] = text.split('\n')
    expect(title).toBe('Families by own and descending downloads · scope all v1 · descendants by root base')
    expect(lines[0]).toMatch(/^ {2}Own: what the family's lab publishes under the names of the family\./)
    expect(text).toContain('  Scope: Every repository.')
    expect(text).toContain('as of 2026-06-01 · registry 0123456789ab · definitions v1 · ')
    expect(text).toContain(' · clean counters (rules: all) · source: https://hub.')
    expect(familiesText(familyAnswer({ attribution: 'base' }))).toMatch(/declares one of these as a base/)
  })

  test('set own beside descending, in 30 days and cumulative; unknown is a dash, nothing is a zero', () => {
    expect(text).toContain(
      'ratio: descending over own; most 30-day downloads first, own and descending together',
    )
    expect(text).toMatch(/Family qwen \(Lab qwen\) +3 +800 +12 +2,000 +2\.50\n/)
    expect(text).toMatch(/Family llama \(Lab meta\) +2 +7 +0 +0 +0\.00\n/)
    expect(text).toMatch(/Family qwen \(Lab qwen\) +9,000 +4,500 +0\.50 +0\n/)
    expect(text).toMatch(/Family llama \(Lab meta\) +– +0 +– +2\n/)
    expect(text).toContain('not zero, and in no sum')
  })

  test("say what stands on others' work, how many more there are, and how much of the scope has an answer", () => {
    expect(text).toContain(
      "own 30-day downloads that stand on others' work: Family qwen (Lab qwen) 100 in 1 repository",
    )
    expect(text).toContain(
      '4 more families have something in this scope; 1 family of the registry has nothing in it',
    )
    expect(text.replaceAll('\n', ' ')).toContain(
      'coverage: all families publish 10.0 % of the 10,000 30-day downloads of the scope, 25.0 % count for them by root base; 87.5 % of 30-day downloads attributed, 12.5 % unreviewed',
    )
    expect(familiesLeftOut(familyAnswer({ more: 0, empty: 0 }))).toBeNull()
  })

  test('carry the notice before and after, and say so where there is no family', () => {
    const noticed = familiesText(familyAnswer({ basis: basis({ notice: NOTICE }) }))
    expect(noticed).toMatch(/^\*\*\* MODELLED DEMONSTRATION DATA/)
    expect(noticed.endsWith(`All figures above: ${NOTICE}.\n`)).toBe(true)
    expect(familiesText(familyAnswer({ families: [] }))).toContain('No family of the registry has a')
  })

  test('let no name move the cursor', () => {
    const nasty = { familyName: `x${ESCAPE}[2J`, labName: `y${ESCAPE}]0;z` }
    expect(familiesText(familyAnswer({ families: [familyLine('a/b', nasty)] }))).not.toContain(ESCAPE)
    expect(familyText(familyHistory({ family: familyLine('a/b', nasty) }))).not.toContain(ESCAPE)
  })
})

describe('one family for the terminal', () => {
  test('shows its place, its sums and its months', () => {
    const text = familyText(familyHistory())
    expect(text).toMatch(/^Family qwen \(Lab qwen\): own and descending downloads · scope all v1/)
    expect(text).toContain('On 2026-06-01, number 1 of 6 by 30-day downloads')
    expect(text).toContain('  own: 3 repositories, 800 downloads in 30 days, 9,000 cumulative\n')
    expect(text).toContain(
      "  of its own, on others' work: 1 repository, 100 downloads in 30 days, 500 cumulative\n",
    )
    expect(text).toContain('descending over own: 2.50 in 30 days, 0.50 cumulative')
    expect(text).toMatch(/2026-05-03 +2 +7 +– +0 +0 +0 +0\.00\n/)
    expect(text).toMatch(/2026-06-01 +3 +800 +9,000 +12 +2,000 +4,500 +2\.50\n/)
  })

  test('tells unknown counters and what is gone', () => {
    const own = { ...familyLine('a/b').own, allTimeUnknownRepos: 2, goneRepos: 1, goneDownloadsAllTime: 40 }
    expect(familyText(familyHistory({ family: familyLine('a/b', { own }) }))).toContain(
      '9,000 cumulative (unknown for 2), 40 of it by 1 since gone',
    )
    const nothing = familyHistory({ family: familyLine('a/b', unknownAdoption()), place: null })
    expect(familyText(nothing)).toContain('On 2026-06-01, nothing in this scope')
    expect(familyText(nothing)).toContain('– cumulative (unknown for 2)')
  })
})

describe('the families as comma-separated values', () => {
  const cells = (csv: string) =>
    csv
      .trimEnd()
      .split('\r\n')
      .map(row => row.split(','))

  test('have a row a family or a month, an empty cell for what is unknown, and one set of columns', () => {
    const [header, qwen, llama] = cells(familiesCsv(familyAnswer()))
    const read = (row: string[] | undefined, column: string) => row![header!.indexOf(column)]
    expect(qwen).toHaveLength(header!.length)
    expect([read(qwen, 'lab'), read(qwen, 'family'), read(qwen, 'day')]).toEqual([
      'qwen',
      'qwen',
      '2026-06-01',
    ])
    expect(read(qwen, 'descending_downloads_30d')).toBe('2000')
    expect(read(qwen, 'own_elsewhere_downloads_30d')).toBe('100')
    expect(read(qwen, 'ratio_all_time')).toBe('0.5')
    expect(read(llama, 'own_downloads_all_time')).toBe('')
    expect(read(llama, 'ratio_all_time')).toBe('')
    expect(read(llama, 'descending_downloads_all_time')).toBe('0')
    const months = cells(familyCsv(familyHistory()))
    expect(months[0]).toEqual(header)
    expect(months.slice(1).map(row => row[0])).toEqual(['2026-05-03', '2026-06-01'])
  })

  test('mark what a spreadsheet would run, and quote what would break a row', () => {
    const csv = familiesCsv(
      familyAnswer({ families: [familyLine('a/b', { labName: '=1+1', familyName: 'x",\r\ny' })] }),
    )
    expect(csv).toContain(',a,\'=1+1,b,"x"",\r\ny",')
  })
})

describe('the families of the report', () => {
  test('are a chart, a table and trees', async () => {
    const families = familyAnswer()
    const chartSvg = await renderFamilyChart(families)
    const { markup } = familiesSection(familiesContent({ families, chartSvg }))
    expect(markup).toContain(
      '<th scope="row">Family qwen (Lab qwen)</th><td>3</td><td>800</td><td>9,000</td>',
    )
    expect(markup.match(/most 30-day downloads first, own and descending together/g)!.length).toBeGreaterThan(
      2,
    )
    expect(markup).toContain('<td>12</td><td>2,000</td><td>4,500</td><td>2.50</td><td>0.50</td></tr>')
    expect(markup).toContain('<th scope="row">Family llama (Lab meta)</th><td>2</td><td>7</td><td>–</td>')
    expect(markup).toContain(
      'In these rows 2 repositories have no known all-time counter: unknown, not zero.',
    )
    expect(markup).toContain('Own 30-day downloads that stand on others&#39; work: Family qwen')
    expect(markup.match(/<svg[^>]* aria-labelledby="family-chart-title family-chart-desc"/g)).toHaveLength(1)
  })

  test('nest a tree in the order of its steps, and say what is left out at every level', () => {
    const { markup } = familiesSection(familiesContent())
    const tree = markup
      .slice(markup.indexOf('<details'))
      .replace(/<p .*?<\/p>/s, '')
      .replaceAll(/\n/g, '')
    expect(tree).toBe(
      '<details class="tree"><summary>Family tree: Family qwen (Lab qwen)</summary><ul>' +
        '<li><strong>qwen/root</strong> <span class="definition">800 downloads in 30 days; with the 12 that stand on it 2,801; 2 copies by a reviewed rule: 30 downloads in 30 days</span><ul>' +
        '<li>a/child <span class="definition">finetune · 5 downloads in 30 days · China: Lab qwen</span><ul>' +
        '<li>b/grandchild <span class="definition">finetune · 5 downloads in 30 days · China: Lab qwen · 3 derivatives</span></li>' +
        '<li class="more">and 7 more, 2 of them copies with 70 downloads in 30 days</li></ul></li>' +
        '<li>c/second <span class="definition">finetune · 5 downloads in 30 days · China: Lab qwen · gone since 2026-01-01</span></li>' +
        '<li class="more">and 1 more, 1 of them a copy with 1 download in 30 days; 2 more that are gone</li></ul></li>' +
        '<li class="more">and 2 more roots, and what stands on bases that the Hub does not list, with 99 downloads in 30 days in all</li>' +
        '</ul></details>',
    )
  })

  test('are one sentence where no family has anything', async () => {
    const families = familyAnswer({ families: [] })
    expect(await renderFamilyChart(families)).toBeNull()
    const { markup } = familiesSection({ families, chartSvg: null, trees: [], annotations: [] })
    expect(markup).toBe('<p>No family of the registry has a repository or a descendant in scope all.</p>')
  })

  test.each(HOSTILE)('hold %s as text', async text => {
    const standing = { line: text, lineName: text, labKey: text, labName: text }
    const line = familyLine('a/b', { familyName: text, labName: text })
    const families = familyAnswer({
      ...{ scope: text, families: [line, line] },
      basis: basis({ notice: text, source: text, registryRevision: text }),
    })
    const trees = [
      familyTree({
        family: line,
        roots: [
          {
            ...familyTree().roots[0]!,
            root: traced(text),
            tree: { ...familyTree().roots[0]!.tree, nodes: [node(text, 1, { standing })] },
          },
        ],
      }),
    ]
    const { markup } = familiesSection({
      families,
      chartSvg: await renderFamilyChart(families),
      trees,
      annotations: [],
    })
    expect(markup).not.toContain(text)
    expect(markup).not.toMatch(/<(?:script|img|iframe|object|embed|link|b|i|u)[\s>]/i)
    expect(markup.match(/<svg/g)).toHaveLength(1)
  })
})

describe('the chart of families', () => {
  test('names a family with its lab only where two are named alike', async () => {
    const named = (families: ReturnType<typeof familyLine>[]) =>
      renderFamilyChart(familyAnswer({ families })).then(svg =>
        [...svg!.matchAll(/<text[^>]*>([^<]+)</g)].map(match => match[1]),
      )
    expect(await named([familyLine('a/x'), familyLine('b/y')])).toContain('Family x')
    const alike = await named([familyLine('a/x'), familyLine('b/x')])
    expect(alike).toContain('Family x (Lab a)')
    expect(alike).toContain('Family x (Lab b)')
  })

  test('keeps the order of the table, own before descending, and says its numbers in words', () => {
    const answer = familyAnswer({ basis: basis({ notice: NOTICE }) })
    const { data } = familyChartSpec(answer) as unknown as {
      data: { values: { family: string; part: string; value: number }[] }
    }
    expect(data.values.map(({ family, part, value }) => [family, part, value])).toEqual([
      ['Family qwen', 'own', 800],
      ['Family qwen', 'descending', 2000],
      ['Family llama', 'own', 7],
      ['Family llama', 'descending', 0],
    ])
    expect(familyChartSentence(answer)).toBe(
      '30-day downloads on 2026-06-01: Family qwen (Lab qwen) 800 own, 2,000 descending; Family llama (Lab meta) 7 own, 0 descending. This is modelled demonstration data.',
    )
  })

  test('carries the notice, the scope and the basis inside the picture', async () => {
    const svg = await renderFamilyChart(familyAnswer({ basis: basis({ notice: NOTICE }) }))
    for (const part of [NOTICE, 'Scope all v1', 'as of 2026-06-01', 'registry 0123456789ab'])
      expect(svg).toContain(part)
    expect(svg).not.toMatch(/<(?:script|image|foreignObject)|href=/)
  })
})
