import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import { explainHandle } from '../../src/pipeline/explain-handle.ts'
import { explainRepo } from '../../src/pipeline/explain-repo.ts'
import { handleText } from '../../src/present/handle-text.ts'
import { indexNames } from '../../src/store/name-index.ts'
import { day, lab, registryOf, scope } from '../derive/small-registry.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { bundled } from '../registry/bundled.ts'
import { capturing } from '../store/capturing.ts'
import { fakeClock, temporaryStore } from '../support/census.ts'

const ON = '2026-02-02'
const registry = registryOf([
  lab('hand-over', { handles: [['sold', null, '2025-01-01']], countries: ['JP'] }),
  lab('qwen-lab', {
    name: 'Lab of Qwen',
    countries: [
      ['US', null, '2024-12-31'],
      ['CN', '2025-01-01', null],
    ],
    secondCountry: 'US',
    handles: ['Qwen', ['Qwen-old', '2023-01-01', '2024-01-01'], 'sold-later'],
    exceptions: ['friend/Guest-1B'],
    families: [{ key: 'qwen', name: 'Qwen', patterns: [/^Qwen/i] }],
    note: 'A note that says why.',
  }),
])

function sizes(handle: string, first: number, downloads: readonly (readonly [number, number?])[]) {
  return downloads.map(([downloads30d, allTime], at) =>
    row(first + at, {
      id: `${handle}/Qwen${at}`,
      downloads: downloads30d,
      ...(allTime === undefined ? {} : { downloadsAllTime: allTime }),
    }),
  )
}

/** The neighbours in the order of names, "Qwen-", "Qwen." and "Qwen0", belong to others. */
const rows = [
  ...sizes('Qwen', 1, [
    [10, 1000],
    [70, 7000],
    [30],
    [50, 5_000_000_000],
    [20, 2000],
    [60, 6000],
    [40, 4000],
  ]),
  ...sizes('Qwen-fans', 11, [[900, 900]]),
  ...sizes('Qwen.ai', 12, [[900, 900]]),
  ...sizes('Qwen0', 13, [[900, 900]]),
  ...sizes('Qvven', 14, [[5], [6]]),
  ...sizes('QWEN', 16, [[7, 7]]),
  ...sizes('sold', 17, [[8, 8]]),
  ...sizes('friend', 18, [[9, 9]]),
  row(19, { id: 'friend/Guest-1B', downloads: 3, downloadsAllTime: 3 }),
]
const gone = row(30, { id: 'Qwen/Qwen-gone', downloads: 999, downloadsAllTime: 999_999 })
/** In its place, so that the catalogue does not shrink and the one that is missing is believed gone. */
const born = row(40, { id: 'new/born' })
const moved = [row(31, { id: 'leaver/x' }), row(31, { id: 'Qwen/joined', downloads: 1, downloadsAllTime: 1 })]

async function census() {
  const made = await capturing({ '2026-02-01': [...rows, gone, moved[0]!], [ON]: [...rows, moved[1]!, born] })
  await made.capture('2026-02-01')
  await made.capture(ON)
  return { store: made.store, registry, clock: made.clock }
}

