import type { Store } from './open-store.ts'

/** Below this an index is a few pages, and room in them saves nothing. */
const FEWEST_PAGES = 64
/** SQLite shares out a page that overflows, and two neighbours with it, over four pages. */
const PAGES_SHARED_OUT = 3

/**
 * Makes the index that finds a repository by its current name, where it is missing. Not part of the migrations: while a
 * first sweep inserts in creation order, an index in the order of names would make its every row a random write (27,000
 * rows a second instead of 264,000); built from the full table it takes seconds, and afterwards only births and renames
 * touch it. Throws what SQLite throws.
 */
export function indexNames(store: Store): void {
  const { sqlite } = store
  // What a first sweep takes away, should anything have kept it from coming back.
  sqlite.exec('CREATE UNIQUE INDEX IF NOT EXISTS publisher_handle_unique ON publisher (handle)')
  const isThere = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'repo_repo_id'")
  if (isThere.get() !== undefined) return
  sqlite.exec('CREATE INDEX IF NOT EXISTS repo_repo_id ON repo (repo_id)')
  // SQLite would look through every absence for each row deleted below; what is deleted was never referred to.
  sqlite.pragma('foreign_keys = OFF')
  try {
    sqlite.transaction(() => makeRoom(store)).immediate()
  } catch (error) {
    // Room is a saving and no condition: a full disk or an `_id` of the far future leaves the index as it was built.
    if (!(error instanceof Error && error.name === 'SqliteError')) throw error
  } finally {
    sqlite.pragma('foreign_keys = ON')
  }
}

/**
 * Leaves every page of the new index a quarter empty. Built at once its pages are full, and then nearly every birth, whose
 * name falls anywhere, splits one: 10 MB a night at three million models for the first two weeks. SQLite has no fill factor;
 * a name inserted behind every third page's worth of names, and deleted again, has the same effect.
 */
function makeRoom({ sqlite }: Store): void {
  const pages = sqlite
    .prepare<[], number>("SELECT count(*) FROM dbstat WHERE name = 'repo_repo_id' AND pagetype = 'leaf'")
    .pluck()
    .get()!
  if (pages < FEWEST_PAGES) return
  const [repos, lastKey] = sqlite
    .prepare<[], [number, number]>('SELECT count(*), max(repo_key) FROM repo')
    .raw()
    .get()!
  const step = Math.floor((repos / pages) * PAGES_SHARED_OUT)
  // Above every `_id` of this century, so that only this index is written out of order. One byte more sorts behind its name.
  sqlite
    .prepare(
      `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gated, is_disabled,
         downloads_30d, observed_on, detail_hash)
       SELECT ? + place, unhex(format('ffffffff%016x', place)), repo_id || char(1),
         (SELECT min(publisher_key) FROM publisher), 0, 0, 'no', 0, 0, 0, 0
       FROM (SELECT repo_id, row_number() OVER (ORDER BY repo_id) AS place FROM repo)
       WHERE place % ? = 0`,
    )
    .run(lastKey, step)
  sqlite.prepare('DELETE FROM repo WHERE repo_key > ?').run(lastKey)
}
