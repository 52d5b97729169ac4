import type { HubClient } from './hub-client.ts'
import { HubError } from './hub-error.ts'
import { readHubId } from './parse-repo-row.ts'

/**
 * A cursor made by hand: the list of creation order is keyed on `_id` alone, so its cursor is a condition on it
 * (hub-contract.md 1.6). Officially cursors are opaque; use it only after `acceptsCursor` has said yes.
 */
export function createdAtCursor(afterHubId: string): string {
  return Buffer.from(JSON.stringify({ _id: { $gt: afterHubId } })).toString('base64')
}

/** Whether the Hub goes on after an `_id` of our choice. Throws a HubError when it does not answer at all. */
export async function acceptsCursor(
  hub: HubClient,
  afterHubId: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const query = new URLSearchParams({ limit: '1', sort: 'createdAt', direction: '1' })
  query.append('expand[]', 'createdAt')
  query.append('cursor', createdAtCursor(afterHubId))
  try {
    const { json } = await hub.get(`/api/models?${query}`, 'list', signal)
    const first = readHubId((json as unknown[])[0])
    // A Hub that ignores the cursor begins at the beginning; an empty list may be its way to refuse one.
    return first !== null && first > afterHubId
  } catch (error) {
    if (isCursorRefusal(error)) return false
    throw error
  }
}

/** Whether the Hub refused a page as it does with a cursor it does not know (any more), and not for its fields. */
export function isCursorRefusal(error: unknown): boolean {
  if (!(error instanceof HubError) || error.status === null || error.message.includes('at expand['))
    return false
  return [400, 404, 410, 422].includes(error.status)
}

/** The Hub dates nothing before this second: 2022-03-02T23:29:04Z. */
const FIRST_SECOND = 0x621ffdc0

/** `_id`s that part the time from the Hub's beginning to `until` (milliseconds) into `count` even stretches. */
export function evenBoundaries(count: number, until: number): string[] {
  const length = Math.max(count, until / 1000 - FIRST_SECOND)
  return Array.from({ length: count - 1 }, (_, index) => {
    const second = FIRST_SECOND + Math.floor((length * (index + 1)) / count)
    return `${second.toString(16).padStart(8, '0')}${'0'.repeat(16)}`
  })
}
