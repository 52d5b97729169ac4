import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Headline } from '../../src/domain/headline.ts'
import { TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import { bundled } from '../registry/bundled.ts'
import { PACKAGE_ROOT } from '../support/census.ts'
import { type CliResult, runCli } from '../support/cli.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const HAS_CHROMIUM = existsSync(CHROMIUM)
if (!HAS_CHROMIUM && !process.env.CI)
  process.stderr.write(`skipped: no ${CHROMIUM}, so the page tests do not run\n`)

const folder = mkdtempSync(join(tmpdir(), 'hub-census-demo-'))
const file = join(folder, 'census.db')
let demo: CliResult

beforeAll(async () => {
  demo = await runCli(['demo', '--into', folder])
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readme = readFileSync(join(PACKAGE_ROOT, 'README.md'), 'utf8')

describe('the demonstration', () => {
  test('captures every night and prints the headline', () => {
    // A slow machine is told every minute how far it is.
    const said = demo.stderr.split('\n').filter(line => !/^demo: \d+ of about 792 days, /.test(line))
    expect(said).toEqual([''])
    expect(demo.code).toBe(0)
    expect(demo.stdout).toContain('792 nights captured, the last on 2025-12-31; 25 bases compared')
    expect(demo.stdout).toContain('0 differ.')
    expect(demo.stdout.startsWith('*** MODELLED DEMONSTRATION DATA: not observations of the Hub ***\n')).toBe(
      true,
    )
  })

  test('agrees with the table in the README', () => {
    const printed = demo.stdout.split('\n\n')
    const census = printed.find(part => part.startsWith('Census of'))
    const table = printed.find(part => part.startsWith('Downloads by region · scope llm v2 · by publisher'))
    const shown = /<!-- headline -->\n```text\n([\s\S]*?)\n```\n<!-- \/headline -->/.exec(readme)?.[1]
    expect(shown).toBe(`${printed[0]}\n\n${census}\n\n${table}`)
  })

  test('agrees with the public record it is modelled on', async () => {
    const crossed = async (a: string, b: string) => {
      const { stdout } = await runCli(['crossover', a, b, '--json', '--db', file])
      return JSON.parse(stdout) as Headline['crossovers'][number]
    }
    const regions = await crossed('china', 'united-states')
    expect(regions.crossover.outcome).toBe('crossed')
    expect(regions.crossover.crossings).toHaveLength(1)
    const { lastBefore, firstAfter } = regions.crossover.crossing!
    expect(lastBefore.day >= '2025-06-21' && firstAfter.day <= '2025-08-31').toBe(true)
    // "About 300 million each" in August 2025.
    expect(firstAfter.a).toBeGreaterThan(270e6)
    expect(firstAfter.b).toBeLessThan(340e6)
    const labs = await crossed('alibaba-qwen', 'meta')
    expect(labs.crossover.outcome).toBe('crossed')
    expect(labs.crossover.crossing!.firstAfter.day >= '2025-09-01').toBe(true)
    expect(labs.crossover.crossing!.firstAfter.day <= '2025-11-30').toBe(true)
  })

  test('says which regions lead as JSON, every table summing to its total', async () => {
    const { stdout, code } = await runCli(['metrics', '--json', '--db', file])
    expect(code).toBe(0)
    const headline = JSON.parse(stdout) as Headline
    expect(headline.basis).toMatchObject({
      asOf: '2025-12-31',
      notice: 'modelled demonstration data',
      definitionVersion: 3,
    })
    expect(headline.scopes.map(({ scope, attribution }) => `${scope} ${attribution}`)).toEqual([
      'llm publisher',
      'llm base',
      'llm root',
      'all publisher',
      'all base',
      'all root',
      'atom publisher',
      'atom base',
      'atom root',
      'new publisher',
      'new base',
      'new root',
    ])
    for (const { table } of headline.scopes) {
      const sum = (pick: (line: (typeof table.lines)[number]) => number | null) =>
        table.lines.reduce((all, line) => all + (pick(line) ?? 0), 0)
      expect(sum(line => line.downloadsAllTime)).toBe(table.downloadsAllTime)
      expect(sum(line => line.downloads30d)).toBe(table.downloads30d)
      expect(sum(line => line.repos)).toBe(table.repos)
      expect(sum(line => line.shareAllTime)).toBeCloseTo(1, 12)
    }
    const whole = headline.scopes.find(({ scope }) => scope === 'all')!.table
    expect(whole.repos).toBe(headline.sweep.rowCount)
    expect(whole.raw.downloads30d).toBe(headline.sweep.downloads30dTotal)
    expect(whole.raw.downloadsAllTime).toBe(headline.sweep.downloadsAllTimeTotal)
  })

  test('shows the days on which the Hub stood still, marked and bridged', async () => {
    const { stdout } = await runCli(['events', '--kind', 'frozen', '--json', '--db', file])
    const { events } = JSON.parse(stdout) as {
      events: { day: string; until: string; repoId: string | null }[]
    }
    expect(events.map(({ day, until, repoId }) => [day, until, repoId])).toEqual([
      ['2025-06-25', '2025-06-27', null],
      ['2025-06-29', '2025-07-01', null],
    ])
    const database = new Database(file, { readonly: true })
    const daily = database
      .prepare(
        `SELECT clean - lag(clean) OVER (ORDER BY day), raw - lag(raw) OVER (ORDER BY day) FROM (
           SELECT day, sum(clean_downloads_all_time) AS clean, sum(raw_downloads_all_time) AS raw FROM v1_daily_clean
           WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' AND day BETWEEN '2025-06-23' AND '2025-07-04'
           GROUP BY day)`,
      )
      .raw()
      .all()
      .slice(1) as [number, number][]
    database.close()
    const usual = daily[0]![1]
    expect(daily.filter(([, raw]) => raw === 0)).toHaveLength(6)
    for (const [clean] of daily) {
      expect(clean).toBeGreaterThan(usual / 2)
      expect(clean).toBeLessThan(usual * 2)
    }
  })

  test('can be repeated, and touches nothing that is not its own', async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'hub-census-foreign-'))
    onTestFinished(() => rmSync(foreign, { recursive: true, force: true }))
    const other = new Database(join(foreign, 'census.db'))
    other.exec('CREATE TABLE notes (text TEXT)')
    other.close()
    const refused = await runCli(['demo', '--into', foreign])
    expect(refused.code).toBe(7)
    expect(refused.stderr).toMatch(
      /^error: .* of another program .*\nkept: {2}The file was not changed\.\nnext: {2}/,
    )
    const repeated = mkdtempSync(join(tmpdir(), 'hub-census-repeated-'))
    onTestFinished(() => rmSync(repeated, { recursive: true, force: true }))
    const first = await runCli(['demo', '--into', repeated, '--every', '60'])
    const second = await runCli(['demo', '--into', repeated, '--every', '60'])
    expect(first.code).toBe(0)
    expect(second).toEqual(first)
  }, 60_000)
})

