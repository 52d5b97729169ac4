import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkRegistry } from '../../src/registry/check-registry.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { formatRegistryProblem } from '../../src/registry/registry-problem.ts'
import { registryRevision } from '../../src/registry/registry-revision.ts'
import { useSmallFolder } from './small-folder.ts'

const folder = useSmallFolder()
const messages = () => checkRegistry(folder.path, parseUtcDay('2026-11-23')).map(formatRegistryProblem)

const DATES = 'release-dates.yml'
const SIZES = 'sizes.yml'
const MODELS = 'atom-models.yml'

test('what the files say becomes maps by repository id, with what is left out as null', () => {
  const { releaseDates, sizes } = loadRegistry(folder.path)
  expect([...releaseDates]).toEqual([
    ['alpha/AlphaLM-2', { released: '2024-11-28', note: 'Created 1 day before its release.' }],
    ['Beta/one', { released: '2025-03-12', note: 'Day from the announcement.' }],
  ])
  expect([...sizes]).toEqual([
    ['alpha/AlphaLM-2', { totalB: 671, activeB: 37, isLegacy: false, note: null }],
    ['Beta/one', { totalB: 0.5, activeB: null, isLegacy: true, note: 'An estimate.' }],
  ])
})

test('a scope can be restricted to the list', () => {
  folder.edit('scopes.yml', 'source: A rule', 'source: A rule\n  list: atom-models')
  expect(messages()).toEqual([])
  const { scopes } = loadRegistry(folder.path)
  expect([...scopes.get('llm')!.listed!]).toEqual(['alpha/AlphaLM-1', 'alpha/AlphaLM-2', 'Beta/one'])
  expect(scopes.get('all')!.listed).toBeNull()
})

