import { Command, Option } from 'commander'
import { readInteger, usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { answerFamilies, answerFamily } from '../../pipeline/answer-families.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { familiesCsv, familyCsv } from '../../present/families-csv.ts'
import { familiesText, familyText } from '../../present/families-text.ts'
import { AS_OF_HELP, addCounterOptions, readCounterOptions } from '../counter-options.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'
import { readDay } from './metrics.ts'

const SHOWN = 25
/** More than a registry has. */
const MOST = 1000

/** `hub-census families`: what each family publishes itself, beside what descends from it. */
export function familiesCommand(): Command {
  const command = new Command('families')
    .description(
      'Tell how much of each model family is its own downloads, and how much is of what descends from it.',
    )
    .option('--scope <key>', 'which models count (all, atom, llm, new)', 'all')
    .addOption(
      new Option('--by <attribution>', 'what descends: by the end of the walk up its bases, or one step back')
        .choices(['root', 'base'])
        .default('root'),
    )
    .option('--family <name>', 'one family by month: its key, or lab/family')
    .option('--limit <count>', `families to show, 1 to ${MOST} (default: ${SHOWN}; all with --csv)`)
    .option('--as-of <day>', AS_OF_HELP)
    .option('--json', 'print the answer as JSON')
    .option('--csv', 'print the answer as comma-separated values')
  return addPlaceOptions(addCounterOptions(command)).action(flags =>
    runCommand(flags, async context => {
      if (flags.json && flags.csv) {
        throw usageError('--json and --csv are two forms of one answer.', 'Type one of them.')
      }
      const limit = readInteger('--limit', flags.limit ?? String(flags.csv ? MOST : SHOWN), 1, MOST)
      const asOf = flags.asOf === undefined ? {} : { asOf: readDay('--as-of', flags.asOf) }
      const query = {
        scope: flags.scope,
        attribution: flags.by,
        counters: readCounterOptions(flags),
        ...asOf,
      }
      return withCensus(context, census => {
        refreshMetrics(census)
        if (flags.family === undefined) {
          const answer = answerFamilies({ ...query, limit }, census)
          context.print(flags.csv ? familiesCsv(answer) : flags.json ? asJson(answer) : familiesText(answer))
        } else {
          const history = answerFamily({ ...query, family: flags.family }, census)
          context.print(flags.csv ? familyCsv(history) : flags.json ? asJson(history) : familyText(history))
        }
        return EXIT_CODES.complete
      })
    }),
  )
}

function asJson(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`
}
