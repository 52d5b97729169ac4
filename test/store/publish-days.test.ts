import { describe, expect, onTestFinished, test } from 'vitest'
import type { DerivativeShare } from '../../src/domain/derivative.ts'
import type { DailyTotal } from '../../src/domain/total.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { readShare } from '../../src/store/daily-shares.ts'
import {
  findTotalsBasis,
  listPublishedDays,
  listTotalDays,
  type PublishedDay,
  publishDays,
  readTotalsOn,
} from '../../src/store/daily-totals.ts'
import { listUnpackedDays } from '../../src/store/observation-packs.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { MIGRATIONS, temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'

const [D1, D2, D3] = ['2026-03-01', '2026-03-02', '2026-03-03'].map(parseUtcDay) as [
  ReturnType<typeof parseUtcDay>,
  ReturnType<typeof parseUtcDay>,
  ReturnType<typeof parseUtcDay>,
]
const QUERY = { scope: 'all', attribution: 'publisher', axis: 'region' } as const
const EVER = { attribution: 'base', counter: 'downloads30d', born: 'ever', relations: 'finetune' } as const
const LINES = ['china', 'europe', 'united-states']

/** A day whose every number is told by `version`. */
function dayOf(day: ReturnType<typeof parseUtcDay>, version: number, lines = LINES): PublishedDay {
  const totals = lines.map(
    (key): DailyTotal => ({
      day,
      ...QUERY,
      key,
      repos: version,
      downloads30d: version,
      downloadsAllTime: version,
      allTimeUnknownRepos: version,
      goneRepos: version,
      goneDownloadsAllTime: version,
    }),
  )
  const share: DerivativeShare = {
    attribution: 'base',
    counter: 'downloads30d',
    threshold: 5,
    relations: 'finetune',
    createdFrom: null,
    considered: version,
    counterUnknown: 0,
    counted: version,
    publishers: version,
    lines: lines.map(line => ({ line, repos: version / lines.length })),
  }
  return { day, totals, shares: [{ day, born: 'ever', share }], corrections: [], ages: [], standing: null }
}

const basis = (version: number) => ({
  registryRevision: `revision-${version}`,
  definitionVersion: version,
  sweepKey: version,
  publishedAt: version,
})

/** Everything a reader can see of what is published. */
const seen = (store: Store) => ({
  totals: readRaw(store, 'SELECT * FROM daily_total ORDER BY 1, 2, 3, 4, 5'),
  shares: readRaw(store, 'SELECT * FROM daily_share ORDER BY 1, 2, 3'),
  lines: readRaw(store, 'SELECT * FROM v1_derivative_share ORDER BY day, line'),
  basis: findTotalsBasis(store),
  days: listTotalDays(store),
  published: listPublishedDays(store),
})

/** The writer's connection and a reader's, as two processes have them. */
function writerAndReader(): { store: Store; reader: Store } {
  const store = temporaryStore()
  const reader = openStore({ file: store.file, migrationsFolder: MIGRATIONS })
  onTestFinished(() => reader.close())
  return { store, reader }
}

