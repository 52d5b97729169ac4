import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HubBody } from '../../src/source/read-body.ts'
import { decodeText, parseJson, parseJsonBody, UnreadableBodyError } from '../../src/source/read-json.ts'
import { readPage } from '../../src/source/read-page.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { hubIdsOf } from './unpack-rows.ts'
import { texts } from './wire-rows.ts'

/** A body this long is looked through before it is parsed. */
const LOOKED_THROUGH = 4 * 1024 * 1024
const MEGABYTE = 1024 * 1024

const plain = (text: string | Uint8Array): HubBody => ({
  bytes: new Uint8Array(Buffer.from(text)),
  isGzip: false,
})
/** The same JSON, made long with spaces. */
const long = (text: string) => plain(text + ' '.repeat(LOOKED_THROUGH + 1))
const parse = (body: HubBody) => parseJsonBody(body, 'list')

describe('bytes as text', () => {
  /** What the platform makes of them; null where it refuses. */
  function expected(bytes: Uint8Array): string | null {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return null
    }
  }

  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.uint8Array({ max: 0x7f }),
    fc.string({ unit: 'binary' }).map(text => new TextEncoder().encode(text)),
    // Whole characters with one byte changed, or cut.
    fc
      .tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(), fc.nat({ max: 255 }))
      .map(([text, at, byte]) => {
        const whole = new TextEncoder().encode(text)
        whole[at % whole.length] = byte
        return whole
      }),
    fc
      .tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.nat())
      .map(([text, at]) => new TextEncoder().encode(text).slice(0, at % (text.length + 1))),
  )

  test('are read as the platform’s strict decoder reads them, or refused with a TypeError', () => {
    fc.assert(
      fc.property(bytes, found => {
        const text = expected(found)
        // With or without a mark in front is for the parser to judge.
        fc.pre(!text?.startsWith('\ufeff'))
        if (text === null) expect(() => decodeText(found)).toThrow(TypeError)
        else expect(decodeText(found)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('are only those of the view, not of the memory around it', () => {
    const around = new TextEncoder().encode('模"型"模')
    expect(decodeText(around.subarray(3, 8))).toBe('"型"')
    expect(decodeText(around.subarray(3, 4))).toBe('"')
    expect(decodeText(around.subarray(3, 3))).toBe('')
  })
})

describe('a body', () => {
  test('of the kind asked for is what was written, plain or packed, short or long', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), texts, fc.boolean(), (list, text, isGzip) => {
        const value = [...list, { text }]
        const written = Buffer.from(JSON.stringify(value))
        const bytes = new Uint8Array(isGzip ? gzipSync(written) : written)
        expect(parseJsonBody({ bytes, isGzip }, 'list')).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    expect(parse(long('[{"id":"lab/模型"}]'))).toEqual([{ id: 'lab/模型' }])
  })

  test.each([
    ['list', '{}', 'not a list: "{}"'],
    ['list', 'null', 'not a list: "null"'],
    ['list', '"[]"', 'not a list: ""[]""'],
    ['object', '[]', 'not an object: "[]"'],
    ['object', 'null', 'not an object: "null"'],
    ['object', '7', 'not an object: "7"'],
    ['list', '', 'not JSON: ""'],
    ['list', '[1,', 'not JSON: "[1,"'],
    ['list', '[]]', 'not JSON: "[]]"'],
  ] as const)('where a %s is due is no %j', (kind, text, message) => {
    expect(() => parseJsonBody(plain(text), kind)).toThrow(new UnreadableBodyError(message))
  })

  test('shows no more than its first characters, made harmless', () => {
    const error = (() => {
      try {
        return parse(plain(`\u001b[2J\u202e${'x'.repeat(5000)}`))
      } catch (caught) {
        return caught as Error
      }
    })() as Error
    expect(error.message).toMatch(/^not JSON: "\\u\{1b\}\[2J\\u\{202e\}x+"$/)
    expect(error.message.length).toBeLessThan(120)
  })
})

describe('a body of many megabytes', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  test('may nest 64 levels, and not one more', () => {
    expect(parse(long(nested(64)))).toHaveLength(1)
    expect(() => parse(long(nested(65)))).toThrow('nested deeper than 64 levels')
    expect(() => parse(long(`[${'{"a":'.repeat(64)}0${'}'.repeat(64)}]`))).toThrow(UnreadableBodyError)
    // Side by side is not in one another.
    expect(parse(long(`[${Array(500).fill(nested(63)).join()}]`))).toHaveLength(500)
  })

  test('may name brackets, commas and quotes in its texts', () => {
    const text = `"${'[{'.repeat(100)}"${',]}'.repeat(100)}\\`
    const rows = Array.from({ length: 50 }, () => ({ [text]: text }))
    expect(parse(long(JSON.stringify(rows)))).toEqual(rows)
    // After a text that ends in an escaped backslash, brackets count again.
    expect(() => parse(long(`["\\\\",${nested(64)}]`))).toThrow('nested deeper than 64 levels')
  })

  test('may hold two million commas, and not one more', () => {
    const list = (commas: number) => long(`[${'0,'.repeat(commas)}0]`)
    expect(parse(list(2_000_000))).toHaveLength(2_000_001)
    expect(() => parse(list(2_000_001))).toThrow('more than 2000000 values')
  })

  test('may hold a text of a megabyte, and none much longer, however it is written', () => {
    const list = (text: string) => long(`["${text}"]`)
    expect(parse(list('a'.repeat(MEGABYTE)))).toEqual(['a'.repeat(MEGABYTE)])
    expect(() => parse(list('a'.repeat(2 * MEGABYTE)))).toThrow(UnreadableBodyError)
    expect(() => parse(list('\\u0061'.repeat(2 * MEGABYTE)))).toThrow(UnreadableBodyError)
    expect(() => parse(list('模'.repeat(2 * MEGABYTE)))).toThrow(UnreadableBodyError)
    expect(() => parse(list('\\n'.repeat(2 * MEGABYTE)))).toThrow(UnreadableBodyError)
  })
})

describe('a row nested beyond any row', () => {
  const bounds = { startedAt: 1.9e12, observedAt: 1.9e12, afterHubId: null, untilHubId: null }
  const page = (odd: string) => plain(`[${JSON.stringify(row(1))},${odd},${JSON.stringify(row(2))}]`)
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const rows: [string, (value: string) => string][] = [
    ['for a row', value => value],
    ['as its tags', value => `{"_id":"${hubId(3)}","id":"a/b","downloads":1,"tags":${value}}`],
    ['as a counter', value => `{"_id":"${hubId(3)}","id":"a/b","downloads":${value}}`],
    [
      'as its base',
      value => `{"_id":"${hubId(3)}","id":"a/b","downloads":1,"baseModels":{"relation":${value}}}`,
    ],
  ]

  test.each(rows)('makes the page one that no Hub sends: %s', (_, rowOf) => {
    for (const levels of [100, 10_000, 1_000_000]) {
      expect(() => readPage(page(rowOf(nested(levels))), bounds)).toThrow('nested deeper than 64 levels')
    }
  })

  test.each(rows)('is set aside alone when it nests a little: %s', (_, rowOf) => {
    const read = readPage(page(rowOf(nested(40))), bounds)
    expect(hubIdsOf(read)).toEqual([1, 2].map(hubId))
    expect(read.rejected).toHaveLength(1)
  })
})

test('what is not JSON is undefined, which JSON cannot say', () => {
  expect(['', 'undefined', '{', 'NaN', "{'a':1}"].map(parseJson)).toEqual(Array(5).fill(undefined))
  expect(['null', '0', '""', '[]'].map(parseJson)).toEqual([null, 0, '', []])
})
