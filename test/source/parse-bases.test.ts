import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { declaredBases, parseBaseTag } from '../../src/source/parse-bases.ts'

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
