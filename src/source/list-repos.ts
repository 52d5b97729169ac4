import type { Clock, Log } from '../domain/effects.ts'
import type { RejectedRow, RepoPage, RepoRow } from '../domain/repo.ts'
import type { HubAnswer, HubClient } from './hub-client.ts'
import { HubError, PAGES_KEPT } from './hub-error.ts'
import { jsonStart } from './json-start.ts'
import { parseNextPage } from './next-cursor.ts'
import { hubIdSeconds, isPrivateRow, parseRepoRow, RowShapeError, readHubId } from './parse-repo-row.ts'

/** Fields the census cannot do without: when the Hub refuses one, the sweep stops rather than store half a fact. */
const REQUIRED_FIELDS = new Set(['createdAt', 'downloads', 'private', 'tags'])

/** Fields whose absence is told by the row's counters alone: a page without them is still fully described. */
const COUNTER_FIELDS = new Set(['downloadsAllTime', 'likes'])

/** What a sweep asks for, in the order of the contract (hub-contract.md 7.3). */
export const SWEEP_FIELDS: readonly string[] = [
  'baseModels',
  'createdAt',
  'disabled',
  'downloads',
  'downloadsAllTime',
  'gated',
  'lastModified',
  'library_name',
  'likes',
  'pipeline_tag',
  'private',
  'safetensors',
  'tags',
]

const RAW_JSON_LENGTH = 4096
const EMPTY_PAGES_IN_A_ROW = 3

export interface ListReposOptions {
  /** Opaque cursor to go on from; null for the first page. */
  cursor: string | null
  /** Milliseconds since the epoch: rows born after it and before they were read belong to the next sweep. */
  startedAt: number
  /** Rows a page, up to 1,000. */
  pageSize: number
  /** Fields an earlier run of this sweep was refused. */
  refusedFields: readonly string[]
  clock: Clock
  log: Log
  signal?: AbortSignal
  /** Called when the Hub refuses a field the census can do without. */
  onRefusedField(field: string): void
}

/**
 * Walks every public repository in creation order: the only order whose key never changes, so nothing is skipped or
 * repeated while counters move, and any page can be resumed. Yields pages; throws a HubError.
 */
export async function* listRepos(hub: HubClient, options: ListReposOptions): AsyncGenerator<RepoPage> {
  const refused = new Set(options.refusedFields)
  const seenCursors = new Set<string>()
  let cursor = options.cursor
  let emptyPages = 0
  let hasWarned = false
  for (let page = 1; ; page += 1) {
    if (cursor !== null) seenCursors.add(cursor)
    const answer = await fetchPage(hub, cursor, refused, options)
    const next = parseNextPage(answer.link, hub.endpoint)
    if (next.foreignOrigin !== null && !hasWarned) {
      hasWarned = true
      options.log.warn(
        { named: next.foreignOrigin, used: hub.endpoint },
        'next page names another host; only its cursor is used',
      )
    }
    if (next.cursor !== null && seenCursors.has(next.cursor)) {
      throw new HubError({
        happened: `The Hub's cursor repeats at page ${page} of this run: it would go round for ever.`,
        kept: PAGES_KEPT,
        next: 'Run the same command later. If it stops at the same page, report it to the Hub.',
      })
    }
    const rows = answer.json as readonly unknown[]
    emptyPages = rows.length === 0 ? emptyPages + 1 : 0
    if (emptyPages >= EMPTY_PAGES_IN_A_ROW && next.cursor !== null) {
      throw new HubError({
        happened: `The Hub sent ${emptyPages} empty pages in a row, each with a next page.`,
        kept: PAGES_KEPT,
        next: 'Run the same command later: it resumes.',
      })
    }
    const isPartlyDescribed = [...refused].some(field => !COUNTER_FIELDS.has(field))
    yield { ...sortRows(rows, next.cursor, options), isPartlyDescribed }
    if (next.cursor === null) return
    cursor = next.cursor
  }
}

async function fetchPage(
  hub: HubClient,
  cursor: string | null,
  refused: Set<string>,
  options: ListReposOptions,
): Promise<HubAnswer> {
  for (;;) {
    const fields = SWEEP_FIELDS.filter(field => !refused.has(field))
    const query = new URLSearchParams({ limit: String(options.pageSize), sort: 'createdAt', direction: '1' })
    for (const field of fields) query.append('expand[]', field)
    if (cursor !== null) query.append('cursor', cursor)
    try {
      return await hub.get(`/api/models?${query}`, 'list', options.signal)
    } catch (error) {
      const field = refusedField(error, fields)
      if (field === null || REQUIRED_FIELDS.has(field)) throw error
      refused.add(field)
      options.log.warn({ field }, 'hub refuses a field; going on without it')
      options.onRefusedField(field)
    }
  }
}

/** The field a 400 names by its zero-based position, as the Hub's validator words it; null for any other error. */
function refusedField(error: unknown, fields: readonly string[]): string | null {
  if (!(error instanceof HubError) || error.status !== 400) return null
  const match = /expected one of .* at expand\[(\d+)\]/s.exec(error.message)
  return match ? (fields[Number(match[1])] ?? null) : null
}

function sortRows(
  raw: readonly unknown[],
  nextCursor: string | null,
  options: ListReposOptions,
): Omit<RepoPage, 'isPartlyDescribed'> {
  const observedAt = options.clock.now()
  const rows: RepoRow[] = []
  const rejected: RejectedRow[] = []
  let privateCount = 0
  const laterHubIds: string[] = []
  let lastHubId: string | null = null
  raw.forEach((row, position) => {
    const hubId = readHubId(row)
    if (hubId !== null && (lastHubId === null || hubId > lastHubId)) lastHubId = hubId
    if (isPrivateRow(row)) {
      privateCount += 1
      return
    }
    // Born during the walk: which of them a walk meets depends on its speed, so the next sweep takes them. A birth
    // after the moment of reading is somebody's wrong clock: the Hub lists it, so it is kept.
    const bornAt = hubId === null ? 0 : hubIdSeconds(hubId) * 1000
    if (hubId !== null && bornAt >= options.startedAt && bornAt < observedAt) {
      laterHubIds.push(hubId)
      return
    }
    try {
      rows.push(parseRepoRow(row))
    } catch (error) {
      if (!(error instanceof RowShapeError)) throw error
      rejected.push({ position, hubId, reason: error.message, rawJson: jsonStart(row, RAW_JSON_LENGTH) })
    }
  })
  return { rows, rejected, privateCount, laterHubIds, lastHubId, nextCursor, observedAt }
}
