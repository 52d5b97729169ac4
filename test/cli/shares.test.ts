import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const child = (number: number, id: string, base: string, downloadsAllTime: number) =>
  row(number, { id, downloads: 3, downloadsAllTime, tags: [`base_model:finetune:${base}`] })

test('shares tells whose bases new fine-tunes stand on, as text, as JSON and as comma-separated values', async () => {
  const hub = await serve([
    row(1, { id: 'Qwen/Qwen3-8B' }),
    row(2, { id: 'meta-llama/Llama-3.1-8B' }),
    child(3, 'someone/a', 'Qwen/Qwen3-8B', 9),
    child(4, 'someone/b', 'meta-llama/Llama-3.1-8B', 6),
    child(5, 'other/c', 'someone/a', 6),
    child(6, 'other/d', 'Qwen/Qwen3-8B', 5),
  ])
  const db = join(temporaryFolder(), 'census.db')
  const place = ['--db', db]
  await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])

  const text = await runCli(['shares', ...place])
  expect(text).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(text.stdout).toContain('Shares of fine-tunes with more than 5 all-time downloads by immediate base')
  expect(text.stdout).toMatch(/China +1 +3 +33\.3 %/)
  expect(text.stdout).toMatch(/Unreviewed publishers +1 +3 +33\.3 %/)
  expect(text.stdout).toMatch(/All +3 +3 +100\.0 %/)
  expect(text.stdout).toContain('none: no range can be told')

  const rooted = await runCli([
    'shares',
    '--by',
    'root',
    '--threshold',
    '1',
    '--counter',
    '30-day',
    '--json',
    ...place,
  ])
  const answer = JSON.parse(rooted.stdout)
  expect(answer.choice).toMatchObject({ attribution: 'root', threshold: 1, counter: 'downloads30d' })
  expect(answer.together).toMatchObject({ considered: 4, counted: 4 })
  expect(answer.together.lines.find((found: { line: string }) => found.line === 'china').repos).toBe(3)

  const csv = await runCli(['shares', '--csv', ...place])
  const [header, ...rows] = csv.stdout.trimEnd().split('\r\n')
  expect(header).toMatch(/^months,created_from,created_until,scope,scope_version,relations,attribution,/)
  expect(rows.at(0)!.split(',')).toHaveLength(header!.split(',').length)
  expect(rows.filter(found => found.includes(',china,China,1,3,'))).not.toEqual([])

  const later = await runCli(['shares', '--from', '2999-01', ...place])
  expect(later).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(later.stdout).toContain('Nothing to share: scope all v')

  const typo = await runCli(['shares', '--relations', 'finetunes', ...place])
  expect(typo).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(typo.stderr).toContain('Type --relations finetune?')
  expect(await runCli(['shares', '--json', '--csv', ...place])).toMatchObject({ code: EXIT_CODES.usage })
})
