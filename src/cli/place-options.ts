import type { Command } from 'commander'
import { findPackageRoot } from '../config/package-root.ts'
import { type Config, type ConfigFlags, readConfig } from '../config/read-config.ts'
import { DEFAULT_GATE_LIMITS, gateLimitsText } from '../domain/day-gate.ts'
import type { JobPlace } from '../pipeline/run-job.ts'

export interface PlaceFlags extends ConfigFlags {
  output?: string
}

/** Adds the options every command that touches the census understands. */
export function addPlaceOptions(command: Command): Command {
  return command
    .option('--db <file>', 'the census file (HUB_CENSUS_DB; default hub-census.db)')
    .option('--endpoint <address>', 'where the Hub answers (HF_ENDPOINT; default https://huggingface.co)')
    .option(
      '--quota-share <share>',
      "share of the Hub's request quota to use, 0.01 to 1 (HUB_CENSUS_QUOTA_SHARE; default 0.5)",
    )
    .option('--page-size <rows>', 'rows a page, 1 to 1000 (default 1000)')
    .option('--attempts <count>', 'attempts a request gets, 1 to 20 (default 8)')
    .option(
      '--walkers <count>',
      'walkers that share a sweep, 1 to 8 (HUB_CENSUS_WALKERS; default 1; more rest on cursors made by hand)',
    )
    .option(
      '--card-text',
      'sweeps also read the text of the model cards, for bases that nothing else names: as many requests, several ' +
        'times the bytes (HUB_CENSUS_CARD_TEXT=1; default off). Once on, leave it on: a sweep without it ends none of ' +
        'the bases that the Hub did not resolve, withdrawn or not',
    )
    .option(
      '--gate <limits>',
      'how far a night may be from the last good day before it is held, such as repos=0.2,unchanged=0.95 ' +
        `(HUB_CENSUS_GATE; default ${gateLimitsText(DEFAULT_GATE_LIMITS)})`,
    )
    .option('--clock <whose>', 'machine, or hub when it replays recorded days (default machine)')
    .option('--output <file>', 'where the report goes (default report.html)')
}

/** The configuration of this process: flags over environment over defaults. Throws a CensusError (usage). */
export function readCommandConfig(flags: PlaceFlags, env: NodeJS.ProcessEnv): Config {
  return readConfig(flags, env, findPackageRoot(import.meta.dirname))
}

/** The same as the place a job works in. */
export function readPlace(flags: PlaceFlags, env: NodeJS.ProcessEnv): JobPlace {
  const config = readCommandConfig(flags, env)
  return { ...config, follow: config.clock, reportFile: flags.output ?? 'report.html' }
}
