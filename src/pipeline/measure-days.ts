import { DETECTOR_RULES } from '../derive/detector-rules.ts'
import { findFrozenPublishers } from '../derive/find-frozen-publishers.ts'
import { isHubFrozen } from '../derive/find-hub-freezes.ts'
import { type CounterColumns, compareDays } from '../derive/panel.ts'
import { reconcile } from '../derive/reconcile.ts'
import type { CounterEvent, Evidence } from '../domain/counter-event.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import { addDays, dayNumber, daysBetween, type UtcDay } from '../domain/utc-day.ts'
import { countersAsOf, type KnownCounters } from '../store/counters-as-of.ts'
import { listMissed, listNoted } from '../store/list-noted.ts'
import { openPackedObservations } from '../store/observation-packs.ts'
import type { Store } from '../store/open-store.ts'
import type { CurrentCounters } from '../store/read-current-counters.ts'
import { readPresenceChanges } from '../store/read-population.ts'
import { readPublisherMoves } from '../store/read-publisher-moves.ts'
import { EVENT_REACH_DAYS } from './detection.ts'
import { isMonthWanted } from './find-candidates.ts'

/** Days between the two lifetime counters that the 30-day counter is compared with. */
const MONTH_DAYS = DETECTOR_RULES.reconcile.windowDays

/** Qualities of days, and the stretches on which publishers stood still. */
export interface MeasuredDays {
  qualities: DayQuality[]
  publisherEvents: CounterEvent[]
}

/**
 * The quality of every complete day, from all observations: two readers of the packs, one 30 days behind the other. Whose a
 * repository was is as of each day.
 */
export function measureEveryDay(
  store: Store,
  days: readonly UtcDay[],
  { publisherKey: publishers, createdOn }: Pick<CurrentCounters, 'publisherKey' | 'createdOn'>,
): MeasuredDays {
  const length = publishers.length
  const publisherKey = publishers.slice()
  const moves = readPublisherMoves(store)
  for (const { repoKey, from } of moves.toReversed()) publisherKey[repoKey] = from
  const today = unknownCounters(length)
  const before = unknownCounters(length)
  const monthBefore = unknownCounters(length)
  /** Listed or missed by a sweep: neither gone nor unseen. */
  const isKnown = new Uint8Array(length)
  let wasListed: Uint8Array = isKnown
  const tell = openPackedObservations(store)
  const changes = readPresenceChanges(store)
  let [read, readMonth, changed, moved] = [-1, -1, 0, 0]
  const qualities: DayQuality[] = []
  const publisherEvents: CounterEvent[] = []
  for (const [at, day] of days.entries()) {
    const number = dayNumber(day)
    before.downloads30d.set(today.downloads30d)
    before.downloadsAllTime.set(today.downloadsAllTime)
    tell(read, number, (repoKey, window, lifetime) => {
      today.downloads30d[repoKey] = window
      if (!Number.isNaN(lifetime)) today.downloadsAllTime[repoKey] = lifetime
      isKnown[repoKey] = 1
    })
    tell(readMonth, number - MONTH_DAYS, (repoKey, _, lifetime) => {
      if (!Number.isNaN(lifetime)) monthBefore.downloadsAllTime[repoKey] = lifetime
    })
    ;[read, readMonth] = [number, number - MONTH_DAYS]
    for (; changed < changes.length && changes[changed]!.day <= day; changed += 1) {
      isKnown[changes[changed]!.repoKey] = changes[changed]!.isGone ? 0 : 1
    }
    for (; moved < moves.length && moves[moved]!.day <= day; moved += 1) {
      publisherKey[moves[moved]!.repoKey] = moves[moved]!.to
    }
    const dayBefore = days[at - 1] ?? null
    const isListed = without(isKnown, listMissed(store, day))
    const isCompared = isListed.map((one, repoKey) => one & wasListed[repoKey]!)
    wasListed = isListed
    const columns = { today, before, monthBefore, isListed, isCompared, publisherKey, createdOn }
    const quality = measure(day, dayBefore, columns)
    qualities.push(quality)
    addStretches(publisherEvents, frozenPublishers(quality, columns), dayBefore)
  }
  return { qualities, publisherEvents }
}

/** The newest day beside the one before, from the current counters and the packs of a few days. */
export interface MeasuredNewest {
  quality: DayQuality
  /** Publishers that stood still on it: stretches of one day. */
  publisherEvents: CounterEvent[]
  before: KnownCounters
  monthBefore: KnownCounters
}

