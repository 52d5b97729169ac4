import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { sweepEnd } from '../../src/pipeline/take-census.ts'
import { DAY, hubId, row } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { FOR_EVER, publishedWorld, readAll, withCensusOf } from './sweeping.ts'

const PAGE_SIZE = 5
const LONGEST_RAW = 4096
const LARGEST_COUNT = 1e12

const QUARANTINE = `SELECT page, position, nullif(lower(hex(hub_id)), ''), raw_json FROM quarantine ORDER BY page, position`

/** What a row can turn into: not a row at all, or one without what makes it one. */
const badRow: fc.Arbitrary<(found: CatalogueRow) => unknown> = fc.oneof(
  fc.constantFrom<(found: CatalogueRow) => unknown>(
    () => null,
    found => [found],
    ({ _id, ...rest }) => rest,
    ({ id, ...rest }) => rest,
    ({ downloads, ...rest }) => rest,
    found => ({ ...found, _id: null }),
    found => ({ ...found, id: 7 }),
    found => ({ ...found, tags: 'en' }),
    found => ({ ...found, likes: -1, padding: 'x'.repeat(5000) }),
  ),
  fc
    .jsonValue()
    .filter(value => typeof value !== 'object' || value === null || !('private' in value))
    .map(value => () => value),
)

describe('case 22: a bad row', () => {
  test('wherever and whatever it is goes to quarantine with its JSON; every other row is kept; rows in = rows accounted for', async () => {
    const folder = temporaryFolder()
    let files = 0
    const seen = { complete: 0, held: 0, unreadable: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 23 }).chain(rowCount =>
          fc.record({
            rowCount: fc.constant(rowCount),
            bad: fc.uniqueArray(fc.tuple(fc.nat(rowCount - 1), badRow), {
              maxLength: 4,
              selector: ([index]) => index,
            }),
          }),
        ),
        async ({ rowCount, bad }) => {
          const rows = Array.from({ length: rowCount }, (_, index) =>
            row(index + 1, { downloads: index + 1 }),
          )
          const served = new Map(bad.map(([index, spoil]) => [hubId(index + 1), spoil(rows[index]!)]))
          const edit = (found: unknown[]) =>
            found.map(value => {
              const { _id } = value as CatalogueRow
              return served.has(_id) ? served.get(_id) : value
            })
          await withCensusOf(
            new Map([[DAY, rows]]),
            join(folder, `${files++}.db`),
            async ({ hub, store, capture }) => {
              hub.faults.push({ kind: 'editRows', edit, times: FOR_EVER })
              const result = await capture(DAY, { pageSize: PAGE_SIZE })
              const good = rows.filter(({ _id }) => !served.has(_id))
              const { sweep } = result
              expect(sweep).toMatchObject({
                rowCount,
                storedCount: good.length,
                unchangedCount: 0,
                quarantinedCount: bad.length,
                downloads30dTotal: good.reduce((sum, { downloads }) => sum + downloads, 0),
              })
              expect(
                readAll(store, 'SELECT hub_id, downloads_30d FROM v1_observation ORDER BY hub_id'),
              ).toEqual(good.map(({ _id, downloads }) => [_id, downloads]))
              const kept = bad
                .toSorted(([a], [b]) => a - b)
                .map(([index]) => {
                  const value = served.get(hubId(index + 1))
                  const id = (value as { _id?: unknown } | null)?._id
                  return [
                    Math.floor(index / PAGE_SIZE),
                    index % PAGE_SIZE,
                    id === hubId(index + 1) ? id : null,
                    JSON.stringify(value).slice(0, LONGEST_RAW),
                  ]
                })
              expect(readAll(store, QUARANTINE)).toEqual(kept)
              seen.unreadable += kept.some(([, , id]) => id === null) ? 1 : 0
              // One odd row in a small list is an odd row; two are a list that changed.
              const isHeld = bad.length > 1
              expect([sweep.state, sweepEnd(result).exitCode]).toEqual(
                isHeld ? ['held', EXIT_CODES.held] : ['complete', EXIT_CODES.complete],
              )
              seen[isHeld ? 'held' : 'complete'] += 1
            },
          )
        },
      ),
      { numRuns: 80 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
  })

  test.each([
    [2, 2000, 'complete', EXIT_CODES.complete],
    [2, 1999, 'held', EXIT_CODES.held],
    [3, 2999, 'held', EXIT_CODES.held],
    [3, 3000, 'complete', EXIT_CODES.complete],
  ])(
    '%i times among %i rows is %s: the gate is one in a thousand',
    async (bad, rowCount, state, exitCode) => {
      const rows = Array.from({ length: rowCount }, (_, index) => row(index + 1, { downloads: 1 }))
      const spoiled = new Set(Array.from({ length: bad }, (_, index) => hubId(index * 700 + 9)))
      const edit = (found: unknown[]) =>
        found.map(value =>
          spoiled.has((value as CatalogueRow)._id) ? { ...(value as object), downloads: '1' } : value,
        )
      await withCensusOf(
        new Map([[DAY, rows]]),
        join(temporaryFolder(), 'census.db'),
        async ({ hub, store, capture, publish }) => {
          hub.faults.push({ kind: 'editRows', edit, times: FOR_EVER })
          const result = await capture(DAY, { pageSize: 1000 })
          expect(result.sweep).toMatchObject({
            state,
            rowCount,
            quarantinedCount: bad,
            storedCount: rowCount - bad,
          })
          expect(sweepEnd(result).exitCode).toBe(exitCode)
          publish()
          // Held back means that nothing of the day is published; let through, that every understood row is.
          expect(publishedWorld(store, DAY).slice(0, 2)).toEqual(
            state === 'held' ? [0, 0] : [rowCount - bad, rowCount - bad],
          )
        },
      )
    },
  )
})

