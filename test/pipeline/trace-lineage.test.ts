import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import type {
  BaseLink,
  LineageContent,
  LinkRelation,
  LooseBase,
  RootOfRepo,
} from '../../src/domain/lineage.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { traceLineage } from '../../src/pipeline/trace-lineage.ts'
import { lineageText } from '../../src/present/lineage-text.ts'
import type { Store } from '../../src/store/open-store.ts'
import { day, lab, registryOf } from '../derive/small-registry.ts'
import { temporaryStore } from '../support/census.ts'
import { lineageCensus, publishLineage, type WrittenRepo, writeRepos } from '../support/lineage-census.ts'

const registry: Registry = {
  ...registryOf([lab('qwen', { name: 'Qwen lab' }), lab('meta', { name: 'Meta lab', countries: ['US'] })]),
  reuploads: [
    {
      handle: 'packer',
      pattern: /^Llama-7b-copy$/i,
      repoId: null,
      to: 'meta/Llama-7b',
      reason: 'The same weights.',
      evidence: 'https://example.org/copy',
    },
  ],
  aliases: {
    ids: new Map([['llama', { to: 'meta/Llama-7b', evidence: 'unverified', checked: day('2026-01-01') }]]),
    handles: new Map(),
  },
}

const link = (
  baseRepoKey: number,
  repoKey: number,
  relation: LinkRelation = 'finetune',
  rule: BaseLink['rule'] = 'hub-id',
): BaseLink => ({ baseRepoKey, repoKey, relation, rule })
const loose = (
  repoKey: number,
  declared: string,
  cause: LooseBase['cause'],
  relation: LooseBase['relation'] = 'finetune',
): LooseBase => ({ repoKey, declared, relation, cause })
const root = (repoKey: number, of: Partial<RootOfRepo['root']>, ordinal = 0): RootOfRepo => ({
  repoKey,
  ordinal,
  root: { repoKey: null, repoId: null, declared: null, weight: 1, depth: 1, end: 'root', ...of },
})

const trace = (store: Store, name: string, parts: { depth?: number; children?: number } = {}) =>
  traceLineage({ name, depth: 3, children: 10, ...parts }, { store, registry })
const shown = (store: Store, name: string, parts: { depth?: number; children?: number } = {}) =>
  lineageText(trace(store, name, parts))

/**
 * 1 Qwen is the base of 2 and, with 3 Llama, of the merge 4; 5 stands on 4 by a name in another letter case and on an
 * absent id; 6 is gone and stands on 2, 7 on 6. 8 is a copy of Llama by a rule, 9 stands on it.
 */
