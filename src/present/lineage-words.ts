import type { LineageEnd } from '../domain/lineage.ts'
import type { AncestorLink, MoreChildren, Standing, TracedRepo } from '../domain/lineage-tree.ts'
import { visibleText } from '../domain/visible-text.ts'
import { formatCount } from './format.ts'

/** Whose it is, in a few words. */
export function standingWords({ lineName, labName }: Standing): string {
  return labName === null ? lineName : `${lineName}: ${visibleText(labName)}`
}

/** A repository's downloads. */
export function downloadWords({
  downloads30d,
  downloadsAllTime,
}: Pick<TracedRepo, 'downloads30d' | 'downloadsAllTime'>): string {
  const allTime = downloadsAllTime === null ? 'all-time unknown' : `${formatCount(downloadsAllTime)} all-time`
  return `${formatCount(downloads30d)} downloads in 30 days, ${allTime}`
}

/** What is not shown of something, copies by a reviewed rule told apart: `7 more, 2 of them copies`. */
export function moreWords({ repos, copies }: Pick<MoreChildren, 'repos' | 'copies'>): string {
  const apart =
    copies === 0 ? '' : copies === 1 ? ', 1 of them a copy' : `, ${formatCount(copies)} of them copies`
  return `${formatCount(repos)} more${apart}`
}

/** What a node of a tree says of what stands on it: copies are no derivatives. */
export function derivativeWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'derivative' : 'derivatives'}`
}

/** How a declared base was found, or why it was not. */
export const FOUND_WORDS = {
  'hub-id': 'resolved by the Hub',
  name: 'not resolved by the Hub, found by its exact name',
  'former-name': 'not resolved by the Hub, found by a name that it had',
  'legacy-id': 'not resolved by the Hub, found by a reviewed move of the id',
  'renamed-handle': 'not resolved by the Hub, found by a reviewed rename of the handle',
  'letter-case': 'not resolved by the Hub, found as the only name that differs by letter case alone',
  're-upload': 'a copy by a reviewed rule',
  absent: 'no repository of the file has or had this id',
  path: 'a path on a disk',
  address: 'an address of the web',
  'bare-name': 'a name without an owner',
  malformed: 'nothing that could be an id',
  self: 'itself',
} as const satisfies Record<AncestorLink['found'], string>

/** What the end of a way up is. */
export const END_WORDS = {
  root: 'declares no base',
  cycle: 'one of a circle of repositories that name each other',
  absent: 'no repository of the file has this id',
  unresolved: 'a text that is no id',
  many: 'more roots than are told apart',
} as const satisfies Record<LineageEnd, string>
