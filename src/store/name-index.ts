import type { Store } from './open-store.ts'

/**
 * Makes the index that finds a repository by its current name, where it is missing. Not part of the migrations: while a
 * first sweep inserts in creation order, an index in the order of names would make its every row a random write (27,000
 * rows a second instead of 264,000); built from the full table it takes seconds, and afterwards only births and renames
 * touch it.
 */
export function indexNames(store: Store): void {
  store.sqlite.exec('CREATE INDEX IF NOT EXISTS repo_repo_id ON repo (repo_id)')
}
