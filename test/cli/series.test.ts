import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import type { SeriesAnswer, SeriesDay } from '../../src/domain/series-answer.ts'
import { addDays, parseUtcDay } from '../../src/domain/utc-day.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { capturing, type Days } from '../store/capturing.ts'
import { temporaryFolder, temporaryStore } from '../support/census.ts'
import { type CliResult, runCli } from '../support/cli.ts'

const FIRST = parseUtcDay('2026-03-01')
const NIGHTS = 45
const dayAt = (index: number) => addDays(FIRST, index)
/** Without a sweep. */
const GAP = 38
/** The counter stands 40,000 lower on these days and is back on the next. */
const FALLEN = [30, 31, 32]
const RENAMED = 40

const rawAt = (index: number) => 100_000 + 1000 * index - (FALLEN.includes(index) ? 40_000 : 0)

const DAYS: Days = Object.fromEntries(
  Array.from({ length: NIGHTS }, (_, index) => [
    dayAt(index),
    [
      row(1, {
        id: index < RENAMED ? 'lab/former' : 'lab/model',
        downloads: 30_000 + index,
        downloadsAllTime: rawAt(index),
        likes: 5,
      }),
      row(2, { id: '=cmd/steady', downloads: 900 + index, downloadsAllTime: 5000 + 30 * index }),
    ],
  ]),
)

/** A file of every night but one; it goes with the test. */
async function census(): Promise<string> {
  const file = join(temporaryFolder(), 'census.db')
  const { capture } = await capturing(DAYS, { store: temporaryStore(file) })
  for (let index = 0; index < NIGHTS; index += 1) if (index !== GAP) await capture(dayAt(index))
  return file
}

