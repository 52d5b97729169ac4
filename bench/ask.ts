import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { findPackageRoot } from '../src/config/package-root.ts'
import { silentLog } from '../src/domain/effects.ts'
import { answerCumulativeChart } from '../src/pipeline/answer-chart.ts'
import { answerCrossover } from '../src/pipeline/answer-crossover.ts'
import { answerHeadline } from '../src/pipeline/answer-headline.ts'
import { refreshMetrics } from '../src/pipeline/refresh-metrics.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { type SqlLatencies, timeCrossSection, timeDayRows, timeSeries } from './ask-sql.ts'
import { backdate } from './history.ts'
import { type CallBudget, type Latency, timeCalls } from './latency.ts'
import { captureNights, openCensusFile, withFolder } from './made-hub.ts'
import { type Measured, runMeasured } from './measured-process.ts'

export interface Answers {
  /** Everything `hub-census metrics` says. */
  headline: Latency
  crossover: Latency
  chart: Latency
  series: SqlLatencies
  dayRows: SqlLatencies
  crossSection: SqlLatencies
}

export interface AskOptions extends Partial<CallBudget> {
  file: string
}

/** Asks a census file every question, totals brought up to date first and untimed. A step for `runMeasured`. */
export function askEverything({ file, calls = 200, budgetSeconds = 20 }: AskOptions): Answers {
  const store = openCensusFile(file)
  const registry = loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
  const effects = { store, registry }
  refreshMetrics({ ...effects, clock: { now: () => 0, sleep: async () => {} }, log: silentLog })
  const time = (question: (call: number) => unknown) => timeCalls(question, { calls, budgetSeconds })
  const pair = { a: 'china', b: 'united-states', scope: 'llm', attribution: 'publisher' } as const
  const answers: Answers = {
    headline: time(() => answerHeadline({}, effects)),
    crossover: time(() => answerCrossover({ ...pair, metric: 'downloadsAllTime' }, effects)),
    chart: time(() => answerCumulativeChart('llm', 'publisher', effects)),
    series: timeSeries(store, time),
    dayRows: timeDayRows(store, time),
    crossSection: timeCrossSection(store, time),
  }
  store.close()
  return answers
}

/** Asks everything in a process of its own. */
export function measureAsking(options: AskOptions): Promise<Measured<Answers>> {
  return runMeasured({ module: import.meta.url, step: 'askEverything' }, options)
}

/** `node dist/bench/ask.js [file | repositories] [days] [calls]` */
if (argv[1] === fileURLToPath(import.meta.url)) {
  const [from = '5000', days = '60', calls = '50'] = argv.slice(2)
  const report = async (file: string) => {
    const { result, peakMB } = await measureAsking({ file, calls: Number(calls) })
    process.stdout.write(`${JSON.stringify({ ...result, peakMB }, null, 2)}\n`)
  }
  if (/^\d+$/.test(from)) {
    await withFolder(async folder => {
      const file = join(folder, 'census.db')
      await captureNights(file, Number(from), [0, 1])
      backdate(file, { days: Number(days) })
      await report(file)
    })
  } else await report(from)
}
