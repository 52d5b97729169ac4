import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DAY_STATES } from '../../src/domain/quality-answer.ts'
import { qualityHtml } from '../../src/present/quality-html.ts'
import { DAY_LETTERS, residualShare } from '../../src/present/quality-sections.ts'
import { qualityText } from '../../src/present/quality-text.ts'
import { trustSection } from '../../src/present/trust-section.ts'
import { day } from '../derive/small-registry.ts'
import { temporaryFolder } from '../support/census.ts'
import { dayQuality, event, fileBasis, hubEvent, qualityAnswer } from './quality-samples.ts'
import { HOSTILE, NOTICE } from './samples.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const HAS_CHROMIUM = existsSync(CHROMIUM)
if (!HAS_CHROMIUM && !process.env.CI)
  process.stderr.write(`skipped: no ${CHROMIUM}, so the test of the quality page does not run\n`)

/** An answer in which everything from outside is one text. */
const hostileAnswer = (text: string) =>
  qualityAnswer({
    basis: fileBasis({ notice: text, source: text, registryRevision: text }),
    coverage: qualityAnswer().coverage.map(line => ({ ...line, scope: text })),
    incidents: {
      ...qualityAnswer().incidents!,
      events: [event({ repoId: text, handle: text }), hubEvent({ handle: text, detail: { [text]: text } })],
    },
    heldDays: [{ day: day('2026-05-10'), event: hubEvent({ kind: 'day-held', detail: { why: text } }) }],
    decisions: [hubEvent({ kind: 'day-accepted', detail: { why: text } })],
  })

