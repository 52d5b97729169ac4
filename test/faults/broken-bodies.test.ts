import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { openStore } from '../../src/store/open-store.ts'
import { NOON, PAGE_SIZE, threePages } from '../bad-input/three-page-hub.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { fakeClock, MIGRATIONS, temporaryFolder, temporaryStore } from '../support/census.ts'
import { contentLines } from '../support/content-hash.ts'
import { interfere, type Passage, type RightAnswer, sendRaw } from './interference.ts'
import { readAll, sweepOnce } from './sweeping.ts'

const ATTEMPTS = 3

/** Names of more than one byte a letter, so that a cut can fall into the middle of one. */
const ROWS = Array.from({ length: 9 }, (_, index) =>
  row(index + 1, {
    id: `lab/模型-é-🙂-${index + 1}`,
    downloads: index,
    tags: index > 0 ? ['base_model:finetune:lab/模型-é-🙂-1'] : [],
  }),
)

type Spoiling = (passage: Passage, right: RightAnswer) => void

/** Where something happens to a body, as a part of its length: from its first byte to its last. */
const place = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.999_999) },
)

function sent(
  { headers, body }: RightAnswer,
  isPacked: boolean,
): { head: Record<string, string>; bytes: Buffer } {
  return isPacked
    ? { head: { ...headers, 'content-encoding': 'gzip' }, bytes: gzipSync(body) }
    : { head: headers, bytes: body }
}

/** Ways to spoil an answer on its way; `part` says where. Each leaves the status 200 and the link as they were. */
const WAYS: Record<string, (part: number, isPacked: boolean) => Spoiling> = {
  'cut with the socket': (part, isPacked) => (passage, right) => {
    const { head, bytes } = sent(right, isPacked)
    const cut = bytes.subarray(0, Math.floor(bytes.length * part))
    sendRaw(passage, { ...head, 'content-length': bytes.length }, cut, 'reset')
  },
  'cut cleanly': (part, isPacked) => (passage, right) => {
    const { head, bytes } = sent(right, isPacked)
    passage.response.writeHead(200, head).end(bytes.subarray(0, Math.floor(bytes.length * part)))
  },
  'a content-length that is too short': (part, isPacked) => (passage, right) => {
    const { head, bytes } = sent(right, isPacked)
    sendRaw(passage, { ...head, 'content-length': Math.floor(bytes.length * part) }, bytes)
  },
  'a content-length that is too long': (part, isPacked) => (passage, right) => {
    const { head, bytes } = sent(right, isPacked)
    sendRaw(passage, { ...head, 'content-length': bytes.length + 1 + Math.floor(part * 100) }, bytes)
  },
  'a byte that is no UTF-8': (part, isPacked) => (passage, right) => {
    const body = Buffer.from(right.body)
    // No byte of UTF-8 is 0xff, wherever it stands.
    body[Math.floor(body.length * part)] = 0xff
    const { head, bytes } = sent({ ...right, body }, isPacked)
    passage.response.writeHead(200, head).end(bytes)
  },
}

/** A hub whose pages are each spoiled so many times before they come as they are. */
async function spoiledHub(spoil: () => Spoiling, times: number, page?: number) {
  const { hub } = await threePages({ rows: ROWS })
  const whole = temporaryStore()
  await sweepOnce(hub, whole, { clock: fakeClock(NOON), pageSize: PAGE_SIZE })
  const left = new Map<string | null, number>()
  const front = await interfere(hub, async passage => {
    const cursor = passage.params.get('cursor')
    const number = cursor === null ? 1 : cursor === cursorOf(2) ? 2 : 3
    const rest = left.get(cursor) ?? (page === undefined || page === number ? times : 0)
    left.set(cursor, rest - 1)
    if (rest <= 0) return false
    spoil()(passage, await passage.answer())
    return true
  })
  const lines = contentLines(whole.file).map(line => line.replaceAll(hub.origin, 'hub'))
  return {
    front,
    lines,
    left,
    linesOf: (file: string) => contentLines(file).map(line => line.replaceAll(front.origin, 'hub')),
  }
}

const cursorOf = (page: number) =>
  Buffer.from(JSON.stringify({ _id: { $gt: hubId((page - 1) * PAGE_SIZE) } })).toString('base64')

describe('case 17', () => {
  test('a page spoiled anywhere on its way, in any of these ways, is thrown away whole and asked for again', async () => {
    let way: Spoiling = () => {}
    const { front, lines, left, linesOf } = await spoiledHub(() => way, 1)
    const folder = temporaryFolder()
    let files = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(WAYS)),
        place,
        fc.boolean(),
        async (name, part, isPacked) => {
          way = WAYS[name]!(part, isPacked)
          left.clear()
          const asked = front.asked.length
          const store = openStore({ file: `${folder}/${files++}.db`, migrationsFolder: MIGRATIONS })
          try {
            const options = { clock: fakeClock(NOON), pageSize: PAGE_SIZE, attempts: ATTEMPTS }
            const { sweep } = await sweepOnce(front, store, options)
            expect(sweep).toMatchObject({
              state: 'complete',
              rowCount: 9,
              quarantinedCount: 0,
              duplicateCount: 0,
            })
            expect(front.asked.length - asked).toBeGreaterThanOrEqual(6)
            expect(linesOf(store.file)).toEqual(lines)
          } finally {
            store.close()
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  test.each(Object.keys(WAYS))(
    '%s, for good: exit code 3 or 5 after the attempts, no row of that page stored, and it resumes',
    async name => {
      const { front, lines, left, linesOf } = await spoiledHub(() => WAYS[name]!(0.6, false), ATTEMPTS * 4, 2)
      const store = temporaryStore()
      const run = () =>
        sweepOnce(front, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE, attempts: ATTEMPTS })
      const failure = await run().then(
        () => null,
        error => error,
      )
      expect(failure).toBeInstanceOf(CensusError)
      expect([EXIT_CODES.partial, EXIT_CODES.refused]).toContain((failure as CensusError).exitCode)
      expect(front.asked.filter(url => url.includes(encodeURIComponent(cursorOf(2))))).toHaveLength(ATTEMPTS)
      expect(readAll(store, 'SELECT state, row_count, quarantined_count FROM v1_sweep')).toEqual([
        ['running', PAGE_SIZE, 0],
      ])
      expect(readAll(store, 'SELECT hub_id FROM v1_observation ORDER BY 1').flat()).toEqual(
        [1, 2, 3].map(hubId),
      )
      left.set(cursorOf(2), 0)
      expect((await run()).began).toBe('resumed')
      expect(linesOf(store.file)).toEqual(lines)
    },
  )

  test('a byte order mark in front is thrown away with its page, and the page asked for again', async () => {
    const spoil: Spoiling = ({ response }, { headers, body }) => {
      response.writeHead(200, headers).end(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))
    }
    const { front, lines, linesOf } = await spoiledHub(() => spoil, 1)
    const store = temporaryStore()
    await sweepOnce(front, store, { clock: fakeClock(NOON), pageSize: PAGE_SIZE, attempts: ATTEMPTS })
    expect(linesOf(store.file)).toEqual(lines)
    expect(front.asked.length).toBeGreaterThanOrEqual(6)
  })
})
