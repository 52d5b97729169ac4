import { Command } from 'commander'
import { TIMETABLE } from '../../../jobs/timetable.ts'
import { machineClock } from '../../config/machine-clock.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { createJsonLog } from '../log.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand } from '../run-command.ts'
import { startSchedule } from '../start-schedule.ts'

/** `hub-census schedule`: the timetable in one long-lived process. */
export function scheduleCommand(): Command {
  const command = new Command('schedule')
    .description('Run every job at its time (UTC), one at a time, until SIGTERM or SIGINT.')
    .option('--list', 'print the timetable and end')
    .addHelpText('after', '\nEach job also runs alone: node dist/jobs/<job>.js --help')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, async ({ place, stop, print }) => {
      if (flags.list) {
        for (const { job, cron, why } of TIMETABLE)
          print(`${cron.padEnd(14)} ${job.name.padEnd(18)} ${job.about} (${why})\n`)
        return EXIT_CODES.complete
      }
      const log = createJsonLog('schedule')
      await startSchedule(TIMETABLE, place, { clock: machineClock, log, signal: stop.signal })
      // A schedule is meant to be stopped: ending by signal is its ordinary end.
      stop.forgive()
      return EXIT_CODES.complete
    }),
  )
}
