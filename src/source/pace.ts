import type { Clock } from '../domain/effects.ts'
import { isShareSpent, paceMs, type RateLimit } from './rate-limit.ts'

/** Spaces the requests of one client, however many of them are under way: one queue, one pause for all. */
export interface Pacer {
  /** Milliseconds until a request asked for now may leave. */
  waitMs(): number
  /** Takes the next place in the queue and resolves when it has come. Rejects when the signal aborts. */
  takeTurn(signal?: AbortSignal): Promise<void>
  /** What an answer said of the window: sets the spacing from here on. */
  learn(limit: RateLimit): void
  /** Nobody asks again for so long, from now. */
  pause(ms: number): void
}

/** `quotaShare`: the part of the Hub's quota this client may use, above 0 and up to 1. */
export function createPacer(clock: Clock, quotaShare: number): Pacer {
  let spacing = 0
  /** When the queue's next place is due. */
  let nextTurn = Number.NEGATIVE_INFINITY
  let lastTurn = Number.NEGATIVE_INFINITY
  let pausedUntil = Number.NEGATIVE_INFINITY

  const due = () => Math.max(clock.now(), nextTurn, pausedUntil)

  function pause(ms: number): void {
    pausedUntil = Math.max(pausedUntil, clock.now() + ms)
  }

  return {
    waitMs: () => due() - clock.now(),
    async takeTurn(signal) {
      lastTurn = due()
      nextTurn = lastTurn + spacing
      const turn = lastTurn
      for (;;) {
        // A pause announced while this request waited holds for it too.
        const wait = Math.max(turn, pausedUntil) - clock.now()
        if (wait <= 0) return
        await clock.sleep(wait, signal)
      }
    },
    learn(limit) {
      const pace = paceMs(limit, quotaShare)
      if (isShareSpent(limit, quotaShare)) pause(pace)
      else spacing = pace
      nextTurn = lastTurn + spacing
    },
    pause,
  }
}
