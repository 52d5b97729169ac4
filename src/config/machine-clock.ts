import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../domain/effects.ts'

/** The machine's own time. The one place that reads it. */
export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : undefined)
  },
}
