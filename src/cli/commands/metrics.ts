import { Command, Option } from 'commander'
import { usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { TOTAL_ATTRIBUTIONS } from '../../domain/total.ts'
import { parseUtcDay, type UtcDay } from '../../domain/utc-day.ts'
import { answerHeadline } from '../../pipeline/answer-headline.ts'
import { lineNamer } from '../../pipeline/line-namer.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { headlineText } from '../../present/headline-text.ts'
import { AS_OF_HELP, addCounterOptions, readCounterOptions } from '../counter-options.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census metrics`: publishes what is missing, then prints the headline. */
export function metricsCommand(): Command {
  const command = new Command('metrics')
    .description(
      'Print the headline table: downloads by region, shares of fine-tunes, crossovers, each with its definition.',
    )
    .option('--as-of <day>', AS_OF_HELP)
    .option('--scope <key>', 'only this scope (all, atom, llm, new)')
    .addOption(new Option('--by <attribution>', 'only this attribution').choices(TOTAL_ATTRIBUTIONS))
    .option('--json', 'print everything as JSON')
  return addPlaceOptions(addCounterOptions(command)).action(flags =>
    runCommand(flags, async context => {
      const counters = readCounterOptions(flags)
      return withCensus(context, census => {
        refreshMetrics(census)
        const query = {
          ...(flags.asOf === undefined ? {} : { asOf: readDay('--as-of', flags.asOf) }),
          ...(flags.scope === undefined ? {} : { scope: flags.scope }),
          ...(flags.by === undefined ? {} : { attribution: flags.by }),
          counters,
        }
        const headline = answerHeadline(query, census)
        context.print(
          flags.json ? `${JSON.stringify(headline, null, 2)}\n` : headlineText(headline, lineNamer(census)),
        )
        return EXIT_CODES.complete
      })
    }),
  )
}

/** Reads a day from an option. Throws a CensusError (usage). */
export function readDay(option: string, text: string): UtcDay {
  try {
    return parseUtcDay(text)
  } catch (error) {
    throw usageError(
      `${option}: ${(error as Error).message}.`,
      `Type ${option} with a day such as 2025-08-31.`,
    )
  }
}
