import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import type { RegistryComparison } from '../../src/domain/registry-comparison.ts'
import type { ReviewGaps } from '../../src/domain/review-gaps.ts'
import type { ScopeComparison } from '../../src/domain/scope-comparison.ts'
import { DAY, row } from '../fixtures/tiny-hub.ts'
import { bundled } from '../registry/bundled.ts'
import { REGISTRY, temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const STRANGER = 'aa-a-stranger-to-the-registry'
const NOTICE = 'a catalogue made by hand'

/** A copy of the reviewed files with `labs.yml` edited. */
function editedRegistry(edit: (labs: string) => string): string {
  const folder = temporaryFolder()
  cpSync(REGISTRY, folder, { recursive: true, filter: path => !path.endsWith('.ts') })
  const file = join(folder, 'labs.yml')
  writeFileSync(file, edit(readFileSync(file, 'utf8')))
  return folder
}

/** The stranger as a lab of Japan, above the first entry. */
const withStranger = (labs: string) =>
  labs.replace(
    /^- key: /m,
    `- key: 00-stranger
  name: The Stranger
  kind: company
  countries:
    - country: "JP"
      evidence: unverified
  handles:
    - handle: "${STRANGER}"
  checked: "2026-01-01"

- key: `,
  )

async function takeCensus(file: string): Promise<void> {
  const rows = [
    row(1, { id: 'Qwen/a', pipeline_tag: 'text-generation', downloads: 75, downloadsAllTime: 900 }),
    row(2, { id: `${STRANGER}/first`, downloads: 20 }),
    row(3, { id: `${STRANGER}/second`, downloads: 5, downloadsAllTime: 100 }),
  ]
  const hub = await startMiniatureHub({
    catalogue: catalogueFromDays(new Map([[DAY, rows]]), NOTICE),
    quota: null,
  })
  const met = await runCli(['sweep', '--db', file, '--endpoint', hub.origin, '--clock', 'hub'])
  await hub.close()
  expect(met).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
}

describe('registry check', () => {
  test('passes the bundled files with one line of sums', async () => {
    const { code, stdout, stderr } = await runCli(['registry', 'check'])
    expect([code, stderr]).toEqual([EXIT_CODES.complete, ''])
    const labs = [...bundled.labs.values()]
    const seats = labs.flatMap(lab => lab.countries)
    const unverified = seats.filter(({ evidence }) => evidence === 'unverified').length
    const tenures = labs.flatMap(lab => lab.handles)
    const handles = new Set(tenures.map(({ handle }) => handle)).size
    const unproven = tenures.filter(({ evidence }) => evidence === null || evidence === 'unverified')
    const weak = new Set(unproven.map(({ handle }) => handle)).size
    const ofKind = (kind: string) => labs.filter(lab => lab.kind === kind).length
    const [community, excluded] = [ofKind('community'), ofKind('excluded')]
    expect(Math.min(community, excluded, weak)).toBeGreaterThan(0)
    const sums = stdout.trimEnd().split('\n').at(-1)!
    expect(sums.replaceAll(',', '')).toMatch(
      new RegExp(
        `^${labs.length - community - excluded} labs · ${community} community entries · ${excluded} excluded entries · ${handles} handles \\(${weak} unverified\\) · ${seats.length} seats \\(${unverified} unverified\\) · 0 problems · \\d+ warnings? · registry ${bundled.revision}$`,
      ),
    )
  })

  test('names every problem of a folder with line and remedy, marks warnings, and is exit code 2', async () => {
    const folder = editedRegistry(labs =>
      withStranger(labs).replace('country: "JP"', 'country: "UK"').replace('2026-01-01', '2020-01-01'),
    )
    const { code, stdout } = await runCli(['registry', 'check', folder])
    expect(code).toBe(EXIT_CODES.usage)
    expect(stdout).toMatch(/^labs\.yml:\d+ "UK": is not a country\. Write "GB"\.$/m)
    expect(stdout).toMatch(
      /^warning: labs\.yml:\d+ "2020-01-01": was reviewed \d+ days ago\. Review 00-stranger/m,
    )
    expect(stdout).toMatch(/ · 1 problem · \d+ warnings? · /)
  })

  test('does not refuse for a warning alone', async () => {
    const folder = editedRegistry(labs => withStranger(labs).replace('2026-01-01', '2020-01-01'))
    const { code, stdout } = await runCli(['registry', 'check', folder])
    expect([code, stdout.includes('warning: labs.yml')]).toEqual([EXIT_CODES.complete, true])
  })

  test('refuses a breach of the written form, as the tests do', async () => {
    const folder = editedRegistry(labs => withStranger(labs).replace('country: "JP"', 'country: JP'))
    const { code, stdout } = await runCli(['registry', 'check', folder])
    expect([code, stdout.includes('"JP": is not in quotes. Write "JP".')]).toEqual([EXIT_CODES.usage, true])
  })

  test('says what is wrong with a folder that is not there', async () => {
    const { code, stdout } = await runCli(['registry', 'check', join(temporaryFolder(), 'nowhere')])
    expect(code).toBe(EXIT_CODES.usage)
    expect(stdout).toContain('labs.yml:1: cannot be read')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^0 labs · 0 community entries · .* 0 handles .* · registry unreadable$/,
    )
  })
})

