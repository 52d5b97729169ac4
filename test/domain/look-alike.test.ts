import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lookAlikeKey } from '../../src/domain/look-alike.ts'
import { bundled } from '../registry/bundled.ts'

const HANDLE = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/)

describe('the key of look-alikes', () => {
  test.each([
    ['letter case', 'Qwen', 'QWEN'],
    ['vv for w', 'Qwen', 'Qvven'],
    ['capital I for l', 'allenai', 'aIlenai'],
    ['1 for l', 'mistralai', 'mistra1ai'],
    ['0 for o', 'google', 'g0Ogle'],
    ['rn for m', 'microsoft', 'rnicrosoft'],
    ['rnn, which reads as nm and as mn', 'mn', 'rnn'],
    ['Cyrillic letters', 'openai', 'ореnаі'],
    ['Cyrillic capitals', 'THUDM', 'ТНUDМ'],
    ['Greek letters', 'Nvidia', 'Νvιdια'],
    ['full-width letters', 'Qwen', 'Ｑｗｅｎ'],
    ['an accent', 'meta', 'métа'],
    ['an invisible character', 'meta', 'me\u200bta'],
  ])('is one for %s', (_, handle, other) => {
    expect(other).not.toBe(handle)
    expect(lookAlikeKey(other)).toBe(lookAlikeKey(handle))
  })

  test.each([
    ['meta-llama', 'meta_llama'],
    ['google', 'googles'],
    ['Qwen', 'Qwan'],
    ['stepfun', 'stepfun-ai'],
    ['', 'x'],
  ])('tells %j from %j', (handle, other) => {
    expect(lookAlikeKey(other)).not.toBe(lookAlikeKey(handle))
  })

  test('does not depend on letter case, is its own key, and joins as its parts join', () => {
    fc.assert(
      fc.property(HANDLE, HANDLE, (handle, other) => {
        const key = lookAlikeKey(handle)
        expect(lookAlikeKey(handle.toUpperCase())).toBe(key)
        expect(lookAlikeKey(handle.toLowerCase())).toBe(key)
        expect(lookAlikeKey(key)).toBe(key)
        expect(lookAlikeKey(handle + other)).toBe(key + lookAlikeKey(other))
      }),
    )
  })

  test('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => typeof lookAlikeKey(text) === 'string'))
  })

  test('tells every two labs of the registry apart', () => {
    const owners = new Map<string, Set<string>>()
    for (const lab of bundled.labs.values()) {
      for (const { handle } of lab.handles) {
        const key = lookAlikeKey(handle)
        owners.set(key, (owners.get(key) ?? new Set()).add(lab.key))
      }
    }
    expect([...owners].filter(([, labs]) => labs.size > 1)).toEqual([])
  })
})
