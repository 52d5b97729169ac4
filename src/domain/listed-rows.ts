import type { Counters, RepoDetails } from './repo.ts'

/** Hexadecimal digits of an `_id`. */
const HUB_ID_LENGTH = 24

/**
 * The understood rows of a page, column by column, in the page's order. Typed arrays and two long texts cross from
 * the reading thread to the writing one as they are; a description is unfolded only for a row that has changed.
 */
export interface ListedRows {
  count: number
  /** `_id`s one after another. */
  hubIds: string
  downloads30d: Float64Array
  /** NaN where the Hub did not say. */
  downloadsAllTime: Float64Array
  /** NaN where the Hub did not say. */
  likes: Float64Array
  /** 48 bits each; equal to the stored one means that the description is the stored one. */
  detailHashes: Float64Array
  /** The descriptions as JSON, one after another. */
  details: string
  /** Where each description ends in `details`. */
  detailEnds: Uint32Array
}

/** Order of the members in a description's JSON. The hash is of this text: never reorder, only append. */
type FoldedDetails = [
  RepoDetails['repoId'],
  RepoDetails['createdAt'],
  RepoDetails['lastModifiedAt'],
  RepoDetails['task'],
  RepoDetails['library'],
  RepoDetails['licence'],
  RepoDetails['parameters'],
  RepoDetails['gated'],
  RepoDetails['isDisabled'],
  RepoDetails['bases'],
]

/** A description as the text that is hashed and carried. */
export function foldDetails(of: RepoDetails): string {
  const folded: FoldedDetails = [
    of.repoId,
    of.createdAt,
    of.lastModifiedAt,
    of.task,
    of.library,
    of.licence,
    of.parameters,
    of.gated,
    of.isDisabled,
    of.bases,
  ]
  return JSON.stringify(folded)
}

/** The `_id` of row `index`. */
export function hubIdAt(rows: ListedRows, index: number): string {
  return rows.hubIds.slice(index * HUB_ID_LENGTH, (index + 1) * HUB_ID_LENGTH)
}

/** The counters of row `index`; null where the Hub did not say. */
export function countersAt(rows: ListedRows, index: number): Counters {
  return {
    downloads30d: rows.downloads30d[index]!,
    downloadsAllTime: known(rows.downloadsAllTime[index]!),
    likes: known(rows.likes[index]!),
  }
}

/** The description of row `index`. */
export function detailsAt(rows: ListedRows, index: number): RepoDetails {
  const start = index === 0 ? 0 : rows.detailEnds[index - 1]!
  const text = rows.details.slice(start, rows.detailEnds[index])
  const [repoId, createdAt, lastModifiedAt, task, library, licence, parameters, gated, isDisabled, bases] =
    JSON.parse(text) as FoldedDetails
  return {
    repoId,
    createdAt,
    lastModifiedAt,
    task,
    library,
    licence,
    parameters,
    gated,
    isDisabled,
    bases,
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
