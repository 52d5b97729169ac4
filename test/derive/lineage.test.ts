import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countDerivatives } from '../../src/derive/count-derivatives.ts'
import { createLineageBook, type LineageBook } from '../../src/derive/lineage-book.ts'
import { lineageContent } from '../../src/derive/lineage-content.ts'
import { createNameResolver, type NameRules } from '../../src/derive/resolve-names.ts'
import { MOST_ROOTS } from '../../src/derive/root-sets.ts'
import { createRunningLineage } from '../../src/derive/running-lineage.ts'
import type { DeclaredEdge, LineageRoot, NameHolder } from '../../src/domain/lineage.ts'

const hubIdOf = (repoKey: number) => repoKey.toString(16).padStart(24, '0')
const nameOf = (repoKey: number) => `lab${repoKey % 3}/model-${repoKey}`
const base = (repoKey: number) => ({ repoKey, repoId: nameOf(repoKey), hubId: hubIdOf(repoKey) })
const byId = (repoKey: number, relation: DeclaredEdge['relation'] = 'finetune'): DeclaredEdge => ({
  declared: nameOf(repoKey),
  relation,
  base: base(repoKey),
})
const byText = (declared: string, relation: DeclaredEdge['relation'] = 'finetune'): DeclaredEdge => ({
  declared,
  relation,
  base: null,
})
const holder = (repoKey: number, parts: Partial<NameHolder> = {}): NameHolder => ({
  repoKey,
  hubId: hubIdOf(repoKey),
  repoId: nameOf(repoKey),
  name: nameOf(repoKey),
  fromOn: 0,
  untilOn: null,
  ...parts,
})

const NO_RULES: NameRules = { aliasOf: () => null, copyOf: () => null }
type Declarations = readonly (readonly [repoKey: number, edges: readonly DeclaredEdge[]])[]

function bookOf(
  declarations: Declarations,
  {
    holders = [],
    rules = NO_RULES,
    day = 1,
  }: { holders?: NameHolder[]; rules?: NameRules; day?: number } = {},
): LineageBook {
  const book = createLineageBook(rules)
  for (const [repoKey, edges] of declarations) book.declare(repoKey, edges)
  book.begin(createNameResolver(holders, rules), day)
  book.settle()
  return book
}

/** Roots as comparable text: who, how much, how far, how it ends. */
const shown = (roots: readonly LineageRoot[]) =>
  roots.map(
    ({ repoKey, declared, weight, depth, end }) =>
      `${repoKey ?? declared} ${weight.toFixed(9)} ${depth} ${end}`,
  )

const LISTED = { isListed: () => true, isSeen: () => true, publisherOf: (repoKey: number) => repoKey % 3 }

