import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { regionTable } from '../../src/derive/lines.ts'
import type { HeadlineShare, ScopeHeadline } from '../../src/domain/headline.ts'
import { csvTable } from '../../src/present/csv.ts'
import { formatPart, formatPoints } from '../../src/present/format.ts'
import { headlineText } from '../../src/present/headline-text.ts'
import { shareDefinition } from '../../src/present/share-title.ts'
import { attributionGaps, monthlyShares as monthlySection } from '../../src/present/shares-html.ts'
import { sharesCsv, sharesText } from '../../src/present/shares-text.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { basis, CHOICE, headline, monthlyShares, NOTICE, shareAnswer, total } from './samples.ts'

/** Reads a table of RFC 4180 back. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? bare!)
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

describe('a comma-separated table', () => {
  test('gives every text back, but for the mark before what a spreadsheet would run', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', 'a"b', 'a,b', 'a\r\nb', '', '＝1'),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), rows => {
        const found = readCsv(csvTable(['a', 'b'], rows))
        expect(found.slice(1).map(row => row.map(cell => cell.replace(/^'/, '')))).toEqual(
          rows.map(row => row.map(cell => cell.replace(/^'/, ''))),
        )
        for (const cell of found.flat()) expect(cell).not.toMatch(/^\s*[=+\-@]/)
      }),
    )
  })

  test('leaves numbers as numbers, and nothing for what is unknown', () => {
    expect(csvTable(['n'], [[-1.5], [null], [0]])).toBe('n\r\n-1.5\r\n\r\n0\r\n')
  })
})

describe('parts and points', () => {
  test('show a half, and never a minus before nothing', () => {
    expect([1234.5, 3, 0.04].map(formatPart)).toEqual(['1,234.5', '3', '0'])
    expect([1.26, -3, -0.01, 0.04, null].map(formatPoints)).toEqual(['+1.3', '-3.0', '0.0', '0.0', '–'])
  })
})

describe('the shares for the terminal', () => {
  const text = sharesText(shareAnswer())

  test('begin with the definition and print every line, with numerator and denominator', () => {
    const [title, definition] = text.split('\n')
    expect(title).toBe(
      'Shares of fine-tunes with more than 5 all-time downloads by immediate base, whenever created · scope all v1',
    )
    expect(definition).toMatch(/^ {2}Repositories listed on 2026-06-01, by month of creation \(UTC\)/)
    expect(text).toMatch(/China\s+90\.5\s+160\s+56\.6 %/)
    expect(text).toMatch(/Unreviewed publishers\s+10\s+160\s+6\.3 %/)
    expect(text).toMatch(/Multinational\s+0\s+160\s+0\.0 %/)
    expect(text).toMatch(/All\s+160\s+160\s+100\.0 %/)
    expect(text).toContain('166 considered, 4 with unknown counter left out')
  })

  test('show months by the lines they have, and mark the one that is not over', () => {
    expect(text).toMatch(/created\s+china\s+europe\s+unreviewed\s+counted\s+uploaders/)
    expect(text).toMatch(/2026-05\s+50\.4 %\s+49\.6 %\s+0\.0 %\s+120\s+2\n/)
    expect(text).toMatch(/2026-06\*\s+75\.0 %\s+0\.0 %\s+25\.0 %\s+40\s+2\n/)
    expect(text).toMatch(/months shown\s+50\.4 %\s+49\.6 %\s+0\.0 %\s+120\s+–\n/)
    expect(text).toMatch(/all months since 2026-05\s+56\.6 %\s+37\.2 %\s+6\.3 %\s+160\s+–\n/)
    expect(text).not.toContain('earlier months not shown')
    expect(text).toMatch(/2026-05\s+60\.5\s+59\.5\s+0\s+120\s+123\s+2\n/)
    expect(text).toContain('* this month is not over')
  })

  test('say how far every other choice moves it, and over which combinations the range goes', () => {
    expect(text).toMatch(/as above\s+56\.6 %\s+0\.0 %\s+37\.2 %\s+160/)
    expect(text).toMatch(/created in 2026-05\s+50\.4 %\s+-6\.1\s+0\.0 %\s+0\.0\s+49\.6 %\s+\+12\.4\s+120/)
    expect(text).toMatch(/more than 10\s+–\s+–/)
    expect(text).toMatch(
      /Over all 6 combinations of these choices that count 100 repositories or more \(1,254 more/,
    )
    expect(text).toContain('  China: 50.4 % to 56.6 %\n')
    expect(text).toContain(
      '    50.4 % of 120: fine-tunes with more than 5 all-time downloads by publisher, created',
    )
  })

  test('say where the months begin that are not shown', () => {
    const answer = shareAnswer()
    const cut = shareAnswer(undefined, {
      months: answer.months.slice(1),
      known: { from: '2022-03', until: '2026-06' },
    })
    expect(sharesText(cut)).toContain('earlier months not shown: --from 2022-03\n')
    expect(sharesText(cut)).toContain('all months since 2022-03')
    expect(monthlySection(cut).markup).toContain(
      'Earlier months are not shown: hub-census shares --from 2022-03.',
    )
    expect(monthlySection(answer).markup).not.toContain('Earlier months')
    const months = { from: '2026-05', until: null }
    const chosen = shareAnswer(undefined, { choice: { ...CHOICE, months }, months: cut.months })
    expect(sharesText(chosen)).toMatch(/all months, created since 2026-05 +56\.6 %/)
    expect(sharesText(chosen)).not.toContain('earlier months not shown')
  })

  test('hold a dash and no range where nothing is counted', () => {
    const unknown = monthlyShares({ '2026-05': {} })
    const empty = sharesText(shareAnswer(unknown))
    expect(empty).toMatch(/All\s+0\s+0\s+–/)
    expect(empty).toContain('3 considered, 2 with unknown counter left out')
    expect(empty).toContain('none: no range can be told')
  })

  test('are one sentence where nothing was created', () => {
    const months = { from: '2026-07', until: null }
    const none = { considered: 0, counterUnknown: 0, counted: 0, publishers: null, lines: [] }
    const later = sharesText(
      shareAnswer(undefined, { choice: { ...CHOICE, months }, months: [], together: none }),
    )
    expect(later.replaceAll('\n', ' ')).toContain(
      'Nothing to share: scope all v1 has no fine-tunes listed on 2026-06-01, created since 2026-07. Derivatives were created from 2026-05 to 2026-06.',
    )
    expect(later).not.toContain('–')
    expect(sharesText(shareAnswer([])).replaceAll('\n', ' ')).toContain('No month has a derivative.')
  })

  test('say of another counter how many it does not know', () => {
    const aged = monthlyShares(
      { '2026-05': { china: 4 } },
      { counter: 'downloads30dAt30Days', counterUnknown: 1234 },
    )
    const answer = shareAnswer([...monthlyShares({ '2026-05': { china: 160 } }), ...aged])
    expect(sharesText(answer)).toMatch(
      /30-day downloads at the age of 30 days \(unknown for 1,234\) +100\.0 %/,
    )
    expect(monthlySection(answer).markup).toContain(
      '<th scope="row">30-day downloads at the age of 30 days (unknown for 1,234)</th>',
    )
  })

  test('say what the data is, first and last, and let no control character through', () => {
    const modelled = sharesText(shareAnswer(undefined, { basis: basis({ notice: NOTICE }) }))
    expect(modelled.split('\n')[0]).toContain('MODELLED DEMONSTRATION DATA')
    expect(modelled.trimEnd().split('\n').at(-1)).toBe(`All figures above: ${NOTICE}.`)
    expect(text).not.toMatch(/modelled/i)
    const names = shareAnswer().lines.map(({ line }) => ({ line, name: 'a\u001b[31m\u202e' }))
    const hostile = sharesText(shareAnswer(undefined, { lines: names }))
    for (const character of '\u001b\u202e') expect(hostile).not.toContain(character)
  })

  test('define each choice in its own words', () => {
    const define = (parts: Partial<typeof CHOICE>) => shareDefinition({ ...CHOICE, ...parts }, '2026-06-01')
    expect(define({ counter: 'downloads30dAt30Days', threshold: 10 })).toContain(
      'had more than 10 30-day downloads when they were 30 to 33 days old',
    )
    expect(define({ attribution: 'publisher' })).toContain('their own publisher')
    expect(define({ attribution: 'root' })).toContain('the roots they descend from')
    expect(define({ relations: 'weights' })).toContain('fine-tunes, adapters and merges')
    expect(define({ isCapped: true })).toContain('counts as a hundredth')
    expect(define({})).not.toContain('hundredth')
  })
})

describe('the shares as comma-separated values', () => {
  test('hold every line of every month and their sum, unrounded, with choices and source', () => {
    const source = '=HYPERLINK("https://evil.example","x")'
    const [header, ...rows] = readCsv(sharesCsv(shareAnswer(undefined, { basis: basis({ source }) })))
    expect(rows).toHaveLength(3 * shareAnswer().lines.length)
    const records = rows.map(row => new Map(header!.map((name, column) => [name, row[column]!])))
    const china = records.filter(row => row.get('line') === 'china')
    expect(
      china.map(row =>
        ['created_from', 'created_until', 'numerator', 'denominator'].map(name => row.get(name)),
      ),
    ).toEqual([
      ['2026-05', '2026-05', '60.5', '120'],
      ['2026-06', '2026-06', '30', '40'],
      ['', '', '90.5', '160'],
    ])
    expect(china.map(row => row.get('months'))).toEqual(['one', 'one', 'all months'])
    expect(china[0]!.get('scope')).toBe('all')
    expect(china[0]!.get('scope_version')).toBe('1')
    for (const row of records) {
      expect([...row].slice(5, 10).map(([, value]) => value)).toEqual([
        'finetune',
        'base',
        'downloadsAllTime',
        '5',
        'no',
      ])
      expect(row.get('source')).toBe(`'${source}`)
    }
    for (const sum of ['2026-05', '2026-06', '']) {
      const shares = records
        .filter(row => row.get('created_from') === sum)
        .map(row => Number(row.get('share')))
      expect(shares.reduce((all, share) => all + share, 0)).toBeCloseTo(1, 9)
    }
  })
})

describe('the shares of the report', () => {
  test('stand in a table by month, with their whole and every other choice', () => {
    const { markup } = monthlySection(shareAnswer())
    expect(markup).toContain(
      '<tr><th scope="row">2026-06 (not over)</th><td>75.0 %</td><td>0.0 %</td><td>25.0 %</td><td>40</td><td>43</td><td>2</td><td>2</td></tr>',
    )
    expect(markup).toContain('<tr><th scope="row">created in 2026-05</th><td>50.4 %</td><td>-6.1</td>')
    expect(markup).toContain('<strong>China</strong>: from 50.4 %')
    expect(markup).toContain('<tr><th scope="row">months shown</th><td>50.4 %</td>')
    expect(markup).toContain('<tr><th scope="row">all months since 2026-05</th><td>56.6 %</td>')
    expect(markup).toContain('· scope all v1</h3>')
    expect(markup).not.toMatch(/in (?:any|every) month/)
    expect(monthlySection(shareAnswer(monthlyShares({}))).markup).toContain('no range can be told')
  })

  test('show per scope what publisher, base and root each give', () => {
    const scopeBy = (attribution: ScopeHeadline['attribution'], china: number): ScopeHeadline => ({
      ...headline([]).scopes[0]!,
      attribution,
      table: regionTable(
        [total('china', { downloadsAllTime: china }), total('europe', { downloadsAllTime: 100 - china })],
        [],
        EVERY_KIND,
      ),
    })
    const { markup } = attributionGaps([
      scopeBy('publisher', 37.1),
      scopeBy('base', 40),
      scopeBy('root', 49.4),
    ])
    expect(markup).toContain(
      '<tr><th scope="row">China</th><td>37.1 %</td><td>40.0 %</td><td>49.4 %</td><td>12.3</td></tr>',
    )
    expect(markup).not.toContain('Multinational')
    expect(attributionGaps([scopeBy('base', 40)]).markup).not.toContain('<table>')
  })

  test('of the headline stand by base and by root under one title', () => {
    const share = headline([]).shares[0]!
    const root: HeadlineShare = { ...share, attribution: 'root', lines: [{ line: 'europe', repos: 4 }] }
    const text = headlineText(headline([], { shares: [share, root] }), line => line)
    expect(text).toContain(
      [
        '  more than 5 30-day downloads, whenever created:',
        '    by immediate base: china 75.0 % · europe 25.0 %',
        '    by root base: europe 100.0 %',
        '    of 4 fine-tunes by 2 publishers (8 considered)',
      ].join('\n'),
    )
  })
})
