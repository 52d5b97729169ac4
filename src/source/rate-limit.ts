import { parseList } from 'structured-headers'

/** What the `RateLimit` headers say (IETF draft 9, as the Hub sends it). */
export interface RateLimit {
  /** Requests left in the window. */
  remaining: number
  /** Seconds to the window's end. */
  resetSeconds: number
  /** Requests a window allows; null when the policy header is missing. */
  quota: number | null
}

/** Reads `RateLimit: "api";r=489;t=189` and its policy. Null when absent or not understood: then nothing paces. */
export function parseRateLimit(limit: string | undefined, policy: string | undefined): RateLimit | null {
  const parameters = firstWithRemaining(limit)
  const remaining = parameters?.get('r')
  const resetSeconds = parameters?.get('t')
  if (typeof remaining !== 'number' || typeof resetSeconds !== 'number') return null
  // The Hub's policy, `"fixed window";"api";q=500;w=300`, is no structured header: a text cannot name a parameter.
  const quota = /;\s*q=(\d{1,15})(?!\d)/.exec(policy ?? '')?.[1]
  return { remaining, resetSeconds, quota: quota === undefined ? null : Number(quota) }
}

function firstWithRemaining(header: string | undefined): Map<string, unknown> | undefined {
  if (header === undefined) return undefined
  try {
    return parseList(header)
      .map(([, parameters]) => parameters as Map<string, unknown>)
      .find(parameters => parameters.has('r'))
  } catch {
    return undefined
  }
}

/**
 * Milliseconds to wait before the next request so that the window ends with our share used and the rest left to the
 * operator's other tools. `quotaShare` is 0 (exclusive) to 1. Even spacing, so a steady run never meets a 429.
 */
export function paceMs(limit: RateLimit, quotaShare: number): number {
  // Our share is used up: the window has to turn.
  if (isShareSpent(limit, quotaShare)) return (limit.resetSeconds + 1) * 1000
  return Math.ceil((limit.resetSeconds * 1000) / usable(limit, quotaShare))
}

/** Whether the window holds no further request of our share: all that is left belongs to the operator's other tools. */
export function isShareSpent(limit: RateLimit, quotaShare: number): boolean {
  return usable(limit, quotaShare) <= 0
}

function usable(limit: RateLimit, quotaShare: number): number {
  const reserve = limit.quota === null ? 0 : Math.ceil(limit.quota * (1 - quotaShare))
  return limit.remaining - reserve
}

/** Seconds named by `Retry-After`, in its seconds form or as an HTTP date; null when absent, past or nonsense. */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null
  if (/^\d+$/.test(header.trim())) return Number(header)
  const instant = Date.parse(header)
  if (Number.isNaN(instant) || instant <= nowMs) return null
  return Math.ceil((instant - nowMs) / 1000)
}
