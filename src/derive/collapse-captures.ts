import type { UtcDay } from '../domain/utc-day.ts'
import { clockDay, type EffectiveDay, refreshBetween } from './effective-day.ts'
import { type Capture, hasMoved } from './find-refreshes.ts'

/** A capture with the day of the refresh that it saw. */
export interface DatedCapture<T extends Capture> extends EffectiveDay {
  capture: T
}

/**
 * The day of the refresh that each capture saw, by time. While the mass of the counters stands still it is that of the capture
 * before; when it moved and only one day's refresh hours lie in between, that day's (`found`); else what the clock says.
 */
export function dateCaptures<T extends Capture>(captures: readonly T[]): DatedCapture<T>[] {
  const dated: DatedCapture<T>[] = []
  for (const capture of [...captures].sort((a, b) => a.at - b.at)) {
    const earlier = dated.at(-1)
    const moved = earlier === undefined ? null : hasMoved(earlier.capture, capture)
    const refreshed = moved === true ? refreshBetween(earlier!.capture.at, capture.at) : null
    if (moved === false) dated.push({ capture, effectiveDay: earlier!.effectiveDay, by: 'found' })
    else if (refreshed !== null) dated.push({ capture, effectiveDay: refreshed, by: 'found' })
    else dated.push({ capture, effectiveDay: clockDay(capture.at).day, by: 'clock' })
  }
  return dated
}

/** Several captures of one refresh are one value: the last of them, by day. */
export function collapseCaptures<T extends Capture>(captures: readonly T[]): DatedCapture<T>[] {
  const lastOf = new Map<UtcDay, DatedCapture<T>>()
  for (const dated of dateCaptures(captures)) lastOf.set(dated.effectiveDay, dated)
  return [...lastOf.values()].sort((a, b) => (a.effectiveDay < b.effectiveDay ? -1 : 1))
}
