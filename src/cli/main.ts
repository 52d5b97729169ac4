#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { boundMemory } from '../config/bound-memory.ts'
import { findPackageRoot } from '../config/package-root.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import { createProgram } from './program.ts'
import { helpHint, reportFailure, reportMisuse } from './report-failure.ts'

// A sweep stays small by itself and would take half as long again; what adds up millions of repositories does not.
if (process.argv[2] !== 'sweep') boundMemory()

// A reader that closes the pipe early (`| head`) has had what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exitCode = EXIT_CODES.complete
})

const packageFile = join(findPackageRoot(import.meta.dirname), 'package.json')
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
const program = createProgram(version)
const subcommands = program.commands.flatMap(command => command.commands)
for (const command of [program, ...program.commands, ...subcommands]) {
  command.exitOverride().configureOutput({
    outputError: (complaint, write) => reportMisuse(complaint, write, helpHint(command)),
  })
}
try {
  await program.parseAsync(process.argv)
} catch (error) {
  // commander has already written its message: help and version are fine, the rest is a wrong command line.
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? EXIT_CODES.complete : EXIT_CODES.usage
  else process.exitCode = reportFailure(error, process.stderr)
}
