import { describe, expect, test } from 'vitest'
import { nearestName } from '../../src/registry/nearest-name.ts'
import { patternFault } from '../../src/registry/pattern-fault.ts'

describe('a pattern is refused', () => {
  test.each([
    ['(a+)+', 'repeats a group that repeats inside'],
    ['(?:a*b)*', 'repeats a group that repeats inside'],
    ['((a+)b)*', 'repeats a group that repeats inside'],
    ['(a{2,}){3}', 'repeats a group that repeats inside'],
    ['(?:a|ab)*', 'repeats a group of alternatives'],
    ['(a)\\1', 'refers back to a group'],
    ['', 'is empty and matches every name'],
  ])('%s', (source, fault) => {
    expect(patternFault(source)).toBe(fault)
  })

  test('when it does not compile', () => {
    expect(patternFault('(')).toMatch(/^does not compile: /)
  })
})

describe('a pattern is accepted', () => {
  test.each([
    '^Qwen(?:$|[-_.0-9])',
    '^a+b+$',
    '(?:a|b)?c',
    '(?<!van)guard',
    '[(+*)]+',
    '\\(+',
    '(?:ab)+',
    '(?:a+)?',
    'a{0,12}gemma',
  ])('%s', source => {
    expect(patternFault(source)).toBeNull()
  })
})

test('the nearest name is within two letters or none', () => {
  expect(nearestName('contry', ['country', 'evidence'])).toBe('country')
  expect(nearestName('firstparty', ['firstParty'])).toBe('firstParty')
  expect(nearestName('owner', ['country', 'evidence'])).toBeNull()
})
