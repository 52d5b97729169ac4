import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkRegistry } from '../../src/registry/check-registry.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { formatRegistryProblem, RegistryError } from '../../src/registry/registry-problem.ts'
import { registryRevision } from '../../src/registry/registry-revision.ts'
import { useSmallFolder } from './small-folder.ts'

const TODAY = parseUtcDay('2026-11-23')

const small = useSmallFolder()
const { edit } = small
const messages = () => checkRegistry(small.path, TODAY).map(formatRegistryProblem)

test('the whole copy has no problem', () => {
  expect(messages()).toEqual([])
  expect([...loadRegistry(small.path).labs.keys()]).toEqual(['alpha', 'beta', 'gamma'])
})

describe('labs.yml: a message names file, line, value and remedy', () => {
  test.each<[string, string | RegExp, string, string]>([
    [
      'an unknown field',
      'secondCountry: "FR"',
      'secondContry: "FR"',
      'labs.yml:11 "secondContry": is not a known field. Write secondCountry.',
    ],
    [
      'an unknown field inside an entry',
      'reason: Joint release.',
      'reason: Joint release.\n      proof: x',
      'labs.yml:20 "proof": is not a known field. Remove it; the fields here are repo, reason, evidence.',
    ],
    [
      'a missing field',
      '  name: Beta\n',
      '',
      'labs.yml:28: the field name is missing. Add name to this entry.',
    ],
    [
      'an unknown kind',
      'kind: community',
      'kind: comunity',
      'labs.yml:30 "comunity": is not a known kind. Write community.',
    ],
    [
      'an unknown kind far from all',
      'kind: community',
      'kind: person',
      'labs.yml:30 "person": is not a known kind. Write one of company, university, public-body, non-profit, collective, community, excluded.',
    ],
    [
      'a handle that YAML reads as a number',
      '"beta"\n',
      '007\n',
      'labs.yml:35 "007": handle is not text. Put it in quotes.',
    ],
    [
      'a field written twice',
      '  note: Personal account.\n',
      '  note: Personal account.\n  note: Another.\n',
      'labs.yml:37 "note": is written twice in the same entry. Keep one of the two.',
    ],
    [
      'a wrong order',
      'key: beta',
      'key: zeta',
      'labs.yml:38 "gamma": stands below "zeta". Move it above "zeta" (line 28).',
    ],
    [
      'a key used twice',
      'key: beta',
      'key: alpha',
      'labs.yml:28 "alpha": is the key of line 1 too. Merge the two entries, or give one a new key.',
    ],
    [
      'a malformed key',
      'key: beta',
      'key: beta_lab',
      'labs.yml:28 "beta_lab": is not a key. Use lower-case letters, digits and single "-" between words.',
    ],
    [
      'a handle owned twice, whatever its letters',
      '    - handle: "beta"\n',
      '    - handle: "ALPHA"\n    - handle: "beta"\n',
      'labs.yml:35 "ALPHA": is owned by alpha (line 13) and by beta on the same days. Remove one, or end the older with an until day.',
    ],
    [
      'a handle listed twice in one lab',
      '    - handle: "beta"\n',
      '    - handle: "beta"\n    - handle: "Beta"\n',
      'labs.yml:36 "Beta": is listed twice by beta on the same days. Remove one, or end the older with an until day.',
    ],
    [
      'a handle owned and excluded',
      '"gamma-tests"',
      '"Beta"',
      'labs.yml:45 "Beta": is owned by beta (line 35) and excluded by gamma (line 45). Remove it from one of the two.',
    ],
    [
      'a handle out of order',
      '    - handle: "beta"\n',
      '    - handle: "beta"\n    - handle: "Beta-1"\n    - handle: "alef"\n',
      'labs.yml:37 "alef": stands below "beta". Move it above "beta" (line 35).',
    ],
    [
      'a repository in place of a handle',
      '"beta"\n',
      '"beta/model"\n',
      'labs.yml:35 "beta/model": is a repository. Write the part before the slash, or use exceptions.',
    ],
    [
      'a handle that cannot be one',
      '"beta"\n',
      '"be ta"\n',
      'labs.yml:35 "be ta": is not a Hub handle. Letters, digits, "-", "_" and ".", as in the address.',
    ],
    ['a handle without quotes', '"beta"\n', 'beta\n', 'labs.yml:35 "beta": is not in quotes. Write "beta".'],
    ['a country without quotes', '"NO"', 'NO', 'labs.yml:5 "NO": is not in quotes. Write "NO".'],
    [
      'a day without quotes',
      '"2024-02-01"',
      '2024-02-01',
      'labs.yml:15 "2024-02-01": is not in quotes. Write "2024-02-01".',
    ],
    [
      'a lab without a handle',
      '    - handle: "gamma-tests"',
      '    []',
      'labs.yml:45 "gamma": has no handle. Add one; a lab without a Hub account is not listed.',
    ],
    [
      'an unknown country',
      '"NO"',
      '"ZZ"',
      'labs.yml:5 "ZZ": is not a country. Write a two-letter code of countries.yml or "multinational" or "unknown".',
    ],
    ['a country in small letters', '"NO"', '"no"', 'labs.yml:5 "no": is not a country. Write "NO".'],
    ['a country often mistaken', '"NO"', '"UK"', 'labs.yml:5 "UK": is not a country. Write "GB".'],
    [
      'a second seat that is the first',
      'secondCountry: "FR"',
      'secondCountry: "US"',
      'labs.yml:11 "US": is the first seat too. Remove it, or name the other seat.',
    ],
    [
      'seats that overlap',
      'until: "2024-05-31"',
      'until: "2024-06-01"',
      'labs.yml:8 "US": overlaps the seat above it, NO. Give NO until: "2024-05-31".',
    ],
    [
      'seats in the wrong order',
      'until: "2024-05-31"',
      'from: "2025-01-01"',
      'labs.yml:8 "US": begins before the seat above it. Order the seats from the oldest to the newest.',
    ],
    [
      'an end before the beginning',
      'from: "2024-06-01"',
      'from: "2024-06-01"\n      until: "2024-01-01"',
      'labs.yml:10 "2024-01-01": is before from, 2024-06-01. Exchange the two, or correct one.',
    ],
    [
      'a day that does not exist',
      '"2024-02-01"',
      '"2024-02-30"',
      'labs.yml:15 "2024-02-30": is not a day. Write "YYYY-MM-DD", a day that exists.',
    ],
    [
      'a dated handle without evidence',
      '      from: "2024-02-01"\n      evidence: unverified\n',
      '      from: "2024-02-01"\n',
      'labs.yml:14 "Alpha-Research": has a day without evidence. Add evidence to the handle.',
    ],
    [
      'evidence of another form',
      'https://example.org/imprint',
      'http://example.org',
      'labs.yml:7 "http://example.org": is not evidence. Write "unverified", an https address, or "published-list:" and letters of A E N W S I H G K, each once.',
    ],
    [
      'evidence with a letter twice',
      'published-list:AE',
      'published-list:AA',
      'labs.yml:10 "published-list:AA": is not evidence. Write "unverified", an https address, or "published-list:" and letters of A E N W S I H G K, each once.',
    ],
    [
      'unknown without a note',
      '  note: Personal account.\n',
      '',
      'labs.yml:32 "beta": is unknown without a note. Add a note that says what was looked for.',
    ],
    [
      'an exception that is no repository',
      '"host/alpha-7b"',
      '"alpha-7b"',
      'labs.yml:18 "alpha-7b": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      'an exception for an own repository',
      '"host/alpha-7b"',
      '"Alpha/alpha-7b"',
      'labs.yml:18 "Alpha/alpha-7b": is under a handle of alpha already. Remove the exception.',
    ],
    [
      'an exception claimed twice',
      '  note: Personal account.\n',
      '  exceptions:\n    - repo: "Host/Alpha-7B"\n      reason: x\n      evidence: unverified\n  note: Personal account.\n',
      'labs.yml:37 "Host/Alpha-7B": is an exception on line 18 too. Keep it with one lab.',
    ],
    [
      'a pattern that repeats a repetition',
      '"^AlphaLM(?:$|[-_.0-9])"',
      '"^(?:a+)+$"',
      'labs.yml:25 "^(?:a+)+$": repeats a group that repeats inside. Write a pattern without it; two simple ones do.',
    ],
    ['an entry that is not YAML', '  name: Beta\n', '  name: "Beta\n', 'labs.yml:29: is not YAML: '],
    [
      'an old review',
      'checked: "2026-11-01"',
      'checked: "2025-11-01"',
      'labs.yml:27 "2025-11-01": was reviewed 387 days ago. Review alpha and set checked to the day.',
    ],
    [
      'a review in the future',
      'checked: "2026-11-01"',
      'checked: "2062-11-01"',
      'labs.yml:27 "2062-11-01": is after today, 2026-11-23. Write the day of the review.',
    ],
  ])('%s', (_, from, to, message) => {
    edit('labs.yml', from, to)
    const [first] = messages()
    if (message.endsWith(': ')) expect(first).toContain(message)
    else expect(messages()).toContain(message)
  })

  test('a pattern that does not compile', () => {
    edit('labs.yml', '"^AlphaLM(?:$|[-_.0-9])"', '"^AlphaLM("')
    expect(messages()).toEqual([
      expect.stringMatching(/^labs\.yml:25 "\^AlphaLM\(": does not compile: .+\. Write a pattern/),
    ])
  })

  test('a retired key', () => {
    writeFileSync(join(small.path, 'retired-keys.yml'), '- beta\n')
    expect(messages()).toEqual([
      'labs.yml:28 "beta": is a retired key. Choose another: keys are never used again.',
    ])
  })

  test('a handle may pass from one lab to another', () => {
    edit(
      'labs.yml',
      '    - handle: "beta"\n',
      '    - handle: "beta"\n      until: "2025-01-01"\n      evidence: unverified\n',
    )
    edit(
      'labs.yml',
      '    - handle: "alpha"\n',
      '    - handle: "alpha"\n    - handle: "beta"\n      from: "2025-01-02"\n      evidence: unverified\n',
    )
    edit('labs.yml', '    - handle: "alpha"\n', '')
    edit(
      'labs.yml',
      '    - handle: "Alpha-Research"\n      from: "2024-02-01"\n      evidence: unverified\n',
      '',
    )
    expect(messages()).toEqual([])
  })
})

