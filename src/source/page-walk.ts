import type { Clock, Log } from '../domain/effects.ts'
import { isUnreadable } from './explain-failure.ts'
import type { HubClient } from './hub-client.ts'
import { HubError } from './hub-error.ts'
import { FIRST_PAGE, type NextPage, parseNextPage } from './next-cursor.ts'
import type { PageReader } from './page-reader.ts'
import type { ReadPage } from './read-page.ts'

/** Pages asked for and not yet handed over: the one being waited for and those after it. Bounds the memory. */
const PAGES_UNDER_WAY = 8

export interface PageWalkOptions {
  pageSize: number
  startedAt: number
  afterHubId?: string | null
  untilHubId?: string | null
  /** What to ask for, in the order of the contract. */
  fields: readonly string[]
  /** Of those, what the census cannot do without. */
  required: ReadonlySet<string>
  /** Of those, what a page that cannot be read is asked for once more without; null for none. */
  heaviest: string | null
  refusedFields: readonly string[]
  reader: PageReader
  clock: Clock
  log: Log
  signal?: AbortSignal
  onRefusedField(field: string): void
}

/** A page as it arrived, and what its headers lead to. */
export interface ArrivedPage {
  content: ReadPage
  next: NextPage
  /** Fields that this page lacks: the Hub refused them, or the page could not be read with them. */
  missing: readonly string[]
}

/** Fetches pages of the list one after another, and those after them ahead of time. */
export interface PageWalk {
  /** The page at a cursor; null for the first. Rejects with a HubError. */
  page(cursor: string | null): Promise<ArrivedPage>
  /** Drops every page that is under way. */
  end(): void
}

interface Ask {
  cursor: string | null
  /** Hangs up on it. */
  drop: AbortController
  /** Where its headers lead: undefined until they are there, null at the end of the list or where they mislead. */
  ahead: string | null | undefined
  arrival: Promise<ArrivedPage>
}

/**
 * Opens a walk that looks ahead: the headers of a page name the next one, so it is asked for before the body is read.
 * Only a page whose body was understood decides where the walk goes; what was asked for on other advice is dropped.
 */
export function openPageWalk(hub: HubClient, options: PageWalkOptions): PageWalk {
  const refused = new Set(options.refusedFields)
  const stop = new AbortController()
  const walkSignal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  let underWay: Ask[] = []

  function ask(cursor: string | null): Ask {
    const made: Omit<Ask, 'arrival'> = { cursor, ahead: undefined, drop: new AbortController() }
    const asked: Ask = Object.assign(made, { arrival: arrive(made) })
    // A page asked for ahead may fail while nobody waits for it; whoever reaches it hears of it.
    asked.arrival.catch(() => {})
    return asked
  }

  async function arrive(made: Omit<Ask, 'arrival'>): Promise<ArrivedPage> {
    const signal = AbortSignal.any([walkSignal, made.drop.signal])
    const tooHeavy: string[] = []
    for (;;) {
      const missing = [...refused, ...tooHeavy]
      const fields = options.fields.filter(field => !missing.includes(field))
      try {
        const { link, content } = await hub.read(pathOf(made.cursor, fields), {
          read: body =>
            options.reader.read(body, {
              startedAt: options.startedAt,
              observedAt: options.clock.now(),
              afterHubId: options.afterHubId ?? null,
              untilHubId: options.untilHubId ?? null,
            }),
          onHead: head => {
            made.ahead = hint(head.link)
            lookAhead()
          },
          signal,
        })
        return { content, next: parseNextPage(link, hub.endpoint), missing }
      } catch (error) {
        const { heaviest } = options
        if (heaviest !== null && fields.includes(heaviest) && isUnreadable(error)) {
          // What an author typed into one card must not hold up everybody's counters.
          options.log.warn(
            { field: heaviest, problem: String(error) },
            'a page cannot be read with a field; asked for without it',
          )
          tooHeavy.push(heaviest)
          continue
        }
        const field = refusedField(error, fields)
        if (field === null || options.required.has(field)) throw error
        // Pages under way together are refused together; the first to hear says it.
        if (refused.has(field)) continue
        refused.add(field)
        options.log.warn({ field }, 'hub refuses a field; going on without it')
        options.onRefusedField(field)
      }
    }
  }

  function pathOf(cursor: string | null, fields: readonly string[]): string {
    const query = new URLSearchParams({ limit: String(options.pageSize), sort: 'createdAt', direction: '1' })
    for (const field of fields) query.append('expand[]', field)
    if (cursor !== null) query.append('cursor', cursor)
    return `/api/models?${query}`
  }

  function hint(link: string | null): string | null {
    try {
      return parseNextPage(link, hub.endpoint).cursor
    } catch {
      return null
    }
  }

  function lookAhead(): void {
    const last = underWay.at(-1)
    if (
      last?.ahead == null ||
      last.ahead === FIRST_PAGE ||
      underWay.length >= PAGES_UNDER_WAY ||
      stop.signal.aborted
    )
      return
    // A list that leads back to a page under way would be asked for ever.
    if (underWay.some(({ cursor }) => cursor === last.ahead)) return
    underWay.push(ask(last.ahead))
  }

  function dropAll(): void {
    for (const { drop } of underWay) drop.abort()
    underWay = []
  }

  return {
    async page(cursor) {
      if (underWay[0]?.cursor !== cursor) dropAll()
      if (underWay.length === 0) underWay.push(ask(cursor))
      const first = underWay[0]!
      const arrived = await first.arrival
      underWay.shift()
      if (underWay[0]?.cursor !== arrived.next.cursor) dropAll()
      lookAhead()
      return arrived
    },
    end: () => stop.abort(),
  }
}

/** The field a 400 names by its zero-based position, as the Hub's validator words it; null for any other error. */
function refusedField(error: unknown, fields: readonly string[]): string | null {
  if (!(error instanceof HubError) || error.status !== 400) return null
  const match = /expected one of .* at expand\[(\d+)\]/s.exec(error.message)
  return match ? (fields[Number(match[1])] ?? null) : null
}
