import { type HubProcess, startHubProcess } from '../fixtures/miniature-hub/hub-process.ts'
import { addDays, parseUtcDay } from '../src/domain/utc-day.ts'
import { type Measured, runMeasured } from './measured-process.ts'
import { type Night, type NightsInput, SWEEP_QUERY } from './sweep.ts'

/** The first day of every generated catalogue. */
const FIRST_DAY = parseUtcDay('2026-10-01')

/** A generated Hub in a process of its own, which prepares the pages of a day before it serves it. */
export interface BenchHub {
  origin: string
  days: readonly string[]
  notice: string
  /** Captures days of it in a process of its own, whose Node gets the flags, into a census file. */
  capture(
    file: string,
    days: readonly string[],
    withFloor: boolean,
    flags?: readonly string[],
  ): Promise<Measured<Night[]>>
  /** Serves a day, prepared. */
  serve(day: string): Promise<void>
  close(): Promise<void>
}

/** Starts a generated Hub of so many models over so many days, without a quota. */
export async function startBenchHub(models: number, days: number, seed = 1): Promise<BenchHub> {
  const notice = 'generated for a bench'
  const hub: HubProcess = await startHubProcess({
    models,
    firstDay: FIRST_DAY,
    days,
    seed,
    notice,
    quota: null,
  })
  const prepared = new Set<string>()
  const serve = async (day: string) => {
    if (!prepared.has(day)) await hub.prepare(day, SWEEP_QUERY)
    prepared.add(day)
    await hub.serveDay(day)
  }
  return {
    origin: hub.origin,
    days: Array.from({ length: days }, (_, index) => addDays(FIRST_DAY, index)),
    notice,
    serve,
    capture(file, wanted, withFloor, flags = []) {
      const input: NightsInput = { origin: hub.origin, file, notice, days: wanted, withFloor }
      return runMeasured<NightsInput, Night[]>(
        { module: new URL('./sweep.js', import.meta.url).href, step: 'takeNights' },
        input,
        { answer: question => serve((question as { serve: string }).serve), execArgv: flags },
      )
    },
    close: () => hub.close(),
  }
}
