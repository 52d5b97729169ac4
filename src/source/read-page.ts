import type { RejectedRow, RepoPage, RepoRow } from '../domain/repo.ts'
import { jsonStart } from './json-start.ts'
import { packRows } from './pack-rows.ts'
import { hubIdSeconds, isPrivateRow, parseIdentifiedRow, RowShapeError, readHubId } from './parse-repo-row.ts'
import type { HubBody } from './read-body.ts'
import { DEEPEST_NESTING, parseJsonBody, refuseNested, UnreadableBodyError } from './read-json.ts'

const RAW_JSON_LENGTH = 4096
/** Ten times the Hub's largest page: a list of a million nothings is no page, and its rows are not looked at. */
const MOST_ROWS = 10_000

/** What decides which rows of a page count. */
export interface PageBounds {
  /** Milliseconds since the epoch: rows born after it and before they were read belong to the next sweep. */
  startedAt: number
  /** When the page was received, milliseconds since the epoch. */
  observedAt: number
  /** The walk takes rows after this `_id`; null for all from the first. */
  afterHubId?: string | null
  /** `_id` of the last row this walk may take; null for no end. */
  untilHubId: string | null
}

/** A page's rows sorted out; what its headers and its request say is added by the walk. */
export interface ReadPage extends Omit<RepoPage, 'isPartlyDescribed' | 'isCardTextMissing' | 'nextCursor'> {
  /** Rows as received. */
  receivedCount: number
  /** Every row that says where it stands lay beyond `untilHubId`: the walk has passed its end. One such row alone may be out of its place. */
  isBeyondEnd: boolean
}

/** Reads a page of the Hub's list. Throws UnreadableBodyError when the body is not a JSON list. */
export function readPage(body: HubBody, bounds: PageBounds): ReadPage {
  const raw = parseJsonBody(body, 'list') as readonly unknown[]
  if (raw.length > MOST_ROWS) throw new UnreadableBodyError(`a list of more than ${MOST_ROWS} rows`)
  const { startedAt, observedAt, afterHubId = null, untilHubId } = bounds
  const startedWith = firstHubIdDigits(startedAt)
  const rows: RepoRow[] = []
  const rejected: RejectedRow[] = []
  const laterHubIds: string[] = []
  let privateCount = 0
  let lastHubId: string | null = null
  let beyondCount = 0
  let withinCount = 0
  /** Behind the last of our rows: what has no readable id from here on is listed by the next walker too. */
  let theirsFrom = Number.POSITIVE_INFINITY
  for (let position = 0; position < raw.length; position += 1) {
    const row = raw[position]
    refuseNestedRow(row)
    const hubId = readHubId(row)
    // Another walker's rows: it lists them itself, and they must not count twice.
    if (hubId !== null && untilHubId !== null && hubId > untilHubId) {
      theirsFrom = Math.min(theirsFrom, position)
      beyondCount += 1
      continue
    }
    if (hubId !== null) {
      withinCount += 1
      theirsFrom = hubId === untilHubId ? position + 1 : Number.POSITIVE_INFINITY
    }
    if (hubId !== null && afterHubId !== null && hubId <= afterHubId) continue
    if (hubId !== null && (lastHubId === null || hubId > lastHubId)) lastHubId = hubId
    if (isPrivateRow(row)) {
      privateCount += 1
      continue
    }
    // Born during the walk: which of them a walk meets depends on its speed, so the next sweep takes them. A birth
    // after the moment of reading is somebody's wrong clock: the Hub lists it, so it is kept.
    if (hubId !== null && hubId >= startedWith && hubIdSeconds(hubId) * 1000 < observedAt) {
      laterHubIds.push(hubId)
      continue
    }
    try {
      rows.push(parseIdentifiedRow(row, hubId))
    } catch (error) {
      if (!(error instanceof RowShapeError)) throw error
      rejected.push({ position, hubId, reason: error.message, rawJson: jsonStart(row, RAW_JSON_LENGTH) })
    }
  }
  return {
    rows: packRows(rows),
    rejected: rejected.filter(row => row.hubId !== null || row.position < theirsFrom),
    privateCount,
    laterHubIds,
    lastHubId,
    observedAt,
    receivedCount: raw.length,
    isBeyondEnd: beyondCount > 0 && withinCount === 0,
  }
}

/** What every `_id` made at that moment or later, and none made before, is not below; milliseconds since the epoch. */
function firstHubIdDigits(instant: number): string {
  return Math.max(0, Math.ceil(instant / 1000))
    .toString(16)
    .padStart(8, '0')
}

/** Throws UnreadableBodyError for a row that nests deeper than any of the Hub's; tags, which are texts, are not looked into. */
function refuseNestedRow(row: unknown): void {
  if (typeof row !== 'object' || row === null) return
  for (const name in row) {
    const value = (row as Record<string, unknown>)[name]
    if (typeof value !== 'object' || value === null) continue
    if (name !== 'tags' || !Array.isArray(value) || value.some(tag => typeof tag === 'object')) {
      refuseNested(value, DEEPEST_NESTING - 2)
    }
  }
}
