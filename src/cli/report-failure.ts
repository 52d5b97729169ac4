import type { Command } from 'commander'
import { usageError } from '../config/read-config.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts'
import { visibleText } from '../domain/visible-text.ts'

const WHOLE_HELP = 'Type "hub-census --help" for the commands and their options.'

/**
 * commander's complaint about a command line, in the form of every other failure; it names what is like a mistyped word, where
 * something is. `next` is what to type.
 */
export function reportMisuse(complaint: string, write: (text: string) => void, next = WHOLE_HELP): void {
  const happened = complaint
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
  reportFailure(usageError(happened, next), { write })
}

/** Where a command explains itself, and the names of its subcommands. */
export function helpHint(command: Command): string {
  if (command.parent === null) return WHOLE_HELP
  const path: string[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) path.unshift(at.name())
  const subcommands = command.commands.map(found => found.name())
  const about = subcommands.length === 0 ? 'its options' : `its commands: ${subcommands.join(', ')}`
  return `Type "${path.join(' ')} --help" for ${about}.`
}

/** Says what happened, what was kept and what to type next; returns the exit code. */
export function reportFailure(error: unknown, stream: { write(text: string): unknown }): ExitCode {
  if (error instanceof CensusError) {
    const { happened, kept, next } = error.remedy
    stream.write(
      `error: ${visibleText(happened, 2000)}\nkept:  ${visibleText(kept, 2000)}\nnext:  ${visibleText(next, 2000)}\n`,
    )
    return error.exitCode
  }
  if (error instanceof Error && error.name === 'AbortError') {
    stream.write(
      'error: Stopped by a signal.\nkept:  Everything committed before this is in the census file.\nnext:  Run the same command again.\n',
    )
    return EXIT_CODES.partial
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stream.write(
    `error: ${text}\nkept:  Everything committed before this is in the census file.\nnext:  This is a fault in hub-census: please report it with the lines above.\n`,
  )
  return EXIT_CODES.unexpected
}
