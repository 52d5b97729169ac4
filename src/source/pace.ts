import type { Clock } from '../domain/effects.ts'
import { isShareSpent, paceMs, type RateLimit } from './rate-limit.ts'

/** The Hub asks for a longer pause than a run may take. */
export class LongPauseError extends Error {
  override name = 'LongPauseError'
  readonly waitMs: number

  constructor(waitMs: number) {
    super(`a pause of ${Math.ceil(waitMs / 1000)} s is asked for`)
    this.waitMs = waitMs
  }
}

/** Spaces the requests of one client, however many of them are under way: one queue, one pause for all. */
export interface Pacer {
  /** Takes the next place in the queue and resolves when it has come. Rejects with LongPauseError, or when the signal aborts. */
  takeTurn(signal?: AbortSignal): Promise<void>
  /** What an answer said of the window: sets the spacing from here on. */
  learn(limit: RateLimit): void
  /** Nobody asks again for so long, from now. */
  pause(ms: number): void
}

const EARLIEST = Number.NEGATIVE_INFINITY

/** `quotaShare`: the part of the Hub's quota this client may use, above 0 and up to 1. */
export function createPacer(
  clock: Clock,
  quotaShare: number,
  longestWaitMs = Number.POSITIVE_INFINITY,
): Pacer {
  let spacing = 0
  /** When the window that the spacing belongs to has turned. */
  let windowEnd = EARLIEST
  let lastTurn = EARLIEST
  let pausedUntil = EARLIEST

  function nextTurn(): number {
    const spaced = lastTurn + spacing
    // Behind the window's end another spacing holds, which its first answer will tell.
    const due = spaced > windowEnd ? Math.max(lastTurn, windowEnd) : spaced
    return Math.max(clock.now(), due, pausedUntil)
  }

  function pause(ms: number): void {
    pausedUntil = Math.max(pausedUntil, clock.now() + ms)
  }

  return {
    async takeTurn(signal) {
      const turn = nextTurn()
      lastTurn = turn
      for (;;) {
        // A pause announced while this request waited holds for it too.
        const wait = Math.max(turn, pausedUntil) - clock.now()
        if (wait <= 0) return
        if (wait > longestWaitMs) throw new LongPauseError(wait)
        await clock.sleep(wait, signal)
      }
    },
    learn(limit) {
      const pace = paceMs(limit, quotaShare)
      if (isShareSpent(limit, quotaShare)) return pause(pace)
      spacing = pace
      windowEnd = clock.now() + (limit.resetSeconds + 1) * 1000
    },
    pause,
  }
}