const FAMILY: readonly WrittenRepo[] = [
  { id: 'qwen/Base', downloads: 1000, allTime: 9000 },
  {
    id: 'tuner/Chat',
    downloads: 50,
    allTime: 500,
    created: '2026-02-03',
    declares: [['qwen/Base', 'finetune', 1]],
  },
  { id: 'meta/Llama-7b', downloads: 2000, allTime: 8000, former: 'meta/Llama' },
  {
    id: 'mixer/Both',
    downloads: 70,
    allTime: null,
    created: '2026-03-01',
    declares: [
      ['qwen/Base', 'merge', 1],
      ['meta/Llama', 'merge', 3],
    ],
  },
  {
    id: 'mixer/Both-q',
    downloads: 5,
    allTime: 6,
    created: '2026-03-02',
    declares: [
      ['Mixer/both', 'quantized'],
      ['lost/model', 'finetune'],
      ['./path', 'adapter'],
    ],
  },
  {
    id: 'tuner/Gone',
    downloads: 900,
    allTime: 77,
    gone: '2026-03-05',
    declares: [['tuner/Chat', 'finetune', 2]],
  },
  {
    id: 'other/Late',
    downloads: 1,
    allTime: 2,
    created: '2026-03-03',
    declares: [['tuner/Gone', 'adapter', 6]],
  },
  { id: 'packer/Llama-7b-copy', downloads: 10, allTime: 11 },
  { id: 'tuner/OnCopy', downloads: 3, allTime: 4, declares: [['packer/Llama-7b-copy', 'finetune', 8]] },
]
const FAMILY_LINEAGE: Partial<LineageContent> = {
  links: [
    link(1, 2),
    link(1, 4, 'merge'),
    link(2, 6),
    link(3, 4, 'merge'),
    link(3, 8, 're-upload', 're-upload'),
    link(4, 5, 'quantized', 'letter-case'),
    link(6, 7, 'adapter'),
    link(8, 9),
  ],
  loose: [loose(5, './path', 'path', 'adapter'), loose(5, 'lost/model', 'absent')],
  roots: [
    root(2, { repoKey: 1 }),
    root(4, { repoKey: 1, weight: 0.5 }),
    root(4, { repoKey: 3, weight: 0.5 }, 1),
    root(5, { repoKey: 1, weight: 1 / 6, depth: 2 }),
    root(5, { repoKey: 3, weight: 1 / 6, depth: 2 }, 1),
    root(5, { declared: './path', weight: 1 / 3, end: 'unresolved' }, 2),
    root(5, { declared: 'lost/model', weight: 1 / 3, end: 'absent' }, 3),
    root(6, { repoKey: 1, depth: 2 }),
    root(7, { repoKey: 1, depth: 3 }),
    root(8, { repoKey: 3 }),
    root(9, { repoKey: 3, depth: 2 }),
  ],
  counts: [
    { baseRepoKey: 1, relation: 'any', directRepos: 2, directPublishers: 2, allRepos: 4, allPublishers: 3 },
    {
      baseRepoKey: 1,
      relation: 'finetune',
      directRepos: 1,
      directPublishers: 1,
      allRepos: 2,
      allPublishers: 2,
    },
    { baseRepoKey: 4, relation: 'any', directRepos: 1, directPublishers: 1, allRepos: 1, allPublishers: 1 },
  ],
}
const family = () => lineageCensus(FAMILY, registry, FAMILY_LINEAGE)

