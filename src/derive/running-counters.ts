/** Whether a repository counts: not observed yet, listed, or gone with its last counters. */
export const PRESENCE = { unobserved: 0, listed: 1, gone: 2 } as const

/**
 * The counters of every repository as known on one day, in columns by repository key: 17 bytes each, where an object
 * would take 150. `downloadsAllTime` is the last known value, NaN while none is.
 */
export interface RunningCounters {
  downloads30d: Float64Array
  downloadsAllTime: Float64Array
  presence: Uint8Array
  /** Makes room for a key. */
  reach(repoKey: number): void
}

/** `highestKey`: the highest repository key to come, as far as it is known; more make room for themselves. */
export function createRunningCounters(highestKey = 1023): RunningCounters {
  const firstLength = highestKey + 1
  const counters: RunningCounters = {
    downloads30d: new Float64Array(firstLength),
    downloadsAllTime: new Float64Array(firstLength).fill(Number.NaN),
    presence: new Uint8Array(firstLength),
    reach(repoKey) {
      const length = counters.presence.length
      if (repoKey < length) return
      const longer = Math.max(repoKey + 1, Math.ceil(length * 1.5))
      counters.downloads30d = lengthened(counters.downloads30d, new Float64Array(longer))
      counters.downloadsAllTime = lengthened(
        counters.downloadsAllTime,
        new Float64Array(longer).fill(Number.NaN),
      )
      counters.presence = lengthened(counters.presence, new Uint8Array(longer))
    },
  }
  return counters
}

/** `longer`, begun with what `column` holds. */
export function lengthened<T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(
  column: T,
  longer: T,
): T {
  longer.set(column)
  return longer
}
