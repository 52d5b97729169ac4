import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { dayNumber } from '../../src/domain/utc-day.ts'
import { day } from '../derive/small-registry.ts'
import { row, untilTestEnds } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const rows = (grown: number) => [
  row(1, { id: 'Qwen/Qwen3-8B', downloads: 5 + grown, downloadsAllTime: 50 + grown }),
  row(2, { id: 'nobody/steady', downloads: 3, downloadsAllTime: 30 }),
]
/** A gap on the third, a day on each side. */
const DAYS = new Map([
  ['2026-03-01', rows(0)],
  ['2026-03-02', rows(4)],
  ['2026-03-04', [...rows(9), row(3, { id: 'nobody/new' })]],
])

test('quality is one page: calendar, coverage, the last sweep, held days and decisions, as text, JSON and HTML', async () => {
  const hub = untilTestEnds(await startMiniatureHub({ catalogue: catalogueFromDays(DAYS) }))
  const folder = temporaryFolder()
  const db = join(folder, 'census.db')
  const place = ['--db', db]
  for (const served of DAYS.keys()) {
    hub.serveDay(served)
    await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])
  }

  const text = await runCli(['quality', ...place])
  expect(text).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(text.stdout).toContain('How far the counters can be trusted\nas of 2026-03-04')
  expect(text.stdout).toContain('2026-03-01 to 2026-03-04 · 4 days: 3 complete, 1 gap\n')
  expect(text.stdout).toMatch(
    /\n2026-03 {2}ccGc\.{27}\nc complete · G gap: no sweep · \. outside the span asked for, or no sweep yet\n/,
  )
  expect(text.stdout).toMatch(/all v1 +[\d.]+ % +[\d.]+ % +[\d.]+ % +[\d.]+ %\n/)
  expect(text.stdout).toContain(
    '2026-03-04, complete: 3 rows on 1 page = stored 2 + unchanged 1 + quarantined 0.',
  )
  expect(text.stdout).toContain('Held days\nNone.')

  const census = new Database(db)
  const note = census.prepare('INSERT INTO event (kind, day, detail) VALUES (?, ?, ?)')
  census.prepare("UPDATE sweep SET state = 'held' WHERE day = ?").run(dayNumber(day('2026-03-04')))
  note.run(
    'day-held',
    dayNumber(day('2026-03-04')),
    JSON.stringify({ reasons: '<img src=x onerror=alert(1)>' }),
  )
  note.run('day-accepted', dayNumber(day('2026-03-02')), JSON.stringify({ why: 'looked at it', by: null }))
  census.close()
  const held = await runCli(['quality', ...place])
  expect(held.stdout).toContain('2026-03  ccGH')
  expect(held.stdout).toContain('2026-03-04  day held  the whole Hub\n    <img src=x onerror=alert(1)>\n')
  expect(held.stdout).toContain(
    'Decisions on days\n2026-03-02  day accepted  the whole Hub\n    looked at it\n',
  )
  const json = await runCli(['quality', '--from', '2026-03-02', '--json', ...place])
  expect(JSON.parse(json.stdout)).toMatchObject({
    basis: { asOf: '2026-03-02' },
    span: { from: '2026-03-02', until: '2026-03-04' },
    dayCounts: [
      { state: 'complete', days: 1 },
      { state: 'held', days: 1 },
      { state: 'gap', days: 1 },
    ],
    lastSweep: { day: '2026-03-04', state: 'held', rowCount: 3 },
    heldDays: [{ day: '2026-03-04', event: { kind: 'day-held' } }],
  })

  const file = join(folder, 'quality.html')
  const page = await runCli(['quality', '--html', file, ...place])
  expect(page).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(page.stdout).toMatch(/^Quality page written to .*quality\.html \(\d+ bytes\)\.\n$/)
  const html = readFileSync(file, 'utf8')
  expect(html).toContain('<td class="day held">H</td>')
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(html).not.toContain('<img')
  expect(html).not.toContain('<script')
}, 120_000)

test('quality refuses what cannot be asked, keeps an older page, and answers before the first complete day', async () => {
  const folder = temporaryFolder()
  const hub = untilTestEnds(
    await startMiniatureHub({ catalogue: catalogueFromDays(new Map([['2026-03-01', []]])) }),
  )
  const place = ['--db', join(folder, 'census.db')]
  const sweep = await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])
  expect(sweep.code).toBe(EXIT_CODES.held)
  const first = await runCli(['quality', ...place])
  expect(first).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(first.stdout).toContain('no day is complete yet')
  expect(first.stdout).toMatch(/2026-03 {2}H\.{30}\n/)
  const empty = await runCli(['quality', '--until', '2020-01-01', ...place])
  expect(empty.stdout).toContain('No sweep lies within these days.')

  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(['quality', ...args, ...place])
    expect(stdout).toBe('')
    expect(stderr.trimEnd().split('\n')).toHaveLength(3)
    return { code, stderr }
  }
  expect((await refused('--from', '2026-3-1')).code).toBe(EXIT_CODES.usage)
  expect((await refused('--from', '2026-03-02', '--until', '2026-03-01')).stderr).toContain(
    'before it begins',
  )
  expect((await refused('--json', '--html', 'x.html')).stderr).toContain('Type one of them.')
  const taken = join(folder, 'taken.html')
  mkdirSync(taken)
  const storage = await refused('--html', taken)
  expect(storage.code).toBe(EXIT_CODES.storage)
  expect(storage.stderr).toContain('with --html')
  expect(existsSync(taken)).toBe(true)
}, 120_000)
