import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFingerprint, type Fingerprint } from '../../src/source/fingerprint.ts'
import { texts } from './wire-rows.ts'

type Member = { text: string | null } | { number: number | null }

const one = createFingerprint()

function feed(fingerprint: Fingerprint, members: readonly Member[]): void {
  fingerprint.begin()
  for (const member of members) {
    if ('text' in member) fingerprint.addText(member.text)
    else fingerprint.addNumber(member.number)
  }
}

/** The fingerprint of a sequence, by the one that every test shares. */
function of(...members: Member[]): number {
  feed(one, members)
  return one.end()
}

const text = (value: string | null): Member => ({ text: value })
const number = (value: number | null): Member => ({ number: value })

const textMembers = fc.option(texts).map(text)
// What the census keeps as a number is a count or a second: whole, safe and not negative.
const numberMembers = fc
  .option(fc.oneof(fc.maxSafeNat(), fc.nat(), fc.constantFrom(0, 1, 0xffff_ffff, 2 ** 32, 2 ** 53 - 1)))
  .map(number)
const members = fc.oneof(textMembers, numberMembers)
const sequences = fc.array(members, { maxLength: 12 })

describe('a fingerprint', () => {
  test('is a whole number that every layer holds exactly', () => {
    fc.assert(
      fc.property(sequences, sequence => {
        const found = of(...sequence)
        expect(Number.isSafeInteger(found)).toBe(true)
        expect(found).toBeGreaterThanOrEqual(0)
        expect(Object.is(found, -0)).toBe(false)
      }),
    )
    expect(Number.isSafeInteger(of())).toBe(true)
  })

  test('is the same for equal sequences, whoever takes it and whatever came before', () => {
    fc.assert(
      fc.property(sequences, sequences, (sequence, before) => {
        const first = of(...sequence)
        of(...before)
        expect(of(...sequence)).toBe(first)
        const other = createFingerprint()
        // One that was begun and left.
        feed(other, before)
        feed(other, sequence)
        expect(other.end()).toBe(first)
      }),
    )
  })

  test('changes with any one member', () => {
    // A member is only ever replaced by another of its kind: which kind stands where is fixed.
    const member = fc.oneof(fc.tuple(textMembers, textMembers), fc.tuple(numberMembers, numberMembers))
    fc.assert(
      fc.property(sequences, member, sequences, (before, [old, changed], after) => {
        fc.pre(JSON.stringify(old) !== JSON.stringify(changed))
        expect(of(...before, changed, ...after)).not.toBe(of(...before, old, ...after))
      }),
      { numRuns: 2000 },
    )
  })

  test('changes with a member more or less', () => {
    fc.assert(
      fc.property(sequences, sequence => {
        for (const more of [text(null), text(''), number(null), number(0)]) {
          expect(of(...sequence, more)).not.toBe(of(...sequence))
          expect(of(more, ...sequence)).not.toBe(of(...sequence))
        }
      }),
    )
  })

  test('changes with the order', () => {
    const ofOneKind = fc.oneof(
      fc.array(textMembers, { minLength: 2, maxLength: 6 }),
      fc.array(numberMembers, { minLength: 2, maxLength: 6 }),
    )
    fc.assert(
      fc.property(ofOneKind, sequence => {
        const turned = sequence.toReversed()
        fc.pre(JSON.stringify(turned) !== JSON.stringify(sequence))
        expect(of(...turned)).not.toBe(of(...sequence))
      }),
    )
  })

  test('changes when a character moves from one text to the next', () => {
    fc.assert(
      fc.property(texts, texts, fc.string({ minLength: 1, maxLength: 1 }), (left, right, moved) => {
        expect(of(text(left + moved), text(right))).not.toBe(of(text(left), text(moved + right)))
        expect(of(text(left + moved), text(null))).not.toBe(of(text(left), text(moved)))
      }),
    )
  })

  test.each<[string, Member, Member]>([
    ['nothing and an empty text', text(null), text('')],
    ['nothing and the word for it', text(null), text('null')],
    ['nothing and undefined as a word', text(null), text('undefined')],
    ['an empty text and a space', text(''), text(' ')],
    ['an empty text and a zero character', text(''), text('\u0000')],
    ['one zero character and two', text('\u0000'), text('\u0000\u0000')],
    ['letters of two cases', text('MIT'), text('mit')],
    ['a letter and its composed form', text('\u00e9'), text('e\u0301')],
    ['no number and zero', number(null), number(0)],
    ['no number and the largest 32 bits', number(null), number(0xffff_ffff)],
    ['zero and 2^32', number(0), number(2 ** 32)],
    ['a number and the same above 2^32', number(7), number(7 + 2 ** 32)],
    ['neighbours near 2^53', number(2 ** 53 - 1), number(2 ** 53 - 2)],
  ])('tells %s apart, alone and among others', (_, left, right) => {
    expect(of(left)).not.toBe(of(right))
    const around = (member: Member) =>
      of(text('lab/model'), number(5), member, text(''), number(null), text('x'))
    expect(around(left)).not.toBe(around(right))
  })

  test('takes NaN for a number that was not said, and zero for zero whatever its sign', () => {
    expect(of(number(Number.NaN), text('x'))).toBe(of(number(null), text('x')))
    expect(of(number(-0))).toBe(of(number(0)))
  })

  test.each<[string, (index: number) => Member[]]>([
    ['a count', index => [text('lab/model'), number(index), text(null)]],
    ['a second', index => [text('lab/model'), number(1_700_000_000 + index), number(null)]],
    ['a large number', index => [text('lab/model'), number(2 ** 32 * index), text('')]],
    ['the digits of a name', index => [text(`lab/model-${index}`), number(1_700_000_000), text('mit')]],
    [
      'a name of two letters and a base',
      index => [text(`${index % 447}`), text(null), text(`${(index / 447) | 0}`)],
    ],
    [
      'where its texts are parted',
      index => {
        const all = 'a'.repeat(450)
        return [text(all.slice(0, index % 449)), text(all.slice(0, (index / 449) | 0))]
      },
    ],
  ])('has no collision among 200,000 that differ in %s', (_, sequenceOf) => {
    const found = new Set<number>()
    for (let index = 0; index < 200_000; index += 1) found.add(of(...sequenceOf(index)))
    expect(found.size).toBe(200_000)
  })

  test('spreads over all of its 53 bits', () => {
    const rounds = 20_000
    const ones = Array<number>(53).fill(0)
    for (let index = 0; index < rounds; index += 1) {
      const bits = of(text(`lab/model-${index}`))
        .toString(2)
        .padStart(53, '0')
      for (let bit = 0; bit < 53; bit += 1) if (bits[bit] === '1') ones[bit]! += 1
    }
    // Ten standard deviations of a fair coin thrown so often.
    const leeway = 10 * Math.sqrt(rounds / 4)
    for (const count of ones) expect(Math.abs(count - rounds / 2)).toBeLessThan(leeway)
  })
})
