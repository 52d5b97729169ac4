import { CensusError } from '../domain/census-error.ts'
import type { Evidence } from '../domain/counter-event.ts'
import type { DayDecision, DecidedDay } from '../domain/day-decision.ts'
import { LONGEST_WHY } from '../domain/day-decision.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Sweep } from '../domain/sweep.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { countGone, findHold, isNewestSweep, noteDay, rejectDay } from '../store/decide-day.ts'
import { writeUnderLease } from '../store/lease.ts'
import type { Store } from '../store/open-store.ts'
import { completeSweep, findCompleteSweep, listSweeps } from '../store/sweep-ledger.ts'
import { isBelievedList } from './finish-sweep.ts'
import { holdLease, type LeaseEffects } from './hold-lease.ts'
import { listHeldDays } from './list-held-days.ts'

export interface Decision {
  day: UtcDay
  /** What the person has found. */
  why: string
  /** Who decided, where it is known. */
  by: string | null
}

/**
 * Accepts a held or rejected day, or rejects a held or complete one, and notes it with who and why, in one transaction under the
 * lease of the sweep. Totals follow when metrics are published next.
 *
 * An accepted day makes repositories gone only when no later sweep has seen anything, and when its list is believed: it lists as
 * many as the complete day before but for 1 %, or its shrinkage is what was accepted. When a rejected day was the newest, whoever
 * was gone by it alone is listed again.
 *
 * Throws a CensusError (usage) for a decision without a reason and for a day on which there is nothing to decide, a LeaseError
 * while a sweep is under way.
 */
export async function decideDay(
  decision: DayDecision,
  { day, why, by }: Decision,
  effects: LeaseEffects,
): Promise<DecidedDay> {
  const { store, log } = effects
  const reason = readWhy(why)
  // Asked again under the lease; here so that a slip need not wait for a sweep.
  findDecidable(store, decision, day)
  return holdLease(effects, 'sweep', async lease => {
    const decided = writeUnderLease(store, lease, (): DecidedDay => {
      const sweep = findDecidable(store, decision, day)
      const told = { why: reason, by, was: sweep.state, reasons: findHold(store, day)?.reasons ?? null }
      const goneRepos = decision === 'accept' ? accept(store, sweep, told) : reject(store, sweep, told)
      const newest = findCompleteSweep(store)?.day ?? null
      return { day, decision, before: sweep.state, goneRepos, newest }
    })
    log.info({ ...decided }, 'day decided')
    return decided
  })
}

function accept(store: Store, sweep: Sweep, told: Evidence): number {
  const lastGood = listSweeps(store).findLast(({ state, day }) => state === 'complete' && day < sweep.day)
  const shrank = String(findHold(store, sweep.day)?.limits ?? '').split(',')
  const isListBelieved = isBelievedList(sweep, lastGood ?? null) || shrank.includes('repos')
  const mayRemove = isNewestSweep(store, sweep) && isListBelieved
  noteDay(store, 'day-accepted', sweep.day, told)
  const goneBefore = countGone(store)
  completeSweep(store, sweep.sweepKey, sweep.finishedAt ?? sweep.startedAt, mayRemove)
  return countGone(store) - goneBefore
}

function reject(store: Store, sweep: Sweep, told: Evidence): number {
  noteDay(store, 'day-rejected', sweep.day, told)
  return rejectDay(store, sweep.day)
}

/** The sweep that a decision on a day is about: the complete one, else the newest that read anything. */
function findDecidable(store: Store, decision: DayDecision, day: UtcDay): Sweep {
  const sweeps = listSweeps(store)
  const ofDay = sweeps.filter(found => found.day === day)
  const complete = ofDay.find(({ state }) => state === 'complete')
  // A later attempt of the day that broke off has written over some of what the held one saw.
  const sweep = complete ?? ofDay.findLast(({ pageCount }) => pageCount > 0) ?? ofDay.at(-1)
  if (sweep === undefined) throw undecidable(store, `${day} has no sweep`)
  const { state } = sweep
  if (state === 'running') throw undecidable(store, `the sweep of ${day} is not at its end`)
  if (state === 'partial')
    throw undecidable(store, `the sweep of ${day} broke off: it is no day, whatever it saw`)
  if (decision === 'accept' && state === 'complete')
    throw undecidable(store, `${day} is complete; there is nothing to accept`)
  if (decision === 'reject' && state === 'rejected') throw undecidable(store, `${day} is rejected already`)
  return sweep
}

function undecidable(store: Store, what: string): CensusError {
  const held = listHeldDays(store).map(({ day }) => day)
  return new CensusError(
    {
      happened: `${what[0]!.toUpperCase()}${what.slice(1)}.`,
      kept: 'Nothing was changed.',
      next:
        held.length === 0
          ? 'No day is held; "hub-census day list" shows the state of the others.'
          : `Held: ${held.slice(-12).join(', ')}. "hub-census day list" shows why.`,
    },
    EXIT_CODES.usage,
  )
}

function readWhy(text: string): string {
  const why = text.trim()
  if (why !== '' && why.length <= LONGEST_WHY) return why
  throw new CensusError(
    {
      happened: why === '' ? '--why is empty.' : `--why has ${why.length} characters.`,
      kept: 'Nothing was changed.',
      next: `Type --why "…" with what you found, in at most ${LONGEST_WHY} characters.`,
    },
    EXIT_CODES.usage,
  )
}
