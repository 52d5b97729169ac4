import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backdate } from '../../bench/history.ts'
import { captureNights, noonOf, openCensusFile } from '../../bench/made-hub.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { refreshMetrics } from '../../src/pipeline/refresh-metrics.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { fakeClock, REGISTRY, temporaryFolder, temporaryStore } from '../support/census.ts'

const DAYS = 12
const MODELS = 300

async function agedFile(): Promise<{ file: string; captured: unknown[] }> {
  const file = join(temporaryFolder(), 'census.db')
  await captureNights(file, MODELS, [0, 1])
  const store = openCensusFile(file)
  const captured = store.sqlite.prepare('SELECT repo_key, downloads_30d, downloads_all_time FROM repo').all()
  store.close()
  expect(backdate(file, { days: DAYS })).toMatchObject({ days: DAYS })
  return { file, captured }
}

test('a made past leads up to the captured counters', async () => {
  const { file, captured } = await agedFile()
  const { sqlite } = temporaryStore(file)
  expect(sqlite.prepare('SELECT repo_key, downloads_30d, downloads_all_time FROM repo').all()).toEqual(
    captured,
  )
  const newest = sqlite
    .prepare(
      `SELECT repo_key, downloads_30d, downloads_all_time
       FROM (SELECT *, max(day) FROM observation GROUP BY repo_key)`,
    )
    .all()
  expect(newest).toEqual(captured)
  expect(
    sqlite
      .prepare(
        `SELECT count(*) FROM repo WHERE observed_on <> (SELECT max(day) FROM observation WHERE repo_key = repo.repo_key)
           OR first_seen_on <> (SELECT min(day) FROM observation WHERE repo_key = repo.repo_key)`,
      )
      .pluck()
      .get(),
  ).toBe(0)
})

test('a made past holds a row only where a counter changed, about three in ten a day', async () => {
  const { file } = await agedFile()
  const { sqlite } = temporaryStore(file)
  const perDay = sqlite.prepare('SELECT count(*) FROM observation GROUP BY day ORDER BY day').pluck().all()
  expect(perDay).toHaveLength(DAYS)
  expect(perDay[0]).toBe(MODELS)
  for (const rows of perDay.slice(1)) expect(Math.abs(Number(rows) / MODELS - 0.3)).toBeLessThan(0.1)
  const repeated = sqlite
    .prepare(
      `SELECT count(*) FROM (SELECT downloads_30d, downloads_all_time,
         lag(downloads_30d) OVER earlier AS before_30d, lag(downloads_all_time) OVER earlier AS before
         FROM observation WINDOW earlier AS (PARTITION BY repo_key ORDER BY day))
       WHERE downloads_30d = before_30d AND downloads_all_time = before OR downloads_all_time < before`,
    )
    .pluck()
    .get()
  expect(repeated).toBe(0)
})

test('history recomputed from a made past has the totals its sweeps tell, and the Hub can be captured again', async () => {
  const { file } = await agedFile()
  const store = temporaryStore(file)
  const registry = loadRegistry(REGISTRY)
  const effects = { store, registry, clock: fakeClock(noonOf(1)), log: silentLog }
  expect(refreshMetrics(effects)).toMatchObject({ days: DAYS, from: 'history' })
  const totals = store.sqlite
    .prepare(
      `SELECT day, sum(downloads_30d), sum(downloads_all_time) FROM daily_total
       WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' GROUP BY day ORDER BY day`,
    )
    .raw()
    .all()
  const told = store.sqlite
    .prepare('SELECT day, downloads_30d_total, downloads_all_time_total FROM sweep ORDER BY day')
    .raw()
    .all()
  expect(totals).toEqual(told)

  await captureNights(file, MODELS, [2])
  expect(store.sqlite.prepare("SELECT count(*) FROM event WHERE kind <> 'task-change'").pluck().get()).toBe(0)
  expect(refreshMetrics(effects)).toMatchObject({ days: 1, from: 'latest' })
})
