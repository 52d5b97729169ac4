import { Command } from 'commander'
import { EXIT_CODE_MEANINGS } from '../domain/exit-code.ts'
import { crossoverCommand } from './commands/crossover.ts'
import { dayCommand } from './commands/day.ts'
import { demoCommand } from './commands/demo.ts'
import { eventsCommand } from './commands/events.ts'
import { explainCommand } from './commands/explain.ts'
import { familiesCommand } from './commands/families.ts'
import { lineageCommand } from './commands/lineage.ts'
import { metricsCommand } from './commands/metrics.ts'
import { miniHubCommand } from './commands/mini-hub.ts'
import { qualityCommand } from './commands/quality.ts'
import { registryCommand } from './commands/registry.ts'
import { reportCommand } from './commands/report.ts'
import { scheduleCommand } from './commands/schedule.ts'
import { seriesCommand } from './commands/series.ts'
import { sharesCommand } from './commands/shares.ts'
import { sweepCommand } from './commands/sweep.ts'

/** The whole command line, ready to parse. */
export function createProgram(version: string): Command {
  const program = new Command('hub-census')
    .description(
      'A nightly census of the open models on the Hugging Face Hub: who made them, where, and how much they are used.',
    )
    .version(version)
    .showSuggestionAfterError()
    .addHelpText('after', `\n${exitCodeTable()}`)
  for (const command of [
    demoCommand(),
    sweepCommand(),
    metricsCommand(),
    crossoverCommand(),
    sharesCommand(),
    familiesCommand(),
    explainCommand(),
    lineageCommand(),
    seriesCommand(),
    eventsCommand(),
    qualityCommand(),
    dayCommand(),
    registryCommand(),
    reportCommand(),
    scheduleCommand(),
    miniHubCommand(),
  ]) {
    program.addCommand(command)
  }
  return program
}

function exitCodeTable(): string {
  const rows = [...EXIT_CODE_MEANINGS].map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)
  return ['Exit codes:', ...rows].join('\n')
}
