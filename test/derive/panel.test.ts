import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLargestKeys } from '../../src/derive/largest-keys.ts'
import { type CounterColumns, compareDays } from '../../src/derive/panel.ts'

type Counters = readonly [downloads30d: number, downloadsAllTime: number]

const columns = (rows: readonly Counters[]): CounterColumns => ({
  downloads30d: Float64Array.from(rows, ([downloads30d]) => downloads30d),
  downloadsAllTime: Float64Array.from(rows, ([, downloadsAllTime]) => downloadsAllTime),
})

const all = (count: number) => new Uint8Array(count).fill(1)

/** Both days of one repository; lifetime counters may be unknown. */
const bothDays = fc.record({
  before: fc.integer({ min: 0, max: 5_000 }),
  now: fc.integer({ min: 0, max: 5_000 }),
  lifetimeBefore: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN)),
  lifetimeNow: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN)),
})

const compareAll = (
  repos: readonly { before: number; now: number; lifetimeBefore: number; lifetimeNow: number }[],
) =>
  compareDays(
    columns(repos.map(({ now, lifetimeNow }) => [now, lifetimeNow])),
    columns(repos.map(({ before, lifetimeBefore }) => [before, lifetimeBefore])),
    all(repos.length),
  )

describe('two days compared', () => {
  test('count who stood still, who fell and by how much', () => {
    const before = columns([
      [10, 100],
      [10, 100],
      [10, Number.NaN],
      [10, 100],
      [10, 100],
    ])
    const today = columns([
      [10, 100],
      [11, 90],
      [10, 50],
      [10, 101],
      [1, 1],
    ])
    expect(compareDays(today, before, Uint8Array.of(1, 1, 1, 1, 0))).toEqual({
      compared: 4,
      unchanged: 2,
      fell: 1,
      fellDownloads: 10,
      panel: 0,
      panelRatio: null,
      panelUnchanged: null,
    })
  })

  test('leave out whose 30-day counter one of them does not know', () => {
    const { compared, fell } = compareDays(
      columns([
        [Number.NaN, 5],
        [7, 5],
      ]),
      columns([
        [7, 9],
        [Number.NaN, 9],
      ]),
      all(2),
    )
    expect({ compared, fell }).toEqual({ compared: 0, fell: 0 })
  })

  test('have a panel without a ratio below 25 repositories and one with a median from 25 on', () => {
    const rows = (count: number, downloads30d: number): Counters[] =>
      Array.from({ length: count }, () => [downloads30d, 1])
    expect(compareDays(columns(rows(24, 1_100)), columns(rows(24, 1_000)), all(24))).toMatchObject({
      panel: 24,
      panelRatio: null,
    })
    expect(compareDays(columns(rows(25, 1_100)), columns(rows(25, 1_000)), all(25))).toMatchObject({
      panel: 25,
      panelRatio: 1.1,
      panelUnchanged: 0,
    })
  })

  test('keep their panel when every counter is zeroed, and back again', () => {
    const full = columns(Array.from({ length: 30 }, () => [2_000, 9_000]))
    const zero = columns(Array.from({ length: 30 }, () => [0, 9_000]))
    const down = compareDays(zero, full, all(30))
    const up = compareDays(full, zero, all(30))
    expect(down).toMatchObject({ panel: 30, panelRatio: 0.001 })
    expect(up).toMatchObject({ panel: 30, panelRatio: 1_000 })
  })

  test('leave repositories out of the panel whose window still fills', () => {
    const today = columns(Array.from({ length: 60 }, (_, key) => [key < 30 ? 5_000 : 1_000, 9]))
    const before = columns(Array.from({ length: 60 }, (_, key) => [key < 30 ? 4_000 : 1_000, 8]))
    const createdOn = Int32Array.from({ length: 60 }, (_, key) => (key < 30 ? 80 : 70))
    expect(compareDays(today, before, all(60), { createdOn, day: 100 })).toMatchObject({
      panel: 30,
      panelRatio: 1,
      compared: 60,
    })
    expect(compareDays(today, before, all(60), { createdOn, day: 110 })).toMatchObject({ panel: 60 })
  })

  test('take the thousand largest, of equal ones those with the lower keys', () => {
    const count = 1_500
    const today = columns(Array.from({ length: count }, (_, key) => [key < 1_000 ? 1_000 : 2_000, key]))
    const before = columns(Array.from({ length: count }, (_, key) => [1_000, key < 500 ? key : -1]))
    // 500 that doubled and the first 500 of those that stood still.
    expect(compareDays(today, before, all(count))).toMatchObject({
      panel: 1_000,
      panelUnchanged: 0.5,
      panelRatio: 1.5,
    })
  })

  test('say the same in any order of repositories', () => {
    const repos = fc.array(bothDays, { maxLength: 60 })
    const shuffled = repos.chain(list =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(compareAll(other)).toEqual(compareAll(list))
      }),
    )
  })

  test('have the same ratio and shares at any scale that leaves the panel as it is', () => {
    const large = fc.array(
      bothDays.filter(({ now, before }) => Math.max(now, before) >= 1_000),
      { minLength: 25, maxLength: 60 },
    )
    fc.assert(
      fc.property(large, fc.integer({ min: 1, max: 1_000 }), (repos, factor) => {
        const scaled = repos.map(({ now, before, ...rest }) => ({
          ...rest,
          now: now * factor,
          before: before * factor,
        }))
        const { panelRatio, ...rest } = compareAll(repos)
        const { panelRatio: scaledRatio, ...scaledRest } = compareAll(scaled)
        expect(scaledRest).toEqual(rest)
        expect(scaledRatio! / panelRatio!).toBeCloseTo(1, 12)
      }),
    )
  })

  test('turn the ratio round when time is', () => {
    const odd = fc.array(
      bothDays.filter(({ now, before }) => now >= 1_000 && before >= 1_000),
      { minLength: 25, maxLength: 61 },
    )
    fc.assert(
      fc.property(
        odd.filter(({ length }) => length % 2 === 1),
        repos => {
          const back = repos.map(({ now, before, ...rest }) => ({ ...rest, now: before, before: now }))
          expect(compareAll(repos).panelRatio! * compareAll(back).panelRatio!).toBeCloseTo(1, 12)
        },
      ),
    )
  })
})

test('the largest keys are those of a full sort, whatever the order of offers', () => {
  const offers = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20 })), {
    selector: ([key]) => key,
  })
  fc.assert(
    fc.property(offers, fc.integer({ min: 1, max: 40 }), (list, count) => {
      const largest = createLargestKeys(count)
      for (const [key, value] of list) largest.offer(key, value)
      const sorted = [...list].sort(([a, valueA], [b, valueB]) => valueB - valueA || a - b)
      const expected = sorted.slice(0, count).map(([key]) => key)
      expect([...largest.keys()]).toEqual(expected.sort((a, b) => a - b))
    }),
  )
})
