import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Sweep } from '../domain/sweep.ts'
import { type CaptureOptions, type CaptureResult, captureSweep } from './capture-sweep.ts'
import { openHub, settleClock } from './open-census.ts'
import type { JobContext, JobEnd } from './run-job.ts'

/** Greets the Hub, settles the clock, captures the day's sweep and closes the connection. Throws as captureSweep does. */
export async function takeCensus(
  { store, clock: machine, log, place, signal }: JobContext,
  extra: Pick<CaptureOptions, 'onPage' | 'acceptShrinkage'> = {},
): Promise<CaptureResult> {
  const { clock, notice, hear } = await settleClock(place, place.follow, { clock: machine, log }, signal)
  const hub = openHub(place, { clock, log }, hear)
  try {
    const { pageSize, walkers, readsCardText } = place
    const options = { pageSize, walkers, readsCardText, notice, signal, ...extra }
    return await captureSweep(options, { hub, store, clock, log, machineClock: machine })
  } finally {
    await hub.close()
  }
}

/** What a sweep's end means for the caller. */
export function sweepEnd({ sweep, began, heldBecause, interrupted }: CaptureResult): JobEnd {
  if (interrupted) {
    return {
      exitCode: EXIT_CODES.partial,
      summary: `Stopped after page ${sweep.pageCount} of the sweep of ${sweep.day}; ${sweep.rowCount} rows are kept. Run the same command to resume.`,
    }
  }
  const counts = sweepCounts(sweep)
  if (sweep.state === 'held') {
    return {
      exitCode: EXIT_CODES.held,
      summary: `The sweep of ${sweep.day} is held back: ${heldBecause ?? 'see the log'}. Its rows are kept (${counts}); the headline stays at the last good day.`,
    }
  }
  const how = { fresh: 'complete', resumed: 'complete (resumed)', 'already-complete': 'was complete before' }[
    began
  ]
  return { exitCode: EXIT_CODES.complete, summary: `Sweep of ${sweep.day} ${how}: ${counts}.` }
}

function sweepCounts(sweep: Sweep): string {
  const count = (value: number) => value.toLocaleString('en-US')
  const allTime = sweep.downloadsAllTimeTotal === null ? 'unknown' : count(sweep.downloadsAllTimeTotal)
  return [
    `rows in ${count(sweep.rowCount)} = stored ${count(sweep.storedCount)} + unchanged ${count(sweep.unchangedCount)} + quarantined ${count(sweep.quarantinedCount)}`,
    `${sweep.pageCount} pages`,
    `30-day downloads ${count(sweep.downloads30dTotal)}`,
    `all-time ${allTime}`,
    `${count(sweep.absentCount)} absent`,
  ].join(', ')
}
