import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openPageReader, type PageReader } from '../../src/source/page-reader.ts'
import type { HubBody } from '../../src/source/read-body.ts'
import type { PageBounds } from '../../src/source/read-page.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { builtFile, importBuilt } from '../support/built.ts'
import { temporaryFolder } from '../support/census.ts'
import { hubIdsOf } from './unpack-rows.ts'
import { hubIds, wireRows } from './wire-rows.ts'

/** A reader begins on the caller's thread: so many pages are read before there is another. */
const PAGES_BEFORE_THREAD = 4
/** So many pages may wait for the thread; the caller's own reads what comes beside them. */
const LONGEST_QUEUE = 4
const BOUNDS: PageBounds = { startedAt: 1.9e12, observedAt: 1.9e12, afterHubId: null, untilHubId: null }

let built: typeof import('../../src/source/page-reader.ts')
let builtJson: typeof import('../../src/source/read-json.ts')
beforeAll(async () => {
  built = await importBuilt('src/source/page-reader.js')
  builtJson = await importBuilt('src/source/read-json.js')
})

function body(content: unknown, isGzip = true): HubBody {
  const plain = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
  return packed(isGzip ? gzipSync(plain) : plain, isGzip)
}

const packed = (bytes: Uint8Array, isGzip: boolean): HubBody => ({ bytes: new Uint8Array(bytes), isGzip })

/** A reader past its first pages, and every thread it has had. */
async function threaded(): Promise<{ reader: PageReader; threads: Worker[] }> {
  const threads: Worker[] = []
  const note = (worker: Worker) => threads.push(worker)
  process.on('worker', note)
  const reader = built.openPageReader()
  onTestFinished(async () => {
    process.off('worker', note)
    await reader.close()
  })
  for (let page = 0; page < PAGES_BEFORE_THREAD; page += 1) await reader.read(body([]), BOUNDS)
  expect(threads).toEqual([])
  return { reader, threads }
}

/** Resolves when a thread has ended, whatever it died of. */
const endOf = (thread: Worker) => new Promise(resolve => thread.on('exit', resolve))

const outcome = (reading: Promise<unknown>) =>
  reading.then(
    page => ({ page }),
    (error: Error) => ({ name: error.name, message: error.message }),
  )

describe('the thread', () => {
  test('is started by the fifth page, once, and reads it', async () => {
    const { reader, threads } = await threaded()
    for (const number of [1, 2, 3]) {
      const page = await reader.read(body([row(number)]), BOUNDS)
      expect(hubIdsOf(page)).toEqual([hubId(number)])
    }
    expect(threads).toHaveLength(1)
  })

  test('reads any page as the caller’s own thread does', async () => {
    const { reader, threads } = await threaded()
    const direct = openPageReader()
    const moment = 1_787_140_780_000
    const bounds = fc.record({
      startedAt: fc.integer({ min: moment - 5000, max: moment + 45_000 }),
      observedAt: fc.integer({ min: moment - 5000, max: moment + 45_000 }),
      afterHubId: fc.option(hubIds),
      untilHubId: fc.option(hubIds),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(wireRows, { maxLength: 12 }),
        bounds,
        fc.boolean(),
        async (rows, ...asked) => {
          const [limits, isGzip] = asked
          const here = await outcome(direct.read(body(rows, isGzip), limits))
          expect(await outcome(reader.read(body(rows, isGzip), limits))).toEqual(here)
        },
      ),
      { numRuns: 300 },
    )
    expect(threads).toHaveLength(1)
  })

  test('hands back columns that are the caller’s, each in memory of its own', async () => {
    const { reader } = await threaded()
    const { rows } = await reader.read(body([row(1, { likes: 7 }), row(2)]), BOUNDS)
    const columns = Object.values(rows).filter(ArrayBuffer.isView)
    expect(columns.length).toBeGreaterThan(8)
    expect(new Set(columns.map(({ buffer }) => buffer)).size).toBe(columns.length)
    rows.likes[1] = 5
    expect([...rows.likes]).toEqual([7, 5])
  })

  test('takes the bytes away from the caller', async () => {
    const { reader } = await threaded()
    for (const isGzip of [true, false]) {
      const given = body([row(1)], isGzip)
      await reader.read(given, BOUNDS)
      if (!isGzip) expect(given.bytes.byteLength).toBe(0)
    }
  })

  test('answers every one of many overlapping calls with its own page or error', async () => {
    const { reader, threads } = await threaded()
    const direct = openPageReader()
    const bodies = Array.from({ length: 60 }, (_, number) => {
      if (number % 7 === 3) return () => body(Buffer.from(`no page ${number}`))
      // Long and short in turn, so that they are done in another order than begun.
      const rows = Array.from({ length: number % 5 === 0 ? 800 : 1 }, (_, index) =>
        row(number * 1000 + index),
      )
      return () => body(rows, number % 2 === 0)
    })
    const there = bodies.map(make => outcome(reader.read(make(), BOUNDS)))
    const here = bodies.map(make => outcome(direct.read(make(), BOUNDS)))
    expect(await Promise.all(there)).toEqual(await Promise.all(here))
    expect(threads).toHaveLength(1)
  })
})