/** The same for the newest complete day alone; `current` must be its counters. */
export function measureNewestDay(
  store: Store,
  days: readonly UtcDay[],
  current: CurrentCounters,
): MeasuredNewest {
  const day = days.at(-1)!
  const dayBefore = days.at(-2) ?? null
  const before = countersBefore(store, dayBefore, current)
  const { downloads30d, downloadsAllTime } = current
  const isListed = without(current.isListed, listMissed(store, day))
  const isCompared = dayBefore === null ? isListed : without(isListed, listMissed(store, dayBefore))
  for (const repoKey of listNoted(store, 'return', dayBefore)) isCompared[repoKey] = 0
  const wanted = isListed.map((one, repoKey) =>
    one === 1 && isMonthWanted(downloads30d[repoKey]!, downloadsAllTime[repoKey]!) ? 1 : 0,
  )
  const monthBefore = countersAsOf(store, addDays(day, -MONTH_DAYS), wanted)
  const { publisherKey, createdOn } = current
  const columns = { today: current, before, monthBefore, isListed, isCompared, publisherKey, createdOn }
  const quality = measure(day, dayBefore, columns)
  return { quality, publisherEvents: frozenPublishers(quality, columns), before, monthBefore }
}

/** Whoever was not observed on the newest day stands where it stood; only the others are looked up. */
function countersBefore(store: Store, dayBefore: UtcDay | null, current: CurrentCounters): KnownCounters {
  const { observedOn, firstSeenOn, downloads30d, downloadsAllTime } = current
  if (dayBefore === null) return unknownCounters(observedOn.length)
  const last = dayNumber(dayBefore)
  const wanted = observedOn.map((on, repoKey) => (on > last && firstSeenOn[repoKey]! <= last ? 1 : 0))
  const before = countersAsOf(store, dayBefore, Uint8Array.from(wanted))
  for (let repoKey = 0; repoKey < observedOn.length; repoKey += 1) {
    if (observedOn[repoKey]! > last) continue
    before.downloads30d[repoKey] = downloads30d[repoKey]!
    before.downloadsAllTime[repoKey] = downloadsAllTime[repoKey]!
  }
  return before
}

interface Columns {
  today: CounterColumns
  before: CounterColumns
  monthBefore: Pick<CounterColumns, 'downloadsAllTime'>
  isListed: Uint8Array
  /** Listed on both days: whoever was missed or gone has nothing to compare. */
  isCompared: Uint8Array
  publisherKey: Int32Array
  createdOn: Int32Array
}

function measure(
  day: UtcDay,
  dayBefore: UtcDay | null,
  { today, before, monthBefore, isListed, isCompared, createdOn }: Columns,
): DayQuality {
  return {
    day,
    daysSince: dayBefore === null ? null : daysBetween(dayBefore, day),
    ...compareDays(today, before, isCompared, { createdOn, day: dayNumber(day) }),
    ...reconcile(today, monthBefore, isListed),
  }
}

/** On a Hub-wide frozen day nobody is frozen by itself. */
function frozenPublishers(quality: DayQuality, columns: Columns): CounterEvent[] {
  const { day, daysSince } = quality
  if (daysSince === null) return []
  const { today, before, isCompared, publisherKey } = columns
  const since = { daysSince, isHubFrozen: isHubFrozen(quality) }
  return findFrozenPublishers(today, before, isCompared, publisherKey, since).map(
    ({ publisherKey, evidence }) => ({
      kind: 'frozen',
      day,
      until: day,
      subject: { of: 'publisher', publisherKey },
      evidence,
    }),
  )
}

/**
 * Adds publishers' frozen days to the stretches they continue, which keep the evidence of their first day but for what was missed
 * by all of them; a stretch is cut where nothing may hang on days further off.
 */
export function addStretches(
  stretches: CounterEvent[],
  frozen: readonly CounterEvent[],
  dayBefore: UtcDay | null,
): void {
  const open = new Map<number, number>()
  for (let at = stretches.length - 1; at >= 0; at -= 1) {
    const { subject, until } = stretches[at]!
    if (subject.of === 'publisher' && until === dayBefore && until !== null)
      open.set(subject.publisherKey, at)
  }
  for (const event of frozen) {
    const at = event.subject.of === 'publisher' ? open.get(event.subject.publisherKey) : undefined
    const known = at === undefined ? undefined : stretches[at]
    if (known !== undefined && daysBetween(known.day, event.day) <= EVENT_REACH_DAYS)
      stretches[at!] = { ...known, until: event.until, evidence: longer(known, event) }
    else stretches.push(event)
  }
}

function longer(known: CounterEvent, event: CounterEvent): Evidence {
  const missed = Number(known.evidence.missed) + Number(event.evidence.missed)
  return { ...known.evidence, missed }
}

/** A copy of the flags with those of some repositories taken away. */
function without(flags: Uint8Array, repoKeys: readonly number[]): Uint8Array {
  const left = flags.slice()
  for (const repoKey of repoKeys) left[repoKey] = 0
  return left
}

function unknownCounters(length: number): KnownCounters {
  return {
    downloads30d: new Float64Array(length).fill(Number.NaN),
    downloadsAllTime: new Float64Array(length).fill(Number.NaN),
  }
}
