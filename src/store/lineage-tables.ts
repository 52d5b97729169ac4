import type { LineageContent, LooseBase } from '../domain/lineage.ts'
import type { SqlValue } from './bulk-insert.ts'
import type { Store } from './open-store.ts'
import { type RowChanges, replaceRows, type TableShape } from './replace-rows.ts'

export type LineageChanges = Record<keyof LineageContent, RowChanges>

const SHAPES = {
  links: {
    table: 'base_link',
    key: ['base_repo_key', 'repo_key', 'relation'],
    values: ['rule'],
  },
  texts: {
    table: 'found_text',
    key: ['repo_key', 'declared', 'relation'],
    values: ['base_repo_key', 'rule'],
  },
  loose: {
    table: 'loose_base',
    key: ['repo_key', 'declared', 'relation'],
    values: ['cause'],
  },
  roots: {
    table: 'lineage_root',
    key: ['repo_key', 'ordinal'],
    values: ['root_repo_key', 'root_declared', 'weight', 'depth', '"end"'],
  },
  counts: {
    table: 'derivative_count',
    key: ['base_repo_key', 'relation'],
    values: ['direct_repos', 'direct_publishers', 'all_repos', 'all_publishers'],
  },
} as const satisfies Record<keyof LineageContent, TableShape>

/**
 * Makes the file hold exactly this lineage, in the caller's transaction, and writes only what differs from what it held.
 * Streams: a million rows need no memory. Throws a RangeError for a part that does not ascend by the key of its table;
 * what was written until then goes with the caller's transaction.
 */
export function replaceLineage(store: Store, content: LineageContent): LineageChanges {
  return {
    links: replaceRows(store, SHAPES.links, linkRows(content)),
    texts: replaceRows(store, SHAPES.texts, textRows(content)),
    loose: replaceRows(store, SHAPES.loose, looseRows(content)),
    roots: replaceRows(store, SHAPES.roots, rootRows(content)),
    counts: replaceRows(store, SHAPES.counts, countRows(content)),
  }
}

type Row = readonly SqlValue[]

function* linkRows({ links }: LineageContent): Generator<Row> {
  for (const { baseRepoKey, repoKey, relation, rule } of links) yield [baseRepoKey, repoKey, relation, rule]
}

function* textRows({ texts }: LineageContent): Generator<Row> {
  for (const { repoKey, declared, relation, baseRepoKey, rule } of texts) {
    yield [repoKey, declared, relation, baseRepoKey, rule]
  }
}

/** A repository that names itself under two texts, both of which the Hub resolved, does so once. */
function* looseRows({ loose }: LineageContent): Generator<Row> {
  let before: LooseBase | undefined
  for (const base of loose) {
    const { repoKey, declared, relation, cause } = base
    const isRepeated =
      before?.repoKey === repoKey && before.declared === declared && before.relation === relation
    if (!isRepeated) yield [repoKey, declared, relation, cause]
    before = base
  }
}

function* rootRows({ roots }: LineageContent): Generator<Row> {
  for (const { repoKey, ordinal, root } of roots)
    yield [repoKey, ordinal, root.repoKey, root.declared, root.weight, root.depth, root.end]
}

function* countRows({ counts }: LineageContent): Generator<Row> {
  for (const count of counts) {
    const { baseRepoKey, relation, directRepos, directPublishers, allRepos, allPublishers } = count
    yield [baseRepoKey, relation, directRepos, directPublishers, allRepos, allPublishers]
  }
}
