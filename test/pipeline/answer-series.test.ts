import { expect, test } from 'vitest'
import { DEFINITION_VERSION } from '../../src/derive/headline-metrics.ts'
import { CLEAN_RULES } from '../../src/domain/clean.ts'
import type { CounterEvent } from '../../src/domain/counter-event.ts'
import type { SeriesAnswer } from '../../src/domain/series-answer.ts'
import { addDays, parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'
import { answerSeries, type SeriesQuery } from '../../src/pipeline/answer-series.ts'
import { seriesText } from '../../src/present/series-text.ts'
import { publishDays } from '../../src/store/daily-totals.ts'
import { replaceDetectedEvents } from '../../src/store/detected-events.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { type Capturing, capturing, type Days } from '../store/capturing.ts'

const FIRST = parseUtcDay('2026-03-01')
const dayAt = (index: number): UtcDay => addDays(FIRST, index)
const NIGHTS = 12

/** What the lifetime counter says: 100 a day, but on frozen days, which say what the day before them said. */
function counters(frozen: readonly number[], fallen: readonly number[] = []): number[] {
  const seen: number[] = []
  for (let index = 0; index < NIGHTS; index += 1) {
    const value = 10_000 + 100 * index - (fallen.includes(index) ? 5000 : 0)
    seen.push(frozen.includes(index) ? seen[index - 1]! : value)
  }
  return seen
}

interface Asked {
  census: Capturing
  ask(query?: Partial<SeriesQuery>): SeriesAnswer
}

/** A published file of one repository and what was detected of it, its publisher and the Hub. */
async function census(
  seen: readonly number[],
  events: readonly CounterEvent[],
  id: (index: number) => string = () => 'lab/model',
): Promise<Asked> {
  const days: Days = Object.fromEntries(
    seen.map((downloadsAllTime, index) => [
      dayAt(index),
      [row(1, { id: id(index), downloads: downloadsAllTime - 4000, downloadsAllTime })],
    ]),
  )
  const found = await capturing(days)
  for (const day of Object.keys(days)) await found.capture(day)
  replaceDetectedEvents(found.store, events)
  const day = dayAt(NIGHTS - 1)
  const total = { day, scope: 'all', attribution: 'publisher', axis: 'region', key: 'unreviewed' } as const
  const sums = { repos: 1, downloads30d: 1, downloadsAllTime: 1, allTimeUnknownRepos: 0 }
  publishDays(
    found.store,
    [
      {
        day,
        totals: [{ ...total, ...sums, goneRepos: 0, goneDownloadsAllTime: 0 }],
        ...{ shares: [], corrections: [], ages: [], standing: null },
      },
    ],
    {
      registryRevision: EVERY_KIND.revision,
      definitionVersion: DEFINITION_VERSION,
      ...{ sweepKey: NIGHTS, publishedAt: 0 },
    },
    'all',
  )
  const effects = { store: found.store, registry: EVERY_KIND }
  return { census: found, ask: query => answerSeries({ repo: 'lab/model', ...query }, effects) }
}

const HUB = { of: 'hub' } as const
const REPO = { of: 'repo', repoKey: 1 } as const
const PUBLISHER = { of: 'publisher', publisherKey: 1 } as const

function frozen(subject: CounterEvent['subject'], from: number, until: number | null): CounterEvent {
  return {
    ...{ kind: 'frozen', day: dayAt(from), until: until === null ? null : dayAt(until), subject },
    evidence: {},
  }
}

const cleanAllTime = ({ days }: SeriesAnswer) => days.map(({ downloadsAllTime }) => downloadsAllTime.clean)
const rawAllTime = ({ days }: SeriesAnswer) => days.map(({ downloadsAllTime }) => downloadsAllTime.raw)
const cleanDaily = ({ days }: SeriesAnswer) => days.map(({ dailyDownloads }) => dailyDownloads.clean)

test.each([
  ['the Hub', HUB],
  ['its publisher', PUBLISHER],
  ['itself', REPO],
] as const)('days on which %s stood still are bridged, without a zero or a jump', async (_, subject) => {
  const seen = counters([5, 6])
  const { ask } = await census(seen, [frozen(subject, 5, 6)])
  const answer = ask()
  expect(rawAllTime(answer)).toEqual(seen)
  expect(cleanAllTime(answer)).toEqual(counters([]))
  expect(cleanDaily(answer)).toEqual([null, ...Array(NIGHTS - 1).fill(100)])
  expect(answer.days.map(({ dailyDownloads }) => dailyDownloads.raw).slice(4, 8)).toEqual([100, 0, 0, 300])
  expect(answer.days.flatMap(({ day, events }) => (events.includes('frozen') ? [day] : []))).toEqual([
    dayAt(5),
    dayAt(6),
  ])
  expect(answer.events).toMatchObject([{ kind: 'frozen', day: dayAt(5) }])
  expect(answer.corrections).toMatchObject([
    { rule: 'frozen-day', counter: 'downloads30d', from: dayAt(5), until: dayAt(6), days: 2 },
    { rule: 'frozen-day', counter: 'downloadsAllTime', first: 100, last: 200 },
  ])
  const off = ask({ counters: CLEAN_RULES.filter(rule => rule !== 'frozen-day') })
  expect(cleanAllTime(off)).toEqual(seen)
  expect(cleanDaily(off)).toEqual(answer.days.map(({ dailyDownloads }) => dailyDownloads.raw))
})

test('a standstill that lasts is bridged by nothing, and is no zero', async () => {
  const { ask } = await census(counters([10, 11]), [frozen(HUB, 10, null)])
  const answer = ask()
  expect(cleanAllTime(answer)).toEqual(rawAllTime(answer))
  expect(cleanDaily(answer).slice(8)).toEqual([100, 100, null, null])
  expect(answer.corrections).toEqual([])
  expect(answer.days.at(-1)!.events).toEqual(['frozen'])
})

test('the publisher that counts is that of the day', async () => {
  const moved = (index: number) => (index < 8 ? 'other/model' : 'lab/model')
  // The repository was that of "other" on the days that stood still.
  const { ask, census: file } = await census(
    counters([5, 6]),
    [frozen({ of: 'publisher', publisherKey: 1 }, 5, 6)],
    moved,
  )
  expect(file.sql('SELECT handle FROM publisher ORDER BY publisher_key')).toEqual([['other'], ['lab']])
  expect(cleanAllTime(ask())).toEqual(counters([]))
  replaceDetectedEvents(file.store, [frozen({ of: 'publisher', publisherKey: 2 }, 5, 6)])
  expect(cleanAllTime(ask())).toEqual(counters([5, 6]))
})

test('a drop is held, and what its correction adds from day to day comes to nothing', async () => {
  const seen = counters([], [4, 5, 6])
  const { ask } = await census(seen, [
    {
      ...{ kind: 'transient-drop', day: dayAt(4), until: dayAt(6), subject: REPO },
      evidence: { from: 10_300, to: 5400, lost: 4900, downloads30dBefore: null, downloads30d: null },
    },
  ])
  const answer = ask()
  expect(rawAllTime(answer)).toEqual(seen)
  expect(cleanAllTime(answer)).toEqual(seen.map((value, at) => (at >= 4 && at <= 6 ? 10_300 : value)))
  const added = answer.days
    .slice(4, 8)
    .map(({ dailyDownloads }) => dailyDownloads.clean! - dailyDownloads.raw!)
  expect(added.reduce((sum, value) => sum + value, 0)).toBe(0)
  expect(added[0]).toBe(5000)
})

test('without events clean is raw, and without days a sentence says so', async () => {
  const { ask } = await census(counters([]), [])
  const answer = ask()
  expect(cleanAllTime(answer)).toEqual(rawAllTime(answer))
  expect(answer).toMatchObject({ events: [], corrections: [] })
  const text = [...seriesText(ask({ from: addDays(FIRST, 300) }))].join('')
  expect(text).toContain(`It was listed on no complete day from ${addDays(FIRST, 300)}.`)
  expect(text).toContain('Events: none')
})
