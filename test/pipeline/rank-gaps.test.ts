import { expect, test } from 'vitest'
import { createAttributor } from '../../src/derive/attribute.ts'
import type { ShareCounter } from '../../src/domain/derivative.ts'
import type { ReviewGaps } from '../../src/domain/review-gaps.ts'
import { rankGaps } from '../../src/pipeline/rank-gaps.ts'
import { reviewGapsText } from '../../src/present/review-gaps-text.ts'
import { readPopulation } from '../../src/store/read-population.ts'
import { beginSweep } from '../../src/store/sweep-ledger.ts'
import { day, EVERY_KIND, lab, registryOf } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { type Capturing, capturing } from '../store/capturing.ts'

const DAY = '2026-03-01'
const NOTICE = 'a catalogue made by hand'

/** By hand. Reviewed: qwen, and two of nobody's repositories by exception (meta/m2 is nobody's third). */
const rows = () => [
  row(1, { id: 'qwen/a', downloads: 600, downloadsAllTime: 5000 }),
  row(2, { id: 'nobody/m1', downloads: 30, downloadsAllTime: 3000 }),
  row(3, { id: 'nobody/m2', downloads: 100, downloadsAllTime: 1000 }),
  row(4, { id: 'nobody/m2-r', downloads: 100 }),
  row(5, { id: 'stranger/s1', downloads: 40, downloadsAllTime: 10 }),
  row(6, { id: 'stranger/s2', downloads: 50 }),
  row(7, { id: 'stranger/s3', downloads: 20, downloadsAllTime: 20 }),
  row(8, { id: 'stranger/s4', downloads: 10, downloadsAllTime: 20 }),
  row(9, { id: 'silent/x', downloads: 50 }),
]

async function census(): Promise<Capturing> {
  const taken = await capturing({ [DAY]: rows() }, { notice: NOTICE })
  await taken.capture(DAY)
  return taken
}

const handles = ({ gaps }: ReviewGaps) => gaps.map(({ handle }) => handle)

test('unreviewed publishers are ranked by 30-day downloads, exceptions counting for their lab', async () => {
  const { store } = await census()
  const answer = rankGaps({ by: 'downloads30d', limit: 10 }, { store, registry: EVERY_KIND })
  expect(answer.basis).toMatchObject({
    asOf: DAY,
    notice: NOTICE,
    registryRevision: EVERY_KIND.revision,
  })
  expect(answer.laterSweep).toBeNull()
  expect(answer.whole).toEqual({
    repos: 9,
    downloads30d: 1000,
    downloadsAllTime: 9050,
    allTimeUnknownRepos: 3,
  })
  expect(answer.unreviewed).toEqual({
    repos: 6,
    downloads30d: 200,
    downloadsAllTime: 3050,
    allTimeUnknownRepos: 2,
  })
  expect([answer.unreviewedPublishers, answer.reviewed30d]).toEqual([3, 0.8])
  expect(answer.reviewedAllTime).toBeCloseTo(6000 / 9050, 12)
  expect(handles(answer)).toEqual(['stranger', 'silent', 'nobody'])
  const [stranger, silent, nobody] = answer.gaps
  expect(stranger).toMatchObject({ repos: 4, downloads30d: 120, downloadsAllTime: 50, share30d: 0.12 })
  expect(stranger!.topModels.map(({ repoId }) => repoId)).toEqual([
    'stranger/s2',
    'stranger/s1',
    'stranger/s3',
  ])
  // Unknown, never zero.
  expect(silent).toMatchObject({ downloadsAllTime: null, shareAllTime: null, allTimeUnknownRepos: 1 })
  expect(nobody).toMatchObject({ repos: 1, downloads30d: 30, downloadsAllTime: 3000, allTimeUnknownRepos: 0 })
  expect(nobody!.topModels.map(({ repoId }) => repoId)).toEqual(['nobody/m1'])
})

test('by all-time downloads an unknown sum stands below every known one, and an unknown model below the known', async () => {
  const { store } = await census()
  const answer = rankGaps({ by: 'downloadsAllTime', limit: 10 }, { store, registry: EVERY_KIND })
  expect(handles(answer)).toEqual(['nobody', 'stranger', 'silent'])
  expect(answer.gaps[1]!.topModels.map(({ repoId }) => repoId)).toEqual([
    'stranger/s3',
    'stranger/s4',
    'stranger/s1',
  ])
})

test('the limit shortens the list and no sum', async () => {
  const { store } = await census()
  const effects = { store, registry: EVERY_KIND }
  const all = rankGaps({ by: 'downloads30d', limit: 10 }, effects)
  const one = rankGaps({ by: 'downloads30d', limit: 1 }, effects)
  expect(one.gaps).toEqual(all.gaps.slice(0, 1))
  expect({ ...one, gaps: [] }).toEqual({ ...all, gaps: [] })
})

test('a handle is reviewed only on the days somebody owns it', async () => {
  const { store } = await census()
  const owning = (until: string) => {
    const registry = registryOf([lab('s', { handles: [['stranger', null, until]] })])
    return handles(rankGaps({ by: 'downloads30d', limit: 10 }, { store, registry })).includes('stranger')
  }
  expect([owning('2026-04-01'), owning('2026-02-01')]).toEqual([false, true])
})

