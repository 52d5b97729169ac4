import { spawnSync } from 'node:child_process'
import { usageError } from '../config/read-config.ts'
import type { CensusError } from '../domain/census-error.ts'

const LARGEST_FILE_BYTES = 64 * 1024 * 1024

/** What git said, and whether it did what it was asked. */
export interface GitAnswer {
  isDone: boolean
  output: string
  /** The first line of its complaint without the word that begins it; empty where it has none. */
  complaint: string
  /** It could not work at all, which is another thing than a no. */
  isFatal: boolean
}

/** Asks git about the checkout that `folder` is in. Throws a CensusError (usage) when git is absent or cannot be started. */
export function askGit(args: readonly string[], folder: string): GitAnswer {
  const { error, status, stdout, stderr } = spawnSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    maxBuffer: LARGEST_FILE_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its complaints are told apart by their words.
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (error !== undefined) {
    const code = 'code' in error ? String(error.code) : error.message
    throw code === 'ENOENT'
      ? useFolder('git was not found, and a name that begins with "git:" needs it.')
      : useFolder(`git could not be run (${code}).`)
  }
  const [first = ''] = stderr.trim().split('\n')
  return {
    isDone: status === 0,
    output: stdout,
    complaint: first.replace(/^(?:fatal|error): /, ''),
    isFatal: first.startsWith('fatal: '),
  }
}

/** What git printed. Throws a CensusError (usage) with git's own words when it did not do what it was asked. */
export function tellGit(args: readonly string[], folder: string): string {
  const answer = askGit(args, folder)
  if (!answer.isDone) throw gitFailure(answer)
  return answer.output
}

/** The error for a git that could not do its work. */
export function gitFailure({ complaint }: GitAnswer): CensusError {
  return useFolder(`git failed: ${complaint === '' ? 'it does not say why' : complaint}.`)
}

/** An error whose way out is a folder instead of a revision. */
export function useFolder(happened: string): CensusError {
  return usageError(happened, 'Name a folder that holds the registry files instead.')
}
