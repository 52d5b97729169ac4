import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCatalogue } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { declaredBases, parseBaseTag, type ResolvedBases } from '../../src/source/parse-bases.ts'
import { HAS_RADAR, radarFiles } from '../support/radar.ts'

const BASE = '621ffdc136468d709f17a20e'
const undeclared = (declared: string) => ({ declared, relation: 'undeclared', baseHubId: null })
const unresolved = (relation: string, declared: string) => ({ declared, relation, baseHubId: null })

describe('a base_model tag', () => {
  test.each([
    ['base_model:Qwen/Qwen3-8B', 'Qwen/Qwen3-8B', null],
    ['base_model:finetune:Qwen/Qwen3-8B', 'Qwen/Qwen3-8B', 'finetune'],
    ['base_model:adapter:a/b', 'a/b', 'adapter'],
    ['base_model:merge:a/b', 'a/b', 'merge'],
    ['base_model:quantized:a/b', 'a/b', 'quantized'],
    ['base_model:quantized:a:b/c:d', 'a:b/c:d', 'quantized'],
    ['base_model:adapter:C:\\Models\\Apriel-5B-Instruct', 'C:\\Models\\Apriel-5B-Instruct', 'adapter'],
    ['base_model:C:\\Models\\Apriel', 'C:\\Models\\Apriel', null],
    ['base_model:adapter:/data/model_base', '/data/model_base', 'adapter'],
    ['base_model:Finetune:a/b', 'Finetune:a/b', null],
    ['base_model:distilled:a/b', 'distilled:a/b', null],
    ['base_model:finetune:adapter:a/b', 'adapter:a/b', 'finetune'],
    ['base_model:finetune', 'finetune', null],
    ['base_model:constructor:a/b', 'constructor:a/b', null],
  ])('%s names %s with relation %s', (tag, declared, relation) => {
    expect(parseBaseTag(tag)).toEqual({ declared, relation })
  })

  test.each(['en', 'base_model', 'Base_model:a/b', 'x base_model:a/b', 'base_model_relation:merge'])(
    'is not %s',
    tag => {
      expect(parseBaseTag(tag)).toBeNull()
    },
  )

  test('keeps every character of the id, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('finetune', 'adapter', 'merge', 'quantized'),
        fc.string(),
        (relation, id) => {
          expect(parseBaseTag(`base_model:${relation}:${id}`)).toEqual({ declared: id, relation })
        },
      ),
    )
  })
})

test('a base_model tag with half a character is kept as text that a file can hold', () => {
  const kept = parseBaseTag('base_model:finetune:a/\ud800b')
  expect(kept).toEqual({ declared: 'a/\ufffdb', relation: 'finetune' })
  expect(Buffer.from(kept!.declared).toString()).toBe(kept!.declared)
})

