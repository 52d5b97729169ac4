import { performance } from 'node:perf_hooks'
import { percentile } from './figures.ts'

/** How long one question took, in milliseconds. */
export interface Latency {
  p50: number
  p95: number
  calls: number
}

/** How often to ask: `calls` times, or fewer where they take longer than `budgetSeconds` together; at least three times. */
export interface CallBudget {
  calls: number
  budgetSeconds: number
}

/** Asks one question again and again. `question` is told the number of the call. */
export function timeCalls(
  question: (call: number) => unknown,
  { calls, budgetSeconds }: CallBudget,
): Latency {
  const times: number[] = []
  const began = performance.now()
  while (times.length < calls) {
    const since = performance.now()
    question(times.length)
    times.push(performance.now() - since)
    if (times.length >= 3 && performance.now() - began > budgetSeconds * 1000) break
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), calls: times.length }
}
