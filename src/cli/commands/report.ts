import { Command } from 'commander'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { writeReport } from '../../pipeline/write-report.ts'
import { addCounterOptions, readCounterOptions } from '../counter-options.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census report`: the self-contained page. */
export function reportCommand(): Command {
  const command = new Command('report').description(
    'Write the report as one HTML file that needs no network.',
  )
  return addPlaceOptions(addCounterOptions(command)).action(flags =>
    runCommand(flags, async context => {
      const counters = readCounterOptions(flags)
      return withCensus(context, async census => {
        const { file, bytes } = await writeReport(context.place.reportFile, census, counters)
        context.print(`Report written to ${file} (${bytes} bytes).\n`)
        return EXIT_CODES.complete
      })
    }),
  )
}
