import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { createAliasFinder, createReuploadFinder } from '../../src/derive/base-names.ts'
import { entryChanges } from '../../src/derive/entry-changes.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkRegistry } from '../../src/registry/check-registry.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { formatRegistryProblem } from '../../src/registry/registry-problem.ts'
import { registryRevision } from '../../src/registry/registry-revision.ts'
import { SMALL_ALIASES, SMALL_REUPLOADS, useSmallFolder } from './small-folder.ts'

const folder = useSmallFolder()
const messages = () => checkRegistry(folder.path, parseUtcDay('2026-11-23')).map(formatRegistryProblem)

const COPIES = 're-uploads.yml'
const ALIASES = 'aliases.yml'
const FILES = [COPIES, ALIASES]

beforeEach(() => {
  folder.write(COPIES, SMALL_REUPLOADS)
  folder.write(ALIASES, SMALL_ALIASES)
})

test('what the files say becomes rules by handle, single repositories first, and aliases by the old word', () => {
  const { reuploads, aliases } = loadRegistry(folder.path)
  expect(reuploads).toEqual([
    {
      handle: 'beta',
      pattern: /^first$/,
      repoId: 'beta/first',
      to: 'alpha/AlphaLM-1',
      reason: 'Its card says so.',
      evidence: 'https://example.org/first',
    },
    {
      handle: 'beta',
      pattern: /^(AlphaLM)-(\d)(?:-4bit|-GGUF)?$/i,
      repoId: null,
      to: 'alpha/$1-$2',
      reason: 'The same weights.',
      evidence: 'unverified',
    },
  ])
  const checked = '2026-11-01'
  expect([...aliases.ids]).toEqual([['alphalm', { to: 'alpha/AlphaLM-1', evidence: 'unverified', checked }]])
  expect([...aliases.handles]).toEqual([
    ['Alpha-Research', { to: 'alpha', evidence: 'https://example.org/renamed', checked }],
  ])
})

test('a copy is found by its name with one ending or none, and by nothing else', () => {
  const find = createReuploadFinder(loadRegistry(folder.path))
  const found = (repoId: string) => find(repoId)?.repoId ?? null
  expect(['beta/AlphaLM-2', 'beta/alphalm-2-gguf', 'beta/AlphaLM-2-4bit', 'beta/first'].map(found)).toEqual([
    'alpha/AlphaLM-2',
    'alpha/alphalm-2',
    'alpha/AlphaLM-2',
    'alpha/AlphaLM-1',
  ])
  const others = ['beta/AlphaLM-2-4bit-GGUF', 'beta/My-AlphaLM-2', 'beta/AlphaLM-2-8bit', 'beta/First']
  expect([...others, 'Beta/AlphaLM-2', 'gamma/AlphaLM-2', 'AlphaLM-2', ''].map(found)).toEqual(
    Array(8).fill(null),
  )
})

test('an ending holds no pattern: a dot in it is a dot', () => {
  folder.edit(COPIES, '"-4bit"', '"-.4bit"')
  const find = createReuploadFinder(loadRegistry(folder.path))
  expect(find('beta/AlphaLM-2-.4bit')?.repoId).toBe('alpha/AlphaLM-2')
  expect(find('beta/AlphaLM-2-x4bit')).toBeNull()
})

test('an old id and an old handle lead on', () => {
  const find = createAliasFinder(loadRegistry(folder.path))
  expect(find('alphalm')).toEqual({ repoId: 'alpha/AlphaLM-1', rule: 'legacy-id' })
  expect(find('Alpha-Research/x')).toEqual({ repoId: 'alpha/x', rule: 'renamed-handle' })
  for (const text of ['AlphaLM', 'alpha/x', 'Alpha-Research', 'Alpha-Research/x/y', '']) {
    expect(find(text)).toBeNull()
  }
})

