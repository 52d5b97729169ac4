import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BaseLink,
  type DerivativeCount,
  type FoundText,
  LINK_RULES,
  type LineageContent,
  type LineageEnd,
  LOOSE_CAUSES,
  type LooseBase,
  type RootOfRepo,
} from '../../src/domain/lineage.ts'
import { DERIVATIVE_RELATIONS } from '../../src/domain/relation.ts'
import { replaceLineage } from '../../src/store/lineage-tables.ts'
import type { Store } from '../../src/store/open-store.ts'
import { replaceRows } from '../../src/store/replace-rows.ts'
import { temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'

const REPOS = 40
const RELATIONS = [...DERIVATIVE_RELATIONS, 'undeclared'] as const

/** Repositories with keys from 1, named owner/m<key>. */
function fileOfRepos(count = REPOS): Store {
  const store = temporaryStore()
  store.sqlite.exec(`INSERT INTO publisher (publisher_key, handle) VALUES (1, 'owner');
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${count})
    INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gated, is_disabled,
      downloads_30d, observed_on, detail_hash)
    SELECT n, unhex(format('%024x', n)), 'owner/m' || n, 1, 1700000000, 20000, 'no', 0, n, 20000, 0 FROM number`)
  return store
}

type Content = {
  [Part in keyof LineageContent]: LineageContent[Part] extends Iterable<infer Row> ? Row[] : never
}

const compareText = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const sorted = (content: Content): Content => ({
  links: content.links.sort(
    (a, b) => a.baseRepoKey - b.baseRepoKey || a.repoKey - b.repoKey || compareText(a.relation, b.relation),
  ),
  texts: content.texts.sort(
    (a, b) =>
      a.repoKey - b.repoKey || compareText(a.declared, b.declared) || compareText(a.relation, b.relation),
  ),
  loose: content.loose.sort(
    (a, b) =>
      a.repoKey - b.repoKey || compareText(a.declared, b.declared) || compareText(a.relation, b.relation),
  ),
  roots: content.roots.sort((a, b) => a.repoKey - b.repoKey || a.ordinal - b.ordinal),
  counts: content.counts.sort((a, b) => a.baseRepoKey - b.baseRepoKey || compareText(a.relation, b.relation)),
})

const repoKey = fc.integer({ min: 1, max: REPOS })
const small = fc.integer({ min: 0, max: 3 })
/** Few enough to meet again; one pair sorts by its bytes otherwise than by UTF-16. */
const declared = fc.constantFrom('a/b', 'A/b', 'a', '', "x'; DROP", '\u{1F600}/x', '\uFF21/x', 'a/b/c', 'é/ü')
const links: fc.Arbitrary<BaseLink> = fc.record({
  baseRepoKey: repoKey,
  repoKey,
  relation: fc.constantFrom(...RELATIONS, 're-upload'),
  rule: fc.constantFrom(...LINK_RULES, 're-upload'),
})
const texts: fc.Arbitrary<FoundText> = fc.record({
  repoKey,
  declared,
  relation: fc.constantFrom(...RELATIONS),
  baseRepoKey: repoKey,
  rule: fc.constantFrom('name', 'former-name', 'legacy-id', 'renamed-handle', 'letter-case'),
})
const loose: fc.Arbitrary<LooseBase> = fc.record({
  repoKey,
  declared,
  relation: fc.constantFrom(...RELATIONS),
  cause: fc.constantFrom(...LOOSE_CAUSES),
})
const ENDS: readonly LineageEnd[] = ['root', 'cycle', 'absent', 'unresolved', 'many']
const roots: fc.Arbitrary<RootOfRepo> = fc.record({
  repoKey,
  ordinal: small,
  root: fc
    .record({
      at: fc.option(repoKey),
      named: declared,
      weight: fc.oneof(fc.constantFrom(1, 0.5, 1 / 3), fc.double({ min: 0, max: 1, noNaN: true })),
      depth: small,
      end: fc.constantFrom(...ENDS),
    })
    .map(({ at, named, weight, ...rest }) => ({
      ...rest,
      repoKey: at,
      repoId: at === null ? null : `owner/m${at}`,
      // More roots than are told apart have no text.
      declared: at === null && rest.end !== 'many' ? named : null,
      // The difference between the two zeros is none to SQL.
      weight: weight === 0 ? 0 : weight,
    })),
})
const counts: fc.Arbitrary<DerivativeCount> = fc.record({
  baseRepoKey: repoKey,
  relation: fc.constantFrom(...RELATIONS, 'any'),
  directRepos: small,
  directPublishers: small,
  allRepos: small,
  allPublishers: small,
})
const KEYS = {
  links: (link: BaseLink) => [link.baseRepoKey, link.repoKey, link.relation],
  texts: (text: FoundText) => [text.repoKey, text.declared, text.relation],
  loose: (base: LooseBase) => [base.repoKey, base.declared, base.relation],
  roots: (root: RootOfRepo) => [root.repoKey, root.ordinal],
  counts: (count: DerivativeCount) => [count.baseRepoKey, count.relation],
}
const uniqueOf = <Row>(row: fc.Arbitrary<Row>, key: (found: Row) => unknown[]) =>
  fc.uniqueArray(row, { selector: found => JSON.stringify(key(found)), maxLength: 60 })
const contents: fc.Arbitrary<Content> = fc
  .record({
    links: uniqueOf(links, KEYS.links),
    texts: uniqueOf(texts, KEYS.texts),
    loose: uniqueOf(loose, KEYS.loose),
    roots: uniqueOf(roots, KEYS.roots),
    counts: uniqueOf(counts, KEYS.counts),
  })
  .map(sorted)

/** What the file holds, as content. */
function stored(store: Store): Content {
  const rows = (text: string) => readRaw(store, text) as never[][]
  return {
    links: rows('SELECT * FROM base_link ORDER BY 1, 2, 3').map(
      ([baseRepoKey, key, relation, rule]) => ({ baseRepoKey, repoKey: key, relation, rule }) as never,
    ),
    texts: rows('SELECT * FROM found_text ORDER BY 1, 2, 3').map(
      ([key, text, relation, baseRepoKey, rule]) =>
        ({ repoKey: key, declared: text, relation, baseRepoKey, rule }) as never,
    ),
    loose: rows('SELECT * FROM loose_base ORDER BY 1, 2, 3').map(
      ([key, text, relation, cause]) => ({ repoKey: key, declared: text, relation, cause }) as never,
    ),
    roots: rows('SELECT * FROM lineage_root ORDER BY 1, 2').map(
      ([key, ordinal, rootKey, text, weight, depth, end]) => {
        const repoId = rootKey === null ? null : `owner/m${rootKey}`
        return {
          repoKey: key,
          ordinal,
          root: { repoKey: rootKey, repoId, declared: text, weight, depth, end },
        } as never
      },
    ),
    counts: rows('SELECT * FROM derivative_count ORDER BY 1, 2').map(
      ([baseRepoKey, relation, directRepos, directPublishers, allRepos, allPublishers]) =>
        ({ baseRepoKey, relation, directRepos, directPublishers, allRepos, allPublishers }) as never,
    ),
  }
}

/** `drawn`, and of what was stored before all but each so many'th row. */
function mixed(drawn: Content, before: Content, every: number): Content {
  const parts = Object.entries(KEYS).map(([part, key]) => {
    const rows = [
      ...before[part as keyof Content].filter((_, at) => at % every !== 0),
      ...drawn[part as keyof Content],
    ]
    return [part, [...new Map(rows.map(row => [JSON.stringify(key(row as never)), row])).values()]]
  })
  return sorted(Object.fromEntries(parts) as Content)
}

const replace = (store: Store, content: LineageContent) =>
  store.sqlite.transaction(() => replaceLineage(store, content))()
const NOTHING = { written: 0, removed: 0 }
const UNTOUCHED = { links: NOTHING, texts: NOTHING, loose: NOTHING, roots: NOTHING, counts: NOTHING }

describe('a lineage that replaces another', () => {
  test('is exactly what the file holds then, whatever it held; the same again writes nothing', () => {
    const store = fileOfRepos()
    const seen = { written: 0, removed: 0, kept: 0 }
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 5 }), (drawn, every) => {
        const before = stored(store)
        const content = mixed(drawn, before, every)
        const changes = replace(store, content)
        expect(stored(store)).toEqual(content)
        expect(replace(store, content)).toEqual(UNTOUCHED)
        expect(stored(store)).toEqual(content)
        for (const part of ['links', 'texts', 'loose', 'roots', 'counts'] as const) {
          const [old, now] = [before, content].map(found => found[part].map(row => JSON.stringify(row)))
          const kept = now!.filter(row => old!.includes(row)).length
          expect(changes[part].written).toBe(now!.length - kept)
          expect(old!.length + changes[part].written - changes[part].removed).toBeGreaterThanOrEqual(
            now!.length,
          )
          seen.written += changes[part].written
          seen.removed += changes[part].removed
          seen.kept += kept
        }
      }),
      { numRuns: 200 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(100)
  })

  test('is told apart from what is stored beyond one chunk of it, at both ends and in between', () => {
    const store = fileOfRepos(2)
    const linksOf = (count: number, skipped: (at: number) => boolean) =>
      (function* (): Generator<BaseLink> {
        for (let at = 0; at < count; at += 1)
          if (!skipped(at)) yield { baseRepoKey: 1, repoKey: at, relation: 'finetune', rule: 'hub-id' }
      })()
    const run = (count: number, skipped: (at: number) => boolean = () => false) =>
      replace(store, { links: linksOf(count, skipped), texts: [], loose: [], roots: [], counts: [] }).links
    expect(run(5000)).toEqual({ written: 5000, removed: 0 })
    expect(run(5000)).toEqual(NOTHING)
    expect(run(5000, at => at % 1024 === 0)).toEqual({ written: 0, removed: 5 })
    expect(run(6000, at => at < 3000 && at % 1024 !== 0)).toEqual({ written: 1005, removed: 2997 })
    const keys = readRaw(store, 'SELECT repo_key FROM base_link ORDER BY 1').flat()
    expect(keys).toEqual(
      Array.from({ length: 6000 }, (_, at) => at).filter(at => at >= 3000 || at % 1024 === 0),
    )
    expect(run(0)).toEqual({ written: 0, removed: 3003 })
  })

  test('goes with the transaction of its caller', () => {
    const store = fileOfRepos(2)
    const one: LineageContent = {
      links: [{ baseRepoKey: 1, repoKey: 2, relation: 'merge', rule: 'name' }],
      texts: [],
      loose: [],
      roots: [],
      counts: [],
    }
    expect(() =>
      store.sqlite.transaction(() => {
        replaceLineage(store, one)
        throw new Error('stopped')
      })(),
    ).toThrow('stopped')
    expect(stored(store).links).toEqual([])
  })

  test('is refused out of order, and with one row twice', () => {
    const store = fileOfRepos(3)
    const rows = (content: Partial<LineageContent>) => () =>
      replace(store, { links: [], texts: [], loose: [], roots: [], counts: [], ...content })
    const link = (baseRepoKey: number, key: number): BaseLink => ({
      baseRepoKey,
      repoKey: key,
      relation: 'merge',
      rule: 'name',
    })
    expect(rows({ links: [link(2, 1), link(1, 2)] })).toThrow(/base_link: .* does not come after/)
    expect(rows({ links: [link(1, 2), link(1, 2)] })).toThrow(RangeError)
    const base = (text: string): LooseBase => ({
      repoKey: 1,
      declared: text,
      relation: 'merge',
      cause: 'absent',
    })
    // In UTF-16 the two stand the other way round.
    expect(rows({ loose: [base('\u{1F600}/x'), base('\uFF21/x')] })).toThrow(RangeError)
    expect(rows({ loose: [base('\uFF21/x'), base('\u{1F600}/x')] })).not.toThrow()
  })

  test('takes a repository that names itself twice once', () => {
    const store = fileOfRepos(1)
    const self: LooseBase = { repoKey: 1, declared: 'owner/m1', relation: 'merge', cause: 'self' }
    const content = { links: [], texts: [], loose: [self, { ...self }], roots: [], counts: [] }
    expect(replace(store, content).loose).toEqual({ written: 1, removed: 0 })
    expect(replace(store, content).loose).toEqual(NOTHING)
  })

  test('brings every weight back as the number it was', () => {
    const store = fileOfRepos(1)
    const shape = {
      table: 'lineage_root',
      key: ['repo_key', 'ordinal'],
      values: ['weight', 'depth', '"end"'],
    }
    const weights = Array.from({ length: 3000 }, (_, at) => 1 / (at + 3))
    const rows = weights.map((weight, at) => [1, at, weight, 0, 'root'])
    replaceRows(store, shape, rows)
    expect(replaceRows(store, shape, rows)).toEqual(NOTHING)
  })
})
