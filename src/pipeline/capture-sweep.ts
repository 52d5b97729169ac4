import { CensusError } from '../domain/census-error.ts'
import type { Clock } from '../domain/effects.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Sweep } from '../domain/sweep.ts'
import { dayOf, type UtcDay } from '../domain/utc-day.ts'
import { acceptsCursor, evenBoundaries, isCursorRefusal } from '../source/created-at-cursor.ts'
import { writeUnderLease } from '../store/lease.ts'
import {
  beginSweep,
  closeSweep,
  findCompleteSweep,
  findRunningSweep,
  listNotices,
  listSweeps,
} from '../store/sweep-ledger.ts'
import { findBoundaries, listRanges } from '../store/sweep-ranges.ts'
import type { Effects } from './effects.ts'
import { finishSweep, type GateOptions } from './finish-sweep.ts'
import { holdLease } from './hold-lease.ts'
import type { NightJudgement } from './judge-night.ts'
import { noteRefresh } from './note-refresh.ts'
import { type WalkEffects, type WalkOptions, walkSweep } from './walk-sweep.ts'
import { watchLog } from './watch-log.ts'

export interface CaptureOptions extends WalkOptions, GateOptions {
  /** What the source says of its own data, or null; a file never mixes two. */
  notice: string | null
  /** How many walkers share a fresh sweep, 1 by default. More rest on cursors made by hand. */
  walkers?: number
}

export interface CaptureResult {
  sweep: Sweep
  /** `resumed` went on with a sweep that was interrupted; `already-complete` found the day captured and did nothing. */
  began: 'fresh' | 'resumed' | 'already-complete'
  /** Why a walked sweep was held back; null for any other. */
  heldBecause: string | null
  /** What the gate found in a walked sweep; null when none was walked to its end. */
  judgement: NightJudgement | null
  /** Stopped by the signal after a committed page; the sweep is still `running`. */
  interrupted: boolean
}

/** A sweep older than this is not resumed: its pages would describe two different days. */
const RESUME_WINDOW_MS = 12 * 3600_000

/**
 * Captures the catalogue of one UTC day: resumes an interrupted sweep younger than 12 hours, else begins one. Page and
 * cursor commit together, so running it again after anything ends in the same content. The sweep belongs to the day it
 * started. Throws HubError, StoreError, LeaseError; what was committed stays.
 */
export async function captureSweep(
  options: CaptureOptions,
  effects: Omit<Effects, 'registry'> & { machineClock?: Clock },
): Promise<CaptureResult> {
  const { store, clock, log, machineClock } = effects
  refuseMixing(effects, options.notice)
  // Asked again under the lease; here so that whoever comes after the day is done need not wait for anybody.
  const done = findRunningSweep(store) === null ? findCapture(effects, dayOf(clock.now())) : null
  if (done !== null) {
    watchLog(effects).settle()
    return done
  }
  const signal = options.signal ? { signal: options.signal } : {}
  return holdLease({ store, clock: machineClock ?? clock, log, ...signal }, 'sweep', (lease, signal) =>
    captureHeld({ ...options, signal }, { ...effects, lease }).finally(() => watchLog(effects).settle()),
  )
}

async function captureHeld(options: CaptureOptions, effects: WalkEffects): Promise<CaptureResult> {
  const { hub, store, clock, log, lease } = effects
  const startedAt = clock.now()
  const interruptedSweep = takeRunning(effects, startedAt)
  if (interruptedSweep === null) {
    const newest = listSweeps(store).at(-1)
    const today = dayOf(startedAt)
    if (newest !== undefined && today < newest.day) throw turnedBack(store.file, today, newest.day)
    const done = findCapture(effects, today)
    if (done !== null) return done
  }
  const walk = async (opened: Sweep) => {
    await walkSweep(opened, findCompleteSweep(store)?.rowCount ?? null, options, effects)
    const current = findRunningSweep(store)
    if (current?.sweepKey !== opened.sweepKey) throw takenOver(opened)
    return current
  }
  const open = async (walkers: number, startedAt: number) => {
    const boundaries = await findWalkable(effects, walkers, startedAt, options.signal)
    const start = { source: hub.endpoint, notice: options.notice, day: dayOf(startedAt), startedAt }
    return writeUnderLease(store, lease, () => beginSweep(store, start, boundaries))
  }
  let began: CaptureResult['began'] = interruptedSweep ? 'resumed' : 'fresh'
  let opened = interruptedSweep ?? (await open(options.walkers ?? 1, startedAt))
  log.info({ day: opened.day, began, page: opened.pageCount, source: opened.source }, 'sweep begins')
  let current: Sweep
  try {
    current = await walk(opened)
  } catch (error) {
    const hasCursors = listRanges(store, opened.sweepKey).some(
      range => range.pageCount > 0 || range.range > 0,
    )
    if (!isCursorRefusal(error) || !hasCursors) throw error
    // Its cursors have expired, or the Hub no longer takes those made by hand: once more from the start, in one walk,
    // which writes only what the first attempt did not.
    log.warn({ problem: String(error) }, 'the Hub refuses a cursor; the sweep begins again in one walk')
    const refused = opened.sweepKey
    writeUnderLease(store, lease, () => closeSweep(store, refused, 'partial', clock.now()))
    began = 'fresh'
    // A sweep of its own, of the day it begins: what it lists is of now.
    const now = clock.now()
    if (dayOf(now) < opened.day) throw turnedBack(store.file, dayOf(now), opened.day)
    opened = await open(1, now)
    current = await walk(opened)
  }
  const isDone = listRanges(store, current.sweepKey).every(range => range.isDone)
  if (!isDone) return { sweep: current, began, heldBecause: null, judgement: null, interrupted: true }
  noteRefresh(effects, current)
  const { sweep, heldBecause, judgement } = finishSweep(effects, current, options)
  log.info({ day: sweep.day, state: sweep.state, rows: sweep.rowCount, pages: sweep.pageCount }, 'sweep ends')
  return { sweep, began, heldBecause, judgement, interrupted: false }
}

