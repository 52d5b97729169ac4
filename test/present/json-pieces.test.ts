import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces } from '../../src/present/json-pieces.ts'

const whole = (answer: object) => `${JSON.stringify(answer, null, 2)}\n`

test('the pieces are the text of the whole, whatever the answer', () => {
  fc.assert(
    fc.property(
      fc.object({ withNullPrototype: true, values: [fc.string(), fc.constant(undefined), fc.nat()] }),
      answer => {
        expect([...jsonPieces(answer)].join('')).toBe(whole(answer))
      },
    ),
  )
})

test.each([999, 1000, 1001, 2000, 2500])('a list of %i is written a thousand at a time', length => {
  const rows = Array.from({ length }, (_, at) => ({ repoId: `a/\n"${at}`, none: [], deep: [{ at }, null] }))
  const answer = { before: {}, list: { rows }, after: 1 }
  const pieces = [...jsonPieces(answer)]
  expect(pieces.join('')).toBe(whole(answer))
  expect(Math.max(...pieces.map(piece => piece.split('"repoId"').length - 1))).toBe(Math.min(length, 1000))
})