describe('roots', () => {
  test('are the ends of the walk, several bases sharing equally at every step', () => {
    const { rootsOf } = bookOf([
      [4, [byId(2), byId(3)]],
      [3, [byId(1)]],
      [5, [byId(4), byId(1), byText('nobody/knows')]],
    ])
    expect(shown(rootsOf(4))).toEqual(['1 0.500000000 2 root', '2 0.500000000 1 root'])
    expect(shown(rootsOf(5))).toEqual([
      '1 0.500000000 3 root',
      '2 0.166666667 2 root',
      'nobody/knows 0.333333333 1 absent',
    ])
    expect(rootsOf(1)).toEqual([])
  })

  test('do not count a base twice that is named under two relations or spellings', () => {
    const holders = [holder(1), holder(1, { name: 'old/name', untilOn: 1 })]
    const { rootsOf, basesOf } = bookOf([[9, [byId(1), byId(1, 'quantized'), byText('old/name'), byId(2)]]], {
      holders,
    })
    expect(shown(rootsOf(9))).toEqual(['1 0.500000000 1 root', '2 0.500000000 1 root'])
    expect(basesOf(9).map(found => found.repoId)).toEqual([nameOf(1), nameOf(1), nameOf(1), nameOf(2)])
  })

  test('of a circle are its members themselves, labelled, and its other bases where it has some', () => {
    const { rootsOf } = bookOf([
      [1, [byId(2)]],
      [2, [byId(1)]],
      [3, [byId(2)]],
      [4, [byId(5), byId(7)]],
      [5, [byId(4)]],
    ])
    expect(shown(rootsOf(1))).toEqual(['1 1.000000000 0 cycle'])
    expect(shown(rootsOf(3))).toEqual(['2 1.000000000 1 cycle'])
    expect(shown(rootsOf(4))).toEqual(['7 1.000000000 1 root'])
    expect(shown(rootsOf(5))).toEqual(['5 1.000000000 0 cycle'])
  })

  test('are not touched by a repository that names itself, by _id or by a text', () => {
    const book = bookOf(
      [
        [1, [byId(1)]],
        [2, [byText(nameOf(2)), byId(1)]],
        [3, [byText(nameOf(2))]],
      ],
      {
        holders: [holder(2)],
      },
    )
    expect(book.rootsOf(1)).toEqual([])
    expect(shown(book.rootsOf(2))).toEqual(['1 1.000000000 1 root'])
    expect(shown(book.rootsOf(3))).toEqual(['1 1.000000000 2 root'])
    const { loose } = lineageContent(book, LISTED)
    expect([...loose].map(({ repoKey, cause }) => `${repoKey} ${cause}`)).toEqual(['1 self', '2 self'])
  })

  test('of a chain of 50,000 steps are found without recursion', () => {
    const lineage = createRunningLineage()
    lineage.name(1, nameOf(1), hubIdOf(1))
    for (let repoKey = 50_000; repoKey > 1; repoKey -= 1)
      lineage.describe(repoKey, [{ repoKey: repoKey - 1 }])
    lineage.settle()
    expect(shown(lineage.rootsOf(50_000))).toEqual(['1 1.000000000 49999 root'])
    lineage.describe(2, [])
    lineage.settle()
    expect(shown(lineage.rootsOf(50_000))).toEqual(['2 1.000000000 49998 root'])
  })

  test('beyond a bound are one, and the weights still sum to 1', () => {
    const edges = Array.from({ length: MOST_ROOTS + 50 }, (_, at) => byId(at + 1))
    const { rootsOf } = bookOf([[9_999, edges]])
    const roots = rootsOf(9_999)
    expect(roots).toHaveLength(MOST_ROOTS)
    expect(roots.at(-1)).toMatchObject({ repoKey: null, repoId: null, end: 'many' })
    expect(sum(roots.map(({ weight }) => weight))).toBeCloseTo(1, 12)
  })
})

