import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FaultRequest } from '../../fixtures/miniature-hub/faults.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { failureOf, NOON, PAGE_SIZE, threePages, undisturbed } from '../bad-input/three-page-hub.ts'
import { hubId } from '../fixtures/tiny-hub.ts'
import { fakeClock, temporaryFolder, temporaryStore } from '../support/census.ts'
import { runCli } from '../support/cli.ts'
import { contentLines } from '../support/content-hash.ts'
import { interfere } from './interference.ts'
import { readAll, sweepOnce } from './sweeping.ts'

const SECRET = 'hf_TESTSECRET0123456789'

/** A host that takes note of every connection, and of what is sent to it. */
async function listeningHost() {
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { host: `127.0.0.1:${port}`, connections: () => connections }
}

/** The content of a file without the address it was read from. */
const withoutSource = (lines: readonly string[]) =>
  lines.map(line => line.replace(/http:\/\/127\.0\.0\.1:\d+[/\w-]*/g, 'http://hub'))

describe('case 12: a next link', () => {
  test.each(['http', 'https'])(
    'to another host by %s costs one warning on the command line; the host sees no connection',
    async scheme => {
      const evil = await listeningHost()
      const { hub } = await threePages()
      const origin = `${scheme}://${evil.host}`
      const on = ({ params }: FaultRequest) => params.get('limit') === String(PAGE_SIZE)
      hub.faults.push({ kind: 'otherHostNext', origin, on, times: 2 })
      const file = join(temporaryFolder(), 'census.db')
      const args = [
        'sweep',
        '--db',
        file,
        '--endpoint',
        hub.origin,
        '--clock',
        'hub',
        '--page-size',
        String(PAGE_SIZE),
      ]
      const met = await runCli(args, { env: { HF_TOKEN: SECRET, HUB_CENSUS_QUOTA_SHARE: '1' } })
      expect([met.code, hub.faults.fired.length]).toEqual([EXIT_CODES.complete, 2])
      expect(met.stdout).toContain('complete: rows in 9 =')
      expect(met.stderr.match(/^warning: /gm)).toHaveLength(1)
      expect(met.stderr).toContain(evil.host)
      expect(evil.connections()).toBe(0)
    },
  )

  test('without the path prefix of the configured endpoint is asked below the prefix', async () => {
    const { hub } = await threePages()
    const whole = withoutSource(await undisturbed(hub))
    const prefix = '/mirror/hub'
    // The links of the Hub behind know nothing of the prefix: they say /api/models.
    const mirror = await interfere(hub, () => false, prefix)
    const store = temporaryStore()
    const { sweep } = await sweepOnce(mirror, store, {
      clock: fakeClock(NOON),
      pageSize: PAGE_SIZE,
      token: SECRET,
    })
    expect(sweep).toMatchObject({ state: 'complete', rowCount: 9, source: mirror.origin })
    expect(mirror.asked.every(path => path.startsWith(`${prefix}/api/models?`))).toBe(true)
    expect(mirror.asked).toHaveLength(3)
    expect(withoutSource(contentLines(store.file))).toEqual(whole)
  })
})

describe('case 14: a cursor that goes round', () => {
  /** The link of a page replaced, whatever it would have been. */
  async function relinked(link: (page: 1 | 2 | 3, own: string) => string | null) {
    const { hub } = await threePages()
    const whole = withoutSource(await undisturbed(hub))
    let isSpoiled = true
    const front = await interfere(hub, async ({ params, url, answer, response }) => {
      const cursor = params.get('cursor')
      const page = cursor === null ? 1 : cursor === cursorOf(2) ? 2 : 3
      const next = link(page, url)
      if (!isSpoiled || next === null) return false
      const { headers, body } = await answer()
      response.writeHead(200, { ...headers, link: `<${next}>; rel="next"` }).end(body)
      return true
    })
    const mend = () => {
      isSpoiled = false
    }
    return { front, whole, mend }
  }
  const cursorOf = (page: 2 | 3) =>
    Buffer.from(JSON.stringify({ _id: { $gt: hubId((page - 1) * PAGE_SIZE) } })).toString('base64')
  const pathTo = (page: 2 | 3) =>
    `/api/models?limit=${PAGE_SIZE}&cursor=${encodeURIComponent(cursorOf(page))}`

  test.each([
    ['A to B to A', (page: number) => (page === 3 ? pathTo(2) : null), 3, 2],
    ['the address asked, with its cursor', (page: number, own: string) => (page === 2 ? own : null), 2, 1],
    ['the address asked, the first page’s', (page: number, own: string) => (page === 1 ? own : null), 1, 0],
  ])(
    '%s is exit code 5 at the first repeat; what came before is kept and the next run resumes',
    async (...of) => {
      const [, link, at, kept] = of
      const { front, whole, mend } = await relinked(link)
      const store = temporaryStore()
      const run = () => sweepOnce(front, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
      const failure = await failureOf(run(), EXIT_CODES.refused)
      expect(readAll(store, 'SELECT state, page_count, row_count, duplicate_count FROM v1_sweep')).toEqual([
        ['running', kept, kept * PAGE_SIZE, 0],
      ])
      expect(front.asked.length).toBeLessThanOrEqual(at + 1)
      expect(failure.remedy.happened).toContain(`cursor repeats at page ${at}`)
      mend()
      expect((await run()).began).toBe('resumed')
      expect(withoutSource(contentLines(store.file))).toEqual(whole)
    },
  )

  test('is walked once round by each run at most: the day never counts as complete, and no row counts twice', async () => {
    const { front, mend } = await relinked(page => (page === 3 ? pathTo(2) : null))
    const store = temporaryStore()
    const run = () => sweepOnce(front, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
    for (let runs = 1; runs <= 5; runs += 1) {
      await failureOf(run(), EXIT_CODES.refused)
      expect(front.asked.length).toBeLessThanOrEqual(4 * runs)
      expect(readAll(store, 'SELECT state FROM v1_sweep')).toEqual([['running']])
    }
    mend()
    expect((await run()).sweep).toMatchObject({ state: 'complete', downloads30dTotal: 4500, absentCount: 0 })
    expect(
      readAll(store, 'SELECT count(*), count(DISTINCT hub_id), sum(downloads_30d) FROM v1_observation'),
    ).toEqual([[9, 9, 4500]])
  })
})
