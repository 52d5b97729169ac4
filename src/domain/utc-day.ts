/** A UTC calendar day, `YYYY-MM-DD`. Always the day we observed, never the day a download happened. */
export type UtcDay = string & { readonly __utcDay: unique symbol }

const DAY_MS = 86_400_000
const SHAPE = /^\d{4}-\d{2}-\d{2}$/

/** Reads `YYYY-MM-DD`. Throws a RangeError for anything else, impossible dates such as 2026-02-30 included. */
export function parseUtcDay(text: string): UtcDay {
  if (SHAPE.test(text)) {
    const instant = Date.parse(`${text}T00:00:00Z`)
    if (!Number.isNaN(instant) && new Date(instant).toISOString().slice(0, 10) === text) return text as UtcDay
  }
  throw new RangeError(`not a day: ${JSON.stringify(text)}, expected YYYY-MM-DD`)
}

/** The UTC day that holds an instant, given in milliseconds since the epoch. */
export function dayOf(instantMs: number): UtcDay {
  return new Date(instantMs).toISOString().slice(0, 10) as UtcDay
}

/** Days since 1970-01-01: the integer form the store keeps. */
export function dayNumber(day: UtcDay): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS
}

/** The day behind a stored day number. */
export function dayFromNumber(number: number): UtcDay {
  return dayOf(number * DAY_MS)
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: UtcDay, count: number): UtcDay {
  return dayFromNumber(dayNumber(day) + count)
}

/** Days from `from` to `until`; negative when `until` is earlier. */
export function daysBetween(from: UtcDay, until: UtcDay): number {
  return dayNumber(until) - dayNumber(from)
}
