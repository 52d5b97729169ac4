import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { catalogueFromDays } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { machineClock } from '../../src/config/machine-clock.ts'
import { DEFAULT_GATE_LIMITS } from '../../src/domain/day-gate.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { withCensus } from '../../src/pipeline/open-census.ts'
import type { JobPlace } from '../../src/pipeline/run-job.ts'
import { takeCensus } from '../../src/pipeline/take-census.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { MIGRATIONS, REGISTRY, temporaryFolder } from '../support/census.ts'

test('a replayed day stands still: what it lists a second after noon is not born during a slow walk', async () => {
  const day = '2026-08-19'
  const born = (second: number) => Date.parse(`${day}T12:00:0${second}Z`) / 1000 - 1_700_000_000
  const rows = [row(1), row(born(0)), row(born(1)), row(born(2))]
  const hub = await startMiniatureHub({ catalogue: catalogueFromDays(new Map([[day, rows]])), quota: null })
  onTestFinished(() => hub.close())
  hub.faults.push({ kind: 'slow', ms: 700, times: 5 })
  const place: JobPlace = {
    file: join(temporaryFolder(), 'census.db'),
    migrationsFolder: MIGRATIONS,
    registryFolder: REGISTRY,
    endpoint: hub.origin,
    readToken: () => null,
    userAgent: 'hub-census-test',
    quotaShare: 1,
    attempts: 1,
    walkers: 1,
    readsCardText: false,
    gate: DEFAULT_GATE_LIMITS,
    pageSize: 1,
    follow: 'hub',
    reportFile: 'unused.html',
  }
  const effects = { clock: machineClock, log: silentLog }
  const signal = new AbortController().signal
  await withCensus(place, { mustExist: false }, effects, async census => {
    const { sweep } = await takeCensus({ ...census, place, signal })
    expect(sweep).toMatchObject({ day, state: 'complete', rowCount: 4, laterCount: 0 })
  })
})
