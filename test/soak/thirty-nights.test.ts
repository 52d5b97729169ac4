import { describe, expect, test } from 'vitest'
import { describeModel } from '../../fixtures/generated-catalogue/describe-model.ts'
import { isListed } from '../../fixtures/generated-catalogue/fate.ts'
import { generatedCatalogue } from '../../fixtures/generated-catalogue/generated-catalogue.ts'
import { indicesOn, planCatalogue } from '../../fixtures/generated-catalogue/plan.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { refreshMetrics } from '../../src/pipeline/refresh-metrics.ts'
import { loadRegistry } from '../../src/registry/load-registry.ts'
import { listSweeps } from '../../src/store/sweep-ledger.ts'
import { clientOf, fakeClock, REGISTRY, temporaryFolder, temporaryStore } from '../support/census.ts'

const MODELS = 100_000
const NIGHTS = 30
const OPTIONS = { models: MODELS, firstDay: '2026-10-01', days: NIGHTS, seed: 20_261_001 }
const BAD_GATEWAY = { kind: 'status', status: 503 } as const

describe('thirty nights of a hundred thousand models', () => {
  test('with a fault in every sixth, are what the Hub said, night by night and to the unit', {
    timeout: 600_000,
  }, async () => {
    const plan = planCatalogue(OPTIONS)
    const catalogue = generatedCatalogue({ ...OPTIONS, packFolder: temporaryFolder() })
    const hub = await startMiniatureHub({ catalogue, quota: null })
    const store = temporaryStore()
    const registry = loadRegistry(REGISTRY)
    const clock = fakeClock(0)
    const client = clientOf(hub, clock)
    const sweep = () =>
      captureSweep(
        { pageSize: 1000, notice: catalogue.notice },
        { hub: client, store, clock, log: silentLog },
      )
    const publish = () => refreshMetrics({ store, registry, clock, log: silentLog })
    let stops = 0

    for (const [night, day] of catalogue.days.entries()) {
      hub.serveDay(day)
      clock.set(`${day}T12:00:00Z`)
      if (night % 6 === 5) {
        hub.faults.push(
          { kind: 'truncate', cut: 'socket', nth: 3 },
          { kind: 'status', status: 429, headers: { RateLimit: '"api";r=0;t=55' }, nth: 9 },
          { kind: 'html200', nth: 20 },
          // Longer than any number of attempts: the run ends, and the next one resumes.
          { ...BAD_GATEWAY, nth: 50, times: 3 },
        )
        await expect(sweep()).rejects.toMatchObject({ exitCode: 3 })
        stops += 1
      }
      const { sweep: done, began } = await sweep()
      expect([done.state, began]).toEqual(['complete', night % 6 === 5 ? 'resumed' : 'fresh'])
      expect(publish()).toMatchObject({ days: 1, from: night === 0 ? 'history' : 'latest' })
    }
    expect(stops).toBe(5)

    const sweeps = listSweeps(store)
    expect(sweeps).toHaveLength(NIGHTS)
    for (const [night, said] of sweeps.entries()) {
      expect(said.rowCount).toBe(said.storedCount + said.unchangedCount + said.quarantinedCount)
      if (night % 10 !== 9) continue
      // What the generator says of that night, model by model, without the Hub in between.
      const truth = { rows: 0, downloads30d: 0, downloadsAllTime: 0 }
      for (let index = 0; index < indicesOn(plan, night); index += 1) {
        if (!isListed(plan, index, night)) continue
        const { downloads, downloadsAllTime } = describeModel(plan, index, night).counters
        truth.rows += 1
        truth.downloads30d += downloads
        truth.downloadsAllTime += downloadsAllTime
      }
      expect([said.rowCount, said.downloads30dTotal, said.downloadsAllTimeTotal]).toEqual([
        truth.rows,
        truth.downloads30d,
        truth.downloadsAllTime,
      ])
    }

    // What was published night by night is what every observation gives, read again from the beginning.
    const published = (table: string) => store.sqlite.prepare(`SELECT * FROM ${table}`).raw().all()
    const tables = ['daily_total', 'daily_share', 'daily_share_line']
    const nightly = tables.map(published)
    publishDailyTotals({ store, registry, clock, log: silentLog }, { recompute: true })
    expect(tables.map(published)).toEqual(nightly)
    expect(store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(store.sqlite.pragma('foreign_key_check')).toEqual([])
    expect(hub.requests.filter(({ status }) => status === 429)).toHaveLength(5)
    await hub.close()
    await catalogue.close()
  })
})