describe('declared bases', () => {
  test('of a pair of tags are one edge, not two', () => {
    expect(declaredBases(null, ['base_model:a/b', 'en', 'base_model:finetune:a/b'])).toEqual([
      unresolved('finetune', 'a/b'),
    ])
  })

  test('that the Hub resolved carry its _id, and their tags add nothing', () => {
    const resolved = { relation: 'finetune' as const, models: [{ hubId: BASE, repoId: 'a/b' }] }
    expect(declaredBases(resolved, ['base_model:finetune:a/b', 'base_model:a/b'])).toEqual([
      { declared: 'a/b', relation: 'finetune', baseHubId: BASE },
    ])
  })

  test('named by a bare tag alone are undeclared', () => {
    const tags = ['base_model:hand/written', 'base_model:a/b', 'base_model:quantized:a/b']
    expect(declaredBases(null, tags)).toEqual([unresolved('quantized', 'a/b'), undeclared('hand/written')])
  })

  test('in the wrong letter case are another base', () => {
    const resolved = { relation: 'adapter' as const, models: [{ hubId: BASE, repoId: 'unsloth/gemma-E2B' }] }
    const tags = ['base_model:adapter:unsloth/gemma-E2B', 'base_model:adapter:unsloth/gemma-e2b']
    expect(declaredBases(resolved, tags)).toEqual([
      { declared: 'unsloth/gemma-E2B', relation: 'adapter', baseHubId: BASE },
      unresolved('adapter', 'unsloth/gemma-e2b'),
    ])
  })

  test('under an old name in the tag are one base, the one the Hub resolved', () => {
    const resolved = { relation: 'finetune' as const, models: [{ hubId: BASE, repoId: 'zai-org/GLM-4' }] }
    const tags = ['base_model:THUDM/GLM-4', 'base_model:finetune:THUDM/GLM-4']
    expect(declaredBases(resolved, tags)).toEqual([
      { declared: 'zai-org/GLM-4', relation: 'finetune', baseHubId: BASE },
    ])
  })

  test('may be the repository itself: that is a fact to store, not to judge', () => {
    const resolved = { relation: 'merge' as const, models: [{ hubId: BASE, repoId: 'me/myself' }] }
    expect(declaredBases(resolved, ['base_model:merge:me/myself', 'base_model:me/myself'])).toEqual([
      { declared: 'me/myself', relation: 'merge', baseHubId: BASE },
    ])
  })

  test('with two relations to one base are two edges', () => {
    expect(declaredBases(null, ['base_model:merge:a/b', 'base_model:adapter:a/b', 'base_model:a/b'])).toEqual(
      [unresolved('adapter', 'a/b'), unresolved('merge', 'a/b')],
    )
  })

  test('named like properties of every object are ordinary names', () => {
    const tags = ['base_model:__proto__', 'base_model:finetune:constructor', 'base_model:toString']
    expect(declaredBases(null, tags)).toEqual([
      unresolved('finetune', 'constructor'),
      undeclared('__proto__'),
      undeclared('toString'),
    ])
  })

  test('do not depend on the order or the repetition of tags: the Hub’s list and detail order them differently', () => {
    const id = fc.constantFrom('a/b', 'c:d', 'E\\f', 'a/B')
    const word = fc.constantFrom('', 'finetune:', 'adapter:', 'quantized:', 'other:')
    const tag = fc.tuple(word, id).map(([relation, name]) => `base_model:${relation}${name}`)
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 8 }), tags => {
        const bases = declaredBases(null, tags)
        expect(declaredBases(null, [...tags].reverse())).toEqual(bases)
        expect(declaredBases(null, [...tags, ...tags])).toEqual(bases)
        const named = new Set(tags.map(text => parseBaseTag(text)!.declared))
        expect(new Set(bases.map(({ declared }) => declared))).toEqual(named)
        expect(new Set(bases.map(base => JSON.stringify(base))).size).toBe(bases.length)
      }),
    )
  })
})

