import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { runCli, startCli, until } from '../support/cli.ts'

test('a generated catalogue is served on its last day, or the one named', async () => {
  for (const [more, date] of [
    [[], 'Sat, 03 Oct 2026 12:00:00 GMT'],
    [['--day', '2026-10-01', '--notice', 'a rehearsal'], 'Thu, 01 Oct 2026 12:00:00 GMT'],
  ] as const) {
    const started = startCli([
      'mini-hub',
      '--models',
      '500',
      '--days',
      '3',
      '--seed',
      '4',
      '--port',
      '0',
      ...more,
    ])
    await until(() => started.output().includes('Try:'), 'the Hub is served')
    const origin = /Serving \S+ at (http:\S+)/.exec(started.output())![1]!
    const heard = await fetch(`${origin}/api/models?limit=1000&sort=createdAt&direction=1`)
    expect(heard.headers.get('date')).toBe(date)
    expect(heard.headers.get('x-data-notice')).toBe(
      more.length === 0 ? 'generated data, seed 4' : 'a rehearsal',
    )
    expect(Math.abs(((await heard.json()) as unknown[]).length - 500)).toBeLessThan(10)
    started.child.kill('SIGTERM')
    expect((await started.done).stderr).toBe('')
  }
})

test.each([
  ['no models', ['--models', '0'], '--models is "0"', 'from 1 to 5000000'],
  ['half a model', ['--models', '1.5'], '--models is "1.5"', 'whole number'],
  ['a seed below nothing', ['--models', '10', '--seed', '-1'], '--seed is "-1"', 'from 0 to'],
  ['no days', ['--models', '10', '--days', '0'], '--days is "0"', 'from 1 to'],
  ['a seed for nothing', ['--seed', '3'], '--seed is given without --models', 'Add --models'],
  ['days of nothing', ['--days', '3'], '--days is given without --models', 'Add --models'],
  ['files beside it', ['--models', '10', '2026-08-19.jsonl'], 'two catalogues', 'Leave out --models'],
  [
    'more ids than there are',
    ['--models', '5000000', '--days', '3650'],
    'cannot be generated',
    'fewer models',
  ],
  ['a day it does not have', ['--models', '10', '--day', '2026-09-30'], 'no day "2026-09-30"', '2026-10-01'],
])('a generated catalogue with %s is exit code 2', async (_, args, happened, next) => {
  const { code, stdout, stderr } = await runCli(['mini-hub', ...args, '--port', '0'])
  expect([code, stdout]).toEqual([EXIT_CODES.usage, ''])
  expect(stderr).toMatch(new RegExp(`^error: .*${happened}.*\nkept: {2}Nothing .*\nnext: {2}.*${next}.*\n$`))
})
