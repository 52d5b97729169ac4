import { Command } from 'commander'
import { captureSweepJob } from '../../../jobs/capture-sweep.ts'
import { machineClock } from '../../config/machine-clock.ts'
import { runJob } from '../../pipeline/run-job.ts'
import { sweepEnd, takeCensus } from '../../pipeline/take-census.ts'
import { addPlaceOptions } from '../place-options.ts'
import { createProgress } from '../progress.ts'
import { runCommand } from '../run-command.ts'

/** `hub-census sweep`: the capture job with a progress display. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description(captureSweepJob.about)
    .option(
      '--accept-shrinkage',
      'complete the day although the catalogue shrank beyond the limit of the gate',
    )
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, async ({ place, stop, log, print }) => {
      const progress = createProgress('sweep', 'rows', process.stderr)
      const job = {
        ...captureSweepJob,
        run: async (context: Parameters<typeof takeCensus>[0]) =>
          sweepEnd(
            await takeCensus(context, {
              acceptShrinkage: flags.acceptShrinkage === true,
              onPage: ({ pageCount, rowCount, expectedRows }) =>
                progress.update(rowCount, expectedRows, `page ${pageCount}`),
            }),
          ),
      }
      try {
        const end = await runJob(job, place, { clock: machineClock, log, signal: stop.signal })
        progress.stop()
        print(`${end.summary}\n`)
        return end.exitCode
      } finally {
        progress.stop()
      }
    }),
  )
}
