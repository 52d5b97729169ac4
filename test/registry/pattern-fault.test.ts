import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearestName } from '../../src/registry/nearest-name.ts'
import { patternFault } from '../../src/registry/pattern-fault.ts'

const COMPETES = 'has repeats that compete for the same letters'

describe('a pattern is refused', () => {
  test.each([
    ['(a+)+', 'repeats a group that repeats inside'],
    ['(?:a*b)*', 'repeats a group that repeats inside'],
    ['((a+)b)*', 'repeats a group that repeats inside'],
    ['(a{2,}){3}', 'repeats a group that repeats inside'],
    ['(?:a|ab)*', 'repeats a group of alternatives'],
    ['(a)\\1', 'refers back to a group'],
    ['(?<x>a)\\k<x>', 'refers back to a group'],
    ['(.*)*', 'repeats a group that repeats inside'],
    ['(.*)+$', 'repeats a group that repeats inside'],
    ['(\\w+\\s?)*$', 'repeats a group that repeats inside'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'repeats a group that repeats inside'],
    ['(?:a{1,2})+$', 'repeats a group that repeats inside'],
    ['(?:aa?)*$', 'repeats a group that repeats inside'],
    ['(a{1,30}){1,30}$', 'repeats a group that repeats inside'],
    ['(?:(?:a+))+', 'repeats a group that repeats inside'],
    ['(?:a+?)+?$', 'repeats a group that repeats inside'],
    ['(a|a)*', 'repeats a group of alternatives'],
    ['(a|aa)+$', 'repeats a group of alternatives'],
    ['((a|a))*$', 'repeats a group of alternatives'],
    ['(?:a|aa){1,30}$', 'repeats a group of alternatives'],
    ['.*.*.*x', COMPETES],
    ['.*.*x', COMPETES],
    ['a*a*a*$', COMPETES],
    ['\\d+\\w+[0-9]+x', COMPETES],
    ['\\s*\\s*;', COMPETES],
    ['(.*)(.*)x', COMPETES],
    ['.*-.*-x', COMPETES],
    ['(?:.*a)?(?:.*b)?c', COMPETES],
    ['(?:x|.*)(?:y|.*)z', COMPETES],
    ['(?=.*x)y', 'looks around for something that repeats'],
    ['\\w*(?<!\\w*)x', 'looks around for something that repeats'],
    ['x(?!a(?:b+)?)', 'looks around for something that repeats'],
    [`(?!${'(?:a|a)'.repeat(10)})x`, 'branches in more than 1000 ways'],
    ['.{0,300}.{0,300}x', COMPETES],
    ['ü*ü*x', COMPETES],
    ['\\u0416*\\u0416*x', COMPETES],
    ['[^x]*[^y]*z', COMPETES],
    [`${'a?'.repeat(25)}${'a'.repeat(25)}`, COMPETES],
    ['[ab]?[bc]?[ca]?'.repeat(8), COMPETES],
    ['(?:a|a)'.repeat(20), 'branches in more than 1000 ways'],
    ['a'.repeat(501), 'is longer than 500 characters'],
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
    '^(?:flan-)?(?:by|[mu])?t5(?:$|[-_.0-9])',
    '[a-z]+-[0-9]+',
    '\\s*-\\s*x',
    'a*b*c*$',
    '^[^-]*-[^-]*-x',
    '.*-?(?:gguf|awq)$',
    '(?:ab){2,}c',
    'a{',
    'x{1}y{2,3}',
    '[]x]+',
    '[^]*x',
  ])('%s', source => {
    expect(patternFault(source)).toBeNull()
  })
})

describe('what an accepted pattern costs', () => {
  test.each([
    '.*-?(?:gguf|awq)$',
    '[a-z]+-[0-9]+',
    '.{0,60}.{0,60}x',
    'a?a?a?a?a?a?a?a?a?a?a?a?b',
    '(?:ab){2,}c',
    '.*x',
  ])('%s stays below a fifth of a second on the longest names', source => {
    expect(patternFault(source)).toBeNull()
    const pattern = new RegExp(source, 'i')
    for (const name of ['a', '-', 'ab', 'a-', '0', 'x-gguf'].map(part => part.repeat(512).slice(0, 512))) {
      const since = performance.now()
      pattern.test(`${name}!`)
      expect(performance.now() - since).toBeLessThan(200)
    }
  })
})

const atom = fc.constantFrom('a', 'b', '-', '.', '[ab]', '[^a]', '\\w', 'x')
const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,9}', '{1,60}', '*?', '{2,}')
const opening = fc.constantFrom('(?:', '(', '(?=', '(?!', '(?<!')
const { pattern } = fc.letrec<{ pattern: string; part: string }>(tie => ({
  part: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(atom, quantifier).map(parts => parts.join('')),
    fc
      .tuple(opening, tie('pattern'), fc.constantFrom(')', ')?', ')*', '){2}', ')+'))
      .map(parts => parts.join('')),
  ),
  pattern: fc
    .tuple(fc.array(tie('part'), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '', '|'))
    .map(([parts, bar]) => parts.join(bar)),
}))

test('no accepted pattern, whatever it is made of, runs away on a name made to make it', () => {
  const names = ['a', 'b', 'ab', 'a-', 'x', '-', 'aab'].flatMap(part => {
    const long = part.repeat(512).slice(0, 511)
    return [`${long}!`, `${long}b`]
  })
  const accepted = pattern.filter(source => patternFault(source) === null)
  fc.assert(
    fc.property(accepted, source => {
      const regExp = new RegExp(source, 'i')
      // Exponential patterns take ages and would never give the test its turn again; this ends them.
      runInNewContext('for (const name of names) regExp.test(name)', { names, regExp }, { timeout: 3000 })
    }),
    { numRuns: 300 },
  )
})

test('the nearest name is within two letters or none', () => {
  expect(nearestName('contry', ['country', 'evidence'])).toBe('country')
  expect(nearestName('firstparty', ['firstParty'])).toBe('firstParty')
  expect(nearestName('owner', ['country', 'evidence'])).toBeNull()
})
