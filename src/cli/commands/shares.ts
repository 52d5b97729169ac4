import { Command } from 'commander'
import { usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { answerShares } from '../../pipeline/answer-shares.ts'
import { readShareChoice, SHARE_WORDS } from '../../pipeline/read-share-choice.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { sharesCsv, sharesText } from '../../present/shares-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census shares`: whose bases new derivatives stand on, month by month, and how far every other choice moves it. */
export function sharesCommand(): Command {
  const command = new Command('shares')
    .description(
      'Tell what share of the derivatives of each month stands on bases of a region, and how far every other choice moves it.',
    )
    .option('--by <attribution>', `whose they are: ${SHARE_WORDS.by.join(', ')} (default: base)`)
    .option(
      '--threshold <downloads>',
      `count those with more downloads than this: ${SHARE_WORDS.threshold.join(', ')} (default: 5)`,
    )
    .option('--counter <counter>', `which downloads: ${SHARE_WORDS.counter.join(', ')} (default: all-time)`)
    .option('--relations <set>', `which derivatives: ${SHARE_WORDS.relations.join(', ')} (default: finetune)`)
    .option('--from <month>', 'first month of creation, YYYY-MM')
    .option('--until <month>', 'last month of creation, YYYY-MM')
    .option('--capped', 'count one uploader as at most a hundredth of a month, or as one repository')
    .option('--json', 'print the answer as JSON')
    .option('--csv', 'print numerators and denominators as comma-separated values')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, async context => {
      if (flags.json && flags.csv) {
        throw usageError('--json and --csv are two forms of one answer.', 'Type one of them.')
      }
      const choice = readShareChoice(flags)
      return withCensus(context, census => {
        refreshMetrics(census)
        const answer = answerShares(choice, census)
        if (flags.json) context.print(`${JSON.stringify(answer, null, 2)}\n`)
        else context.print(flags.csv ? sharesCsv(answer) : sharesText(answer))
        return EXIT_CODES.complete
      })
    }),
  )
}
