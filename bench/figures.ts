import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { UtcDay } from '../src/domain/utc-day.ts'
import { writeWholeFile } from '../src/pipeline/write-whole-file.ts'

/** What a figure has to reach. */
export type Goal = { atMost: number } | { atLeast: number } | { exactly: number }

/** A figure that the bench promises to measure. `×` is a ratio against a floor of the same run. */
export interface FigureSpec {
  name: string
  unit: string
  /** Null for a figure that is only watched. */
  goal: Goal | null
}

/** A measured figure: the median of its runs. */
export interface Figure {
  name: string
  /** Null when no run gave it. */
  value: number | null
  unit: string
  goal: string | null
  /** Null without a goal or without a value. */
  met: boolean | null
  spread: { min: number; max: number } | null
  runs: number
}

/** The machine behind the figures, without anything that names it. */
export interface Machine {
  cpu: string
  cores: number
  memoryGiB: number
  platform: string
  node: string
  sqlite: string
}

/** Collects the runs of the promised figures. */
export interface FigureRecorder {
  /** Notes one run. Throws a RangeError for a figure that was not promised, or a value that is no number. */
  note(name: string, value: number): void
  /** The runs of a figure so far. */
  runsOf(name: string): readonly number[]
  /** Every promised figure: ratios first, then what any machine would measure, then what depends on this one. */
  figures(): Figure[]
}

/** Units of time: on a shared machine they say little, and a ratio says more. */
const MACHINE_UNITS = new Set(['s', 'ms', 'rows/s', 'pages/s'])

export function recordFigures(specs: readonly FigureSpec[]): FigureRecorder {
  const runs = new Map<string, number[]>(specs.map(spec => [spec.name, []]))
  if (runs.size < specs.length) throw new RangeError('two figures have one name')
  return {
    note(name, value) {
      const known = runs.get(name)
      if (known === undefined) throw new RangeError(`no figure is called ${JSON.stringify(name)}`)
      if (!Number.isFinite(value)) throw new RangeError(`${name}: expected a number, got ${value}`)
      known.push(value)
    },
    runsOf: name => runs.get(name) ?? [],
    figures: () =>
      specs
        .map(spec => figureOf(spec, runs.get(spec.name)!))
        .sort((a, b) => unitRank(a.unit) - unitRank(b.unit)),
  }
}

/** The middle value, or the mean of the two middle ones. Throws a RangeError for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values, no median')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest value that `share` (0 to 1) of all values do not exceed. Throws a RangeError for none. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values, no percentile')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!
}

function figureOf({ name, unit, goal }: FigureSpec, values: readonly number[]): Figure {
  const value = values.length > 0 ? median(values) : null
  return {
    name,
    value,
    unit,
    goal: goal && goalText(goal),
    met: goal === null || value === null ? null : meets(value, goal),
    spread: value === null ? null : { min: Math.min(...values), max: Math.max(...values) },
    runs: values.length,
  }
}

function meets(value: number, goal: Goal): boolean {
  if ('atMost' in goal) return value <= goal.atMost
  return 'atLeast' in goal ? value >= goal.atLeast : value === goal.exactly
}

function goalText(goal: Goal): string {
  if ('atMost' in goal) return `≤ ${readable(goal.atMost)}`
  return 'atLeast' in goal ? `≥ ${readable(goal.atLeast)}` : `= ${readable(goal.exactly)}`
}

function unitRank(unit: string): number {
  if (unit === '×') return 0
  return MACHINE_UNITS.has(unit) ? 2 : 1
}

/** One table, one line a figure, aligned, without colour. */
export function figureTable(figures: readonly Figure[], machine: Machine): string {
  const rows = figures.map(figure => [
    figure.name,
    figure.value === null ? '–' : readable(figure.value),
    figure.unit + (MACHINE_UNITS.has(figure.unit) ? ' *' : ''),
    figure.goal ?? '',
    figure.met === null ? '' : figure.met ? 'met' : 'MISSED',
    figure.spread === null ? 'not measured' : spreadText(figure),
  ])
  const table = [['figure', 'median', 'unit', 'goal', '', 'spread'], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map(row => row[column]!.length)))
  const lines = table.map(row =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  const { cpu, cores, memoryGiB, platform, node, sqlite } = machine
  return [
    ...lines,
    '',
    '* depends on the machine and on what else it was doing; read the ratios first',
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, SQLite ${sqlite}`,
    '',
  ].join('\n')
}

function spreadText({ spread, runs }: Figure): string {
  return runs === 1 ? '1 run' : `${readable(spread!.min)}–${readable(spread!.max)}, ${runs} runs`
}

function readable(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return Math.abs(value) >= 10 ? value.toFixed(1) : String(Number(value.toPrecision(3)))
}

/** Processor, memory and versions; no host name, no path. */
export function describeMachine(): Machine {
  const memory = new Database(':memory:')
  const sqlite = memory.prepare<[], string>('SELECT sqlite_version()').pluck().get()!
  memory.close()
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sqlite,
  }
}

/** Writes `<day>.json` into an existing folder, whole or not at all; returns its path. */
export async function writeFigures(
  folder: string,
  day: UtcDay,
  results: { machine: Machine; settings?: Record<string, number>; figures: readonly Figure[] },
): Promise<string> {
  const file = join(folder, `${day}.json`)
  await writeWholeFile(file, `${JSON.stringify(results, null, 2)}\n`)
  return file
}

/** The figures of a day's results; none when there are no results. */
export function readFigures(folder: string, day: UtcDay): Figure[] {
  const file = join(folder, `${day}.json`)
  if (!existsSync(file)) return []
  return (JSON.parse(readFileSync(file, 'utf8')) as { figures: Figure[] }).figures
}
