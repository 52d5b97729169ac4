import type { AskedRepo } from '../domain/event-answer.ts'
import { findRepoByHubId, findReposByName } from '../store/find-repo.ts'
import type { Store } from '../store/open-store.ts'
import { unknownRepo } from './unknown-repo.ts'

const HUB_ID = /^[0-9a-f]{24}$/i

/**
 * The repository somebody asks for by its current name, a former one or its `_id`; of several that have or had the name, a
 * listed one that has it now before all others. Throws a CensusError (usage) when there is none.
 */
export function findAskedRepo(asked: string, store: Store): AskedRepo & { repoKey: number } {
  const byId = HUB_ID.test(asked) ? findRepoByHubId(store, asked) : null
  const [found, ...others] = byId === null ? findReposByName(store, asked) : [byId]
  if (!found) throw unknownRepo(store, asked)
  const { repoKey, hubId, repoId } = found
  return { repoKey, hubId, repoId, askedAs: asked === repoId ? null : asked, others: others.length }
}
