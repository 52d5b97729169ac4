import { readFileSync, writeFileSync } from 'node:fs'

/** Resident memory of this process in megabytes (10^6 bytes): now, and the most since the last `resetPeak`. */
export interface Memory {
  rssMB: number
  peakMB: number
}

const MB = 1e6

/**
 * Reads this process's memory. On Linux the kernel keeps the peak, so a step that blocks the event loop hides nothing;
 * elsewhere the peak is the process's whole life.
 */
export function readMemory(): Memory {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    const read = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024
    return { rssMB: read('VmRSS') / MB, peakMB: read('VmHWM') / MB }
  } catch {
    return { rssMB: process.memoryUsage.rss() / MB, peakMB: (process.resourceUsage().maxRSS * 1024) / MB }
  }
}

/** Begins a new phase: the peak starts again from what is resident now. False where the system does not allow it. */
export function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}
