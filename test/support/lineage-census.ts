import { DEFINITION_VERSION } from '../../src/derive/headline-metrics.ts'
import type { FoundText, LineageContent } from '../../src/domain/lineage.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { dayNumber, parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'
import { publishDays } from '../../src/store/daily-totals.ts'
import { replaceLineage } from '../../src/store/lineage-tables.ts'
import { indexNames } from '../../src/store/name-index.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from './census.ts'

export const PUBLISHED_ON = '2026-03-10'

/** A repository of a file made by hand; its key is its place, from 1. */
export interface WrittenRepo {
  id: string
  downloads?: number
  /** Null for unknown. */
  allTime?: number | null
  /** `YYYY-MM-DD` */
  created?: string
  gone?: string
  /** A name it had until the first of March. */
  former?: string
  /** Declared bases: text, relation, and the key of what the Hub resolved it to. */
  declares?: readonly (readonly [declared: string, relation: string, resolvedTo?: number])[]
}

/** Writes repositories and their declarations. Keys go on where the file ends. */
export function writeRepos(store: Store, repos: readonly WrittenRepo[]): void {
  const { sqlite } = store
  const first = sqlite.prepare<[], number>('SELECT coalesce(max(repo_key), 0) + 1 FROM repo').pluck().get()!
  const publisher = sqlite.prepare('INSERT OR IGNORE INTO publisher (handle) VALUES (?)')
  const repo = sqlite.prepare(
    `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gone_on, gated, is_disabled,
       downloads_30d, downloads_all_time, last_known_all_time, observed_on, detail_hash)
     VALUES (?, unhex(format('%024x', ?)), ?, (SELECT publisher_key FROM publisher WHERE handle = ?), ?, 20000, ?, 'no', 0,
       ?, ?, ?, 20000, 0)`,
  )
  const observation = sqlite.prepare(
    'INSERT INTO observation (day, repo_key, downloads_30d, downloads_all_time) VALUES (20000, ?, ?, ?)',
  )
  const removal = sqlite.prepare(
    "INSERT INTO event (kind, day, repo_key, detail) VALUES ('removal', ?, ?, '{}')",
  )
  const name = sqlite.prepare(
    'INSERT INTO repo_name (repo_key, from_on, until_on, repo_id) VALUES (?, ?, ?, ?)',
  )
  const edge = sqlite.prepare(
    `INSERT INTO base_edge (repo_key, declared, relation, base_hub_id, first_seen_on)
     VALUES (?, ?, ?, unhex(format('%024x', ?)), 20000)`,
  )
  const loose = sqlite.prepare(
    'INSERT INTO base_edge (repo_key, declared, relation, base_hub_id, first_seen_on) VALUES (?, ?, ?, NULL, 20000)',
  )
  const dayOf = (text: string) => dayNumber(parseUtcDay(text))
  sqlite.transaction(() => {
    for (const [at, parts] of repos.entries()) {
      const { id, downloads = 0, allTime = null, created = '2025-01-01', gone, former, declares = [] } = parts
      const key = first + at
      publisher.run(handleOf(id))
      const goneOn = gone === undefined ? null : dayOf(gone)
      repo.run(key, key, id, handleOf(id), dayOf(created) * 86_400, goneOn, downloads, allTime, allTime)
      observation.run(key, downloads, allTime)
      if (goneOn !== null) removal.run(goneOn, key)
      if (former !== undefined) name.run(key, 20000, dayOf('2026-03-01'), former)
      for (const [declared, relation, resolvedTo] of declares) {
        if (resolvedTo === undefined) loose.run(key, declared, relation)
        else edge.run(key, declared, relation, resolvedTo)
      }
    }
  })()
}

/** Notes a complete sweep of a day. */
export function writeCompleteSweep(store: Store, day: UtcDay): void {
  store.sqlite
    .prepare(
      "INSERT INTO sweep (source, day, state, started_at, finished_at) VALUES ('https://example.org', ?, 'complete', 0, 0)",
    )
    .run(dayNumber(day))
}

/** Publishes one day under a registry, with this lineage. */
export function publishLineage(store: Store, registry: Registry, content: Partial<LineageContent>): void {
  const day = parseUtcDay(PUBLISHED_ON)
  writeCompleteSweep(store, day)
  const total = { day, scope: 'all', attribution: 'publisher', axis: 'region', key: 'china' } as const
  const sums = { repos: 1, downloads30d: 1, downloadsAllTime: 1, allTimeUnknownRepos: 0 }
  publishDays(
    store,
    [
      {
        day,
        totals: [{ ...total, ...sums, goneRepos: 0, goneDownloadsAllTime: 0 }],
        shares: [],
        corrections: [],
        ages: [],
        standing: null,
      },
    ],
    {
      registryRevision: registry.revision,
      definitionVersion: DEFINITION_VERSION,
      sweepKey: 1,
      publishedAt: 0,
    },
    'all',
  )
  store.sqlite.transaction(() =>
    replaceLineage(store, { links: [], texts: [], loose: [], roots: [], counts: [], ...content }),
  )()
}

/** A published file of these repositories. */
export function lineageCensus(
  repos: readonly WrittenRepo[],
  registry: Registry,
  content: Partial<LineageContent>,
): Store {
  const store = temporaryStore()
  writeRepos(store, repos)
  indexNames(store)
  publishLineage(store, registry, { texts: textsOf(repos, content), ...content })
  return store
}

/** The texts behind the links that are not the Hub's own: of several, the one that reads like the base's name. */
function textsOf(repos: readonly WrittenRepo[], { links = [] }: Partial<LineageContent>): FoundText[] {
  const texts: FoundText[] = []
  for (const { baseRepoKey, repoKey, relation, rule } of links) {
    if (rule === 'hub-id' || rule === 're-upload' || relation === 're-upload') continue
    const { id, former } = repos[baseRepoKey - 1]!
    const own = (repos[repoKey - 1]?.declares ?? []).filter(
      ([, word, to]) => word === relation && to === undefined,
    )
    const names = [id, former ?? id].map(name => name.toLowerCase())
    const meant = own.find(([text]) => names.includes(text.toLowerCase())) ?? own[0]
    if (meant !== undefined) texts.push({ repoKey, declared: meant[0], relation, baseRepoKey, rule })
  }
  const id = ({ repoKey, declared, relation }: FoundText) => [repoKey, declared, relation] as const
  return texts.sort(
    (a, b) => id(a)[0] - id(b)[0] || (id(a).slice(1).join(' ') < id(b).slice(1).join(' ') ? -1 : 1),
  )
}
