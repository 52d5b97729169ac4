import type { Clock } from '../../src/domain/effects.ts'

interface Sleeper {
  until: number
  wake(): void
}

/** A clock that stands still until the test wakes the next sleeper: what overlaps stays overlapped. */
export interface StepClock extends Clock {
  /** When each sleeper is due, earliest first. */
  readonly due: readonly number[]
  /** Moves to the earliest sleeper and wakes it alone; false when nobody sleeps. */
  wakeNext(): boolean
  /** Wakes sleepers one by one, each followed by all it sets off without input or output, until nobody sleeps. */
  run(): Promise<void>
}

export function stepClock(start: string | number): StepClock {
  const sleepers: Sleeper[] = []
  let now = new Date(start).getTime()

  function wakeNext(): boolean {
    const next = sleepers.shift()
    if (next === undefined) return false
    now = Math.max(now, next.until)
    next.wake()
    return true
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          until: now + ms,
          wake() {
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        }
        signal?.addEventListener('abort', stop, { once: true })
        // Of those due together, the first to sleep wakes first.
        const place = sleepers.findIndex(({ until }) => until > sleeper.until)
        sleepers.splice(place < 0 ? sleepers.length : place, 0, sleeper)
      }),
    get due() {
      return sleepers.map(({ until }) => until)
    },
    wakeNext,
    async run() {
      do await settled()
      while (wakeNext())
    },
  }
}

/** Resolves when everything that waits for nothing but promises has gone as far as it can. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Wakes the next sleeper whenever all tasks that are not done sleep, until all are done: real sockets get their time. */
export async function drive(clock: StepClock, tasks: readonly Promise<unknown>[]): Promise<void> {
  let pending = tasks.length
  const done = () => {
    pending -= 1
  }
  for (const task of tasks) task.then(done, done)
  while (pending > 0) {
    if (clock.due.length === pending) clock.wakeNext()
    await settled()
  }
}
