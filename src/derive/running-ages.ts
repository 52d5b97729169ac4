import type { AgeCounter } from '../domain/lineage.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createBirthDays } from './birth-days.ts'
import { lengthened, PRESENCE, type RunningCounters } from './running-counters.ts'

/** The age in days at which counters are kept for comparing repositories of different ages (method.md M5). */
export const KEPT_AGE = 30
/** A missed night is no reason to have no value: up to so many days later one still stands for that age. */
const DAYS_OF_GRACE = 3

/** Keeps every repository's counters as they were when it was 30 days old. */
export interface RunningAges {
  add(repo: { repoKey: number; createdOn: string }): void
  /** What earlier days kept, by repository key; NaN for nothing. */
  keep(downloads30d: Float64Array): void
  /** Those that are of the age on `day` for the first time on a day asked for; ascending by key. */
  reachedOn(day: UtcDay): AgeCounter[]
  /** By repository key: the 30-day counter at that age; NaN where none was kept. */
  readonly downloads30d: Float64Array
}

export function createRunningAges(counters: RunningCounters): RunningAges {
  const birthDay = createBirthDays()
  /** By repository key: days since 1970-01-01; 0 for nobody. */
  let bornOn = new Uint16Array(counters.presence.length)
  const ages = {
    downloads30d: new Float64Array(counters.presence.length).fill(Number.NaN),
    add({ repoKey, createdOn }: { repoKey: number; createdOn: string }): void {
      reach(repoKey)
      bornOn[repoKey] = birthDay(createdOn)
    },
    keep(downloads30d: Float64Array): void {
      reach(downloads30d.length - 1)
      ages.downloads30d.set(downloads30d)
    },
    reachedOn(day: UtcDay): AgeCounter[] {
      const latest = dayNumber(day) - KEPT_AGE
      const reached: AgeCounter[] = []
      for (let repoKey = 0; repoKey < bornOn.length; repoKey += 1) {
        const born = bornOn[repoKey]!
        if (born > latest || born < latest - DAYS_OF_GRACE || born === 0) continue
        if (!Number.isNaN(ages.downloads30d[repoKey]!)) continue
        if (counters.presence[repoKey] !== PRESENCE.listed) continue
        const downloads30d = counters.downloads30d[repoKey]!
        const allTime = counters.downloadsAllTime[repoKey]!
        ages.downloads30d[repoKey] = downloads30d
        reached.push({
          repoKey,
          measuredOn: day,
          downloads30d,
          downloadsAllTime: Number.isNaN(allTime) ? null : allTime,
        })
      }
      return reached
    },
  }
  return ages

  function reach(repoKey: number): void {
    if (repoKey < bornOn.length) return
    const length = Math.max(repoKey + 1, Math.ceil(bornOn.length * 1.5))
    bornOn = lengthened(bornOn, new Uint16Array(length))
    ages.downloads30d = lengthened(ages.downloads30d, new Float64Array(length).fill(Number.NaN))
  }
}
