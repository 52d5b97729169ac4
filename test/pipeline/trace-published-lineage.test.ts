import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { traceLineage } from '../../src/pipeline/trace-lineage.ts'
import { indexNames } from '../../src/store/name-index.ts'
import { openStore } from '../../src/store/open-store.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { readRaw } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { type WrittenRepo, writeCompleteSweep, writeRepos } from '../support/lineage-census.ts'

const COUNT = 9
const RELATIONS = ['finetune', 'adapter', 'merge', 'quantized', 'undeclared']
const HANDLES = ['qwen', 'meta', 'nobody', 'Nobody2']
const nameOf = (number: number) => `${HANDLES[number % HANDLES.length]}/m${number}`

/** What a repository can declare: another one that the Hub resolved or not, in its own letters or others, or nobody. */
const declared = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      to: fc.integer({ min: 1, max: COUNT }),
      as: fc.constantFrom('id', 'id', 'text', 'upper'),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom('lost/one', 'lost/two', './path', 'bare') },
)
const lives = fc.array(
  fc.record({
    bases: fc.uniqueArray(fc.record({ declared, relation: fc.constantFrom(...RELATIONS) }), {
      maxLength: 3,
      selector: ({ declared: found, relation }) =>
        `${typeof found === 'string' ? found : `${found.to} ${found.as === 'upper'}`} ${relation}`,
    }),
    isGone: fc.constantFrom(false, false, false, true),
    downloads: fc.nat(30),
  }),
  { minLength: COUNT, maxLength: COUNT },
)

test('a traced lineage says what was published: the same roots, counts and uploaders, for any small catalogue', () => {
  const folder = temporaryFolder()
  const clock = fakeClock('2026-03-10T12:00:00Z')
  const seen = { several: 0, circles: 0, rules: 0, loose: 0, gone: 0, deep: 0 }
  let files = 0
  fc.assert(
    fc.property(lives, all => {
      const repos = all.map(({ bases, isGone, downloads }, at): WrittenRepo => {
        const declares = bases.map(({ declared: found, relation }) => {
          if (typeof found === 'string') return [found, relation] as const
          const text = nameOf(found.to)
          if (found.as === 'id') return [text, relation, found.to] as const
          return [found.as === 'upper' ? text.toUpperCase() : text, relation] as const
        })
        return { id: nameOf(at + 1), downloads, declares, ...(isGone ? { gone: '2026-03-09' } : {}) }
      })
      const store = openStore({ file: join(folder, `${files++}.db`), migrationsFolder: MIGRATIONS })
      const effects = { store, registry: EVERY_KIND, clock, log: silentLog }
      try {
        writeRepos(store, repos)
        indexNames(store)
        writeCompleteSweep(store, parseUtcDay('2026-03-10'))
        publishDailyTotals(effects)
        for (const { id } of repos) {
          const {
            ancestors,
            roots,
            counts,
            all: down,
            direct,
            subject,
          } = traceLineage({ name: id, depth: 2, children: 3 }, effects)
          expect(roots.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
          const any = counts.find(({ relation }) => relation === 'any')
          expect([direct.repos, direct.uploaders, down.repos, down.uploaders], id).toEqual([
            ...[any?.directRepos ?? 0, any?.directPublishers ?? 0],
            ...[any?.allRepos ?? 0, any?.allPublishers ?? 0],
          ])
          // Where the walk shown ends is where the published one ended, with the same weight.
          const above = new Map(ancestors.map(found => [found.repo?.repoId ?? found.declared!, found.weight]))
          for (const { repoId, declared: text, weight, depth } of roots)
            expect(depth === 0 ? 1 : above.get(repoId ?? text!), `${id} on ${repoId ?? text}`).toBeCloseTo(
              weight,
              9,
            )
          const isRule = ancestors.some(({ links }) => links.some(({ found }) => found === 'letter-case'))
          seen.several += roots.length > 1 ? 1 : 0
          seen.circles += subject.kind === 'repository' && subject.isInCircle ? 1 : 0
          seen.rules += isRule ? 1 : 0
          seen.loose += ancestors.some(({ repo }) => repo === null) ? 1 : 0
          seen.gone += down.goneRepos > 0 ? 1 : 0
          seen.deep += ancestors.some(({ steps }) => steps > 2) ? 1 : 0
        }
        for (const name of ['lost/one', './path']) {
          const [[declarers]] = readRaw(
            store,
            `SELECT count(DISTINCT repo_id) FROM v1_base_edge JOIN v1_repo USING (repo_id)
             WHERE base_declared = ? AND gone_on IS NULL`,
            name,
          ) as [[number]]
          if (declarers > 0) {
            const { direct, subject } = traceLineage({ name, depth: 1, children: 1 }, effects)
            expect(subject.kind).toBe('absent')
            expect(direct.repos).toBe(declarers)
          }
        }
      } finally {
        store.close()
      }
    }),
    { numRuns: 60 },
  )
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(5)
})
