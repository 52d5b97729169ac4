import { Command } from 'commander'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { explainHandle } from '../../pipeline/explain-handle.ts'
import { explainRepo } from '../../pipeline/explain-repo.ts'
import { explanationText } from '../../present/explanation-text.ts'
import { handleText } from '../../present/handle-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census explain <repoId|handle>`: the chain of decisions behind one repository, or behind whoever publishes. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description(
      'Tell why a repository counts for its lab, its country and its base, or whose a handle is and why.',
    )
    .argument(
      '<repoId|handle>',
      'owner/name as the Hub shows it, or a former name; without a slash, the handle of an owner',
    )
    .option('--json', 'print the explanation as JSON')
  return addPlaceOptions(command).action((asked: string, flags) =>
    runCommand(flags, context =>
      withCensus(context, census => {
        function print<Answer>(answer: Answer, text: (answer: Answer) => string): void {
          context.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer))
        }
        if (asked.includes('/')) print(explainRepo(asked, census), explanationText)
        else print(explainHandle(asked, census), handleText)
        return EXIT_CODES.complete
      }),
    ),
  )
}
