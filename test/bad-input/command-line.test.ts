import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../fixtures/miniature-hub/faults.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { openStore } from '../../src/store/open-store.ts'
import { MIGRATIONS, PACKAGE_ROOT, temporaryFolder } from '../support/census.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { FOR_EVER, threePages } from './three-page-hub.ts'

const NOBODY_ANSWERS = 'http://127.0.0.1:1'
/** The waits between attempts are a random part of up to a minute: with 0 for every number a test need not wait. */
const WITHOUT_WAITS = { NODE_OPTIONS: '--import=data:text/javascript,Math.random=()=>0' }
const SECRET = 'hf_TESTSECRET0123456789'

/** The three lines every failure owes its reader, in their order and nothing after them. */
function expectFailure(met: CliResult, code: number): { happened: string; kept: string; next: string } {
  expect(met.stderr).toMatch(/(^|\n)error: /)
  expect([met.code, met.signal], met.stderr).toEqual([code, null])
  const lines = /(?:^|\n)error: (?<happened>\S.+)\nkept: {2}(?<kept>\S.+)\nnext: {2}(?<next>\S.+)\n$/.exec(
    met.stderr,
  )
  expect(lines, met.stderr).not.toBeNull()
  expect(met.stderr).not.toContain('    at ')
  return lines!.groups as { happened: string; kept: string; next: string }
}

/** A census file as `sweep` makes it, and the hub it was made from. */
async function takenCensus() {
  const { hub } = await threePages()
  const file = join(temporaryFolder(), 'census.db')
  const met = await runCli(['sweep', '--db', file, '--endpoint', hub.origin, '--clock', 'hub'])
  expect(met).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  return { hub, file }
}

describe('a census file', () => {
  test('of another program is exit code 7 and untouched', async () => {
    const file = join(temporaryFolder(), 'foreign.db')
    const foreign = new Database(file)
    foreign.exec('CREATE TABLE somebody_elses (a)')
    foreign.close()
    const before = readFileSync(file)
    const { happened, next } = expectFailure(
      await runCli(['sweep', '--db', file, '--endpoint', NOBODY_ANSWERS]),
      EXIT_CODES.storage,
    )
    expect(happened).toContain('SQLite file of another program')
    expect(next).toContain('--db')
    expect(readFileSync(file)).toEqual(before)
  })

  test('that is a text is exit code 7 and untouched', async () => {
    const file = join(temporaryFolder(), 'notes.txt')
    writeFileSync(file, 'not a database\n'.repeat(100))
    const { happened } = expectFailure(await runCli(['metrics', '--db', file]), EXIT_CODES.storage)
    expect(happened).toContain('file is not a database')
    expect(readFileSync(file, 'utf8')).toBe('not a database\n'.repeat(100))
  })

  test('newer than the program is exit code 7 and says to update', async () => {
    const file = join(temporaryFolder(), 'census.db')
    const store = openStore({ file, migrationsFolder: MIGRATIONS })
    store.sqlite.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 4102444800000)")
    store.close()
    for (const command of ['sweep', 'metrics', 'report']) {
      const { happened, next } = expectFailure(
        await runCli([command, '--db', file, '--endpoint', NOBODY_ANSWERS]),
        EXIT_CODES.storage,
      )
      expect(happened).toContain('newer hub-census')
      expect(next).toContain('Update hub-census')
    }
  })

  test('that is not there is exit code 7 for a command that reads, and none is made', async () => {
    const file = join(temporaryFolder(), 'none.db')
    const { next } = expectFailure(await runCli(['metrics', '--db', file]), EXIT_CODES.storage)
    expect(next).toContain('hub-census sweep')
    expect(existsSync(file)).toBe(false)
  })

  test('in a folder that does not exist is exit code 7', async () => {
    const folder = join(temporaryFolder(), 'missing')
    const { happened } = expectFailure(
      await runCli(['sweep', '--db', join(folder, 'census.db'), '--endpoint', NOBODY_ANSWERS]),
      EXIT_CODES.storage,
    )
    expect(happened).toContain(`${folder} does not exist`)
    expect(existsSync(folder)).toBe(false)
  })

  test('where no file can be made is exit code 7', async () => {
    // Below a file nobody can make one, whoever asks.
    const plain = join(temporaryFolder(), 'plain')
    writeFileSync(plain, '')
    const { happened, next } = expectFailure(
      await runCli(['sweep', '--db', join(plain, 'census.db'), '--endpoint', NOBODY_ANSWERS]),
      EXIT_CODES.storage,
    )
    expect(happened).toContain('SQLITE_CANTOPEN')
    expect(next).toContain('write access')
  })
})

