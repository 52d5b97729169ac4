import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { row, serve } from '../fixtures/tiny-hub.ts'
import { temporaryFolder } from '../support/census.ts'
import { runCli } from '../support/cli.ts'

const child = (number: number, id: string, base: string, downloads: number) =>
  row(number, {
    ...{ id, downloads, downloadsAllTime: downloads * 10 },
    tags: [`base_model:finetune:${base}`],
  })

test('families sets own downloads beside descending ones, as text, as JSON and as comma-separated values', async () => {
  const hub = await serve([
    row(1, { id: 'Qwen/Qwen3-8B', downloads: 8, downloadsAllTime: 80 }),
    row(2, { id: 'meta-llama/Llama-3.1-8B', downloads: 5 }),
    child(3, 'someone/a', 'Qwen/Qwen3-8B', 9),
    child(4, 'someone/b', 'someone/a', 3),
  ])
  const place = ['--db', join(temporaryFolder(), 'census.db')]
  await runCli(['sweep', ...place, '--endpoint', hub.origin, '--clock', 'hub'])

  const text = await runCli(['families', ...place])
  expect(text).toMatchObject({ code: EXIT_CODES.complete, stderr: '' })
  expect(text.stdout).toMatch(/Qwen \(Alibaba Qwen\) +1 +8 +2 +12 +1\.50\n/)
  expect(text.stdout).toMatch(/Qwen \(Alibaba Qwen\) +80 +120 +1\.50 +0\n/)
  expect(text.stdout).toMatch(/Llama \(Meta\) +– +0 +– +1\n/)

  const direct = await runCli(['families', '--by', 'base', '--limit', '1', '--json', ...place])
  expect(JSON.parse(direct.stdout)).toMatchObject({
    ...{ attribution: 'base', more: 1 },
    families: [{ key: 'alibaba-qwen/qwen', descending: { repos: 1, downloads30d: 9 }, ratio30d: 9 / 8 }],
  })

  const csv = await runCli(['families', '--csv', ...place])
  const [header, ...rows] = csv.stdout.trimEnd().split('\r\n')
  expect(header).toMatch(/^day,scope,attribution,lab,lab_name,family,family_name,own_repos,/)
  expect(rows.map(found => found.split(',').slice(3, 8))).toEqual([
    ['alibaba-qwen', 'Alibaba Qwen', 'qwen', 'Qwen', '1'],
    ['meta', 'Meta', 'llama', 'Llama', '1'],
  ])

  const one = await runCli(['families', '--family', 'qwen', ...place])
  expect(one.stdout).toContain('number 1 of 2 by 30-day downloads')
  expect(one.stdout).toMatch(/\d{4}-\d{2}-\d{2} +1 +8 +80 +2 +12 +120 +1\.50\n/)

  const typo = await runCli(['families', '--family', 'qwem', ...place])
  expect(typo).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(typo.stderr).toContain('Type --family qwen?')
  const wrong = await runCli(['families', '--by', 'publisher', ...place])
  expect(wrong).toMatchObject({ code: EXIT_CODES.usage, stdout: '' })
  expect(await runCli(['families', '--json', '--csv', ...place])).toMatchObject({ code: EXIT_CODES.usage })
}, 60_000)
