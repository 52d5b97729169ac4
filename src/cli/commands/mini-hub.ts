import { Command } from 'commander'
import { LARGEST_CATALOGUE, LARGEST_SEED, MOST_DAYS } from '../../../fixtures/generated-catalogue/plan.ts'
import type { Catalogue, OpenedCatalogue } from '../../../fixtures/miniature-hub/catalogue.ts'
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
      'Serve recorded days (JSON lines, one model a line), the bundled catalogue, or a generated one of any size, the way the Hub does.',
    )
    .argument(
      '[files...]',
      'files named YYYY-MM-DD….jsonl or .jsonl.gz; none for the bundled modelled catalogue',
    )
    .option('--port <port>', 'port on 127.0.0.1, 0 for any free one', '8500')
    .option('--day <day>', 'the day to serve (default: the last)')
    .option('--notice <text>', 'what the Hub says of its own data, carried to every output')
    .option('--models <n>', `serve a generated catalogue of so many models, up to ${LARGEST_CATALOGUE}`)
    .option('--days <n>', 'days of the generated catalogue, from 2026-10-01 on (default: 30)')
    .option('--seed <n>', 'what the generated catalogue is drawn from (default: 1)')
    .option('--no-quota', 'answer without RateLimit headers, so that nothing is paced')
    .action((files: string[], flags) =>
      runCommand({}, async ({ stop, print }) => {
        const config = readCommandConfig({}, process.env)
        const catalogue = await openCatalogue(files, flags, config)
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

interface CatalogueFlags {
  notice?: string
  models?: string
  days?: string
  seed?: string
}

async function openCatalogue(
  files: readonly string[],
  flags: CatalogueFlags,
  config: Config,
): Promise<Catalogue | OpenedCatalogue> {
  const notice = flags.notice === undefined ? {} : { notice: flags.notice }
  if (flags.models !== undefined) {
    if (files.length > 0) {
      throw usageError('--models and files name two catalogues.', 'Leave out --models or the files.')
    }
    return generateCatalogue(flags.models, flags, notice)
  }
  const stray = (['days', 'seed'] as const).find(name => flags[name] !== undefined)
  if (stray !== undefined) {
    throw usageError(`--${stray} is given without --models.`, `Add --models <n>, or leave out --${stray}.`)
  }
  if (files.length > 0) return readCatalogue([...files], notice)
  const { modelledCatalogue } = await import('../../../fixtures/catalogue/modelled-catalogue.ts')
  return modelledCatalogue(config.catalogueFolder)
}

async function generateCatalogue(
  models: string,
  { days, seed }: CatalogueFlags,
  notice: { notice?: string },
): Promise<OpenedCatalogue> {
  const options = {
    models: readInteger('--models', models, 1, LARGEST_CATALOGUE),
    ...(days === undefined ? {} : { days: readInteger('--days', days, 1, MOST_DAYS) }),
    ...(seed === undefined ? {} : { seed: readInteger('--seed', seed, 0, LARGEST_SEED) }),
  }
  const { generatedCatalogue } = await import('../../../fixtures/generated-catalogue/generated-catalogue.ts')
  try {
    return generatedCatalogue({ ...options, ...notice })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw usageError(`This catalogue cannot be generated: ${error.message}.`, 'Ask for fewer models or days.')
  }
}