describe('the other files', () => {
  test.each<[string, string, string | RegExp, string, string]>([
    [
      'regions.yml',
      'a country in two regions',
      '["US"]',
      '["CN", "US"]',
      'regions.yml:6 "CN": is in china (line 3) too. Keep it in one region.',
    ],
    [
      'regions.yml',
      'a country twice in one region',
      '["CN", "HK"]',
      '["CN", "CN", "HK"]',
      'regions.yml:3 "CN": is listed twice. Remove one of the two.',
    ],
    [
      'regions.yml',
      'no country at all',
      '["US"]',
      '["US", "XX"]',
      'regions.yml:6 "XX": is not a country. Write a code of countries.yml.',
    ],
    [
      'regions.yml',
      'codes out of order',
      '["CN", "HK"]',
      '["HK", "CN"]',
      'regions.yml:3 "CN": stands below "HK". Move it above "HK" (line 3).',
    ],
    [
      'regions.yml',
      'a code without quotes',
      '"HK"',
      'HK',
      'regions.yml:3 "HK": is not in quotes. Write "HK".',
    ],
    [
      'regions.yml',
      'a country in no region',
      'countries: rest',
      'countries: ["AE"]',
      'regions.yml:7 "FR, GB, NL, NO": are in no region. Add what is missing to one, or end the file with a region of countries: rest.',
    ],
    [
      'regions.yml',
      'rest before the end',
      '["US"]',
      'rest',
      'regions.yml:6 "rest": is not in the last region. Move the region to the end, or list its countries.',
    ],
    [
      'regions.yml',
      'countries of another shape',
      '["US"]',
      'all',
      'regions.yml:6 "all": countries is not a list of codes or the word rest. Write a list of codes or the word rest here.',
    ],
    [
      'countries.yml',
      'a code without quotes',
      '"NO"',
      'NO',
      'countries.yml:7 "NO": is not in quotes. Write "NO".',
    ],
    [
      'countries.yml',
      'a code twice',
      '"NO"',
      '"NL"',
      'countries.yml:7 "NL": is written twice in the same entry. Keep one of the two.',
    ],
    [
      'countries.yml',
      'a code of another form',
      '"NO"',
      '"NOR"',
      'countries.yml:7 "NOR": is not a country code. Write two capital letters.',
    ],
    [
      'countries.yml',
      'codes out of order',
      '"AE"',
      '"DE"',
      'countries.yml:2 "CN": stands below "DE". Move it above "DE" (line 1).',
    ],
    [
      'scopes.yml',
      'a version that is none',
      'version: 1',
      'version: 0',
      'scopes.yml:2 "0": is not a version. Write a whole number from 1.',
    ],
    [
      'scopes.yml',
      'an unknown field',
      'firstParty: false',
      'firstparty: false',
      'scopes.yml:6 "firstparty": is not a known field. Write firstParty.',
    ],
    [
      'scopes.yml',
      'half a day of age',
      '  firstParty: true',
      '  bornWithinDays: 0.5\n  firstParty: true',
      'scopes.yml:18 "0.5": is not a number of days. Write a whole number from 1 to 3650.',
    ],
    [
      'scopes.yml',
      'two ages',
      'firstParty: false\n- key: llm',
      'firstParty: false\n  bornWithinDays: 365\n- key: llm\n  bornWithinDays: 30',
      'scopes.yml:9 "30": differs from 365, the age in all. Write the same number of days in every scope that has one.',
    ],
    [
      'scopes.yml',
      'an empty definition',
      'definition: Some.',
      'definition: ""',
      'scopes.yml:10: definition is empty. Write the definition: it stands beside every number.',
    ],
    [
      'scopes.yml',
      'a day that is none',
      '"2022-11-30"',
      '"30.11.2022"',
      'scopes.yml:17 "30.11.2022": is not a day. Write "YYYY-MM-DD", a day that exists.',
    ],
    [
      'scopes.yml',
      'tasks out of order',
      'any-to-any',
      'visual-chat',
      'scopes.yml:14 "text-generation": stands below "visual-chat". Move it above "visual-chat" (line 13).',
    ],
    [
      'scopes.yml',
      'a flag that is text',
      'firstParty: true',
      'firstParty: "yes"',
      'scopes.yml:18 "yes": firstParty is not a bare true or false. Write a bare true or false here.',
    ],
    [
      'retired-keys.yml',
      'keys out of order',
      '[]',
      '- b\n- a',
      'retired-keys.yml:2 "a": stands below "b". Move it above "b" (line 1).',
    ],
    [
      'retired-keys.yml',
      'no list',
      '[]',
      'a: 1',
      'retired-keys.yml:1: is not a list of keys. Write one "- key" a line, or [] for none.',
    ],
  ])('%s: %s', (file, _, from, to, message) => {
    edit(file, from, to)
    expect(messages()).toContain(message)
  })

  test('a missing file is one problem, not hundreds', () => {
    rmSync(join(small.path, 'countries.yml'))
    expect(messages()).toEqual([
      `countries.yml:1: cannot be read in ${small.path} (ENOENT). Name a folder that holds the registry files.`,
    ])
  })
})

