import { Command } from 'commander'
import type { Catalogue } from '../../../fixtures/miniature-hub/catalogue.ts'
import { readCatalogue } from '../../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../../fixtures/miniature-hub/server.ts'
import { type Config, readInteger, usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { readCommandConfig } from '../place-options.ts'
import { runCommand } from '../run-command.ts'

/** `hub-census mini-hub`: serves a catalogue the way the Hub does, until a signal. */
export function miniHubCommand(): Command {
  return new Command('mini-hub')
    .description(
      'Serve recorded days (JSON lines, one model a line), or the bundled catalogue, the way the Hub does.',
    )
    .argument(
      '[files...]',
      'files named YYYY-MM-DD….jsonl or .jsonl.gz; none for the bundled modelled catalogue',
    )
    .option('--port <port>', 'port on 127.0.0.1, 0 for any free one', '8500')
    .option('--day <day>', 'the day to serve (default: the last)')
    .option('--notice <text>', 'what the Hub says of its own data, carried to every output')
    .option('--no-quota', 'answer without RateLimit headers, so that nothing is paced')
    .action((files: string[], flags) =>
      runCommand({}, async ({ stop, print }) => {
        const config = readCommandConfig({}, process.env)
        const catalogue = await openCatalogue(files, flags.notice, config)
        const day = flags.day ?? catalogue.days.at(-1)
        if (!catalogue.days.includes(day)) {
          throw usageError(
            `The catalogue has no day ${JSON.stringify(flags.day)}.`,
            `Its days run from ${catalogue.days[0]} to ${catalogue.days.at(-1)}.`,
          )
        }
        const port = readInteger('--port', flags.port, 0, 65_535)
        const hub = await startMiniatureHub({ catalogue, day, port, ...(flags.quota ? {} : { quota: null }) })
        print(`Serving ${day} at ${hub.origin}\n`)
        print(`Try: HF_ENDPOINT=${hub.origin} hub-census sweep --clock hub --db try.db\n`)
        await new Promise<void>(resolve =>
          stop.signal.addEventListener('abort', () => resolve(), { once: true }),
        )
        await hub.close()
        stop.forgive()
        return EXIT_CODES.complete
      }),
    )
}

async function openCatalogue(
  files: readonly string[],
  notice: string | undefined,
  config: Config,
): Promise<Catalogue> {
  if (files.length > 0) return readCatalogue([...files], notice === undefined ? {} : { notice })
  const { modelledCatalogue } = await import('../../../fixtures/catalogue/modelled-catalogue.ts')
  return modelledCatalogue(config.catalogueFolder)
}