describe('the bases of a card', () => {
  const resolvedTo = (...names: string[]): ResolvedBases => ({
    relation: 'finetune',
    models: names.map((repoId, index) => ({ hubId: `${BASE.slice(0, -1)}${index}`, repoId })),
  })
  const pair = (name: string) => [`base_model:${name}`, `base_model:finetune:${name}`]
  const names = (resolved: ResolvedBases | null, tags: readonly string[], card: unknown) =>
    declaredBases(resolved, tags, card).map(({ declared, relation, baseHubId }) =>
      baseHubId === null ? `${relation} ${declared}` : `resolved ${declared}`,
    )

  test.each<[string, unknown, string[]]>([
    ['one text', { base_model: 'a/b' }, ['undeclared a/b']],
    ['a list of texts, sorted', { base_model: ['c/d', 'a/b'] }, ['undeclared a/b', 'undeclared c/d']],
    ['one base twice', { base_model: ['a/b', 'a/b'] }, ['undeclared a/b']],
    ['a relation of the Hub', { base_model: 'a/b', base_model_relation: 'quantized' }, ['quantized a/b']],
    ['a relation of nobody', { base_model: 'a/b', base_model_relation: 'distil' }, ['undeclared a/b']],
    ['a relation that is a list', { base_model: 'a/b', base_model_relation: ['merge'] }, ['undeclared a/b']],
    [
      'a relation every object has',
      { base_model: 'a/b', base_model_relation: 'constructor' },
      ['undeclared a/b'],
    ],
    ['the relation alone', { base_model_relation: 'merge' }, []],
    ['spaces around it, kept', { base_model: ' a/b\n' }, ['undeclared  a/b\n']],
    ['letter case, kept', { base_model: ['a/B', 'a/b'] }, ['undeclared a/B', 'undeclared a/b']],
    ['an empty text', { base_model: '' }, []],
    ['512 characters', { base_model: 'x'.repeat(512) }, [`undeclared ${'x'.repeat(512)}`]],
    ['513 characters', { base_model: ['x'.repeat(513), 'a/b'] }, ['undeclared a/b']],
    [
      'half a character',
      { base_model: ['a/\ud800', '\udc00', 'a/\ud83d\ude00'] },
      ['undeclared a/\ud83d\ude00'],
    ],
    ['a number', { base_model: 7 }, []],
    ['an object', { base_model: { name: 'a/b' } }, []],
    ['null', { base_model: null }, []],
    ['texts among other things', { base_model: [1, null, 'a/b', ['c/d'], {}] }, ['undeclared a/b']],
    ['nothing', {}, []],
    ['null for a card', null, []],
    ['a text for a card', 'base_model: a/b', []],
    ['a list for a card', [{ base_model: 'a/b' }], []],
    ['a name every object has', { base_model: '__proto__' }, ['undeclared __proto__']],
    ['a prototype', JSON.parse('{"__proto__":{"base_model":"a/b"}}'), []],
  ])('with %s', (_, card, expected) => {
    expect(names(null, [], card)).toEqual(expected)
  })

  test.each<[string, ResolvedBases | null, string[], unknown, string[]]>([
    ['a resolved base and its tags name, too', resolvedTo('a/b'), pair('a/b'), 'a/b', ['resolved a/b']],
    ['a tag with a relation names, too', null, ['base_model:adapter:a/b'], 'a/b', ['adapter a/b']],
    ['a bare tag names, too', null, ['base_model:a/b'], 'a/b', ['undeclared a/b']],
    ['no tag of another name takes away', null, pair('c/d'), 'a/b', ['finetune c/d', 'undeclared a/b']],
    ['is the old name of the one resolved', resolvedTo('new/b'), pair('new/b'), 'old/b', ['resolved new/b']],
    [
      'holds the old names of all resolved',
      resolvedTo('new/b', 'new/d'),
      [...pair('new/b'), ...pair('new/d')],
      ['old/d', 'old/b'],
      ['resolved new/b', 'resolved new/d'],
    ],
    [
      'holds one old name beside a base that is only tagged',
      resolvedTo('new/b'),
      [...pair('new/b'), 'base_model:finetune:c/D'],
      ['old/b', 'c/D'],
      ['finetune c/D', 'resolved new/b'],
    ],
    [
      'has one base more than was resolved',
      resolvedTo('a/b'),
      pair('a/b'),
      ['a/b', 'c/d'],
      ['resolved a/b', 'undeclared c/d'],
    ],
    [
      'has more bases than were resolved, none by its name',
      resolvedTo('a/b'),
      pair('a/b'),
      ['c/d', 'e/f'],
      ['resolved a/b', 'undeclared c/d', 'undeclared e/f'],
    ],
    ['has fewer than were resolved', resolvedTo('a/b', 'c/d'), [], 'old/b', ['resolved a/b', 'resolved c/d']],
    ['differs by letter case from a tag', null, pair('a/B'), 'a/b', ['finetune a/B', 'undeclared a/b']],
  ])('that %s', (_, resolved, tags, base_model, expected) => {
    expect(names(resolved, tags, { base_model })).toEqual(expected)
  })

  test('are a hundred at most, however many it lists', () => {
    const base_model = Array.from({ length: 10_000 }, (_, index) => [`lab/${index}`, '', 7]).flat()
    const bases = declaredBases(null, [], { base_model })
    expect(new Set(bases.map(({ declared }) => declared))).toEqual(
      new Set(Array.from({ length: 100 }, (_, index) => `lab/${index}`)),
    )
  })

  const text = fc.oneof(fc.constantFrom('a/b', 'a/B', 'c/d', 'e:f', '__proto__', ''), fc.string())
  const tags = fc.array(
    fc
      .tuple(fc.constantFrom('', 'finetune:', 'adapter:'), text)
      .map(([word, id]) => `base_model:${word}${id}`),
    { maxLength: 4 },
  )
  const resolved = fc.option(fc.uniqueArray(text, { maxLength: 3 }).map(found => resolvedTo(...found)))
  const card = fc.record(
    {
      base_model: fc.oneof(text, fc.array(fc.oneof({ weight: 4, arbitrary: text }, fc.jsonValue()))),
      base_model_relation: fc.oneof(fc.constantFrom('merge', 'adapter', 'x'), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )

  test('of any JSON add to what is known without it, never twice, and lose nothing', () => {
    const outcomes = { added: 0, same: 0 }
    fc.assert(
      fc.property(
        resolved,
        tags,
        fc.oneof({ weight: 4, arbitrary: card }, fc.jsonValue()),
        (found, some, any) => {
          const without = declaredBases(found, some)
          const bases = declaredBases(found, some, JSON.parse(JSON.stringify(any)))
          const ids = bases.map(({ declared, relation }) => `${relation} ${declared}`)
          expect(new Set(ids).size).toBe(ids.length)
          expect(bases).toEqual(expect.arrayContaining([...without]))
          const added = bases.filter(base => !without.some(known => known.declared === base.declared))
          expect(bases).toHaveLength(without.length + added.length)
          for (const { declared, baseHubId } of added) {
            expect(baseHubId).toBeNull()
            expect(some.some(tag => parseBaseTag(tag)!.declared === declared)).toBe(false)
          }
          outcomes[added.length > 0 ? 'added' : 'same'] += 1
        },
      ),
      { numRuns: 2000 },
    )
    expect(Math.min(...Object.values(outcomes)), JSON.stringify(outcomes)).toBeGreaterThan(200)
  })

  test('do not depend on the order in which it lists them', () => {
    fc.assert(
      fc.property(resolved, tags, fc.array(text, { maxLength: 8 }), (found, some, listed) => {
        expect(declaredBases(found, some, { base_model: listed.toReversed() })).toEqual(
          declaredBases(found, some, { base_model: listed }),
        )
      }),
    )
  })

  test('that is absent or says nothing leaves the bases as they were', () => {
    fc.assert(
      fc.property(
        resolved,
        tags,
        fc.constantFrom(undefined, null, {}, { license: 'mit' }),
        (found, some, empty) => {
          expect(declaredBases(found, some, empty)).toEqual(declaredBases(found, some))
        },
      ),
    )
  })

  test.skipIf(!HAS_RADAR)('that repeats the tags adds nothing to any recorded repository', async () => {
    const catalogue = await readCatalogue(radarFiles())
    const day = catalogue.days.at(-1)!
    let derivatives = 0
    for (const { tags } of catalogue.rowsOn(day)) {
      const base_model = tags.flatMap(tag => parseBaseTag(tag)?.declared ?? [])
      if (base_model.length > 0) derivatives += 1
      expect(declaredBases(null, tags, { base_model })).toEqual(declaredBases(null, tags))
    }
    expect(derivatives).toBeGreaterThan(5000)
  })
})
