import { DEFAULT_GATE_LIMITS, type GateLimits } from '../domain/day-gate.ts'
import type { Sweep } from '../domain/sweep.ts'
import { noteDay } from '../store/decide-day.ts'
import { writeUnderLease } from '../store/lease.ts'
import { closeSweep, completeSweep, findCompleteSweep } from '../store/sweep-ledger.ts'
import { judgementEvidence, judgeNight, type NightJudgement, reasonWords } from './judge-night.ts'
import type { WalkEffects } from './walk-sweep.ts'

/** A complete sweep that shrank by more makes nothing gone: more likely a broken list than a mass deletion. */
const LARGEST_BELIEVED_SHRINKAGE = 0.01

export interface GateOptions {
  /** How far the night may be from the last good day; the defaults when absent. */
  gate?: GateLimits
  /** Complete the day although it shrank beyond the limit: a person has looked. */
  acceptShrinkage?: boolean
}

export interface FinishedSweep {
  sweep: Sweep
  /** Why it is held, in words; null when it is complete. */
  heldBecause: string | null
  /** What the gate found. */
  judgement: NightJudgement
}

/**
 * Closes a walked sweep: complete, or held with an event that says why it must not reach the headline, in one transaction. Only a
 * complete one that did not shrink by more than 1 % makes repositories gone. Throws a LeaseError when the sweep was taken over.
 */
export function finishSweep(
  { store, clock, log, lease }: WalkEffects,
  sweep: Sweep,
  { gate = DEFAULT_GATE_LIMITS, acceptShrinkage = false }: GateOptions = {},
): FinishedSweep {
  const { rowCount: rows, quarantinedCount: quarantined } = sweep
  if (quarantined > 0) {
    log.warn({ quarantined, rows }, 'rows that could not be understood are in the table quarantine')
  }
  const lastGood = findCompleteSweep(store, sweep)
  const judgement = judgeNight(store, sweep, lastGood, gate)
  const reasons = judgement.reasons.filter(({ limit }) => !(limit === 'repos' && acceptShrinkage))
  if (reasons.length > 0) {
    const heldBecause = reasonWords(reasons)
    const evidence = judgementEvidence(sweep, { ...judgement, reasons })
    log.error({ ...evidence }, 'sweep is held back from every metric')
    const held = writeUnderLease(store, lease, () => {
      noteDay(store, 'day-held', sweep.day, evidence)
      return closeSweep(store, sweep.sweepKey, 'held', clock.now())
    })
    return { sweep: held, heldBecause, judgement }
  }
  const mayRemove = isBelievedList(sweep, lastGood) || acceptShrinkage
  if (!mayRemove) {
    log.warn(
      { rows, before: lastGood?.rowCount, absent: sweep.absentCount },
      'sweep shrank by more than 1 %; absent repositories are recorded and none becomes gone',
    )
  }
  const complete = writeUnderLease(store, lease, () => {
    if (judgement.reasons.length > 0) {
      const evidence = judgementEvidence(sweep, judgement)
      noteDay(store, 'day-accepted', sweep.day, { why: '--accept-shrinkage', ...evidence })
    }
    return completeSweep(store, sweep.sweepKey, clock.now(), mayRemove)
  })
  return { sweep: complete, heldBecause: null, judgement }
}

/** Whether whoever a sweep does not list can be believed to be gone: it lists as many as the last good one, but for 1 %. */
export function isBelievedList(sweep: Sweep, lastGood: Sweep | null): boolean {
  return lastGood === null || sweep.rowCount >= lastGood.rowCount * (1 - LARGEST_BELIEVED_SHRINKAGE)
}
