import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TIMETABLE } from '../jobs/timetable.ts'
import { createProgram } from '../src/cli/program.ts'
import { HEADLINE_METRICS } from '../src/derive/headline-metrics.ts'
import { EXIT_CODE_MEANINGS } from '../src/domain/exit-code.ts'
import { PACKAGE_ROOT } from './support/census.ts'

const readme = readFileSync(join(PACKAGE_ROOT, 'README.md'), 'utf8')

/** Rows of the Markdown table under a heading row, cells trimmed and without backticks. */
function table(header: string): string[][] {
  const lines = readme.split('\n')
  // Cells may be padded: a heading row is told by its words.
  const start = lines.findIndex(line => line.replaceAll(/ +/g, ' ').startsWith(header))
  expect(start, `a table that begins with ${header}`).toBeGreaterThan(-1)
  const rows = lines.slice(start + 2)
  return rows
    .slice(
      0,
      rows.findIndex(line => !line.startsWith('|')),
    )
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim().replaceAll('`', '')),
    )
}

describe('the README', () => {
  test('lists every job with its time and purpose', () => {
    expect(table('| Job | Cron')).toEqual(TIMETABLE.map(({ job, cron }) => [job.name, cron, job.about]))
  })

  test('lists every metric with its question', () => {
    expect(table('| Metric | Question')).toEqual(HEADLINE_METRICS.map(({ key, question }) => [key, question]))
  })

  test('lists every exit code', () => {
    expect(table('| Code | Meaning')).toEqual(
      [...EXIT_CODE_MEANINGS].map(([code, meaning]) => [String(code), meaning]),
    )
  })

  test('lists every command', () => {
    const named = table('| Command |').map(([cell]) => cell!.replace('npx hub-census ', ''))
    expect(named).toEqual(createProgram('0').commands.map(command => command.name()))
  })

  test('lists every setting', () => {
    const options = createProgram('0')
      .commands.find(command => command.name() === 'sweep')!
      .options.map(option => option.long)
    const named = table('| Option |').flatMap(([cell]) => (cell === '' ? [] : [cell]))
    expect([...named].sort()).toEqual([...options].sort())
  })

  test('gives the command that CI runs', () => {
    const run = readFileSync(join(PACKAGE_ROOT, '.ci', 'run'), 'utf8')
      .trim()
      .split('\n')
      .at(-1)!
    expect(run).toBe('npm ci && npm test')
    expect(readme).toContain(`\`\`\`sh\n${run}\n\`\`\``)
  })
})
