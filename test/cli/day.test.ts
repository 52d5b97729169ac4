import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { DEFAULT_GATE_LIMITS, gateLimitsText } from '../../src/domain/day-gate.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const D1 = '2026-08-19'
const D2 = '2026-08-20'

const nightOf = (factor: number): CatalogueRow[] =>
  Array.from({ length: 40 }, (_, index) =>
    row(index + 1, { id: `Qwen/model-${index}`, downloads: 1000 * factor, downloadsAllTime: 5_000_000 }),
  )

/** Two nights of which the second lost 40 % of its downloads, and the command line on a file of its own. */
async function twoNights() {
  const catalogue = catalogueFromDays(
    new Map([
      [D1, nightOf(1)],
      [D2, nightOf(0.6)],
    ]),
  )
  const hub = await startMiniatureHub({ catalogue, quota: null })
  onTestFinished(() => hub.close())
  const folder = temporaryFolder()
  const db = join(folder, 'census.db')
  const type = (args: string[], env: Record<string, string> = {}) =>
    runCli([...args, '--db', db], { env, process: { cwd: folder } })
  const sweep = (day: string, args: string[] = [], env: Record<string, string> = {}) => {
    hub.serveDay(day)
    return type(['sweep', '--endpoint', hub.origin, '--clock', 'hub', ...args], env)
  }
  return { folder, type, sweep }
}

describe('a held night on the command line', () => {
  test('is exit code 6, is named beside every headline, and is decided by a person with a reason', async () => {
    const { folder, type, sweep } = await twoNights()
    expect((await sweep(D1)).code).toBe(EXIT_CODES.complete)
    const held = await sweep(D2)
    expect(held.code).toBe(EXIT_CODES.held)
    expect(held.stdout).toContain('from 40,000 to 24,000 (-40.0 %; limit -20.0 %)')
    expect(held.stdout).toContain(`Compared with ${D1}, the last good day: repositories 40 to 40 (+0.0 %)`)
    expect(held.stdout).toContain(`hub-census day accept ${D2} --why`)

    const stays = new RegExp(`^held: ${D2}, because 30-day downloads .*; figures stay at ${D1}$`, 'm')
    expect((await type(['metrics'])).stdout).toMatch(stays)
    expect(JSON.parse((await type(['metrics', '--json'])).stdout)).toMatchObject({
      basis: { asOf: D1 },
      heldDays: [{ day: D2 }],
    })
    expect((await type(['report'])).code).toBe(EXIT_CODES.complete)
    const report = join(folder, 'report.html')
    expect(existsSync(report)).toBe(true)
    expect(readFileSync(report, 'utf8')).toContain(`figures stay at ${D1}`)
    expect((await type(['day', 'list'])).stdout).toContain(`${D2}  held: 30-day downloads`)

    const accepted = await type(['day', 'accept', D2, '--why', 'announced \u001b[2J by the Hub'])
    expect(accepted).toMatchObject({ code: EXIT_CODES.complete })
    expect(accepted.stdout).toContain(`${D2} was held and is accepted; the newest complete day is ${D2}.`)
    const list = (await type(['day', 'list'])).stdout
    expect(list).toContain('announced \\u{1b}[2J by the Hub')
    expect(list).not.toContain('\u001b')
    const metrics = (await type(['metrics'])).stdout
    expect(metrics).toContain(D2)
    expect(metrics).not.toContain('held:')

    const rejected = await type(['day', 'reject', D2, '--why', 'taken back'])
    expect(rejected.stdout).toContain(`${D2} was complete and is rejected; the newest complete day is ${D1}.`)
    expect(JSON.parse((await type(['metrics', '--json'])).stdout)).toMatchObject({
      basis: { asOf: D1 },
      heldDays: [],
      rejectedDays: [{ day: D2, because: 'taken back' }],
    })
    const older = (await type(['metrics'])).stdout
    expect(older).toContain(`rejected: ${D2}, because taken back; figures stay at ${D1}\n`)
    const { decisions } = JSON.parse((await type(['day', 'list', '--json'])).stdout)
    expect(decisions.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'day-accepted',
      'day-held',
      'day-rejected',
    ])
  }, 120_000)

  test('passes a gate that is set wider, by the option or the environment', async () => {
    const { sweep } = await twoNights()
    await sweep(D1)
    const env = { HUB_CENSUS_GATE: 'fall30d=0.3' }
    expect((await sweep(D2, [], env)).code).toBe(EXIT_CODES.held)
    // The option decides; the environment is not asked.
    expect((await sweep(D2, ['--gate', 'fall30d=off'], env)).code).toBe(EXIT_CODES.complete)
  })

  test('is decided by nothing that makes no sense', async () => {
    const { type, sweep } = await twoNights()
    await sweep(D1)
    await sweep(D2)
    for (const [args, words] of [
      [['day', 'accept', D2], 'needs its reason'],
      [['day', 'accept', D2, '--why', ' '], '--why is empty'],
      [['day', 'accept', D2, '--why', 'x'.repeat(501)], '--why has 501 characters'],
      [['day', 'accept', '2026-02-30', '--why', 'x'], 'not a day: "2026-02-30"'],
      [['day', 'accept', '2025-01-01', '--why', 'x'], `Held: ${D2}.`],
      [['day', 'accept', D1, '--why', 'x'], 'nothing to accept'],
      [['day', 'accpt', D2], "unknown command 'accpt'"],
      [
        ['sweep', '--gate', 'rep=1'],
        `Did you mean repos? The defaults are ${gateLimitsText(DEFAULT_GATE_LIMITS)}.`,
      ],
    ] as const) {
      const met = await type([...args])
      expect([args, met.code, met.stdout]).toEqual([args, EXIT_CODES.usage, ''])
      expect(met.stderr).toContain(words)
      expect(met.stderr.trimEnd().split('\n')).toHaveLength(3)
    }
    expect((await type(['day', 'list'])).stdout).toContain(`${D2}  held`)
  }, 120_000)
})