describe('a declared text', () => {
  const rules: NameRules = {
    aliasOf: declared => {
      if (declared === 'gpt2') return { repoId: 'openai-community/gpt2', rule: 'legacy-id' }
      return declared.startsWith('THUDM/')
        ? { repoId: `zai-org/${declared.slice(6)}`, rule: 'renamed-handle' }
        : null
    },
    copyOf: repoId => (repoId.startsWith('unsloth/') ? { repoId: `Qwen/${repoId.slice(8)}` } : null),
  }
  const linkOf = (declared: string, holders: NameHolder[]) => {
    const book = bookOf([[50, [byText(declared)]]], { holders, rules, day: 10 })
    const { links, loose } = lineageContent(book, LISTED)
    return [...links, ...loose].map(found =>
      'rule' in found ? `${found.baseRepoKey} ${found.rule}` : found.cause,
    )
  }

  test('is found by one labelled rule after the other, and otherwise kept with a cause', () => {
    expect(linkOf('a/b', [holder(1, { name: 'a/b' })])).toEqual(['1 name'])
    expect(linkOf('a/b', [holder(1, { name: 'a/b', untilOn: 5 })])).toEqual(['1 former-name'])
    expect(
      linkOf('a/b', [holder(1, { name: 'a/b', untilOn: 5 }), holder(2, { name: 'a/b', fromOn: 7 })]),
    ).toEqual(['2 name'])
    expect(linkOf('a/b', [holder(1, { name: 'a/B' })])).toEqual(['1 letter-case'])
    expect(linkOf('a/b', [holder(1, { name: 'a/B' }), holder(2, { name: 'A/b' })])).toEqual(['absent'])
    expect(linkOf('gpt2', [holder(1, { name: 'openai-community/gpt2' })])).toEqual(['1 legacy-id'])
    expect(linkOf('THUDM/glm', [holder(1, { name: 'zai-org/glm' })])).toEqual(['1 renamed-handle'])
    expect(linkOf('a/b', [holder(1, { name: 'a/b', fromOn: 11 })])).toEqual(['absent'])
    expect(linkOf('/data/model_base', [])).toEqual(['path'])
    expect(linkOf('C:\\Models\\Apriel-5B-Instruct', [])).toEqual(['path'])
    expect(linkOf('gpt3', [])).toEqual(['bare-name'])
    expect(linkOf('https://huggingface.co/a/b', [])).toEqual(['address'])
  })

  test('that nobody has is a root of its own name, moved or copied as the rules say', () => {
    const { rootsOf } = bookOf(
      [
        [1, [byText('THUDM/glm')]],
        [2, [byText('unsloth/Qwen3-8B')]],
        [3, [byText('/data/x')]],
      ],
      { rules },
    )
    expect(shown(rootsOf(1))).toEqual(['zai-org/glm 1.000000000 1 absent'])
    expect(shown(rootsOf(2))).toEqual(['Qwen/Qwen3-8B 1.000000000 2 absent'])
    expect(shown(rootsOf(3))).toEqual(['/data/x 1.000000000 1 unresolved'])
    expect(rootsOf(3)[0]!.repoId).toBeNull()
  })

  test('is found from the day on which somebody has the name', () => {
    const book = bookOf([[2, [byText('a/b')]]], {
      holders: [holder(1, { name: 'a/b', repoId: 'a/b', fromOn: 8 })],
    })
    expect(shown(book.rootsOf(2))).toEqual(['a/b 1.000000000 1 absent'])
    book.moveTo(7)
    expect(book.settle()).toEqual([])
    book.moveTo(8)
    expect(book.settle()).toContain(2)
    expect(shown(book.rootsOf(2))).toEqual(['1 1.000000000 1 root'])
  })

  test('makes a copy of a repository without a base, by a reviewed rule, and only then', () => {
    const book = createLineageBook(rules)
    book.rename(5, 'unsloth/Qwen3-8B')
    book.rename(6, 'unsloth/Qwen3-4B')
    book.declare(6, [byId(9)])
    book.declare(7, [byId(5)])
    const holders = [holder(1, { name: 'Qwen/Qwen3-8B', repoId: 'Qwen/Qwen3-8B' })]
    book.begin(createNameResolver(holders, rules), 1)
    book.settle()
    expect(shown(book.rootsOf(5))).toEqual(['1 1.000000000 1 root'])
    expect(shown(book.rootsOf(6))).toEqual(['9 1.000000000 1 root'])
    expect(shown(book.rootsOf(7))).toEqual(['1 1.000000000 2 root'])
    const { links } = lineageContent(book, LISTED)
    expect(
      [...links].map(link => `${link.baseRepoKey} ${link.repoKey} ${link.relation} ${link.rule}`),
    ).toEqual(['1 5 re-upload re-upload', '5 7 finetune hub-id', '9 6 finetune hub-id'])
  })
})

const REPOS = 9
const RELATIONS = ['finetune', 'adapter', 'merge', 'quantized', 'undeclared'] as const
const edge = fc.record({ to: fc.integer({ min: 1, max: REPOS }), relation: fc.constantFrom(...RELATIONS) })
/** What each of nine repositories declares, circles and itself included. */
const graphs = fc.array(fc.array(edge, { maxLength: 4 }), { minLength: REPOS, maxLength: REPOS })
type Graph = { to: number; relation: DeclaredEdge['relation'] }[][]
const declarationsOf = (graph: Graph): Declarations =>
  graph.map((edges, at) => {
    const distinct = new Map(edges.map(({ to, relation }) => [`${to} ${relation}`, byId(to, relation)]))
    return [at + 1, [...distinct.values()]] as const
  })
