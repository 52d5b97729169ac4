import { Command } from 'commander'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { explainRepo } from '../../pipeline/explain-repo.ts'
import { explanationText } from '../../present/explanation-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census explain <repoId>`: the chain of decisions behind one repository. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Tell why a repository counts for its lab, its country and its base.')
    .argument('<repoId>', 'owner/name as the Hub shows it, or a former name')
    .option('--json', 'print the explanation as JSON')
  return addPlaceOptions(command).action((repoId: string, flags) =>
    runCommand(flags, context =>
      withCensus(context, census => {
        const answer = explainRepo(repoId, census)
        context.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : explanationText(answer))
        return EXIT_CODES.complete
      }),
    ),
  )
}
