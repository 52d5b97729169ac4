import type { Job } from '../src/pipeline/run-job.ts'
import { captureSweepJob } from './capture-sweep.ts'
import { checkDerivativesJob } from './check-derivatives.ts'
import { mirrorRegistryJob } from './mirror-registry.ts'
import { publishMetricsJob } from './publish-metrics.ts'
import { writeReportJob } from './write-report.ts'

export interface TimetableEntry {
  job: Job
  /** Five cron fields, always UTC. */
  cron: string
  why: string
}

/**
 * When each job runs. The Hub refreshes its 30-day counters once a day between 07 and 12 UTC, so the sweep begins after
 * that and off the full hour. Jobs run one at a time in the order they fall due: a late sweep delays the others.
 */
export const TIMETABLE: readonly TimetableEntry[] = [
  { job: mirrorRegistryJob, cron: '7 12 * * *', why: 'so that the day is judged by the newest registry' },
  { job: captureSweepJob, cron: '17 12 * * *', why: 'after the daily refresh of the counters' },
  { job: checkDerivativesJob, cron: '37 14 * * *', why: 'after the sweep, about an hour at half the quota' },
  { job: publishMetricsJob, cron: '7 15 * * *', why: 'once the day is captured' },
  { job: writeReportJob, cron: '17 15 * * *', why: 'from the published totals' },
]
