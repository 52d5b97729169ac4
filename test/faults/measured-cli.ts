import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../support/census.ts'
import { type CliOptions, type CliResult, startCli } from '../support/cli.ts'

const MEGABYTE = 1024 * 1024
/** A run that has taken this much memory, or this long, has shown what it had to show. */
const STOP_AT_MB = 800
const STOP_AFTER_MS = 15_000
const LOOK_EVERY_MS = 50

export interface MeasuredResult extends CliResult {
  /** The most memory the process held at any moment, its threads included. */
  peakMb: number
}

/** Writes the most memory the process ever held when it ends, as the system counts it. */
const NOTE_PEAK = [
  "import { writeFileSync } from 'node:fs'",
  "import { isMainThread } from 'node:worker_threads'",
  'Math.random = () => 0',
  "if (isMainThread) process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)))",
].join(';')

/** Runs the built command line to its end without waits between attempts, and measures its memory. */
export async function runMeasuredCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<MeasuredResult> {
  const peakFile = join(temporaryFolder(), 'peak')
  const note = `--import=data:text/javascript,${encodeURIComponent(NOTE_PEAK)}`
  const { child, done } = startCli(args, {
    ...options,
    env: { ...options.env, PEAK_FILE: peakFile, NODE_OPTIONS: note },
  })
  const startedAt = performance.now()
  let seenMb = 0
  const looking = setInterval(() => {
    seenMb = Math.max(seenMb, peakNowMb(child.pid))
    if (seenMb > STOP_AT_MB || performance.now() - startedAt > STOP_AFTER_MS) child.kill('SIGKILL')
  }, LOOK_EVERY_MS)
  const met = await done
  clearInterval(looking)
  // Kilobytes, on every system Node runs on.
  const notedMb = existsSync(peakFile) ? (Number(readFileSync(peakFile, 'utf8')) * 1024) / MEGABYTE : 0
  return { ...met, peakMb: Math.max(seenMb, notedMb) }
}

/** What Linux says of a running process; 0 elsewhere, where only the note at the end counts. */
function peakNowMb(pid: number | undefined): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return (Number(kilobytes ?? 0) * 1024) / MEGABYTE
  } catch {
    return 0
  }
}
