import { EXIT_CODES } from '../src/domain/exit-code.ts'
import type { Job } from '../src/pipeline/run-job.ts'
import { writeReport } from '../src/pipeline/write-report.ts'
import { startWhenMain } from './start-job.ts'

export const writeReportJob: Job = {
  name: 'write-report',
  about: 'Write the self-contained HTML report of the last published day.',
  mayCreate: false,
  async run(context) {
    const { file, bytes } = await writeReport(context.place.reportFile, context)
    return { exitCode: EXIT_CODES.complete, summary: `Report written to ${file} (${bytes} bytes).` }
  },
}

await startWhenMain(import.meta.url, writeReportJob)