describe('the README', () => {
  const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(match =>
    match[1]!.trim().split('\n'),
  )

  test('gives commands that work on the demonstration', async () => {
    const examples = commands.filter(line => line.includes('hub-census-demo/census.db'))
    expect(examples.length).toBeGreaterThanOrEqual(5)
    for (const line of examples) {
      const sql = /^sqlite3 hub-census-demo\/census\.db "(.*)"$/.exec(line)?.[1]
      if (sql !== undefined) {
        const db = new Database(file, { readonly: true })
        expect(db.prepare(sql).all().length, line).toBeGreaterThan(0)
        db.close()
        continue
      }
      const args = line.replace('npx hub-census ', '').replace('hub-census-demo/census.db', file).split(' ')
      const result = await runCli(args)
      expect(result, line).toMatchObject({ code: 0, stderr: '' })
      expect(result.stdout.length, line).toBeGreaterThan(200)
    }
  }, 120_000)
})

/** Numbers of tables that stand on more than one line. */
const BROKEN_CELLS = `[...document.querySelectorAll('td:not(.words), td .whole')]
  .filter(cell => /^[^·]*[-+<–\\d.,]+( %)?$/.test(cell.textContent))
  .filter(cell => {
    const range = document.createRange()
    range.selectNodeContents(cell)
    return range.getClientRects().length > 1
  })
  .map(cell => cell.textContent)`

/** Tables whose last column is not in sight when what holds them is scrolled to its end, or that no key can scroll. */
const UNREACHABLE_TABLES = `[...document.querySelectorAll('table')]
  .filter(table => {
    const holder = table.parentElement
    if (holder.clientWidth === 0) return false
    holder.scrollLeft = holder.scrollWidth
    const last = table.rows[0].lastElementChild.getBoundingClientRect()
    return holder.tabIndex !== 0 || last.right > holder.getBoundingClientRect().right + 1
  })
  .map(table => table.textContent.slice(0, 80))`

describe.skipIf(!HAS_CHROMIUM && !process.env.CI)('the report in a browser', () => {
  test('shows chart, notice and tables, and asks the network for nothing', async () => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    const requests: string[] = []
    const complaints: string[] = []
    page.on('request', request => requests.push(request.url()))
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(String(error)))
    const url = pathToFileURL(join(folder, 'report.html')).href
    await page.goto(url)
    expect(requests).toEqual([url])
    expect(complaints).toEqual([])
    expect(await page.getByRole('note').textContent()).toContain('Modelled demonstration data')
    const chart = page.getByRole('img', { name: 'Cumulative downloads of open models by region' })
    const box = await chart.boundingBox()
    expect(box!.width).toBeGreaterThan(500)
    expect(box!.height).toBeGreaterThan(250)
    const drawn = await chart.locator('text').allTextContents()
    for (const text of ['China', 'United States', 'Europe', 'Other', 'China ahead from 2025-08-20']) {
      expect(drawn).toContain(text)
    }
    expect(drawn.some(text => text.includes('modelled demonstration data'))).toBe(true)
    const families = page.locator('section[aria-labelledby=families]')
    const bars = await families.getByRole('img', { name: '30-day downloads of model families' }).boundingBox()
    expect(bars!.height).toBeGreaterThan(250)
    expect(await families.locator('tbody tr').count()).toBe(12)
    const trees = families.locator('details.tree')
    expect(await trees.count()).toBe(3)
    await trees.first().locator('summary').click()
    const member = trees.first().locator('li li', { hasText: /^Qwen\/Qwen2\.5-7B-Instruct / })
    expect(await member.isVisible()).toBe(true)
    // A table for every scope by each attribution, the gap between them, and the shares by month with every other choice.
    const tables = bundled.scopes.size * (TOTAL_ATTRIBUTIONS.length + 1) + 2
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(tables)
    expect(await page.locator('script').count()).toBe(0)
    await page.setViewportSize({ width: 390, height: 800 })
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBe(0)
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(BROKEN_CELLS)).toEqual([])
      expect(await page.evaluate(UNREACHABLE_TABLES)).toEqual([])
    }
  }, 60_000)
})