/** A day is captured once: a second sweep that failed half-way would leave a mixture under a complete day's name. */
function findCapture({ store }: Pick<Effects, 'store'>, today: UtcDay): CaptureResult | null {
  const complete = findCompleteSweep(store)
  if (complete?.day !== today) return null
  return {
    sweep: complete,
    began: 'already-complete',
    heldBecause: null,
    judgement: null,
    interrupted: false,
  }
}

/** Where a sweep by several walkers may be parted: nowhere for one, and nowhere when the Hub refuses our cursors. */
async function findWalkable(
  { hub, store, log }: Omit<Effects, 'registry'>,
  walkers: number,
  startedAt: number,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (walkers === 1) return []
  const known = findBoundaries(store, walkers)
  const boundaries = known.length > 0 ? known : evenBoundaries(walkers, startedAt)
  if (await acceptsCursor(hub, boundaries.at(-1)!, signal)) return boundaries
  log.warn({ walkers }, 'the Hub does not take cursors made by hand; going on with one walker')
  return []
}

function refuseMixing({ store, hub }: Omit<Effects, 'registry'>, notice: string | null): void {
  const sweeps = listSweeps(store)
  if (sweeps.length === 0) return
  const known = listNotices(store)[0] ?? null
  if (known === notice) return
  const say = (text: string | null) => (text === null ? 'observations of the Hub' : `"${text}"`)
  throw new CensusError(
    {
      happened: `${store.file} holds ${say(known)}; ${hub.endpoint} serves ${say(notice)}.`,
      kept: 'Nothing was written: one file never mixes the two.',
      next: 'Name another file with --db, or another Hub with HF_ENDPOINT.',
    },
    EXIT_CODES.usage,
  )
}

function takeRunning({ store, hub, log, lease }: WalkEffects, now: number): Sweep | null {
  const running = findRunningSweep(store)
  if (running === null) return null
  // A cursor is one Hub's word: another address may be another catalogue.
  const isSameSource = running.source === hub.endpoint
  if (isSameSource && now - running.startedAt <= RESUME_WINDOW_MS) return running
  writeUnderLease(store, lease, () => closeSweep(store, running.sweepKey, 'partial', now))
  const why = isSameSource ? 'it is older than 12 hours' : `it read ${running.source}`
  log.warn(
    { day: running.day, pages: running.pageCount, why },
    'interrupted sweep is not resumed; closed as partial',
  )
  return null
}

/** Observations are kept as changes from the one before: a day cannot be put in front of a later one. */
function turnedBack(file: string, today: string, newest: string): CensusError {
  return new CensusError(
    {
      happened: `It is ${today} by the clock, and ${file} already holds a sweep of ${newest}.`,
      kept: 'Nothing was written: a day cannot be captured after a later one.',
      next: "Set the machine's clock (or the replayed day), or name another file with --db.",
    },
    EXIT_CODES.usage,
  )
}

function takenOver(sweep: Sweep): CensusError {
  return new CensusError(
    {
      happened: `The sweep of ${sweep.day} was finished or closed by another process.`,
      kept: 'Every page committed by either process is in the file.',
      next: 'Look at it with "hub-census metrics".',
    },
    EXIT_CODES.lease,
  )
}
