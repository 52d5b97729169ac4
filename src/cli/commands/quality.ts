import { Command } from 'commander'
import { usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { answerQuality } from '../../pipeline/answer-quality.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { writeQuality } from '../../pipeline/write-quality.ts'
import { jsonPieces } from '../../present/json-pieces.ts'
import { qualityText } from '../../present/quality-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'
import { readDay } from './metrics.ts'

/** `hub-census quality`: which days there are, and how far their counters can be trusted. */
export function qualityCommand(): Command {
  const command = new Command('quality')
    .description(
      'Tell how far the counters can be trusted: days that are missing or held, coverage, residuals, open and recent incidents.',
    )
    .option('--from <day>', 'first day told about, YYYY-MM-DD (default: a year back)')
    .option('--until <day>', 'last day told about, YYYY-MM-DD (default: the newest sweep)')
    .option('--json', 'print the answer as JSON')
    .option('--html <file>', 'write it as one HTML file that needs no network')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, async context => {
      if (flags.json && flags.html !== undefined) {
        throw usageError('--json and --html are two forms of one answer.', 'Type one of them.')
      }
      const query = {
        ...(flags.from === undefined ? {} : { from: readDay('--from', flags.from) }),
        ...(flags.until === undefined ? {} : { until: readDay('--until', flags.until) }),
      }
      return withCensus(context, async census => {
        refreshMetrics(census)
        const answer = answerQuality(query, census)
        if (flags.html !== undefined) {
          const { file, bytes } = await writeQuality(flags.html, answer)
          context.print(`Quality page written to ${file} (${bytes} bytes).\n`)
        } else if (flags.json) {
          for (const piece of jsonPieces(answer)) context.print(piece)
        } else context.print(qualityText(answer))
        return EXIT_CODES.complete
      })
    }),
  )
}
