import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findPackageRoot } from '../src/config/package-root.ts'
import { dayOf } from '../src/domain/utc-day.ts'
import { measureAsking } from './ask.ts'
import { measureAttribution } from './attribution.ts'
import { measureBareInsert } from './bare-insert.ts'
import { measureDetectedHistory, measureDetectedNight } from './detection.ts'
import { measureDuckdbLoad } from './duckdb-load.ts'
import { describeMachine, figureTable, median, readFigures, recordFigures, writeFigures } from './figures.ts'
import { backdate } from './history.ts'
import { measureLineage } from './lineage.ts'
import type { Measured } from './measured-process.ts'
import { startBenchHub } from './nights.ts'
import { fetchPageFiles } from './page-files.ts'
import { PROMISES, type Promised } from './promises.ts'
import { predictSweep, QUICK_PAGE_MS, RECORDED_PAGE_MS } from './quota.ts'
import { measureRecompute } from './recompute.ts'
import type { Night } from './sweep.ts'

/**
 * Everything the project promises of speed and memory, measured in one run; seconds on a shared machine mean little, so
 * the ratios come first. Usage: npm run bench -- [--models 3250000] [--rounds 3] [--days 365]
 * [--history-models 3250000] [--lineage-models 3250000] [--only sweep,memory,…]
 * Takes some 40 minutes and 20 GB at full size; `--models 100000 --days 60` takes three minutes.
 */
