import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usageError } from '../config/read-config.ts'

const PREFIX = 'git:'
const LARGEST_FILE_BYTES = 64 * 1024 * 1024

/** Whether the name is that of a revision, which is what was, and not of a folder, which is what is proposed. */
export function isRevision(named: string): boolean {
  return named.startsWith(PREFIX)
}

/**
 * Hands a registry folder to `action`: the one named, or for `git:<revision>` a temporary one with the reviewed files of
 * that revision of `registryFolder`, removed afterwards. Throws a CensusError (usage) when git or the revision is absent.
 */
export async function withNamedRegistry<T>(
  named: string,
  registryFolder: string,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  if (!isRevision(named)) return action(named)
  const revision = named.slice(PREFIX.length)
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-registry-'))
  try {
    const commit = findCommit(revision, registryFolder)
    const names = askGit(['ls-tree', '--name-only', commit], registryFolder)
      .split('\n')
      .filter(name => /^[\w-]+\.yml$/.test(name))
    if (names.length === 0) {
      throw usageError(
        `Revision ${JSON.stringify(revision)} has no reviewed files in ${registryFolder}.`,
        'Name a later revision, or a folder that holds the registry files.',
      )
    }
    for (const name of names) {
      writeFileSync(join(folder, name), askGit(['show', `${commit}:./${name}`], registryFolder))
    }
    return await action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function findCommit(revision: string, registryFolder: string): string {
  try {
    askGit(['rev-parse', '--git-dir'], registryFolder)
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw usageError(
      isAbsent
        ? `git was not found, and "${PREFIX}${revision}" needs it.`
        : `${registryFolder} is in no git checkout, so it has no revision ${JSON.stringify(revision)}.`,
      'Name a folder that holds the registry files instead.',
    )
  }
  try {
    // A revision that begins with a dash would be read as an option.
    if (revision === '' || revision.startsWith('-')) throw new RangeError('no revision')
    return askGit(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], registryFolder).trim()
  } catch {
    throw usageError(
      `git knows no revision ${JSON.stringify(revision)}.`,
      'Name a commit, branch or tag after "git:", such as git:HEAD~1.',
    )
  }
}

function askGit(args: readonly string[], folder: string): string {
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    maxBuffer: LARGEST_FILE_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
