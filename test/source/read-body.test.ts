import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
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
