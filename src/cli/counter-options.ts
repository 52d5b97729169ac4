import { type Command, Option } from 'commander'
import { CLEAN_RULES, type CounterChoice } from '../domain/clean.ts'
import { chooseCounters } from '../pipeline/choose-counters.ts'

/** Which counters an answer is of, as typed. */
export interface CounterFlags {
  counters: string
  without?: string
}

/** Of `--as-of`: what a day says by clean counters changes with what is found later. */
export const AS_OF_HELP =
  'use facts up to this day, YYYY-MM-DD; its clean values use what is known today of its incidents'

/** Adds the choice of counters: to every command that adds downloads up over days. */
export function addCounterOptions(command: Command): Command {
  return addWithoutOption(
    command.addOption(
      new Option('--counters <which>', 'the counters as the Hub gave them, or cleaned by rule')
        .choices(['clean', 'raw'])
        .default('clean'),
    ),
  )
}

/** Adds the switch of single rules alone. */
export function addWithoutOption(command: Command): Command {
  return command.option(
    '--without <rules>',
    `cleaning rules to leave out, separated by commas: ${CLEAN_RULES.join(', ')}`,
  )
}

/** The rules that are on. Throws a CensusError (usage) as `chooseCounters` does. */
export function readCounterOptions({ counters, without }: CounterFlags): CounterChoice {
  return chooseCounters(counters, without)
}