describe('loading', () => {
  test('throws one error that names the first problem, counts the rest and says what to do', () => {
    edit('labs.yml', '"NO"', '"UK"')
    edit('labs.yml', '"beta"\n', '"alpha"\n')
    const error = (() => {
      try {
        return loadRegistry(small.path)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(RegistryError)
    expect(error).toBeInstanceOf(CensusError)
    const { message, exitCode, problems, remedy } = error as RegistryError
    expect(message).toBe('labs.yml:5 "UK": is not a country. (1 more problem)')
    expect(exitCode).toBe(EXIT_CODES.usage)
    expect(remedy.next).toBe('Write "GB".')
    expect(problems.map(problem => [problem.file, problem.line, problem.value])).toEqual([
      ['labs.yml', 5, 'UK'],
      ['labs.yml', 35, 'alpha'],
    ])
  })

  test('goes on where only the written form is wrong', () => {
    edit('labs.yml', 'key: beta', 'key: zeta')
    edit('labs.yml', '"NO"', 'NO')
    expect([...loadRegistry(small.path).labs.keys()]).toEqual(['alpha', 'gamma', 'zeta'])
    expect(new Set(checkRegistry(small.path).map(problem => problem.severity))).toEqual(new Set(['style']))
  })

  test('gives what the file says, with open ends as null', () => {
    const alpha = loadRegistry(small.path).labs.get('alpha')!
    expect(alpha.countries).toEqual([
      { country: 'NO', from: null, until: '2024-05-31', evidence: 'https://example.org/imprint' },
      { country: 'US', from: '2024-06-01', until: null, evidence: 'published-list:AE' },
    ])
    expect(alpha.handles[0]).toEqual({ handle: 'alpha', from: null, until: null, evidence: null })
    expect(alpha.exceptions).toEqual([
      { repoId: 'host/alpha-7b', reason: 'Joint release.', evidence: 'unverified' },
    ])
    expect(alpha.families[0]!.patterns).toEqual([/^AlphaLM(?:$|[-_.0-9])/i])
    expect(alpha.secondCountry).toBe('FR')
  })
})

describe('the revision', () => {
  test('changes with the words and not with line ends or a byte order mark', () => {
    const before = registryRevision(small.path)
    expect(loadRegistry(small.path).revision).toBe(before)
    edit('labs.yml', /^/, '\uFEFF')
    writeFileSync(
      join(small.path, 'labs.yml'),
      readFileSync(join(small.path, 'labs.yml'), 'utf8').replaceAll('\n', '\r\n'),
    )
    expect(registryRevision(small.path)).toBe(before)
    expect(messages()).toEqual([])
    edit('labs.yml', 'Two seats', 'Three seats')
    expect(registryRevision(small.path)).not.toBe(before)
  })
})
