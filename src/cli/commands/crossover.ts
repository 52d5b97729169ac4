import { Command, Option } from 'commander'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { TOTAL_ATTRIBUTIONS } from '../../domain/total.ts'
import { answerBasis } from '../../pipeline/answer-basis.ts'
import { answerCrossover } from '../../pipeline/answer-crossover.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { crossoverText, noticeBanner } from '../../present/crossover-text.ts'
import { AS_OF_HELP, addCounterOptions, readCounterOptions } from '../counter-options.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'
import { readDay } from './metrics.ts'

/** `hub-census crossover [a] [b]`: when one group passed another, as an interval of observed days. */
export function crossoverCommand(): Command {
  const command = new Command('crossover')
    .description('Tell when one region or lab passed another: the last day behind and the first day ahead.')
    .argument('[a]', 'region or lab key', 'china')
    .argument('[b]', 'region or lab key', 'united-states')
    .option('--scope <key>', 'which models count (all, atom, llm, new)', 'llm')
    .addOption(
      new Option('--by <attribution>', 'whose models they are')
        .choices(TOTAL_ATTRIBUTIONS)
        .default('publisher'),
    )
    .addOption(
      new Option('--metric <metric>', 'what is compared').choices(['all-time', '30-day']).default('all-time'),
    )
    .option('--as-of <day>', AS_OF_HELP)
    .option('--json', 'print the answer as JSON')
  return addPlaceOptions(addCounterOptions(command)).action((a: string, b: string, flags) =>
    runCommand(flags, async context => {
      const counters = readCounterOptions(flags)
      return withCensus(context, census => {
        refreshMetrics(census)
        const asOf = flags.asOf === undefined ? undefined : readDay('--as-of', flags.asOf)
        const { basis } = answerBasis(asOf, census, counters)
        const metric = flags.metric === '30-day' ? 'downloads30d' : 'downloadsAllTime'
        const query = {
          a,
          b,
          scope: flags.scope,
          attribution: flags.by,
          metric,
          counters,
          ...(asOf ? { asOf } : {}),
        } as const
        const answer = answerCrossover(query, census)
        const banner = noticeBanner(basis.notice)
        context.print(
          flags.json
            ? `${JSON.stringify({ basis, ...answer }, null, 2)}\n`
            : `${banner === null ? '' : `${banner}\n`}${crossoverText(answer, basis)}\n`,
        )
        return EXIT_CODES.complete
      })
    }),
  )
}
