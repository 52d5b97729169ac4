import { Command } from 'commander'
import { usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { answerSeries } from '../../pipeline/answer-series.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { jsonPieces } from '../../present/json-pieces.ts'
import { seriesCsv } from '../../present/series-csv.ts'
import { seriesText } from '../../present/series-text.ts'
import { addWithoutOption, readCounterOptions } from '../counter-options.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'
import { readDay } from './metrics.ts'

/** `hub-census series <repo>`: one repository over time, raw counters beside clean ones. */
export function seriesCommand(): Command {
  const command = new Command('series')
    .description('Tell the downloads of one repository day by day, raw counters beside clean ones.')
    .argument('<repo>', 'its name, a former one, or its _id')
    .option('--from <day>', 'the first day, YYYY-MM-DD')
    .option('--until <day>', 'the last day, YYYY-MM-DD')
    .option('--json', 'print the days as JSON')
    .option('--csv', 'print the days as comma-separated values')
  return addPlaceOptions(addWithoutOption(command)).action((repo: string, flags) =>
    runCommand(flags, async context => {
      if (flags.json && flags.csv) {
        throw usageError('--json and --csv are two forms of one answer.', 'Type one of them.')
      }
      const query = {
        repo,
        counters: readCounterOptions({ counters: 'clean', without: flags.without }),
        ...(flags.from === undefined ? {} : { from: readDay('--from', flags.from) }),
        ...(flags.until === undefined ? {} : { until: readDay('--until', flags.until) }),
      }
      return withCensus(context, census => {
        refreshMetrics(census)
        const answer = answerSeries(query, census)
        if (flags.csv) context.print(seriesCsv(answer))
        else for (const piece of flags.json ? jsonPieces(answer) : seriesText(answer)) context.print(piece)
        return EXIT_CODES.complete
      })
    }),
  )
}
