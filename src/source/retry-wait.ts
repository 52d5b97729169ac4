/** What a failed attempt was: the facts a wait is decided from. */
export type Failure =
  | {
      kind: 'status'
      status: number
      resetSeconds: number | null
      quotaLeft: boolean
      retryAfter: number | null
    }
  | { kind: 'transport'; message: string }
  | { kind: 'body'; message: string }

const RETRIED_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504])

/** Whether another attempt can help. 400, 401, 403, 404, 410 and the like never do. */
export function mayRetry(failure: Failure): boolean {
  return failure.kind !== 'status' || RETRIED_STATUSES.has(failure.status)
}

/**
 * Milliseconds to wait after the failed attempt number `attempt` (from 1). Server timing wins and is never shortened:
 * an exhausted window waits for its end plus a second, `Retry-After` its time plus a second. Otherwise full jitter
 * between 0 and min(60 s, 1 s · 2^attempt), with `random` in [0, 1).
 */
export function retryWaitMs(failure: Failure, attempt: number, random: number): number {
  if (failure.kind === 'status') {
    if (failure.status === 429 && !failure.quotaLeft && failure.resetSeconds !== null) {
      return (failure.resetSeconds + 1) * 1000
    }
    if (failure.retryAfter !== null) return (failure.retryAfter + 1) * 1000
  }
  return Math.floor(random * Math.min(60_000, 1000 * 2 ** attempt))
}
