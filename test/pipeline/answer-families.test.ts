import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { FamilyAdoption, FamilyAnswer } from '../../src/domain/family-answer.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { answerFamilies, answerFamily } from '../../src/pipeline/answer-families.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { traceFamilyTrees } from '../../src/pipeline/trace-family-trees.ts'
import { traceLineage } from '../../src/pipeline/trace-lineage.ts'
import { writeReport } from '../../src/pipeline/write-report.ts'
import { LLM, lab, registryOf, scope } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing } from '../store/capturing.ts'
import { temporaryFolder } from '../support/census.ts'

const family = (key: string, pattern: RegExp) => ({ key, name: `Family ${key}`, patterns: [pattern] })
const REGISTRY = registryOf(
  [
    lab('meta', { countries: ['US'], families: [family('llama', /^Llama/), family('opt', /^opt/)] }),
    lab('mistral', { countries: ['FR'], families: [family('mistral', /^Mistral/), family('large', /^Big/)] }),
    lab('qwen', { families: [family('qwen', /^Qwen/), family('large', /^Large/)] }),
  ],
  [scope('all'), LLM],
)
const DAYS = ['2026-03-01', '2026-03-15', '2026-04-02'] as const

const made = (
  number: number,
  id: string,
  counters: [downloads: number, allTime?: number],
  bases: string[] = [],
): CatalogueRow => {
  const [downloads, downloadsAllTime] = counters
  const tags = bases.map(base => `base_model:${base}`)
  return row(number, { id, downloads, tags, ...(downloadsAllTime === undefined ? {} : { downloadsAllTime }) })
}

/** The rows of a day on which a fine-tune of a fine-tune was downloaded so often. */
const rowsOf = (downloads: number): CatalogueRow[] => [
  made(1, 'qwen/Qwen-7B', [100, 1000]),
  made(2, 'qwen/Qwen-7B-Instruct', [50, 500], ['finetune:qwen/Qwen-7B']),
  made(3, 'someone/a', [downloads, 300], ['finetune:qwen/Qwen-7B-Instruct']),
  made(4, 'someone/a-GGUF', [20], ['quantized:someone/a']),
  made(5, 'other/merge', [11, 101], ['merge:someone/a', 'merge:meta/Llama-1']),
  made(6, 'meta/Llama-1', [40, 400]),
  made(7, 'meta/Llama-distilled', [9, 90], ['finetune:qwen/Qwen-7B']),
  made(8, 'someone/b', [7, 70], ['finetune:qwen/Qwen-of-old']),
  made(9, 'alone/z', [1000, 9000]),
  made(10, 'mistral/Mistral-1', [3]),
]

async function published() {
  const [first, second, third] = DAYS
  const census = await capturing({ [first]: rowsOf(10), [second]: rowsOf(20), [third]: rowsOf(30) })
  const effects = { store: census.store, registry: REGISTRY, clock: census.clock, log: silentLog }
  for (const day of DAYS) {
    await census.capture(day)
    publishDailyTotals(effects)
  }
  return effects
}

const ALL = { scope: 'all', attribution: 'root', limit: 25 } as const
const find = ({ families }: FamilyAnswer, key: string) => families.find(found => found.key === key)!
const brief = ({ own, descending, ownElsewhere, ratio30d, ratioAllTime }: FamilyAdoption) => ({
  own: [own.repos, own.downloads30d, own.downloadsAllTime],
  descending: [descending.repos, descending.downloads30d, descending.downloadsAllTime],
  elsewhere: [ownElsewhere.repos, ownElsewhere.downloads30d, ownElsewhere.downloadsAllTime],
  ratios: [ratio30d, ratioAllTime],
})

