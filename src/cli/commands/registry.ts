import { Command, Option } from 'commander'
import { machineClock } from '../../config/machine-clock.ts'
import { readInteger } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { dayOf } from '../../domain/utc-day.ts'
import { checkRegistryFiles } from '../../pipeline/check-registry-files.ts'
import { compareWithFolder } from '../../pipeline/compare-registries.ts'
import { compareScopes } from '../../pipeline/compare-scopes.ts'
import { rankGaps } from '../../pipeline/rank-gaps.ts'
import { jsonPieces } from '../../present/json-pieces.ts'
import { registryCheckText } from '../../present/registry-check-text.ts'
import { registryComparisonText } from '../../present/registry-comparison-text.ts'
import { reviewGapsText } from '../../present/review-gaps-text.ts'
import { scopeComparisonText } from '../../present/scope-comparison-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { isRevision, withNamedRegistry } from '../registry-at-revision.ts'
import { runCommand, withCensus } from '../run-command.ts'

const MOST_GAPS = 10_000
const MOST_SHOWN = 1_000_000

/** `hub-census registry`: what a reviewer of labs and handles needs before and after an edit. */
export function registryCommand(): Command {
  return new Command('registry')
    .description('Check the reviewed files, rank the publishers they lack, tell what a change would move.')
    .addCommand(checkCommand())
    .addCommand(gapsCommand())
    .addCommand(diffCommand())
    .addCommand(scopesCommand())
}

/** `hub-census registry check [folder]`: every problem with its line; exit code 2 when the tests would refuse one. */
function checkCommand(): Command {
  return new Command('check')
    .description('List every problem in the reviewed files, each with its line and what to do.')
    .argument('[folder]', 'folder of the reviewed files (default: the ones of this program)')
    .action((folder: string | undefined) =>
      runCommand({}, async context => {
        const today = dayOf(machineClock.now())
        const check = checkRegistryFiles(folder ?? context.place.registryFolder, today)
        context.print(registryCheckText(check))
        const isRefused = check.findings.some(({ severity }) => severity !== 'warning')
        return isRefused ? EXIT_CODES.usage : EXIT_CODES.complete
      }),
    )
}

/** `hub-census registry gaps`: the unreviewed publishers by downloads. */
function gapsCommand(): Command {
  const command = new Command('gaps')
    .description('Rank the unreviewed publishers of a census by downloads: the work list of the registry.')
    .option('--limit <count>', `publishers to name, 1 to ${MOST_GAPS}`, '50')
    .addOption(
      new Option('--by <counter>', 'the downloads that rank').choices(['30d', 'all-time']).default('30d'),
    )
    .option('--json', 'print the answer as JSON')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, context => {
      const limit = readInteger('--limit', flags.limit, 1, MOST_GAPS)
      return withCensus(context, census => {
        const by = flags.by === 'all-time' ? 'downloadsAllTime' : 'downloads30d'
        const answer = rankGaps({ by, limit }, census)
        context.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : reviewGapsText(answer))
        return EXIT_CODES.complete
      })
    }),
  )
}

/** `hub-census registry diff <folder>`: what moves if other reviewed files were accepted. */
function diffCommand(): Command {
  const command = new Command('diff')
    .description(
      'Tell by how much the downloads of regions and labs, the lead of China over the United States and the shares of fine-tunes move if the registry in a folder were accepted, or have moved since a revision. Writes nothing; dates of crossovers are not compared.',
    )
    .argument(
      '<folder>',
      'folder of the proposed files, or git:<revision>, an earlier state of the files in use',
    )
    .option('--json', 'print the answer as JSON')
  return addPlaceOptions(command).action((folder: string, flags) =>
    runCommand(flags, context =>
      withNamedRegistry(folder, context.place.registryFolder, other =>
        withCensus(context, census => {
          const is = isRevision(folder) ? 'before' : 'after'
          const answer = compareWithFolder({ folder: other, named: folder, is }, census)
          context.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : registryComparisonText(answer))
          return EXIT_CODES.complete
        }),
      ),
    ),
  )
}

/** `hub-census registry scopes <a> <b>`: what one scope holds and another lacks, with the rule that decided. */
function scopesCommand(): Command {
  const command = new Command('scopes')
    .description(
      'List what one scope has and another lacks, and the reverse, each with the rule that decided.',
    )
    .argument('<a>', 'key of a scope, such as llm')
    .argument('<b>', 'key of another, such as atom')
    .option('--limit <count>', 'repositories and names to show of each list, 0 for all', '50')
    .option('--json', 'print the answer as JSON, with every difference')
  return addPlaceOptions(command).action((a: string, b: string, flags) =>
    runCommand(flags, context => {
      // Zero is all.
      const limit = readInteger('--limit', flags.limit, 0, MOST_SHOWN) || null
      return withCensus(context, census => {
        const answer = compareScopes({ a, b, limit: flags.json ? null : limit }, census)
        for (const piece of flags.json ? jsonPieces(answer) : [scopeComparisonText(answer, limit)]) {
          context.print(piece)
        }
        return EXIT_CODES.complete
      })
    }),
  )
}