describe('on a census', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-'))
  const file = join(folder, 'census.db')
  let censusBefore: Buffer
  beforeAll(async () => {
    await takeCensus(file)
    censusBefore = readFileSync(file)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('registry gaps ranks the unreviewed, and carries its basis', async () => {
    const { code, stdout, stderr } = await runCli(['registry', 'gaps', '--db', file])
    expect([code, stderr]).toEqual([EXIT_CODES.complete, ''])
    expect(stdout.startsWith(`*** ${NOTICE.toUpperCase()}: not observations of the Hub ***\n`)).toBe(true)
    expect(stdout).toContain(`registry ${bundled.revision}`)
    expect(stdout).toContain('reviewed: 75.0 % of 30-day and 90.0 % of all-time downloads')
    expect(stdout).toMatch(new RegExp(`^${STRANGER} +2 +25 +25\\.0 % +100 +10\\.0 % +1$`, 'm'))
  })

  test('registry scopes lists what one scope lacks, with the rule that decided', async () => {
    const { code, stdout, stderr } = await runCli(['registry', 'scopes', 'all', 'llm', '--db', file])
    expect([code, stderr]).toEqual([EXIT_CODES.complete, ''])
    expect(stdout).toContain(`registry ${bundled.revision}`)
    expect(stdout).toMatch(new RegExp(`^${STRANGER}/second +task +100$`, 'm'))
    expect(stdout).toContain('In all v1, not in llm v2: 2 repositories')
    const one = await runCli(['registry', 'scopes', 'all', 'llm', '--limit', '1', '--db', file])
    expect(one.stdout).toContain('\n1 not shown: --limit 0 shows all, --json has all\n')
    const all = await runCli(['registry', 'scopes', 'all', 'llm', '--limit', '0', '--db', file])
    expect(all.stdout).toBe(stdout)
    const json = await runCli(['registry', 'scopes', 'atom', 'all', '--limit', '1', '--json', '--db', file])
    const answer = JSON.parse(json.stdout) as ScopeComparison
    expect(answer.onlyB.strays.map(({ repoId }) => repoId)).toEqual([
      'Qwen/a',
      `${STRANGER}/second`,
      `${STRANGER}/first`,
    ])
    const { listed } = bundled.scopes.get('atom')!
    expect(answer.lists).toEqual([
      { scope: 'atom', names: listed!.size, borne: 0, former: [], absent: [...listed!].sort() },
    ])
    const misuse = await runCli(['registry', 'scopes', 'all', 'lmm', '--db', file])
    expect(misuse.code).toBe(EXIT_CODES.usage)
    expect(misuse.stderr).toContain('llm')
  })

  test('registry gaps --json says the same to programs', async () => {
    const { stdout } = await runCli([
      'registry',
      'gaps',
      '--json',
      '--by',
      'all-time',
      '--limit',
      '1',
      '--db',
      file,
    ])
    const answer = JSON.parse(stdout) as ReviewGaps
    expect(answer).toMatchObject({
      basis: { notice: NOTICE, registryRevision: bundled.revision },
      by: 'downloadsAllTime',
      unreviewedPublishers: 1,
      gaps: [{ handle: STRANGER, repos: 2, downloadsAllTime: 100, allTimeUnknownRepos: 1 }],
    })
  })

  test('registry diff tells what a lab more would move, and writes nothing', async () => {
    const folder = editedRegistry(withStranger)
    const { code, stdout, stderr } = await runCli(['registry', 'diff', folder, '--db', file])
    expect([code, stderr]).toEqual([EXIT_CODES.complete, ''])
    expect(stdout.startsWith(`*** ${NOTICE.toUpperCase()}`)).toBe(true)
    expect(stdout).toContain(`instead of ${bundled.revision}`)
    expect(stdout).toMatch(/^Other +0 +25 +\+25 +0\.0 % +25\.0 % +\+25\.00$/m)
    expect(stdout).toMatch(/^Unreviewed publishers +25 +0 +-25 +25\.0 % +0\.0 % +-25\.00$/m)
    expect(stdout).toMatch(/^all, by publisher +\+900 +\+900 +0$/m)
    expect(stdout).toContain('dates of crossovers rest on every day and are not compared')
    expect(stdout).toContain('Share of fine-tunes by region: nothing moves')
    expect(stdout).toContain('lab added: 00-stranger: The Stranger (company)')
    expect(stdout).toContain(`handle added: ${STRANGER}: 00-stranger`)
    expect(readFileSync(file).equals(censusBefore)).toBe(true)
  })

  test('registry diff --json says the same to programs', async () => {
    const folder = editedRegistry(withStranger)
    const { stdout } = await runCli(['registry', 'diff', folder, '--json', '--db', file])
    const answer = JSON.parse(stdout) as RegistryComparison
    const all = answer.tables.find(one => one.scope === 'all' && one.attribution === 'publisher')!
    expect(all.labs).toMatchObject([
      { key: '00-stranger', change: { downloads30d: 25, downloadsAllTime: 100 } },
    ])
  })

  test('registry diff refuses files that would give a wrong answer, and says whose they are', async () => {
    const folder = editedRegistry(labs => withStranger(labs).replace('country: "JP"', 'country: "UK"'))
    const { code, stdout, stderr } = await runCli(['registry', 'diff', folder, '--db', file])
    expect([code, stdout]).toEqual([EXIT_CODES.usage, ''])
    expect(stderr).toMatch(
      /^error: The registry \S+ cannot be used: labs\.yml:\d+ "UK".*\nkept: {2}.*\nnext: {2}Write "GB"\. .*registry check.*\n$/,
    )
  })

  test('registry diff names a scope whose rule changed under its old version', async () => {
    const folder = editedRegistry(labs => labs)
    const scopes = join(folder, 'scopes.yml')
    writeFileSync(scopes, readFileSync(scopes, 'utf8').replace('    - image-text-to-text\n', ''))
    const { code, stdout } = await runCli(['registry', 'diff', folder, '--db', file])
    expect(code).toBe(EXIT_CODES.complete)
    expect(stdout).toMatch(
      /^ {2}scope llm: its rule differs from that of the files in use but the version is still \d+: raise it$/m,
    )
  })

  test.each([
    ['git is not installed', { PATH: '/nowhere' }, 'git was not found'],
    ['the program is in no checkout', { GIT_DIR: '/nowhere' }, 'in no git checkout'],
  ])('registry diff git:HEAD says it when %s', async (_, env, happened) => {
    const { code, stderr } = await runCli(['registry', 'diff', 'git:HEAD', '--db', file], { env })
    expect([code, stderr.includes(happened)], stderr).toEqual([EXIT_CODES.usage, true])
  })
})

test.each([
  ['a limit of nothing', ['gaps', '--limit', '0'], '--limit is "0"'],
  ['a limit that is no number', ['gaps', '--limit', 'x'], '--limit is "x"'],
  ['a counter nobody has', ['gaps', '--by', 'likes'], "'likes' is invalid"],
  ['an unknown option', ['check', '--nonsense'], "unknown option '--nonsense'"],
  ['no folder', ['diff'], "missing required argument 'folder'"],
  ['an unknown subcommand', ['nonsense'], "unknown command 'nonsense'"],
  ['scopes shown by a limit below none', ['scopes', 'llm', 'atom', '--limit', '-1'], '--limit is "-1"'],
])('registry with %s is exit code 2 and three lines', async (_, args, happened) => {
  const { code, stdout, stderr } = await runCli(['registry', ...args])
  expect([code, stdout]).toEqual([EXIT_CODES.usage, ''])
  expect(stderr).toMatch(/^error: .+\nkept: {2}.+\nnext: {2}.+\n$/)
  expect(stderr).toContain(happened)
})

test.each([
  [
    ['registry', 'foo'],
    "unknown command 'foo'.",
    '"hub-census registry --help" for its commands: check, gaps, diff, scopes.',
  ],
  [['registry', 'chekc'], "unknown command 'chekc' (Did you mean check?)", '"hub-census registry --help"'],
  [
    ['registry', 'diff'],
    "missing required argument 'folder'",
    '"hub-census registry diff --help" for its options.',
  ],
  [['registri'], '(Did you mean registry?)', '"hub-census --help" for the commands'],
])('%j is told where to look, and what is like it', async (args, happened, next) => {
  const { code, stderr } = await runCli(args)
  const [error, , way] = stderr.split('\n')
  expect([code, error!.replace(/$/, '.').includes(happened), way], stderr).toEqual([
    EXIT_CODES.usage,
    true,
    expect.stringContaining(next),
  ])
})

test('registry alone shows its commands', async () => {
  const { code, stderr } = await runCli(['registry'])
  expect(code).toBe(EXIT_CODES.usage)
  for (const name of ['check', 'gaps', 'diff']) expect(stderr).toContain(`  ${name} `)
  expect((await runCli(['registry', 'check', '--help'])).code).toBe(EXIT_CODES.complete)
})
