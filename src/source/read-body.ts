import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'

/** A page of 1,000 rows is about 0.5 MB; 32 MB is far above the widest page and far below trouble. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/**
 * As it travels a page has 0.1 MB, 0.5 MB where a server does not pack it. Eight pages of a walker are under way at a
 * time, so this is also what bounds its memory.
 */
export const MAX_RECEIVED_BYTES = 8 * 1024 * 1024

const SMALLEST_STEP_BYTES = 16 * 1024
const LARGEST_STEP_BYTES = 2 * 1024 * 1024

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
  maxBytes = MAX_RECEIVED_BYTES,
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
    return gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: stepBytes(bytes) })
  } catch (cause) {
    throw isTooLarge(cause) ? tooLarge(maxBytes) : cause
  }
}

/**
 * Room for the whole of it in one step: the last four bytes of gzip say how long it becomes. Only a hint, from outside:
 * what is longer takes several steps.
 */
function stepBytes(packed: Uint8Array): number {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const said = packed.length < 18 ? 0 : view.getUint32(packed.length - 4, true)
  return Math.min(Math.max(said + 1, SMALLEST_STEP_BYTES), LARGEST_STEP_BYTES)
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function tooLarge(maxBytes: number): BodyTooLargeError {
  return new BodyTooLargeError(`body is larger than ${maxBytes} bytes`)
}
