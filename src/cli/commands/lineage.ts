import { Command } from 'commander'
import { readInteger } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { traceLineage } from '../../pipeline/trace-lineage.ts'
import { jsonPieces } from '../../present/json-pieces.ts'
import { lineageText } from '../../present/lineage-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** A tree beyond these is a list for programs: the views of the file have it. */
const MOST_STEPS = 100
const MOST_CHILDREN = 1000

/** `hub-census lineage <repoId>`: what a repository stands on, to its roots, and what stands on it. */
export function lineageCommand(): Command {
  const command = new Command('lineage')
    .description(
      'Tell what a repository stands on, step by step to its roots, and what stands on it: counts, months, downloads and a tree.',
    )
    .argument(
      '<repoId>',
      'owner/name as the Hub shows it, a former name, or a base that repositories declare and the Hub does not have',
    )
    .option('--depth <steps>', `steps of the tree to show, 0 to ${MOST_STEPS}`, '3')
    .option('--children <count>', `derivatives to show of each, 1 to ${MOST_CHILDREN}`, '10')
    .option('--json', 'print the answer as JSON')
  return addPlaceOptions(command).action((name: string, flags) =>
    runCommand(flags, context => {
      const depth = readInteger('--depth', flags.depth, 0, MOST_STEPS)
      const children = readInteger('--children', flags.children, 1, MOST_CHILDREN)
      return withCensus(context, census => {
        const trace = traceLineage({ name, depth, children }, census)
        for (const piece of flags.json ? jsonPieces(trace) : [lineageText(trace)]) context.print(piece)
        return EXIT_CODES.complete
      })
    }),
  )
}
