import { CensusError } from '../domain/census-error.ts'
import type { Clock } from '../domain/effects.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import { loadRegistry } from '../registry/load-registry.ts'
import { greetHub } from '../source/greet-hub.ts'
import { createHubClient, type HubClient } from '../source/hub-client.ts'
import { openStore } from '../store/open-store.ts'
import { explainSqliteError } from '../store/store-error.ts'
import type { Effects } from './effects.ts'

/** A day of difference between the machine and the Hub files counters under the wrong date. */
const LARGEST_CLOCK_SKEW_MS = 12 * 3600_000
const NOTABLE_CLOCK_SKEW_MS = 5 * 60_000

/** Where the census is kept and judged. */
export interface CensusPlace {
  file: string
  migrationsFolder: string
  registryFolder: string
}

/** Where the Hub answers and how we ask. */
export interface HubPlace {
  endpoint: string
  /** The token to send to that endpoint and nowhere else, or null. */
  readToken(): string | null
  userAgent: string
  quotaShare: number
  /** Attempts a request gets before it is given up. */
  attempts: number
}

/** What a command that only reads needs. */
export type ReadEffects = Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>

/** Opens the census file and the registry. Throws StoreError, LeaseError, RegistryError. */
export function openCensus(
  place: CensusPlace,
  options: { mustExist: boolean },
  { clock, log }: Pick<Effects, 'clock' | 'log'>,
): ReadEffects & { close(): void } {
  const { file, migrationsFolder, registryFolder } = place
  const registry = loadRegistry(registryFolder)
  const store = openStore({ file, migrationsFolder, mustExist: options.mustExist })
  return { store, registry, clock, log, close: () => store.close() }
}

/**
 * Opens the census for one action and closes it again. What SQLite throws inside comes out as a StoreError or a
 * LeaseError that says what was kept.
 */
export async function withCensus<T>(
  place: CensusPlace,
  options: { mustExist: boolean },
  effects: Pick<Effects, 'clock' | 'log'>,
  action: (census: ReadEffects) => T | Promise<T>,
): Promise<T> {
  const census = openCensus(place, options, effects)
  try {
    return await action(census)
  } catch (error) {
    throw explainSqliteError(error, place.file)
  } finally {
    census.close()
  }
}

/** A client of the configured Hub. */
export function openHub(
  place: HubPlace,
  { clock, log }: Pick<Effects, 'clock' | 'log'>,
  onHubTime?: (hubTime: number) => void,
): HubClient {
  const { endpoint, userAgent, quotaShare, attempts } = place
  return createHubClient({
    endpoint,
    token: place.readToken(),
    userAgent,
    quotaShare,
    attempts,
    clock,
    log,
    ...(onHubTime ? { onHubTime } : {}),
  })
}

/** Whose time counts, and what the source says of its data. */
export interface SettledClock {
  clock: Clock
  notice: string | null
  /** To be told the Hub's time with every answer; moves a clock that follows the Hub, and no other. */
  hear(hubTime: number): void
}

/**
 * Asks the Hub for its time and its notice, and settles whose clock decides the day. With `follow: 'hub'` it is always
 * the time the Hub last said, so that a replayed day stands still. Throws a CensusError when the machine and the Hub disagree by more than 12 hours.
 */
export async function settleClock(
  place: HubPlace,
  follow: 'machine' | 'hub',
  { clock, log }: Pick<Effects, 'clock' | 'log'>,
  signal?: AbortSignal,
): Promise<SettledClock> {
  const hub = openHub(place, { clock, log })
  try {
    const { hubTime, notice } = await greetHub(hub, signal)
    if (follow === 'hub') {
      let heard = hubTime
      const hear = (time: number) => {
        heard = Math.max(heard, time)
      }
      return { clock: { now: () => heard, sleep: clock.sleep }, notice, hear }
    }
    const behind = hubTime - clock.now()
    if (Math.abs(behind) > LARGEST_CLOCK_SKEW_MS) {
      throw new CensusError(
        {
          happened: `${place.endpoint} says it is ${new Date(hubTime).toISOString()}, this machine says ${new Date(clock.now()).toISOString()}.`,
          kept: 'Nothing was written: counters would be filed under the wrong day.',
          next: "Set the machine's clock, or, when this Hub replays recorded days, add --clock hub.",
        },
        EXIT_CODES.usage,
      )
    }
    if (Math.abs(behind) > NOTABLE_CLOCK_SKEW_MS) {
      log.warn({ skewMs: behind }, 'the clocks of this machine and of the Hub differ')
    }
    return { clock, notice, hear() {} }
  } finally {
    await hub.close()
  }
}
