import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withNamedRegistry } from '../../src/cli/registry-at-revision.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { SMALL_FILES } from '../registry/small-folder.ts'
import { temporaryFolder } from '../support/census.ts'

const FIRST = { ...SMALL_FILES, 'labs.yml': `# older\n${SMALL_FILES['labs.yml']}` }
const SECOND = { ...SMALL_FILES, 'labs.yml': `# newer: "ä"\n${SMALL_FILES['labs.yml']}` }
const LATE = ['sizes.yml', 'atom-models.yml']

// A hook that runs these tests names its own repository.
beforeEach(() => {
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX']) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

interface Checkout {
  root: string
  folder: string
  /** Writes these reviewed files and a program file, and commits everything; returns the abbreviated commit. */
  commit(files: Record<string, string>): string
}

function emptyCheckout(): Checkout {
  const root = temporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      stdio: 'pipe',
      encoding: 'utf8',
    })
  const folder = join(root, 'src', 'registry')
  git('init', '--quiet')
  return {
    root,
    folder,
    commit(files) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'a-program.ts'), 'no reviewed file\n')
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      git('add', '.')
      git('commit', '--quiet', '--no-gpg-sign', '--allow-empty', '-m', 'files')
      return git('rev-parse', '--short', 'HEAD').trim()
    },
  }
}

/** Reviewed files below the root, in two revisions after one without. */
function checkout(): string {
  const made = emptyCheckout()
  made.commit({})
  made.commit(FIRST)
  made.commit(SECOND)
  return made.folder
}

const without = (names: readonly string[]) =>
  Object.fromEntries(Object.entries(SMALL_FILES).filter(([name]) => !names.includes(name)))

const seen = async (named: string, folder: string) => {
  let place = ''
  const files = await withNamedRegistry(named, folder, async found => {
    place = found
    return Object.fromEntries(readdirSync(found).map(name => [name, readFileSync(join(found, name), 'utf8')]))
  })
  return { place, files }
}

async function refusal(named: string, folder: string): Promise<CensusError> {
  const error = await seen(named, folder).then(
    () => null,
    (met: unknown) => met,
  )
  expect(error).toBeInstanceOf(CensusError)
  expect((error as CensusError).exitCode).toBe(EXIT_CODES.usage)
  return error as CensusError
}

test('a folder is handed on as it is named', async () => {
  const folder = temporaryFolder()
  expect(await seen(folder, '/nowhere')).toEqual({ place: folder, files: {} })
})

test('the reviewed files of a revision stand in a folder that goes afterwards', async () => {
  const folder = checkout()
  const newest = await seen('git:HEAD', folder)
  expect(newest.files).toEqual(SECOND)
  expect((await seen('git:HEAD~1', folder)).files).toEqual(FIRST)
  expect(existsSync(newest.place)).toBe(false)
})

test('the folder goes when the action fails too', async () => {
  let place = ''
  const failing = withNamedRegistry('git:HEAD', checkout(), async found => {
    place = found
    throw new RangeError('no')
  })
  await expect(failing).rejects.toThrow(RangeError)
  expect([place === '', existsSync(place)]).toEqual([false, false])
})

test.each(['git:', 'git:no-such-branch', 'git:--help', 'git:HEAD~99', 'git:HEAD:src', 'git:$(id)'])(
  '%s names no revision, and says so',
  async named => {
    const { remedy } = await refusal(named, checkout())
    expect(remedy.happened).toContain('git knows no revision')
    expect(remedy.happened).not.toContain('checkout')
    expect(remedy.next).toContain('git:HEAD~1')
  },
)

describe('a revision older than a reviewed file', () => {
  test('says which files it lacks, and names the first revision that can be compared', async () => {
    const { folder, commit } = emptyCheckout()
    commit({})
    commit(without(LATE))
    // One of the two alone is not enough.
    commit(without(['sizes.yml']))
    const first = commit(SMALL_FILES)
    commit(SECOND)
    const { remedy } = await refusal('git:HEAD~3', folder)
    expect(remedy.happened).toBe(
      `Revision "HEAD~3" is older than sizes.yml, atom-models.yml in ${folder} and cannot be compared: an answer needs them.`,
    )
    expect(remedy.next).toBe(`Name git:${first}, the first commit that has them all, or a later one.`)
    expect((await refusal('git:HEAD~2', folder)).remedy.happened).toContain('is older than sizes.yml in')
    expect((await refusal('git:HEAD~4', folder)).remedy.happened).toContain(
      'is older than labs.yml, regions.yml, ',
    )
    expect((await seen(`git:${first}`, folder)).files).toEqual(SMALL_FILES)
  })

  test('where no revision has the file yet, names a folder as the way out', async () => {
    const { folder, commit } = emptyCheckout()
    commit(without(LATE))
    const { remedy } = await refusal('git:HEAD', folder)
    expect(remedy.next).toContain('No commit up to HEAD has them all: name a folder')
  })

  test('is told from one whose files are there and wrong, which is for the action to judge', async () => {
    const { folder, commit } = emptyCheckout()
    commit({ ...SMALL_FILES, 'labs.yml': '- key: [\n' })
    expect((await seen('git:HEAD', folder)).files['labs.yml']).toBe('- key: [\n')
  })
})

describe('git that does not answer', () => {
  test('for want of a checkout, says that', async () => {
    const { remedy } = await refusal('git:HEAD', temporaryFolder())
    expect(remedy.happened).toContain('in no git checkout')
  })

  test('for want of the folder, gives its words', async () => {
    const { remedy } = await refusal('git:HEAD', join(temporaryFolder(), 'absent'))
    expect(remedy.happened).toMatch(/^git failed: cannot change to .*absent/)
  })

  test('for want of git, says that, whatever the checkout', async () => {
    const folder = checkout()
    vi.stubEnv('PATH', temporaryFolder())
    const { remedy } = await refusal('git:HEAD', folder)
    expect(remedy.happened).toMatch(/^git was not found/)
    expect(remedy.next).toContain('Name a folder')
  })

  test('for a program in its place that cannot be run, says that', async () => {
    const folder = checkout()
    const bin = temporaryFolder()
    writeFileSync(join(bin, 'git'), 'no program', { mode: 0o644 })
    vi.stubEnv('PATH', bin)
    const { remedy } = await refusal('git:HEAD', folder)
    expect(remedy.happened).toBe('git could not be run (EACCES).')
  })

  test('for a repository it does not trust or cannot read, gives its words', async () => {
    const folder = checkout()
    const bin = temporaryFolder()
    writeFileSync(join(bin, 'git'), '#!/bin/sh\necho "fatal: detected dubious ownership" >&2\nexit 128\n')
    chmodSync(join(bin, 'git'), 0o755)
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`)
    const { remedy } = await refusal('git:HEAD', folder)
    expect(remedy.happened).toBe('git failed: detected dubious ownership.')
  })

  test('for a repository that has lost its files, gives its words', async () => {
    const { root, folder, commit } = emptyCheckout()
    const kept = commit(SMALL_FILES)
    const objects = join(root, '.git', 'objects')
    for (const name of readdirSync(objects)) {
      if (name !== kept.slice(0, 2)) rmSync(join(objects, name), { recursive: true })
    }
    expect((await refusal('git:HEAD', folder)).remedy.happened).toMatch(/^git failed: .+/)
  })
})