const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0)

/** Who can be reached from a repository by one step and more; straight from the facts. */
function reachable(graph: Graph, from: number): Set<number> {
  const found = new Set<number>()
  const waiting = [from]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const { to } of graph[at - 1]!) {
      if (to === at || found.has(to)) continue
      found.add(to)
      waiting.push(to)
    }
  }
  return found
}

/** Roots and weights by the definition, one walk a repository. */
function plainRoots(graph: Graph, from: number): Map<number, number> {
  const bases = [...new Set(graph[from - 1]!.map(({ to }) => to))].filter(to => to !== from)
  const outside = bases.filter(to => !(reachable(graph, to).has(from) && reachable(graph, from).has(to)))
  if (outside.length === 0) return new Map([[from, 1]])
  const roots = new Map<number, number>()
  for (const to of outside) {
    for (const [root, weight] of plainRoots(graph, to))
      roots.set(root, (roots.get(root) ?? 0) + weight / outside.length)
  }
  return roots
}

const rootsAsMap = (book: LineageBook, repoKey: number) => {
  const roots = book.rootsOf(repoKey)
  return new Map(roots.length === 0 ? [[repoKey, 1]] : roots.map(root => [root.repoKey!, root.weight]))
}

const countsOf = (book: LineageBook) => [...lineageContent(book, LISTED).counts]

describe('laws of lineage', () => {
  test('roots and weights are those of the definition, and sum to 1', () => {
    fc.assert(
      fc.property(graphs, graph => {
        const book = bookOf(declarationsOf(graph))
        for (let repoKey = 1; repoKey <= REPOS; repoKey += 1) {
          const found = rootsAsMap(book, repoKey)
          const wanted = plainRoots(graph, repoKey)
          expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort())
          for (const [root, weight] of wanted) expect(found.get(root)).toBeCloseTo(weight, 9)
          expect(sum([...found.values()])).toBeCloseTo(1, 9)
        }
      }),
    )
  })

  test('what was told step by step, in whatever order, ends where everything at once does', () => {
    fc.assert(
      fc.property(graphs, graphs, fc.infiniteStream(fc.nat()), (before, after, random) => {
        const book = bookOf(declarationsOf(before))
        const steps = declarationsOf(after).map(step => ({ step, place: random.next().value as number }))
        steps.sort((a, b) => a.place - b.place)
        for (const { step, place } of steps) {
          book.declare(...step)
          if (place % 2 === 0) book.settle()
        }
        book.settle()
        const once = bookOf(declarationsOf(after))
        for (let repoKey = 1; repoKey <= REPOS; repoKey += 1) {
          expect(shown(book.rootsOf(repoKey))).toEqual(shown(once.rootsOf(repoKey)))
        }
        expect(countsOf(book)).toEqual(countsOf(once))
      }),
    )
  })

  test('counts are those of every walk: each descendant once, itself never, accounts distinct', () => {
    fc.assert(
      fc.property(graphs, fc.uniqueArray(fc.integer({ min: 1, max: REPOS })), (graph, gone) => {
        const isListed = (repoKey: number) => !gone.includes(repoKey)
        const book = bookOf(declarationsOf(graph))
        const counts = [...lineageContent(book, { ...LISTED, isListed }).counts]
        const wanted = []
        for (let baseRepoKey = 1; baseRepoKey <= REPOS; baseRepoKey += 1) {
          for (const relation of [
            'adapter',
            'any',
            'finetune',
            'merge',
            'quantized',
            'undeclared',
          ] as const) {
            const has = (edges: Graph[number]) =>
              edges.some(found => relation === 'any' || found.relation === relation)
            const derivatives = graph.flatMap((edges, at) => {
              const repoKey = at + 1
              const own = edges.filter(({ to }) => to !== repoKey)
              const isBelow = repoKey !== baseRepoKey && reachable(graph, repoKey).has(baseRepoKey)
              if (!isListed(repoKey) || !isBelow || !has(own)) return []
              return [{ repoKey, isDirect: has(own.filter(({ to }) => to === baseRepoKey)) }]
            })
            if (derivatives.length === 0) continue
            const direct = derivatives.filter(({ isDirect }) => isDirect)
            const accounts = (repos: typeof derivatives) =>
              new Set(repos.map(({ repoKey }) => repoKey % 3)).size
            wanted.push({
              baseRepoKey,
              relation,
              directRepos: direct.length,
              directPublishers: accounts(direct),
              allRepos: derivatives.length,
              allPublishers: accounts(derivatives),
            })
          }
        }
        expect(counts).toEqual(wanted)
        for (const count of counts) expect(count.directRepos).toBeLessThanOrEqual(count.allRepos)
      }),
    )
  })

  test('an unrelated repository changes nobody, and a rename changes no root and no count', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: REPOS }), (graph, renamed) => {
        const book = bookOf(declarationsOf(graph))
        const counts = countsOf(book)
        const roots = Array.from({ length: REPOS }, (_, at) => shown(book.rootsOf(at + 1)))
        book.declare(77, [byId(78)])
        book.rename(renamed, 'zz/another-name')
        book.settle()
        expect(countsOf(book).filter(({ baseRepoKey }) => baseRepoKey !== 78)).toEqual(counts)
        expect(Array.from({ length: REPOS }, (_, at) => shown(book.rootsOf(at + 1)))).toEqual(roots)
      }),
    )
  })
})

