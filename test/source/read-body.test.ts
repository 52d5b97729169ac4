import { Readable } from 'node:stream'
import { createGzip, gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyTooLargeError, receiveBody, unpackBody } from '../../src/source/read-body.ts'
import { decodeText } from '../../src/source/read-json.ts'

const readBody = async (...args: Parameters<typeof receiveBody>) =>
  decodeText(unpackBody(await receiveBody(...args), args[2]))
const bytes = (...chunks: Uint8Array[]) => Readable.from(chunks, { objectMode: false })

test('a body is read whole, plain and compressed', async () => {
  const text = JSON.stringify([{ id: 'lab/模型' }])
  expect(await readBody(bytes(Buffer.from(text)), undefined)).toBe(text)
  expect(await readBody(bytes(gzipSync(text)), 'gzip')).toBe(text)
})

test('a character that two chunks share is one character', async () => {
  const whole = Buffer.from('"模"')
  const chunks = [...whole].map(byte => Buffer.from([byte]))
  expect(await readBody(bytes(...chunks), undefined)).toBe('"模"')
})

test('the limit counts bytes and is itself allowed', async () => {
  expect(await readBody(bytes(Buffer.from('12345')), undefined, 5)).toBe('12345')
  await expect(readBody(bytes(Buffer.from('123456')), undefined, 5)).rejects.toThrow(BodyTooLargeError)
  await expect(readBody(bytes(Buffer.from('ééé')), undefined, 5)).rejects.toThrow('larger than 5 bytes')
})

test('a gzip bomb is stopped by what it becomes, and its source is hung up on', async () => {
  // Without an end: a reader that waited for the whole body would never return.
  function* endless() {
    for (;;) yield Buffer.alloc(1 << 16, 0x20)
  }
  const source = Readable.from(endless(), { objectMode: false })
  const bomb = source.pipe(createGzip())
  let compressed = 0
  bomb.on('data', chunk => {
    compressed += chunk.length
  })
  await expect(readBody(bomb, 'gzip', 1 << 20)).rejects.toThrow(BodyTooLargeError)
  expect(bomb.destroyed).toBe(true)
  expect(compressed).toBeLessThan(2 << 20)
  source.destroy()
})

test('a small compressed body that becomes too large is refused though its own bytes are few', async () => {
  const packed = gzipSync(Buffer.alloc(3 << 20, 0x20))
  expect(packed.length).toBeLessThan(10_000)
  await expect(readBody(bytes(packed), 'gzip', 1 << 20)).rejects.toThrow(BodyTooLargeError)
})

test('half of a gzip stream is no body, not a shorter one', async () => {
  const packed = gzipSync(JSON.stringify(Array.from({ length: 500 }, (_, number) => ({ number }))))
  await expect(readBody(bytes(packed.subarray(0, packed.length >> 1)), 'gzip')).rejects.toThrow(
    'unexpected end',
  )
})

test('text under the name of gzip is refused', async () => {
  await expect(readBody(bytes(Buffer.from('[]')), 'gzip')).rejects.toThrow('incorrect header')
})

test('bytes that are not UTF-8 are refused, not replaced', async () => {
  await expect(readBody(bytes(Buffer.from([0x22, 0xff, 0x22])), undefined)).rejects.toThrow(TypeError)
  await expect(readBody(bytes(Buffer.from('"模"').subarray(0, 3)), undefined)).rejects.toThrow(TypeError)
})

test('a source that breaks off ends the reading with its error', async () => {
  const broken = new Readable({ read() {} })
  broken.push(gzipSync('[1,2,3]').subarray(0, 8))
  const reading = readBody(broken, 'gzip')
  broken.destroy(new Error('socket cut'))
  await expect(reading).rejects.toThrow('socket cut')
})

