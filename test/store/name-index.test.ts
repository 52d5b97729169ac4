import { expect, test } from 'vitest'
import { indexNames } from '../../src/store/name-index.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from '../support/census.ts'

const REPOS = 40_000

/** A file with so many repositories whose names come in no order, keys ascending. */
function fileOf(count: number): Store {
  const store = temporaryStore()
  store.sqlite.exec("INSERT INTO publisher (publisher_key, handle) VALUES (1, 'someone')")
  addRepos(store, 1, count)
  return store
}

function addRepos({ sqlite }: Store, from: number, count: number): void {
  const insert = sqlite.prepare(
    `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gated, is_disabled,
       downloads_30d, observed_on, detail_hash)
     VALUES (?, unhex(format('%024x', ?)), ?, 1, 0, 0, 'no', 0, 0, 0, 0)`,
  )
  sqlite.transaction(() => {
    for (let key = from; key < from + count; key += 1) {
      const name = ((key * 2_654_435_761) % 4_294_967_296).toString(36)
      insert.run(key, key, `someone-${name}/a-model-of-usual-length-${key}`)
    }
  })()
}

const reposOf = ({ sqlite }: Store) => sqlite.prepare('SELECT * FROM repo ORDER BY repo_key').raw().all()

const leavesOf = ({ sqlite }: Store) =>
  sqlite
    .prepare<[], { pages: number; fill: number }>(
      `SELECT count(*) AS pages, 1 - sum(unused) * 1.0 / sum(pgsize) AS fill FROM dbstat
       WHERE name = 'repo_repo_id' AND pagetype = 'leaf'`,
    )
    .get()!

/** Pages of the same index built in one go. */
function leafCountWithoutRoom(): number {
  const store = fileOf(REPOS)
  store.sqlite.exec('CREATE INDEX repo_repo_id ON repo (repo_id)')
  return leavesOf(store).pages
}

test('the index of names leaves room for births, and the repositories as they were', () => {
  const store = fileOf(REPOS)
  const before = reposOf(store)
  indexNames(store)
  expect(reposOf(store)).toEqual(before)
  const { pages, fill } = leavesOf(store)
  expect(pages).toBeGreaterThan(300)
  expect(fill).toBeGreaterThan(0.7)
  expect(fill).toBeLessThan(0.8)
  // Three nights' worth of births, each of which would split a page of a full index.
  addRepos(store, REPOS + 1, 100)
  expect(leavesOf(store).pages).toBeLessThan(pages + 5)
  expect(store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(store.sqlite.pragma('foreign_key_check')).toEqual([])
})

test('room is a saving and no condition: an `_id` of the far future leaves the index as it was built', () => {
  const store = fileOf(REPOS)
  const step = Math.floor((REPOS / leafCountWithoutRoom()) * 3)
  store.sqlite.exec(
    `UPDATE repo SET hub_id = unhex(format('ffffffff%016x', ${step})) WHERE repo_key = ${REPOS}`,
  )
  const before = reposOf(store)
  indexNames(store)
  expect(reposOf(store)).toEqual(before)
  expect(leavesOf(store).fill).toBeGreaterThan(0.9)
  expect(store.sqlite.pragma('foreign_keys', { simple: true })).toBe(1)
})

test('what a first sweep took away is there after the first publication', () => {
  const store = fileOf(10)
  store.sqlite.exec('DROP INDEX publisher_handle_unique')
  indexNames(store)
  const made = "SELECT count(*) FROM sqlite_schema WHERE name = 'publisher_handle_unique'"
  expect(store.sqlite.prepare(made).pluck().get()).toBe(1)
})

test('a small index is built as it is, and made only once', () => {
  const store = fileOf(500)
  indexNames(store)
  const made = leavesOf(store)
  expect(made.fill).toBeGreaterThan(0.8)
  indexNames(store)
  expect(leavesOf(store)).toEqual(made)
})

test('it finds a repository by its name', () => {
  const store = fileOf(REPOS)
  indexNames(store)
  const ask = 'SELECT repo_key FROM repo WHERE repo_id = ?'
  const [plan] = store.sqlite.prepare<[string], { detail: string }>(`EXPLAIN QUERY PLAN ${ask}`).all('x')
  expect(plan!.detail).toContain('repo_repo_id')
  for (const [key, , repoId] of reposOf(store).filter((_, at) => at % 997 === 0) as [
    number,
    Buffer,
    string,
  ][]) {
    expect(store.sqlite.prepare(ask).pluck().all(repoId)).toEqual([key])
  }
})
