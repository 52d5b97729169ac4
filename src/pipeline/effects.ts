import type { Clock, Log } from '../domain/effects.ts'
import type { Registry } from '../domain/registry.ts'
import type { HubClient } from '../source/hub-client.ts'
import type { Store } from '../store/open-store.ts'

/** What a pipeline function needs of the world. Each takes the part it uses. */
export interface Effects {
  hub: HubClient
  store: Store
  registry: Registry
  clock: Clock
  log: Log
}
