import type { DayQuality } from '../domain/day-quality.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { createLargestKeys } from './largest-keys.ts'
import { medianOf } from './median.ts'

const { panel: rules } = DETECTOR_RULES

/** Counters by repository key; NaN where unknown. */
export interface CounterColumns {
  downloads30d: Float64Array
  downloadsAllTime: Float64Array
}

/** Day numbers of creation by repository key, and the day that is compared. */
export interface RepoAges {
  createdOn: Int32Array
  day: number
}

export type DayComparison = Pick<
  DayQuality,
  'compared' | 'unchanged' | 'fell' | 'fellDownloads' | 'panel' | 'panelRatio' | 'panelUnchanged'
>

/**
 * Compares the counters of a day with those of the complete day before (method.md M17), for repositories with a 1 in
 * `isCompared` (listed today and known before) whose 30-day counter is known on both days. Unchanged is who moved neither
 * counter; where a lifetime counter is unknown the 30-day one decides, and no fall is counted. The panel has the
 * highest 30-day counters, of the two days the higher: a day on which everything is zeroed must not lose its panel. With `ages`
 * only repositories enter it whose 30-day window is full. Equal counters: the lower key. One pass, nothing sorted but the panel.
 */
export function compareDays(
  today: CounterColumns,
  before: CounterColumns,
  isCompared: Uint8Array,
  ages?: RepoAges,
): DayComparison {
  const largest = createLargestKeys(rules.repos)
  const bornUntil = ages === undefined ? 0 : ages.day - rules.ageDays
  let compared = 0
  let unchanged = 0
  let fell = 0
  let fellDownloads = 0
  for (let key = 0; key < isCompared.length; key += 1) {
    if (isCompared[key] !== 1) continue
    const now = today.downloads30d[key]!
    const then = before.downloads30d[key]!
    if (!(now >= 0 && then >= 0)) continue
    compared += 1
    if (isStill(today, before, key)) unchanged += 1
    const lost = before.downloadsAllTime[key]! - today.downloadsAllTime[key]!
    if (lost > 0) {
      fell += 1
      fellDownloads += lost
    }
    const size = now > then ? now : then
    if (size < rules.downloads30d || (ages !== undefined && ages.createdOn[key]! > bornUntil)) continue
    largest.offer(key, size)
  }
  return { compared, unchanged, fell, fellDownloads, ...comparePanel(today, before, largest.keys()) }
}

/** Whether neither download counter of a repository moved; an unknown lifetime counter is not asked. */
export function isStill(today: CounterColumns, before: CounterColumns, key: number): boolean {
  if (today.downloads30d[key] !== before.downloads30d[key]) return false
  const now = today.downloadsAllTime[key]!
  const then = before.downloadsAllTime[key]!
  return now === then || Number.isNaN(now) || Number.isNaN(then)
}

function comparePanel(
  today: CounterColumns,
  before: CounterColumns,
  keys: Int32Array,
): Pick<DayQuality, 'panel' | 'panelRatio' | 'panelUnchanged'> {
  const panel = keys.length
  if (panel === 0) return { panel, panelRatio: null, panelUnchanged: null }
  const ratios = new Float64Array(panel)
  let still = 0
  for (const [at, key] of keys.entries()) {
    if (isStill(today, before, key)) still += 1
    const ratio = today.downloads30d[key]! / before.downloads30d[key]!
    ratios[at] = Math.min(rules.largestRatio, Math.max(1 / rules.largestRatio, ratio))
  }
  return {
    panel,
    panelRatio: panel < rules.least ? null : medianOf(ratios),
    panelUnchanged: still / panel,
  }
}