test('series sets raw beside clean, a night a row, with the events and corrections behind the difference', async () => {
  const file = await census()
  const ask = (...args: string[]) => runCli(['series', ...args, '--db', file])
  const json = async (...args: string[]): Promise<SeriesAnswer> => {
    const found = await ask(...args, '--json')
    expect(found).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
    return JSON.parse(found.stdout)
  }
  const whole = await json('lab/model')
  expect(whole.repo).toEqual({ hubId: hubId(1), repoId: 'lab/model', askedAs: null, others: 0 })
  expect(whole.basis).toMatchObject({ asOf: dayAt(44), counters: 'clean' })
  expect(whole.days).toHaveLength(NIGHTS - 1)
  const at = (answer: SeriesAnswer, index: number): SeriesDay =>
    answer.days.find(({ day }) => day === dayAt(index))!
  for (let index = 0; index < NIGHTS; index += 1) {
    if (index === GAP) continue
    expect(at(whole, index).downloadsAllTime.raw).toBe(rawAt(index))
    expect(at(whole, index).downloads30d).toEqual({ raw: 30_000 + index, clean: 30_000 + index })
  }
  // The old level is held until the day it is back: no correction adds a download that was none.
  const held = FALLEN.map(index => at(whole, index))
  expect(held.map(({ downloadsAllTime }) => downloadsAllTime.clean)).toEqual([129_000, 129_000, 129_000])
  expect(held.map(({ events }) => events)).toEqual(
    [['transient-drop'], ['transient-drop'], ['transient-drop']].map((kinds, place) =>
      place === 0 ? expect.arrayContaining(kinds) : kinds,
    ),
  )
  expect(at(whole, 29).downloadsAllTime).toEqual({ raw: 129_000, clean: 129_000 })
  expect(at(whole, 33).downloadsAllTime).toEqual({ raw: 133_000, clean: 133_000 })
  // What was hidden meanwhile is spread over the days it was made on: neither zeros nor a spike.
  expect([30, 31, 32, 33].map(index => at(whole, index).dailyDownloads.clean)).toEqual([
    1000, 1000, 1000, 1000,
  ])
  // What the lifetime counter gained since 30 days before, less the 30-day counter: the fall and nothing else.
  expect(at(whole, 30).residual).toBe(90_000 - 100_000 - 30_030)
  expect(at(whole, 29).residual).toBeNull()
  // A gap is neither a zero nor a day's worth of downloads.
  expect(at(whole, GAP + 1).dailyDownloads).toEqual({ raw: null, clean: null })
  expect(at(whole, 0).dailyDownloads).toEqual({ raw: null, clean: null })
  expect(at(whole, GAP + 2).dailyDownloads).toEqual({ raw: 1000, clean: 1000 })
  expect(whole.corrections).toEqual([
    {
      ...{
        rule: 'transient-drop',
        counter: 'downloadsAllTime',
        from: dayAt(30),
        until: dayAt(32),
        isOn: true,
      },
      ...{ days: 3, first: 39_000, last: 37_000 },
    },
  ])
  expect(whole.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['transient-drop', 'rename']))

  const off = await json('lab/model', '--without', 'transient-drop')
  expect(off.days.every(({ downloadsAllTime: { raw, clean } }) => raw === clean)).toBe(true)
  expect(off.corrections).toEqual([{ ...whole.corrections[0], isOn: false }])
  expect(off.basis.cleanRules).not.toContain('transient-drop')

  // What a day says does not hang on which days are asked for.
  const part = await json('lab/former', '--from', dayAt(31), '--until', dayAt(33))
  expect(part.days).toEqual([31, 32, 33].map(index => at(whole, index)))
  expect(part.repo.askedAs).toBe('lab/former')
  expect(part.corrections).toMatchObject([{ days: 2, first: 38_000, last: 37_000 }])

  const text = await ask(hubId(1))
  expect(text).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(text.stdout).toContain(`Downloads of lab/model (asked for as ${hubId(1)})`)
  expect(text.stdout).toContain(`14 earlier days are not shown: --from ${dayAt(0)} shows all 44.`)
  expect(text.stdout).toMatch(/ · clean counters \(rules: all\) · source: /)
  expect(text.stdout).toMatch(
    /2026-03-31 +90,000 +129,000 +30,030 +30,030 +-39,000 +1,000 +-40,030 +[a-z, -]*transient drop\n/,
  )
  expect(text.stdout).toMatch(/\ngap of 1\n2026-04-09 .* – +– +-39 *\n/)
  expect(text.stdout).toMatch(/\ntransient-drop +all-time +2026-03-31 +2026-04-02 +3 +\+39,000 +\+37,000\n/)
  const all = await ask('lab/model', '--from', dayAt(0))
  expect(all.stdout).not.toContain('not shown')
  expect(all.stdout.match(/^2026-\d\d-\d\d +\d/gm)).toHaveLength(44)

  const csv = await ask('=cmd/steady', '--csv')
  const [header, ...rows] = csv.stdout.trimEnd().split('\r\n')
  expect(header).toMatch(
    /^day,raw_downloads_all_time,clean_downloads_all_time,raw_downloads_30d,clean_downloads_30d,/,
  )
  expect(rows).toHaveLength(44)
  expect(rows[0]).toMatch(/^2026-03-01,5000,5000,900,900,,,,0,/)
  expect(rows[1]).toMatch(/^2026-03-02,5030,5030,901,901,30,30,,0,/)
  expect(rows[0]).toContain(",'=cmd/steady,")

  const refused = async (...args: string[]): Promise<CliResult> => {
    const found = await ask(...args)
    expect(found).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
    return found
  }
  expect((await refused('lab/modle')).stderr).toContain('No repository has or had the name "lab/modle"')
  expect((await refused('lab/model', '--without', 'transient-drip')).stderr).toContain('Try transient-drop')
  expect((await refused('lab/model', '--from', dayAt(9), '--until', dayAt(8))).stderr).toContain('--from')
  await refused('lab/model', '--json', '--csv')

  const headline = await runCli([
    'metrics',
    '--as-of',
    dayAt(31),
    '--scope',
    'all',
    '--by',
    'publisher',
    '--db',
    file,
  ])
  expect(headline.stdout).toContain(
    'transient-drop adds +38,000 cumulative; to Unreviewed publishers +38,000 cumulative',
  )
  const raw = await runCli(['metrics', '--counters', 'raw', '--without', 'spike', '--db', file])
  expect(raw).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })

  const crossed = await runCli(['crossover', '--counters', 'raw', '--json', '--db', file])
  expect(JSON.parse(crossed.stdout).basis).toMatchObject({ counters: 'raw', cleanRules: [] })
  const families = await runCli(['families', '--without', 'spike,frozen-day', '--db', file])
  expect(families.stdout).toContain(' · clean counters (rules: all but frozen-day, spike) · ')
  const page = join(temporaryFolder(), 'report.html')
  const report = await runCli(['report', '--without', 'spike', '--output', page, '--db', file])
  expect(report.code).toBe(EXIT_CODES.complete)
  expect(readFileSync(page, 'utf8')).toContain('clean counters (rules: all but spike)')
}, 120_000)