const { values: flags } = parseArgs({
  options: {
    models: { type: 'string', default: '3250000' },
    rounds: { type: 'string', default: '3' },
    days: { type: 'string', default: '365' },
    'history-models': { type: 'string' },
    'lineage-models': { type: 'string' },
    only: { type: 'string', default: 'sweep,peers,memory,flat,history,detection,attribution,lineage,quota' },
    keep: { type: 'boolean', default: false },
  },
})
const [models, rounds, historyDays] = [Number(flags.models), Number(flags.rounds), Number(flags.days)]
const historyModels = Number(flags['history-models'] ?? flags.models)
const lineageModels = Number(flags['lineage-models'] ?? flags.models)
const parts = new Set(flags.only.split(','))
const recorder = recordFigures(PROMISES)
const note = (name: Promised, value: number) => recorder.note(name, value)
const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`)
const folder = mkdtempSync(join(tmpdir(), 'hub-census-bench-'))
const MB = 1e6

/** The most a night took, whatever the floor took before it. */
function nightPeak({ samples }: Measured<Night[]>): number {
  return Math.max(...samples.filter(({ label }) => label !== 'floor').map(({ peakMB }) => peakMB))
}

function noteNights(nights: readonly Night[]): void {
  const [first, later] = nights as [Night, Night]
  note('first sweep, to its floor', first.sweep / first.floor!)
  note('later night, to its floor', later.sweep / later.floor!)
  note('first sweep', first.sweep)
  note('later night', later.sweep)
  note('floor, first sweep', first.floor!)
  note('floor, later night', later.floor!)
  note('roll-ups of a night', later.totals)
  note('file growth a changed observation, night 2', later.grownBytes / later.stored)
  note('file growth a night', later.grownBytes / MB)
}

async function sweeps(): Promise<void> {
  const hub = await startBenchHub(models, 2)
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const file = join(folder, `round-${round}.db`)
      const taken = await hub.capture(file, hub.days.slice(0, 2), true)
      noteNights(taken.result)
      say(
        `round ${round}: ${JSON.stringify(taken.result)} peak ${nightPeak(taken)} ${JSON.stringify(taken.samples)}`,
      )
      rmSync(file)
    }
    if (parts.has('peers')) await peers(hub.origin, () => hub.serve(hub.days[0]!))
  } finally {
    await hub.close()
  }
}

async function peers(origin: string, serve: () => Promise<void>): Promise<void> {
  await serve()
  const pages = join(folder, 'pages')
  await fetchPageFiles(origin, pages)
  const first = median(recorder.runsOf('first sweep'))
  for (let round = 1; round <= rounds; round += 1) {
    const { result: duckdb } = await measureDuckdbLoad(pages)
    const { result: bare } = await measureBareInsert(pages)
    note('DuckDB, the same pages', duckdb.seconds)
    note('bare bulk insert, the same rows', bare.seconds)
    note('first sweep, to DuckDB loading the same pages', first / duckdb.seconds)
    note('first sweep, to the bare bulk insert', first / bare.seconds)
    say(`peers: DuckDB ${duckdb.seconds} s, bare insert ${bare.seconds} s`)
  }
  rmSync(pages, { recursive: true })
}

/** What `boundMemory` sets: a process that captures and publishes, as `schedule` does, has it. */
const BOUNDED = ['--optimize-for-size']

async function memory(): Promise<void> {
  for (const [size, name] of [
    [1_000_000, 'memory of sweep and totals, 1 M models'],
    [3_250_000, 'memory of sweep and totals, 3.25 M models'],
    [5_000_000, 'memory of sweep and totals, 5 M models'],
  ] as const) {
    const hub = await startBenchHub(Math.round((size * models) / 3_250_000), 2)
    const file = join(folder, 'memory.db')
    const taken = await hub.capture(file, hub.days, false, BOUNDED)
    note(name, nightPeak(taken))
    say(`${name}: ${nightPeak(taken)} ${JSON.stringify(taken.samples)}`)
    rmSync(file)
    await hub.close()
  }
}

async function flat(): Promise<void> {
  const hub = await startBenchHub(Math.round(models / 13), 30)
  const taken = await hub.capture(join(folder, 'flat.db'), hub.days, false)
  const peaks = taken.samples.filter(({ label }) => label === 'sweep').map(({ peakMB }) => peakMB)
  note('memory over 30 nights, last to third', peaks.at(-1)! / peaks[2]!)
  // A birth is no changed observation: it takes what a repository of the first night took, once in its life.
  const aBirth = taken.result[0]!.grownBytes / taken.result[0]!.stored
  for (const { grownBytes, stored, born } of taken.result.slice(1)) {
    note('file growth a changed observation, births apart', (grownBytes - born * aBirth) / (stored - born))
    note('file growth a changed observation, everything in it', grownBytes / stored)
  }
  say(`30 nights: ${peaks.map(Math.round).join(' ')}`)
  await hub.close()
}

async function history(): Promise<void> {
  const hub = await startBenchHub(historyModels, 3)
  const file = join(folder, 'history.db')
  await hub.capture(file, hub.days.slice(0, 2), false)
  const next = hub.days.slice(2, 3)
  const young = join(folder, 'young.db')
  copyFileSync(file, young)
  const past = backdate(file, { days: historyDays })
  say(`history of ${past.days} days: ${past.rows} observations, ${past.seconds} s, ${past.fileBytes} bytes`)
  const { result, peakMB } = await measureRecompute(file)
  say(`recomputed: ${JSON.stringify(result)}`)
  note('history of two years recomputed', (result.seconds * 730) / result.days)
  note('memory of a recomputation', peakMB)
  note('packed observation', result.packBytes / result.observations)
  const asked = (await measureAsking({ file })).result
  note('headline, p95 of 365 days', asked.headline.p95)
  note('crossover, p95 of 365 days', asked.crossover.p95)
  note('chart, p95 of 365 days', asked.chart.p95)
  say(`asked: ${JSON.stringify(asked)}`)
  noteSql(asked)
  for (let round = 1; round <= rounds; round += 1) {
    const [old, fresh] = [join(folder, 'old-copy.db'), join(folder, 'young-copy.db')]
    copyFileSync(file, old)
    copyFileSync(young, fresh)
    const [aged] = (await hub.capture(old, next, false)).result
    const [second] = (await hub.capture(fresh, next, false)).result
    note('night 365, to night 2', (aged!.sweep + aged!.totals) / (second!.sweep + second!.totals))
    say(`night ${historyDays}: ${JSON.stringify(aged)}; night 3: ${JSON.stringify(second)}`)
    rmSync(old)
    rmSync(fresh)
  }
  rmSync(file)
  await hub.close()
}

/** The ways a user would type it; the fastest documented one counts. */
function noteSql({ series, crossSection }: Awaited<ReturnType<typeof measureAsking>>['result']): void {
  const best = (ways: Record<string, { p95: number }>) =>
    Math.min(...Object.values(ways).map(({ p95 }) => p95))
  note("one model's series, p95 of 365 days", best(series as never))
  note('one day, every model', best(crossSection as never) / 1000)
}

async function attribution(): Promise<void> {
  const { rounds: taken, reviewed } = (await measureAttribution({ models, rounds })).result
  for (const { seconds, floor } of taken) {
    note('attribution of 3.25 M repositories', seconds)
    note('attribution of 3.25 M repositories, to a Map look-up of each', seconds / floor)
  }
  say(`attribution: ${JSON.stringify(taken)}, ${reviewed} of ${models} reviewed`)
}

/** The detectors over a year of a tenth of the Hub, and over the newest of sixty nights of all of it. */
async function detection(): Promise<void> {
  const year = join(folder, 'year.db')
  await makePast(year, Math.round((models * 3) / 32.5), historyDays)
  const { result: everything, peakMB } = await measureDetectedHistory(year)
  note('detectors over 365 days of 300 k repositories', everything.seconds)
  note('detectors over all of history, to reading its packs', everything.seconds / everything.floor)
  note('memory of detectors over all of history', peakMB)
  say(`detected in a year: ${JSON.stringify(everything)}, ${peakMB} MB`)
  rmSync(year)
  const nights = join(folder, 'nights.db')
  await makePast(nights, models, Math.min(historyDays, DETECTED_NIGHTS))
  for (let round = 1; round <= rounds; round += 1) {
    const { result, peakMB: peak } = await measureDetectedNight(nights)
    note('detectors of a night', result.seconds)
    note('detectors of a night, to reading every current counter', result.seconds / result.floor)
    note('memory of detectors of a night', peak)
    say(`detected in a night: ${JSON.stringify(result)}, ${peak} MB`)
  }
  rmSync(nights)
}

/** Days that a night's detectors can look at, and some. */
const DETECTED_NIGHTS = 60

async function makePast(file: string, repos: number, days: number): Promise<void> {
  const hub = await startBenchHub(repos, 2)
  await hub.capture(file, hub.days, false)
  await hub.close()
  const past = backdate(file, { days })
  say(`past of ${past.days} days: ${past.rows} observations, ${past.seconds} s`)
}

async function quota(): Promise<void> {
  const cases = [
    ['real Hub, anonymous, one walker', 'anonymous', 1],
    ['real Hub, token, one walker', 'token', 1],
    ['real Hub, token, four walkers', 'token', 4],
  ] as const
  let refused = 0
  for (const [name, caller, walkers] of cases) {
    const answer = await predictSweep({ caller, latencyMs: RECORDED_PAGE_MS, capture: { walkers } })
    note(name, answer.wallMinutes)
    if (walkers === 1) note('requests of a sweep, 3.25 M models', answer.requests)
    refused += answer.refused
    say(`${name}: ${JSON.stringify(answer)}`)
  }
  for (const caller of ['anonymous', 'token'] as const) {
    refused += (await predictSweep({ caller, latencyMs: QUICK_PAGE_MS })).refused
  }
  note('429 answers in all predicted sweeps', refused)
}

try {
  const free = statfsSync(folder)
  say(`${models} models, ${rounds} rounds; ${Math.round((free.bavail * free.bsize) / 1e9)} GB free`)
  if (parts.has('quota')) await quota()
  if (parts.has('attribution')) await attribution()
  if (parts.has('lineage')) await measureLineage({ models: lineageModels, rounds, folder, note, say })
  if (parts.has('sweep')) await sweeps()
  if (parts.has('memory')) await memory()
  if (parts.has('flat')) await flat()
  if (parts.has('history')) await history()
  if (parts.has('detection')) await detection()
} finally {
  if (!flags.keep) rmSync(folder, { recursive: true, force: true })
}
const machine = describeMachine()
const results = join(findPackageRoot(import.meta.dirname), 'bench', 'results')
mkdirSync(results, { recursive: true })
const day = dayOf(Date.now())
// A run of some parts completes what another run of the day has measured.
const earlier = readFigures(results, day)
const figures = recorder
  .figures()
  .map(figure => (figure.runs > 0 ? figure : (earlier.find(({ name }) => name === figure.name) ?? figure)))
process.stdout.write(figureTable(figures, machine))
const settings = { models, rounds, historyModels, historyDays, lineageModels }
await writeFigures(results, day, { machine, settings, figures })
