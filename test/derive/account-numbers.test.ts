import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAccountNumbers } from '../../src/derive/account-numbers.ts'

/** Handles, of which the first few have a number in the file. */
const HANDLES = ['a', 'b', 'c', 'd', 'e', 'A']
const NUMBERED = 3

test('accounts have one number each, with a number in the file or without, below the size', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(HANDLES.length - 1)), places => {
      const accounts = createAccountNumbers()
      const numbers = places.map(place => {
        const handle = HANDLES[place]!
        return accounts.numberOf(place < NUMBERED ? { handle, publisherKey: place + 1 } : { handle })
      })
      expect(new Set(places.map((place, at) => `${place} ${numbers[at]}`)).size).toBe(new Set(places).size)
      expect(new Set(numbers).size).toBe(new Set(places).size)
      expect(Math.max(-1, ...numbers)).toBe(accounts.size() - 1)
    }),
  )
})
