import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SIZE_BUCKETS, sizeBucket, sizeOf } from '../../src/derive/size.ts'
import type { CuratedSize } from '../../src/domain/registry.ts'

const curated = (parts: Partial<CuratedSize>): CuratedSize => ({
  totalB: 671,
  activeB: null,
  isLegacy: false,
  note: null,
  ...parts,
})
const NONE = { sizes: new Map<string, CuratedSize>() }

describe('the size of a repository', () => {
  const registry = { sizes: new Map([['lab/R1-7B', curated({ activeB: 37 })]]) }

  test('is the curated total, then the safetensors count, then the number in the name', () => {
    expect(sizeOf('lab/R1-7B', 685e9, registry)).toEqual({ totalB: 671, activeB: 37, from: 'curated' })
    expect(sizeOf('lab/r1-7B', 685e9, registry)).toEqual({ totalB: 685, activeB: null, from: 'safetensors' })
    expect(sizeOf('lab/r1-7B', null, registry)).toEqual({ totalB: 7, activeB: null, from: 'name' })
    expect(sizeOf('lab/r1', null, registry)).toBeNull()
  })

  test('is not taken from an empty safetensors header', () => {
    expect(sizeOf('lab/x-7B', 0, NONE)).toMatchObject({ totalB: 7, from: 'name' })
    expect(sizeOf('lab/x', 0, NONE)).toBeNull()
  })

  test.each([
    ['Qwen/Qwen3-8B', 8],
    ['Qwen/Qwen2.5-0.5B-Instruct', 0.5],
    ['meta-llama/llama-2-7b-hf', 7],
    ['facebook/opt-1.3b', 1.3],
    ['facebook/opt-125m', 0.125],
    ['google/gemma-3-270m-it', 0.27],
    ['inclusionAI/Ling-1T', null],
    ['deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', 32],
    // Active or effective parameters are not the total, and are no answer of their own.
    ['Qwen/Qwen3-30B-A3B', 30],
    ['nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-FP8', 30],
    ['Qwen/Qwen1.5-MoE-A2.7B', null],
    ['google/gemma-3n-E4B-it', null],
    // Eight experts of 7B share layers: 46.7B, which the name does not say.
    ['mistralai/Mixtral-8x7B-v0.1', null],
    ['mistralai/Mixtral-8x22B-Instruct-v0.1', null],
    ['lab/34Bx2-MoE', null],
    // Two numbers: active and total, encoder and decoder, parameters and tokens.
    ['allenai/OLMoE-1B-7B-0924', null],
    ['google/t5gemma-2b-2b-ul2', null],
    ['TinyLlama/TinyLlama-1.1B-intermediate-step-50K-105b', null],
    // A context of a million tokens, tokens in training, and decimals written with "_".
    ['Qwen/Qwen2.5-7B-Instruct-1M', 7],
    ['lab/chat-1m', null],
    ['allenai/OLMo-7B-Twin-2T', 7],
    ['stabilityai/stablelm-2-1_6b', null],
    ['openai-community/gpt2', null],
    ['lab/0B', null],
    ['7B/model', null],
  ])('read off %s is %s', (repoId, totalB) => {
    expect(sizeOf(repoId, null, NONE)?.totalB ?? null).toBe(totalB)
  })

  test('never has active parameters that nobody stated, whatever the name says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 1, max: 99 }),
        fc.constantFrom('', '-Instruct', '-FP8'),
        fc.option(fc.integer({ min: 1, max: 2e12 })),
        (total, active, ending, parameters) => {
          const found = sizeOf(`lab/Model-${total}B-A${active}B${ending}`, parameters, NONE)
          expect(found).toEqual({
            totalB: parameters === null ? total : parameters / 1e9,
            activeB: null,
            from: parameters === null ? 'name' : 'safetensors',
          })
        },
      ),
    )
  })

  test('says nothing of a name made of experts, and is positive or unknown for any text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 256 }), fc.integer({ min: 1, max: 99 }), (experts, each) => {
        expect(sizeOf(`lab/Mix-${experts}x${each}B`, null, NONE)).toBeNull()
      }),
    )
    const word = fc.stringMatching(/^[0-9bBmMtTxA._-]{1,20}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), word), name => {
        const found = sizeOf(`lab/${name}`, null, NONE)
        if (found !== null) expect(SIZE_BUCKETS).toContain(sizeBucket(found.totalB))
      }),
    )
  })

  test('of a hostile name takes no longer than its length', () => {
    const started = performance.now()
    sizeOf(`lab/${'1'.repeat(200_000)}`, null, NONE)
    sizeOf(`lab/${'1.'.repeat(100_000)}b`, null, NONE)
    sizeOf(`lab/${'-7'.repeat(100_000)}`, null, NONE)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('the buckets', () => {
  test.each([
    [0.001, '<1B'],
    [0.999, '<1B'],
    [1, '1-5B'],
    [4.999, '1-5B'],
    [5, '5-10B'],
    [9.999, '5-10B'],
    [10, '10-50B'],
    [49.9, '10-50B'],
    [50, '50-100B'],
    [99.9, '50-100B'],
    [100, '100-250B'],
    [249.9, '100-250B'],
    [250, '250B+'],
    [1000, '250B+'],
  ])('put %d billion into %s', (totalB, bucket) => {
    expect(sizeBucket(totalB)).toBe(bucket)
  })

  test('partition the sizes: each is in exactly one, and a larger one is never in a smaller bucket', () => {
    const size = fc.double({ min: Number.MIN_VALUE, max: 1e6, noNaN: true })
    const rank = (totalB: number) => SIZE_BUCKETS.indexOf(sizeBucket(totalB))
    fc.assert(
      fc.property(size, size, (x, y) => {
        expect(rank(x)).toBeGreaterThanOrEqual(0)
        if (x <= y) expect(rank(x)).toBeLessThanOrEqual(rank(y))
      }),
    )
    expect(new Set([0.5, 2, 7, 20, 70, 200, 400].map(sizeBucket))).toEqual(new Set(SIZE_BUCKETS))
  })

  test.each([0, -1, Number.NaN])('refuse %d: an unknown size has no bucket', totalB => {
    expect(() => sizeBucket(totalB)).toThrow(RangeError)
  })
})
