import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readCatalogue } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import type { Store } from '../../src/store/open-store.ts'
import { bundled } from '../registry/bundled.ts'
import { readRaw } from '../store/capturing.ts'
import { clientOf, fakeClock, temporaryStore } from '../support/census.ts'
import { HAS_RADAR, radarFiles } from '../support/radar.ts'

// An independent count of the lineage in one recorded day, by what its tags and the reviewed files say. Nothing of src is
// used for it: what the census says, in the last tests, is held against these figures.

interface Recorded {
  id: string
  createdAt: string
  downloads: number
  tags: string[]
  pipeline_tag?: string
  library_name?: string
}

interface Edge {
  base: string
  relation: string
}

interface Model extends Recorded {
  /** Distinct pairs of base and relation, its own name among them. */
  edges: readonly Edge[]
}

const RELATION_TAG = /^base_model:(adapter|merge|quantized|finetune):(.*)$/s
const BASE_TAG = /^base_model:(.*)$/s

/** The relation tags; a bare tag counts where no relation names its base, as in the census. */
function edgesOf(tags: readonly string[]): Edge[] {
  const edges = new Map<string, Edge>()
  const bare: string[] = []
  for (const tag of tags) {
    const [, relation, base] = RELATION_TAG.exec(tag) ?? []
    if (relation !== undefined) edges.set(`${relation} ${base}`, { base: base!, relation })
    else if (tag.startsWith('base_model:')) bare.push(BASE_TAG.exec(tag)![1]!)
  }
  const related = new Set([...edges.values()].map(({ base }) => base))
  for (const base of new Set(bare)) {
    if (!related.has(base)) edges.set(`undeclared ${base}`, { base, relation: 'undeclared' })
  }
  return [...edges.values()]
}

function readModels(file: string): Model[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  return lines.map(line => {
    const row = JSON.parse(line) as Recorded
    return { ...row, edges: edgesOf(row.tags) }
  })
}

function count(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const sumOf = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((sum, part) => sum + part, 0)

const edgesByRelation = (models: readonly Model[]) =>
  count(models.flatMap(({ edges }) => edges.map(({ relation }) => relation)))

/** What becomes of every edge when its name is looked up in the same file. */
function edgesByOutcome(models: readonly Model[]): Map<string, number> {
  const exact = new Set(models.map(({ id }) => id))
  const folded = new Set(models.map(({ id }) => id.toLowerCase()))
  return count(
    models.flatMap(({ id, edges }) =>
      edges.map(({ base }) => {
        if (base === id) return 'self'
        if (exact.has(base)) return 'exact name'
        if (folded.has(base.toLowerCase())) return 'letter case only'
        if (/^https?:/i.test(base)) return 'address'
        if (base.split('/').length > 2 || base.includes('\\') || /^[/.~]/.test(base)) return 'path'
        if (/^[\w.-]+\/[\w.-]+$/.test(base)) return 'absent'
        return /^[\w.-]+$/.test(base) ? 'bare name' : 'malformed'
      }),
    ),
  )
}

/** The distinct bases of a model, whatever the relations; its own name is none. */
const basesOf = ({ id, edges }: Model) =>
  [...new Set(edges.map(({ base }) => base))].filter(base => base !== id)

/** How many models declare so many distinct bases. */
const modelsByBaseCount = (models: readonly Model[]) =>
  count(models.map(model => String(basesOf(model).length)))

/**
 * Models by the steps of the longest declared chain above them: a base that the file does not hold is the last step, and
 * names are followed where the file has them exactly.
 */
function modelsByDepth(models: readonly Model[]): Map<string, number> {
  const byId = new Map(models.map(model => [model.id, model]))
  const longest = (model: Model, passed: ReadonlySet<string>): number =>
    Math.max(
      0,
      ...basesOf(model)
        .filter(base => !passed.has(base))
        .map(base => {
          const known = byId.get(base)
          return 1 + (known === undefined ? 0 : longest(known, new Set([...passed, base])))
        }),
    )
  return count(models.map(model => String(longest(model, new Set([model.id])))))
}

/** Models that come back to themselves over others. */
function inCircles(models: readonly Model[]): string[] {
  const byId = new Map(models.map(model => [model.id, model]))
  return models.flatMap(model => {
    const seen = new Set<string>()
    const ahead = basesOf(model)
    for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      const known = byId.get(id)
      if (known !== undefined) ahead.push(...basesOf(known))
    }
    return seen.has(model.id) ? [model.id] : []
  })
}