function refusal(action: () => unknown): CensusError {
  try {
    action()
  } catch (error) {
    if (error instanceof CensusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('an explained handle', () => {
  test('shows the whole entry behind its owner, and what the file holds', async () => {
    const answer = explainHandle('Qwen', await census())
    expect(answer).toMatchObject({
      handle: 'Qwen',
      asOf: ON,
      attribution: { line: 'china', labKey: 'qwen-lab', country: 'CN', decidedBy: 'handle' },
      lineName: 'China',
      otherOwners: [],
      lookAlikes: [],
      lab: {
        key: 'qwen-lab',
        kind: 'company',
        seats: [
          { country: 'US', from: null, until: '2024-12-31', evidence: 'https://example.org/US' },
          { country: 'CN', from: '2025-01-01', until: null, evidence: 'https://example.org/CN' },
        ],
        secondCountry: 'US',
        handles: [
          { handle: 'Qwen', isAsked: true },
          { handle: 'Qwen-old', from: '2023-01-01', until: '2024-01-01', isAsked: false },
          { handle: 'sold-later', isAsked: false },
        ],
        exceptions: [{ repoId: 'friend/Guest-1B', reason: 'said so', evidence: 'unverified' }],
        families: [{ key: 'qwen', name: 'Qwen', patterns: ['^Qwen'] }],
        note: 'A note that says why.',
        checked: '2026-01-01',
      },
    })
    const { top, ...sums } = answer.holdings
    expect(sums).toEqual({
      isInFile: true,
      repos: 8,
      downloads30d: 281,
      downloadsAllTime: 5_000_020_001,
      allTimeUnknownRepos: 1,
    })
    expect(top.map(repo => [repo.repoId, repo.downloads30d, repo.downloadsAllTime])).toEqual([
      ['Qwen/Qwen1', 70, 7000],
      ['Qwen/Qwen5', 60, 6000],
      ['Qwen/Qwen3', 50, 5_000_000_000],
      ['Qwen/Qwen6', 40, 4000],
      ['Qwen/Qwen2', 30, null],
    ])
    expect(top[0]!.family).toEqual({ key: 'qwen', name: 'Qwen' })
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  test('is answered alike with the index of names and without it', async () => {
    const effects = await census()
    indexNames(effects.store)
    const indexed = explainHandle('Qwen', effects)
    effects.store.sqlite.exec('DROP INDEX repo_repo_id')
    expect(explainHandle('Qwen', effects)).toEqual(indexed)
  })

  test('that looks like a lab’s is unreviewed, and names whom it resembles', async () => {
    const effects = await census()
    for (const [handle, differsBy] of [
      ['Qvven', 'look'],
      ['QWEN', 'letter-case'],
    ] as const) {
      const answer = explainHandle(handle, effects)
      expect(answer.attribution).toMatchObject({ line: 'unreviewed', labKey: null })
      expect(answer.lab).toBeNull()
      expect(answer.lookAlikes).toEqual([
        { handle: 'Qwen', labKey: 'qwen-lab', labName: 'Lab of Qwen', differsBy },
      ])
      expect(answer.holdings.top.map(repo => repo.family)).toEqual(answer.holdings.top.map(() => null))
      expect(handleText(answer)).toContain('src/registry/README.md')
    }
    expect(explainHandle('Qvven', effects).holdings).toMatchObject({
      repos: 2,
      downloads30d: 11,
      downloadsAllTime: null,
      allTimeUnknownRepos: 2,
    })
  })

  test('that changed hands is judged on the as-of day and keeps its other owners', async () => {
    const answer = explainHandle('sold', await census())
    expect(answer.attribution.line).toBe('unreviewed')
    expect(answer.otherOwners).toEqual([
      {
        handle: 'sold',
        from: null,
        until: '2025-01-01',
        evidence: null,
        labKey: 'hand-over',
        labName: 'Lab hand-over',
      },
    ])
  })

  test('names the repositories that an exception gives to another lab', async () => {
    const effects = await census()
    const { givenAway } = explainHandle('friend', effects)
    const exception = { repoId: 'friend/Guest-1B', reason: 'said so', evidence: 'unverified' }
    expect(givenAway).toEqual([{ ...exception, labKey: 'qwen-lab', labName: 'Lab of Qwen' }])
    // What an exception gives to the owner of its own handle goes nowhere.
    const owned = registryOf([lab('friend', { exceptions: ['friend/x'] }), ...registry.labs.values()])
    expect(explainHandle('friend', { ...effects, registry: owned }).givenAway.map(one => one.repoId)).toEqual(
      ['friend/Guest-1B'],
    )
    expect(explainHandle('Qwen', effects).givenAway).toEqual([])
  })

  test('shows patterns as the reviewed files write them, every backslash once', async () => {
    const effects = await census()
    const written = ['^Qwen\\d+\\.', 'a/b', '\\\\/[/]']
    const patterns = written.map(pattern => new RegExp(pattern, 'i'))
    const own = registryOf([
      lab('qwen', { handles: ['Qwen'], families: [{ key: 'f', name: 'F', patterns }] }),
    ])
    const answer = explainHandle('Qwen', { ...effects, registry: own })
    expect(answer.lab!.families[0]!.patterns).toEqual(written)
    expect(handleText(answer)).toContain('    F (f): ^Qwen\\d+\\.  or  a/b  or  \\\\/[/]\n')
  })

  test('with no listed repository has true zeros, whether it was seen or not', async () => {
    const effects = await census()
    const empty = { repos: 0, downloads30d: 0, downloadsAllTime: 0, allTimeUnknownRepos: 0, top: [] }
    expect(explainHandle('leaver', effects).holdings).toEqual({ isInFile: true, ...empty })
    expect(explainHandle('sold-later', effects).holdings).toEqual({ isInFile: false, ...empty })
  })

  test('of the registry is answered before the first sweep, for the day of the clock', () => {
    const clock = fakeClock('2026-06-07T23:59:00Z')
    const answer = explainHandle('Qwen', { store: temporaryStore(), registry: bundled, clock })
    expect(answer).toMatchObject({ asOf: '2026-06-07', lab: { key: 'alibaba-qwen' }, notice: null })
    expect(answer.holdings.isInFile).toBe(false)
  })

  test('that nobody knows is refused with similar ones', async () => {
    const effects = await census()
    for (const [typed, suggestion] of [
      ['qwen', 'Did you mean Qwen, QWEN'],
      ['Q\u200bwen', 'Did you mean Qwen'],
      ['Qwenn', 'Did you mean Qwen'],
      ['eave', 'Did you mean leaver?'],
      ['fans', 'Did you mean Qwen-fans?'],
    ] as const) {
      const error = refusal(() => explainHandle(typed, effects))
      expect([error.exitCode, error.remedy.next], typed).toEqual([2, expect.stringContaining(suggestion)])
    }
    for (const typed of ['%', '__proto__', "'; DROP TABLE repo; --", '', '\u001b[2J']) {
      const error = refusal(() => explainHandle(typed, effects))
      expect(error.remedy.next, typed).toBe(
        'Give a handle as the Hub spells it, or owner/name for a repository.',
      )
      expect(error.remedy.happened).not.toContain('\u001b')
    }
    expect(refusal(() => explainHandle('\u001b[2J', effects)).remedy.happened).toContain('"\\u{1b}[2J"')
    expect(refusal(() => explainRepo('\u001b/x', effects)).remedy.happened).toContain('"\\u{1b}/x"')
  })
})

describe('an explained repository', () => {
  test('shows every seat, the evidence of its handle and its family', async () => {
    const answer = explainRepo('Qwen/Qwen1', await census())
    expect(answer).toMatchObject({
      publisher: { attribution: { country: 'CN' } },
      record: {
        seats: [{ country: 'US' }, { country: 'CN', from: '2025-01-01' }],
        handles: [{ handle: 'Qwen', evidence: null }],
        exception: null,
      },
      family: { key: 'qwen', name: 'Qwen' },
    })
  })

  test('shows the exception that decides, and is then in no family', async () => {
    const answer = explainRepo('friend/Guest-1B', await census())
    expect(answer.record).toMatchObject({
      seats: [{ country: 'US' }, { country: 'CN' }],
      handles: [],
      exception: { reason: 'said so', evidence: 'unverified' },
    })
    expect(answer.family).toBeNull()
  })

  test('shows its size and its day of release, and what says so', async () => {
    const effects = await census()
    const told = {
      ...registry,
      releaseDates: new Map([['Qwen/Qwen1', { released: day('2025-05-05'), note: 'Created later.' }]]),
      sizes: new Map([['Qwen/Qwen1', { totalB: 100, activeB: 9, isLegacy: true, note: null }]]),
    }
    const found = (repoId: string) => {
      const { release, size } = explainRepo(repoId, { ...effects, registry: told })
      return { release, size }
    }
    expect(found('Qwen/Qwen1')).toEqual({
      release: { day: '2025-05-05', note: 'Created later.' },
      size: { totalB: 100, activeB: 9, from: 'curated', bucket: '100-250B', isLegacy: true, note: null },
    })
    const { createdOn } = explainRepo('friend/Guest-1B', effects)
    expect(found('friend/Guest-1B')).toEqual({
      release: { day: createdOn, note: null },
      size: { totalB: 1, activeB: null, from: 'name', bucket: '1-5B', isLegacy: false, note: null },
    })
    expect(found('Qwen/Qwen2').size).toBeNull()
    effects.store.sqlite.exec("UPDATE repo SET parameters = 4999999999 WHERE repo_id = 'Qwen/Qwen2'")
    expect(found('Qwen/Qwen2').size).toMatchObject({
      totalB: 4.999999999,
      from: 'safetensors',
      bucket: '1-5B',
    })
  })

  test('shows the pattern that rejects its name, and none for any other verdict', async () => {
    const effects = await census()
    const rule = scope('own', { version: 4, rejectNames: [/guest$/i, /-\d+b/i, /1b/i] })
    const own = registryOf([...registry.labs.values()], [rule, { ...rule, key: 'task', tasks: new Set() }])
    expect(explainRepo('friend/Guest-1B', { ...effects, registry: own }).scopes).toEqual([
      { scope: 'own', version: 4, verdict: 'name', pattern: '-\\d+b' },
      { scope: 'task', version: 4, verdict: 'task', pattern: null },
    ])
    expect(explainRepo('Qwen/Qwen1', { ...effects, registry: own }).scopes[0]).toMatchObject({
      verdict: 'in',
      pattern: null,
    })
  })

  test('shows for each base what makes it its lab’s', async () => {
    const tags = ['Qwen/Qwen1', 'friend/Guest-1B', 'nobody/x'].map(id => `base_model:merge:${id}`)
    const made = await capturing({ [ON]: [row(1, { id: 'me/merged', tags })] })
    await made.capture(ON)
    const { bases } = explainRepo('me/merged', { store: made.store, registry })
    expect(bases.map(({ repoId, record }) => [repoId, record.handles, record.exception])).toEqual([
      ['Qwen/Qwen1', [{ handle: 'Qwen', from: null, until: null, evidence: null }], null],
      ['friend/Guest-1B', [], { repoId: 'friend/Guest-1B', reason: 'said so', evidence: 'unverified' }],
      ['nobody/x', [], null],
    ])
  })

  test('of an unreviewed publisher has no record', async () => {
    const effects = await census()
    expect(explainRepo('Qvven/Qwen0', effects)).toMatchObject({
      record: { seats: [], handles: [], exception: null },
      family: null,
    })
    expect(explainRepo('Qwen/Qwen1', { ...effects, registry: bundled }).family?.key).toBe('qwen')
    expect(day(ON)).toBe(explainRepo('Qwen/Qwen1', effects).asOf)
  })
})
