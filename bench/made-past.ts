import { mixed } from './made-catalogue.ts'

/** One repository's counters as captured. */
export type CapturedRow = [
  repoKey: number,
  downloads30d: number,
  allTime: number | null,
  likes: number | null,
]

export interface PastOptions {
  /** Days before the captured one. */
  days: number
  /** Share of all repositories whose counters change from one day to the next. */
  changedShare: number
  seed: number
}

/** A past that leads up to captured counters. Days count from 0; day `days` is the captured one. */
export interface Past {
  /** Positions that ever change, ascending. */
  readonly moving: Int32Array
  /** Last day of change of every position; 0 for those that never change. */
  readonly lastChange: Int32Array
  isChangedOn(position: number, day: number): boolean
  /** Counters of a day of change. Different on every such day, as captured on the last one; lifetime never falls. */
  downloads30d(position: number, day: number): number
  allTime(position: number, day: number): number | null
}

/** With so many downloads in 30 days hardly a day passes without one: those stand still once in five years. */
const BUSY_DOWNLOADS = 900
const BUSY = 1 - 1 / 2000
/** Of the other repositories that move at all, some do almost every day and the rest now and then. */
const OFTEN = 0.9
const SELDOM = 0.15
/** The lifetime counter grows by this part of itself a day. */
const GROWTH = 1 / 2000

/**
 * Invents a past, the same for the same rows and options. A repository that nobody downloads now never moved, so that
 * most of the file's newest rows are old, as on the Hub.
 */
export function planPast(rows: readonly CapturedRow[], { days, changedShare, seed }: PastOptions): Past {
  const alive = rows.flatMap(([, downloads30d], position) => (downloads30d > 0 ? [position] : []))
  const isBusy = (position: number) => rows[position]![1] >= BUSY_DOWNLOADS
  const busy = alive.reduce((count, position) => count + (isBusy(position) ? 1 : 0), 0)
  const left = Math.max(0, changedShare * rows.length - busy * BUSY)
  const wanted = Math.min(1, left / Math.max(1, alive.length - busy))
  const often = Math.min(1, Math.max(0, (wanted - SELDOM) / (OFTEN - SELDOM)))
  const chances = new Float64Array(rows.length)
  for (const position of alive) {
    if (isBusy(position)) {
      chances[position] = BUSY
      continue
    }
    const isOften = mixed(rows[position]![0], -seed) < often
    // Where too few are alive, or too many, all of them share what is wanted.
    chances[position] = often === 0 || often === 1 ? wanted : isOften ? OFTEN : SELDOM
  }
  const isChangedOn = (position: number, day: number) =>
    mixed(rows[position]![0], day + seed * 100_003) < chances[position]!
  const lastChange = new Int32Array(rows.length)
  for (const position of alive) {
    let day = days
    while (day > 0 && !isChangedOn(position, day)) day -= 1
    lastChange[position] = day
  }
  return {
    moving: Int32Array.from(alive.filter(position => lastChange[position]! > 0)),
    lastChange,
    isChangedOn,
    downloads30d: (position, day) => rows[position]![1] + lastChange[position]! - day,
    allTime(position, day) {
      const captured = rows[position]![2]
      if (captured === null) return null
      const step = 1 + Math.floor(captured * GROWTH)
      return Math.max(0, captured - step * (lastChange[position]! - day))
    },
  }
}
