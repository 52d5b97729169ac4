import { userInfo } from 'node:os'
import { Command } from 'commander'
import { usageError } from '../../config/read-config.ts'
import type { DayDecision } from '../../domain/day-decision.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { parseUtcDay, type UtcDay } from '../../domain/utc-day.ts'
import { decideDay } from '../../pipeline/decide-day.ts'
import { listDayStates } from '../../pipeline/list-held-days.ts'
import { dayStatesText, decidedDayText } from '../../present/day-text.ts'
import { addPlaceOptions } from '../place-options.ts'
import { runCommand, withCensus } from '../run-command.ts'

/** `hub-census day`: what becomes of a night that the gate held. */
export function dayCommand(): Command {
  return new Command('day')
    .description('Decide on a day that was held back, or take a published one back; list such days.')
    .addCommand(
      decisionCommand('accept', 'Let a held or rejected day count: from then on it is the good day.'),
    )
    .addCommand(decisionCommand('reject', 'Let a held or complete day count in no number.'))
    .addCommand(listCommand())
}

function decisionCommand(decision: DayDecision, about: string): Command {
  const command = new Command(decision)
    .description(about)
    .argument('<day>', 'the day, YYYY-MM-DD')
    .option('--why <text>', 'what you found; it is kept with the decision')
  return addPlaceOptions(command).action((text: string, flags) =>
    runCommand(flags, async context => {
      const day = readDayArgument(text)
      const { why } = flags
      if (why === undefined)
        throw usageError(
          `A decision on ${day} needs its reason.`,
          `Type hub-census day ${decision} ${day} --why "…".`,
        )
      return withCensus(context, async ({ store, clock, log }) => {
        const { signal } = context.stop
        const decided = await decideDay(decision, { day, why, by: userName() }, { store, clock, log, signal })
        context.print(decidedDayText(decided))
        return EXIT_CODES.complete
      })
    }),
  )
}

/** `hub-census day list`: every day that is not complete, and the decisions. */
function listCommand(): Command {
  const command = new Command('list')
    .description('List the days that are held, rejected or broken off, with why, and what was decided.')
    .option('--json', 'print the answer as JSON')
  return addPlaceOptions(command).action(flags =>
    runCommand(flags, context =>
      withCensus(context, ({ store }) => {
        const states = listDayStates(store)
        context.print(flags.json ? `${JSON.stringify(states, null, 2)}\n` : dayStatesText(states))
        return EXIT_CODES.complete
      }),
    ),
  )
}

function readDayArgument(text: string): UtcDay {
  try {
    return parseUtcDay(text)
  } catch (error) {
    throw usageError(
      `${(error as Error).message}.`,
      'Type a day such as 2026-08-21; "hub-census day list" shows them.',
    )
  }
}

/** Who types this, as the system knows it; null where it does not. */
function userName(): string | null {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the system's list of users, as in many containers.
    return null
  }
}