const reviewed = (name: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, '../../src/registry', name), 'utf8'))

/** The region line of a handle on the day, straight from the reviewed files. */
function readRegions(day: string): (handle: string) => string {
  const regions = reviewed('regions.yml') as { key: string; countries: string[] | 'rest' }[]
  const labs = reviewed('labs.yml') as {
    kind: string
    countries: { country: string; from?: string; until?: string }[]
    handles: { handle: string; from?: string; until?: string }[]
  }[]
  const isOpen = ({ from = '0', until = '9' }: { from?: string; until?: string }) =>
    from <= day && day <= until
  const lines = new Map<string, string>()
  for (const { kind, countries, handles } of labs) {
    const country = countries.find(isOpen)?.country ?? 'unknown'
    const region = regions.find(({ countries: listed }) => listed !== 'rest' && listed.includes(country))?.key
    const line = kind === 'community' || kind === 'excluded' ? kind : region
    for (const tenure of handles.filter(isOpen)) {
      lines.set(tenure.handle, line ?? (/^[A-Z]{2}$/.test(country) ? 'other' : country))
    }
  }
  return handle => lines.get(handle) ?? 'unreviewed'
}

interface CopyRule {
  handle: string
  pattern: RegExp
  to: string
}

function readCopyRules(): CopyRule[] {
  const entries = reviewed('re-uploads.yml') as {
    handle: string
    suffixes?: string[]
    rules?: { pattern: string; to: string }[]
    repos?: { repo: string; to: string }[]
  }[]
  const literal = (text: string) => text.replace(/[^\w]/g, '\\$&')
  return entries.flatMap(({ handle, suffixes = [], rules = [], repos = [] }) => [
    ...repos.map(({ repo, to }) => ({
      handle,
      pattern: new RegExp(`^${literal(repo.split('/')[1]!)}$`),
      to,
    })),
    ...rules.map(({ pattern, to }) => ({
      handle,
      pattern: new RegExp(`^(?:${pattern.slice(1, -1)})(?:${suffixes.map(literal).join('|')})?$`, 'i'),
      to,
    })),
  ])
}

/** The model of which an id is a copy, and the rule; null where no rule is about it. */
function copiedModel(id: string, rules: readonly CopyRule[]): { to: string; rule: CopyRule } | null {
  const [handle, name] = id.split('/')
  const rule = rules.find(candidate => candidate.handle === handle && candidate.pattern.test(name ?? ''))
  return rule === undefined ? null : { to: name!.replace(rule.pattern, rule.to), rule }
}

interface ShareContext {
  byId: ReadonlyMap<string, Model>
  rules: readonly CopyRule[]
  regionOf(handle: string): string
}

/**
 * The roots of an id with their weights: several bases share 1/n at each step, names are followed where the file has them
 * exactly, and a root that is a copy goes on to what it copies.
 */
function rootsOf(
  id: string,
  context: Pick<ShareContext, 'byId' | 'rules'>,
  passed: readonly string[] = [],
): Map<string, number> {
  const known = context.byId.get(id)
  const bases = known === undefined ? [] : basesOf(known).filter(base => !passed.includes(base))
  const roots = new Map<string, number>()
  if (bases.length === 0) return roots.set(copiedModel(id, context.rules)?.to ?? id, 1)
  for (const base of bases) {
    for (const [root, weight] of rootsOf(base, context, [...passed, id])) {
      roots.set(root, (roots.get(root) ?? 0) + weight / bases.length)
    }
  }
  return roots
}

const handleOf = (id: string) => (/^[\w.-]+\/[\w.-]+$/.test(id) ? id.split('/')[0]! : '')
const FORMATS = /(?:^|[-_.])(?:gguf|mlx)(?:$|[-_.])/i

/** GGUF and MLX files are told by a tag, the library, or a word of the name. */
const isLocalFormat = ({ id, tags, library_name }: Model) =>
  [...tags, library_name ?? ''].some(word => /^(?:gguf|mlx)$/i.test(word)) || FORMATS.test(id.split('/')[1]!)

const TEXT_TASKS = ['text-generation', 'image-text-to-text']

/** The sample of the share tables: new in a month, a text or vision-language task, no GGUF or MLX, more than 5 downloads. */
function sampleOf(models: readonly Model[], month: string, relations: readonly string[]): Model[] {
  return models.filter(
    model =>
      model.createdAt.startsWith(month) &&
      TEXT_TASKS.includes(model.pipeline_tag ?? '') &&
      !isLocalFormat(model) &&
      model.downloads > 5 &&
      model.edges.some(({ base, relation }) => base !== model.id && relations.includes(relation)),
  )
}

