import type { Readable } from 'node:stream'
import { gunzip, gunzipSync } from 'node:zlib'

/** A page of 1,000 rows is about 0.5 MB; 32 MB is far above the widest page and far below trouble. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

const STEP_BYTES = 1024 * 1024

/** The body is larger than anything the Hub has a reason to send. */
export class BodyTooLargeError extends Error {
  override name = 'BodyTooLargeError'
}

/** A body as it travelled: whoever reads it unpacks it, on whichever thread that is. */
export interface HubBody {
  /** Memory of its own, so that it can change threads. */
  bytes: Uint8Array<ArrayBuffer>
  isGzip: boolean
}

/** Receives a body whole, still packed. Throws BodyTooLargeError past `maxBytes` and hangs up; whatever a cut stream throws. */
export async function receiveBody(
  body: Readable,
  encoding: string | undefined,
  maxBytes = MAX_BODY_BYTES,
): Promise<HubBody> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size > maxBytes) {
      body.destroy()
      throw tooLarge(maxBytes)
    }
    chunks.push(chunk as Buffer)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return { bytes, isGzip: encoding === 'gzip' }
}

/**
 * Unpacks a body, counting bytes as they come out: 292 KB of gzip can become 300 MB. Throws BodyTooLargeError past
 * `maxBytes`, and what zlib throws for bytes that are no gzip or only half of it.
 */
export function unpackBody({ bytes, isGzip }: HubBody, maxBytes = MAX_BODY_BYTES): Uint8Array {
  if (!isGzip) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    throw isTooLarge(cause) ? tooLarge(maxBytes) : cause
  }
}

/** The same in Node's thread pool, in steps so large that a page takes one. Rejects as `unpackBody` throws. */
export function unpackAside(bytes: Uint8Array, maxBytes = MAX_BODY_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes, chunkSize: STEP_BYTES }, (cause, unpacked) => {
      if (cause) reject(isTooLarge(cause) ? tooLarge(maxBytes) : cause)
      // Bytes that share their memory with others cannot change threads.
      else
        resolve(
          unpacked.byteLength === unpacked.buffer.byteLength ? asOwner(unpacked) : new Uint8Array(unpacked),
        )
    })
  })
}

function asOwner(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer as ArrayBuffer)
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function tooLarge(maxBytes: number): BodyTooLargeError {
  return new BodyTooLargeError(`body is larger than ${maxBytes} bytes`)
}
