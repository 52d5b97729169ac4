import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkRegistry } from '../../src/registry/check-registry.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { formatRegistryProblem, RegistryError } from '../../src/registry/registry-problem.ts'
import { SMALL_FILES, useSmallFolder } from './small-folder.ts'

const small = useSmallFolder()

/** What stops the registry from loading: every message, in order; none where it loads. */
function refusal(): string[] {
  try {
    loadRegistry(small.path)
    return []
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    expect(error.message).toMatch(/^[a-z-]+\.yml:\d+/)
    expect(error.remedy.next).not.toBe('')
    return error.problems.map(formatRegistryProblem)
  }
}

describe('the registry does not load with', () => {
  test.each<[string, string, string | RegExp, string, string]>([
    [
      'an unknown field',
      'labs.yml',
      'secondCountry: "FR"',
      'owner: "FR"',
      'labs.yml:11 "owner": is not a known field. Remove it; the fields here are key, name, kind, countries, secondCountry, handles, exceptions, families, note, checked.',
    ],
    [
      'the field __proto__ in an entry',
      'labs.yml',
      'secondCountry: "FR"',
      '__proto__: "FR"',
      'labs.yml:11 "__proto__": is not a known field. Remove it; the fields here are key, name, kind, countries, secondCountry, handles, exceptions, families, note, checked.',
    ],
    [
      'the field __proto__ that holds fields',
      'labs.yml',
      '  kind: company\n',
      '  __proto__: { kind: company }\n',
      'labs.yml:1: the field kind is missing. Add kind to this entry.',
    ],
    [
      'the field __proto__ inside a handle',
      'labs.yml',
      '    - handle: "beta"\n',
      '    - handle: "beta"\n      __proto__: { from: "2020-01-01" }\n',
      'labs.yml:36 "__proto__": is not a known field. Remove it; the fields here are handle, from, until, evidence.',
    ],
    [
      'the field constructor',
      'labs.yml',
      'secondCountry: "FR"',
      'constructor: "FR"',
      'labs.yml:11 "constructor": is not a known field. Remove it; the fields here are key, name, kind, countries, secondCountry, handles, exceptions, families, note, checked.',
    ],
    [
      'the handle __proto__',
      'labs.yml',
      '"beta"\n',
      '"__proto__"\n',
      'labs.yml:35 "__proto__": is not a Hub handle. Letters, digits, "-", "_" and ".", as in the address.',
    ],
    [
      'the key __proto__',
      'labs.yml',
      'key: beta',
      'key: __proto__',
      'labs.yml:28 "__proto__": is not a key. Use lower-case letters, digits and single "-" between words.',
    ],
    [
      'the country __proto__',
      'labs.yml',
      '"NO"',
      '"__proto__"',
      'labs.yml:5 "__proto__": is not a country. Write a two-letter code of countries.yml or "multinational" or "unknown".',
    ],
    [
      'the code __proto__',
      'countries.yml',
      '"AE": United Arab Emirates',
      '"__proto__": Nowhere',
      'countries.yml:1 "__proto__": is not a country code. Write two capital letters.',
    ],
    [
      'a number for a handle',
      'labs.yml',
      '"beta"\n',
      '007\n',
      'labs.yml:35 "007": handle is not text. Put it in quotes.',
    ],
    [
      'no for a country, as YAML of old reads NO',
      'labs.yml',
      '"NO"',
      'false',
      'labs.yml:5 "false": country is not text. Put it in quotes.',
    ],
    [
      'a handle owned twice, folded',
      'labs.yml',
      '"gamma-tests"',
      '"alpha-research"',
      'labs.yml:45 "alpha-research": is owned by alpha (line 14) and excluded by gamma (line 45). Remove it from one of the two.',
    ],
    [
      'a tenure written twice',
      'labs.yml',
      '      until: "2024-05-31"\n      evidence: https://example.org/imprint\n',
      '      from: "2024-06-01"\n      evidence: https://example.org/imprint\n',
      'labs.yml:8 "US": overlaps the seat above it, NO. Give NO until: "2024-05-31".',
    ],
    [
      'tenures of a handle that overlap by a day',
      'labs.yml',
      '    - handle: "beta"\n',
      '    - handle: "beta"\n      until: "2024-01-01"\n      evidence: unverified\n    - handle: "beta"\n      from: "2024-01-01"\n      evidence: unverified\n',
      'labs.yml:38 "beta": is listed twice by beta on the same days. Remove one, or end the older with an until day.',
    ],
    [
      'an unknown country',
      'labs.yml',
      '"NO"',
      '"XX"',
      'labs.yml:5 "XX": is not a country. Write a two-letter code of countries.yml or "multinational" or "unknown".',
    ],
    [
      'a region without members',
      'regions.yml',
      '["US"]',
      '[]',
      'regions.yml:6 "united-states": has no country. List its countries, or remove the region.',
    ],
    [
      'a rest of nothing',
      'regions.yml',
      '["US"]',
      '["AE", "FR", "GB", "NL", "NO", "US"]',
      'regions.yml:9 "rest": is left without a country. Remove the region, or leave it some.',
    ],
    [
      'a pattern that can run away',
      'scopes.yml',
      '"gguf"',
      '".*.*.*x"',
      'scopes.yml:16 ".*.*.*x": has repeats that compete for the same letters. Write a pattern without it; two simple ones do.',
    ],
    [
      'a field written twice',
      'labs.yml',
      '  kind: community\n',
      '  kind: community\n  "kind": company\n',
      'labs.yml:31 "kind": is written twice in the same entry. Keep one of the two.',
    ],
    [
      'a tab for indentation',
      'labs.yml',
      '  kind: community\n',
      '\tkind: community\n',
      'labs.yml:30: is indented with a tab. Use spaces.',
    ],
    [
      'a tag of another program',
      'labs.yml',
      'name: Beta',
      'name: !!python/object:os.system Beta',
      'labs.yml:29: is not YAML: Unresolved tag: tag:yaml.org,2002:python/object:os.system. Compare the line with its neighbours: indentation, quotes, colon.',
    ],
    [
      'an alias',
      'labs.yml',
      'name: Beta',
      'name: *other',
      'labs.yml:29 "*other": stands for something written elsewhere. Write the value itself.',
    ],
    [
      'a second document',
      'retired-keys.yml',
      '[]\n',
      '[]\n---\n- alpha\n',
      'retired-keys.yml:2: is not YAML: Source contains multiple documents; please use YAML.parseAllDocuments(). Compare the line with its neighbours: indentation, quotes, colon.',
    ],
    ['an empty name', 'labs.yml', 'name: Beta', 'name: " "', 'labs.yml:29: name is empty. Write the name.'],
    [
      'a name that turns its neighbours round',
      'labs.yml',
      'name: Beta',
      'name: "Be\u202eta"',
      'labs.yml:29 "Be\\\\u{202e}ta": holds a character that cannot be seen. Remove it.',
    ],
    [
      'evidence that hides an address in another',
      'labs.yml',
      'https://example.org/imprint',
      'https://example.org/\u200bimprint',
      'labs.yml:7 "https://example.org/\\\\u{200b}imprint": is not evidence. Write "unverified", an https address, or "published-list:" and letters of A E N W S I H G K, each once.',
    ],
  ])('%s (%s)', (_, file, from, to, message) => {
    small.edit(file, from, to)
    expect(refusal()).toContain(message)
  })

  test.each(['labs.yml', 'regions.yml', 'scopes.yml'])('an empty %s, or one without an entry', file => {
    for (const text of ['', '\n\n', '# nothing\n']) {
      small.write(file, text)
      expect(refusal()[0]).toBe(`${file}:1: is not a list of entries. Start every entry with "- key:".`)
    }
    small.write(file, '[]\n')
    expect(refusal()).toContain(`${file}:1: holds no entry. Start every entry with "- key:".`)
  })

  test('an empty countries.yml or retired-keys.yml', () => {
    small.write('countries.yml', '')
    // One message, not one for every code of the other files.
    expect(refusal()).toEqual([
      'countries.yml:1: is not a list of codes and names. Write one "CODE": name a line.',
    ])
    small.write('countries.yml', '{}\n')
    expect(refusal()).toEqual(['countries.yml:1: names no country. Write one "CODE": name a line.'])
    small.write('countries.yml', SMALL_FILES['countries.yml'])
    small.write('retired-keys.yml', '')
    expect(refusal()).toEqual([
      'retired-keys.yml:1: is not a list of keys. Write one "- key" a line, or [] for none.',
    ])
  })

  test.each(Object.keys(SMALL_FILES))('%s in another encoding, at the first line that shows it', file => {
    const bytes = readFileSync(join(small.path, file))
    const secondLine = bytes.indexOf('\n') + 1
    const broken = Buffer.concat([bytes.subarray(0, secondLine), Buffer.from([0xe9, 0x0a]), bytes])
    small.write(file, broken)
    expect(refusal()[0]).toBe(`${file}:2: is not UTF-8. Save the file as UTF-8.`)
    small.write(
      file,
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString('utf8'), 'utf16le')]),
    )
    expect(refusal()[0]).toBe(`${file}:1: is not UTF-8. Save the file as UTF-8.`)
  })

  test('a line that is not YAML, said once and not again for every line below', () => {
    small.edit('labs.yml', 'name: Beta', 'name: "Beta')
    expect(refusal()).toHaveLength(1)
  })

  test('a bomb of aliases, within a second', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const before = level === 0 ? '"x"' : `*a${level - 1}`
      return `- &a${level} [${Array(10).fill(before).join(', ')}]`
    })
    small.write('labs.yml', `${levels.join('\n')}\n`)
    const since = Date.now()
    expect(refusal()).toEqual([
      'labs.yml:2 "*a0": stands for something written elsewhere. Write the value itself.',
    ])
    expect(Date.now() - since).toBeLessThan(1000)
  })

  test('a value that holds itself', () => {
    small.write('labs.yml', '- &a [*a]\n')
    expect(refusal()).toEqual([
      'labs.yml:1 "*a": stands for something written elsewhere. Write the value itself.',
    ])
  })

  test('lists nested past all sense', () => {
    small.write('labs.yml', '['.repeat(200_000))
    expect(refusal()[0]).toMatch(/^labs\.yml:1: is not YAML: /)
  })
})

