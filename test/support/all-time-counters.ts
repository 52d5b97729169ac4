import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import { dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'real', 'all-time-counters')
export const HAS_ALL_TIME_COUNTERS = existsSync(FOLDER)
if (!HAS_ALL_TIME_COUNTERS)
  process.stderr.write('skipped: ../shared/real/all-time-counters is absent, so its tests do not run\n')

/** Series of one recorded organisation by name: the recording knows no `_id`s. */
export function readAllTimeCounters(organisation: 'ibm-granite' | 'neuralmagic'): Map<string, CounterSeries> {
  const text = gunzipSync(readFileSync(join(FOLDER, `${organisation}.csv.gz`))).toString('utf8')
  const [head, ...lines] = text.trim().split('\n')
  if (head?.trim() !== 'date,model_id,likes,downloads,downloads_all_time')
    throw new Error(`unknown columns: ${head}`)
  const rows = new Map<string, number[][]>()
  for (const line of lines) {
    const [date, name, likes, downloads30d, downloadsAllTime] = line.trim().split(',')
    const row = [dayNumber(parseUtcDay(date!)), number(downloads30d), number(downloadsAllTime), number(likes)]
    const known = rows.get(name!)
    if (known) known.push(row)
    else rows.set(name!, [row])
  }
  return new Map([...rows].map(([name, own]) => [name, seriesOf(own)]))
}

const number = (text: string | undefined) => (text ? Number(text) : Number.NaN)

/** Rows of day, 30-day, all-time, likes, in any order. */
export function seriesOf(rows: readonly (readonly number[])[]): CounterSeries {
  const sorted = [...rows].sort((a, b) => a[0]! - b[0]!)
  const column = (place: number) => Float64Array.from(sorted, row => row[place] ?? Number.NaN)
  return {
    days: Int32Array.from(sorted, row => row[0]!),
    downloads30d: column(1),
    downloadsAllTime: column(2),
    likes: column(3),
  }
}
