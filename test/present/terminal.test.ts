import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { lineName } from '../../src/derive/lines.ts'
import type { CrossoverOutcome } from '../../src/domain/crossover.ts'
import type { Explanation, HandleExplanation } from '../../src/domain/explanation.ts'
import { crossoverSentence, crossoverText } from '../../src/present/crossover-text.ts'
import { explanationText } from '../../src/present/explanation-text.ts'
import { formatCount, formatShare } from '../../src/present/format.ts'
import { handleText } from '../../src/present/handle-text.ts'
import { headlineText } from '../../src/present/headline-text.ts'
import { terminalTable } from '../../src/present/terminal-table.ts'
import { day, EVERY_KIND } from '../derive/small-registry.ts'
import { basis, crossing, crossoverAnswer, headline, lines, NOTICE, total } from './samples.ts'

const nameLine = (line: string) => lineName(EVERY_KIND, line)
/** What a terminal acts on or hides: none of it may be left of somebody else's text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for.
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

describe('a number', () => {
  test('is grouped, and a dash where it is unknown', () => {
    expect([formatCount(3_400_446_695), formatCount(0), formatCount(null)]).toEqual([
      '3,400,446,695',
      '0',
      '–',
    ])
    expect([formatShare(0.41349), formatShare(0), formatShare(1), formatShare(null)]).toEqual([
      '41.3 %',
      '0.0 %',
      '100.0 %',
      '–',
    ])
  })
})

describe('a table for the terminal', () => {
  const columnsOf = (text: string) => text.split('\n').map(line => stringWidth(line))

  test('aligns wide characters by what they take, not by how many they are', () => {
    const text = terminalTable(
      ['', 'n'],
      [
        ['阿里巴巴', '1'],
        ['👩‍👩‍👧 fam', '22'],
        ['é', '333'],
        ['plain', '4'],
      ],
    )
    expect(new Set(columnsOf(text)).size).toBe(1)
    expect(text.split('\n')[1]).toMatch(/^─+ {2}───$/)
  })

  test('shows control, bidirectional and zero-width characters as what they are', () => {
    const text = terminalTable(
      ['name', 'n'],
      [
        ['\u001b[2Jx\r\ny\u0007', '1'],
        ['\u202egpj\u200b', '2'],
        ['\u009b31m', '3'],
      ],
    )
    expect(text).not.toMatch(UNSAFE)
    expect(text.split('\n')).toHaveLength(5)
    expect(text).toContain('\\u{1b}[2Jx\\u{d}\\u{a}y\\u{7}')
    expect(text).toContain('\\u{202e}gpj\\u{200b}')
    expect(text).toContain('\\u{9b}31m')
  })

  test('is harmless and straight whatever the cells hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), { maxLength: 5 }),
        rows => {
          const text = terminalTable(['a', 'b'], rows)
          expect(text).not.toMatch(UNSAFE)
          expect(text.split('\n')).toHaveLength(rows.length + 2)
        },
      ),
    )
  })
})

describe('a crossover in words', () => {
  test.each([
    [
      'crossed',
      /^China passed Europe between 2025-07-01 \(last day behind\) and 2025-07-09 \(first day ahead\), and stayed ahead for 28 days and more\.$/,
    ],
    [
      'provisional',
      /^China passed Europe between 2025-07-01 .* and 2025-07-09 .*; provisional: 5 of 28 days observed since\.$/,
    ],
    ['never', /^China has not passed Europe on any day observed \(2024-01-01 to 2026-06-01\)\.$/],
    ['ahead-from-the-start', /^China was ahead of Europe on the first day observed \(2024-01-01\)/],
    ['no-data', /^Nothing to compare: no day has a known value for both China and Europe, or both are zero/],
  ] satisfies [CrossoverOutcome, RegExp][])('says %s', (outcome, sentence) => {
    const found = outcome === 'crossed' || outcome === 'provisional' ? crossing({ observedAfter: 5 }) : null
    expect(crossoverSentence(crossoverAnswer({ outcome, crossing: found, crossings: [] }))).toMatch(sentence)
  })

  test('counts the leads that did not last', () => {
    const sentence = (lostLeads: number) =>
      crossoverSentence(crossoverAnswer({ outcome: 'never', crossing: null, crossings: [], lostLeads }))
    expect(sentence(1)).toContain('it led 1 time for less than the hold')
    expect(sentence(2)).toContain('it led 2 times')
    expect(crossoverSentence(crossoverAnswer({ lostLeads: 1 }))).toMatch(
      /28 days and more; it also led 1 time for less than the hold\.$/,
    )
    const young = { outcome: 'provisional', crossing: crossing({ observedAfter: 5 }), lostLeads: 2 } as const
    expect(crossoverSentence(crossoverAnswer(young))).toMatch(
      /5 of 28 days observed since; it also led 2 times for less than the hold\.$/,
    )
  })

  test('says in the same sentence that the lead was lost again', () => {
    const fall = crossing({
      direction: 'behind',
      lastBefore: { day: day('2025-11-01'), a: 9, b: 8 },
      firstAfter: { day: day('2025-11-02'), a: 8, b: 9 },
    })
    const sentence = crossoverSentence(crossoverAnswer({ crossings: [crossing(), fall], isAhead: false }))
    expect(sentence).toMatch(
      /stayed ahead for 28 days and more; it fell behind again between 2025-11-01 and 2025-11-02\.$/,
    )
    expect(crossoverSentence(crossoverAnswer({ dips: 2 }))).toContain('but for 2 dips shorter than that')
  })

  test('names every turn but the one it is about, so that no bracket is taken for another', () => {
    const fall = crossing({
      direction: 'behind',
      lastBefore: { day: day('2024-02-01'), a: 9, b: 8 },
      firstAfter: { day: day('2024-02-02'), a: 7, b: 8 },
    })
    const rise = crossing()
    const again = crossing({ firstAfter: { day: day('2026-01-01'), a: 5, b: 4 } })
    const text = crossoverText(crossoverAnswer({ crossing: rise, crossings: [fall, rise, again] }), basis())
    expect(text).toContain('after  2024-02-02: China 7, Europe 8 (another turn: China falls behind)')
    expect(text).toMatch(/after {2}2025-07-09: China 1,100, Europe 1,000$/m)
    expect(text).toContain('after  2026-01-01: China 5, Europe 4 (another turn: China goes ahead)')
    expect(text).toContain('87.5 % of cumulative downloads attributed, 12.5 % unreviewed')
    expect(text).toContain('as of 2026-06-01 · registry 0123456789ab · definitions v1')
    expect(text.match(/interpolated/g)).toHaveLength(3)
  })
})

describe('the headline for the terminal', () => {
  const known = [
    total('china', { downloadsAllTime: 300, downloads30d: 3 }),
    total('europe', { downloadsAllTime: 100, downloads30d: 1 }),
  ]

  test('says twice, first and last, what the data is not', () => {
    const text = headlineText(headline(known, { basis: basis({ notice: NOTICE }) }), nameLine)
    const rows = text.trim().split('\n')
    expect(rows[0]).toContain(NOTICE.toUpperCase())
    expect(rows.at(-1)).toContain(NOTICE)
    expect(headlineText(headline(known), nameLine)).not.toMatch(/modelled/i)
  })

  test('shows every line, the empty ones with zeros, and the whole', () => {
    const rows = headlineText(headline(known), nameLine).split('\n')
    for (const line of lines())
      expect(
        rows.filter(row => row.startsWith(`${nameLine(line)} `)),
        line,
      ).toHaveLength(1)
    const cells = (name: string) => rows.find(row => row.startsWith(`${name} `))!.split(/ {2,}/)
    expect(cells('China')).toEqual(['China', '300', '75.0 %', '3', '75.0 %', '1'])
    expect(cells('Other')).toEqual(['Other', '0', '0.0 %', '0', '0.0 %', '0'])
    expect(cells('All')).toEqual(['All', '400', '100.0 %', '4', '100.0 %', '2'])
  })

  test('shows a dash for lifetime downloads nobody knows, and says how many', () => {
    const text = headlineText(
      headline([total('china', { downloads30d: 3, allTimeUnknownRepos: 1 })]),
      nameLine,
    )
    const cells = (name: string) =>
      text
        .split('\n')
        .find(row => row.startsWith(`${name} `))!
        .split(/ {2,}/)
    expect(cells('China').slice(0, 3)).toEqual(['China', '–', '–'])
    expect(cells('Other').slice(0, 3)).toEqual(['Other', '–', '–'])
    expect(cells('All').slice(0, 3)).toEqual(['All', '–', '–'])
    expect(text).toContain('1 repository has no known all-time counter: unknown, not zero')
    expect(text).toContain('of 30-day downloads attributed')
  })

  test('gives the shares with their whole, and no answer where every counter is unknown', () => {
    const text = headlineText(headline(known), nameLine)
    expect(text).toContain('China 75.0 % · Europe 25.0 %')
    expect(text).toContain('of 4 fine-tunes by 2 publishers (8 considered)')
    expect(text).toContain('created since 2025-06-01: no answer (the counter of all 8 is unknown)')
  })

  test('balances its rows before the reader', () => {
    expect(headlineText(headline(known), nameLine)).toContain(
      'rows in 1,234 = stored 1,000 + unchanged 230 + quarantined 4',
    )
  })

  test('says how much of the sum belongs to repositories that are gone', () => {
    const gone = headline([
      total('china', { downloadsAllTime: 300, goneRepos: 2, goneDownloadsAllTime: 120 }),
    ])
    expect(headlineText(gone, nameLine)).toContain(
      'cumulative includes 120 downloads of 2 repositories since gone',
    )
  })
})

describe('an explanation', () => {
  const judgement = {
    repoId: 'qwen/base',
    attribution: {
      line: 'china',
      labKey: 'qwen',
      country: 'CN',
      decidedBy: 'handle',
      evidence: 'https://example.org/CN',
    },
    lineName: 'China',
    labName: 'Lab qwen',
    labKind: 'company',
    labNote: null,
  } as const
  const nobody = {
    repoId: null,
    attribution: { line: 'unresolved', labKey: null, country: null, decidedBy: 'nothing', evidence: null },
    lineName: 'Unresolved bases',
    labName: null,
    labKind: null,
    labNote: null,
    record: { seats: [], handles: [], exception: null },
  } as const
  const sample = (parts: Partial<Explanation> = {}): Explanation => ({
    hubId: 'f'.repeat(24),
    repoId: 'me/new',
    askedAs: null,
    formerNames: [],
    firstSeenOn: day('2026-01-02'),
    goneOn: null,
    createdOn: '2026-01-01',
    release: { day: '2026-01-01', note: null },
    size: null,
    task: null,
    counters: { downloads30d: 12, downloadsAllTime: null, likes: 3 },
    observedOn: day('2026-01-03'),
    asOf: day('2026-01-04'),
    publisher: judgement,
    record: {
      seats: [
        { country: 'SG', from: null, until: day('2025-01-01'), evidence: 'published-list:AE' },
        { country: 'CN', from: day('2025-01-01'), until: null, evidence: 'https://example.org/CN' },
      ],
      handles: [{ handle: 'me', from: null, until: null, evidence: 'https://example.org/me' }],
      exception: null,
    },
    family: { key: 'qwen', name: 'Qwen' },
    bases: [],
    copy: null,
    roots: [],
    scopes: [
      { scope: 'all', version: 1, verdict: 'in', pattern: null },
      { scope: 'llm', version: 2, verdict: 'task', pattern: null },
      { scope: 'own', version: 3, verdict: 'name', pattern: '^\\d+/(?:a|b)\\.' },
    ],
    registryRevision: '0123456789ab',
    notice: null,
    ...parts,
  })

  test('tells every step with what decided it', () => {
    const text = explanationText(
      sample({
        askedAs: 'me/old',
        formerNames: [{ repoId: 'me/old', from: day('2026-01-02'), until: day('2026-01-03') }],
        goneOn: day('2026-01-04'),
        bases: [
          {
            ...judgement,
            record: {
              seats: [],
              handles: [{ handle: 'base', from: null, until: day('2026-02-02'), evidence: 'unverified' }],
              exception: { repoId: 'qwen/base', reason: 'S', evidence: 'https://example.org/s' },
            },
            declared: 'qwen/base',
            relation: 'merge',
            found: 'hub-id',
            weight: 0.5,
          },
          { ...nobody, declared: 'C:\\x', relation: 'merge', found: 'path', weight: 0.5 },
        ],
        roots: [
          { ...judgement, declared: null, weight: 0.75, depth: 2, end: 'root' },
          { ...nobody, declared: 'C:\\x', weight: 0.25, depth: 1, end: 'unresolved' },
        ],
      }),
    )
    for (const part of [
      'asked for as me/old, a former name',
      'named me/old from 2026-01-02 until 2026-01-03',
      'task not declared',
      '12 downloads in 30 days, – all-time, 3 likes',
      'gone since 2026-01-04',
      'China: Lab qwen (company), seat CN, decided by the owner of its handle',
      'evidence for the seat: https://example.org/CN',
      '    SG: until 2025-01-01; evidence published-list:AE',
      '    CN: from 2025-01-01; evidence https://example.org/CN',
      '  handle me: no day given; evidence https://example.org/me',
      '  family: Qwen',
      'Base qwen/base: merge, resolved by the Hub, weight 50.0 %',
      '  handle base: until 2026-02-02; evidence unverified',
      '  exception for qwen/base: S; evidence https://example.org/s',
      'Base C:\\x: merge, a path on a disk, weight 50.0 %',
      'Root qwen/base: weight 75.0 %, 2 steps up, declares no base',
      'Root C:\\x: weight 25.0 %, 1 step up, a text that is no id',
      'Unresolved bases: the declared text names no repository',
      'all v1: in',
      'llm v2: out: its task is not one of the scope\n',
      'own v3: out: its name matches a rejected pattern: ^\\d+/(?:a|b)\\.\n',
      'registry 0123456789ab',
    ])
      expect(text).toContain(part)
    expect(explanationText(sample())).toContain('Base: none declared')
    expect(explanationText(sample())).toContain('Root: itself, ')
    expect(explanationText(sample({ roots: null }))).toContain('Roots: not published yet')
    const copy = { repoId: 'qwen/a', reason: 'Same weights.', evidence: 'unverified' }
    expect(explanationText(sample({ copy }))).toContain(
      'a copy of qwen/a by a reviewed rule. Same weights. Evidence unverified',
    )
    expect(explanationText(sample({ family: null }))).toContain('  family: none of the registry')
  })

  test('tells the day of release and the size, with what says so', () => {
    const size = { totalB: 671, activeB: 37, from: 'curated', bucket: '250B+', isLegacy: true } as const
    const text = explanationText(
      sample({
        release: { day: '2024-12-26', note: 'Created a day\u202e before.' },
        size: { ...size, note: 'A note.' },
      }),
    )
    expect(text).toContain(
      'counts as released on 2024-12-26, a reviewed correction: Created a day\\u{202e} before.\n',
    )
    expect(text).toContain(
      'size: 671 billion parameters, 37 billion active, bucket 250B+; looked up by a person, not reviewed recently: A note.\n',
    )
    const counted = { totalB: 0.494032768, activeB: null, from: 'safetensors', bucket: '<1B' } as const
    expect(explanationText(sample({ size: { ...counted, isLegacy: false, note: null } }))).toContain(
      'size: 0.494 billion parameters, active unknown, bucket <1B; by its safetensors header\n',
    )
    expect(explanationText(sample())).toContain('size: unknown: ')
    expect(explanationText(sample())).toContain('released on 2026-01-01, the day it was created\n')
  })

  test('tells the exception where one decides, and nothing of a lab where nobody decides', () => {
    const record = {
      seats: [],
      handles: [],
      exception: { repoId: 'me/new', reason: 'R', evidence: 'unverified' },
    }
    expect(explanationText(sample({ record }))).toContain('exception for me/new: R; evidence unverified')
    const text = explanationText(sample({ publisher: nobody }))
    expect(text).not.toContain('every seat')
    expect(text).not.toContain('family')
  })

  test('says of which kind its data is, and shows hostile names as text', () => {
    const text = explanationText(
      sample({
        notice: NOTICE,
        repoId: 'me/\u001b[2J\u202e',
        task: '\u0007',
        bases: [{ ...nobody, declared: '\u001b]8;;x\u0007', relation: 'merge', found: 'path', weight: 1 }],
      }),
    )
    expect(text.split('\n')[0]).toContain(NOTICE.toUpperCase())
    expect(text).not.toMatch(UNSAFE)
    expect(text).toContain('me/\\u{1b}[2J\\u{202e}')
  })
})

describe('an explained handle', () => {
  const sample = (parts: Partial<HandleExplanation> = {}): HandleExplanation => ({
    handle: 'Qwen',
    asOf: day('2026-06-01'),
    attribution: {
      line: 'china',
      labKey: 'qwen',
      country: 'CN',
      decidedBy: 'handle',
      evidence: 'published-list:AE',
    },
    lineName: 'China',
    lab: {
      key: 'qwen',
      name: 'Lab Qwen',
      kind: 'company',
      seats: [{ country: 'CN', from: null, until: null, evidence: 'published-list:AE' }],
      secondCountry: 'SG',
      handles: [
        {
          handle: 'Old',
          from: day('2023-01-01'),
          until: day('2024-01-01'),
          evidence: 'unverified',
          isAsked: false,
        },
        { handle: 'Qwen', from: null, until: null, evidence: null, isAsked: true },
      ],
      exceptions: [{ repoId: 'friend/x', reason: 'Joint work.', evidence: 'unverified' }],
      families: [{ key: 'qwen', name: 'Qwen', patterns: ['^Qwen', '^QwQ\\d\\.'] }],
      note: 'Sources disagree.',
      checked: day('2026-05-01'),
    },
    otherOwners: [],
    givenAway: [],
    lookAlikes: [],
    holdings: {
      isInFile: true,
      repos: 1234,
      downloads30d: 5678,
      downloadsAllTime: 9012,
      allTimeUnknownRepos: 3,
      top: [
        { repoId: 'Qwen/A', downloads30d: 10, downloadsAllTime: null, family: { key: 'qwen', name: 'Qwen' } },
      ],
    },
    registryRevision: '0123456789ab',
    notice: null,
    ...parts,
  })
  const nobody = {
    attribution: { line: 'unreviewed', labKey: null, country: null, decidedBy: 'nothing', evidence: null },
    lineName: 'Unreviewed publishers',
    lab: null,
  } as const

  test('tells the whole chain, the asked handle marked, and what the file holds', () => {
    const text = handleText(sample())
    for (const part of [
      'Owner on 2026-06-01',
      'China: Lab Qwen (qwen, company), seat CN, decided by the owner of the handle',
      'evidence for the seat: published-list:AE',
      'The entry qwen, checked 2026-05-01',
      '    CN: no day given; evidence published-list:AE',
      'second seat: SG',
      '    Old: from 2023-01-01 until 2024-01-01; evidence unverified',
      '  → Qwen: no day given; evidence none given',
      'friend/x: Joint work.; evidence unverified',
      'Qwen (qwen): ^Qwen  or  ^QwQ\\d\\.\n',
      'Sources disagree.',
      '1,234 listed repositories: 5,678 downloads in 30 days, 9,012 all-time (unknown for 3 of them)',
      'registry 0123456789ab',
    ])
      expect(text).toContain(part)
    expect(text).toMatch(/Qwen\/A +10 +unknown +Qwen\n/)
    expect(text.match(/→/g)).toHaveLength(1)
  })

  test('never shows an unknown lifetime sum as a number', () => {
    const { holdings } = sample()
    const text = handleText(
      sample({ holdings: { ...holdings, repos: 1, downloadsAllTime: null, allTimeUnknownRepos: 1 } }),
    )
    expect(text).toContain('1 listed repository: 5,678 downloads in 30 days, all-time unknown\n')
    expect(handleText(sample({ holdings: { ...holdings, repos: 0, top: [] } }))).toContain('gone or renamed')
    expect(handleText(sample({ holdings: { ...holdings, isInFile: false } }))).toContain('has been seen')
  })

  test('that nobody reviewed says what to do, and of whom it is no handle', () => {
    const text = handleText(
      sample({
        ...nobody,
        otherOwners: [
          { handle: 'Qwen', labKey: 'a', labName: 'A', from: null, until: day('2020-01-01'), evidence: null },
        ],
        givenAway: [
          { repoId: 'Qwen/x\u202e', reason: 'Joint.', evidence: 'unverified', labKey: 'b', labName: 'B' },
        ],
        lookAlikes: [
          { handle: 'QWEN', labKey: 'a', labName: 'A', differsBy: 'letter-case' },
          { handle: 'Qvven', labKey: 'b', labName: 'B', differsBy: 'look' },
        ],
      }),
    )
    for (const part of [
      'Unreviewed publishers: no entry of the registry owns this handle on that day',
      'src/registry/README.md',
      'on other days: A (a), until 2020-01-01; evidence none given',
      'differs only in letter case from QWEN of A (a), and is not taken for it',
      'but not Qwen/x\\u{202e}: an exception gives it to B (b): Joint.; evidence unverified',
      'looks like Qvven of B (b), and is not taken for it',
    ])
      expect(text).toContain(part)
    expect(text).not.toContain('every seat')
  })

  test('shows hostile names as text, and of which kind the data is', () => {
    const hostile = '\u001b[2J\u202e\u0007'
    const { holdings } = sample()
    const text = handleText(
      sample({
        ...nobody,
        handle: hostile,
        notice: NOTICE,
        holdings: {
          ...holdings,
          top: [{ repoId: `${hostile}/x`, downloads30d: 1, downloadsAllTime: 1, family: null }],
        },
      }),
    )
    expect(text.split('\n')[0]).toContain(NOTICE.toUpperCase())
    expect(text).not.toMatch(UNSAFE)
  })
})