describe('the families of a small census', () => {
  test('by root have everything that stands on them, a merge by halves and under its last root', async () => {
    const answer = answerFamilies(ALL, await published())
    expect(answer.families.map(({ key }) => key)).toEqual(['qwen/qwen', 'meta/llama', 'mistral/mistral'])
    expect(brief(find(answer, 'qwen/qwen'))).toEqual({
      own: [2, 150, 1500],
      // The fine-tune, its GGUF of unknown lifetime, half the merge, the distilled one, one of a base that is not there.
      descending: [4, 30 + 20 + 5 + 9 + 7, 300 + 50 + 90 + 70],
      elsewhere: [0, 0, 0],
      ratios: [71 / 150, 510 / 1500],
    })
    expect(find(answer, 'qwen/qwen').descending.allTimeUnknownRepos).toBe(1)
    expect(brief(find(answer, 'meta/llama'))).toEqual({
      own: [2, 49, 490],
      descending: [1, 6, 51],
      elsewhere: [1, 9, 90],
      ratios: [6 / 49, 51 / 490],
    })
    expect(brief(find(answer, 'mistral/mistral'))).toEqual({
      own: [1, 3, null],
      descending: [0, 0, 0],
      elsewhere: [0, 0, null],
      ratios: [0, null],
    })
    expect(answer).toMatchObject({
      ...{ scope: 'all', scopeVersion: 1, attribution: 'root', more: 0, empty: 3 },
      whole: { repos: 10, downloads30d: 1270 },
      together: { own: { downloads30d: 202 }, counted: { downloads30d: 221 + 46 + 3 } },
      basis: { asOf: DAYS[2], definitionVersion: 3 },
    })
    expect(answer.coverage).toEqual({
      ...{ attributed: 270 / 1270, unreviewed: 1000 / 1270, basis: 'downloads30d' },
    })
  })

  test('by base have only what names them', async () => {
    const answer = answerFamilies({ ...ALL, attribution: 'base' }, await published())
    expect(brief(find(answer, 'qwen/qwen')).descending).toEqual([3, 30 + 9 + 7, 300 + 90 + 70])
    expect(brief(find(answer, 'meta/llama')).elsewhere).toEqual([1, 9, 90])
  })

  test('are cut at the limit and say how many more there are; a scope leaves others out', async () => {
    const effects = await published()
    expect(answerFamilies({ ...ALL, limit: 1 }, effects)).toMatchObject({
      ...{ families: [{ key: 'qwen/qwen' }], more: 2, empty: 3 },
      together: { own: { downloads30d: 202 } },
    })
    expect(answerFamilies({ ...ALL, scope: 'llm' }, effects)).toMatchObject({ families: [], empty: 6 })
    expect(() => answerFamilies({ ...ALL, scope: 'lll' }, effects)).toThrow('"lll" is no scope')
  })

  test('are those of the day asked for', async () => {
    const effects = await published()
    const asked = (text: string) => answerFamilies({ ...ALL, asOf: parseUtcDay(text) }, effects)
    expect(asked('2026-03-31').basis.asOf).toBe(DAYS[1])
    expect(find(asked('2026-03-31'), 'qwen/qwen').descending.downloads30d).toBe(61)
    expect(() => asked('2026-02-28')).toThrow(CensusError)
  })
})

