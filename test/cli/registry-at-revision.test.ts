import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withNamedRegistry } from '../../src/cli/registry-at-revision.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { temporaryFolder } from '../support/census.ts'

/** A checkout with reviewed files below its root, in two revisions after one without. */
function checkout(): string {
  const root = temporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      stdio: 'pipe',
    })
  const folder = join(root, 'src', 'registry')
  mkdirSync(folder, { recursive: true })
  git('init', '--quiet')
  writeFileSync(join(root, 'other.yml'), 'no reviewed file\n')
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '-m', 'before the registry')
  for (const text of ['older\n', 'newer: "ä"\n']) {
    writeFileSync(join(folder, 'labs.yml'), text)
    writeFileSync(join(folder, 'read-me.ts'), text)
    git('add', '.')
    git('commit', '--quiet', '--no-gpg-sign', '-m', text.trim())
  }
  return folder
}

const seen = async (named: string, folder: string) => {
  let place = ''
  const files = await withNamedRegistry(named, folder, async found => {
    place = found
    return readdirSync(found).map(name => [name, readFileSync(join(found, name), 'utf8')])
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
  expect(await seen(folder, '/nowhere')).toEqual({ place: folder, files: [] })
})

test('the reviewed files of a revision stand in a folder that goes afterwards', async () => {
  const folder = checkout()
  const newest = await seen('git:HEAD', folder)
  expect(newest.files).toEqual([['labs.yml', 'newer: "ä"\n']])
  expect((await seen('git:HEAD~1', folder)).files).toEqual([['labs.yml', 'older\n']])
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
    expect(remedy.next).toContain('git:HEAD~1')
  },
)

test('a revision from before the registry has none', async () => {
  expect((await refusal('git:HEAD~2', checkout())).remedy.happened).toContain('has no reviewed files')
})

test('a folder outside of every checkout has no revisions', async () => {
  expect((await refusal('git:HEAD', temporaryFolder())).remedy.happened).toContain('in no git checkout')
})
