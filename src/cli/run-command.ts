import { machineClock } from '../config/machine-clock.ts'
import type { ExitCode } from '../domain/exit-code.ts'
import { type ReadEffects, withCensus as withOpenCensus } from '../pipeline/open-census.ts'
import type { JobPlace } from '../pipeline/run-job.ts'
import { createPlainLog } from './log.ts'
import { type PlaceFlags, readPlace } from './place-options.ts'
import { reportFailure } from './report-failure.ts'
import { type StopSignal, stopSignal } from './stop-signal.ts'

/** What a command's action gets. */
export interface CommandContext {
  place: JobPlace
  stop: StopSignal
  log: ReadEffects['log']
  /** Results; messages go to the log or to stderr. */
  print(text: string): void
}

/** Runs an action, turns what it throws into three lines on stderr, and sets the exit code without exiting. */
export async function runCommand(
  flags: PlaceFlags,
  action: (context: CommandContext) => Promise<ExitCode>,
): Promise<void> {
  const stop = stopSignal()
  try {
    const place = readPlace(flags, process.env)
    const log = createPlainLog(line => process.stderr.write(`${line}\n`))
    const exitCode = await action({ place, stop, log, print: text => process.stdout.write(text) })
    process.exitCode = stop.exitCode() ?? exitCode
  } catch (error) {
    const code = reportFailure(error, process.stderr)
    process.exitCode = stop.exitCode() ?? code
  } finally {
    stop.release()
  }
}

/** Opens the census for a command that reads, and closes it again. The file must exist. */
export function withCensus<T>(
  { place, log }: CommandContext,
  action: (census: ReadEffects) => T | Promise<T>,
): Promise<T> {
  return withOpenCensus(place, { mustExist: true }, { clock: machineClock, log }, action)
}
