import {
  beatLease,
  isSameBeat,
  type Lease,
  leaseHeld,
  leaseLost,
  releaseLease,
  takeLease,
} from '../store/lease.ts'
import type { Effects } from './effects.ts'

/** Six beats may fail, or wait for a busy file, before a living holder looks silent. */
const BEAT_MS = 20_000
/** How long a beat must stand still before its holder is taken for dead. */
const SILENCE_LIMIT_MS = 120_000
const LOOK_MS = 5_000

/** `clock` must be the machine's own: a replayed day stands still, and nothing on it grows old. */
export interface LeaseEffects extends Pick<Effects, 'store' | 'clock' | 'log'> {
  signal?: AbortSignal
}

/**
 * Runs `run` while this process has the lease, which is shown to be alive every 20 seconds and freed however `run`
 * ends. `run` gets the lease, to guard its writes with, and a signal that aborts on `effects.signal` and when the lease
 * is lost. Throws a LeaseError when another process has the lease, or took it over before the end.
 *
 * A holder whose process is gone from this machine is replaced at once. Any other is replaced only after its beat was
 * watched standing still for two minutes, counted in sleeps, which no setting of a clock shortens or stretches. The
 * wall clock decides only whether watching is worth while: a beat that looks fresh is believed without it.
 */
export async function holdLease<T>(
  effects: LeaseEffects,
  name: string,
  run: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { store, clock, log } = effects
  const lease = await acquire(effects, name)
  const lost = new AbortController()
  const beat = () => {
    try {
      if (!beatLease(store, lease, clock.now())) lost.abort(leaseLost(store, lease))
    } catch (problem) {
      // A file that is busy or full now may not be at the next beat; if the lease is gone by then, the fence holds.
      log.warn({ lease: name, problem: String(problem) }, 'the lease could not be renewed')
    }
  }
  const beating = setInterval(beat, BEAT_MS)
  beating.unref()
  try {
    const result = await run(
      lease,
      AbortSignal.any([lost.signal, ...(effects.signal ? [effects.signal] : [])]),
    )
    // A run that stops on its signal ends well; without the lease it did not.
    lost.signal.throwIfAborted()
    return result
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error
  } finally {
    clearInterval(beating)
    release(effects, lease)
  }
}

async function acquire({ store, clock, log, signal }: LeaseEffects, name: string): Promise<Lease> {
  let attempt = takeLease(store, name, clock.now())
  if (attempt.kind === 'held') {
    const { holder } = attempt
    const age = clock.now() - holder.beatAt
    if (age >= 0 && age <= SILENCE_LIMIT_MS) throw leaseHeld(store, holder)
    const { pid, host } = holder
    log.warn(
      { lease: name, pid, host, age, forMs: SILENCE_LIMIT_MS },
      'watching whether the holder of the lease lives',
    )
    for (let watched = 0; watched < SILENCE_LIMIT_MS; watched += LOOK_MS) {
      await clock.sleep(LOOK_MS, signal)
      const isLastLook = watched + LOOK_MS >= SILENCE_LIMIT_MS
      attempt = takeLease(store, name, clock.now(), isLastLook ? holder : undefined)
      if (attempt.kind === 'taken') break
      if (!isSameBeat(attempt.holder, holder)) throw leaseHeld(store, attempt.holder)
    }
  }
  if (attempt.kind === 'held') throw leaseHeld(store, attempt.holder)
  if (attempt.takenOver) {
    const { from, because } = attempt.takenOver
    const { pid, host, takenAt, beatAt } = from
    log.warn(
      { lease: name, because, pid, host, takenAt, beatAt, fence: attempt.lease.fence },
      'lease taken over',
    )
  }
  return attempt.lease
}

function release({ store, log }: LeaseEffects, lease: Lease): void {
  try {
    releaseLease(store, lease)
  } catch (problem) {
    // Nothing is lost: this process knows that it has done with it, and any other sees that it is gone or silent.
    log.warn({ lease: lease.name, problem: String(problem) }, 'the lease could not be freed')
  }
}
