import type { Clock } from '../src/domain/effects.ts'

/** Real milliseconds without any news after which nobody can still be at work: a page and its commit take less. */
const QUIET_MS = 4

interface Sleeper {
  until: number
  wake(): void
}

/**
 * A clock that moves only when everybody sleeps: hours of pacing pass in seconds, and what happens in between takes no
 * time. Real work (a request on loopback, a parsing thread) is not seen, so time moves on after a real pause without
 * news; with `isAlone` at once, because a single walker that sleeps leaves nobody at work.
 */
export function createVirtualClock(startedAt: number, { isAlone }: { isAlone: boolean }): Clock {
  const sleepers = new Set<Sleeper>()
  let now = startedAt
  let timer: NodeJS.Timeout | undefined
  let round = 0

  function expectQuiet(): void {
    clearTimeout(timer)
    const mine = ++round
    const moveOn = () => {
      if (mine === round) wakeNext()
    }
    if (sleepers.size === 0) return
    if (isAlone) setImmediate(moveOn)
    else timer = setTimeout(moveOn, QUIET_MS)
  }

  function wakeNext(): void {
    now = Math.max(now, Math.min(...[...sleepers].map(sleeper => sleeper.until)))
    for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake()
    expectQuiet()
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const end = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', stop)
        }
        const stop = () => {
          end()
          reject(signal?.reason)
          expectQuiet()
        }
        const sleeper: Sleeper = {
          until: now + ms,
          wake() {
            end()
            resolve()
          },
        }
        signal?.addEventListener('abort', stop)
        sleepers.add(sleeper)
        expectQuiet()
      }),
  }
}
