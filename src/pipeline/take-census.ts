import { movement } from '../derive/day-gate.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Sweep } from '../domain/sweep.ts'
import { type CaptureOptions, type CaptureResult, captureSweep } from './capture-sweep.ts'
import type { NightJudgement } from './judge-night.ts'
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
    const { pageSize, walkers, readsCardText, gate } = place
    const options = { pageSize, walkers, readsCardText, gate, notice, signal, ...extra }
    return await captureSweep(options, { hub, store, clock, log, machineClock: machine })
  } finally {
    await hub.close()
  }
}

/** What a sweep's end means for the caller. */
export function sweepEnd({ sweep, began, heldBecause, judgement, interrupted }: CaptureResult): JobEnd {
  if (interrupted) {
    return {
      exitCode: EXIT_CODES.partial,
      summary: `Stopped after page ${sweep.pageCount} of the sweep of ${sweep.day}; ${sweep.rowCount} rows are kept. Run the same command to resume.`,
    }
  }
  const counts = sweepCounts(sweep)
  if (sweep.state === 'held') {
    return { exitCode: EXIT_CODES.held, summary: heldSummary(sweep, heldBecause, judgement, counts) }
  }
  const how = { fresh: 'complete', resumed: 'complete (resumed)', 'already-complete': 'was complete before' }[
    began
  ]
  return { exitCode: EXIT_CODES.complete, summary: `Sweep of ${sweep.day} ${how}: ${counts}.` }
}

/** Three lines: what happened, what it was compared with and what was kept, what to type. */
function heldSummary(
  { day }: Sweep,
  heldBecause: string | null,
  judgement: NightJudgement | null,
  counts: string,
): string {
  const lastGood = judgement?.lastGood ?? null
  const figures = judgement?.figures ?? null
  const compared =
    figures === null ? '' : `Compared with ${lastGood}, the last good day: ${comparisonWords(figures)}. `
  const stays = lastGood === null ? 'no day is published' : `the headline stays at ${lastGood}`
  return [
    `The sweep of ${day} is held back: ${heldBecause ?? 'see the log'}.`,
    `${compared}Its rows are kept (${counts}); ${stays}.`,
    `Look at it, then type: hub-census day accept ${day} --why "…", or hub-census day reject ${day} --why "…".`,
  ].join('\n')
}

function comparisonWords({ night, good }: NonNullable<NightJudgement['figures']>): string {
  const count = (value: number) => value.toLocaleString('en-US')
  const moved = (what: string, before: number, now: number) =>
    `${what} ${count(before)} to ${count(now)} (${movement(before, now)})`
  const { downloadsAllTime: ever } = night
  return [
    moved('repositories', good.repos, night.repos),
    `of the ${count(night.compared)} listed on both days ${moved('30-day downloads', good.downloads30d, night.downloads30d)}`,
    ever === null || good.downloadsAllTime === null
      ? 'all-time downloads not comparable'
      : moved('all-time downloads', good.downloadsAllTime, ever),
    `${count(night.fell)} fell`,
    night.unchanged === null ? 'unchanged ones not counted' : `${count(night.unchanged)} unchanged`,
  ].join(', ')
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
