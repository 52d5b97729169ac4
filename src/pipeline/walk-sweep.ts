import type { Sweep, SweepRange } from '../domain/sweep.ts'
import { createdAtCursor } from '../source/created-at-cursor.ts'
import { type CardText, listRepos } from '../source/list-repos.ts'
import { openPageReader, type PageReader } from '../source/page-reader.ts'
import { beginFilling, checkFilled, endFilling } from '../store/filling.ts'
import { type Lease, requireLease, writeUnderLease } from '../store/lease.ts'
import { openPageRecorder, type PageRecorder } from '../store/record-page.ts'
import { findCompleteSweep, hasCardText, recordCardText, recordRefusedField } from '../store/sweep-ledger.ts'
import { listRanges } from '../store/sweep-ranges.ts'
import type { Effects } from './effects.ts'
import { watchLog } from './watch-log.ts'

export interface WalkOptions {
  /** Rows a page, up to 1,000. */
  pageSize: number
  /** Ask for the text of the cards, too: bases that only a card names, at several times the bytes. Off by default. */
  readsCardText?: boolean
  signal?: AbortSignal
  /** Told after every committed page. */
  onPage?(sweep: { pageCount: number; rowCount: number; expectedRows: number | null }): void
}

export type WalkEffects = Omit<Effects, 'registry'> & { lease: Lease }

/**
 * Walks what is left of a running sweep, each range by a walker of its own, and commits page by page. Stops after the
 * pages under way when the signal aborts. The first walker to fail stops the others; throws its HubError, StoreError or
 * LeaseError. What was committed stays.
 */
export async function walkSweep(
  sweep: Sweep,
  expectedRows: number | null,
  options: WalkOptions,
  effects: WalkEffects,
): Promise<void> {
  const { store, lease } = effects
  if (findCompleteSweep(store) !== null) return walkRanges(sweep, expectedRows, options, effects)
  // Nothing is computed from this file yet: what fills it is looked at as a whole, before it counts.
  try {
    beginFilling(store)
    await walkRanges(sweep, expectedRows, options, effects)
    const isWalked = listRanges(store, sweep.sweepKey).every(range => range.isDone)
    if (isWalked) writeUnderLease(store, lease, () => checkFilled(store))
  } finally {
    endFilling(store)
  }
}

async function walkRanges(
  sweep: Sweep,
  expectedRows: number | null,
  options: WalkOptions,
  effects: WalkEffects,
): Promise<void> {
  const open = listRanges(effects.store, sweep.sweepKey).filter(range => !range.isDone)
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  let firstFailure: { error: unknown } | null = null
  const record = openPageRecorder(effects.store, () => requireLease(effects.store, effects.lease))
  let { pageCount, rowCount } = sweep
  const cardText = settleCardText(sweep, options, effects)
  const watch = watchLog(effects)
  const onCommit = (rows: number) => {
    pageCount += 1
    rowCount += rows
    watch.afterPage()
    options.onPage?.({ pageCount, rowCount, expectedRows })
  }
  const reader = openPageReader()
  try {
    const walks = open.map(async range => {
      try {
        await walkRange(sweep, range, { ...options, cardText, signal, reader, record, onCommit }, effects)
      } catch (error) {
        const isStop = signal.aborted && error instanceof Error && error.name === 'AbortError'
        if (isStop) return
        firstFailure ??= { error }
        stop.abort()
      }
    })
    await Promise.all(walks)
    if (firstFailure !== null) throw (firstFailure as { error: unknown }).error
  } finally {
    await reader.close()
  }
}

/**
 * Decides whether this walk reads cards, and notes it before its first page. A file that has read them keeps what it knows
 * from them when a walk does not ask.
 */
function settleCardText(
  sweep: Sweep,
  { readsCardText = false }: WalkOptions,
  { store, log, lease }: WalkEffects,
): CardText {
  const isKnown = hasCardText(store)
  if (!readsCardText) {
    if (!isKnown) return 'none'
    log.warn(
      { day: sweep.day },
      'an earlier sweep read card text and this one does not: bases the Hub did not resolve stay as they are',
    )
    return 'kept'
  }
  if (!isKnown) {
    writeUnderLease(store, lease, () => recordCardText(store, sweep))
    if (findCompleteSweep(store) !== null) {
      log.warn(
        { day: sweep.day },
        'card text is read from this sweep on: bases that only cards name begin today',
      )
    }
  }
  return 'read'
}

async function walkRange(
  sweep: Sweep,
  { range, afterHubId, untilHubId, cursor, pageCount }: SweepRange,
  walk: WalkOptions & {
    cardText: CardText
    signal: AbortSignal
    reader: PageReader
    record: PageRecorder
    onCommit(rows: number): void
  },
  { hub, store, clock, log, lease }: WalkEffects,
): Promise<void> {
  const { sweepKey, day, startedAt, refusedFields } = sweep
  const { cardText, signal, reader, pageSize } = walk
  const pages = listRepos(hub, {
    cursor: cursor ?? (afterHubId === null ? null : createdAtCursor(afterHubId)),
    afterHubId,
    untilHubId,
    startedAt,
    pageSize,
    refusedFields,
    cardText,
    reader,
    clock,
    log,
    signal,
    onRefusedField: field => writeUnderLease(store, lease, () => recordRefusedField(store, sweep, field)),
  })
  let page = pageCount
  for await (const content of pages) {
    const outcome = walk.record({ sweepKey, range, page }, day, content)
    page += 1
    walk.onCommit(outcome.rowCount)
    if (signal.aborted && content.nextCursor !== null) return
  }
}
