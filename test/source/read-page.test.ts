import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  hubIdSeconds,
  isPrivateRow,
  parseRepoRow,
  RowShapeError,
  readHubId,
} from '../../src/source/parse-repo-row.ts'
import { type PageBounds, readPage } from '../../src/source/read-page.ts'
import { hubId, row } from '../fixtures/tiny-hub.ts'
import { hubIdsOf, unpackRows } from './unpack-rows.ts'
import { hubIds, wireRows } from './wire-rows.ts'

const LATER = 1.9e12
const BOUNDS: PageBounds = { startedAt: LATER, observedAt: LATER, afterHubId: null, untilHubId: null }

function read(rows: unknown, bounds: Partial<PageBounds> = {}, isGzip = false) {
  const text = Buffer.from(JSON.stringify(rows))
  const bytes = new Uint8Array(isGzip ? gzipSync(text) : text)
  return readPage({ bytes, isGzip }, { ...BOUNDS, ...bounds })
}

/** What becomes of a row, decided row by row: the same rules, written down once more. */
function fateOf(raw: unknown, { startedAt, observedAt, afterHubId = null, untilHubId }: PageBounds) {
  const id = readHubId(raw)
  if (id !== null && untilHubId !== null && id > untilHubId) return 'beyond'
  if (id !== null && afterHubId !== null && id <= afterHubId) return 'before'
  if (isPrivateRow(raw)) return 'private'
  const bornAt = id === null ? Number.NEGATIVE_INFINITY : hubIdSeconds(id) * 1000
  if (bornAt >= startedAt && bornAt < observedAt) return 'later'
  try {
    return parseRepoRow(raw)
  } catch (error) {
    if (error instanceof RowShapeError) return error
    throw error
  }
}

