import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

test('lineage takes a repository or an absent base, as text and as JSON, once a day is published', async () => {
  const hub = await serve([
    row(1, { id: 'Qwen/Qwen3-8B', downloads: 500, downloadsAllTime: 9000 }),
    row(2, { id: 'someone/chat', downloads: 50, tags: ['base_model:finetune:Qwen/Qwen3-8B'] }),
    row(3, {
      id: 'other/chat-q',
      downloads: 7,
      downloadsAllTime: 8,
      tags: ['base_model:quantized:someone/chat', 'base_model:finetune:lost/base'],
    }),
  ])
  const db = join(temporaryFolder(), 'census.db')
  const place = ['--db', db]
  await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])

  const early = await runCli(['lineage', 'Qwen/Qwen3-8B', ...place])
  expect(early).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(early.stderr).toContain('hub-census metrics')
  await runCli(['metrics', ...place])

  const up = await runCli(['lineage', 'other/chat-q', ...place])
  expect(up).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(up.stdout).toMatch(/ 1 {3}50\.0 % {2}someone\/chat /)
  expect(up.stdout).toMatch(/ 2 {3}50\.0 % {2}Qwen\/Qwen3-8B {2}\(China: Alibaba Qwen\)/)
  expect(up.stdout).toMatch(/50\.0 % {2}lost\/base .*no repository of the file has this id/)
  expect(up.stdout).toContain('Derivatives: none')

  const down = await runCli([
    'lineage',
    'Qwen/Qwen3-8B',
    '--json',
    '--depth',
    '1',
    '--children',
    '1',
    ...place,
  ])
  expect(JSON.parse(down.stdout)).toMatchObject({
    subject: { kind: 'repository', repoId: 'Qwen/Qwen3-8B', standing: { labKey: 'alibaba-qwen' } },
    direct: { repos: 1, downloads30d: 50, downloadsAllTime: null },
    all: { repos: 2, uploaders: 2, downloads30d: 57, downloadsAllTime: 8 },
    tree: {
      depth: 1,
      children: 1,
      nodes: [{ repoId: 'someone/chat', more: { repos: 1, downloads30d: 7 } }],
    },
  })

  const absent = await runCli(['lineage', 'lost/base', ...place])
  expect(absent.code).toBe(EXIT_CODES.complete)
  expect(absent.stdout).toContain('lost/base  (not in the census: only declared as a base)')
  expect(absent.stdout).toMatch(/ {2}other\/chat-q {2}finetune/)

  const unknown = await runCli(['lineage', 'qwen/qwen3-8b', ...place])
  expect(unknown).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(unknown.stderr).toContain('Did you mean Qwen/Qwen3-8B?')
  for (const flag of [
    ['--depth', '101'],
    ['--children', '0'],
  ]) {
    expect(await runCli(['lineage', 'lost/base', ...flag, ...place])).toMatchObject({
      code: EXIT_CODES.usage,
    })
  }
})
