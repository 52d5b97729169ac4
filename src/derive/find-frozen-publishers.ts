import type { Evidence } from '../domain/counter-event.ts'
import { DETECTOR_RULES } from './detector-rules.ts'
import { type CounterColumns, isStill } from './panel.ts'

const { publisher: rules, panel } = DETECTOR_RULES

export interface FrozenPublisher {
  publisherKey: number
  evidence: Evidence
}

/**
 * Publishers that stood still on a day on which the Hub did not: at least 5 repositories that usually move (900 downloads in
 * 30 days the day before) of which at least 95 % moved neither counter, with at least 300 downloads missed by those. `daysSince`
 * is how long ago the day before was: more than a week is no comparison. By publisher key. Evidence: `repos` that usually
 * move, how many stood `still`, their `share`, and the downloads `missed` at a thirtieth of the 30-day counter a day.
 */
export function findFrozenPublishers(
  today: CounterColumns,
  before: CounterColumns,
  isCompared: Uint8Array,
  publisherKeys: Int32Array,
  { daysSince, isHubFrozen }: { daysSince: number; isHubFrozen: boolean },
): FrozenPublisher[] {
  if (isHubFrozen || daysSince > panel.neighbourDays) return []
  const tallies = new Map<number, { repos: number; still: number; inWindow: number }>()
  for (let key = 0; key < isCompared.length; key += 1) {
    if (isCompared[key] !== 1 || !(before.downloads30d[key]! >= rules.downloads30d)) continue
    if (Number.isNaN(today.downloads30d[key]!)) continue
    const publisherKey = publisherKeys[key]!
    let tally = tallies.get(publisherKey)
    if (tally === undefined) {
      tally = { repos: 0, still: 0, inWindow: 0 }
      tallies.set(publisherKey, tally)
    }
    tally.repos += 1
    if (!isStill(today, before, key)) continue
    tally.still += 1
    tally.inWindow += before.downloads30d[key]!
  }
  const found: FrozenPublisher[] = []
  for (const [publisherKey, { repos, still, inWindow }] of tallies) {
    const missed = (inWindow / 30) * daysSince
    if (repos < rules.repos || still < rules.stillShare * repos || missed < rules.expected) continue
    found.push({ publisherKey, evidence: { repos, still, share: still / repos, missed: Math.round(missed) } })
  }
  return found.sort((a, b) => a.publisherKey - b.publisherKey)
}
