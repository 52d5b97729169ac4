import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import {
  type HearObservation,
  KEYS_A_PACK,
  listObservedDays,
  openDayObservations,
} from './observation-packs.ts'
import type { Store } from './open-store.ts'

/** Counters by repository key; NaN where none was known by then. */
export interface KnownCounters {
  downloads30d: Float64Array
  downloadsAllTime: Float64Array
}

/** With so few of a pack left to find, looking each up costs less than reading the pack of another day. */
const FEW = 64
/**
 * After so many days the table of repositories is asked about the rest: who was not there yet, who has not moved since, whose
 * lifetime counter never was known. Whoever moves at all has mostly been found by then.
 */
const DAYS_BEFORE_ASKING = 7

/**
 * The counters of the repositories that are wanted (1 by repository key) as of a day, the lifetime counter as last known by
 * then: exact, from observations of that day and before. Reads them backwards from the day, pack by pack, until everybody
 * wanted is found: as long as most moved lately, a few days however long the history.
 */
export function countersAsOf(store: Store, day: UtcDay, wanted: Uint8Array): KnownCounters {
  const downloads30d = new Float64Array(wanted.length).fill(Number.NaN)
  const downloadsAllTime = new Float64Array(wanted.length).fill(Number.NaN)
  const until = dayNumber(day)
  const days = listObservedDays(store, until).reverse()
  const tell = openDayObservations(store)
  const look = openLookUp(store)
  const ask = openAsking(store, until)
  const hasNoAllTime = new Uint8Array(wanted.length)

  const hear: HearObservation = (repoKey, in30d, allTime) => {
    if (wanted[repoKey] !== 1) return
    if (Number.isNaN(downloads30d[repoKey]!)) downloads30d[repoKey] = in30d
    if (Number.isNaN(downloadsAllTime[repoKey]!)) downloadsAllTime[repoKey] = allTime
  }
  const isUnknown = (repoKey: number) =>
    Number.isNaN(downloads30d[repoKey]!) ||
    (Number.isNaN(downloadsAllTime[repoKey]!) && hasNoAllTime[repoKey] === 0)
  const isOpen = (repoKey: number): boolean => {
    const answer = ask(repoKey)
    if (answer === 'absent') return false
    if (answer.lastKnownAllTime === null) hasNoAllTime[repoKey] = 1
    if (answer.observedOn <= until) {
      hear(repoKey, answer.downloads30d, answer.lastKnownAllTime ?? Number.NaN)
      return false
    }
    return isUnknown(repoKey)
  }

  for (let pack = 0; pack * KEYS_A_PACK < wanted.length; pack += 1) {
    let rest = keysWanted(wanted, pack)
    for (const [back, observedOn] of days.entries()) {
      if (rest.length === 0) break
      if (back === DAYS_BEFORE_ASKING) rest = rest.filter(isOpen)
      if (rest.length > FEW) tell(observedOn, pack, hear)
      else for (const repoKey of rest) look(observedOn, repoKey, hear)
      rest = rest.filter(isUnknown)
    }
  }
  return { downloads30d, downloadsAllTime }
}

function keysWanted(wanted: Uint8Array, pack: number): number[] {
  const keys: number[] = []
  const end = Math.min(wanted.length, (pack + 1) * KEYS_A_PACK)
  for (let repoKey = pack * KEYS_A_PACK; repoKey < end; repoKey += 1) {
    if (wanted[repoKey] === 1) keys.push(repoKey)
  }
  return keys
}

/** Tells one observation of one repository, where there is one. */
function openLookUp({ sqlite }: Store): (day: number, repoKey: number, hear: HearObservation) => void {
  const find = sqlite
    .prepare<[number, number], [number, number | null]>(
      'SELECT downloads_30d, downloads_all_time FROM observation WHERE day = ? AND repo_key = ?',
    )
    .raw()
  return (day, repoKey, hear) => {
    const found = find.get(day, repoKey)
    if (found !== undefined) hear(repoKey, found[0], found[1] ?? Number.NaN)
  }
}

/** The latest counters of a repository and their day, as its own row keeps them. */
interface Latest {
  observedOn: number
  downloads30d: number
  lastKnownAllTime: number | null
}

/** Reads the latest counters of a repository; `absent` for one that was first seen after that day. */
function openAsking({ sqlite }: Store, until: number): (repoKey: number) => Latest | 'absent' {
  const find = sqlite.prepare<[number, number], Latest>(
    `SELECT observed_on AS observedOn, downloads_30d AS downloads30d, last_known_all_time AS lastKnownAllTime
     FROM repo WHERE repo_key = ? AND first_seen_on <= ?`,
  )
  return repoKey => find.get(repoKey, until) ?? 'absent'
}