describe('a page that comes when others wait for the thread', () => {
  /** The thread takes the bytes away from whoever hands them over. */
  const isSent = ({ bytes }: HubBody) => bytes.byteLength === 0
  const busy = (reader: PageReader, count = LONGEST_QUEUE) => {
    const bodies = Array.from({ length: count }, (_, number) => body([row(number)], false))
    return { bodies, reads: bodies.map(given => reader.read(given, BOUNDS)) }
  }

  test('is read by the caller’s thread once as many wait as may', async () => {
    const { reader, threads } = await threaded()
    const { bodies, reads } = busy(reader, LONGEST_QUEUE + 3)
    expect(bodies.map(isSent)).toEqual([...Array(LONGEST_QUEUE).fill(true), false, false, false])
    const found = (await Promise.all(reads)).map(page => hubIdsOf(page))
    expect(found).toEqual(bodies.map((_, number) => [hubId(number)]))
    expect(threads).toHaveLength(1)
    // The queue is empty again: the next one is the thread's.
    const next = body([row(99)], false)
    const reading = reader.read(next, BOUNDS)
    expect(isSent(next)).toBe(true)
    expect(hubIdsOf(await reading)).toEqual([hubId(99)])
  })

  test('is read at once: it does not wait for those that came before it', async () => {
    const { reader } = await threaded()
    const { reads } = busy(reader)
    const ended: string[] = []
    const noted = [...reads, reader.read(body([row(99)], false), BOUNDS)].map((reading, number) =>
      reading.then(() => ended.push(number < LONGEST_QUEUE ? 'thread' : 'caller')),
    )
    await Promise.all(noted)
    expect(ended).toEqual(['caller', ...Array(LONGEST_QUEUE).fill('thread')])
  })

  test('answers for itself when it is no page, and so does each of the others', async () => {
    const { reader } = await threaded()
    const { reads } = busy(reader)
    const wrong = reader.read(body(Buffer.from('no page')), BOUNDS)
    const right = reader.read(body([row(98)]), BOUNDS)
    const error = await wrong.catch(reason => reason)
    expect(error).toBeInstanceOf(builtJson.UnreadableBodyError)
    expect(error.message).toContain('not JSON: "no page"')
    expect(hubIdsOf(await right)).toEqual([hubId(98)])
    for (const [number, reading] of reads.entries()) expect(hubIdsOf(await reading)).toEqual([hubId(number)])
  })

  test('does not die with the thread that the others wait for', async () => {
    const { reader, threads } = await threaded()
    await reader.read(body([]), BOUNDS)
    const ended = endOf(threads[0]!)
    threads[0]!.postMessage(null)
    const { reads } = busy(reader)
    const beside = reader.read(body([row(99)]), BOUNDS)
    expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(
      Array(LONGEST_QUEUE).fill('rejected'),
    )
    expect(hubIdsOf(await beside)).toEqual([hubId(99)])
    await ended
    expect(hubIdsOf(await reader.read(body([row(1)]), BOUNDS))).toEqual([hubId(1)])
    expect(threads).toHaveLength(2)
  })

  test('is read as ever, in whatever numbers pages come', async () => {
    const { reader } = await threaded()
    const direct = openPageReader()
    const bursts = fc.array(fc.tuple(wireRows, fc.boolean()), { minLength: 1, maxLength: 14 })
    const seen = { thread: 0, caller: 0 }
    await fc.assert(
      fc.asyncProperty(bursts, async burst => {
        const here = burst.map(([found]) => outcome(direct.read(body([found], false), BOUNDS)))
        const bodies = burst.map(([found, isGzip]) => body([found], isGzip))
        const there = bodies.map(given => outcome(reader.read(given, BOUNDS)))
        for (const given of bodies) seen[isSent(given) ? 'thread' : 'caller'] += 1
        expect(await Promise.all(there)).toEqual(await Promise.all(here))
      }),
      { numRuns: 100 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(50)
  })
})

describe('a body that is no page', () => {
  const deep = (levels: number) => Buffer.from(`[${'['.repeat(levels)}${']'.repeat(levels)}]`)
  const whole = gzipSync(JSON.stringify(Array.from({ length: 50 }, (_, index) => row(index))))
  const damaged = Buffer.from(whole)
  damaged[damaged.length >> 1]! ^= 0xff
  const bodies: [string, () => HubBody, string][] = [
    ['text under the name of gzip', () => packed(Buffer.from('[]'), true), 'incorrect header check'],
    ['nothing under the name of gzip', () => packed(Buffer.alloc(0), true), 'unexpected end of file'],
    [
      'half a gzip stream',
      () => packed(whole.subarray(0, whole.length >> 1), true),
      'unexpected end of file',
    ],
    ['a damaged gzip stream', () => packed(damaged, true), 'body was cut or unreadable'],
    ['gzip under no name', () => packed(whole, false), 'not UTF-8'],
    [
      'a bomb',
      () => packed(gzipSync(Buffer.alloc((32 << 20) + 1, 0x20)), true),
      'larger than 33554432 bytes',
    ],
    ['nothing', () => packed(Buffer.alloc(0), false), 'not JSON: ""'],
    ['HTML', () => body(Buffer.from('<!doctype html>')), 'not JSON: "<!doctype html>"'],
    ['half of a page', () => body(Buffer.from('[{"_id":"6a')), 'not JSON'],
    ['an object', () => body({ error: 'busy' }), 'not a list: "{"error":"busy"}"'],
    ['null', () => body(null), 'not a list: "null"'],
    ['bytes that are no text', () => body(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])), 'not UTF-8'],
    ['brackets in brackets', () => body(deep(100)), 'nested deeper than 64 levels'],
    ['a million brackets in brackets', () => body(deep(1_000_000)), 'nested deeper than 64 levels'],
    ['three million of them', () => body(deep(3_000_000)), 'nested deeper than 64 levels'],
    [
      'more values than memory likes',
      () => body(Buffer.from(`[${'[],'.repeat(2_000_001)}[]]`)),
      'more than 2000000 values',
    ],
  ]

  test.each(bodies)('is an UnreadableBodyError from the thread too: %s', async (_, make, message) => {
    const { reader, threads } = await threaded()
    const error = await reader.read(make(), BOUNDS).catch(reason => reason)
    expect(error).toBeInstanceOf(builtJson.UnreadableBodyError)
    expect(error.message).toContain(message)
    expect(error.message).not.toMatch(/\p{Cc}/u)
    expect(await outcome(openPageReader().read(make(), BOUNDS))).toEqual({
      name: 'UnreadableBodyError',
      message: error.message,
    })
    // The thread lives on.
    expect(hubIdsOf(await reader.read(body([row(1)]), BOUNDS))).toEqual([hubId(1)])
    expect(threads).toHaveLength(1)
  })
})

