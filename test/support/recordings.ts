import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Capture } from '../../src/derive/find-refreshes.ts'
import { type CounterColumns, compareDays, type RepoAges } from '../../src/derive/panel.ts'
import { reconcile } from '../../src/derive/reconcile.ts'
import type { CounterSeries } from '../../src/domain/counter-series.ts'
import type { DayQuality } from '../../src/domain/day-quality.ts'
import { dayFromNumber, dayNumber, dayOf, parseUtcDay } from '../../src/domain/utc-day.ts'
import { seriesOf } from './all-time-counters.ts'

/** The recorded real data; absent outside the team's machines and CI. */
const REAL_FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'real')
const RECORDED = ['embedding-panel', 'trending', 'all-time-counters'].map(name => join(REAL_FOLDER, name))
export const HAS_RECORDINGS = RECORDED.every(folder => existsSync(folder))
if (!HAS_RECORDINGS)
  process.stderr.write('skipped: ../shared/real is absent, so the recorded panels are not tried\n')

/** One recorded day, by place in `names`; NaN where it was not listed or is not recorded. */
export interface RecordedDay extends CounterColumns {
  day: number
  isListed: Uint8Array
}

export interface Recording {
  names: readonly string[]
  /** Ascending. */
  days: readonly RecordedDay[]
}

/** A recording by day instead of by name. */
export function recordingOf(series: ReadonlyMap<string, CounterSeries>): Recording {
  const names = [...series.keys()].sort()
  const days = new Map<number, RecordedDay>()
  for (const [place, name] of names.entries()) {
    const { days: observed, downloads30d, downloadsAllTime } = series.get(name)!
    for (const [at, day] of observed.entries()) {
      let recorded = days.get(day)
      if (recorded === undefined) {
        recorded = { day, ...noCounters(names.length), isListed: new Uint8Array(names.length) }
        days.set(day, recorded)
      }
      recorded.isListed[place] = 1
      recorded.downloads30d[place] = downloads30d[at]!
      recorded.downloadsAllTime[place] = downloadsAllTime[at]!
    }
  }
  return { names, days: [...days.values()].sort((a, b) => a.day - b.day) }
}

const noCounters = (count: number): CounterColumns => ({
  downloads30d: new Float64Array(count).fill(Number.NaN),
  downloadsAllTime: new Float64Array(count).fill(Number.NaN),
})

/** 1 where a repository is listed on both days; nowhere without the other day. */
export function listedOnBoth({ isListed }: RecordedDay, other: RecordedDay | undefined): Uint8Array {
  return isListed.map((listed, place) => (listed === 1 && other?.isListed[place] === 1 ? 1 : 0))
}

/** What a recording says of the counters day by day, as if it were the whole Hub. */
export function qualitiesOf({ days }: Recording, ages?: Omit<RepoAges, 'day'>): DayQuality[] {
  const byDay = new Map(days.map(day => [day.day, day]))
  return days.map((today, at) => {
    const before = days[at - 1]
    const monthBefore = byDay.get(today.day - 30)
    return {
      day: dayFromNumber(today.day),
      daysSince: before === undefined ? null : today.day - before.day,
      ...compareDays(
        today,
        before ?? today,
        listedOnBoth(today, before),
        ages && { ...ages, day: today.day },
      ),
      ...reconcile(today, monthBefore ?? today, listedOnBoth(today, monthBefore)),
    }
  })
}

/** Series of the recorded embedding models by name: 30-day counters alone. */
export function readEmbeddingPanel(): Map<string, CounterSeries> {
  const text = gunzipSync(readFileSync(join(REAL_FOLDER, 'embedding-panel', 'daily_long.csv.gz'))).toString(
    'utf8',
  )
  const [head, ...lines] = text.trim().split(/\r?\n/)
  if (!head?.startsWith('date,id,author,author_type,downloads,')) throw new Error(`unknown columns: ${head}`)
  const rows = new Map<string, number[][]>()
  for (const line of lines) {
    const [date, name, , , downloads30d] = line.split(',')
    const row = [dayNumber(parseUtcDay(date!)), downloads30d ? Number(downloads30d) : Number.NaN]
    const known = rows.get(name!)
    if (known) known.push(row)
    else rows.set(name!, [row])
  }
  return new Map([...rows].map(([name, own]) => [name, seriesOf(own)]))
}

export interface TrendingCapture extends Capture {
  /** Day numbers of creation by name. */
  createdOn: ReadonlyMap<string, number>
}

/** The recorded captures of the trending list, by time. */
export function readTrending(): TrendingCapture[] {
  const folder = join(REAL_FOLDER, 'trending')
  const files = readdirSync(folder).filter(file => file.endsWith('.json.gz'))
  return files.sort().map(file => {
    const { fetchedAt, models } = JSON.parse(
      gunzipSync(readFileSync(join(folder, file))).toString('utf8'),
    ) as {
      fetchedAt: string
      models: { id: string; downloads: number; createdAt: string }[]
    }
    return {
      at: Date.parse(fetchedAt),
      counters: new Map(models.map(({ id, downloads }) => [id, downloads])),
      createdOn: new Map(models.map(({ id, createdAt }) => [id, dayNumber(dayOf(Date.parse(createdAt)))])),
    }
  })
}
