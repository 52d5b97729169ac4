import { CensusError } from '../domain/census-error.ts'
import type { GateLimits } from '../domain/day-gate.ts'
import type { Clock, Log } from '../domain/effects.ts'
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts'
import { beginJobRun, endJobRun } from '../store/job-runs.ts'
import { explainSqliteError } from '../store/store-error.ts'
import { type CensusPlace, type HubPlace, type ReadEffects, withCensus } from './open-census.ts'

/** How a job ended: its exit code and a line for people, three where they have to decide something. */
export interface JobEnd {
  exitCode: ExitCode
  summary: string
}

/** What a job gets of the world. */
export interface JobContext extends ReadEffects {
  place: JobPlace
  signal: AbortSignal
}

export interface JobPlace extends CensusPlace, HubPlace {
  pageSize: number
  walkers: number
  /** Whether a sweep asks for the text of the cards. */
  readsCardText: boolean
  /** How far a night may be from the last good day before it is held. */
  gate: GateLimits
  /** Whose clock decides the day of a sweep. */
  follow: 'machine' | 'hub'
  /** Where the report goes. */
  reportFile: string
}

/** One scheduled job: a name that never changes, a sentence, and one pipeline function. */
export interface Job {
  name: string
  about: string
  /** Whether it may begin on a file that does not exist yet. */
  mayCreate: boolean
  run(context: JobContext): Promise<JobEnd>
}

/**
 * Runs a job and keeps a row of it in `job_run`, however it ends. Throws what the job throws, after noting it.
 */
export async function runJob(
  job: Job,
  place: JobPlace,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<JobEnd> {
  return withCensus(place, { mustExist: !job.mayCreate }, { clock, log }, async census => {
    const key = beginJobRun(census.store, job.name, clock.now())
    const note = (end: JobEnd) => endJobRun(census.store, key, { finishedAt: clock.now(), ...end })
    try {
      const end = await job.run({ ...census, place, signal })
      note(end)
      return end
    } catch (thrown) {
      const error = explainSqliteError(thrown, place.file)
      const exitCode = error instanceof CensusError ? error.exitCode : EXIT_CODES.unexpected
      try {
        note({ exitCode, summary: error instanceof Error ? error.message : String(error) })
      } catch (cause) {
        // A full or read-only file cannot hold the note either; what stopped the job is what its caller has to hear.
        log.warn({ problem: String(cause) }, 'the end of the job could not be noted')
      }
      throw error
    }
  })
}