describe('without write permission', () => {
  /** Permissions do not bind root: as root the program is run as somebody else. */
  const somebody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  let canRun = false

  beforeAll(() => {
    const main = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js')
    canRun = spawnSync(process.execPath, [main, '--version'], { ...somebody, cwd: '/' }).status === 0
  })

  const runUnprivileged = (args: string[]) => runCli(args, { process: { ...somebody, cwd: '/' } })

  function folderOf(mode: number): string {
    const folder = temporaryFolder()
    if (somebody.uid !== undefined) chownSync(folder, somebody.uid, somebody.gid)
    chmodSync(folder, mode)
    onTestFinished(() => chmodSync(folder, 0o755))
    return folder
  }

  test('in the folder, exit code 7 and no file is made', async context => {
    if (!canRun) context.skip('this checkout cannot be read by another user than root')
    const file = join(folderOf(0o555), 'census.db')
    const { happened, next } = expectFailure(
      await runUnprivileged(['sweep', '--db', file, '--endpoint', NOBODY_ANSWERS]),
      EXIT_CODES.storage,
    )
    expect(happened).toContain(file)
    expect(next).toContain('write access')
    expect(existsSync(file)).toBe(false)
  })

  test.for(['sweep', 'metrics'])(
    'to the file, %s is exit code 7 and the file is untouched',
    async (command, context) => {
      if (!canRun) context.skip('this checkout cannot be read by another user than root')
      const { hub, file: taken } = await takenCensus()
      const file = join(folderOf(0o755), 'census.db')
      writeFileSync(file, readFileSync(taken))
      chmodSync(file, 0o444)
      const before = readFileSync(file)
      const { happened, next } = expectFailure(
        await runUnprivileged([command, '--db', file, '--endpoint', hub.origin, '--clock', 'hub']),
        EXIT_CODES.storage,
      )
      expect(happened).toContain(file)
      expect(next).toContain('write access')
      expect(readFileSync(file)).toEqual(before)
    },
  )
})

test('a report that cannot be written is exit code 7; the census and an older report are unchanged', async () => {
  const { file } = await takenCensus()
  const folder = temporaryFolder()
  const older = join(folder, 'report.html')
  writeFileSync(older, 'the older report')
  const { happened, kept, next } = expectFailure(
    await runCli(['report', '--db', file, '--output', join(older, 'report.html')]),
    EXIT_CODES.storage,
  )
  expect(happened).toContain(join(older, 'report.html'))
  expect(kept).toContain('The census is unchanged')
  expect(next).toContain('--output')
  expect(readFileSync(older, 'utf8')).toBe('the older report')
})

describe('mini-hub', () => {
  const LINE = '{"_id":"6553f10100000000000000aa","id":"lab/model","likes":0,"downloads":1,"tags":[]}\n'

  function catalogueFile(text: string): string {
    const file = join(temporaryFolder(), '2026-08-19.jsonl')
    writeFileSync(file, text)
    return file
  }

  test('at a port in use is exit code 2', async () => {
    const holder = createServer()
    await new Promise<void>(resolve => holder.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void holder.close())
    const { port } = holder.address() as AddressInfo
    const { happened, next } = expectFailure(
      await runCli(['mini-hub', catalogueFile(LINE), '--port', String(port)]),
      EXIT_CODES.usage,
    )
    expect(happened).toContain(`port ${port} on 127.0.0.1 cannot be listened on: it is in use`)
    expect(next).toContain('--port 0')
  })

  test.each([
    ['a line that is not JSON', `${LINE}{"_id": oops\n`, 'line 2: not JSON, got {"_id": oops'],
    ['a line that is no object', `${LINE}\n[]\n`, 'line 3: expected an object, got []'],
    ['a line without _id', '{"id":"lab/model","tags":[]}\n', 'line 1: _id: expected 24'],
    ['the same _id twice', LINE + LINE, 'line 2: _id 6553f10100000000000000aa is listed twice'],
  ])('with %s is exit code 2 and names file and line', async (_, text, problem) => {
    const file = catalogueFile(text)
    const met = await runCli(['mini-hub', file, '--port', '0'])
    const { happened, kept } = expectFailure(met, EXIT_CODES.usage)
    expect(happened).toContain(`${file}, ${problem}`)
    expect(kept).toContain('nothing is served')
    expect(met.stdout).toBe('')
  })

  test.each([
    ['a file whose name holds no day', 'models.jsonl', [], 'does not say which day'],
    ['a day the catalogue does not hold', '2026-08-19.jsonl', ['--day', '2026-08-21'], 'no day "2026-08-21"'],
    ['a port that is none', '2026-08-19.jsonl', ['--port', '70000'], '--port is "70000"'],
  ])('with %s is exit code 2', async (_, name, more, problem) => {
    const file = join(temporaryFolder(), name)
    writeFileSync(file, LINE)
    const { happened } = expectFailure(await runCli(['mini-hub', file, ...more]), EXIT_CODES.usage)
    expect(happened).toContain(problem)
  })
})

