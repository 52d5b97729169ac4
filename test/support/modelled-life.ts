import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import { row } from '../fixtures/tiny-hub.ts'

/** A stream of numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What goes wrong with one repository's counters, on some days of its life. */
type Mishap =
  | { kind: 'dip'; from: number; days: number; part: number }
  | { kind: 'cut'; from: number; part: number }
  | { kind: 'still'; from: number; days: number }
  | { kind: 'burst'; from: number; days: number; times: number }
  | { kind: 'stuck window'; from: number }
  | { kind: 'away'; from: number; days: number }

interface Life {
  number: number
  bornOn: number
  /** Downloads a day. */
  rate: number
  /** Days on which its counters stay at zero at first. */
  lateBy: number
  /** From this day on it is another owner's. */
  movesOn: number | null
  mishaps: Mishap[]
}

/** Days on which the whole Hub stood still, or showed so much of every window. */
export interface HubMishap {
  kind: 'still' | 'dip'
  from: number
  days: number
}

/**
 * A catalogue of seeded lives whose counters do everything the Hub's do: rise, fall and come back, fall for good, stand still,
 * burst, stick; one by one and all together. The rows of day `at` (from 0), in creation order.
 */
export function modelledLife(
  seed: number,
  count: number,
  days: number,
): { rowsOn(at: number): CatalogueRow[] } {
  const random = randomFrom(seed)
  const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const hub: HubMishap[] = [
    { kind: 'still', from: pick(20, days - 5), days: pick(1, 3) },
    { kind: 'dip', from: pick(20, days - 20), days: pick(1, 6) },
  ]
  const lives = Array.from({ length: count }, (_, at): Life => {
    const mishaps: Mishap[] = []
    const on = () => pick(5, days - 2)
    if (random() < 0.25) mishaps.push({ kind: 'dip', from: on(), days: pick(1, 20), part: random() })
    if (random() < 0.15) mishaps.push({ kind: 'cut', from: on(), part: random() })
    if (random() < 0.2) mishaps.push({ kind: 'still', from: on(), days: pick(1, 9) })
    if (random() < 0.15) mishaps.push({ kind: 'burst', from: on(), days: pick(1, 15), times: pick(5, 60) })
    if (random() < 0.1) mishaps.push({ kind: 'stuck window', from: on() })
    if (random() < 0.1) mishaps.push({ kind: 'away', from: on(), days: pick(1, 75) })
    return {
      number: at + 1,
      bornOn: random() < 0.8 ? 0 : pick(1, days - 1),
      rate: 10 ** (random() * 5.7),
      lateBy: random() < 0.2 ? pick(1, 4) : 0,
      movesOn: random() < 0.15 ? on() : null,
      mishaps,
    }
  })
  const rows = lives.map(life => liveOut(life, days, hub, random))
  return { rowsOn: at => rows.flatMap(all => all[at] ?? []) }
}

/** The rows of a life by day; null where it is not listed. */
function liveOut(
  { number, bornOn, rate, lateBy, movesOn, mishaps }: Life,
  days: number,
  hub: readonly HubMishap[],
  random: () => number,
): (CatalogueRow | null)[] {
  const daily: number[] = []
  const rows: (CatalogueRow | null)[] = []
  let lifetime = 0
  let shown = { downloads: 0, allTime: 0 }
  let stuck: number | null = null
  for (let at = 0; at < days; at += 1) {
    if (at < bornOn) {
      rows.push(null)
      continue
    }
    const covers = ({ from, days: length = 1 }: { from: number; days?: number }) =>
      at >= from && at < from + length
    const burst = mishaps.find(found => found.kind === 'burst' && covers(found))
    const isStuck = mishaps.some(found => found.kind === 'stuck window' && at >= found.from)
    const times = burst?.kind === 'burst' ? burst.times : 1
    const today = at - bornOn < lateBy || isStuck ? 0 : Math.round(rate * times * (0.8 + 0.4 * random()))
    daily.push(today)
    lifetime += today
    for (const found of mishaps) {
      if (found.kind === 'cut' && found.from === at) lifetime = Math.round(lifetime * found.part)
    }
    const window = daily.slice(-30).reduce((sum, value) => sum + value, 0)
    if (isStuck) stuck ??= shown.downloads
    const isStill =
      hub.some(found => found.kind === 'still' && covers(found)) ||
      mishaps.some(found => found.kind === 'still' && covers(found))
    if (!isStill) {
      const dip = mishaps.find(found => found.kind === 'dip' && covers(found))
      const part = dip?.kind === 'dip' ? dip.part : 1
      const isHubDip = hub.some(found => found.kind === 'dip' && covers(found))
      shown = {
        downloads: stuck ?? Math.round(window * part * (isHubDip ? 0.7 : 1)),
        allTime: Math.round(lifetime * part),
      }
    }
    const isAway = mishaps.some(found => found.kind === 'away' && covers(found))
    rows.push(
      isAway
        ? null
        : row(number, {
            id: `${OWNERS[(number + (movesOn !== null && at >= movesOn ? 1 : 0)) % OWNERS.length]}/m${number}`,
            likes: Math.floor(number / 3) + Math.floor(at / (7 + (number % 5))),
            downloads: shown.downloads,
            downloadsAllTime: shown.allTime,
            pipeline_tag: 'text-generation',
          }),
    )
  }
  return rows
}

const OWNERS = ['qwen', 'meta', 'mistral', 'bloke', 'nobody']
