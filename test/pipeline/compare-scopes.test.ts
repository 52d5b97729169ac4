import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelledCatalogue } from '../../fixtures/catalogue/modelled-catalogue.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { compareScopes } from '../../src/pipeline/compare-scopes.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { scopeComparisonText } from '../../src/present/scope-comparison-text.ts'
import { LLM, lab, registryOf, scope } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { bundled } from '../registry/bundled.ts'
import { capturing, readRaw } from '../store/capturing.ts'
import { PACKAGE_ROOT, temporaryStore } from '../support/census.ts'

const TEXT = 'text-generation'
const registry = registryOf(
  [lab('qwen'), lab('meta', { countries: ['US'] })],
  [
    scope('all'),
    LLM,
    scope('list', { version: 3, listed: new Set(['qwen/both', 'meta/encoder', 'qwen/gone']) }),
  ],
)

/** By hand: one repository of the list is absent twice and so gone, one of the rest has no lifetime counter. */
async function smallCensus() {
  const rows = [
    row(1, { id: 'qwen/both', pipeline_tag: TEXT, downloads: 1, downloadsAllTime: 1000 }),
    row(2, { id: 'meta/encoder', pipeline_tag: 'fill-mask', downloads: 1, downloadsAllTime: 500 }),
    row(3, { id: 'qwen/gone', pipeline_tag: TEXT, downloads: 1, downloadsAllTime: 70 }),
    row(4, { id: 'meta/guard', pipeline_tag: TEXT, downloads: 1, downloadsAllTime: 40 }),
    row(5, { id: 'meta/extra', pipeline_tag: TEXT, downloads: 1, downloadsAllTime: 30 }),
    row(6, { id: 'nobody/\u202etune', pipeline_tag: TEXT, downloads: 1, downloadsAllTime: 20 }),
    row(7, { id: 'meta/unknown', pipeline_tag: TEXT, downloads: 1 }),
    ...Array.from({ length: 60 }, (_, k) =>
      row(10 + k, { id: `qwen/small-${k}`, pipeline_tag: TEXT, downloads: 1, downloadsAllTime: k % 30 }),
    ),
  ]
  const days = {
    '2026-01-01': rows,
    '2026-01-02': rows.filter(found => found.id !== 'qwen/gone'),
    '2026-01-03': rows.filter(found => found.id !== 'qwen/gone'),
  }
  const census = await capturing(days)
  for (const day of Object.keys(days)) await census.capture(day, { pageSize: 1000 })
  return census
}

const refusal = (action: () => unknown): CensusError => {
  try {
    action()
  } catch (error) {
    if (error instanceof CensusError) return error
    throw error
  }
  throw new Error('was not refused')
}

