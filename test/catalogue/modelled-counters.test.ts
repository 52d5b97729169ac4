import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayNumber, FIRST_DAY, LAST_DAY, modelCounters } from '../../fixtures/catalogue/modelled-counters.ts'
import { parseRepos } from '../../fixtures/catalogue/repos-file.ts'
import { LAB_HANDLES } from './lab-handles.ts'

const file = fileURLToPath(new URL('../../fixtures/catalogue/repos.tsv', import.meta.url))
const repos = parseRepos(readFileSync(file, 'utf8'))
const counters = modelCounters(repos)

const days = Array.from({ length: dayNumber(LAST_DAY) - dayNumber(FIRST_DAY) + 1 }, (_, i) =>
  new Date((dayNumber(FIRST_DAY) + i) * 86_400_000).toISOString().slice(0, 10),
)
const repoIndex = fc.nat(repos.length - 1)
const dayIndex = fc.nat(days.length - 1)
const handleOf = (id: string) => id.split('/')[0]!

describe('the laws of the generator', () => {
  test('counters never fall', () => {
    fc.assert(
      fc.property(repoIndex, dayIndex, dayIndex, (repo, a, b) => {
        const earlier = counters.countersOn(repo, days[Math.min(a, b)]!)
        const later = counters.countersOn(repo, days[Math.max(a, b)]!)
        expect(later.downloadsAllTime).toBeGreaterThanOrEqual(earlier.downloadsAllTime)
        expect(later.likes).toBeGreaterThanOrEqual(earlier.likes)
      }),
      { numRuns: 2000 },
    )
  })

  test('30-day downloads are the all-time counter less its value 30 days before', () => {
    fc.assert(
      fc.property(repoIndex, fc.integer({ min: 30, max: days.length - 1 }), (repo, day) => {
        const now = counters.countersOn(repo, days[day]!)
        const before = counters.countersOn(repo, days[day - 30]!)
        expect(now.downloads30d).toBe(now.downloadsAllTime - before.downloadsAllTime)
      }),
      { numRuns: 2000 },
    )
  })

  test('a repo has nothing before its creation, and whole numbers after', () => {
    fc.assert(
      fc.property(repoIndex, dayIndex, (repo, day) => {
        const seen = counters.countersOn(repo, days[day]!)
        if (days[day]! < repos[repo]!.createdOn) {
          expect(seen).toEqual({ downloadsAllTime: 0, downloads30d: 0, likes: 0 })
        }
        for (const count of Object.values(seen)) {
          expect(Number.isSafeInteger(count)).toBe(true)
          expect(count).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('the same seed gives the same values, another seed others', () => {
    const again = modelCounters(repos)
    const other = modelCounters(repos, 1)
    let different = 0
    fc.assert(
      fc.property(repoIndex, dayIndex, (repo, day) => {
        const seen = counters.countersOn(repo, days[day]!)
        expect(again.countersOn(repo, days[day]!)).toEqual(seen)
        if (other.countersOn(repo, days[day]!).downloadsAllTime !== seen.downloadsAllTime) different += 1
      }),
    )
    expect(different).toBeGreaterThan(10)
  })

  test('a day outside the model is refused', () => {
    expect(() => counters.countersOn(0, '2023-10-31')).toThrow(RangeError)
    expect(() => counters.countersOn(0, '2026-01-01')).toThrow(RangeError)
  })
})

describe('the public record', () => {
  const leftOut =
    /guard|shield|safety|classifier|detector|reranker|reward|embed|tokenizer|adapter|lora|checkpoint|intermediate|proxy|gguf|mlx|onnx|openvino|gptq|awq|bnb|bitsandbytes|prequantized|sae|probe|interpretability|test|dummy|warmup/i
  const generative = new Set(['text-generation', 'image-text-to-text', 'any-to-any'])

  /** First-party generative models of a region, as the ATOM Project's list draws them. */
  function totals(inGroup: (handle: string) => boolean): number[] {
    const members = repos.flatMap((repo, index) =>
      generative.has(repo.task ?? '') &&
      repo.createdOn > '2022-11-30' &&
      !leftOut.test(repo.id.split('/')[1]!) &&
      inGroup(handleOf(repo.id))
        ? [index]
        : [],
    )
    return days.map(day =>
      members.reduce((sum, index) => sum + counters.countersOn(index, day).downloadsAllTime, 0),
    )
  }
  const china = totals(handle => LAB_HANDLES.china.has(handle))
  const unitedStates = totals(handle => LAB_HANDLES.unitedStates.has(handle))
  const europe = totals(handle => LAB_HANDLES.europe.has(handle))
  const elsewhere = totals(handle => LAB_HANDLES.elsewhere.has(handle))
  const millionsOn = (series: number[], day: string) => series[days.indexOf(day)]! / 1e6
  const passings = (a: number[], b: number[]) =>
    days.filter((_, i) => i > 0 && a[i]! > b[i]! !== a[i - 1]! > b[i - 1]!)

  test('China passes the United States once, between mid July and mid August 2025', () => {
    const found = passings(china, unitedStates)
    expect(found).toHaveLength(1)
    expect(found[0]! >= '2025-07-15' && found[0]! <= '2025-08-15').toBe(true)
    expect(china.at(-1)!).toBeGreaterThan(unitedStates.at(-1)!)
  })

  test('Qwen passes Llama once, between mid September and the end of October 2025', () => {
    const found = passings(
      totals(handle => handle === 'Qwen'),
      totals(handle => handle === 'meta-llama'),
    )
    expect(found).toHaveLength(1)
    expect(found[0]! >= '2025-09-10' && found[0]! <= '2025-10-31').toBe(true)
  })

  test.each([
    ['United States, November 2023', unitedStates, '2023-11-01', 10, 15],
    ['China, November 2023', china, '2023-11-01', 1, 3],
    ['United States, August 2025', unitedStates, '2025-08-15', 285, 345],
    ['China, August 2025', china, '2025-08-15', 285, 345],
    ['Europe, August 2025', europe, '2025-08-15', 60, 70],
    ['elsewhere, August 2025', elsewhere, '2025-08-15', 25, 50],
    ['United States, end of 2025', unitedStates, '2025-12-31', 520, 600],
    ['China, end of 2025', china, '2025-12-31', 650, 800],
  ])('%s is in its range', (_, series, day, least, most) => {
    expect(millionsOn(series, day)).toBeGreaterThan(least)
    expect(millionsOn(series, day)).toBeLessThan(most)
  })

  test('encoders outweigh everything when all repos count', () => {
    const on = (id: string) =>
      counters.countersOn(
        repos.findIndex(repo => repo.id === id),
        LAST_DAY,
      )
    const miniLm = on('sentence-transformers/all-MiniLM-L6-v2')
    expect(miniLm.downloads30d).toBeGreaterThan(150e6)
    expect(miniLm.downloads30d).toBeLessThan(250e6)
    expect(miniLm.downloadsAllTime).toBeGreaterThan(1.5e9)
    expect(on('google-bert/bert-base-uncased').downloadsAllTime).toBeGreaterThan(2 ** 31)

    const everythingOn = (handles: ReadonlySet<string>, day: string) =>
      repos.reduce(
        (sum, repo, index) =>
          handles.has(handleOf(repo.id)) ? sum + counters.countersOn(index, day).downloadsAllTime : sum,
        0,
      )
    for (const day of days.filter((_, i) => i % 30 === 0)) {
      expect(everythingOn(LAB_HANDLES.unitedStates, day)).toBeGreaterThan(
        everythingOn(LAB_HANDLES.china, day),
      )
    }
  })

  test('a tenth or so of the community finetunes have five downloads or fewer', () => {
    const all = Object.values(LAB_HANDLES)
    const finetunes = repos.flatMap((repo, index) =>
      repo.relation === 'finetune' && !all.some(handles => handles.has(handleOf(repo.id))) ? [index] : [],
    )
    const few = finetunes.filter(index => counters.countersOn(index, LAST_DAY).downloadsAllTime <= 5)
    expect(few.length / finetunes.length).toBeGreaterThan(0.08)
    expect(few.length / finetunes.length).toBeLessThan(0.16)
  })
})
