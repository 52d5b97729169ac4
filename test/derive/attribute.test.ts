import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAttributor } from '../../src/derive/attribute.ts'
import { attributeBases, UNRESOLVED } from '../../src/derive/attribute-base.ts'
import { judgeScope, scopeBasis } from '../../src/derive/in-scope.ts'
import { lineName, lineOrder } from '../../src/derive/lines.ts'
import { type NamedBase, NO_NAMES, type RepoFacts } from '../../src/domain/attribution.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { addDays } from '../../src/domain/utc-day.ts'
import { day, EVERY_KIND, LLM, lab, registryOf, scope } from './small-registry.ts'

const TODAY = day('2026-06-01')
const anyDay = fc.integer({ min: -9000, max: 9000 }).map(count => addDays(TODAY, count))
const hostileNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '/',
  'a/b/c',
  '\u202e',
  'QWEN',
  'qwen ',
]
const anyId = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...hostileNames),
  fc
    .tuple(fc.constantFrom(...EVERY_KIND.labs.keys(), ...hostileNames), fc.string())
    .map(parts => parts.join('/')),
)

function repo(parts: Partial<RepoFacts> = {}): RepoFacts {
  const repoId = parts.repoId ?? 'qwen/Model'
  return {
    repoKey: 1,
    repoId,
    formerNames: NO_NAMES,
    handle: handleOf(repoId),
    createdOn: '2025-01-01',
    task: 'text-generation',
    bases: [],
    roots: [],
    ...parts,
  }
}

const base = (repoId: string | null, relation = 'finetune', declared = repoId ?? 'C:\\x'): NamedBase => ({
  declared,
  relation,
  repoId,
})