describe('a message names file, line, value and remedy', () => {
  test.each<[string, string, string | RegExp, string, string]>([
    [
      COPIES,
      'an unknown field',
      'suffixes:',
      'sufixes:',
      're-uploads.yml:2 "sufixes": is not a known field. Write suffixes.',
    ],
    [
      COPIES,
      'an unknown field of a rule',
      'reason: The same',
      'because: The same',
      're-uploads.yml:8 "because": is not a known field. Remove it; the fields here are pattern, to, reason, evidence.',
    ],
    [
      COPIES,
      'the field __proto__',
      'reason: The same',
      '__proto__: The same',
      're-uploads.yml:8 "__proto__": is not a known field. Remove it; the fields here are pattern, to, reason, evidence.',
    ],
    [
      COPIES,
      'the handle __proto__',
      'handle: "beta"',
      'handle: "__proto__"',
      're-uploads.yml:1 "__proto__": is no handle of labs.yml. Enter the account in labs.yml first.',
    ],
    [
      COPIES,
      'a handle that is not listed',
      'handle: "beta"',
      'handle: "bta"',
      're-uploads.yml:1 "bta": is no handle of labs.yml. Write "beta", or enter the account in labs.yml first.',
    ],
    [
      COPIES,
      'a handle in letters of another alphabet',
      'handle: "beta"',
      'handle: "bеta"',
      're-uploads.yml:1 "bеta": is no handle of labs.yml. Write "beta", or enter the account in labs.yml first.',
    ],
    [
      COPIES,
      'a handle of the past',
      'handle: "beta"',
      'handle: "Alpha-Research"',
      're-uploads.yml:1 "Alpha-Research": was renamed alpha (aliases.yml). Write the rules under "alpha".',
    ],
    [
      COPIES,
      'one handle twice, whatever its letters',
      /$/,
      '- handle: "Beta"\n  rules: []\n  checked: "2026-11-01"\n',
      're-uploads.yml:16 "Beta": is on line 1 already. Merge the two entries.',
    ],
    [
      COPIES,
      'an entry that says nothing',
      /$/,
      '- handle: "gamma-tests"\n  rules: []\n  checked: "2026-11-01"\n',
      're-uploads.yml:16 "gamma-tests": has no rule. Add rules or repos, or remove the entry.',
    ],
    [
      COPIES,
      'a wrong order',
      /$/,
      '- handle: "alpha"\n  rules: []\n  checked: "2026-11-01"\n',
      're-uploads.yml:16 "alpha": stands below "beta". Move it above "beta" (line 1).',
    ],
    [
      COPIES,
      'an unsorted ending',
      '    - "-4bit"\n    - "-GGUF"',
      '    - "-GGUF"\n    - "-4bit"',
      're-uploads.yml:4 "-4bit": stands below "-GGUF". Move it above "-GGUF" (line 3).',
    ],
    [
      COPIES,
      'an ending twice',
      '"-GGUF"',
      '"-4bit"',
      're-uploads.yml:4 "-4bit": is listed twice. Remove one of the two.',
    ],
    [
      COPIES,
      'an ending that is part of a word',
      '"-4bit"',
      '"4bit"',
      're-uploads.yml:3 "4bit": is not the end of a name. Begin it with "-", "." or "_".',
    ],
    [
      COPIES,
      'no ending',
      '    - "-4bit"\n    - "-GGUF"\n',
      '    []\n',
      're-uploads.yml:3: has no suffix. Add one, or remove the field.',
    ],
    [
      COPIES,
      'a pattern without its end',
      '(\\\\d)$"',
      '(\\\\d)"',
      're-uploads.yml:6 "^(AlphaLM)-(\\\\d)": is not anchored. Begin it with "^" and end it with "$", alternatives in a group.',
    ],
    [
      COPIES,
      'a dollar sign for an end',
      '(\\\\d)$"',
      '(\\\\d)\\\\$"',
      're-uploads.yml:6 "^(AlphaLM)-(\\\\d)\\\\$": is not anchored. Begin it with "^" and end it with "$", alternatives in a group.',
    ],
    [
      COPIES,
      'an alternative that is half anchored',
      '-(\\\\d)$"',
      '|(\\\\d)$"',
      're-uploads.yml:6 "^(AlphaLM)|(\\\\d)$": is not anchored. Begin it with "^" and end it with "$", alternatives in a group.',
    ],
    [
      COPIES,
      'a pattern that does not compile',
      '(AlphaLM)',
      '(AlphaLM',
      're-uploads.yml:6 "^(AlphaLM-(\\\\d)$": does not compile: Invalid regular expression: /^(AlphaLM-(\\d)(?:-4bit|-GGUF)?$/i: Unterminated group. Write a pattern without it; two simple ones do.',
    ],
    [
      COPIES,
      'a pattern that can run away',
      '(\\\\d)$',
      '(\\\\w+)+(\\\\d)$',
      're-uploads.yml:6 "^(AlphaLM)-(\\\\w+)+(\\\\d)$": repeats a group that repeats inside. Write a pattern without it; two simple ones do.',
    ],
    [
      COPIES,
      'a pattern that runs away together with its endings',
      '(\\\\d)$',
      '([\\\\w.-]*)x?y?$',
      're-uploads.yml:6 "^(AlphaLM)-([\\\\w.-]*)x?y?$": has repeats that compete for the same letters. Write a pattern without it; two simple ones do.',
    ],
    [
      COPIES,
      'a group that the pattern does not have',
      'alpha/$1-$2',
      'alpha/$1-$3',
      're-uploads.yml:7 "alpha/$1-$3": asks for $3 of a pattern with 2 groups. Add the group, or correct the number.',
    ],
    [
      COPIES,
      'a target without an owner',
      'alpha/$1-$2',
      '$1-$2',
      're-uploads.yml:7 "$1-$2": is not a repository. Write "owner/name", with $1 to $9 for the groups of the pattern.',
    ],
    [
      COPIES,
      'an owner out of the name',
      'alpha/$1-$2',
      '$1/$2',
      're-uploads.yml:7 "$1/$2": is not a repository. Write "owner/name", with $1 to $9 for the groups of the pattern.',
    ],
    [
      COPIES,
      'a target with an address',
      'to: "alpha/AlphaLM-1"',
      'to: "https://huggingface.co/alpha/AlphaLM-1"',
      're-uploads.yml:12 "https://huggingface.co/alpha/AlphaLM-1": is not a repository. Write "owner/name", with $1 to $9 for the groups of the pattern.',
    ],
    [
      COPIES,
      'a group where there is no pattern',
      'to: "alpha/AlphaLM-1"',
      'to: "alpha/$1"',
      're-uploads.yml:12 "alpha/$1": asks for $1 of a pattern with no group. Add the group, or correct the number.',
    ],
    [
      COPIES,
      'a target that maps again',
      'alpha/$1-$2',
      'beta/$1-$2',
      're-uploads.yml:7 "beta/$1-$2": is under beta, whose copies are mapped themselves. Write the model at the end of the way.',
    ],
    [
      COPIES,
      'a single repository that leads in a circle',
      'to: "alpha/AlphaLM-1"',
      'to: "beta/first"',
      're-uploads.yml:12 "beta/first": is under beta, whose copies are mapped themselves. Write the model at the end of the way.',
    ],
    [
      COPIES,
      'a target under a handle of the past',
      'alpha/$1-$2',
      'Alpha-Research/$1-$2',
      're-uploads.yml:7 "Alpha-Research/$1-$2": is under Alpha-Research, which was renamed (aliases.yml). Write "alpha/$1-$2".',
    ],
    [
      COPIES,
      'a target of nobody',
      'alpha/$1-$2',
      'a1pha/$1-$2',
      're-uploads.yml:7 "a1pha": is no handle of labs.yml. Write "alpha", or enter the account in labs.yml first.',
    ],
    [
      COPIES,
      'a repository of another handle',
      'repo: "beta/first"',
      'repo: "gamma-tests/first"',
      're-uploads.yml:11 "gamma-tests/first": is not under beta. Move it to the entry of its handle.',
    ],
    [
      COPIES,
      'a rule twice',
      /^ {2}repos:\n[\s\S]*?(?= {2}checked)/m,
      '    - pattern: "^(AlphaLM)-(\\\\d)$"\n      to: "alpha/$1"\n      reason: Again.\n      evidence: unverified\n',
      're-uploads.yml:10 "^(AlphaLM)-(\\\\d)$": is written twice for beta. Keep the one that is right.',
    ],
    [COPIES, 'no reason', 'The same weights.', '" "', 're-uploads.yml:8: reason is empty. Write the reason.'],
    [
      COPIES,
      'evidence that is none',
      'https://example.org/first',
      'http://example.org/first',
      're-uploads.yml:14 "http://example.org/first": is not evidence. Write "unverified", an https address, or "published-list:" and letters of A E N W S I H G K, each once.',
    ],
    [
      COPIES,
      'a review long ago',
      '"2026-11-01"',
      '"2025-11-01"',
      're-uploads.yml:15 "2025-11-01": was reviewed 387 days ago. Review beta and set checked to the day.',
    ],
    [
      COPIES,
      'another shape',
      /^[\s\S]*$/,
      'a: 1\n',
      're-uploads.yml:1: is not a list of entries. Start every entry with "- handle:".',
    ],
    [
      ALIASES,
      'an unknown list',
      'handles:',
      'handle:',
      'aliases.yml:6 "handle": is not a known list. Write handles.',
    ],
    [
      ALIASES,
      'the list __proto__',
      'handles:',
      '__proto__:',
      'aliases.yml:6 "__proto__": is not a known list. Remove it; the lists are ids, handles.',
    ],
    [
      ALIASES,
      'a list that is missing',
      /^handles:[\s\S]*/m,
      '',
      'aliases.yml:1: is not a list of entries. Start every entry with "- handle:".',
    ],
    [
      ALIASES,
      'another shape',
      /^[\s\S]*$/,
      '- id: x\n',
      'aliases.yml:1: is not two lists. Write "ids:" and "handles:", each with a list below it.',
    ],
    [
      ALIASES,
      'an unknown field',
      'to: "alpha/AlphaLM-1"',
      'too: "alpha/AlphaLM-1"',
      'aliases.yml:3 "too": is not a known field. Write to.',
    ],
    [
      ALIASES,
      'an old id that is a path',
      'id: "alphalm"',
      'id: "models/alpha/lm"',
      'aliases.yml:2 "models/alpha/lm": is not an id. Write the old id: "owner/name", or a name without an owner.',
    ],
    [
      ALIASES,
      'the id __proto__',
      'id: "alphalm"',
      'id: "__proto__"',
      'aliases.yml:2 "__proto__": is not an id. Write the old id: "owner/name", or a name without an owner.',
    ],
    [
      ALIASES,
      'a new id without an owner',
      'to: "alpha/AlphaLM-1"',
      'to: "AlphaLM-1"',
      'aliases.yml:3 "AlphaLM-1": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      ALIASES,
      'an id that leads to itself',
      'id: "alphalm"',
      'id: "alpha/AlphaLM-1"',
      'aliases.yml:3 "alpha/AlphaLM-1": leads to itself. Write what it became, or remove it.',
    ],
    [
      ALIASES,
      'an id that moved on',
      'handles:',
      '  - id: "x/y"\n    to: "alphalm"\n    evidence: unverified\n    checked: "2026-11-01"\nhandles:',
      'aliases.yml:7 "alphalm": is not a repository. Write "owner/name", as in the address.',
    ],
    [
      ALIASES,
      'a way of two steps',
      'handles:',
      '  - id: "alpha/AlphaLM-1"\n    to: "alpha/AlphaLM-2"\n    evidence: unverified\n    checked: "2026-11-01"\nhandles:',
      'aliases.yml:3 "alpha/AlphaLM-1": moved on. Write "alpha/AlphaLM-2".',
    ],
    [
      ALIASES,
      'a circle',
      'to: "alpha"\n',
      'to: "beta"\n    evidence: unverified\n    checked: "2026-11-01"\n  - handle: "beta"\n    to: "Alpha-Research"\n',
      'aliases.yml:8 "beta": leads back to Alpha-Research. Keep the way that is right, and remove the other.',
    ],
    [
      ALIASES,
      'one id twice, whatever its letters',
      'handles:',
      '  - id: "AlphaLM"\n    to: "alpha/AlphaLM-2"\n    evidence: unverified\n    checked: "2026-11-01"\nhandles:',
      'aliases.yml:6 "AlphaLM": is on line 2 already. Keep one of the two.',
    ],
    [
      ALIASES,
      'a wrong order',
      'handles:',
      '  - id: "a"\n    to: "alpha/AlphaLM-2"\n    evidence: unverified\n    checked: "2026-11-01"\nhandles:',
      'aliases.yml:6 "a": stands below "alphalm". Move it above "alphalm" (line 2).',
    ],
    [
      ALIASES,
      'a new id under a handle of the past',
      'to: "alpha/AlphaLM-1"',
      'to: "Alpha-Research/AlphaLM-1"',
      'aliases.yml:3 "Alpha-Research/AlphaLM-1": is under Alpha-Research, which was renamed. Write "alpha/AlphaLM-1".',
    ],
    [
      ALIASES,
      'a new id under a look-alike',
      'to: "alpha/AlphaLM-1"',
      'to: "a1pha/AlphaLM-1"',
      'aliases.yml:3 "a1pha/AlphaLM-1": is under a handle that looks like alpha of labs.yml. Write "alpha/AlphaLM-1".',
    ],
    [
      ALIASES,
      'a new handle that is not listed',
      'to: "alpha"\n',
      'to: "alphq"\n',
      'aliases.yml:8 "alphq": is no handle of labs.yml. Write "alpha", or enter the account in labs.yml first.',
    ],
    [
      ALIASES,
      'a handle in letters of another alphabet',
      'to: "alpha"\n',
      'to: "аlpha"\n',
      'aliases.yml:8 "аlpha": is not a Hub handle. Letters, digits, "-", "_" and ".", as in the address.',
    ],
    [
      ALIASES,
      'a handle that went to another lab',
      'to: "alpha"\n',
      'to: "beta"\n',
      'aliases.yml:8 "beta": belongs to beta, and Alpha-Research to alpha. A renamed account stays with its lab: correct labs.yml, or remove this.',
    ],
    [
      ALIASES,
      'an id without quotes',
      'id: "alphalm"',
      'id: alphalm',
      'aliases.yml:2 "alphalm": is not in quotes. Write "alphalm".',
    ],
    [
      ALIASES,
      'a day to come',
      '"2026-11-01"',
      '"2027-11-01"',
      'aliases.yml:5 "2027-11-01": is after today, 2026-11-23. Write the day of the review.',
    ],
  ])('%s: %s', (file, _, from, to, message) => {
    folder.edit(file, from, to)
    expect(messages()).toContain(message)
  })
})

