import { DERIVATIVE_RELATIONS, type DerivativeRelation } from '../domain/relation.ts'
import { visibleText } from '../domain/visible-text.ts'
import type { HubClient } from './hub-client.ts'
import { HubError } from './hub-error.ts'

/**
 * The Hub's own count of a repository's direct derivatives, by relation (`childrenModelCount`, model info only).
 * Null when the repository is not there. Throws a HubError for everything else.
 */
export async function countChildren(
  hub: HubClient,
  repoId: string,
  signal?: AbortSignal,
): Promise<Map<DerivativeRelation, number> | null> {
  const path = repoId.split('/').map(encodeURIComponent).join('/')
  let json: unknown
  try {
    json = (await hub.get(`/api/models/${path}?expand[]=childrenModelCount`, 'object', signal)).json
  } catch (error) {
    // Deleted, disabled or renamed: not here under this name. An anonymous reader gets 401 for what is not there; with
    // a token the same answer means that the token was refused.
    const absent = hub.isAnonymous ? [307, 308, 401, 403, 404] : [307, 308, 403, 404]
    if (error instanceof HubError && error.status !== null && absent.includes(error.status)) return null
    throw error
  }
  const counts = (json as { childrenModelCount?: unknown }).childrenModelCount
  if (typeof counts !== 'object' || counts === null) throw notCounts(repoId)
  const byRelation = new Map<DerivativeRelation, number>()
  for (const relation of DERIVATIVE_RELATIONS) {
    const count = (counts as Record<string, unknown>)[relation] ?? 0
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw notCounts(repoId)
    byRelation.set(relation, count)
  }
  return byRelation
}

function notCounts(repoId: string): HubError {
  return new HubError({
    happened: `childrenModelCount of ${visibleText(repoId, 200)} is not an object of counts.`,
    kept: 'Checks made before this one are in the file.',
    next: 'The Hub changed its answer: report this.',
  })
}