describe('a thread that dies', () => {
  /** What stops it before it comes to whatever it is sent next: an exception of its own, or an end from outside. */
  const deaths: [string, (thread: Worker) => void][] = [
    ['by an exception', thread => thread.postMessage(null)],
    ['by an end from outside', thread => void thread.terminate()],
  ]

  test.each(deaths)('rejects everything that waits for it: %s', async (_, kill) => {
    const { reader, threads } = await threaded()
    await reader.read(body([]), BOUNDS)
    kill(threads[0]!)
    const reads = [1, 2, 3].map(number => reader.read(body([row(number)], false), BOUNDS))
    const ends = await Promise.allSettled(reads)
    expect(ends.map(({ status }) => status)).toEqual(Array(3).fill('rejected'))
    for (const end of ends) {
      const { reason } = end as PromiseRejectedResult
      expect(reason).toBeInstanceOf(Error)
      // No fault of the Hub: asking again would not help.
      expect(reason).not.toBeInstanceOf(builtJson.UnreadableBodyError)
    }
  })

  test.each(deaths)('is followed by another for what is read after it: %s', async (_, kill) => {
    const { reader, threads } = await threaded()
    await reader.read(body([]), BOUNDS)
    const ended = endOf(threads[0]!)
    kill(threads[0]!)
    await reader.read(body([row(1)], false), BOUNDS).catch(() => {})
    await ended
    expect(hubIdsOf(await reader.read(body([row(2)]), BOUNDS))).toEqual([hubId(2)])
    expect(threads).toHaveLength(2)
  })

  test('does not take with it what another thread reads already', async () => {
    const { reader, threads } = await threaded()
    await reader.read(body([]), BOUNDS)
    const ended = endOf(threads[0]!)
    threads[0]!.postMessage(null)
    await expect(reader.read(body([row(1)], false), BOUNDS)).rejects.toThrow()
    // The old thread has failed and is still ending.
    const next = reader.read(body([row(2)], false), BOUNDS)
    await ended
    expect(hubIdsOf(await next)).toEqual([hubId(2)])
    // Nor is the new one forgotten for the old one's end.
    expect(hubIdsOf(await reader.read(body([row(3)]), BOUNDS))).toEqual([hubId(3)])
    expect(threads).toHaveLength(2)
  })
})

