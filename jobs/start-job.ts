import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { createJsonLog } from '../src/cli/log.ts'
import { addPlaceOptions, readPlace } from '../src/cli/place-options.ts'
import { reportFailure, reportMisuse } from '../src/cli/report-failure.ts'
import { stopSignal } from '../src/cli/stop-signal.ts'
import { boundMemory } from '../src/config/bound-memory.ts'
import { machineClock } from '../src/config/machine-clock.ts'
import { EXIT_CODES } from '../src/domain/exit-code.ts'
import { type Job, runJob } from '../src/pipeline/run-job.ts'

/** Runs the job from a terminal when its module is the program; importing it for the timetable does nothing. */
export async function startWhenMain(moduleUrl: string, job: Job): Promise<void> {
  const main = process.argv[1]
  if (main === undefined || realpathSync(main) !== fileURLToPath(moduleUrl)) return
  // A sweep stays small by itself, and its reading thread is slowed by it.
  if (job.name !== 'capture-sweep') boundMemory()
  const program = addPlaceOptions(new Command(job.name).description(job.about))
    .exitOverride()
    .configureOutput({ outputError: reportMisuse })
  try {
    program.parse(process.argv)
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError && error.exitCode === 0 ? EXIT_CODES.complete : EXIT_CODES.usage
    return
  }
  const stop = stopSignal()
  try {
    const place = readPlace(program.opts(), process.env)
    const end = await runJob(job, place, {
      clock: machineClock,
      log: createJsonLog(job.name),
      signal: stop.signal,
    })
    process.stdout.write(`${end.summary}\n`)
    process.exitCode = stop.exitCode() ?? end.exitCode
  } catch (error) {
    process.exitCode = stop.exitCode() ?? reportFailure(error, process.stderr)
  } finally {
    stop.release()
  }
}