describe('a packed body', () => {
  type Outcome = { bytes: Uint8Array } | { error: string }

  function outcome(unpack: () => Uint8Array): Outcome {
    try {
      return { bytes: new Uint8Array(unpack()) }
    } catch (error) {
      return { error: error instanceof BodyTooLargeError ? 'too large' : String(error) }
    }
  }

  /** What the platform makes of it in its own small steps, without a hint from the bytes. */
  function expected(bytes: Uint8Array, maxBytes: number): Outcome {
    const found = outcome(() => gunzipSync(bytes, { maxOutputLength: maxBytes }))
    return 'error' in found && found.error.includes('Cannot create a Buffer larger')
      ? { error: 'too large' }
      : found
  }

  const sizes = fc.oneof(
    fc.nat({ max: 40 }),
    fc.nat({ max: 70_000 }),
    fc.constantFrom(16_383, 16_384, 16_385, 1 << 20, (2 << 20) - 1, 2 << 20, (2 << 20) + 1),
  )
  /** A member of so many bytes, cut at a place, with one byte changed, with something behind it. */
  const member = fc.record(
    {
      size: sizes,
      isNoise: fc.boolean(),
      cutAt: fc.nat(),
      damageAt: fc.nat(),
      behind: fc.uint8Array({ maxLength: 20 }),
    },
    { requiredKeys: ['size', 'isNoise'] },
  )
  type Member = typeof member extends fc.Arbitrary<infer Found> ? Found : never

  function pack({ size, isNoise, cutAt, damageAt, behind }: Member): Buffer {
    const content = new Uint8Array(size)
    if (isNoise) for (let at = 0; at < size; at += 1) content[at] = (at * at * 31 + at) >> 3
    let bytes = gzipSync(content)
    if (damageAt !== undefined) bytes[damageAt % bytes.length]! ^= 0x5a
    if (cutAt !== undefined) bytes = bytes.subarray(0, cutAt % bytes.length)
    return Buffer.concat([bytes, behind ?? new Uint8Array(0)])
  }

  test('becomes what the platform makes of it, or fails as it does, whatever its last bytes say', () => {
    const limit = fc.constantFrom(1, 20, 16_384, 50_000, (2 << 20) - 1, 2 << 20, 5 << 20)
    // Members one behind another are good gzip: the last four bytes then tell of the last one only.
    fc.assert(
      fc.property(fc.array(member, { maxLength: 3 }), limit, (members, maxBytes) => {
        const bytes = new Uint8Array(Buffer.concat(members.map(pack)))
        const unpacked = outcome(() => unpackBody({ bytes, isGzip: true }, maxBytes))
        const right = expected(bytes, maxBytes)
        expect('error' in unpacked).toBe('error' in right)
        if ('error' in unpacked || 'error' in right) {
          // Of bytes both damaged and too many, either may be said.
          const said = [unpacked, right].map(one => ('error' in one ? one.error : ''))
          if (!said.includes('too large')) expect(said[0]).toBe(said[1])
        } else expect(Buffer.compare(unpacked.bytes, right.bytes)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('may become as large as the limit and not a byte larger', () => {
    for (const size of [2, 1000, 16_384, 100_000, 2 << 20, 3 << 20]) {
      const bytes = new Uint8Array(gzipSync(Buffer.alloc(size, 0x20)))
      expect(unpackBody({ bytes, isGzip: true }, size).byteLength).toBe(size)
      expect(() => unpackBody({ bytes, isGzip: true }, size - 1)).toThrow(BodyTooLargeError)
    }
  })

  test('that says it becomes little, or much, is unpacked by what it holds', () => {
    const first = gzipSync(Buffer.alloc(3 << 20, 0x20))
    const behind = gzipSync('x')
    const bytes = new Uint8Array(Buffer.concat([first, behind]))
    expect(unpackBody({ bytes, isGzip: true }).byteLength).toBe((3 << 20) + 1)
    const lying = new Uint8Array(gzipSync('[]'))
    new DataView(lying.buffer).setUint32(lying.length - 4, 0xffff_ffff, true)
    expect(() => unpackBody({ bytes: lying, isGzip: true })).toThrow('incorrect length check')
  })

  test('in many small parts is refused at the limit all the same', () => {
    // 32 members of a megabyte each, and one more byte.
    const megabyte = gzipSync(Buffer.alloc(1 << 20, 0x20))
    const bytes = new Uint8Array(Buffer.concat([...Array(32).fill(megabyte), gzipSync(' ')]))
    expect(bytes.length).toBeLessThan(100_000)
    expect(() => unpackBody({ bytes, isGzip: true })).toThrow(BodyTooLargeError)
  })

  test('that is not packed is given as it is', () => {
    const bytes = new Uint8Array([1, 2, 3])
    expect(unpackBody({ bytes, isGzip: false })).toBe(bytes)
  })
})

test('a received body is told packed by its encoding alone, and has memory of its own', async () => {
  const chunks = [Buffer.from('[1,'), Buffer.from('2]')]
  for (const [encoding, isGzip] of [
    ['gzip', true],
    [undefined, false],
    ['br', false],
    ['identity', false],
  ] as const) {
    const body = await receiveBody(bytes(...chunks), encoding)
    expect(body.isGzip).toBe(isGzip)
    expect(Buffer.from(body.bytes).toString()).toBe('[1,2]')
    expect(body.bytes.byteOffset).toBe(0)
    expect(body.bytes.buffer.byteLength).toBe(5)
  }
  expect((await receiveBody(bytes(), 'gzip')).bytes).toEqual(new Uint8Array(0))
})