describe('a page', () => {
  /** From which position on a row without an `_id` belongs to the next range: behind the last row of this one. */
  function theirsFrom(raw: readonly unknown[], until: string | null): number {
    if (until === null) return Number.POSITIVE_INFINITY
    const ids = raw.map(readHubId)
    const last = ids.findLastIndex(id => id !== null && id <= until)
    if (last >= 0 && ids[last] === until) return last + 1
    const next = ids.findIndex((id, index) => index > last && id !== null && id > until)
    return next < 0 ? Number.POSITIVE_INFINITY : next
  }

  test('is parted into rows, rejects, private ones, later ones and those of other ranges, each row once', () => {
    const moment = 1_787_140_780_000
    const bounds = fc.record({
      startedAt: fc.integer({ min: moment - 5000, max: moment + 45_000 }),
      observedAt: fc.integer({ min: moment - 5000, max: moment + 45_000 }),
      afterHubId: fc.option(hubIds),
      untilHubId: fc.option(hubIds),
    })
    fc.assert(
      fc.property(fc.array(wireRows, { maxLength: 15 }), bounds, fc.boolean(), (written, limits, isGzip) => {
        // As they arrive: JSON knows no -0 and no undefined.
        const raw = JSON.parse(JSON.stringify(written)) as unknown[]
        const fates = raw.map(one => fateOf(one, limits))
        const page = read(written, limits, isGzip)
        expect(unpackRows(page.rows)).toEqual(
          fates.filter(fate => typeof fate === 'object' && !(fate instanceof Error)),
        )
        const theirs = theirsFrom(raw, limits.untilHubId)
        expect(page.rejected).toEqual(
          fates.flatMap((fate, position) =>
            fate instanceof RowShapeError && (readHubId(raw[position]) !== null || position < theirs)
              ? {
                  position,
                  hubId: readHubId(raw[position]),
                  reason: fate.message,
                  rawJson: JSON.stringify(raw[position]).slice(0, 4096),
                }
              : [],
          ),
        )
        expect(page.privateCount).toBe(fates.filter(fate => fate === 'private').length)
        expect(page.laterHubIds).toEqual(raw.filter((_, index) => fates[index] === 'later').map(readHubId))
        const placed = fates.filter((_, index) => readHubId(raw[index]) !== null)
        expect(page.isBeyondEnd).toBe(placed.length > 0 && placed.every(fate => fate === 'beyond'))
        expect(page.receivedCount).toBe(raw.length)
        expect(page.observedAt).toBe(limits.observedAt)
        const within = raw.flatMap((one, index) =>
          fates[index] === 'beyond' || fates[index] === 'before' ? [] : (readHubId(one) ?? []),
        )
        expect(page.lastHubId).toBe(within.toSorted().at(-1) ?? null)
      }),
      { numRuns: 400 },
    )
  })

  test('of a thousand cards of 10 KB is read like any other: the limits leave it room', () => {
    const widget = Array.from({ length: 100 }, (_, index) => ({
      text: `What is ${index}? ${'x'.repeat(70)}`,
    }))
    const rows = Array.from({ length: 1000 }, (_, index) =>
      row(index + 1, { cardData: { base_model: `lab/base-${index}`, widget } }),
    )
    expect(JSON.stringify(rows).length).toBeGreaterThan(9 * 1024 * 1024)
    const page = read(rows, {}, true)
    expect(page).toMatchObject({ receivedCount: 1000, rejected: [] })
    expect(unpackRows(page.rows).map(({ bases }) => bases.map(({ declared }) => declared))).toEqual(
      rows.map((_, index) => [`lab/base-${index}`]),
    )
  })

  test('without rows is a page', () => {
    expect(read([])).toMatchObject({ receivedCount: 0, lastHubId: null, isBeyondEnd: false, rejected: [] })
  })

  test('holds the rows of a range: none before it, none after it', () => {
    const rows = [1, 2, 3, 4].map(number => row(number))
    const within = (after: number, until: number) =>
      read(rows, { afterHubId: hubId(after), untilHubId: hubId(until) })
    expect(hubIdsOf(within(1, 3))).toEqual([2, 3].map(hubId))
    expect(within(1, 3)).toMatchObject({ isBeyondEnd: false, lastHubId: hubId(3), receivedCount: 4 })
    expect(hubIdsOf(within(0, 4))).toEqual([1, 2, 3, 4].map(hubId))
    // The last row of a range is its own, and the first after it is the next one's.
    expect(hubIdsOf(within(3, 4))).toEqual([hubId(4)])
    expect(hubIdsOf(within(4, 9))).toEqual([])
    expect(within(4, 9)).toMatchObject({ isBeyondEnd: false, lastHubId: null })
    expect(read(rows, { untilHubId: hubId(0) })).toMatchObject({ isBeyondEnd: true, lastHubId: null })
  })

  test('in any order is read whole: a row beyond the end hides none after it', () => {
    const rows = [4, 1, 3, 2].map(number => row(number))
    const page = read(rows, { untilHubId: hubId(2) })
    expect(hubIdsOf(page)).toEqual([1, 2].map(hubId))
    expect(page.lastHubId).toBe(hubId(2))
  })

  test('tells what was born between the start and now from what a wrong clock dates later', () => {
    const at = (number: number) => (1_700_000_000 + number) * 1000
    const page = read(
      [1, 2, 3, 4].map(number => row(number)),
      { startedAt: at(2), observedAt: at(3) },
    )
    expect(hubIdsOf(page)).toEqual([1, 3, 4].map(hubId))
    expect(page.laterHubIds).toEqual([hubId(2)])
  })

  test('of more rows and words than the Hub sends is refused or right, never wrong', () => {
    // A mirror may ignore the limit. This one is some 6 MB, a fifth of what is let in.
    const rows = Array.from({ length: 70_000 }, (_, index) => ({
      _id: hubId(index),
      id: 'lab/model',
      downloads: 0,
      pipeline_tag: `task ${index}`,
    }))
    const page = (() => {
      try {
        return read(rows)
      } catch (error) {
        expect(error).toMatchObject({ name: 'UnreadableBodyError' })
        return null
      }
    })()
    const wrong = unpackRows((page ?? read([])).rows).filter(({ task }, index) => task !== `task ${index}`)
    expect(wrong.map(({ hubId: id, task }) => [id, task]).slice(0, 3)).toEqual([])
  })
})