describe('a message names file, line, value and remedy', () => {
  test.each<[string, string, string | RegExp, string, string]>([
    [
      DATES,
      'a day that is none',
      '"2024-11-28"',
      '"2024-02-30"',
      'release-dates.yml:2 "2024-02-30": is not a day. Write "YYYY-MM-DD", a day that exists.',
    ],
    [
      DATES,
      'a day without quotes',
      '"2024-11-28"',
      '2024-11-28',
      'release-dates.yml:2 "2024-11-28": is not in quotes. Write "2024-11-28".',
    ],
    [
      DATES,
      'a year of two digits',
      '"2024-11-28"',
      '"0024-11-28"',
      'release-dates.yml:2 "0024-11-28": is before 2016-01-01, when no model was on the Hub. Correct the year.',
    ],
    [
      DATES,
      'a day to come',
      '"2024-11-28"',
      '"2027-11-28"',
      'release-dates.yml:2 "2027-11-28": is after today, 2026-11-23. Write a day on which it was released.',
    ],
    [
      DATES,
      'an empty note',
      'Day from the announcement.',
      '""',
      'release-dates.yml:6 "Beta/one": has an empty note. Say how far the day of creation is off, or who says so.',
    ],
    [
      DATES,
      'no note',
      '  note: Day from the announcement.\n',
      '',
      'release-dates.yml:4: the field note is missing. Add note to this entry.',
    ],
    [
      DATES,
      'an unknown field',
      'released: "2024',
      'relased: "2024',
      'release-dates.yml:2 "relased": is not a known field. Write released.',
    ],
    [
      DATES,
      'a handle alone',
      'Beta/one',
      'Beta',
      'release-dates.yml:4 "Beta": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      DATES,
      'one repository twice, whatever its letters',
      'Beta/one',
      'Alpha/alphalm-2',
      'release-dates.yml:4 "Alpha/alphalm-2": is on line 1 already. Keep one of the two, spelled as the Hub spells it.',
    ],
    [
      DATES,
      'a wrong order',
      'alpha/AlphaLM-2',
      'gamma/x',
      'release-dates.yml:4 "Beta/one": stands below "gamma/x". Move it above "gamma/x" (line 1).',
    ],
    [
      DATES,
      'another shape',
      /^[\s\S]*$/,
      'a: 1\n',
      'release-dates.yml:1: is not a list of entries. Start every entry with "- repo:".',
    ],
    [
      SIZES,
      'no parameters at all',
      'totalB: 671',
      'totalB: 0',
      'sizes.yml:2 "0": is no number of parameters. Write a number above 0.',
    ],
    [
      SIZES,
      'a plain count',
      'totalB: 671',
      'totalB: 671000000000',
      'sizes.yml:2 "671000000000": is too large. Write billions: 7 for 7,000,000,000.',
    ],
    [
      SIZES,
      'a number with its unit',
      'totalB: 671',
      'totalB: 671B',
      'sizes.yml:2 "671B": totalB is not a number. Write a number here.',
    ],
    [
      SIZES,
      'infinity',
      'totalB: 671',
      'totalB: .inf',
      'sizes.yml:2 "Infinity": totalB is not a number. Write a number here.',
    ],
    [
      SIZES,
      'no total',
      '  totalB: 671\n',
      '',
      'sizes.yml:1: the field totalB is missing. Add totalB to this entry.',
    ],
    [
      SIZES,
      'more active than there are',
      'activeB: 37',
      'activeB: 672',
      'sizes.yml:3 "672": is more than totalB, 671. Exchange the two, or correct one.',
    ],
    [
      SIZES,
      'none active',
      'activeB: 37',
      'activeB: -1',
      'sizes.yml:3 "-1": is no number of parameters. Write a number above 0, or remove activeB where nobody states it.',
    ],
    [
      SIZES,
      'a flag that says nothing',
      'legacy: true',
      'legacy: false',
      'sizes.yml:6 "false": says nothing. Remove it: only legacy: true is written.',
    ],
    [
      SIZES,
      'a flag that is text',
      'legacy: true',
      'legacy: "yes"',
      'sizes.yml:6 "yes": legacy is not a bare true or false. Write a bare true or false here.',
    ],
    [
      SIZES,
      'one repository twice, whatever its letters',
      'Beta/one',
      'ALPHA/AlphaLM-2',
      'sizes.yml:4 "ALPHA/AlphaLM-2": is on line 1 already. Keep one of the two, spelled as the Hub spells it.',
    ],
    [
      SIZES,
      'a wrong order',
      'alpha/AlphaLM-2',
      'gamma/x',
      'sizes.yml:4 "Beta/one": stands below "gamma/x". Move it above "gamma/x" (line 1).',
    ],
    [
      MODELS,
      'one repository twice, whatever its letters',
      'Beta/one',
      'alpha/alphalm-2',
      'atom-models.yml:3 "alpha/alphalm-2": is on line 2 already. Keep one of the two, spelled as the Hub spells it.',
    ],
    [
      MODELS,
      'a wrong order',
      'alpha/AlphaLM-1',
      'alpha/AlphaLM-3',
      'atom-models.yml:2 "alpha/AlphaLM-2": stands below "alpha/AlphaLM-3". Move it above "alpha/AlphaLM-3" (line 1).',
    ],
    [
      MODELS,
      'a number',
      'Beta/one',
      '7',
      'atom-models.yml:3 "7": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      MODELS,
      'an entry with fields',
      'Beta/one',
      'repo: Beta/one',
      'atom-models.yml:3 "{\\"repo\\":\\"Beta/one\\"}": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      MODELS,
      'an address',
      'Beta/one',
      'https://huggingface.co/Beta/one',
      'atom-models.yml:3 "https://huggingface.co/Beta/one": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      MODELS,
      'no list',
      /^[\s\S]*$/,
      'alpha/one\n',
      'atom-models.yml:1: is not a list of repositories. Write one "- owner/name" a line.',
    ],
    [
      MODELS,
      'an empty list',
      /^[\s\S]*$/,
      '[]\n',
      'atom-models.yml:1: is empty. List its repositories, or remove the scope that is restricted to them.',
    ],
    [
      'scopes.yml',
      'an unknown list',
      'source: A rule',
      'source: A rule\n  list: atom-model',
      'scopes.yml:12 "atom-model": is not a known list. Write atom-models.',
    ],
    [
      'scopes.yml',
      'a list far from all',
      'source: A rule',
      'source: A rule\n  list: leaderboard',
      'scopes.yml:12 "leaderboard": is not a known list. Write one of atom-models.',
    ],
  ])('%s: %s', (file, _, from, to, message) => {
    folder.edit(file, from, to)
    expect(messages()).toContain(message)
  })
})

test.each([DATES, SIZES, MODELS])('%s missing is one problem', file => {
  rmSync(join(folder.path, file))
  expect(messages()).toEqual([
    `${file}:1: cannot be read in ${folder.path} (ENOENT). Name a folder that holds the registry files.`,
  ])
})

test.each([
  [DATES, '2025-03-12', '2025-03-13'],
  [SIZES, '671', '672'],
  [MODELS, 'AlphaLM-1', 'AlphaLM-0'],
])('%s is part of the revision', (file, from, to) => {
  const before = registryRevision(folder.path)
  expect(loadRegistry(folder.path).revision).toBe(before)
  folder.edit(file, from, to)
  expect(registryRevision(folder.path)).not.toBe(before)
  expect(loadRegistry(folder.path).revision).toBe(registryRevision(folder.path))
})