describe('the way up', () => {
  test('names every ancestor with who declares it how, its distance and its share', () => {
    const { subject, ancestors, roots, basis } = trace(family(), 'mixer/Both-q')
    expect(basis).toMatchObject({
      asOf: '2026-03-10',
      registryRevision: registry.revision,
      definitionVersion: 3,
    })
    expect(subject).toMatchObject({ kind: 'repository', asked: null, isInCircle: false, downloads30d: 5 })
    expect(
      ancestors.map(({ steps, repo, declared, weight }) => [steps, repo?.repoId ?? declared, weight]),
    ).toEqual([
      [1, 'mixer/Both', 1 / 3],
      [1, './path', 1 / 3],
      [1, 'lost/model', 1 / 3],
      [2, 'qwen/Base', 1 / 6],
      [2, 'meta/Llama-7b', 1 / 6],
    ])
    expect(
      ancestors.map(({ links }) => links.map(({ declared, relation, found }) => [declared, relation, found])),
    ).toEqual([
      [['Mixer/both', 'quantized', 'letter-case']],
      [['./path', 'adapter', 'path']],
      [['lost/model', 'finetune', 'absent']],
      [['qwen/Base', 'merge', 'hub-id']],
      [['meta/Llama', 'merge', 'hub-id']],
    ])
    expect(roots.map(({ repoId, declared, end }) => [repoId ?? declared, end])).toEqual([
      ['./path', 'unresolved'],
      ['lost/model', 'absent'],
      ['qwen/Base', 'root'],
      ['meta/Llama-7b', 'root'],
    ])
    expect(roots.map(({ standing }) => standing.line)).toEqual([
      'unresolved',
      'unreviewed',
      'china',
      'united-states',
    ])
    expect(roots.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1)
    const text = shown(family(), 'mixer/Both-q')
    expect(text).toContain('33.3 %  mixer/Both  (Unreviewed publishers)')
    expect(text).toContain(
      'quantized of mixer/Both-q, declared "Mixer/both": not resolved by the Hub, found as the only name',
    )
    expect(text).toContain('16.7 %  qwen/Base  (China: Qwen lab; 2 steps up; declares no base)')
  })

  test('tells a copy by a reviewed rule, with the reason and the evidence', () => {
    const { ancestors, roots } = trace(family(), 'tuner/OnCopy')
    expect(ancestors.map(({ repo, weight }) => [repo?.repoId, weight])).toEqual([
      ['packer/Llama-7b-copy', 1],
      ['meta/Llama-7b', 1],
    ])
    expect(ancestors[1]!.links).toEqual([
      {
        repoId: 'packer/Llama-7b-copy',
        declared: null,
        relation: 're-upload',
        found: 're-upload',
        isWithinCircle: false,
        reupload: { reason: 'The same weights.', evidence: 'https://example.org/copy' },
      },
    ])
    expect(roots).toMatchObject([{ repoId: 'meta/Llama-7b', depth: 2, weight: 1 }])
    expect(shown(family(), 'tuner/OnCopy')).toContain(
      'of packer/Llama-7b-copy: a copy by a reviewed rule: The same weights. Evidence: https://example.org/copy',
    )
  })

  test('is none for a repository without a base: it is its own root', () => {
    const { ancestors, roots } = trace(family(), 'qwen/Base')
    expect(ancestors).toEqual([])
    expect(roots).toMatchObject([
      { repoId: 'qwen/Base', weight: 1, depth: 0, end: 'root', standing: { line: 'china' } },
    ])
    expect(shown(family(), 'qwen/Base')).toContain(
      'Bases: none declared, or none but itself; it is its own root',
    )
  })

  test('counts no link within a circle, and ends', () => {
    const repos: WrittenRepo[] = ['a/a', 'b/b', 'c/c', 'qwen/d'].map(id => ({ id }))
    const store = lineageCensus(repos, registry, {
      links: [link(1, 2), link(2, 1), link(2, 3), link(4, 1, 'merge')],
      roots: [
        root(1, { repoKey: 4 }),
        root(2, { repoKey: 2, depth: 0, end: 'cycle' }),
        root(3, { repoKey: 2, end: 'cycle' }),
      ],
    })
    const a = trace(store, 'a/a')
    expect(a.subject).toMatchObject({ isInCircle: true })
    expect(
      a.ancestors.map(({ repo, weight, links }) => [
        repo?.repoId,
        weight,
        links.map(found => found.isWithinCircle),
      ]),
    ).toEqual([
      ['qwen/d', 1, [false]],
      ['b/b', 0, [true]],
    ])
    expect(a.all.repos).toBe(2)
    expect(a.tree.nodes.map(({ repoId, steps, isElsewhere }) => [repoId, steps, isElsewhere])).toEqual([
      ['b/b', 1, false],
      ['a/a', 2, true],
      ['c/c', 2, false],
    ])
    const c = trace(store, 'c/c')
    expect(c.subject).toMatchObject({ isInCircle: false })
    expect(c.ancestors.map(({ repo, weight }) => [repo?.repoId, weight])).toEqual([
      ['b/b', 1],
      ['a/a', 0],
      ['qwen/d', 0],
    ])
    expect(lineageText(c)).toContain('one of a circle of repositories that name each other')
    expect(lineageText(a)).toContain('in a circle: it and others name each other')
  })

  test('is bounded for a chain of 50,000, whose first has them all as descendants', () => {
    const LENGTH = 50_000
    const store = temporaryStore()
    writeRepos(
      store,
      Array.from({ length: LENGTH }, (_, at) => ({ id: `chain/m${at + 1}`, downloads: 1 })),
    )
    publishLineage(store, registry, {
      links: Array.from({ length: LENGTH - 1 }, (_, at) => link(at + 1, at + 2)),
      roots: Array.from({ length: LENGTH - 1 }, (_, at) => root(at + 2, { repoKey: 1, depth: at + 1 })),
    })
    const last = trace(store, `chain/m${LENGTH}`, { depth: 100 })
    expect(last.ancestors).toHaveLength(1000)
    expect(last.hasMoreAncestors).toBe(true)
    expect(last.roots).toMatchObject([{ repoId: 'chain/m1', depth: LENGTH - 1 }])
    expect(lineageText(last)).toContain('the way up has more than the 1,000 repositories kept')
    const first = trace(store, 'chain/m1', { depth: 100, children: 1000 })
    expect(first.all).toMatchObject({
      repos: LENGTH - 1,
      uploaders: 1,
      downloads30d: LENGTH - 1,
      allTimeUnknownRepos: LENGTH - 1,
    })
    expect(first.direct.repos).toBe(1)
    expect(first.tree.nodes).toHaveLength(100)
    expect(first.tree.nodes.at(-1)!.more).toEqual({ repos: 1, copies: 0, downloads30d: 1, goneRepos: 0 })
    expect(lineageText(first)).toContain(`${'  '.repeat(101)}… 1 more, 1 downloads in 30 days`)
  })
})

