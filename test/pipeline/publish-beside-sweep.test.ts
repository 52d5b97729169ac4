import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { openStore } from '../../src/store/open-store.ts'
import { openPageRecorder } from '../../src/store/record-page.ts'
import { beginSweep } from '../../src/store/sweep-ledger.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing, page, readRaw, understood } from '../store/capturing.ts'
import { MIGRATIONS } from '../support/census.ts'

const [D1, D2, D3] = ['2026-03-01', '2026-03-02', '2026-03-03'].map(parseUtcDay) as [
  ReturnType<typeof parseUtcDay>,
  ReturnType<typeof parseUtcDay>,
  ReturnType<typeof parseUtcDay>,
]

/** A registry that somebody begins to read, at which moment `then` happens: the making of totals is under way. */
function whenRead(registry: Registry, then: () => void): Registry {
  let isFirst = true
  return {
    ...registry,
    get regions() {
      if (isFirst) then()
      isFirst = false
      return registry.regions
    },
  }
}

test.each([
  ['from the current counters', false],
  ['from the whole history', true],
])(
  'totals made %s are those of their day, although the next sweep begins meanwhile',
  async (_, recompute) => {
    const rows = (downloads: number) =>
      [1, 2, 3].map(number =>
        row(number, {
          id: `qwen/m${number}`,
          downloads,
          downloadsAllTime: downloads * 10,
          tags: ['base_model:finetune:meta/x'],
        }),
      )
    const census = await capturing({ [D1]: rows(10), [D2]: rows(20) })
    const { store, clock } = census
    const other = openStore({ file: store.file, migrationsFolder: MIGRATIONS, busyTimeout: 1 })
    onTestFinished(() => other.close())
    await census.capture(D1)
    const effects = { store, registry: EVERY_KIND, clock, log: silentLog }
    publishDailyTotals(effects)
    await census.capture(D2)

    // Another process: it begins the sweep of the third day and commits a page, or waits because the file is taken.
    const nextSweep = () => {
      try {
        const start = { source: 'x', notice: null, day: D3, startedAt: 0 }
        const { sweepKey } = beginSweep(other, start)
        const content = page(
          [1, 2, 4].map(number =>
            understood(number, { id: `meta/m${number}`, downloads: 1000, downloadsAllTime: 5000 }),
          ),
          { nextCursor: 'more' },
        )
        openPageRecorder(other)({ sweepKey, range: 0, page: 0 }, D3, content)
      } catch (error) {
        expect(String(error)).toMatch(/locked|SQLITE_BUSY/)
      }
    }
    publishDailyTotals({ ...effects, registry: whenRead(EVERY_KIND, nextSweep) }, { recompute })
    expect(
      readRaw(
        store,
        `SELECT day, key, repos, downloads_30d, downloads_all_time FROM v1_daily_total
       WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' ORDER BY day`,
      ),
    ).toEqual([
      [D1, 'china', 3, 30, 300],
      [D2, 'china', 3, 60, 600],
    ])
    expect(
      readRaw(
        store,
        "SELECT day, line, repos, publishers FROM v1_derivative_share WHERE born = 'ever' AND counter = 'downloads_30d' AND attribution = 'base' ORDER BY day",
      ),
    ).toEqual([
      [D1, 'united-states', 3, 1],
      [D2, 'united-states', 3, 1],
    ])
  },
)
