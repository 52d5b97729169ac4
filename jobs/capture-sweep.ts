import type { Job } from '../src/pipeline/run-job.ts'
import { sweepEnd, takeCensus } from '../src/pipeline/take-census.ts'
import { startWhenMain } from './start-job.ts'

export const captureSweepJob: Job = {
  name: 'capture-sweep',
  about: 'Capture the catalogue of the Hub for today (UTC); resumes an interrupted sweep.',
  mayCreate: true,
  run: async context => sweepEnd(await takeCensus(context)),
}

await startWhenMain(import.meta.url, captureSweepJob)