describe('closing', () => {
  test('ends the thread, and may be done twice or before there is one', async () => {
    const { reader, threads } = await threaded()
    await reader.read(body([]), BOUNDS)
    expect(threads[0]!.threadId).toBeGreaterThan(0)
    await reader.close()
    expect(threads[0]!.threadId).toBe(-1)
    await reader.close()
    await built.openPageReader().close()
  })

  test('leaves other readers alone', async () => {
    const one = await threaded()
    const other = await threaded()
    await one.reader.read(body([]), BOUNDS)
    await other.reader.read(body([]), BOUNDS)
    await one.reader.close()
    expect(hubIdsOf(await other.reader.read(body([row(1)]), BOUNDS))).toEqual([hubId(1)])
  })
})

describe('a process', () => {
  /** Runs a module in a process of its own, with a `reader`, and `read(number)` for a page of one row. */
  async function run(lines: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const script = `
      import { openPageReader } from ${JSON.stringify(pathToFileURL(builtFile('src/source/page-reader.js')).href)}
      const reader = openPageReader()
      const bounds = ${JSON.stringify(BOUNDS)}
      const read = number => {
        const bytes = new Uint8Array(Buffer.from(JSON.stringify([{ _id: String(number).padStart(24, '0'), id: 'a/b', downloads: number }])))
        return reader.read({ bytes, isGzip: false }, bounds)
      }
      ${lines}
    `
    const file = join(temporaryFolder(), 'reads.mjs')
    writeFileSync(file, script)
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }

  test('ends once its reader is closed', async () => {
    const ended = await run(`
      for (let number = 1; number <= 8; number += 1) await read(number)
      await reader.close()
      console.log('closed')
    `)
    expect(ended).toEqual({ code: 0, stdout: 'closed\n', stderr: '' })
  })

  test('ends by itself when its reader is idle, and not before what it reads is read', async () => {
    const ended = await run(`
      for (let number = 1; number <= 20; number += 1) read(number).then(({ rows }) => console.log(rows.downloads30d[0]))
    `)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(
      ended.stdout
        .trim()
        .split('\n')
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  test('is not left waiting for a page that a closed reader will never read', async () => {
    // A process whose last promise nobody will ever settle ends with code 13.
    const ended = await run(`
      for (let number = 1; number <= 5; number += 1) await read(number)
      const reading = [6, 7, 8].map(read)
      const ends = Promise.allSettled(reading)
      await reader.close()
      console.log((await ends).length)
    `)
    expect(ended).toMatchObject({ code: 0, stdout: '3\n' })
  })
})

test('closing it while an answer is on its way ends, and the process with it', async () => {
  const script = `
    import { openPageReader } from ${JSON.stringify(pathToFileURL(builtFile('src/source/page-reader.js')).href)}
    const reader = openPageReader()
    const bounds = { startedAt: 0, observedAt: 0, afterHubId: null, untilHubId: null }
    const page = () => reader.read({ bytes: new Uint8Array(Buffer.from('[]')), isGzip: false }, bounds)
    for (let read = 0; read <= ${PAGES_BEFORE_THREAD}; read += 1) await page()
    page().catch(() => {})
    // Long enough for the thread: its answer waits to be heard when the reader is closed.
    for (const since = Date.now(); Date.now() - since < 200; );
    await reader.close()
    process.stdout.write('closed')`
  const file = join(temporaryFolder(), 'close.mjs')
  writeFileSync(file, script)
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', chunk => {
    said += String(chunk)
  })
  const [code] = await once(child, 'close')
  expect([code, said]).toEqual([0, 'closed'])
})
