import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock, Log } from '../domain/effects.ts'
import type { RepoPage } from '../domain/repo.ts'
import type { HubClient } from './hub-client.ts'
import { HubError, PAGES_KEPT } from './hub-error.ts'
import { FIRST_PAGE, type NextPage } from './next-cursor.ts'
import type { PageReader } from './page-reader.ts'
import { openPageWalk } from './page-walk.ts'

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

/** The front matter of the card: a few hundred rows in ten thousand name a base nowhere else (hub-contract.md 2.1). */
export const CARD_FIELD = 'cardData'

/**
 * Whether a walk asks for the text of the cards: `read`; `none`, also by default; or `kept`, not asked for, although the
 * file knows bases from cards that were read before.
 */
export type CardText = 'read' | 'kept' | 'none'

const EMPTY_PAGES_IN_A_ROW = 3

export interface ListReposOptions {
  /** Opaque cursor to go on from; null for the first page. */
  cursor: string | null
  /** Rows after this `_id` are taken; null for all. */
  afterHubId?: string | null
  /** `_id` of the last row to take; null for the end of the list. */
  untilHubId?: string | null
  /** Milliseconds since the epoch: rows born after it and before they were read belong to the next sweep. */
  startedAt: number
  /** Rows a page, up to 1,000. */
  pageSize: number
  /** Fields an earlier run of this sweep was refused. */
  refusedFields: readonly string[]
  cardText?: CardText
  /** Reads the pages; it stays the caller's to close. */
  reader: PageReader
  clock: Clock
  log: Log
  signal?: AbortSignal
  /** Called when the Hub refuses a field the census can do without. */
  onRefusedField(field: string): void
}

/**
 * Walks public repositories in creation order: the only order whose key never changes, so nothing is skipped or
 * repeated while counters move, and any page can be resumed. Asks for the pages ahead while one is read and written.
 * Yields pages in order; throws a HubError.
 */
export async function* listRepos(hub: HubClient, options: ListReposOptions): AsyncGenerator<RepoPage> {
  const seenCursors = new Set<string>()
  const readsCards = options.cardText === 'read'
  const walk = openPageWalk(hub, {
    ...options,
    fields: readsCards ? [...SWEEP_FIELDS, CARD_FIELD] : SWEEP_FIELDS,
    required: REQUIRED_FIELDS,
    heaviest: readsCards ? CARD_FIELD : null,
  })
  let cursor = options.cursor
  let emptyPages = 0
  let hasWarned = false
  try {
    for (let page = 1; ; page += 1) {
      if (cursor !== null) seenCursors.add(cursor)
      const { content, next, missing } = await walk.page(cursor)
      if (next.foreignOrigin !== null && !hasWarned) {
        hasWarned = true
        warnOfForeignHost(options.log, next, hub)
      }
      if (next.cursor !== null && (next.cursor === FIRST_PAGE || seenCursors.has(next.cursor))) {
        throw new HubError({
          happened: `The Hub's cursor repeats at page ${page} of this run: it would go round for ever.`,
          kept: PAGES_KEPT,
          next: 'Run the same command later. If it stops at the same page, report it to the Hub.',
        })
      }
      const { receivedCount, isBeyondEnd, ...rest } = content
      emptyPages = receivedCount === 0 ? emptyPages + 1 : 0
      if (emptyPages >= EMPTY_PAGES_IN_A_ROW && next.cursor !== null) {
        throw new HubError({
          happened: `The Hub sent ${emptyPages} empty pages in a row, each with a next page.`,
          kept: PAGES_KEPT,
          next: 'Run the same command later: it resumes.',
        })
      }
      const nextCursor = isBeyondEnd ? null : next.cursor
      const isPartlyDescribed = missing.some(field => !COUNTER_FIELDS.has(field) && field !== CARD_FIELD)
      const isCardTextMissing = options.cardText === 'kept' || missing.includes(CARD_FIELD)
      yield { ...rest, nextCursor, isPartlyDescribed, isCardTextMissing }
      if (nextCursor === null) return
      cursor = nextCursor
      // Writing a page holds this thread: what arrived meanwhile, and asks for the page after, gets its turn first.
      await nextTurn()
    }
  } finally {
    walk.end()
  }
}

function warnOfForeignHost(log: Log, next: NextPage, hub: HubClient): void {
  log.warn(
    { named: next.foreignOrigin, used: hub.endpoint },
    'next page names another host; only its cursor is used',
  )
}
