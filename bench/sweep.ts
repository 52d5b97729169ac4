import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { CatalogueRow } from '../fixtures/miniature-hub/catalogue.ts'
import { catalogueFromDays } from '../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../fixtures/miniature-hub/server.ts'
import { findPackageRoot } from '../src/config/package-root.ts'
import { type Clock, silentLog } from '../src/domain/effects.ts'
import { captureSweep } from '../src/pipeline/capture-sweep.ts'
import { refreshMetrics } from '../src/pipeline/refresh-metrics.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { createHubClient, type HubClient } from '../src/source/hub-client.ts'
import { SWEEP_FIELDS } from '../src/source/list-repos.ts'
import { openStore } from '../src/store/open-store.ts'

/**
 * Two nights of a made catalogue: the sweep against its floor, which is the same pages fetched and JSON-parsed and
 * nothing else, measured in the same run. Prints ratios; seconds on a shared machine mean little.
 * Usage: npm run bench -- [repositories] [rounds]
 */
const [repos, rounds] = [Number(process.argv[2] ?? 50_000), Number(process.argv[3] ?? 3)]
const FIRST_SECOND = 0x62200000
/** Share of repositories whose counters change from one night to the next, as on the Hub. */
const CHANGED_SHARE = 0.3

function madeRow(index: number, night: number): CatalogueRow {
  const isChanged = night > 0 && (index * 7919) % 100 < CHANGED_SHARE * 100
  const downloads = Math.floor(1e6 / (1 + (index % 5000))) + (isChanged ? night : 0)
  const hasBase = index > 100 && index % 4 === 0
  const base = `lab-${index % 97}/model-${index % 97}`
  return {
    _id: `${(FIRST_SECOND + index).toString(16)}${index.toString(16).padStart(16, '0')}`,
    id: index < 97 ? `lab-${index}/model-${index}` : `person-${index % 9000}/model-${index}`,
    createdAt: new Date((FIRST_SECOND + index) * 1000).toISOString(),
    likes: index % 50,
    downloads,
    downloadsAllTime: downloads * 12,
    tags: [
      'transformers',
      'safetensors',
      'text-generation',
      'license:apache-2.0',
      ...(hasBase ? [`base_model:${base}`, `base_model:finetune:${base}`] : []),
      'region:us',
    ],
    pipeline_tag: 'text-generation',
    library_name: 'transformers',
  }
}

async function walkOnly(hub: HubClient): Promise<number> {
  const query = new URLSearchParams({ limit: '1000', sort: 'createdAt', direction: '1' })
  for (const field of SWEEP_FIELDS) query.append('expand[]', field)
  let rows = 0
  for (;;) {
    const answer = await hub.get(`/api/models?${query}`, 'list')
    rows += (answer.json as unknown[]).length
    const cursor = /cursor=([^&>]+)/.exec(answer.link ?? '')?.[1]
    if (cursor === undefined) return rows
    query.set('cursor', decodeURIComponent(cursor))
  }
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const packageRoot = findPackageRoot(import.meta.dirname)
const nights = ['2026-11-01', '2026-11-02']
const days = new Map(
  nights.map((day, night) => [day, Array.from({ length: repos }, (_, i) => madeRow(i, night))]),
)
const server = await startMiniatureHub({
  catalogue: catalogueFromDays(days, 'made for a bench'),
  quota: null,
})
let today = 0
const clock: Clock = { now: () => today, sleep: async () => {} }
const hub = createHubClient({
  endpoint: server.origin,
  token: null,
  userAgent: 'hub-census-bench',
  quotaShare: 1,
  clock,
  log: silentLog,
})
const registry = loadRegistry(join(packageRoot, 'src', 'registry'))
const seconds = new Map<string, number[]>()
const note = (name: string, since: number) =>
  seconds.set(name, [...(seconds.get(name) ?? []), (performance.now() - since) / 1000])
let bytesPerChange = 0

for (let round = 0; round < rounds; round += 1) {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-bench-'))
  const file = join(folder, 'census.db')
  const store = openStore({ file, migrationsFolder: join(packageRoot, 'migrations') })
  let before = 0
  for (const [night, day] of nights.entries()) {
    server.serveDay(day)
    today = Date.parse(`${day}T12:00:00Z`)
    // The first page of a day builds the server's indices: not ours to pay for.
    await hub.get('/api/models?limit=1&sort=createdAt&direction=1&expand[]=baseModels', 'list')
    let since = performance.now()
    await walkOnly(hub)
    note(`floor, night ${night + 1}`, since)
    since = performance.now()
    const { sweep } = await captureSweep(
      { pageSize: 1000, notice: 'made for a bench' },
      { hub, store, clock, log: silentLog },
    )
    note(`sweep, night ${night + 1}`, since)
    since = performance.now()
    refreshMetrics({ store, registry, clock, log: silentLog })
    note(`totals, night ${night + 1}`, since)
    store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
    const size = statSync(file).size
    if (night === 1) bytesPerChange = (size - before) / sweep.storedCount
    before = size
  }
  store.close()
  rmSync(folder, { recursive: true, force: true })
}
await hub.close()
await server.close()

const at = (name: string) => median(seconds.get(name)!)
const lines = [
  `${repos} repositories, median of ${rounds} rounds`,
  `first sweep    ${(at('sweep, night 1') / at('floor, night 1')).toFixed(2)} × floor   (${at('sweep, night 1').toFixed(2)} s)`,
  `second sweep   ${(at('sweep, night 2') / at('floor, night 2')).toFixed(2)} × floor   (${at('sweep, night 2').toFixed(2)} s)`,
  `totals         ${(at('totals, night 2') / at('floor, night 2')).toFixed(2)} × floor   (${at('totals, night 2').toFixed(2)} s)`,
  `growth         ${bytesPerChange.toFixed(1)} bytes a changed repository, totals included`,
  `peak memory    ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, miniature Hub included`,
]
process.stdout.write(`${lines.join('\n')}\n`)
