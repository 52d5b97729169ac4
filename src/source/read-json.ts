import { isAscii, isUtf8 } from 'node:buffer'
import { visibleText } from '../domain/visible-text.ts'
import { BodyTooLargeError, type HubBody, unpackBody } from './read-body.ts'

/** A body that travelled whole and is not what was asked for: an altered answer, worth another attempt. */
export class UnreadableBodyError extends Error {
  override name = 'UnreadableBodyError'
}

/** A page nests five levels; what nests deeper than this is no page. */
export const DEEPEST_NESTING = 64
/** A page of 1,000 rows has some 40,000 values; a list of ten million small ones fills memory from 20 MB of text. */
const MOST_VALUES = 2_000_000
/** The longest text of a page is a licence's name; a megabyte of letters is an attack on memory. */
const LONGEST_TEXT = 1024 * 1024
/** Below this many bytes a text cannot hold enough values to hurt, so it is not looked through. */
const HARMLESS_BYTES = 4 * 1024 * 1024

/** Bytes as UTF-8 text. Throws a TypeError when they are not. */
export function decodeText(bytes: Uint8Array): string {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Nine pages of ten are ASCII, which is read twice as fast.
  if (isAscii(body)) return body.toString('latin1')
  if (!isUtf8(body)) throw new TypeError('the bytes are not UTF-8')
  return body.toString('utf8')
}

/** Unpacks a body and parses it as JSON of the expected kind. Throws UnreadableBodyError. */
export function parseJsonBody(packed: HubBody, expect: 'list' | 'object'): unknown {
  const body = unpack(packed)
  if (body.length > HARMLESS_BYTES) refuseSwollen(body)
  let text: string
  try {
    text = decodeText(body)
  } catch (cause) {
    throw new UnreadableBodyError('body is unreadable: not UTF-8', { cause })
  }
  const json = parseJson(text)
  // A page cut cleanly, a gateway's HTML, an error object under 200: all look like data and are transport faults.
  if (kindOf(json) === expect) return json
  const wanted = json === undefined ? 'JSON' : expect === 'list' ? 'a list' : 'an object'
  throw new UnreadableBodyError(`not ${wanted}: "${visibleText(text, 80)}"`)
}

function unpack(packed: HubBody): Uint8Array {
  try {
    return unpackBody(packed)
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** What failed to unpack, as an answer worth asking for again. */
function unreadable(cause: unknown): UnreadableBodyError {
  const message = cause instanceof BodyTooLargeError ? cause.message : `body was cut or unreadable: ${cause}`
  return new UnreadableBodyError(visibleText(message, 200), { cause })
}

/** Throws UnreadableBodyError for a JSON text that nests deeper, or holds more or longer values, than any answer of the Hub. */
function refuseSwollen(body: Uint8Array): void {
  let depth = 0
  let values = 0
  let textFrom = -1
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]!
    if (textFrom >= 0) {
      if (at - textFrom - 1 > LONGEST_TEXT) {
        throw new UnreadableBodyError(`a text of more than ${LONGEST_TEXT} bytes`)
      }
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) textFrom = -1
    } else if (byte === 0x22) textFrom = at
    else if (byte === 0x2c) values += 1
    else if (byte === 0x5b || byte === 0x7b) depth += 1
    else if (byte === 0x5d || byte === 0x7d) depth -= 1
    if (depth > DEEPEST_NESTING) throw new UnreadableBodyError(`nested deeper than ${DEEPEST_NESTING} levels`)
    if (values > MOST_VALUES) throw new UnreadableBodyError(`more than ${MOST_VALUES} values`)
  }
}

/** Throws UnreadableBodyError when a value nests deeper than any answer of the Hub. */
export function refuseNested(value: object, levelsLeft = DEEPEST_NESTING): void {
  if (levelsLeft === 0) throw new UnreadableBodyError(`nested deeper than ${DEEPEST_NESTING} levels`)
  // `in` and not Object.values: this looks into every row that has a base, and makes nothing.
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === 'object' && member !== null) refuseNested(member, levelsLeft - 1)
  }
}

/** The parsed value, or undefined (which JSON cannot express) when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function kindOf(json: unknown): 'list' | 'object' | 'other' {
  if (Array.isArray(json)) return 'list'
  return typeof json === 'object' && json !== null ? 'object' : 'other'
}
