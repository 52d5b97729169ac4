import { parentPort } from 'node:worker_threads'
import type { PageResult, PageTask } from './page-reader.ts'
import { UnreadableBodyError } from './read-json.ts'
import { readPage } from './read-page.ts'

/** The reading thread: bytes in, columns out. Every buffer changes hands instead of being copied. */
parentPort?.on('message', ({ id, body, bounds }: PageTask) => {
  let result: PageResult
  const moved: ArrayBuffer[] = []
  try {
    const page = readPage(body, bounds)
    for (const column of Object.values(page.rows)) {
      if (ArrayBuffer.isView(column)) moved.push(column.buffer as ArrayBuffer)
    }
    result = { id, page }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const isUnreadable = error instanceof UnreadableBodyError
    result = { id, isUnreadable, message: error.message, stack: error.stack }
  }
  parentPort?.postMessage(result, moved)
})