describe('the quality of a file', () => {
  test('has a letter of its own for every state of a day', () => {
    const letters = DAY_STATES.map(state => DAY_LETTERS[state].letter)
    expect(new Set(letters).size).toBe(DAY_STATES.length)
  })

  test('is a calendar and every number with what it means, for the terminal', () => {
    const text = qualityText(qualityAnswer())
    expect(text).toMatch(/\n2026-04 {2}c{30}\n2026-05 {2}ccPc{6}Hc{6}RcccGc{10}\n2026-06 {2}c\.{29}\n/)
    expect(text).toContain('62 days: 58 complete, 1 partial, 1 held, 1 rejected, 1 gap')
    expect(text.replaceAll('\n', ' ')).toContain('P partial: stopped before the end · H held back')
    expect(text).toMatch(/llm v2 +99\.5 % +0\.5 % +87\.5 % +12\.5 %\n/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Duplicate 7: listed more than once, counted once. Absent 21:',
    )
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '2026-06-01 against 2026-05-31: of 1,000 repositories listed and seen before 23.0 % are unchanged in both download counters; the all-time counter of 12 (1.2 %) fell, by 34,567 downloads together.',
    )
    expect(text).toMatch(/2026-05-31 +800 +50\.0 % +0\.999 +1\.002 +23\.0 % +12\n/)
    expect(text).toMatch(/2026-06-01 +complete +2026-06-01 12:17 to 13:24 +2026-06-01 +found in the pages\n/)
    expect(text).toMatch(/Hub incident +1 +0 +0\n/)
    expect(text.indexOf('the whole Hub')).toBeLessThan(text.indexOf('ibm-granite/'))
    expect(text).toContain('2 more: hub-census events lists all of them')
    expect(text).toMatch(/Held days\n[\s\S]*2026-05-10 {2}day held {2}the whole Hub\n {4}share fell 0\.4\n/)
    expect(text).toMatch(/Decisions on days\n2026-05-17 {2}day rejected/)
  })

  test('says what is not known instead of a number', () => {
    const text = qualityText(
      qualityAnswer({
        newest: dayQuality({ daysSince: null }),
        days: [
          dayQuality({ reconciled: 0, within2Percent: 0, medianRatio: null, panelRatio: null, compared: 0 }),
        ],
        coverage: [],
        incidents: { since: day('2026-05-18'), counts: [], events: [], notShown: 0 },
        heldDays: [{ day: day('2026-05-10'), event: null }],
        decisions: [],
      }),
    )
    expect(text).toContain('2026-06-01 is the first complete day')
    expect(text).toMatch(/2026-06-01 +0 +– +– +– +– +12\n/)
    expect(text).toContain('No day is published.')
    expect(text).toContain('2026-05-10: no reason is noted.')
    expect(residualShare(dayQuality({ reconciled: 0 }))).toBeNull()
    const empty = { span: null, basis: fileBasis({ asOf: null, source: null }) }
    expect(qualityText(qualityAnswer(empty))).toContain('No sweep has begun in this file.')
    expect(qualityHtml(qualityAnswer(empty))).toContain('<p>No sweep has begun in this file.</p>')
  })

  test('lets no text move the cursor', () => {
    const text = qualityText(hostileAnswer(`x${String.fromCodePoint(27)}[2J\u202e`))
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })

  test.each([...HOSTILE, '=HYPERLINK("http://x")<img src=x onerror=alert(1)>'])(
    'holds %s as text on its page',
    text => {
      const page = qualityHtml(hostileAnswer(text))
      expect(page).not.toContain(text)
      expect(page).not.toMatch(/<(?:script|img|iframe|object|embed|link|svg|b|i|u)[\s>]/i)
      expect(page).not.toMatch(/\s(?:src|href|action|poster|xlink:href)=["']|url\(|@import/i)
      expect(page).toContain("default-src 'none'")
    },
  )

  test('is in the report as numbers beside words', () => {
    const text = trustSection(qualityAnswer()).markup.replaceAll(/<[^>]*>/g, '')
    expect(text).toContain('to within 2 %, for 94.0 % of 800 repositories; the median is 0.999 of it.')
    expect(text).toContain(
      '4 incidents of the counters are open, or ended since 2026-05-18 (Hub incident 1, spike 3)',
    )
    expect(text).toContain('and 2 more')
    expect(text).toContain(
      '1 day is stored and held back from these numbers until somebody decides: 2026-05-10.',
    )
    const calm = trustSection(
      qualityAnswer({
        newest: dayQuality({ reconciled: 0, within2Percent: 0, medianRatio: null }),
        incidents: { since: day('2026-05-18'), counts: [], events: [], notShown: 0 },
        heldDays: [],
      }),
    ).markup
    expect(calm).toContain('cannot be held against each other yet')
    expect(calm).toContain('<strong>No incident</strong> of the counters is open')
    expect(calm).toContain('<strong>No day</strong> is held back')
    expect(trustSection(hostileAnswer(HOSTILE[0])).markup).not.toContain(HOSTILE[0])
  })
})

describe.skipIf(!HAS_CHROMIUM && !process.env.CI)('the quality page in a browser', () => {
  test('asks for nothing, runs nothing, and can be read at 390 pixels', async () => {
    const file = join(temporaryFolder(), 'quality.html')
    const answer = qualityAnswer()
    writeFileSync(
      file,
      qualityHtml({
        ...answer,
        basis: fileBasis({ notice: NOTICE }),
        incidents: {
          ...answer.incidents!,
          events: [
            event({ repoId: `<img src=x onerror=alert(1)>/${'w'.repeat(90)}` }),
            ...answer.incidents!.events,
          ],
        },
      }),
    )
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
    page.on('dialog', dialog => complaints.push(dialog.message()))
    const url = pathToFileURL(file).href
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(url)
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overflow).toBe(0)
      // The calendar is on the screen as a whole, a letter in every cell.
      const hidden = await page.evaluate(
        `(() => { const box = document.querySelector('table.calendar').parentElement; return box.scrollWidth - box.clientWidth })()`,
      )
      expect(hidden).toBe(0)
    }
    expect(new Set(requests)).toEqual(new Set([url]))
    expect(complaints).toEqual([])
    expect(await page.locator('script, img').count()).toBe(0)
    expect(await page.locator('table.calendar tbody tr').count()).toBe(3)
    const cells = await page.locator('table.calendar td').allTextContents()
    expect(cells).toHaveLength(30 + 31 + 30)
    expect(cells.every(cell => cell.length === 1)).toBe(true)
    expect(await page.getByRole('note').textContent()).toContain('Modelled demonstration data')
  }, 60_000)
})
