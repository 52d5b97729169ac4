import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createFamilyFinder } from '../../src/derive/family.ts'
import { nameOf } from '../../src/domain/repo.ts'
import { bundled, shared } from '../registry/bundled.ts'
import { day, lab, registryOf } from './small-registry.ts'

const family = (key: string, ...patterns: RegExp[]) => ({ key, name: `Family ${key}`, patterns })

describe('the family of a repository', () => {
  const registry = registryOf([
    lab('alpha', {
      handles: ['alpha', ['sold', null, '2025-01-01']],
      exceptions: ['beta/one-guest'],
      families: [family('first', /^one/i, /^two/i), family('second', /^(?:two|three)/i)],
    }),
    lab('beta', { handles: ['beta', ['sold', '2025-01-01', null]], families: [family('other', /one/i)] }),
  ])
  const finder = createFamilyFinder(registry)
  const keyOf = (repoId: string, on = '2026-01-01') => finder.familyOf(repoId, day(on))?.family.key ?? null

  test('is the first of its lab in the order of the file with a matching pattern', () => {
    expect(keyOf('alpha/One-7B')).toBe('first')
    expect(keyOf('alpha/two-7B')).toBe('first')
    expect(keyOf('alpha/three')).toBe('second')
    expect(keyOf('alpha/four')).toBeNull()
    expect(finder.familyOf('alpha/three', day('2026-01-01'))?.lab.key).toBe('alpha')
  })

  test('is asked of the part after the slash alone', () => {
    expect(keyOf('beta/x')).toBeNull()
    expect(keyOf('alpha/one/two')).toBe('first')
  })

  test('follows the handle to its owner of the day', () => {
    expect(keyOf('sold/one', '2024-06-01')).toBe('first')
    expect(keyOf('sold/one', '2025-06-01')).toBe('other')
    expect(keyOf('sold/three', '2025-06-01')).toBeNull()
  })

  test('is none for a stranger, a look-alike and a repository an exception gives to another lab', () => {
    for (const repoId of ['nobody/one-7B', 'Alpha/one', '__proto__/one', 'one', '', 'beta/one-guest']) {
      expect(keyOf(repoId), repoId).toBeNull()
    }
    expect(keyOf('beta/one-of-ours')).toBe('other')
  })
})

/** The families the tables show, and a word that every name of the family is expected to hold. */
const NAMED = [
  ['alibaba-qwen', 'qwen', /qwen/i],
  ['meta', 'llama', /llama/i],
  ['deepseek', 'deepseek', /deepseek/i],
  ['mistral-ai', 'mistral', /(?:mistral|mixtral|magistral|ministral|\w+stral|pixtral|voxtral)/i],
  ['google', 'gemma', /gemma/i],
  ['openai', 'gpt-oss', /gpt-oss/i],
  ['microsoft', 'phi', /\bphi/i],
  ['allen-institute-for-ai', 'olmo', /(?<!m)olmo/i],
  ['nvidia', 'nemotron', /nemotron/i],
  ['ibm', 'granite', /granite/i],
  ['zhipu-ai', 'glm', /glm/i],
  ['moonshot-ai', 'kimi', /kimi/i],
  ['minimax', 'minimax', /minimax/i],
  ['baidu', 'ernie', /ernie/i],
  ['tencent', 'hunyuan', /hunyuan|^hy\b/i],
  ['bytedance', 'seed', /seed\b/i],
  ['stepfun', 'step', /\bstep/i],
  ['shanghai-ai-laboratory', 'internlm', /internlm/i],
  ['01-ai', 'yi', /\byi\b/i],
  ['baichuan', 'baichuan', /baichuan/i],
  ['tii', 'falcon', /falcon/i],
  ['cohere', 'command', /command/i],
  ['cohere', 'aya', /\baya/i],
  ['lg-ai-research', 'exaone', /exaone/i],
  ['hugging-face', 'smollm', /smollm/i],
] as const

/** Names that hold the word and are no members: OCR tools of AI2 built on Qwen. */
const NOT_MEMBERS = /^allenai\/olmOCR-/

const ON = day('2026-08-21')
const ATOM = shared('real/atom/models.csv')
const RADAR = shared('real/radar/2026-08-21.jsonl.gz')
const finder = createFamilyFinder(bundled)
const labOf = new Map(
  [...bundled.labs.values()].flatMap(entry => entry.handles.map(({ handle }) => [handle, entry] as const)),
)
const ownerOf = (repoId: string) => labOf.get(repoId.slice(0, repoId.indexOf('/')))

