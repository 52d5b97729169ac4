import type { HubClient } from './hub-client.ts'
import { HubError } from './hub-error.ts'

export interface HubGreeting {
  /** The Hub's own clock, milliseconds since the epoch. */
  hubTime: number
  /** What the source says of its own data, or null. */
  notice: string | null
}

/** Asks the Hub for one row to learn its time and what it says of its data. Throws a HubError. */
export async function greetHub(hub: HubClient, signal?: AbortSignal): Promise<HubGreeting> {
  const answer = await hub.get(
    '/api/models?limit=1&sort=createdAt&direction=1&expand[]=createdAt',
    'list',
    signal,
  )
  if (answer.hubTime === null) {
    throw new HubError({
      happened: `${hub.endpoint} sends no Date header, so its day cannot be told.`,
      kept: 'Nothing was written.',
      next: 'Check HF_ENDPOINT: the Hub and its mirrors send one.',
    })
  }
  return { hubTime: answer.hubTime, notice: answer.notice }
}
