import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelledCatalogue } from '../../fixtures/catalogue/modelled-catalogue.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { compareScopes } from '../../src/pipeline/compare-scopes.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { jsonPieces } from '../../src/present/json-pieces.ts'
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
    const found = compareScopes({ a: 'list', b: 'llm', limit: 50 }, { store, registry })
    expect(found).toMatchObject({
      a: { key: 'list', version: 3 },
      b: { key: 'llm', version: 1 },
      basis: { asOf: '2026-01-03', registryRevision: registry.revision },
      both: { repos: 1, goneRepos: 1, downloadsAllTime: 1000 + 70, allTimeUnknownRepos: 0 },
    })
    expect(found.onlyA).toEqual({
      all: { repos: 1, goneRepos: 0, downloadsAllTime: 500, allTimeUnknownRepos: 0 },
      rules: [{ verdict: 'task', repos: 1, goneRepos: 0, downloadsAllTime: 500, allTimeUnknownRepos: 0 }],
      strays: [{ repoId: 'meta/encoder', downloadsAllTime: 500, goneOn: null, verdict: 'task' }],
    })
    // 60 small ones, `extra` and `unknown`: 50 shown, ties by name, the unknown counter last and so not among them.
    expect(found.onlyB.all).toEqual({
      repos: 62,
      goneRepos: 0,
      downloadsAllTime: 30 + 2 * ((29 * 30) / 2),
      allTimeUnknownRepos: 1,
    })
    expect(found.onlyB.rules.map(({ verdict, repos }) => [verdict, repos])).toEqual([['not-listed', 62]])
    expect(found.onlyB.strays).toHaveLength(50)
    expect(found.onlyB.strays.slice(0, 3).map(({ repoId }) => repoId)).toEqual([
      'meta/extra',
      'qwen/small-29',
      'qwen/small-59',
    ])
  })

  test('hold as many differences as are wanted, and all of them without a limit', async () => {
    const { store } = await smallCensus()
    const strays = (limit: number | null) =>
      compareScopes({ a: 'all', b: 'list', limit }, { store, registry }).onlyA.strays
    const all = strays(null)
    expect(all).toHaveLength(64)
    expect(new Set(all.map(({ repoId }) => repoId)).size).toBe(64)
    // One at a time is cut back again and again on the way.
    for (const limit of [1, 2, 63, 64, 65]) expect(strays(limit)).toEqual(all.slice(0, limit))
    const whole = compareScopes({ a: 'all', b: 'list', limit: null }, { store, registry })
    const text = scopeComparisonText(whole, null)
    expect(text).toContain('all of them:')
    expect(text).not.toContain('not shown')
    expect(JSON.parse([...jsonPieces(whole)].join(''))).toEqual(whole)
  })

  test('turned round say the same, the other way', async () => {
    const { store } = await smallCensus()
    const one = compareScopes({ a: 'list', b: 'llm', limit: 50 }, { store, registry })
    const other = compareScopes({ a: 'llm', b: 'list', limit: 50 }, { store, registry })
    expect([other.onlyA, other.onlyB, other.both]).toEqual([one.onlyB, one.onlyA, one.both])
  })

  test('are printed with counts by rule, and what others wrote is made harmless', async () => {
    const { store } = await smallCensus()
    const text = scopeComparisonText(
      compareScopes({ a: 'all', b: 'llm', limit: 50 }, { store, registry }),
      50,
    )
    expect(text).toContain('Scope all v1 beside scope llm v1 · as of 2026-01-03')
    expect(text).toContain('not-first-party: its publisher is not a reviewed lab')
    expect(text).toContain('name: its name matches a rejected pattern')
    expect(text).not.toContain('\u202e')
    expect(text).toContain('In llm v1, not in all v1: 0 repositories, 0 cumulative downloads\n')
    const turned = scopeComparisonText(
      compareScopes({ a: 'llm', b: 'list', limit: 50 }, { store, registry }),
      50,
    )
    expect(turned).toContain('not-listed: neither its name nor a former one is on the published list')
    expect(turned).toContain('the 50 most downloaded of 62:')
    expect(turned).toContain('\n12 not shown: --limit 0 shows all, --json has all\n')
    expect(turned).toContain('1 without a known counter')
  })

  test('name what a published list has wrong: names nobody has, and names somebody had', async () => {
    const list = scope('list', {
      listed: new Set([
        'qwen/x',
        'qwen/old',
        'qwen/older',
        'qwen/freed',
        'qwen/New',
        'a/gone',
        'no/\u202eone',
        'Qwen/x',
      ]),
    })
    const own = registryOf([lab('qwen')], [scope('all'), list])
    const named = (number: number, ...ids: string[]) => ids.map(id => row(number, { id, downloads: 1 }))
    const one = named(1, 'qwen/older', 'qwen/old', 'qwen/New')
    const two = named(2, 'qwen/freed', 'qwen/moved', 'qwen/moved')
    const three = named(3, 'unlisted', 'unlisted', 'qwen/freed')
    const rest = [...named(4, 'qwen/x'), ...Array.from({ length: 30 }, (_, k) => row(10 + k))]
    const days = Object.fromEntries(
      [0, 1, 2, 3].map(at => {
        const on = Math.min(at, 2)
        return [
          `2026-01-0${at + 1}`,
          [one[on]!, two[on]!, three[on]!, ...rest, ...(at < 2 ? named(5, 'a/gone') : [])],
        ]
      }),
    )
    const { store, capture } = await capturing(days)
    for (const day of Object.keys(days)) await capture(day, { pageSize: 1000 })
    const found = compareScopes({ a: 'list', b: 'all', limit: null }, { store, registry: own })
    expect(found.lists).toEqual([
      {
        scope: 'list',
        names: 8,
        // One that is gone is a repository all the same, and so is one that took a name another gave up.
        borne: 4,
        former: [
          { name: 'qwen/old', repoId: 'qwen/New', goneOn: null, rule: 'former-name', isListedTwice: true },
          { name: 'qwen/older', repoId: 'qwen/New', goneOn: null, rule: 'former-name', isListedTwice: true },
        ],
        absent: ['Qwen/x', 'no/\u202eone'],
      },
    ])
    // Under two names of the list or under a former one, each is one repository: x, New, moved and the new freed.
    expect(found.both).toMatchObject({ repos: 4, goneRepos: 1 })
    expect(found.onlyA.strays).toEqual([])
    expect(found.onlyB.strays.map(({ repoId }) => repoId)).not.toContain('qwen/moved')
    const text = scopeComparisonText(found, 1)
    expect(text).toContain(
      'Names on the list of list: 8, of which 4 are names of repositories, 2 only former names, 2 of',
    )
    expect(text).toContain('  qwen/old is now qwen/New, which is on the list too\n  1 not shown: --limit 0')
    expect(text).toContain('of no repository of this file:\n  Qwen/x\n  1 not shown')
    expect(scopeComparisonText(found, null)).not.toContain('\u202e')
    expect(compareScopes({ a: 'all', b: 'llm', limit: 1 }, { store, registry }).lists).toEqual([])
  })

  test('find what is called otherwise by a reviewed alias, where the census knows no better', async () => {
    const listed = new Set(['old/a', 'old/b', 'plain', 'old/lost', 'old/seen'])
    const alias = (to: string) => ({ to, evidence: 'unverified', checked: parseUtcDay('2026-01-01') })
    const own = {
      ...registryOf([], [scope('all'), scope('list', { listed })]),
      aliases: {
        ids: new Map([['plain', alias('owner/plain')]]),
        handles: new Map([['old', alias('new')]]),
      },
    }
    const days = {
      '2026-01-01': [
        row(1, { id: 'new/a' }),
        row(2, { id: 'owner/plain' }),
        row(3, { id: 'old/seen' }),
        row(4, { id: 'old/b' }),
      ],
      '2026-01-02': [
        row(1, { id: 'new/a' }),
        row(2, { id: 'owner/plain' }),
        row(3, { id: 'x/seen' }),
        row(4, { id: 'old/b' }),
      ],
    }
    const { store, capture } = await capturing(days)
    for (const day of Object.keys(days)) await capture(day)
    const found = compareScopes({ a: 'list', b: 'all', limit: null }, { store, registry: own })
    const otherwise = { goneOn: null, isListedTwice: false }
    expect(found.lists).toEqual([
      {
        scope: 'list',
        names: 5,
        borne: 1,
        former: [
          { name: 'old/a', repoId: 'new/a', rule: 'renamed-handle', ...otherwise },
          { name: 'old/seen', repoId: 'x/seen', rule: 'former-name', ...otherwise },
          { name: 'plain', repoId: 'owner/plain', rule: 'legacy-id', ...otherwise },
        ],
        absent: ['old/lost'],
      },
    ])
    expect(scopeComparisonText(found, null)).toContain('  plain is now owner/plain by a reviewed alias\n')
  })

  test.each([
    ['a scope nobody defined', 'llms', 'all', 'llm'],
    ['the name of an object’s property', 'all', '__proto__', 'all'],
    ['one scope twice', 'llm', 'llm', 'all'],
  ])('%s is refused, with names to try', (_, a, b, suggestion) => {
    const error = refusal(() => compareScopes({ a, b, limit: 50 }, { store: temporaryStore(), registry }))
    expect(error.exitCode).toBe(2)
    expect(error.remedy.next).toContain(suggestion)
  })

  test('need a complete sweep', () => {
    const error = refusal(() =>
      compareScopes({ a: 'all', b: 'llm', limit: 50 }, { store: temporaryStore(), registry }),
    )
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
    const found = compareScopes({ a: 'llm', b: 'atom', limit: 50 }, { store, registry: bundled })
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
