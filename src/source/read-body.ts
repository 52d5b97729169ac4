import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A page of 1,000 rows is about 0.5 MB; 32 MB is far above the widest page and far below trouble. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024
/** Room for a third of a usual page: Node's own 16 KB would cross to the thread pool and back forty times. */
const GUNZIP_CHUNK_BYTES = 256 * 1024

/** The body is larger than anything the Hub has a reason to send. */
export class BodyTooLargeError extends Error {
  override name = 'BodyTooLargeError'
}

/**
 * Reads a body whole, counting bytes after decompression: 292 KB of gzip can become 300 MB.
 * Throws BodyTooLargeError past `maxBytes`, and whatever the stream throws when it is cut or not gzip.
 */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  maxBytes = MAX_BODY_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  // pipeline, not pipe: a socket cut half-way has to end the reading, not leave it waiting.
  const stream: Readable =
    encoding === 'gzip' ? pipeline(body, createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES }), () => {}) : body
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += (chunk as Buffer).length
    if (size > maxBytes) {
      body.destroy()
      throw new BodyTooLargeError(`body is larger than ${maxBytes} bytes`)
    }
    chunks.push(chunk as Buffer)
  }
  // Memory of its own, not a slice of Node's shared pool: a page changes threads together with its memory.
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