test('a publisher whose every repository is an exception is no gap', async () => {
  const { store } = await census()
  const registry = registryOf([lab('meta', { exceptions: ['silent/x'] })])
  expect(handles(rankGaps({ by: 'downloads30d', limit: 10 }, { store, registry }))).not.toContain('silent')
})

test('what is gone is left out', async () => {
  const next = '2026-03-02'
  const taken = await capturing({ [DAY]: rows(), [next]: rows().filter(({ id }) => id !== 'silent/x') })
  await taken.capture(DAY)
  await taken.capture(next, { acceptShrinkage: true })
  const answer = rankGaps({ by: 'downloads30d', limit: 10 }, { store: taken.store, registry: EVERY_KIND })
  const gone = [...readPopulation(taken.store)].filter(({ goneOn }) => goneOn !== null)
  expect(gone.map(({ repo }) => repo.repoId)).toEqual(['silent/x'])
  expect([handles(answer).includes('silent'), answer.whole.repos]).toEqual([false, 8])
})

test('a sweep that has begun since is told of', async () => {
  const { store } = await census()
  beginSweep(store, { source: 'x', notice: null, day: day('2026-03-02'), startedAt: 0 })
  const answer = rankGaps({ by: 'downloads30d', limit: 1 }, { store, registry: EVERY_KIND })
  expect(answer.basis.asOf).toBe(DAY)
  expect(answer.laterSweep).toEqual({ day: '2026-03-02', state: 'running' })
})

test('the text carries the notice, shows an unknown as no number and makes a hostile name harmless', async () => {
  const { store } = await census()
  const answer = rankGaps({ by: 'downloads30d', limit: 10 }, { store, registry: EVERY_KIND })
  const [first, ...others] = answer.gaps
  const hostile = {
    ...first!,
    handle: 'bad\u001b[2J',
    topModels: [{ ...first!.topModels[0]!, repoId: 'x\u202ey' }],
  }
  const text = reviewGapsText({ ...answer, gaps: [hostile, ...others] })
  for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden)
  expect(text.startsWith('*** A CATALOGUE MADE BY HAND: not observations of the Hub ***\n')).toBe(true)
  expect(text).toContain(`as of ${DAY} · registry ${EVERY_KIND.revision}`)
  expect(text).toMatch(/^silent +1 +50 +5\.0 % +– +– +1$/m)
})

test('before the first complete sweep there is no answer', async () => {
  const { store } = await capturing({ [DAY]: rows() })
  expect(() => rankGaps({ by: 'downloads30d', limit: 1 }, { store, registry: EVERY_KIND })).toThrow(
    'No sweep is complete',
  )
})

test.each(['downloads30d', 'downloadsAllTime'] as const)(
  'a catalogue of thousands gives by %s what judging each repository gives',
  async by => {
    // Drawn by a fixed recipe: more publishers than are kept while ranking, some reviewed, some unknown counters.
    const many = Array.from({ length: 3000 }, (_, at) =>
      row(at + 1, {
        id: `${at % 7 === 0 ? 'qwen' : `p${(at * 7919) % 1711}`}/m${at}`,
        downloads: (at * 104729) % 997,
        ...(at % 5 === 0 ? {} : { downloadsAllTime: (at * 1299709) % 99991 }),
      }),
    )
    const { store, capture } = await capturing({ [DAY]: many })
    await capture(DAY, { pageSize: 1000 })
    const registry = registryOf([lab('qwen'), lab('x', { exceptions: ['p1/m1000', 'p208/m2'] })])
    const answer = rankGaps({ by, limit: 5 }, { store, registry })
    expect(answer.gaps.map(gap => [gap.handle, gap[by]])).toEqual(judgedOneByOne(by, store, registry, 5))
  },
)

function judgedOneByOne(
  by: ShareCounter,
  store: Capturing['store'],
  registry: typeof EVERY_KIND,
  limit: number,
): (readonly [string, number | null])[] {
  const attributor = createAttributor(registry)
  const sums = new Map<string, { value: number | null; other: number | null }>()
  const plus = (sum: number | null, value: number | null) => (value === null ? sum : (sum ?? 0) + value)
  for (const { repo, counters } of readPopulation(store)) {
    if (attributor.attribute(repo.repoId, day(DAY)).line !== 'unreviewed') continue
    const other = by === 'downloads30d' ? 'downloadsAllTime' : 'downloads30d'
    const sum = sums.get(repo.handle) ?? { value: null, other: null }
    sums.set(repo.handle, {
      value: plus(sum.value, counters[by]),
      other: plus(sum.other, counters[other]),
    })
  }
  return [...sums]
    .sort(
      ([a, x], [b, y]) =>
        (y.value ?? -1) - (x.value ?? -1) || (y.other ?? -1) - (x.other ?? -1) || (a < b ? -1 : 1),
    )
    .slice(0, limit)
    .map(([handle, { value }]) => [handle, value] as const)
}