test('an entry of labs.yml that cannot be read is not reported again wherever its handle stands', () => {
  folder.edit('labs.yml', 'kind: community', 'kind: comunity')
  expect(messages()).toEqual(['labs.yml:30 "comunity": is not a known kind. Write community.'])
})

test.each(FILES)('%s missing is one problem', file => {
  rmSync(join(folder.path, file))
  expect(messages()).toEqual([
    `${file}:1: cannot be read in ${folder.path} (ENOENT). Name a folder that holds the registry files.`,
  ])
})

test('an empty list is an answer: nobody copies, nothing moved', () => {
  folder.write(COPIES, '[]\n')
  folder.write(ALIASES, 'ids: []\nhandles: []\n')
  expect(messages()).toEqual([])
  const { reuploads, aliases } = loadRegistry(folder.path)
  expect([reuploads.length, aliases.ids.size, aliases.handles.size]).toEqual([0, 0, 0])
})

test.each([
  [COPIES, 'alpha/$1-$2', 'alpha/$1.$2'],
  [ALIASES, 'alpha/AlphaLM-1', 'alpha/AlphaLM-2'],
])('%s is part of the revision', (file, from, to) => {
  const before = registryRevision(folder.path)
  expect(loadRegistry(folder.path).revision).toBe(before)
  folder.edit(file, from, to)
  expect(registryRevision(folder.path)).not.toBe(before)
  expect(loadRegistry(folder.path).revision).toBe(registryRevision(folder.path))
})

test('a comparison names the rules and aliases that differ', () => {
  const before = loadRegistry(folder.path)
  folder.edit(COPIES, 'alpha/$1-$2', 'alpha/$1.$2')
  folder.edit(COPIES, 'to: "alpha/AlphaLM-1"', 'to: "alpha/AlphaLM-0"')
  folder.write(ALIASES, SMALL_ALIASES.replace('"alphalm"', '"oldlm"'))
  expect(entryChanges(before, loadRegistry(folder.path))).toEqual([
    {
      kind: 're-upload',
      subject: 'beta/first',
      before: 'alpha/AlphaLM-1',
      after: 'alpha/AlphaLM-0',
    },
    {
      kind: 're-upload',
      subject: 'beta: ^(AlphaLM)-(\\d)(?:-4bit|-GGUF)?$',
      before: 'alpha/$1-$2',
      after: 'alpha/$1.$2',
    },
    { kind: 'alias', subject: 'alphalm', before: 'alpha/AlphaLM-1', after: null },
    { kind: 'alias', subject: 'oldlm', before: null, after: 'alpha/AlphaLM-1' },
  ])
})