describe('the way down', () => {
  test('adds up listed descendants, each once, and those that are gone apart', () => {
    const { direct, all, counts, months } = trace(family(), 'qwen/Base')
    expect(direct).toMatchObject({
      repos: 2,
      uploaders: 2,
      downloads30d: 120,
      downloadsAllTime: 500,
      allTimeUnknownRepos: 1,
      goneRepos: 0,
    })
    // The gone one does not count; what stands on it does.
    expect(all).toMatchObject({
      repos: 4,
      uploaders: 3,
      downloads30d: 126,
      downloadsAllTime: 508,
      allTimeUnknownRepos: 1,
      goneRepos: 1,
      goneDownloadsAllTime: 77,
      goneAllTimeUnknownRepos: 0,
    })
    expect(counts.map(({ relation, directRepos, allRepos }) => [relation, directRepos, allRepos])).toEqual([
      ['any', 2, 4],
      ['finetune', 1, 2],
    ])
    expect(months).toHaveLength(12)
    expect([months[0]!.month, months.at(-1)]).toEqual(['2025-04', { month: '2026-03', direct: 1, all: 3 }])
    expect(months.at(-2)).toEqual({ month: '2026-02', direct: 1, all: 1 })
    expect(months.reduce((sum, month) => sum + month.all, 0)).toBe(4)
  })

  test('says unknown of what nobody knows, and zero of nothing', () => {
    const store = lineageCensus(
      [{ id: 'qwen/a' }, { id: 'x/b' }, { id: 'x/c', gone: '2026-03-01' }],
      registry,
      {
        links: [link(1, 2), link(1, 3)],
      },
    )
    expect(trace(store, 'qwen/a').all).toMatchObject({
      ...{ downloadsAllTime: null, allTimeUnknownRepos: 1 },
      ...{ goneDownloadsAllTime: null, goneAllTimeUnknownRepos: 1 },
    })
    expect(trace(store, 'x/b').all).toMatchObject({ downloadsAllTime: 0, goneDownloadsAllTime: 0 })
    expect(shown(store, 'qwen/a')).toContain('1 listed: 0 downloads in 30 days, all-time unknown\n')
    expect(shown(store, 'qwen/a')).toContain('1 gone: all-time unknown when last seen')
  })

  test('takes what stands on a copy for a derivative, and the copy for none', () => {
    const { all, direct, tree } = trace(family(), 'meta/Llama-7b')
    expect(all.repos).toBe(3)
    expect(direct.repos).toBe(1)
    expect(tree.nodes.map(({ repoId, relations, steps }) => [steps, repoId, relations.join()])).toEqual([
      [1, 'mixer/Both', 'merge'],
      [2, 'mixer/Both-q', 'quantized'],
      [1, 'packer/Llama-7b-copy', 're-upload'],
      [2, 'tuner/OnCopy', 'finetune'],
    ])
  })

  test('tells copies apart wherever they are shown or left out: in no count, in the tree', () => {
    const store = family()
    const { copies, all, tree } = trace(store, 'meta/Llama-7b', { children: 1 })
    expect(copies).toEqual({ repos: 1, downloads30d: 10, goneRepos: 0 })
    expect(all.downloads30d).toBe(70 + 5 + 3)
    expect(tree.more).toEqual({ repos: 1, copies: 1, downloads30d: 10, goneRepos: 0 })
    const text = shown(store, 'meta/Llama-7b', { children: 1 })
    expect(text).toContain(
      'all, 3 listed: 78 downloads in 30 days, 10 all-time (unknown for 1 of them)\n' +
        '  copies by a reviewed rule: 1, 10 downloads in 30 days (in the tree, not in the counts)\n',
    )
    expect(text).toContain('… 1 more, 1 of them a copy, 10 downloads in 30 days\n')
    expect(text.replaceAll(/\s+/g, ' ')).toContain('A copy by a reviewed rule is no derivative')
  })

  test('says so of a repository that only copies stand on', () => {
    const store = lineageCensus(
      [{ id: 'meta/Llama-7b' }, { id: 'packer/Llama-7b-copy', downloads: 4, gone: '2026-03-05' }],
      registry,
      { links: [link(1, 2, 're-upload', 're-upload')] },
    )
    expect(trace(store, 'meta/Llama-7b').copies).toEqual({ repos: 0, downloads30d: 0, goneRepos: 1 })
    expect(shown(store, 'meta/Llama-7b')).toContain(
      'Derivatives: none\n  copies by a reviewed rule: 0, 0 downloads in 30 days (in the tree, not in the counts); 1 more that are gone\n',
    )
  })

  test('names no uploader as the first where several published as many', () => {
    const store = lineageCensus(
      ['qwen/Base', 'a/x', 'a/y', 'b/x', 'b/y', 'c/x'].map(id => ({ id })),
      registry,
      { links: [2, 3, 4, 5, 6].map(key => link(1, key)) },
    )
    expect(trace(store, 'qwen/Base').direct.topUploader).toMatchObject({ handle: 'a', repos: 2, ties: 1 })
    expect(shown(store, 'qwen/Base')).toContain('  direct: no uploader published more than 2 of 5\n')
    expect(shown(store, 'qwen/Base')).not.toContain('published most')
  })

  test('caps the uploader of most at a hundredth', () => {
    const repos: WrittenRepo[] = [
      { id: 'qwen/Base' },
      ...Array.from({ length: 150 }, (_, at) => ({ id: `flood/m${at}` })),
      ...Array.from({ length: 50 }, (_, at) => ({ id: `single${at}/m` })),
    ]
    const store = lineageCensus(repos, registry, {
      links: Array.from({ length: 200 }, (_, at) => link(1, at + 2)),
    })
    const { direct } = trace(store, 'qwen/Base')
    expect(direct).toMatchObject({ repos: 200, uploaders: 51, cap: 2, cappedRepos: 52 })
    expect(direct.topUploader).toEqual({
      handle: 'flood',
      repos: 150,
      share: 0.75,
      cappedShare: 2 / 52,
      ties: 0,
    })
    expect(shown(store, 'qwen/Base')).toContain(
      'direct: flood published most, 150 of 200 (75.0 %); with no uploader above 2, 3.8 % of 52',
    )
  })

  test('is a tree of the biggest first, that says what it leaves out', () => {
    const store = family()
    const { tree } = trace(store, 'qwen/Base', { depth: 1, children: 1 })
    expect(tree.more).toEqual({ repos: 1, copies: 0, downloads30d: 50, goneRepos: 0 })
    expect(tree.nodes).toMatchObject([
      {
        steps: 1,
        repoId: 'mixer/Both',
        derivatives: 1,
        more: { repos: 1, copies: 0, downloads30d: 5, goneRepos: 0 },
      },
    ])
    const text = shown(store, 'qwen/Base', { depth: 3 })
    const [, lines] = text.split(
      'Descendants to 3 steps, 10 of each at most, biggest by 30-day downloads first\n',
    )
    expect(lines!.trimEnd().split('\n')).toEqual([
      '  mixer/Both  merge · 70 downloads in 30 days, all-time unknown · Unreviewed publishers · 1 derivative',
      '    mixer/Both-q  quantized · 5 downloads in 30 days, 6 all-time · Unreviewed publishers',
      '  tuner/Chat  finetune · 50 downloads in 30 days, 500 all-time · Unreviewed publishers',
      '    tuner/Gone  finetune · 900 downloads in 30 days, 77 all-time · Unreviewed publishers · gone since 2026-03-05',
      '      other/Late  adapter · 1 downloads in 30 days, 2 all-time · Unreviewed publishers',
    ])
    const cut = shown(store, 'qwen/Base', { depth: 1, children: 1 })
    expect(cut).toContain('    … 1 more, 5 downloads in 30 days\n  … 1 more, 50 downloads in 30 days\n')
    expect(trace(store, 'qwen/Base', { depth: 0 }).tree).toMatchObject({
      nodes: [],
      more: { repos: 2, downloads30d: 120 },
    })
  })

  test('opens a repository of several bases once', () => {
    const store = lineageCensus(
      ['qwen/a', 'x/b', 'x/c', 'x/d', 'x/e'].map(id => ({ id })),
      registry,
      { links: [link(1, 2), link(1, 3), link(2, 4, 'merge'), link(3, 4, 'merge'), link(4, 5)] },
    )
    const { tree, all } = trace(store, 'qwen/a')
    expect(tree.nodes.map(({ repoId, steps, isElsewhere }) => [repoId, steps, isElsewhere])).toEqual([
      ['x/b', 1, false],
      ['x/d', 2, false],
      ['x/e', 3, false],
      ['x/c', 1, false],
      ['x/d', 2, true],
    ])
    expect(all.repos).toBe(4)
    expect(shown(store, 'qwen/a')).toContain('opened elsewhere in this tree')
  })

  test('of a repository nobody names is said to be none', () => {
    expect(shown(family(), 'other/Late')).toContain('Derivatives: none')
  })
})

