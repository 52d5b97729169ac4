import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usageError } from '../config/read-config.ts'
import type { CensusError } from '../domain/census-error.ts'
import { listMissingRegistryFiles } from '../pipeline/missing-registry-files.ts'
import { askGit, gitFailure, tellGit, useFolder } from './ask-git.ts'

const PREFIX = 'git:'

/** Whether the name is that of a revision, which is what was, and not of a folder, which is what is proposed. */
export function isRevision(named: string): boolean {
  return named.startsWith(PREFIX)
}

/**
 * Hands a registry folder to `action`: the one named, or for `git:<revision>` a temporary one with the reviewed files of
 * that revision of `registryFolder`, removed afterwards. Throws a CensusError (usage) when git or the revision is absent,
 * and when the revision is older than one of the files that an answer needs.
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
    const names = listFiles(commit, registryFolder)
    for (const name of names) {
      writeFileSync(join(folder, name), tellGit(['show', `${commit}:./${name}`], registryFolder))
    }
    const missing = listMissingRegistryFiles(folder).filter(name => !names.includes(name))
    if (missing.length > 0) throw tooOld(revision, missing, registryFolder)
    return await action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function findCommit(revision: string, registryFolder: string): string {
  const place = askGit(['rev-parse', '--git-dir'], registryFolder)
  if (place.complaint.startsWith('not a git repository')) {
    throw useFolder(
      `${registryFolder} is in no git checkout, so it has no revision ${JSON.stringify(revision)}.`,
    )
  }
  if (!place.isDone) throw gitFailure(place)
  // A revision that begins with a dash would be read as an option.
  const isNamed = revision !== '' && !revision.startsWith('-')
  const found = isNamed
    ? askGit(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], registryFolder)
    : null
  if (found?.isDone) return found.output.trim()
  if (found?.isFatal) throw gitFailure(found)
  throw usageError(
    `git knows no revision ${JSON.stringify(revision)}${found?.complaint ? ` (${found.complaint})` : ''}.`,
    'Name a commit, branch or tag after "git:", such as git:HEAD~1.',
  )
}

/** The reviewed files in the registry folder of a commit. */
function listFiles(commit: string, registryFolder: string): string[] {
  return tellGit(['ls-tree', '--name-only', commit], registryFolder)
    .split('\n')
    .filter(name => /^[\w-]+\.yml$/.test(name))
}

function tooOld(revision: string, missing: readonly string[], registryFolder: string): CensusError {
  const first = findFirstWith(missing, registryFolder)
  return usageError(
    `Revision ${JSON.stringify(revision)} is older than ${missing.join(', ')} in ${registryFolder} and cannot be compared: an answer needs them.`,
    first === null
      ? 'No commit up to HEAD has them all: name a folder that holds the registry files instead.'
      : `Name ${PREFIX}${first}, the first commit that has them all, or a later one.`,
  )
}

/** The oldest commit up to HEAD that holds all these files, abbreviated; null where none does. */
function findFirstWith(names: readonly string[], registryFolder: string): string | null {
  const paths = names.map(name => `./${name}`)
  const commits = tellGit(
    ['rev-list', '--reverse', '--abbrev-commit', 'HEAD', '--', ...paths],
    registryFolder,
  )
    .split('\n')
    .filter(commit => commit !== '')
  const hasAll = (commit: string) => {
    const held = listFiles(commit, registryFolder)
    return names.every(name => held.includes(name))
  }
  return commits.find(hasAll) ?? null
}
