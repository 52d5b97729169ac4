import { describe, expect, test } from 'vitest'
import type { SeriesAnswer, SeriesCorrection, SeriesDay } from '../../src/domain/series-answer.ts'
import { addDays, dayFromNumber } from '../../src/domain/utc-day.ts'
import { seriesCsv } from '../../src/present/series-csv.ts'
import { seriesText } from '../../src/present/series-text.ts'
import { day } from '../derive/small-registry.ts'
import { basis } from './samples.ts'

const FIRST = day('2026-01-01')
/** What a terminal acts on or hides. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for.
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

function seriesDay(index: number, parts: Partial<SeriesDay> = {}): SeriesDay {
  return {
    day: addDays(FIRST, index),
    downloadsAllTime: { raw: 1000 + index, clean: 1000 + index },
    downloads30d: { raw: 30, clean: 30 },
    dailyDownloads: { raw: 1, clean: 1 },
    likes: 7,
    residual: null,
    events: [],
    ...parts,
  }
}

function series(days: readonly SeriesDay[], parts: Partial<SeriesAnswer> = {}): SeriesAnswer {
  return {
    basis: basis(),
    repo: { hubId: '0'.repeat(24), repoId: 'lab/model', askedAs: null, others: 0 },
    ...{ from: null, until: null, days, keptOut: [], events: [], corrections: [] },
    ...parts,
  }
}

const text = (answer: SeriesAnswer) => [...seriesText(answer)].join('')

describe('a series for the terminal', () => {
  const long = Array.from({ length: 31 }, (_, index) => seriesDay(index))

  test('shows the last thirty days and says how many it does not, unless days are named', () => {
    const shown = text(series(long))
    expect(shown).toContain('1 earlier day is not shown: --from 2026-01-01 shows all 31.')
    expect(shown).not.toMatch(/^2026-01-01 /m)
    expect(shown.match(/^2026-\d\d-\d\d /gm)).toHaveLength(30)
    const named = text(series(long, { from: FIRST }))
    expect(named.match(/^2026-\d\d-\d\d /gm)).toHaveLength(31)
    expect(named).not.toContain('not shown')
  })

  test('tells days held and rejected from a gap', () => {
    const keptOut = [
      { day: addDays(FIRST, 1), state: 'held' as const },
      { day: addDays(FIRST, 3), state: 'held' as const },
      { day: addDays(FIRST, 4), state: 'rejected' as const },
    ]
    const shown = text(series([seriesDay(0), seriesDay(2), seriesDay(6)], { keptOut }))
    expect(shown).toMatch(
      /^2026-01-01 .*\n1 day held\n2026-01-03 .*\ngap of 1\n1 day held\n1 day rejected\n2026-01-07 /m,
    )
  })

  test('names a gap between its days, and shows what is unknown as a dash', () => {
    const unknown = { raw: null, clean: null }
    const shown = text(
      series([
        seriesDay(0, { dailyDownloads: unknown }),
        seriesDay(4, { downloadsAllTime: unknown, dailyDownloads: unknown }),
      ]),
    )
    expect(shown).toMatch(/^2026-01-01 .*\ngap of 3\n2026-01-05 +– +– +30 +30 +– +– +–$/m)
  })

  test('tells a rule that is off from one that is on', () => {
    const correction: SeriesCorrection = {
      ...{ rule: 'spike', counter: 'downloads30d', from: FIRST, until: null, isOn: true },
      ...{ days: 2, first: -9000, last: 5 },
    }
    const shown = text(
      series(long, {
        corrections: [
          correction,
          {
            ...correction,
            rule: 'restatement',
            counter: 'downloadsAllTime',
            from: dayFromNumber(0),
            isOn: false,
          },
        ],
      }),
    )
    expect(shown).toMatch(/^spike +30-day +2026-01-01 +no end +2 +-9,000 +\+5$/m)
    expect(shown).toMatch(/^restatement +all-time +the beginning +no end +2 +-9,000 +\+5 +off$/m)
  })

  test('shows names and evidence from outside as what they are', () => {
    const hostile = '\u001b[2Jlab/\u202emodel\r\n'
    const shown = text(
      series(long, {
        basis: basis({ source: hostile, notice: hostile }),
        repo: { hubId: '0'.repeat(24), repoId: hostile, askedAs: hostile, others: 2 },
        events: [
          {
            ...{ kind: 'rename', day: FIRST, until: null, hubId: null, repoId: hostile, handle: hostile },
            detail: { from: hostile, to: hostile },
          },
        ],
      }),
    )
    expect(shown).not.toMatch(UNSAFE)
  })
})

test('a series as comma-separated values has the rules that were on beside every day', () => {
  const [header, first] = seriesCsv(
    series([seriesDay(0, { events: ['frozen', 'drop'], dailyDownloads: { raw: null, clean: 4 } })], {
      basis: basis({ cleanRules: ['spike', 'restatement'] }),
    }),
  ).split('\r\n')
  const cells = first!.split(',')
  const cell = (column: string) => cells[header!.split(',').indexOf(column)]
  expect(cells).toHaveLength(header!.split(',').length)
  expect([cell('raw_daily_downloads'), cell('clean_daily_downloads')]).toEqual(['', '4'])
  expect([cell('events'), cell('clean_rules')]).toEqual(['frozen drop', 'spike restatement'])
})
