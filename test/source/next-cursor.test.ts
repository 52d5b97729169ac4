import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { FIRST_PAGE, parseNextPage } from '../../src/source/next-cursor.ts'

const ENDPOINT = 'https://huggingface.co'
const CURSOR = 'eyJfaWQiOnsiJGd0IjoiNmE2NDA1NmE1MzIwMzAzYjdkZDZmYTlkIn19'

const refusal = (link: string) => {
  try {
    parseNextPage(link, ENDPOINT)
  } catch (error) {
    return error
  }
  return null
}

test('the cursor is taken out of the Hub’s link and decoded', () => {
  const link = `<${ENDPOINT}/api/models?limit=3&expand=tags&cursor=${CURSOR}XX0%3D>; rel="next"`
  expect(parseNextPage(link, ENDPOINT)).toEqual({ cursor: `${CURSOR}XX0=`, foreignOrigin: null })
})

test('no header, or none with rel="next", is the last page', () => {
  const last = { cursor: null, foreignOrigin: null }
  expect(parseNextPage(null, ENDPOINT)).toEqual(last)
  expect(parseNextPage(`<${ENDPOINT}/api/models?cursor=a>; rel="prev"`, ENDPOINT)).toEqual(last)
})

test('next is found among other links', () => {
  const link = `<${ENDPOINT}/api/models?cursor=a>; rel="prev", </api/models?cursor=b>; rel="next"`
  expect(parseNextPage(link, ENDPOINT)).toEqual({ cursor: 'b', foreignOrigin: null })
})

test.each(['https://evil.example', 'http://huggingface.co', 'https://huggingface.co:8443'])(
  'of a link to %s only the cursor is used',
  origin => {
    const link = `<${origin}/api/models?cursor=abc>; rel="next"`
    expect(parseNextPage(link, ENDPOINT)).toEqual({ cursor: 'abc', foreignOrigin: origin })
  },
)

test('an endpoint with a path prefix is not a foreign host', () => {
  const link = '<https://mirror.example/hub/api/models?cursor=abc>; rel="next"'
  expect(parseNextPage(link, 'https://mirror.example/hub')).toEqual({ cursor: 'abc', foreignOrigin: null })
})

test.each([
  ['another path', `<${ENDPOINT}/login?cursor=abc>; rel="next"`],
  ['a path that only begins like the list', `<${ENDPOINT}/api/models/x?cursor=abc>; rel="next"`],
  ['no address', 'garbage'],
  ['an open bracket', '<https://huggingface.co/api/models?cursor=abc'],
  ['an address that is none', '<https://[>; rel="next"'],
])('a link with %s is refused, never taken for the last page', (_, link) => {
  const error = refusal(link)
  expect(error).toBeInstanceOf(HubError)
  expect((error as HubError).exitCode).toBe(EXIT_CODES.refused)
  expect((error as HubError).remedy.happened).toContain('"')
})

test.each([
  ['no cursor', `<${ENDPOINT}/api/models?limit=3>; rel="next"`],
  ['an empty cursor', `<${ENDPOINT}/api/models?cursor=>; rel="next"`],
])('a link with %s leads to the first page, never taken for the last', (_, link) => {
  expect(parseNextPage(link, ENDPOINT)).toEqual({ cursor: FIRST_PAGE, foreignOrigin: null })
})

test('control characters of a bad link do not reach the message', () => {
  const error = refusal(`<${ENDPOINT}/login\u001b[31m?cursor=a>; rel="next"`) as HubError
  expect(error.message).not.toContain('\u001b')
})

const pieces = [
  '/api/models',
  '/api/models',
  '?cursor=',
  '?cursor=',
  'https://a',
  ',',
  'x',
  '&',
  'eyJ9',
  '%3D',
]
/** One link in the Hub's form, to whatever target. */
const nextLink = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.stringMatching(/^[^<>"]{0,5}$/)), {
    maxLength: 6,
  })
  .map(parts => `<${parts.join('')}>; rel="next"`)

test('whatever the header says, the answer is the end, a page of the list that it names, or a HubError', () => {
  const link = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom(...pieces, '<', '>', '"', '; rel="next"'), { maxLength: 8 })
      .map(parts => parts.join('')),
    nextLink,
  )
  fc.assert(
    fc.property(link, text => {
      try {
        const { cursor } = parseNextPage(text, ENDPOINT)
        if (cursor === null) return
        expect(text).toContain('rel="next"')
        expect(text).toContain('/api/models')
        // A cursor is never made up; without one it is the first page, which nobody takes for the end.
        if (cursor !== FIRST_PAGE) expect(text).toContain('cursor=')
      } catch (error) {
        expect(error).toBeInstanceOf(HubError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a header with one next link, to whatever target, is never taken for the end', () => {
  const seen = { first: 0, cursor: 0, refused: 0 }
  fc.assert(
    fc.property(nextLink, text => {
      try {
        const { cursor } = parseNextPage(text, ENDPOINT)
        expect(cursor).not.toBeNull()
        seen[cursor === FIRST_PAGE ? 'first' : 'cursor'] += 1
      } catch (error) {
        expect(error).toBeInstanceOf(HubError)
        seen.refused += 1
      }
    }),
    { numRuns: 1000 },
  )
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(10)
})