describe('a name', () => {
  test.each([
    ['meta/Llama', 'meta/Llama-7b', 'former-name'],
    ['llama', 'meta/Llama-7b', 'legacy-id'],
    ['qwen/Base', 'qwen/Base', null],
  ])('%s is taken for %s', (name, repoId, by) => {
    const { subject } = trace(family(), name)
    expect(subject).toMatchObject({ repoId, asked: by === null ? null : { text: name, by } })
  })

  test('that is a copy outside the file is taken for what it copies', () => {
    const store = lineageCensus([{ id: 'meta/Llama-7b' }], registry, {})
    expect(trace(store, 'packer/llama-7b-COPY').subject).toMatchObject({
      repoId: 'meta/Llama-7b',
      asked: { text: 'packer/llama-7b-COPY', by: 're-upload' },
    })
    expect(shown(store, 'packer/llama-7b-COPY')).toContain(
      'a copy of it by a reviewed rule, and not in the file itself',
    )
  })

  test('of a base that nobody of the file is tells who declares it', () => {
    const store = family()
    const answer = trace(store, 'lost/model')
    expect(answer).toMatchObject({
      subject: { kind: 'absent', declared: 'lost/model', standing: { line: 'unreviewed' } },
      ancestors: [],
      roots: [],
      direct: { repos: 1, downloads30d: 5 },
      all: { repos: 1 },
      counts: [
        { relation: 'any', directRepos: 1, directPublishers: 1, allRepos: 1, allPublishers: 1 },
        // Its other relations are of other bases.
        { relation: 'adapter', directRepos: 0, directPublishers: 0, allRepos: 1, allPublishers: 1 },
        { relation: 'finetune', directRepos: 1, directPublishers: 1, allRepos: 1, allPublishers: 1 },
        { relation: 'quantized', directRepos: 0, directPublishers: 0, allRepos: 1, allPublishers: 1 },
      ],
      tree: { nodes: [{ repoId: 'mixer/Both-q', relations: ['finetune'] }] },
    })
    const text = lineageText(answer)
    expect(text).toContain('lost/model  (not in the census: only declared as a base)')
    expect(text).toContain('Who declares it')
    expect(text).toMatch(/any +1 +1 +1 +1\n/)
    expect(text).not.toContain('Ancestors')
  })

  test('of a text that is no id is labelled as one', () => {
    const answer = trace(family(), './path')
    expect(answer).toMatchObject({ subject: { kind: 'absent' }, direct: { repos: 1 }, all: { repos: 1 } })
    expect(lineageText(answer)).toContain('a text that is no id of the Hub')
  })

  test('of an absent base that only reviewed rules lead to has those that stand on it in the end', () => {
    const store = lineageCensus(
      [
        { id: 'x/a', downloads: 4 },
        { id: 'x/b', downloads: 5 },
      ],
      registry,
      {
        links: [link(1, 2)],
        loose: [loose(1, 'packer/Llama-7b-copy', 'absent')],
        roots: [
          root(1, { declared: 'meta/Llama-7b', end: 'absent' }),
          root(2, { declared: 'meta/Llama-7b', end: 'absent', depth: 2 }),
        ],
      },
    )
    const answer = trace(store, 'meta/Llama-7b')
    expect(answer).toMatchObject({
      subject: { kind: 'absent', standing: { line: 'united-states' } },
      direct: { repos: 0 },
      all: { repos: 2, downloads30d: 9 },
      counts: [
        { relation: 'any', directRepos: 0, directPublishers: 0, allRepos: 2, allPublishers: 1 },
        { relation: 'finetune', directRepos: 0, directPublishers: 0, allRepos: 2, allPublishers: 1 },
      ],
    })
    const text = lineageText(answer)
    expect(text).toMatch(/any +0 +0 +2 +1\n/)
    expect(text).toContain('all, 2 listed: 9 downloads in 30 days')
  })

  test('of a repository that is gone says since when', () => {
    expect(shown(family(), 'tuner/Gone')).toContain(
      'gone since 2026-03-05: its counters are the last that were seen',
    )
  })

  test('that is not in the file is refused, with one that is', () => {
    const store = family()
    const refused = (name: string) => {
      try {
        trace(store, name)
      } catch (error) {
        return error as CensusError
      }
      throw new Error('answered')
    }
    const error = refused('qwen/base')
    expect(error).toBeInstanceOf(CensusError)
    expect(error.exitCode).toBe(2)
    expect(error.remedy.next).toBe('Did you mean qwen/Base? Names match exactly.')
    expect(refused('nobody/\u001b[31mred').remedy.happened).toContain('\\u{1b}[31mred')
  })

  test('with what a terminal would obey is shown harmless', () => {
    const evil = '\u001b]0;x\u0007/\u202Ee'
    const store = lineageCensus([{ id: 'qwen/a', declares: [[evil, 'finetune']] }], registry, {
      loose: [loose(1, evil, 'malformed')],
      roots: [root(1, { declared: evil, end: 'unresolved' })],
    })
    for (const text of [shown(store, 'qwen/a'), shown(store, evil)]) {
      expect(text).toContain('\\u{1b}]0;x\\u{7}/\\u{202e}e')
      expect(text).not.toContain('\u001b')
      expect(text).not.toContain('\u202E')
    }
  })
})

describe('a file without a published lineage', () => {
  test.each([
    [
      'that was never published',
      'DELETE FROM daily_total; DELETE FROM daily_total_basis',
      'hub-census sweep',
    ],
    [
      'published by the first definitions',
      'UPDATE daily_total_basis SET definition_version = 1',
      'hub-census metrics',
    ],
  ])('%s says what to type', (_, spoil, next) => {
    const store = family()
    store.sqlite.exec(spoil)
    expect(() => trace(store, 'qwen/Base')).toThrow(CensusError)
    try {
      trace(store, 'qwen/Base')
    } catch (error) {
      expect((error as CensusError).remedy.next).toContain(next)
    }
  })
})
