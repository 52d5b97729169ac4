/** The machine's time, passed in so that a test or a replay can supply its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

type LogCall = (fields: Record<string, unknown>, message: string) => void

/** The part of a structured logger that the layers use. Fields carry the facts; the message is constant. */
export interface Log {
  debug: LogCall
  info: LogCall
  warn: LogCall
  error: LogCall
}

/** A log that says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