describe('two scopes side by side', () => {
  test('are told apart repository by repository, each with the rule that keeps it out', async () => {
    const { store } = await smallCensus()
    const found = compareScopes('list', 'llm', { store, registry })
    expect(found).toMatchObject({
      a: { key: 'list', version: 3 },
      b: { key: 'llm', version: 1 },
      basis: { asOf: '2026-01-03', registryRevision: registry.revision },
      both: { repos: 1, goneRepos: 1, downloadsAllTime: 1000 + 70, allTimeUnknownRepos: 0 },
    })
    expect(found.onlyA).toEqual({
      all: { repos: 1, goneRepos: 0, downloadsAllTime: 500, allTimeUnknownRepos: 0 },
      rules: [{ verdict: 'task', repos: 1, goneRepos: 0, downloadsAllTime: 500, allTimeUnknownRepos: 0 }],
      top: [{ repoId: 'meta/encoder', downloadsAllTime: 500, goneOn: null, verdict: 'task' }],
    })
    // 60 small ones, `extra` and `unknown`: 50 shown, ties by name, the unknown counter last and so not among them.
    expect(found.onlyB.all).toEqual({
      repos: 62,
      goneRepos: 0,
      downloadsAllTime: 30 + 2 * ((29 * 30) / 2),
      allTimeUnknownRepos: 1,
    })
    expect(found.onlyB.rules.map(({ verdict, repos }) => [verdict, repos])).toEqual([['not-listed', 62]])
    expect(found.onlyB.top).toHaveLength(50)
    expect(found.onlyB.top.slice(0, 3).map(({ repoId }) => repoId)).toEqual([
      'meta/extra',
      'qwen/small-29',
      'qwen/small-59',
    ])
  })

  test('turned round say the same, the other way', async () => {
    const { store } = await smallCensus()
    const one = compareScopes('list', 'llm', { store, registry })
    const other = compareScopes('llm', 'list', { store, registry })
    expect([other.onlyA, other.onlyB, other.both]).toEqual([one.onlyB, one.onlyA, one.both])
  })

  test('are printed with counts by rule, and what others wrote is made harmless', async () => {
    const { store } = await smallCensus()
    const text = scopeComparisonText(compareScopes('all', 'llm', { store, registry }))
    expect(text).toContain('Scope all v1 beside scope llm v1 · as of 2026-01-03')
    expect(text).toContain('not-first-party: its publisher is not a reviewed lab')
    expect(text).toContain('name: its name matches a rejected pattern')
    expect(text).not.toContain('\u202e')
    expect(text).toContain('In llm v1, not in all v1: 0 repositories, 0 cumulative downloads\n')
    const turned = scopeComparisonText(compareScopes('llm', 'list', { store, registry }))
    expect(turned).toContain('not-listed: its current name is not on the published list')
    expect(turned).toContain('the 50 most downloaded of 62:')
    expect(turned).toContain('1 without a known counter')
  })

  test.each([
    ['a scope nobody defined', 'llms', 'all', 'llm'],
    ['the name of an object’s property', 'all', '__proto__', 'all'],
    ['one scope twice', 'llm', 'llm', 'all'],
  ])('%s is refused, with names to try', (_, a, b, suggestion) => {
    const error = refusal(() => compareScopes(a, b, { store: temporaryStore(), registry }))
    expect(error.exitCode).toBe(2)
    expect(error.remedy.next).toContain(suggestion)
  })

  test('need a complete sweep', () => {
    const error = refusal(() => compareScopes('all', 'llm', { store: temporaryStore(), registry }))
    expect([error.exitCode, error.remedy.next]).toEqual([2, expect.stringContaining('hub-census sweep')])
  })
})

describe('llm beside atom on the modelled catalogue', () => {
  test('differ by exactly what the published totals differ by, and every rule says how much', async () => {
    const day = '2025-12-31'
    const rows = modelledCatalogue(join(PACKAGE_ROOT, 'fixtures', 'catalogue')).rowsOn(day)
    const { store, capture, clock } = await capturing({ [day]: [...rows] })
    await capture(day, { pageSize: 1000 })
    publishDailyTotals({ store, registry: bundled, clock, log: silentLog })
    const found = compareScopes('llm', 'atom', { store, registry: bundled })
    const total = (key: string) =>
      readRaw(
        store,
        "SELECT sum(downloads_all_time), sum(repos) FROM v1_daily_total WHERE scope = ? AND attribution = 'publisher' AND axis = 'region'",
        key,
      )[0] as [number, number]
    const [llm, llmRepos] = total('llm')
    const [atom, atomRepos] = total('atom')
    expect(found.both.repos + found.onlyA.all.repos).toBe(llmRepos)
    expect(found.both.repos + found.onlyB.all.repos).toBe(atomRepos)
    expect(found.both.downloadsAllTime! + found.onlyA.all.downloadsAllTime!).toBe(llm)
    expect(found.both.downloadsAllTime! + found.onlyB.all.downloadsAllTime!).toBe(atom)
    for (const { all, rules } of [found.onlyA, found.onlyB]) {
      expect(rules.reduce((sum, rule) => sum + rule.downloadsAllTime!, 0)).toBe(all.downloadsAllTime!)
      expect(rules.reduce((sum, rule) => sum + rule.repos, 0)).toBe(all.repos)
    }
    // What the list holds and the rule refuses, the rule refuses by its task alone (test/derive/published-list.test.ts).
    expect(found.onlyB.rules.map(({ verdict, repos }) => [verdict, repos])).toEqual([['task', 7]])
    expect(found.onlyA.rules.map(({ verdict }) => verdict)).toEqual(['not-listed'])
  }, 60_000)
})
