import { createAliasFinder, createReuploadFinder } from '../derive/base-names.ts'
import { createLineageBook, type LineageBook } from '../derive/lineage-book.ts'
import { createNameResolver } from '../derive/resolve-names.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { readCurrentEdges } from '../store/read-edges.ts'
import type { FactChange } from '../store/read-fact-changes.ts'
import { readNameHolders, readReposOf } from '../store/read-name-holders.ts'
import { findHighestKey } from '../store/read-population.ts'
import type { Effects } from './effects.ts'

/**
 * The lineage of every repository on a day, not settled yet. `changes` tell what was declared before the latest: whoever
 * is in them begins as it was first seen.
 */
export function openLineage(
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
  day: UtcDay,
  changes: readonly FactChange[] = [],
): LineageBook {
  const rules = { aliasOf: createAliasFinder(registry), copyOf: createReuploadFinder(registry) }
  const book = createLineageBook(rules, findHighestKey(store))
  const firsts = new Map<number, FactChange>()
  for (const change of changes) {
    if (!firsts.has(change.repo.repoKey)) firsts.set(change.repo.repoKey, change)
    for (const { base, declared } of change.edges) if (base === null) book.expect(declared)
    // Whoever is a copy on some day needs what it copies looked up from the first.
    const copied = rules.copyOf(change.repo.repoId)
    if (copied !== null) book.expect(copied.repoId)
  }
  const copyists = new Set(registry.reuploads.map(({ handle }) => handle))
  for (const { repoKey, repoId } of readReposOf(store, copyists)) book.rename(repoKey, repoId)
  for (const [repoKey, { repo }] of firsts) book.rename(repoKey, repo.repoId)
  book.take(readCurrentEdges(store), repoKey => !firsts.has(repoKey))
  for (const [repoKey, { edges }] of firsts) book.declare(repoKey, edges)
  book.begin(createNameResolver(readNameHolders(store, book.texts()), rules), dayNumber(day))
  return book
}
