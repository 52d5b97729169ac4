import fc from 'fast-check'
import type { UtcDay } from '../../src/domain/utc-day.ts'
import { dayFromNumber } from '../../src/domain/utc-day.ts'
import { packObservations } from '../../src/store/observation-packs.ts'
import type { Store } from '../../src/store/open-store.ts'
import { openPageRecorder } from '../../src/store/record-page.ts'
import { beginSweep, closeSweep, completeSweep } from '../../src/store/sweep-ledger.ts'
import { page, understood } from './capturing.ts'

interface Listed {
  /** Its number, from 1. */
  repo: number
  downloads30d: number
  downloadsAllTime: number | null
  likes: number | null
}

interface HistorySweep {
  /** Days since 1970-01-01. */
  day: number
  state: 'complete' | 'partial' | 'held'
  mayRemove: boolean
  rows: Listed[]
}

/** What a Hub showed sweep by sweep, made from a few numbers. */
export interface History {
  sweeps: HistorySweep[]
  /** Days that have packs. */
  packed: Set<number>
}

export interface HistoryShape {
  seed: number
  repos: number
  days: number
  /** Share of the repositories that move between two sweeps. */
  activity: number
}

export const FIRST_DAY = 20_500

/** Histories of up to so many repositories: unlisted and back, counters unknown for a time, falling, sweeps never completed. */
export function anyHistory(most: { repos: number; days: number }): fc.Arbitrary<HistoryShape> {
  return fc.record({
    seed: fc.nat(),
    repos: fc.integer({ min: 1, max: most.repos }),
    days: fc.integer({ min: 1, max: most.days }),
    activity: fc.constantFrom(0.02, 0.3, 0.9),
  })
}

export function makeHistory({ seed, repos, days, activity }: HistoryShape): History {
  const random = randomFrom(seed)
  const chance = (share: number) => random() < share
  const states = Array.from({ length: repos }, (_, index) => ({
    repo: index + 1,
    bornOn: chance(0.7) ? 0 : Math.floor(random() * days),
    isListed: true,
    downloads30d: Math.floor(random() * 50),
    downloadsAllTime: Math.floor(random() * 500),
    likes: 3,
    hasAllTime: chance(0.8),
  }))
  const sweeps: HistorySweep[] = []
  const packed = new Set<number>()
  let day = FIRST_DAY
  for (let turn = 0; turn < days; turn += 1) {
    day += chance(0.8) ? 1 : 3
    const kinds: HistorySweep['state'][] = chance(0.25) ? [chance(0.5) ? 'partial' : 'held'] : []
    if (chance(0.85)) kinds.push('complete')
    for (const state of kinds) {
      for (const repo of states) {
        if (chance(0.06)) repo.isListed = !repo.isListed
        if (chance(0.05)) repo.hasAllTime = !repo.hasAllTime
        if (!chance(activity)) continue
        repo.downloads30d = Math.max(0, repo.downloads30d + Math.floor(random() * 9) - 4)
        repo.downloadsAllTime = Math.max(0, repo.downloadsAllTime + Math.floor(random() * 30) - 5)
        if (chance(0.2)) repo.likes += 1
      }
      const seen = states.filter(repo => repo.isListed && repo.bornOn <= turn)
      // A sweep that stops leaves out the youngest.
      const rows = state === 'partial' ? seen.slice(0, Math.ceil(seen.length * random())) : seen
      sweeps.push({
        day,
        state,
        mayRemove: chance(0.7),
        rows: rows.map(({ repo, downloads30d, downloadsAllTime, likes, hasAllTime }) => ({
          repo,
          downloads30d,
          downloadsAllTime: hasAllTime ? downloadsAllTime : null,
          likes: chance(0.95) ? likes : null,
        })),
      })
    }
    if (chance(0.7)) packed.add(day)
  }
  return { sweeps, packed }
}

/** Writes a history as sweeps do, and packs the days that have packs. */
export function writeHistory(store: Store, { sweeps, packed }: History): void {
  const record = openPageRecorder(store)
  for (const { day, state, mayRemove, rows } of sweeps) {
    const utcDay = dayFromNumber(day)
    const { sweepKey } = beginSweep(store, { source: 'x', notice: null, day: utcDay, startedAt: day })
    const content = page(
      rows.map(({ repo, ...counters }) => ({ ...understood(repo), ...counters })),
      { nextCursor: state === 'partial' ? 'more' : null },
    )
    record({ sweepKey, range: 0, page: 0 }, utcDay, content)
    if (state === 'complete') completeSweep(store, sweepKey, day, mayRemove)
    else closeSweep(store, sweepKey, state, day)
  }
  for (const day of new Set(sweeps.map(sweep => sweep.day))) if (packed.has(day)) packObservations(store, day)
}

/** The day a number of days after the first. */
export function dayAfter(count: number): UtcDay {
  return dayFromNumber(FIRST_DAY + count)
}

/** Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