describe('attribution', () => {
  test('gives every id on every day exactly one line that is always shown', () => {
    const attributor = createAttributor(EVERY_KIND)
    const lines = lineOrder(EVERY_KIND)
    expect(new Set(lines).size).toBe(lines.length)
    fc.assert(
      fc.property(anyId, anyDay, (repoId, on) => {
        const answer = attributor.attribute(repoId, on)
        expect(lines.filter(line => line === answer.line)).toHaveLength(1)
        expect(answer.decidedBy === 'nothing').toBe(answer.labKey === null)
        expect(lineName(EVERY_KIND, answer.line)).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['qwen/x', 'china', 'CN'],
    ['meta/x', 'united-states', 'US'],
    ['mistral/x', 'europe', 'FR'],
    ['many/x', 'multinational', 'multinational'],
    ['mystery/x', 'unknown', 'unknown'],
    ['bloke/x', 'community', 'US'],
    ['ci/x', 'excluded', 'FR'],
    ['nobody/x', 'unreviewed', null],
  ])('of %s is the line %s', (repoId, line, country) => {
    expect(createAttributor(EVERY_KIND).attribute(repoId, TODAY)).toMatchObject({ line, country })
  })

  test.each(['Qwen/x', 'QWEN/x', 'qwen', 'qwen-/x', ' qwen/x', 'qwеn/x', 'qwen\u200b/x', 'x/qwen'])(
    'leaves the look-alike %j unreviewed unless the handle is exactly that',
    repoId => {
      expect(createAttributor(EVERY_KIND).attribute(repoId, TODAY).line).toBe(
        repoId === 'qwen' ? 'china' : 'unreviewed',
      )
    },
  )

  test('follows a seat from its first day to its last, as the file writes them', () => {
    const { attribute, boundaries } = createAttributor(EVERY_KIND)
    const lineOn = (on: string) => attribute('mover/x', day(on)).line
    expect(lineOn('2026-03-02')).toBe('china')
    expect(lineOn('2026-03-03')).toBe('united-states')
    expect(lineOn('2026-03-04')).toBe('unreviewed')
    expect(boundaries).toEqual(['2026-03-03', '2026-03-04'])
  })

  test('says unknown between two seats, and hands a handle from one lab to the next without overlap', () => {
    const { attribute } = createAttributor(
      registryOf([
        lab('first', {
          countries: [
            ['CN', null, '2026-01-09'],
            ['US', '2026-01-20', null],
          ],
          handles: [['h', null, '2026-01-31']],
        }),
        lab('second', { countries: ['FR'], handles: [['h', '2026-02-01', null]] }),
      ]),
    )
    const answers = ['2026-01-09', '2026-01-10', '2026-01-19', '2026-01-20', '2026-01-31', '2026-02-01'].map(
      on => {
        const { labKey, line } = attribute('h/x', day(on))
        return [labKey, line]
      },
    )
    expect(answers).toEqual([
      ['first', 'china'],
      ['first', 'unknown'],
      ['first', 'unknown'],
      ['first', 'united-states'],
      ['first', 'united-states'],
      ['second', 'europe'],
    ])
  })

  test('takes an exception for one repository before its handle, exactly', () => {
    const { attribute } = createAttributor(
      registryOf([lab('us', { countries: ['US'], exceptions: ['cn/gift'] }), lab('cn')]),
    )
    expect(attribute('cn/gift', TODAY)).toMatchObject({
      labKey: 'us',
      line: 'united-states',
      decidedBy: 'exception',
    })
    expect(attribute('cn/Gift', TODAY)).toMatchObject({ labKey: 'cn', line: 'china', decidedBy: 'handle' })
  })

  test('of everybody else is unchanged by an unrelated lab', () => {
    const known = new Set(
      [...EVERY_KIND.labs.values()].flatMap(entry => entry.handles.map(({ handle }) => handle)),
    )
    fc.assert(
      fc.property(
        anyId,
        anyDay,
        fc.string(),
        fc.constantFrom('CN', 'US', 'unknown'),
        (repoId, on, handle, country) => {
          fc.pre(handleOf(repoId) !== handle && !known.has(handle))
          const more = registryOf([
            ...EVERY_KIND.labs.values(),
            lab('unrelated', { handles: [handle], countries: [country] }),
          ])
          expect(createAttributor(more).attribute(repoId, on)).toEqual(
            createAttributor(EVERY_KIND).attribute(repoId, on),
          )
        },
      ),
    )
  })
})

describe('attribution by base', () => {
  const attributor = createAttributor(EVERY_KIND)
  const lines = (bases: NamedBase[]) =>
    attributeBases(attributor, repo({ repoId: 'meta/x', bases }), TODAY).map(({ line }) => line)

  test('falls back on the publisher only when no base is declared', () => {
    expect(lines([])).toEqual(['united-states'])
    expect(lines([base('nobody/x')])).toEqual(['unreviewed'])
    expect(lines([base(null)])).toEqual([UNRESOLVED.line])
  })

  test('counts a base once, whatever its relations, and each of several', () => {
    expect(
      lines([base('qwen/a'), base('qwen/a', 'adapter'), base('mistral/b', 'merge'), base(null)]),
    ).toEqual(['china', 'europe', 'unresolved'])
  })
})

describe('a scope', () => {
  const attributor = createAttributor(EVERY_KIND)
  const releaseDates = new Map([
    ['qwen/early', { released: day('2022-12-01'), note: 'created in private' }],
    ['qwen/late', { released: day('2022-11-30'), note: 'created after its release' }],
    ['qwen/old', { released: day('2022-11-30'), note: 'created in private' }],
  ])
  const verdict = (parts: Partial<RepoFacts>, rule = LLM) => {
    const facts = repo(parts)
    const basis = scopeBasis({ releaseDates, scopes: new Map([[rule.key, rule]]) }, TODAY)
    return judgeScope(rule, facts, attributor.attribute(facts.repoId, TODAY), basis)
  }

  test.each([
    ['in', {}],
    ['task', { task: null }],
    ['task', { task: 'fill-mask' }],
    ['task', { task: '__proto__' }],
    ['created', { createdOn: '2022-11-30' }],
    ['in', { createdOn: '2022-12-01' }],
    // A corrected day of release stands in the place of the day of creation, either way.
    ['in', { repoId: 'qwen/early', createdOn: '2022-11-01' }],
    ['created', { repoId: 'qwen/late', createdOn: '2023-01-05' }],
    ['created', { repoId: 'qwen/old', createdOn: '2022-01-01' }],
    ['created', { repoId: 'qwen/Early', createdOn: '2022-11-01' }],
    ['name', { repoId: 'qwen/Guard-7B' }],
    ['in', { repoId: 'many/x' }],
    ['in', { repoId: 'mystery/x' }],
    ['not-first-party', { repoId: 'nobody/x' }],
    ['not-first-party', { repoId: 'bloke/x' }],
    ['not-first-party', { repoId: 'ci/x' }],
    ['derived-form', { bases: [base('qwen/a', 'quantized')] }],
    ['derived-form', { bases: [base('qwen/a', 'adapter')] }],
    ['derived-form', { repoId: 'qwen/xFP8', bases: [base('qwen/a', 'quantized')] }],
    ['in', { repoId: 'qwen/x-fp8', bases: [base('qwen/a', 'quantized')] }],
    ['in', { repoId: 'qwen/x_FP8', bases: [base('qwen/a', 'quantized')] }],
    // What the Hub calls quantized is a trained model where the names differ by a stage of training alone.
    ['in', { repoId: 'qwen/V3-Instruct', bases: [base('qwen/V3-Base', 'quantized')] }],
    ['in', { repoId: 'qwen/V3', bases: [base('qwen/V3-Base', 'quantized')] }],
    ['derived-form', { repoId: 'qwen/V3-Instruct', bases: [base('meta/V3-Base', 'quantized')] }],
    ['derived-form', { repoId: 'qwen/V3-Instruct-4bit', bases: [base('qwen/V3-Instruct', 'quantized')] }],
    ['derived-form', { repoId: 'qwen/V3-Instruct', bases: [base('qwen/V3-Base', 'adapter')] }],
    ['derived-form', { repoId: 'qwen/V3', bases: [base(null, 'quantized')] }],
    ['in', { bases: [base('qwen/a', 'finetune'), base('qwen/b', 'merge')] }],
  ] as const)('says %s of %j', (expected, parts) => {
    expect(verdict(parts)).toBe(expected)
  })

  test('looks for a name in the part after the slash alone', () => {
    const rule = scope('x', { rejectNames: [/qwen/] })
    expect(verdict({ repoId: 'qwen/Model' }, rule)).toBe('in')
    expect(verdict({ repoId: 'meta/qwen' }, rule)).toBe('name')
  })

  test('restricted to a list holds what is on it, spelled so, whatever else is true of it', () => {
    const rule = scope('x', { listed: new Set(['qwen/Model', 'nobody/x']) })
    expect(verdict({ repoId: 'qwen/Model', task: null, createdOn: '2019-01-01' }, rule)).toBe('in')
    expect(verdict({ repoId: 'nobody/x' }, rule)).toBe('in')
    expect(verdict({ repoId: 'qwen/model' }, rule)).toBe('not-listed')
    expect(verdict({ repoId: 'meta/Model' }, rule)).toBe('not-listed')
    expect(verdict({ repoId: 'meta/x' }, { ...LLM, listed: new Set() })).toBe('not-listed')
    expect(verdict({ repoId: 'qwen/Model', task: null }, { ...LLM, listed: rule.listed })).toBe('task')
  })

  test('restricted to a list still holds what was renamed to a name that is not on it', () => {
    const rule = scope('x', { listed: new Set(['qwen/Old']) })
    const renamed = { repoId: 'elsewhere/New', formerNames: ['qwen/Older', 'qwen/Old'] }
    expect(verdict(renamed, rule)).toBe('in')
    expect(verdict({ ...renamed, formerNames: ['qwen/Older', 'qwen/old'] }, rule)).toBe('not-listed')
    // The name it has now decides everything but the list.
    expect(verdict({ ...renamed, repoId: 'elsewhere/Guard' }, { ...LLM, listed: rule.listed })).toBe('name')
    expect(verdict(renamed, { ...LLM, listed: rule.listed })).toBe('not-first-party')
  })

  test('that restricts nothing admits everything', () => {
    fc.assert(
      fc.property(anyId, fc.option(fc.string()), (repoId, task) => {
        expect(verdict({ repoId, task, bases: [base(null, 'quantized')] }, scope('all'))).toBe('in')
      }),
    )
  })
})
