import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { HubBody } from './read-body.ts'
import { UnreadableBodyError } from './read-json.ts'
import { type PageBounds, type ReadPage, readPage } from './read-page.ts'

/** Turns the bytes of pages into rows, in the order asked or not: every call answers for itself. */
export interface PageReader {
  /** Takes the bytes away from the caller. Rejects with UnreadableBodyError. */
  read(body: HubBody, bounds: PageBounds): Promise<ReadPage>
  close(): Promise<void>
}

/** What goes to the reading thread. */
export interface PageTask {
  id: number
  body: HubBody
  bounds: PageBounds
}

/** What comes back: a page, or why there is none. */
export type PageResult =
  | { id: number; page: ReadPage }
  | { id: number; isUnreadable: boolean; message: string; stack: string | undefined }

/** A walk of a few pages is over before a thread has started. */
const PAGES_BEFORE_THREAD = 4

/**
 * When so many pages wait for the thread, reading is what holds up the walk, and the caller's thread, which then waits too,
 * reads the page itself.
 */
const LONGEST_QUEUE = 4

/** A page takes some 5 MB while it is read. Without limits the thread's memory grows for as long as there is any. */
const MEMORY_LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 32 }

const THREAD_FILE = new URL('./page-thread.js', import.meta.url)

/**
 * Reads pages on a thread of its own, so that parsing and writing each have a core. A first sweep writes for longer than it
 * reads, a later night reads for longer than it writes; then the caller's thread takes the pages that queue (4.3 ms a page
 * against 5.0). Run from its TypeScript sources, where a thread cannot start, it reads on the caller's thread: same answers.
 */
export function openPageReader(): PageReader {
  return existsSync(fileURLToPath(THREAD_FILE)) ? threadedReader() : directReader
}

const directReader: PageReader = {
  read: async (body, bounds) => readPage(body, bounds),
  close: async () => {},
}

interface Waiting {
  /** The thread that has the page. */
  by: Worker
  resolve(page: ReadPage): void
  reject(error: Error): void
}

function threadedReader(): PageReader {
  let thread: Worker | null = null
  let lastId = 0
  let isClosed = false
  const waiting = new Map<number, Waiting>()

  function fail(which: Worker, error: Error): void {
    if (thread === which) thread = null
    for (const [id, ask] of waiting) {
      if (ask.by !== which) continue
      waiting.delete(id)
      ask.reject(error)
    }
  }

  function start(): Worker {
    const started = new Worker(THREAD_FILE, { name: 'page-reader', resourceLimits: MEMORY_LIMITS })
    started.on('message', (result: PageResult) => {
      const ask = waiting.get(result.id)
      waiting.delete(result.id)
      // Not while it is being closed: whoever waits for its end needs the process alive.
      if (waiting.size === 0 && !isClosed) started.unref()
      if ('page' in result) ask?.resolve(result.page)
      else ask?.reject(revive(result))
    })
    started.on('error', error =>
      fail(started, isOutOfMemory(error) ? new UnreadableBodyError(TOO_MUCH) : error),
    )
    started.on('messageerror', error => fail(started, error))
    started.on('exit', code => {
      fail(
        started,
        new Error(
          isClosed ? 'the page reader was closed' : `the page reading thread ended with code ${code}`,
        ),
      )
    })
    return started
  }

  return {
    read(body, bounds) {
      if (isClosed) return Promise.reject(new Error('the page reader is closed'))
      lastId += 1
      if (lastId <= PAGES_BEFORE_THREAD || waiting.size >= LONGEST_QUEUE)
        return directReader.read(body, bounds)
      thread ??= start()
      const by = thread
      const task: PageTask = { id: lastId, body, bounds }
      // An idle thread keeps no process alive; a working one does.
      by.ref()
      by.postMessage(task, [body.bytes.buffer])
      return new Promise((resolve, reject) => waiting.set(task.id, { by, resolve, reject }))
    },
    async close() {
      isClosed = true
      await thread?.terminate()
      thread = null
    },
  }
}

const TOO_MUCH = 'more than the memory that reads a page can hold'

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

function revive(result: Extract<PageResult, { message: string }>): Error {
  const error = result.isUnreadable ? new UnreadableBodyError(result.message) : new Error(result.message)
  if (result.stack !== undefined) error.stack = result.stack
  return error
}