describe('look-alikes', () => {
  const both = ['c0here', 'Cohere'] as const

  test.each([
    ['a digit for a letter', 'a1pha'],
    ['a capital i for an l', 'aIpha'],
  ])('a handle that reads like another lab’s: %s', (_, handle) => {
    small.edit('labs.yml', '"beta"\n', `"${handle}"\n`)
    expect(refusal()).toEqual([
      `labs.yml:35 "${handle}": looks like alpha of alpha (line 13). Correct the misspelled one, or name alpha in the note of beta if both exist.`,
    ])
  })

  test('may both be listed when a note of one names the other', () => {
    small.edit('labs.yml', '"alpha"\n', `"${both[0]}"\n`)
    small.edit('labs.yml', '"beta"\n', `"${both[1]}"\n`)
    expect(refusal()).toHaveLength(1)
    small.edit('labs.yml', 'note: Personal account.', `note: Not ${both[0]}, which is Alpha.`)
    expect(refusal()).toEqual([])
  })

  test('may both be of one lab', () => {
    small.edit('labs.yml', '    - handle: "alpha"\n', '    - handle: "a1pha"\n    - handle: "alpha"\n')
    expect(refusal()).toEqual([])
  })

  test('in letters of another alphabet are no handles, and are told apart from the ones they imitate', () => {
    small.edit('labs.yml', '"beta"\n', '"аlpha"\n')
    expect(refusal()).toEqual([
      'labs.yml:35 "аlpha": is not a Hub handle. Letters, digits, "-", "_" and ".", as in the address.',
      'labs.yml:35 "аlpha": looks like alpha of alpha (line 13). Correct the misspelled one, or name alpha in the note of beta if both exist.',
    ])
  })
})

describe('what is read rightly loads, and is for the tests of the files to refuse', () => {
  test.each([
    ['NO without quotes', '"NO"', 'NO', '"NO": is not in quotes'],
    ['entries out of order', 'key: beta', 'key: zeta', '"gamma": stands below "zeta"'],
  ])('%s', (_, from, to, message) => {
    small.edit('labs.yml', from, to)
    expect(refusal()).toEqual([])
    expect(checkRegistry(small.path).map(formatRegistryProblem).join('\n')).toContain(message)
  })

  test('a byte order mark and line ends of another system', () => {
    for (const [name, text] of Object.entries(SMALL_FILES)) {
      small.write(name, `\uFEFF${text.replaceAll('\n', '\r\n')}`)
    }
    expect(refusal()).toEqual([])
    small.edit('labs.yml', 'kind: community', 'kind: person')
    expect(refusal()[0]).toMatch(/^labs\.yml:30 "person": /)
  })
})