test('a million children are counted once each', () => {
  const lineage = createRunningLineage(1_000_001)
  lineage.name(1, nameOf(1), hubIdOf(1))
  for (let repoKey = 2; repoKey <= 1_000_001; repoKey += 1) lineage.describe(repoKey, [{ repoKey: 1 }])
  lineage.settle()
  const counts = countDerivatives(lineage.graph, [], {
    ...LISTED,
    relationsOf: () => 1,
    isInCircle: lineage.isInCircle,
  })
  expect(
    [...counts].map(({ relation, allRepos, allPublishers }) => [relation, allRepos, allPublishers]),
  ).toEqual([
    ['any', 1_000_000, 3],
    ['finetune', 1_000_000, 3],
  ])
})

test('merges of hundreds of merges end in as many roots as are told apart', () => {
  const book = createLineageBook(NO_RULES)
  const middle = Array.from({ length: 500 }, (_, at) => at + 1)
  for (const repoKey of middle) {
    book.declare(
      repoKey,
      Array.from({ length: 256 }, (_, at) => byText(`x/${repoKey}-${at}`)),
    )
  }
  book.declare(
    1000,
    middle.map(repoKey => byId(repoKey)),
  )
  book.begin(createNameResolver([], NO_RULES), 1)
  book.settle()
  expect(book.rootsOf(1000)).toHaveLength(MOST_ROOTS)
  expect(sum(book.rootsOf(1000).map(({ weight }) => weight))).toBeCloseTo(1, 9)
})

test('a repository of which nothing was seen by the day leaves nothing', () => {
  const book = bookOf([
    [2, [byId(1)]],
    [3, [byId(1)]],
    [4, [byText('no/body')]],
  ])
  const { links, loose, roots, counts } = lineageContent(book, { ...LISTED, isSeen: repoKey => repoKey < 3 })
  expect([...links].map(({ repoKey }) => repoKey)).toEqual([2])
  expect([...loose]).toEqual([])
  expect([...roots].map(({ repoKey }) => repoKey)).toEqual([2])
  expect([...counts].map(({ relation, allRepos }) => [relation, allRepos])).toEqual([
    ['any', 1],
    ['finetune', 1],
  ])
})

test('a text means the same whoever else declares a text like it: letters fold from A to Z alone', () => {
  const holders = [holder(1, { name: 'k/x' })]
  const { rootsOf } = bookOf(
    [
      [5, [byText('\u212A/x')]],
      [6, [byText('K/x')]],
    ],
    { holders },
  )
  expect(rootsOf(5)[0]!.end).toBe('unresolved')
  expect(rootsOf(6)[0]!.repoKey).toBe(1)
})
