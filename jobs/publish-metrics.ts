import { EXIT_CODES } from '../src/domain/exit-code.ts'
import { refreshMetrics } from '../src/pipeline/refresh-metrics.ts'
import type { Job } from '../src/pipeline/run-job.ts'
import { startWhenMain } from './start-job.ts'

export const publishMetricsJob: Job = {
  name: 'publish-metrics',
  about: 'Bring the daily totals up to date with the facts and the registry.',
  mayCreate: false,
  async run(context) {
    const { days, rows, from } = refreshMetrics(context)
    const summary =
      from === 'none'
        ? 'Totals are up to date.'
        : `Totals of ${days} ${days === 1 ? 'day' : 'days'} published (${rows} rows).`
    return { exitCode: EXIT_CODES.complete, summary }
  },
}

await startWhenMain(import.meta.url, publishMetricsJob)
