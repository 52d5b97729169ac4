import { findMirroredRevision } from '../store/replace-registry.ts'
import type { Effects } from './effects.ts'
import { mirrorRegistry } from './mirror-registry.ts'
import { type PublishedTotals, publishDailyTotals } from './publish-totals.ts'

/** Mirrors the registry when its revision changed and brings the totals up to date. Does nothing when both are. */
export function refreshMetrics(
  effects: Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>,
): PublishedTotals {
  if (findMirroredRevision(effects.store) !== effects.registry.revision) mirrorRegistry(effects)
  return publishDailyTotals(effects)
}