describe('a sweep', () => {
  test('of a Hub nobody answers for is exit code 3', async () => {
    const file = join(temporaryFolder(), 'census.db')
    const met = await runCli(['sweep', '--db', file, '--endpoint', NOBODY_ANSWERS], { env: WITHOUT_WAITS })
    const { happened, next } = expectFailure(met, EXIT_CODES.partial)
    expect(happened).toMatch(/ECONNREFUSED.+\(8 attempts\)$/)
    expect(next).toContain('HF_ENDPOINT')
    expect(met.stderr.match(/^warning: hub request failed, waiting /gm)).toHaveLength(7)
  })

  const faults: [string, Fault, number, string][] = [
    ['sends HTML with status 200', { kind: 'html200' }, EXIT_CODES.refused, 'not JSON'],
    ['sends an error object with status 200', { kind: 'error200' }, EXIT_CODES.refused, 'not a list'],
    ['sends half of its JSON', { kind: 'truncate', cut: 'cleanly' }, EXIT_CODES.refused, 'not JSON'],
    ['fails with 500', { kind: 'status', status: 500 }, EXIT_CODES.partial, 'status 500'],
    [
      'asks for ten days',
      { kind: 'status', status: 429, headers: { 'Retry-After': '864000' } },
      EXIT_CODES.partial,
      'pause until',
    ],
    ['refuses the token', { kind: 'status', status: 401 }, EXIT_CODES.refused, 'status 401'],
    ['repeats its cursor', { kind: 'repeatCursor' }, EXIT_CODES.refused, 'cursor repeats'],
  ]
  test.each(faults)(
    'of a Hub that %s on page 2 says so and resumes; the token is nowhere',
    async (_, fault, code, problem) => {
      const { hub } = await threePages()
      hub.faults.push({ ...fault, on: ({ params }) => params.has('cursor'), times: FOR_EVER })
      const file = join(temporaryFolder(), 'census.db')
      const args = ['sweep', '--db', file, '--endpoint', hub.origin, '--clock', 'hub', '--page-size', '3']
      const met = await runCli(args, { env: { ...WITHOUT_WAITS, HF_TOKEN: SECRET } })
      expect(expectFailure(met, code).happened).toContain(problem)
      expect(hub.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`)
      expect(met.stdout + met.stderr).not.toContain('TESTSECRET')

      hub.faults.clear()
      const resumed = await runCli(args, { env: { HF_TOKEN: SECRET, HUB_CENSUS_QUOTA_SHARE: '1' } })
      expect(resumed).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
      expect(resumed.stdout).toContain('complete (resumed): rows in 9 = stored 9 +')
      for (const name of [file, `${file}-wal`]) {
        if (existsSync(name)) expect(readFileSync(name).includes('TESTSECRET')).toBe(false)
      }
    },
  )

  test('flooded with bad rows is exit code 6 and says where they are', async () => {
    const { hub } = await threePages()
    hub.faults.push({
      kind: 'editRows',
      on: ({ params }) => params.get('limit') === '1000',
      edit: rows => rows.map(() => null),
    })
    const file = join(temporaryFolder(), 'census.db')
    const met = await runCli(['sweep', '--db', file, '--endpoint', hub.origin, '--clock', 'hub'])
    expect(met.code).toBe(EXIT_CODES.held)
    expect(met.stdout).toContain('is held back: 9 of 9 rows could not be understood')
    expect(met.stdout).toContain('rows in 9 = stored 0 + unchanged 0 + quarantined 9')
    expect(met.stdout).toContain('look at the table quarantine')
  })
})

describe('a wrong command line is exit code 2', () => {
  test.each([
    ['an unknown command', ['sweeep'], "unknown command 'sweeep'"],
    ['an unknown option', ['sweep', '--dp', 'x.db'], "unknown option '--dp'"],
    ['a missing argument', ['explain'], "missing required argument 'repoId|handle'"],
    ['a choice that is none', ['metrics', '--by', 'moon'], "argument 'moon' is invalid"],
    ['an endpoint that is none', ['sweep', '--endpoint', 'hub'], 'not an address'],
    [
      'an endpoint that would send the token in the open',
      ['sweep', '--endpoint', 'http://huggingface.co'],
      'not https',
    ],
    ['a share that is none', ['sweep', '--quota-share', '2'], '--quota-share is "2"'],
    ['a page size that is none', ['sweep', '--page-size', '1e4'], '--page-size is "1e4"'],
    ['a clock that is none', ['sweep', '--clock', 'sun'], '--clock is "sun"'],
  ])('for %s', async (_, args, problem) => {
    const met = await runCli(args)
    const { happened, kept } = expectFailure(met, EXIT_CODES.usage)
    expect(happened).toContain(problem)
    expect(kept).toBe('Nothing was started or changed.')
    expect(met.stdout).toBe('')
  })

  test('for days that are none', async () => {
    const { file } = await takenCensus()
    for (const day of ['2026-02-30', '2026-13-01', 'yesterday', '19-08-2026']) {
      const { happened, next } = expectFailure(
        await runCli(['metrics', '--db', file, '--as-of', day]),
        EXIT_CODES.usage,
      )
      expect(happened).toContain('--as-of')
      expect(happened).toContain(day)
      expect(next).toContain('2025-08-31')
    }
  })
})