describe('one family', () => {
  test('is told on the as-of day and on the first published day of each month', async () => {
    const effects = await published()
    const history = answerFamily({ ...ALL, family: 'qwen/qwen' }, effects)
    expect(history).toMatchObject({
      place: 1,
      of: 3,
      family: { key: 'qwen/qwen', familyName: 'Family qwen' },
    })
    expect(
      history.months.map(({ day, ...adoption }) => [
        day,
        adoption.own.downloads30d,
        brief(adoption).descending,
      ]),
    ).toEqual([
      [DAYS[0], 150, [4, 51, 510]],
      [DAYS[2], 150, [4, 71, 510]],
    ])
    const earlier = answerFamily({ ...ALL, family: 'qwen', asOf: parseUtcDay(DAYS[1]) }, effects)
    expect(earlier.months.map(({ day }) => day)).toEqual([DAYS[0]])
    expect(earlier.family.descending.downloads30d).toBe(61)
  })

  test('without anything has no place and zeros', async () => {
    const history = answerFamily({ ...ALL, family: 'opt' }, await published())
    expect(history).toMatchObject({ place: null, of: 3, family: { own: { repos: 0, downloadsAllTime: 0 } } })
    expect(history.months).toHaveLength(2)
  })

  test('that nobody has is refused with the nearest that somebody has, one that two have with both', async () => {
    const effects = await published()
    const refusal = (family: string) => {
      try {
        answerFamily({ ...ALL, family }, effects)
      } catch (error) {
        if (error instanceof CensusError) return `${error.remedy.happened} ${error.remedy.next}`
      }
      return 'none'
    }
    expect(refusal('lama')).toMatch(/no family "lama"\. Type --family llama\? /)
    expect(refusal('Qwen')).toMatch(/Type --family qwen\? /)
    expect(refusal('meta/lama')).toMatch(/Type --family meta\/llama\? /)
    expect(refusal('nothing-like-it')).toMatch(/no family "nothing-like-it"\. "hub-census families/)
    expect(refusal('large')).toBe(
      'Several labs have a family "large". Type --family mistral/large or --family qwen/large.',
    )
  })
})

describe('the trees of the largest families', () => {
  const SIZE = { families: 2, members: 5, depth: 2 }

  test('begin at roots of the family and add up to what counts for it by root', async () => {
    const effects = await published()
    const answer = answerFamilies(ALL, effects)
    const [qwen, llama, ...others] = traceFamilyTrees(answer, SIZE, effects)
    expect(others).toEqual([])
    expect(qwen!.roots.map(({ root }) => root.repoId)).toEqual(['qwen/Qwen-7B'])
    // Its own fine-tune, two below that, the distilled one and the merge, of which half counts for the family.
    expect(qwen!.roots[0]).toMatchObject({ standing: 5, standingDownloads30d: 50 + 30 + 20 + 9 + 11 })
    const lineage = traceLineage({ name: 'qwen/Qwen-7B', depth: 1, children: 1 }, effects)
    expect(lineage.all).toMatchObject({ repos: 5, downloads30d: 120 })
    expect(qwen!.roots[0]!.tree.nodes.map(({ steps, repoId }) => [steps, repoId])).toEqual([
      [1, 'qwen/Qwen-7B-Instruct'],
      [2, 'someone/a'],
      [1, 'meta/Llama-distilled'],
    ])
    // What is left stands on the base that is not there: 7, and half a download that was rounded.
    expect(qwen).toMatchObject({ moreRoots: 0, moreDownloads30d: 7 })
    // The distilled one is its own and no root.
    expect(llama!.roots.map(({ root, standing }) => [root.repoId, standing])).toEqual([['meta/Llama-1', 1]])
    expect(llama!.moreDownloads30d).toBe(1)
  })

  test('tell copies apart from the derivatives that lineage counts, and count both for the family', async () => {
    const day = DAYS[0]
    const registry: Registry = {
      ...REGISTRY,
      reuploads: [
        {
          ...{ handle: 'packer', pattern: /^Qwen-7B-bf16$/, repoId: null, to: 'qwen/Qwen-7B' },
          ...{ reason: 'The same weights.', evidence: 'unverified' },
        },
      ],
    }
    const rows = [
      made(1, 'qwen/Qwen-7B', [100, 1000]),
      made(2, 'someone/a', [30, 300], ['finetune:qwen/Qwen-7B']),
      made(3, 'packer/Qwen-7B-bf16', [8, 80]),
      made(4, 'other/on-copy', [5, 50], ['quantized:packer/Qwen-7B-bf16']),
    ]
    const { store, clock, capture } = await capturing({ [day]: rows })
    const effects = { store, registry, clock, log: silentLog }
    await capture(day)
    publishDailyTotals(effects)
    const answer = answerFamilies(ALL, effects)
    expect(find(answer, 'qwen/qwen').descending).toMatchObject({ repos: 3, downloads30d: 43 })
    const [qwen] = traceFamilyTrees(answer, SIZE, effects)
    const [tree] = qwen!.roots
    expect(tree).toMatchObject({ standing: 2, standingDownloads30d: 35, copies: 1, copyDownloads30d: 8 })
    expect(qwen!.moreDownloads30d).toBe(0)
    const { all, copies } = traceLineage({ name: 'qwen/Qwen-7B', depth: 1, children: 1 }, effects)
    expect([all.repos, all.downloads30d]).toEqual([tree!.standing, tree!.standingDownloads30d])
    expect(copies).toEqual({ repos: tree!.copies, downloads30d: tree!.copyDownloads30d, goneRepos: 0 })
  })

  test('say what they leave out', async () => {
    const effects = await published()
    const answer = answerFamilies(ALL, effects)
    const [qwen] = traceFamilyTrees(answer, { ...SIZE, members: 1 }, effects)
    expect(qwen!.roots[0]!.tree.more).toEqual({ repos: 1, copies: 0, downloads30d: 9, goneRepos: 0 })
    const [none] = traceFamilyTrees(answer, { ...SIZE, members: 0 }, effects)
    expect(none).toMatchObject({ roots: [], moreRoots: 1, moreDownloads30d: 221 })
  })

  test('stand in the report beside the table and the chart', async () => {
    const file = join(temporaryFolder(), 'report.html')
    await writeReport(file, await published())
    const page = readFileSync(file, 'utf8')
    const section = page.slice(page.indexOf('<section aria-labelledby="families">'))
    expect(section).toContain(
      '<th scope="row">Family qwen (Lab qwen)</th><td>2</td><td>150</td><td>1,500</td>',
    )
    expect(section).toContain('aria-labelledby="family-chart-title family-chart-desc"')
    expect(section).toMatch(/<strong>qwen\/Qwen-7B<\/strong>.*<ul><li>qwen\/Qwen-7B-Instruct /)
    expect(section.match(/<details class="tree">/g)).toHaveLength(3)
  })
})