describe('publishing', () => {
  test.each(['all', 'days'] as const)(
    'shows a reader the old state until everything of the new one is there, replacing %s',
    replace => {
      const { store, reader } = writerAndReader()
      publishDays(store, [dayOf(D1, 1), dayOf(D2, 1)], basis(1), 'all')
      const old = seen(reader)
      expect(old.totals).toHaveLength(6)
      const looks: unknown[] = []
      function* days(): Generator<PublishedDay> {
        looks.push(seen(reader))
        yield dayOf(D2, 2)
        looks.push(seen(reader))
        yield dayOf(D3, 2)
        looks.push(seen(reader))
      }
      const written = publishDays(store, days(), basis(2), replace, {
        isStillDue: () => looks.push(seen(reader)) > 0,
      })
      expect(written).toBe(6)
      expect(looks).toEqual([old, old, old, old])
      const now = seen(reader)
      expect(now).toEqual(seen(store))
      expect(now.basis).toMatchObject({ registryRevision: 'revision-2', sweepKey: 2 })
      expect(now.days).toEqual(replace === 'all' ? [D2, D3] : [D1, D2, D3])
      expect(now.published).toEqual(now.days)
    },
  )

  test('leaves the old state when a day cannot be made, and what was prepared for it is gone too', () => {
    const { store, reader } = writerAndReader()
    publishDays(store, [dayOf(D1, 1)], basis(1), 'all')
    const old = seen(reader)
    function* days(): Generator<PublishedDay> {
      yield dayOf(D1, 2)
      throw new Error('no more days')
    }
    const prepare = () => {
      store.sqlite.exec("INSERT INTO observation_pack (day, pack, row_count, content) VALUES (1, 0, 0, x'')")
      return true
    }
    for (const replace of ['all', 'days'] as const) {
      expect(() => publishDays(store, days(), basis(2), replace, { isStillDue: prepare })).toThrow(
        'no more days',
      )
      expect(seen(reader)).toEqual(old)
      expect(seen(store)).toEqual(old)
    }
    const refuse = () => {
      throw new Error('not prepared')
    }
    expect(() => publishDays(store, [dayOf(D1, 2)], basis(2), 'all', { isStillDue: refuse })).toThrow(
      'not prepared',
    )
    expect(seen(reader)).toEqual(old)
    expect(readRaw(store, 'SELECT * FROM observation_pack')).toEqual([])
    expect(store.sqlite.inTransaction).toBe(false)
  })

  test('writes nothing when what it was made for is no longer so', () => {
    const store = temporaryStore()
    publishDays(store, [dayOf(D1, 1)], basis(1), 'all')
    const old = seen(store)
    for (const replace of ['all', 'days'] as const) {
      expect(publishDays(store, [dayOf(D1, 2)], basis(2), replace, { isStillDue: () => false })).toBeNull()
      expect(seen(store)).toEqual(old)
    }
  })

  test('does not fail because somebody else writes a page: it waits its turn before it looks, not after', () => {
    const store = temporaryStore()
    const other = openStore({ file: store.file, migrationsFolder: MIGRATIONS, busyTimeout: 1 })
    onTestFinished(() => other.close())
    publishDays(store, [dayOf(D1, 1)], basis(1), 'all')
    // As the pipeline does: it first looks which days have no packs. A page that a sweep commits after that look makes
    // the look old, and SQLite then lets nothing more be written (SQLITE_BUSY_SNAPSHOT), however long one waits.
    const prepare = () => {
      listUnpackedDays(store, Number.MAX_SAFE_INTEGER)
      try {
        other.sqlite.exec("INSERT INTO publisher (handle) VALUES ('born')")
      } catch (error) {
        expect(error).toMatchObject({ code: 'SQLITE_BUSY' })
      }
      return true
    }
    expect(publishDays(store, [dayOf(D1, 2)], basis(2), 'days', { isStillDue: prepare })).toBe(3)
    expect(readTotalsOn(other, D1, QUERY)).toMatchObject([{ repos: 2 }, { repos: 2 }, { repos: 2 }])
  })

  test('of a day again leaves nothing of its earlier lines, and every other day alone', () => {
    const store = temporaryStore()
    publishDays(store, [dayOf(D1, 1), dayOf(D2, 1)], basis(1), 'all')
    publishDays(store, [dayOf(D2, 2, ['china'])], basis(2), 'days')
    expect(readTotalsOn(store, D1, QUERY)).toHaveLength(3)
    expect(readTotalsOn(store, D2, QUERY)).toMatchObject([{ key: 'china', repos: 2 }])
    expect(readShare(store, D1, EVER)?.lines).toHaveLength(3)
    expect(readShare(store, D2, EVER)).toEqual({
      attribution: 'base',
      counter: 'downloads30d',
      threshold: 5,
      relations: 'finetune',
      createdFrom: null,
      considered: 2,
      counterUnknown: 0,
      counted: 2,
      publishers: 2,
      lines: [{ line: 'china', repos: 2 }],
    })
    expect(readRaw(store, 'SELECT count(*) FROM daily_total_basis')).toEqual([[1]])
  })

  test('of nothing takes everything away, and says by what', () => {
    const store = temporaryStore()
    publishDays(store, [dayOf(D1, 1)], basis(1), 'all')
    expect(publishDays(store, [], basis(2), 'all')).toBe(0)
    expect(seen(store)).toMatchObject({ totals: [], shares: [], lines: [], days: [], published: [] })
    expect(findTotalsBasis(store)?.sweepKey).toBe(2)
  })
})

describe('the published days', () => {
  test('are those with totals and shares; totals alone do not make one', () => {
    const store = temporaryStore()
    expect([listTotalDays(store), listPublishedDays(store)]).toEqual([[], []])
    publishDays(store, [dayOf(D1, 1), dayOf(D2, 1), dayOf(D3, 1)], basis(1), 'all')
    store.sqlite.prepare('DELETE FROM daily_share WHERE day = (SELECT min(day) FROM daily_share)').run()
    expect(listTotalDays(store)).toEqual([D1, D2, D3])
    expect(listPublishedDays(store)).toEqual([D2, D3])
  })

  test('keep the lines of a share by attribution, and refuse attributions that count other repositories', () => {
    const store = temporaryStore()
    const published = dayOf(D1, 3)
    const { share } = published.shares[0]!
    const byRoot: DerivativeShare = { ...share, attribution: 'root', lines: [{ line: 'china', repos: 3 }] }
    const publish = (other: DerivativeShare) =>
      publishDays(
        store,
        [{ ...published, shares: [...published.shares, { day: D1, born: 'ever', share: other }] }],
        basis(1),
        'all',
      )
    publish(byRoot)
    expect(readShare(store, D1, { ...EVER, attribution: 'root' })).toEqual(byRoot)
    expect(readShare(store, D1, EVER)).toEqual(share)
    expect(readShare(store, D1, { ...EVER, attribution: 'publisher' })?.lines).toEqual([])
    expect(
      readRaw(store, 'SELECT attribution, sum(repos), sum(share) FROM v1_derivative_share GROUP BY 1'),
    ).toEqual([
      ['base', 3, 1],
      ['root', 3, 1],
    ])
    for (const other of [
      { counted: 4 },
      { considered: 4 },
      { publishers: 2 },
      { counterUnknown: 1 },
      { threshold: 1 },
    ])
      expect(() => publish({ ...byRoot, ...other })).toThrow(/root share counts other repositories/)
    expect(readShare(store, D1, EVER)).toEqual(share)
  })

  test('know no share of a day, a counter or a birth that was not published', () => {
    const store = temporaryStore()
    publishDays(store, [dayOf(D1, 1)], basis(1), 'all')
    expect(readShare(store, D2, EVER)).toBeNull()
    expect(readShare(store, D1, { ...EVER, counter: 'downloadsAllTime' })).toBeNull()
    expect(readShare(store, D1, { ...EVER, born: 'year' })).toBeNull()
  })
})
