import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  describeMachine,
  figureTable,
  type Machine,
  median,
  percentile,
  recordFigures,
  writeFigures,
} from '../../bench/figures.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { PACKAGE_ROOT, temporaryFolder } from '../support/census.ts'

const MACHINE: Machine = {
  cpu: 'Some CPU',
  cores: 2,
  memoryGiB: 24,
  platform: 'linux x64',
  node: '20.20.2',
  sqlite: '3.53.2',
}

const SPECS = [
  { name: 'sweep seconds', unit: 's', goal: null },
  { name: 'refused', unit: 'requests', goal: { exactly: 0 } },
  { name: 'sweep over floor', unit: '×', goal: { atMost: 1.5 } },
  { name: 'insert speed', unit: 'rows/s', goal: { atLeast: 800_000 } },
]

function measured() {
  const recorder = recordFigures(SPECS)
  for (const value of [1.6, 1.4, 1.45]) recorder.note('sweep over floor', value)
  for (const value of [2, 3, 2.5, 4]) recorder.note('sweep seconds', value)
  recorder.note('refused', 0)
  for (const value of [790_000, 700_000, 810_000]) recorder.note('insert speed', value)
  return recorder.figures()
}

describe('figures', () => {
  test('are medians of their runs, with the spread and whether the goal is met', () => {
    expect(measured()).toEqual([
      {
        name: 'sweep over floor',
        value: 1.45,
        unit: '×',
        goal: '≤ 1.5',
        met: true,
        spread: { min: 1.4, max: 1.6 },
        runs: 3,
      },
      {
        name: 'refused',
        value: 0,
        unit: 'requests',
        goal: '= 0',
        met: true,
        spread: { min: 0, max: 0 },
        runs: 1,
      },
      {
        name: 'sweep seconds',
        value: 2.75,
        unit: 's',
        goal: null,
        met: null,
        spread: { min: 2, max: 4 },
        runs: 4,
      },
      {
        name: 'insert speed',
        value: 790_000,
        unit: 'rows/s',
        goal: '≥ 800,000',
        met: false,
        spread: { min: 700_000, max: 810_000 },
        runs: 3,
      },
    ])
  })

  test('that were promised and not measured say so, and meet nothing', () => {
    const [figure] = recordFigures([{ name: 'peer', unit: '×', goal: { atMost: 1 } }]).figures()
    expect(figure).toMatchObject({ value: null, met: null, spread: null, runs: 0 })
    expect(figureTable([figure!], MACHINE)).toMatch(/^peer +– {2}× +≤ 1 +not measured$/m)
  })

  test('refuse a name nobody promised, a name promised twice, and a value that is no number', () => {
    const recorder = recordFigures(SPECS)
    expect(() => recorder.note('sweep', 1)).toThrow('no figure is called "sweep"')
    expect(() => recorder.note('refused', Number.NaN)).toThrow('refused: expected a number, got NaN')
    expect(() => recordFigures([SPECS[0]!, SPECS[0]!])).toThrow('two figures have one name')
  })

  test('a value on the goal meets it', () => {
    const recorder = recordFigures(SPECS)
    recorder.note('sweep over floor', 1.5)
    recorder.note('insert speed', 800_000)
    expect(recorder.figures().map(({ met }) => met)).toEqual([true, null, null, true])
  })
})

describe('the table of figures', () => {
  test('has one aligned line a figure, ratios first, and marks what depends on the machine', () => {
    expect(figureTable(measured(), MACHINE)).toBe(
      [
        'figure             median  unit      goal               spread',
        'sweep over floor     1.45  ×         ≤ 1.5      met     1.4–1.6, 3 runs',
        'refused                 0  requests  = 0        met     1 run',
        'sweep seconds        2.75  s *                          2–4, 4 runs',
        'insert speed      790,000  rows/s *  ≥ 800,000  MISSED  700,000–810,000, 3 runs',
        '',
        '* depends on the machine and on what else it was doing; read the ratios first',
        'Some CPU, 2 cores, 24 GiB, linux x64, Node 20.20.2, SQLite 3.53.2',
        '',
      ].join('\n'),
    )
  })
})

describe('the file of figures', () => {
  test('is named after its day and holds machine and figures', async () => {
    const file = await writeFigures(temporaryFolder(), parseUtcDay('2026-11-23'), {
      machine: MACHINE,
      figures: measured(),
    })
    expect(file).toMatch(/2026-11-23\.json$/)
    const { machine, figures } = JSON.parse(readFileSync(file, 'utf8')) as {
      machine: Machine
      figures: { name: string }[]
    }
    expect(machine).toEqual(MACHINE)
    expect(figures.map(({ name }) => name)).toEqual([
      'sweep over floor',
      'refused',
      'sweep seconds',
      'insert speed',
    ])
  })

  test('describes the machine without its name or a path', () => {
    const text = JSON.stringify(describeMachine())
    expect(text).toMatch(/"node":"\d+\.\d+\.\d+","sqlite":"3\.\d+\.\d+"/)
    expect(text).not.toContain(hostname())
    expect(text).not.toContain(PACKAGE_ROOT)
  })

  test('does not appear where the folder is missing', async () => {
    const folder = join(temporaryFolder(), 'missing')
    await expect(
      writeFigures(folder, parseUtcDay('2026-11-23'), { machine: MACHINE, figures: [] }),
    ).rejects.toThrow('ENOENT')
  })
})

test('the median of an even number of values is the mean of the middle two; of none there is no median', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow('no values')
})

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect(percentile(values, 0.5)).toBe(100)
  expect(percentile(values, 0.95)).toBe(190)
  expect(percentile([7], 0.95)).toBe(7)
})
