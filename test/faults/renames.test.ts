import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { publishedWorld, readAll, withCensusOf } from './sweeping.ts'

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'] as const
const NAMES = ['qwen/a', 'qwen/b', 'meta/a', 'mistral/c', 'nobody/x', 'nobody/y'] as const
/** Repositories that may live; more than there are names, so that names are used again. */
const REPOS = 5

/** Who is listed on a day, under which name: a name has one holder at a time, whoever held it the day before. */
const dayOfNames = fc
  .tuple(
    fc.shuffledSubarray([...NAMES], { minLength: REPOS, maxLength: REPOS }),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: REPOS, maxLength: REPOS }),
    fc.array(fc.nat(9), { minLength: REPOS, maxLength: REPOS }),
  )
  .map(([names, listed, grown]) =>
    names.map((name, index) => ({ name, isListed: listed[index]! > 0, grown: grown[index]! })),
  )

interface Known {
  name: string
  nameSince: string
  oldNames: [string, string, string][]
  downloads: number
  allTime: number
  isListed: boolean
  days: string[]
}

test('case 27: however names move between repositories, each keeps one series with its names, and the world counts it once', async () => {
  const folder = temporaryFolder()
  let files = 0
  const seen = { renamed: 0, reused: 0, swapped: 0, gone: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(dayOfNames, { minLength: DAYS.length, maxLength: DAYS.length }), async plan => {
      const counters = Array.from({ length: REPOS }, (_, index) => ({
        downloads: index,
        allTime: 100 * (index + 1),
      }))
      const known = new Map<number, Known>()
      const days = new Map(
        DAYS.map((day, at) => [
          day as string,
          plan[at]!.flatMap(({ name, isListed, grown }, index) => {
            const counter = counters[index]!
            if (!isListed) return []
            counter.allTime += grown
            counter.downloads = grown
            return [row(index + 1, { id: name, downloads: grown, downloadsAllTime: counter.allTime })]
          }),
        ]),
      )
      // A day without any row is held back, which is another case.
      fc.pre([...days.values()].every(rows => rows.length > 0))
      await withCensusOf(days, join(folder, `${files++}.db`), async ({ store, capture, publish }) => {
        for (const [at, day] of DAYS.entries()) {
          const { sweep } = await capture(day, { acceptShrinkage: true })
          expect(sweep).toMatchObject({ state: 'complete', duplicateCount: 0, quarantinedCount: 0 })
          const before = new Map([...known].map(([index, { name }]) => [name, index]))
          for (const found of known.values()) found.isListed = false
          for (const listed of days.get(day)!) {
            const index = Number.parseInt(listed._id.slice(8), 16)
            const found = known.get(index)
            const { id: name, downloads } = listed
            const allTime = listed.downloadsAllTime!
            const holder = before.get(name)
            seen.reused += holder !== undefined && holder !== index ? 1 : 0
            if (found === undefined) {
              known.set(index, {
                name,
                nameSince: day,
                oldNames: [],
                downloads,
                allTime,
                isListed: true,
                days: [day],
              })
              continue
            }
            if (found.name !== name) {
              seen.renamed += 1
              seen.swapped += holder !== undefined && plan[at]![holder]?.name === found.name ? 1 : 0
              found.oldNames.push([found.name, found.nameSince, day])
              found.name = name
              found.nameSince = day
            }
            if (found.downloads !== downloads || found.allTime !== allTime) found.days.push(day)
            Object.assign(found, { downloads, allTime, isListed: true })
          }
          publish()
          const all = [...known.values()]
          const listed = all.filter(({ isListed }) => isListed)
          seen.gone += all.length - listed.length
          expect(publishedWorld(store, day)).toEqual([
            listed.length,
            listed.reduce((sum, { downloads }) => sum + downloads, 0),
            all.reduce((sum, { allTime }) => sum + allTime, 0),
          ])
        }
        const sorted = [...known].sort(([a], [b]) => a - b)
        expect(readAll(store, 'SELECT hub_id, repo_id FROM v1_repo ORDER BY hub_id')).toEqual(
          sorted.map(([index, { name }]) => [hubId(index), name]),
        )
        expect(readAll(store, 'SELECT hub_id, day FROM v1_observation ORDER BY hub_id, day')).toEqual(
          sorted.flatMap(([index, found]) => found.days.map(day => [hubId(index), day])),
        )
        expect(
          readAll(
            store,
            'SELECT hub_id, repo_id, valid_from, valid_until FROM v1_repo_name ORDER BY hub_id, valid_from',
          ),
        ).toEqual(
          sorted.flatMap(([index, { name, nameSince, oldNames }]) =>
            [...oldNames, [name, nameSince, null] as const].map(names => [hubId(index), ...names]),
          ),
        )
        expect(readAll(store, "SELECT count(*) FROM v1_event WHERE kind = 'rename'")).toEqual([
          [sorted.reduce((sum, [, { oldNames }]) => sum + oldNames.length, 0)],
        ])
      })
    }),
    { numRuns: 60 },
  )
  // A generator that never reached these would prove nothing about them.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
})

test('case 27: on the day of a rename alone the world stands still; when the old name is taken again, both count once', async () => {
  const [D1, D2, D3] = DAYS
  const still = { downloads: 900, downloadsAllTime: 9000 }
  const days = new Map([
    [D1, [row(1, { id: 'qwen/a', ...still })]],
    [D2, [row(1, { id: 'meta/a', ...still })]],
    [D3, [row(1, { id: 'meta/a', ...still }), row(2, { id: 'qwen/a', downloads: 1, downloadsAllTime: 1 })]],
  ])
  await withCensusOf<void>(
    days,
    join(temporaryFolder(), 'census.db'),
    async ({ store, capture, publish }) => {
      for (const day of [D1, D2, D3]) {
        await capture(day)
        publish()
      }
      expect([D1, D2, D3].map(day => publishedWorld(store, day))).toEqual([
        [1, 900, 9000],
        [1, 900, 9000],
        [2, 901, 9001],
      ])
      expect(readAll(store, 'SELECT day, hub_id, repo_id FROM v1_observation ORDER BY day')).toEqual([
        [D1, hubId(1), 'meta/a'],
        [D3, hubId(2), 'qwen/a'],
      ])
      expect(
        readAll(store, "SELECT hub_id FROM v1_repo_name WHERE repo_id = 'qwen/a' ORDER BY valid_from"),
      ).toEqual([[hubId(1)], [hubId(2)]])
    },
  )
})