/** The region lines of a sample when each model is shared out over its immediate bases of these relations. */
function linesByBase(
  sample: readonly Model[],
  relations: readonly string[],
  context: ShareContext,
): Map<string, number> {
  return regionLines(
    sample.map(model => {
      const related = model.edges.filter(({ relation }) => relations.includes(relation))
      const bases = basesOf({ ...model, edges: related })
      return new Map(bases.map(base => [base, 1 / bases.length]))
    }),
    context,
  )
}

/** The same over all its roots. */
function linesByRoot(sample: readonly Model[], context: ShareContext): Map<string, number> {
  return regionLines(
    sample.map(({ id }) => rootsOf(id, context)),
    context,
  )
}

function regionLines(
  shares: readonly ReadonlyMap<string, number>[],
  { regionOf }: ShareContext,
): Map<string, number> {
  const sums = new Map<string, number>()
  for (const share of shares) {
    for (const [id, weight] of share) {
      const line = handleOf(id) === '' ? 'unresolved' : regionOf(handleOf(id))
      sums.set(line, (sums.get(line) ?? 0) + weight)
    }
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** How much of a sample reaches its roots by each rule, largest first. */
function movedByRule(sample: readonly Model[], { byId, rules }: ShareContext): Map<string, number> {
  const moved = new Map<string, number>()
  for (const model of sample) {
    for (const [id, weight] of rootsOf(model.id, { byId, rules: [] })) {
      const copied = copiedModel(id, rules)
      if (copied === null) continue
      const name = `${copied.rule.handle}: ${copied.rule.to}`
      moved.set(name, (moved.get(name) ?? 0) + weight)
    }
  }
  return new Map([...moved].sort(([, a], [, b]) => b - a))
}

const ALL_RELATIONS: readonly string[] = ['adapter', 'finetune', 'merge', 'quantized']

/**
 * The documented lines are those of registry 8f02966792b7. A review may move a few repositories; what moves a line by a point
 * of the whole is a new figure, to be looked at and written down.
 */
function expectNear(
  sums: ReadonlyMap<string, number>,
  documented: Readonly<Record<string, number>>,
  whole: number,
): void {
  const names = [...new Set([...sums.keys(), ...Object.keys(documented)])]
  const moved = names.filter(name => Math.abs((sums.get(name) ?? 0) - (documented[name] ?? 0)) >= whole / 100)
  expect(moved.map(name => [name, sums.get(name)])).toEqual([])
}

describe.skipIf(!HAS_RADAR)(
  'lineage of 2026-08-21 as recorded (skipped: ../shared/real/radar is absent)',
  () => {
    const models = HAS_RADAR ? readModels(radarFiles()[2]!) : []
    const context: ShareContext = {
      byId: new Map(models.map(model => [model.id, model])),
      rules: readCopyRules(),
      regionOf: readRegions('2026-08-21'),
    }

    test('edges by relation, and what becomes of their names', () => {
      expect(models).toHaveLength(13_192)
      const byRelation = edgesByRelation(models)
      expect(Object.fromEntries(byRelation)).toEqual({
        adapter: 1434,
        finetune: 3141,
        merge: 204,
        quantized: 2564,
      })
      const byOutcome = edgesByOutcome(models)
      // No name in this file differs from a known one by letter case alone.
      expect(Object.fromEntries(byOutcome)).toEqual({
        self: 22,
        'exact name': 3236,
        absent: 4047,
        path: 37,
        'bare name': 1,
      })
      expect(sumOf(byOutcome)).toBe(sumOf(byRelation))
    })

    test('models by number of bases and by depth of the declared chain', () => {
      const byBases = modelsByBaseCount(models)
      expect(Object.fromEntries(byBases)).toEqual({
        0: 6041,
        1: 7100,
        2: 29,
        3: 10,
        4: 4,
        5: 1,
        7: 1,
        15: 1,
        18: 5,
      })
      const byDepth = modelsByDepth(models)
      expect(Object.fromEntries(byDepth)).toEqual({
        0: 6041,
        1: 5765,
        2: 1219,
        3: 139,
        4: 20,
        5: 3,
        6: 3,
        7: 2,
      })
      for (const counts of [byBases, byDepth]) expect(sumOf(counts)).toBe(models.length)
      expect(byDepth.get('0')).toBe(byBases.get('0'))
      expect(inCircles(models)).toEqual([])
    })

    test.each([
      {
        name: 'fine-tunes',
        relations: ['finetune'],
        repos: 1062,
        // China 36.9 % by the immediate base, 45.0 % by root: 28 points of the whole go from re-packagers to labs.
        byBase: {
          china: 392,
          community: 302,
          europe: 3,
          multinational: 1,
          other: 17,
          'united-states': 101,
          unknown: 3,
          unreviewed: 243,
        },
        byRoot: {
          china: 478,
          community: 5,
          europe: 8,
          multinational: 1,
          other: 17,
          'united-states': 326,
          unknown: 3,
          unreviewed: 224,
        },
        moved: {
          'unsloth: allenai/$1': 142,
          'unsloth: Qwen/$1': 68,
          'unsloth: meta-llama/Llama-3.1-$1$2': 61,
          'unsloth: mistralai/Mistral-7B-Instruct-v0.$1': 6,
          'unsloth: meta-llama/$1': 4,
          'unsloth: google/gemma-4-E$1B$2': 4,
          'unsloth: meta-llama/Meta-Llama-3-8B$1': 3,
          'unsloth: deepseek-ai/$1': 2,
          'unsloth: google/gemma-4-12B$1': 2,
          'unsloth: google/$1': 2,
          'unsloth: canopylabs/$1': 1,
          'unsloth: microsoft/Phi-4-$1': 1,
          'NousResearch: meta-llama/Meta-Llama-3-8B$1': 1,
        },
      },
      {
        name: 'derivatives of every relation',
        relations: ALL_RELATIONS,
        repos: 2079,
        // China 39.2 % by the immediate base, 47.6 % by root.
        byBase: {
          china: 814.569,
          community: 397.486,
          europe: 20,
          excluded: 1,
          multinational: 1,
          other: 77,
          'united-states': 356.583,
          unknown: 12.5,
          unresolved: 16,
          unreviewed: 382.862,
        },
        byRoot: {
          china: 988.638,
          community: 27.667,
          europe: 25,
          excluded: 1,
          multinational: 1,
          other: 77,
          'united-states': 605.333,
          unknown: 12.5,
          unresolved: 16,
          unreviewed: 324.862,
        },
        moved: {
          'unsloth: allenai/$1': 142,
          'unsloth: Qwen/$1': 88,
          'unsloth: meta-llama/Llama-3.1-$1$2': 64,
          'unsloth: meta-llama/$1': 9.5,
          'unsloth: mistralai/Mistral-7B-Instruct-v0.$1': 6,
          'unsloth: google/gemma-4-E$1B$2': 6,
          'unsloth: google/$1': 5,
          'unsloth: canopylabs/$1': 4,
          'unsloth: meta-llama/Meta-Llama-3-8B$1': 3,
          'unsloth: google/gemma-4-12B$1': 3,
          'unsloth: deepseek-ai/$1': 2,
          'unsloth: microsoft/Phi-4-$1': 1,
          'NousResearch: meta-llama/Meta-Llama-3-8B$1': 1,
          'unsloth: google/$1-q4_0-unquantized': 1,
          'unsloth: openai/$1': 1,
          'unsloth: baidu/$1': 1,
        },
      },
    ])(
      '$name of August 2026, by region of the base and of the root',
      ({ relations, repos, byBase, byRoot, moved }) => {
        const sample = sampleOf(models, '2026-08', relations)
        expect(sample).toHaveLength(repos)
        const immediate = linesByBase(sample, relations, context)
        const root = linesByRoot(sample, context)
        const unmapped = linesByRoot(sample, { ...context, rules: [] })
        for (const lines of [immediate, root, unmapped]) expect(sumOf(lines)).toBeCloseTo(repos, 9)
        expectNear(immediate, byBase, repos)
        expectNear(root, byRoot, repos)

        const byRule = movedByRule(sample, context)
        expectNear(byRule, moved, repos)
        // The rules move what stood on a re-packager, but for the copies that a lab makes of another's models.
        const left = unmapped.get('community')! - root.get('community')!
        const byLabs = [...byRule].filter(([name]) => name.startsWith('NousResearch: '))
        expect(left).toBeCloseTo(sumOf(byRule) - sumOf(new Map(byLabs)), 9)
        expect(root.get('united-states')! / immediate.get('united-states')!).toBeGreaterThan(1.5)
        expect(root.get('china')!).toBeGreaterThan(immediate.get('china')! * 1.1)
      },
    )

    describe('the census of that day', () => {
      /** The reviewed rules that the independent count does not know are left out where the two are compared to the unit. */
      const noAliases: Registry = { ...bundled, aliases: { ids: new Map(), handles: new Map() } }

      async function publishedBy(registry: Registry): Promise<Store> {
        const hub = await startMiniatureHub({ catalogue: await readCatalogue(radarFiles()), quota: null })
        const clock = fakeClock(0)
        hub.serveDay('2026-08-21')
        clock.set('2026-08-21T12:00:00Z')
        const store = temporaryStore()
        const effects = { store, clock, log: silentLog }
        await captureSweep({ pageSize: 1000, notice: null }, { ...effects, hub: clientOf(hub, clock) })
        await hub.close()
        publishDailyTotals({ ...effects, registry })
        return store
      }

      const counts = (store: Store, text: string) =>
        Object.fromEntries(readRaw(store, text) as [string, number][])

      test('has the same edges, found and lost alike, and the same depths', async () => {
        const store = await publishedBy({ ...noAliases, reuploads: [] })
        expect(counts(store, 'SELECT relation, count(*) FROM base_edge GROUP BY 1')).toEqual(
          Object.fromEntries(edgesByRelation(models)),
        )
        const outcomes = edgesByOutcome(models)
        expect({
          ...counts(store, 'SELECT cause, count(*) FROM loose_base GROUP BY 1'),
          ...counts(store, 'SELECT rule, count(*) FROM base_link GROUP BY 1'),
        }).toEqual({
          self: outcomes.get('self'),
          absent: outcomes.get('absent'),
          path: outcomes.get('path'),
          'bare-name': outcomes.get('bare name'),
          // The miniature Hub resolves an exact name, as the Hub does.
          'hub-id': outcomes.get('exact name'),
        })
        expect(
          counts(
            store,
            `SELECT coalesce(depth, 0), count(*) FROM repo
             LEFT JOIN (SELECT repo_key, max(depth) AS depth FROM lineage_root GROUP BY 1) USING (repo_key) GROUP BY 1`,
          ),
        ).toEqual(Object.fromEntries(modelsByDepth(models)))
      })

      test('finds more by the reviewed rules, and says by which', async () => {
        const store = await publishedBy(bundled)
        expect(counts(store, 'SELECT rule, count(*) FROM base_link GROUP BY 1')).toEqual({
          'hub-id': 3236,
          // Of 24 copies without a base these are of models in the file.
          're-upload': 8,
        })
        // The only alias in the file is "gpt2", by a repository that names openai-community/gpt2 as well: one link.
        expect(counts(store, 'SELECT cause, count(*) FROM loose_base GROUP BY 1')).toEqual({
          self: 22,
          absent: 4047,
          path: 37,
        })
      })

      test.each<[string, readonly string[]]>([
        ['finetune', ['finetune']],
        ['any', ALL_RELATIONS],
      ])(
        'has the same shares of the month by base and root (%s), and of the sample by root',
        async (set, relations) => {
          const store = await publishedBy(noAliases)
          const young = models.filter(
            ({ id, createdAt, downloads, edges }) =>
              createdAt.startsWith('2026-08') &&
              downloads > 5 &&
              edges.some(({ base, relation }) => base !== id && relations.includes(relation)),
          )
          const published = (attribution: string) =>
            counts(
              store,
              `SELECT line, repos FROM v1_monthly_share WHERE month = '2026-08' AND relations = '${set}'
               AND counter = 'downloads_30d' AND threshold = 5 AND attribution = '${attribution}'`,
            )
          expectSame(published('base'), linesByBase(young, relations, context))
          expectSame(published('root'), linesByRoot(young, context))

          const sample = sampleOf(models, '2026-08', relations)
          const roots = readRaw(
            store,
            `SELECT coalesce(root_repo_id, root_declared), sum(weight) FROM v1_lineage
             WHERE repo_id IN (SELECT value FROM json_each(?)) GROUP BY 1`,
            JSON.stringify(sample.map(({ id }) => id)),
          ) as [string, number][]
          expectSame(Object.fromEntries(regionLines([new Map(roots)], context)), linesByRoot(sample, context))
        },
      )
    })
  },
)

function expectSame(found: Readonly<Record<string, number>>, wanted: ReadonlyMap<string, number>): void {
  expect(Object.keys(found).sort()).toEqual([...wanted.keys()].sort())
  for (const [line, repos] of wanted) expect(found[line], line).toBeCloseTo(repos, 6)
}
