import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

test('explain takes a repository or, without a slash, a handle, as text and as JSON', async () => {
  const hub = await serve([
    row(1, { id: 'Qwen/Qwen3-8B', downloads: 5, downloadsAllTime: 50 }),
    row(2, { id: 'Qvven/Qwen3-8B', downloads: 2 }),
  ])
  const db = join(temporaryFolder(), 'census.db')
  const place = ['--db', db]
  const sweep = await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])
  expect(sweep.code).toBe(EXIT_CODES.complete)

  const handle = await runCli(['explain', 'Qwen', ...place])
  expect(handle).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(handle.stdout).toContain('alibaba-qwen')
  expect(handle.stdout).toContain('1 listed repository: 5 downloads in 30 days, 50 all-time')
  expect(handle.stdout).toMatch(/Qwen\/Qwen3-8B +5 +50 +Qwen/)

  const lookAlike = await runCli(['explain', 'Qvven', ...place])
  expect(lookAlike.code).toBe(EXIT_CODES.complete)
  expect(lookAlike.stdout).toContain('looks like Qwen')
  expect(lookAlike.stdout).toContain('all-time unknown')

  const asJson = await runCli(['explain', 'Qvven', '--json', ...place])
  expect(JSON.parse(asJson.stdout)).toMatchObject({ handle: 'Qvven', lab: null, holdings: { repos: 1 } })
  const repo = await runCli(['explain', 'Qwen/Qwen3-8B', '--json', ...place])
  expect(JSON.parse(repo.stdout)).toMatchObject({
    repoId: 'Qwen/Qwen3-8B',
    family: { key: 'qwen' },
    record: { handles: [{ handle: 'Qwen' }] },
  })

  const unknown = await runCli(['explain', 'qwen', ...place])
  expect(unknown).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(unknown.stderr).toContain('Did you mean Qwen')
})