/** The last column of the list is the id; none holds a comma. */
const atomIds = () =>
  readFileSync(ATOM, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map(line => line.split(',').at(-1)!.replaceAll('"', ''))

const radarIds = () =>
  gunzipSync(readFileSync(RADAR))
    .toString()
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as { id: string }).id)

/** First-party names that hold the word of a named family and are not in it. */
function missed(ids: readonly string[]): string[] {
  return ids.filter(id => {
    if (NOT_MEMBERS.test(id)) return false
    const owner = ownerOf(id)
    const named = NAMED.filter(([key, , word]) => key === owner?.key && word.test(nameOf(id)))
    const found = finder.familyOf(id, ON)?.family.key
    return named.length > 0 && !named.some(([, key]) => key === found)
  })
}

function inTwo(ids: readonly string[]): string[] {
  return ids.filter(id => {
    const families = ownerOf(id)?.families ?? []
    return families.filter(({ patterns }) => patterns.some(pattern => pattern.test(nameOf(id)))).length > 1
  })
}

test('every named family is one of its lab', () => {
  const keys = NAMED.map(([key, family]) =>
    bundled.labs.get(key)?.families.some(found => found.key === family),
  )
  expect(keys).toEqual(NAMED.map(() => true))
})

describe.skipIf(!existsSync(ATOM))("ATOM's primary models (skipped: ../shared/real/atom is absent)", () => {
  test('fall into the families of their labs as far as their names say', ({ annotate }) => {
    const ids = atomIds()
    expect(ids).toHaveLength(1772)
    const shares = [...new Set(NAMED.map(([key]) => key))].map(key => {
      const own = ids.filter(id => ownerOf(id)?.key === key)
      const inOne = own.filter(id => finder.familyOf(id, ON) !== null)
      return [key, inOne.length, own.length] as const
    })
    const table = shares.map(([key, inOne, own]) => {
      const share = own === 0 ? 'none listed' : `${((100 * inOne) / own).toFixed(1)} %`
      return `${key.padEnd(24)}${String(inOne).padStart(5)} of ${String(own).padStart(4)}  ${share}`
    })
    void annotate(table.join('\n'), 'share in a family')
    process.stdout.write(`${table.join('\n')}\n`)
    expect(new Map(shares.map(([key, inOne, own]) => [key, `${inOne}/${own}`]))).toEqual(
      new Map([
        ['alibaba-qwen', '205/205'],
        ['meta', '54/55'],
        ['deepseek', '78/78'],
        ['mistral-ai', '63/63'],
        ['google', '130/130'],
        ['openai', '2/2'],
        ['microsoft', '22/29'],
        ['allen-institute-for-ai', '122/135'],
        ['nvidia', '98/157'],
        ['ibm', '76/76'],
        ['zhipu-ai', '119/212'],
        ['moonshot-ai', '13/15'],
        ['minimax', '13/13'],
        ['baidu', '13/17'],
        ['tencent', '31/41'],
        ['bytedance', '7/15'],
        ['stepfun', '0/0'],
        ['shanghai-ai-laboratory', '113/132'],
        ['01-ai', '0/0'],
        ['baichuan', '8/8'],
        ['tii', '20/20'],
        ['cohere', '0/0'],
        ['lg-ai-research', '0/0'],
        ['hugging-face', '31/35'],
      ]),
    )
  })

  test('are in one family at most, and in the named one where their name holds its word', () => {
    expect(inTwo(atomIds())).toEqual([])
    expect(missed(atomIds())).toEqual([])
  })
})

describe.skipIf(!existsSync(RADAR))(
  'a recorded day of the catalogue (skipped: ../shared/real/radar is absent)',
  () => {
    test('holds no first-party model in two families, and none outside the family its name holds', () => {
      const ids = radarIds()
      expect(ids).toHaveLength(13_192)
      expect(inTwo(ids)).toEqual([])
      expect(missed(ids)).toEqual([])
    })

    test('has members of the families in the news', () => {
      const found = new Set(radarIds().map(id => finder.familyOf(id, ON)?.family.key))
      for (const key of [
        'qwen',
        'llama',
        'deepseek',
        'mistral',
        'gemma',
        'gpt-oss',
        'nemotron',
        'glm',
        'kimi',
      ]) {
        expect(found, key).toContain(key)
      }
    })
  },
)
