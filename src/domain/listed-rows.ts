import type { Counters, DeclaredBase, Gating, RepoDetails } from './repo.ts'

/** Hexadecimal digits of an `_id`. */
const HUB_ID_LENGTH = 24

/** How `gated` travels: by its place in this list. */
export const GATINGS: readonly Gating[] = ['no', 'auto', 'manual']

/**
 * The understood rows of a page, column by column, in the page's order. Typed arrays and a few long texts cross from
 * the reading thread to the writing one as they are; a description is put together only for a row that has changed.
 * Where a number is NaN, the Hub did not say.
 */
export interface ListedRows {
  count: number
  /** `_id`s one after another. */
  hubIds: string
  downloads30d: Float64Array
  downloadsAllTime: Float64Array
  likes: Float64Array
  /** 53 bits each; equal to the stored one means that the description is the stored one. */
  detailHashes: Float64Array
  /** Repository ids one after another, and where each ends. */
  repoIds: string
  repoIdEnds: Uint32Array
  /** Tasks, libraries and licences of the page, each once. */
  words: readonly string[]
  /** Places in `words` plus one; 0 for none. */
  tasks: Uint32Array
  libraries: Uint32Array
  licences: Uint32Array
  createdAt: Float64Array
  lastModifiedAt: Float64Array
  parameters: Float64Array
  /** Places in GATINGS. */
  gated: Uint8Array
  isDisabled: Uint8Array
  /** Declared bases as JSON one after another, and where each ends; nothing for a repository without. */
  bases: string
  baseEnds: Uint32Array
}

/** The `_id` of row `index` in `hubIds`. */
export function hubIdAt(hubIds: string, index: number): string {
  return hubIds.slice(index * HUB_ID_LENGTH, (index + 1) * HUB_ID_LENGTH)
}

/** The counters of row `index`; null where the Hub did not say. */
export function countersAt(rows: ListedRows, index: number): Counters {
  return {
    downloads30d: rows.downloads30d[index]!,
    downloadsAllTime: knownNumber(rows.downloadsAllTime[index]!),
    likes: knownNumber(rows.likes[index]!),
  }
}

/** The repository id of row `index`. */
export function repoIdAt(rows: ListedRows, index: number): string {
  return partAt(rows.repoIds, rows.repoIdEnds, index)
}

/** The description of row `index`. */
export function detailsAt(rows: ListedRows, index: number): RepoDetails {
  return {
    repoId: repoIdAt(rows, index),
    createdAt: rows.createdAt[index]!,
    lastModifiedAt: knownNumber(rows.lastModifiedAt[index]!),
    task: wordAt(rows, rows.tasks[index]!),
    library: wordAt(rows, rows.libraries[index]!),
    licence: wordAt(rows, rows.licences[index]!),
    parameters: knownNumber(rows.parameters[index]!),
    gated: GATINGS[rows.gated[index]!]!,
    isDisabled: rows.isDisabled[index] === 1,
    bases: basesAt(rows, index),
  }
}

/** The word at a place of `tasks`, `libraries` or `licences`; null for none. */
export function wordAt({ words }: ListedRows, place: number): string | null {
  return place === 0 ? null : words[place - 1]!
}

/** The declared bases of row `index`. */
export function basesAt(rows: ListedRows, index: number): readonly DeclaredBase[] {
  const bases = partAt(rows.bases, rows.baseEnds, index)
  return bases === '' ? [] : JSON.parse(bases)
}

/** A number as the census keeps it: null where the Hub did not say. */
export function knownNumber(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function partAt(text: string, ends: Uint32Array, index: number): string {
  return text.slice(index === 0 ? 0 : ends[index - 1], ends[index])
}
