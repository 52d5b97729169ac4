import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXIT_CODE_MEANINGS, EXIT_CODES } from '../../src/domain/exit-code.ts'
import { isAllTimeKnown } from '../../src/domain/total.ts'
import {
  addDays,
  dayFromNumber,
  dayNumber,
  dayOf,
  daysBetween,
  parseUtcDay,
} from '../../src/domain/utc-day.ts'
import { visibleText } from '../../src/domain/visible-text.ts'

describe('a UTC day', () => {
  test.each([
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '26-01-01',
    '2026-1-1',
    '2026-01-01T00:00:00Z',
    ' 2026-01-01',
    '٢٠٢٦-٠١-٠١',
    '',
  ])('is not %j', text => {
    expect(() => parseUtcDay(text)).toThrow(RangeError)
  })

  test('is the same whatever zone the machine stands in', () => {
    // The tests run with TZ=Pacific/Kiritimati, where the calendar is a day ahead for most of the UTC day.
    expect(process.env.TZ).toBe('Pacific/Kiritimati')
    expect(dayOf(Date.UTC(2026, 0, 1, 0, 0, 0))).toBe('2026-01-01')
    expect(dayOf(Date.UTC(2026, 0, 1, 0, 0, 0) - 1)).toBe('2025-12-31')
    expect(dayOf(Date.UTC(2024, 1, 29, 23, 59, 59, 999))).toBe('2024-02-29')
  })

  test('counts as days since 1970 do, leap days included', () => {
    expect(dayNumber(parseUtcDay('1970-01-01'))).toBe(0)
    expect(daysBetween(parseUtcDay('2024-02-28'), parseUtcDay('2024-03-01'))).toBe(2)
    expect(addDays(parseUtcDay('2025-12-31'), 1)).toBe('2026-01-01')
    fc.assert(
      fc.property(
        fc.integer({ min: -20_000, max: 60_000 }),
        fc.integer({ min: -3000, max: 3000 }),
        (number, count) => {
          const day = dayFromNumber(number)
          expect(dayNumber(parseUtcDay(day))).toBe(number)
          expect(daysBetween(day, addDays(day, count))).toBe(count)
          expect(dayFromNumber(number) < dayFromNumber(number + 1)).toBe(true)
        },
      ),
    )
  })
})

describe('somebody else’s text', () => {
  test('keeps letters of every script and shows what acts or hides', () => {
    expect(visibleText('阿里 Ünïcode 🙂')).toBe('阿里 Ünïcode 🙂')
    expect(visibleText('a\u001b[2J\r\n\u0007\u202e\u200b\u2028\u0085z')).toBe(
      'a\\u{1b}[2J\\u{d}\\u{a}\\u{7}\\u{202e}\\u{200b}\\u{2028}\\u{85}z',
    )
  })

  test('is cut to the length that was asked for', () => {
    expect(visibleText('x'.repeat(1_000_000))).toHaveLength(200)
    expect(visibleText('abcdef', 3)).toBe('abc')
  })
})

test('every exit code has one number and one meaning', () => {
  const codes = Object.values(EXIT_CODES)
  expect(new Set(codes).size).toBe(codes.length)
  expect([...EXIT_CODE_MEANINGS.keys()].sort()).toEqual([...codes].sort())
})

test('a lifetime sum is known when one repository, or a part of one, is', () => {
  const total = { repos: 2, goneRepos: 1, allTimeUnknownRepos: 3, downloadsAllTime: 0 }
  expect(isAllTimeKnown(total)).toBe(false)
  expect(isAllTimeKnown({ ...total, allTimeUnknownRepos: 2 })).toBe(true)
  expect(isAllTimeKnown({ repos: 0, goneRepos: 0, allTimeUnknownRepos: 0, downloadsAllTime: 0 })).toBe(false)
  expect(isAllTimeKnown({ repos: 1, goneRepos: 0, allTimeUnknownRepos: 1, downloadsAllTime: 500 })).toBe(true)
})
