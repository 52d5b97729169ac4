import { join } from 'node:path'
import { constants, createGzip, gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { NOON, PAGE_SIZE, threePages } from '../bad-input/three-page-hub.ts'
import { hubId } from '../fixtures/tiny-hub.ts'
import { fakeClock, temporaryFolder, temporaryStore } from '../support/census.ts'
import { interfere, type Passage } from './interference.ts'
import { runMeasuredCli } from './measured-cli.ts'
import { sweepOnce } from './sweeping.ts'

const MEGABYTE = 1024 * 1024
const MOST_MEMORY_MB = 400
const ATTEMPTS = 2

/** Sends pieces until the client has had enough; says how many bytes went out. */
async function pour(
  { response }: Passage,
  headers: Record<string, string | number>,
  piece: Buffer,
  bytes: number,
): Promise<number> {
  response.writeHead(200, headers)
  let written = 0
  while (written < bytes && !response.destroyed) {
    written += piece.length
    if (!response.write(piece)) {
      await new Promise<void>(resolve => {
        response.once('drain', resolve).once('close', resolve)
      })
    }
  }
  response.end()
  return written
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/** Sends a text, packed when asked to. */
const sendText =
  (text: string, isPacked = false) =>
  async ({ response }: Passage) => {
    const body = isPacked ? gzipSync(text, { level: 1 }) : Buffer.from(text)
    response
      .writeHead(200, { ...JSON_HEADERS, ...(isPacked ? { 'content-encoding': 'gzip' } : {}) })
      .end(body)
    return body.length
  }

const SPACES = Buffer.alloc(MEGABYTE, 0x20)
/** A gigabyte of spaces in about a megabyte; the client unpacks what it takes. */
let bomb: Buffer | undefined
async function packedGigabyte(): Promise<Buffer> {
  if (bomb !== undefined) return bomb
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  const chunks: Buffer[] = []
  gzip.on('data', chunk => chunks.push(chunk))
  for (let megabytes = 0; megabytes < 1024; megabytes += 1) {
    if (!gzip.write(SPACES)) await new Promise(resolve => gzip.once('drain', resolve))
  }
  await new Promise(resolve => gzip.end(resolve))
  bomb = Buffer.concat(chunks)
  return bomb
}

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
const inRow = (field: string, json: string) =>
  `[{"_id":"${hubId(5)}","id":"lab/model-5","downloads":1,"tags":[],"${field}":${json}}]`

/** Page 2 as a server sends it that means harm or has gone mad. Each says how many bytes it got rid of. */
const ATTACKS: [string, (passage: Passage) => Promise<number>][] = [
  [
    'a gigabyte packed into a megabyte',
    async passage => {
      const headers = { ...JSON_HEADERS, 'content-encoding': 'gzip' }
      const packed = await packedGigabyte()
      passage.response.writeHead(200, headers).end(packed)
      return packed.length
    },
  ],
  ['2 GB without an end in sight', passage => pour(passage, JSON_HEADERS, SPACES, 2048 * MEGABYTE)],
  [
    '2 GB announced as such',
    passage => pour(passage, { ...JSON_HEADERS, 'content-length': 2048 * MEGABYTE }, SPACES, 2048 * MEGABYTE),
  ],
  ['one text of 10 MB for a row', sendText(`["${'x'.repeat(10 * MEGABYTE)}"]`)],
  ['one text of 10 MB in a row', sendText(inRow('pipeline_tag', `"${'x'.repeat(10 * MEGABYTE)}"`))],
  ['10 million numbers for rows', sendText(`[${'0,'.repeat(1e7 - 1)}0]`, true)],
  ['10 million empty objects for rows', sendText(`[${'{},'.repeat(1e7 - 1)}{}]`, true)],
  ['10 million texts in a row', sendText(inRow('tags', `[${'"",'.repeat(1e7 - 1)}""]`), true)],
  ['lists nested 100,000 deep', sendText(nested('[', ']', 1e5))],
  ['lists nested 100,000 deep in a row', sendText(inRow('safetensors', nested('[', ']', 1e5)))],
  [
    'objects nested 100,000 deep in a row',
    sendText(inRow('cardData', `${nested('{"a":', '}', 1e5).replace('}', '0}')}`)),
  ],
  ['lists nested 65 deep in a row', sendText(inRow('safetensors', nested('[', ']', 65)))],
]

async function attacked(attack: (passage: Passage) => Promise<number>) {
  const { hub } = await threePages()
  const got: number[] = []
  let isAttacking = true
  const front = await interfere(hub, async passage => {
    if (!isAttacking || !passage.params.has('cursor')) return false
    got.push(await attack(passage))
    return true
  })
  const file = join(temporaryFolder(), 'census.db')
  const args = [
    ...['sweep', '--clock', 'hub', '--endpoint', front.origin, '--db', file],
    ...['--page-size', String(PAGE_SIZE), '--attempts', String(ATTEMPTS)],
  ]
  const relent = () => {
    isAttacking = false
  }
  return { front, args, file, got, relent }
}

const stateOf = (file: string) => {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare('SELECT state, page_count, row_count, quarantined_count FROM v1_sweep').raw().all()
  } finally {
    db.close()
  }
}

describe('case 19: an answer of', () => {
  test.each(ATTACKS)(
    '%s ends in exit code 5 after the attempts, below 400 MB; the page before is kept and the sweep resumes',
    async (_, attack) => {
      const { front, args, file, got, relent } = await attacked(attack)
      const met = await runMeasuredCli(args)
      // All at once, so that what is missed is seen beside what is held.
      expect(
        {
          code: met.code,
          signal: met.signal,
          isWithinMemory: met.peakMb < MOST_MEMORY_MB,
          attempts: got.length,
          // What a connection holds on its way is a few megabytes more than what was read.
          isCut: got.every(bytes => bytes < 48 * MEGABYTE),
          says: /^error: .+\n.*^kept: {2}.+\n^next: {2}.+\n/ms.test(met.stderr)
            ? 'error, kept, next'
            : met.stderr,
          sweep: stateOf(file),
        },
        `${Math.round(met.peakMb)} MB at most`,
      ).toEqual({
        code: EXIT_CODES.refused,
        signal: null,
        isWithinMemory: true,
        attempts: ATTEMPTS,
        isCut: true,
        says: 'error, kept, next',
        sweep: [['running', 1, PAGE_SIZE, 0]],
      })
      relent()
      const options = { clock: fakeClock(NOON), pageSize: PAGE_SIZE }
      expect(await sweepOnce(front, temporaryStore(file), options)).toMatchObject({
        began: 'resumed',
        sweep: { state: 'complete', rowCount: 9, storedCount: 9, pageCount: 3 },
      })
    },
  )
})
