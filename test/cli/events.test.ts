import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { hubId, row, untilTestEnds } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const ESCAPE = String.fromCodePoint(27)
const model = (number: number, id: string, allTime: number) =>
  row(number, { id, downloads: 5, downloadsAllTime: allTime })
const DAYS = new Map([
  ['2026-03-01', [model(1, 'old/name', 68_799), model(2, 'other/steady', 100), model(3, 'lab/leaves', 7)]],
  ['2026-03-02', [model(1, 'new/name', 35_850), model(2, 'other/steady', 101), model(3, 'lab/leaves', 7)]],
])

async function sweptCensus(days = DAYS): Promise<string> {
  const hub = untilTestEnds(await startMiniatureHub({ catalogue: catalogueFromDays(days) }))
  const db = join(temporaryFolder(), 'census.db')
  for (const day of days.keys()) {
    hub.serveDay(day)
    await runCli(['sweep', '--db', db, '--endpoint', hub.origin, '--clock', 'hub'])
  }
  return db
}

test('events are told in order of day, by repository under any of its names, by handle, kind and span', async () => {
  const place = ['--db', await sweptCensus()]

  const all = await runCli(['events', ...place])
  expect(all).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(all.stdout).toContain('Events\nas of 2026-03-02')
  expect(all.stdout).toContain(
    '2026-03-02  all-time counter fell  new/name\n    all-time fell from 68,799 to 35,850\n',
  )
  expect(all.stdout).toContain('2026-03-02  renamed  new/name\n    from old/name to new/name\n')

  const former = await runCli(['events', '--repo', 'old/name', '--kind', 'drop', ...place])
  expect(former.stdout).toContain('Events of new/name (asked for as old/name), of kind drop\n')
  expect(former.stdout.match(/2026-03-02 {2}/g)).toHaveLength(1)
  const byId = await runCli(['events', '--repo', hubId(1), '--json', ...place])
  expect(JSON.parse(byId.stdout)).toMatchObject({
    choice: { repo: { hubId: hubId(1), repoId: 'new/name', askedAs: hubId(1), others: 0 } },
    notShown: 0,
    events: expect.arrayContaining([
      expect.objectContaining({ kind: 'rename', detail: { from: 'old/name', to: 'new/name' } }),
    ]),
  })
  const handle = await runCli(['events', '--handle', 'new', '--csv', ...place])
  expect(handle.stdout).toMatch(/^day,until,kind,hub_id,repo_id,handle,words,detail,as_of,/)
  expect(handle.stdout).toMatch(
    /\r\n2026-03-02,,drop,[0-9a-f]{24},new\/name,new,"all-time fell from 68,799 to 35,850",/,
  )

  const nothing = await runCli(['events', '--repo', 'other/steady', '--until', '2026-03-01', ...place])
  expect(nothing).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(nothing.stdout).toContain('No event is on record of other/steady, until 2026-03-01.\n')

  const one = await runCli(['events', '--limit', '1', '--kind', 'rename', ...place])
  expect(one.stdout).not.toContain('not shown')
  const few = await runCli(['events', '--repo', 'new/name', '--limit', '1', ...place])
  expect(few.stdout).toMatch(/\d+ earlier events? (?:is|are) not shown: --limit \d+ shows all \d+/)
  const fewRows = await runCli(['events', '--repo', 'new/name', '--limit', '1', '--csv', ...place])
  expect(fewRows.stdout.trimEnd().split('\r\n')).toHaveLength(2)
  expect(fewRows.stderr).toContain('earlier events left out')
}, 120_000)

test('who took over a name is told with the _id of the repository that had it, not with a key of the file', async () => {
  const days = new Map([
    ['2026-03-01', [model(1, 'lab/taken', 5), model(2, 'other/steady', 100)]],
    ['2026-03-02', [model(2, 'other/steady', 101)]],
    ['2026-03-03', [model(2, 'other/steady', 102), model(3, 'lab/taken', 1)]],
  ])
  const place = ['--kind', 're-creation', '--db', await sweptCensus(days)]
  const { events } = JSON.parse((await runCli(['events', '--json', ...place])).stdout)
  expect(events).toMatchObject([
    { day: '2026-03-03', hubId: hubId(3), detail: { name: 'lab/taken', otherHubId: hubId(1) } },
  ])
  expect(events[0].detail).not.toHaveProperty('otherRepoKey')
  const text = (await runCli(['events', ...place])).stdout.replaceAll(/\s+/g, ' ')
  expect(text).toContain(`which another repository (_id ${hubId(1)}) had`)
}, 120_000)

test('events that cannot be asked for are refused in three lines', async () => {
  const place = ['--db', await sweptCensus()]
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(['events', ...args, ...place])
    expect([code, stdout]).toEqual([EXIT_CODES.usage, ''])
    const lines = stderr.trimEnd().split('\n')
    expect(lines.map(line => line.slice(0, 6))).toEqual(['error:', 'kept: ', 'next: '])
    return stderr
  }
  expect(await refused('--repo', 'lab/leave')).toContain('Did you mean lab/leaves')
  expect(await refused('--repo', hubId(9))).toContain('No repository has or had the name')
  expect(await refused('--handle', 'othr')).toContain('Neither the registry nor')
  expect(await refused('--from', 'yesterday')).toContain('not a day')
  expect(await refused('--from', '2026-02-30')).toContain('not a day')
  expect(await refused('--from', '2026-03-02', '--until', '2026-03-01')).toContain(
    'Type --from 2026-03-01 --until 2026-03-02.',
  )
  expect(await refused('--kind', 'restatemnt')).toContain('Try restatement')
  expect(await refused('--kind', `x${ESCAPE}[2J`)).not.toContain(ESCAPE)
  expect(await refused('--limit', '0')).toContain('--limit')
  expect(await refused('--json', '--csv')).toContain('Type one of them.')
}, 120_000)

test('events show hostile text as text', async () => {
  const db = await sweptCensus()
  const hostile = `=HYPERLINK("x")${ESCAPE}]0;t\u202e<img src=x onerror=alert(1)>`
  const census = new Database(db)
  census
    .prepare("INSERT INTO event (kind, day, detail) VALUES ('day-held', 20514, ?)")
    .run(JSON.stringify({ reasons: hostile }))
  census.close()
  const place = ['--kind', 'day-held', '--db', db]
  const { stdout } = await runCli(['events', ...place])
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
  expect(stdout).toContain('=HYPERLINK("x")\\u{1b}]0;t')
  const csv = await runCli(['events', '--csv', ...place])
  expect(csv.stdout).toContain(',"\'=HYPERLINK(""x"")')
}, 120_000)
