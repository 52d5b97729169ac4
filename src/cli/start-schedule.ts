import cron from 'node-cron'
import type { TimetableEntry } from '../../jobs/timetable.ts'
import { CensusError } from '../domain/census-error.ts'
import type { Clock, Log } from '../domain/effects.ts'
import { type JobPlace, runJob } from '../pipeline/run-job.ts'

/**
 * Runs the timetable until the signal aborts: each job at its cron time in UTC, never two at once, never the same one
 * waiting twice. A job that fails is logged and the next one still runs. On the signal, no job starts any more, the
 * running one is asked to stop, and the promise resolves when it has.
 */
export async function startSchedule(
  timetable: readonly TimetableEntry[],
  place: JobPlace,
  effects: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<void> {
  const { log, signal } = effects
  const waiting = new Set<string>()
  let queue: Promise<void> = Promise.resolve()

  async function run({ job }: TimetableEntry): Promise<void> {
    waiting.delete(job.name)
    if (signal.aborted) return
    log.info({ job: job.name }, 'job begins')
    try {
      const end = await runJob(job, place, effects)
      log.info({ job: job.name, exitCode: end.exitCode, summary: end.summary }, 'job ends')
    } catch (error) {
      const remedy = error instanceof CensusError ? error.remedy : { happened: String(error) }
      log.error({ job: job.name, ...remedy }, 'job failed')
    }
  }

  const tasks = timetable.map(entry => {
    const task = cron.schedule(
      entry.cron,
      () => {
        if (waiting.has(entry.job.name)) {
          log.warn({ job: entry.job.name }, 'job is still waiting for its last turn; this one is skipped')
          return
        }
        waiting.add(entry.job.name)
        queue = queue.then(() => run(entry))
        return queue
      },
      { name: entry.job.name, timezone: 'UTC', noOverlap: true },
    )
    task.on('execution:overlap', () =>
      log.warn({ job: entry.job.name }, 'job overlaps itself; this turn is skipped'),
    )
    task.on('execution:missed', () => log.warn({ job: entry.job.name }, 'job missed its time'))
    return task
  })
  log.info({ jobs: timetable.map(({ job, cron: at }) => `${at} ${job.name}`) }, 'schedule begins')
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.all(tasks.map(task => task.destroy()))
  await queue
  log.info({}, 'schedule ends')
}
