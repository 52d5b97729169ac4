import type { CounterSeries } from '../domain/counter-series.ts'
import { KEYS_A_PACK, openDayObservations } from './observation-packs.ts'
import type { Store } from './open-store.ts'

/** What a repository was observed with, ascending by day: a row only where a counter or the likes differ from the row before. */
export type CounterChanges = Pick<CounterSeries, 'days' | 'downloads30d' | 'downloadsAllTime'>

/** Changes of repositories with neighbouring keys one after another: those of `firstKey + n` from `starts[n]` to `starts[n + 1]`. */
export interface ChangeStretch extends CounterChanges {
  firstKey: number
  starts: Int32Array
}

/** Changes held at once, of 20 bytes: a pack whose repositories have more is read in parts. */
const MOST_HELD = 6_000_000

/**
 * Turns the observations of these days (days since 1970-01-01, ascending) into changes by repository, a pack at a time. Reads
 * every day twice, to count and to place, and so holds each change once. What it gives is overwritten by the next.
 */
export function openChangeStretches(
  store: Store,
  days: readonly number[],
  mostHeld = MOST_HELD,
): (pack: number) => Generator<ChangeStretch> {
  const tell = openDayObservations(store)
  const counts = new Int32Array(KEYS_A_PACK)
  let held = makeRoom(0)

  return function* readPack(pack) {
    const packFrom = pack * KEYS_A_PACK
    counts.fill(0)
    const count = (repoKey: number) => {
      counts[repoKey - packFrom]! += 1
    }
    for (const day of days) tell(day, pack, count)
    for (let first = 0; first < KEYS_A_PACK; ) {
      let total = 0
      let end = first
      while (end < KEYS_A_PACK && (end === first || total + counts[end]! <= mostHeld)) {
        total += counts[end]!
        end += 1
      }
      if (total > 0) yield place(pack, first, end, total)
      first = end
    }
  }

  /** Places what repositories `first` to below `end` of a pack were observed with. */
  function place(pack: number, first: number, end: number, total: number): ChangeStretch {
    if (total > held.days.length) held = makeRoom(total)
    const firstKey = pack * KEYS_A_PACK + first
    const size = end - first
    const starts = new Int32Array(size + 1)
    for (let at = 0; at < size; at += 1) starts[at + 1] = starts[at]! + counts[first + at]!
    const next = starts.slice()
    let today = 0
    const put = (repoKey: number, downloads30d: number, downloadsAllTime: number) => {
      const at = repoKey - firstKey
      if (at < 0 || at >= size) return
      const to = next[at]!
      next[at] = to + 1
      held.days[to] = today
      held.downloads30d[to] = downloads30d
      held.downloadsAllTime[to] = downloadsAllTime
    }
    for (const day of days) {
      today = day
      tell(day, pack, put)
    }
    return { firstKey, starts, ...held }
  }
}

function makeRoom(count: number): CounterChanges {
  return {
    days: new Int32Array(count),
    downloads30d: new Float64Array(count),
    downloadsAllTime: new Float64Array(count),
  }
}