/** Numbers as a server may write them, and what is no number at all, as JSON text. */
const literal: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: fc.nat(5000).map(String) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '"12"',
        '"1,234"',
        '12.5',
        'true',
        'false',
        '-5',
        '1e309',
        '-1e309',
        '9007199254740993',
        '9007199254740992',
      ],
      ...[
        '9007199254740991',
        '1000000000000000000',
        '1000000000000',
        '1000000000001',
        '999999999999.5',
        '-0',
        '0.0',
      ],
      ...[
        '1.0',
        '1e3',
        '1E+12',
        '1e-3',
        '""',
        '"0x10"',
        '[]',
        '[12]',
        '{}',
        '{"value":12}',
        'null',
        '2147483648',
      ],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String) },
  { weight: 1, arbitrary: fc.maxSafeInteger().map(value => JSON.stringify(String(value))) },
)

/** The count a literal says, null for unknown, or undefined for what is no plausible count. */
function countOf(text: string): number | null | undefined {
  const value: unknown = JSON.parse(text)
  if (value === null) return null
  const isCount =
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
  return isCount ? value + 0 : undefined
}

test('case 24: of whatever a server writes for a counter, only safe whole numbers up to 10^12 are stored; the row of any other is set aside', async () => {
  const folder = temporaryFolder()
  let files = 0
  const seen = { stored: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(literal, literal, literal), { minLength: 1, maxLength: 12 }),
      async counters => {
        const body = `[${counters
          .map(
            ([downloads, allTime, likes], index) =>
              `{"_id":"${hubId(index + 1)}","id":"lab/m${index}","tags":[],"downloads":${downloads},"downloadsAllTime":${allTime},"likes":${likes}}`,
          )
          .join(',')}]`
        await withCensusOf(
          new Map([[DAY, []]]),
          join(folder, `${files++}.db`),
          async ({ hub, store, capture }) => {
            hub.faults.push({ kind: 'status', status: 200, body, times: FOR_EVER })
            const { sweep } = await capture(DAY, { pageSize: 1000 })
            const good: unknown[][] = []
            const bad: string[] = []
            for (const [index, texts] of counters.entries()) {
              const [downloads, allTime, likes] = texts.map(countOf)
              const isGood = typeof downloads === 'number' && allTime !== undefined && likes !== undefined
              if (isGood) good.push([hubId(index + 1), downloads, allTime, likes])
              else bad.push(hubId(index + 1))
            }
            expect(
              readAll(
                store,
                'SELECT hub_id, downloads_30d, downloads_all_time, likes FROM v1_observation ORDER BY hub_id',
              ),
            ).toEqual(good)
            expect(
              readAll(
                store,
                `SELECT DISTINCT typeof(value) FROM (SELECT downloads_30d AS value FROM v1_observation
             UNION ALL SELECT downloads_all_time FROM v1_observation UNION ALL SELECT likes FROM v1_observation)`,
              )
                .flat()
                .filter(type => type !== 'integer' && type !== 'null'),
            ).toEqual([])
            const refused = readAll(
              store,
              'SELECT lower(hex(hub_id)), reason FROM quarantine ORDER BY position',
            )
            expect(refused.map(([id]) => id)).toEqual(bad)
            for (const [, reason] of refused)
              expect(reason).toMatch(/^(downloads|downloadsAllTime|likes): expected a count, got /)
            const known = good.flatMap(([, , allTime]) => (allTime === null ? [] : [allTime as number]))
            expect(sweep).toMatchObject({
              rowCount: counters.length,
              storedCount: good.length,
              quarantinedCount: bad.length,
              downloads30dTotal: good.reduce((sum, [, downloads]) => sum + (downloads as number), 0),
              downloadsAllTimeTotal: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0),
            })
            seen.stored += good.length
            seen.refused += bad.length
          },
        )
      },
    ),
    { numRuns: 120 },
  )
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(50)
})
