import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAULT_CASES } from './cases.ts'

const TESTS = join(import.meta.dirname, '..')

/** The cases that have to hold before anything else is added. */
const NUMBERS = [1, 4, 6, 7, 9, 10, 12, 14, 16, 17, 19, 20, 22, 24, 27, 30, 31, 32, 33]

/** Titles of tests and groups as they stand in the source, placeholders included. */
function titlesIn(file: string): string[] {
  const text = readFileSync(join(TESTS, file), 'utf8')
  return [...text.matchAll(/(?<=[([,]\s*)(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1/g)].map(match => match[2]!)
}

test('every case of the list is there, once and in its order', () => {
  expect(FAULT_CASES.map(({ number }) => number)).toEqual(NUMBERS)
})

test.each(FAULT_CASES.map(found => [found.number, found] as const))(
  'case %i of the list has its tests',
  (_, { tests }) => {
    expect(Object.keys(tests)).not.toEqual([])
    for (const [file, titles] of Object.entries(tests)) {
      const known = titlesIn(file)
      for (const title of titles)
        expect(
          known.some(found => found.startsWith(title)),
          `${file}: ${title}`,
        ).toBe(true)
    }
  },
)

test('every test of this folder is named by a case that lists it', () => {
  const listed = FAULT_CASES.flatMap(({ number, tests }) =>
    Object.entries(tests).flatMap(([file, titles]) => titles.map(title => [number, file, title] as const)),
  )
  const files = readdirSync(import.meta.dirname).filter(
    name => name.endsWith('.test.ts') && name !== 'cases.test.ts',
  )
  expect(files.length).toBeGreaterThan(5)
  for (const name of files) {
    const file = `faults/${name}`
    const titles = titlesIn(file).filter(title => /^case \d+/.test(title))
    expect(titles, file).not.toEqual([])
    for (const title of titles) {
      const number = Number(/^case (\d+)/.exec(title)?.[1])
      const isListed = listed.some(
        ([of, where, start]) => of === number && where === file && title.startsWith(start),
      )
      expect(isListed, `${file}: ${title}`).toBe(true)
    }
  }
})
