import { Command } from 'commander'
import { readInteger, usageError } from '../../config/read-config.ts'
import { EVENT_KINDS } from '../../domain/counter-event.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { answerEvents } from '../../pipeline/answer-events.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { eventsCsv } from '../../present/events-csv.ts'
import { eventsText } from '../../present/events-text.ts'
import { jsonPieces } from '../../present/json-pieces.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'
import { readDay } from './metrics.ts'

const SHOWN = 200
/** As many as fit in memory with their evidence. */
const MOST = 100_000

/** `hub-census events`: what happened to the counters and names of a repository, a publisher, the whole Hub. */
export function eventsCommand(): Command {
  const command = new Command('events')
    .description(
      'Tell what happened to counters and names: drops, restatements, frozen days, spikes, renames, decisions.',
    )
    .option('--repo <repoId>', 'of one repository: its name, a former one, or its _id')
    .option('--handle <handle>', 'of one publisher and its repositories')
    .option('--from <day>', 'events that begin on this day or later, YYYY-MM-DD')
    .option('--until <day>', 'events that begin on this day or earlier, YYYY-MM-DD')
    .option('--kind <kind>', `events of one kind: ${EVENT_KINDS.join(', ')}`)
    .option('--limit <count>', `the newest so many, 1 to ${MOST} (default: ${SHOWN})`)
    .option('--json', 'print the events as JSON')
    .option('--csv', 'print the events as comma-separated values')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, async context => {
      if (flags.json && flags.csv) {
        throw usageError('--json and --csv are two forms of one answer.', 'Type one of them.')
      }
      const query = {
        limit: readInteger('--limit', flags.limit ?? String(SHOWN), 1, MOST),
        ...(flags.repo === undefined ? {} : { repo: flags.repo }),
        ...(flags.handle === undefined ? {} : { handle: flags.handle }),
        ...(flags.from === undefined ? {} : { from: readDay('--from', flags.from) }),
        ...(flags.until === undefined ? {} : { until: readDay('--until', flags.until) }),
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      }
      return withCensus(context, census => {
        refreshMetrics(census)
        const answer = answerEvents(query, census)
        if (flags.csv) {
          context.print(eventsCsv(answer))
          // The rows have no room for it.
          if (answer.notShown > 0) context.log.warn({ notShown: answer.notShown }, 'earlier events left out')
        } else {
          for (const piece of flags.json ? jsonPieces(answer) : eventsText(answer)) context.print(piece)
        }
        return EXIT_CODES.complete
      })
    }),
  )
}
