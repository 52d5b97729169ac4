import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  hubIdSeconds,
  isPrivateRow,
  parseRepoRow,
  RowShapeError,
  readHubId,
} from '../../src/source/parse-repo-row.ts'

const HUB_ID = '6a64056a5320303b7dd6fa9d'
const BORN = 0x6a64056a
const PLAIN = { _id: HUB_ID, id: 'lab/model', downloads: 7, tags: [] as unknown }

const reasonOf = (raw: unknown): string => {
  try {
    parseRepoRow(raw)
  } catch (error) {
    expect(error).toBeInstanceOf(RowShapeError)
    return (error as Error).message
  }
  throw new Error('the row was accepted')
}

test('a full row is understood', () => {
  const raw = {
    _id: HUB_ID,
    id: 'Qwen/Qwen3-8B',
    author: 'Qwen',
    createdAt: '2026-07-24T23:59:22.000Z',
    lastModified: '2026-08-01T00:00:00.500Z',
    private: false,
    disabled: true,
    gated: 'manual',
    downloads: 87_308_150,
    downloadsAllTime: 3_400_446_695,
    likes: 12,
    pipeline_tag: 'text-generation',
    library_name: 'transformers',
    safetensors: { parameters: { BF16: 8_190_735_360 }, total: 8_190_735_360 },
    tags: ['en', 'license:apache-2.0', 'base_model:finetune:a/b'],
    baseModels: { relation: 'finetune', models: [{ _id: '621ffdc136468d709f17a20e', id: 'a/b' }] },
    somethingNew: { of: 'tomorrow' },
  }
  expect(parseRepoRow(raw)).toEqual({
    hubId: HUB_ID,
    repoId: 'Qwen/Qwen3-8B',
    createdAt: Date.UTC(2026, 6, 24, 23, 59, 22) / 1000,
    lastModifiedAt: Date.UTC(2026, 7, 1) / 1000,
    task: 'text-generation',
    library: 'transformers',
    licence: 'apache-2.0',
    parameters: 8_190_735_360,
    gated: 'manual',
    isDisabled: true,
    downloads30d: 87_308_150,
    downloadsAllTime: 3_400_446_695,
    likes: 12,
    bases: [{ declared: 'a/b', relation: 'finetune', baseHubId: '621ffdc136468d709f17a20e' }],
  })
})

test('what is absent is unknown, never 0', () => {
  expect(parseRepoRow({ _id: HUB_ID, id: 'lab/model', downloads: 0 })).toEqual({
    hubId: HUB_ID,
    repoId: 'lab/model',
    createdAt: BORN,
    lastModifiedAt: null,
    task: null,
    library: null,
    licence: null,
    parameters: null,
    gated: 'no',
    isDisabled: false,
    downloads30d: 0,
    downloadsAllTime: null,
    likes: null,
    bases: [],
  })
})

describe('a row is refused', () => {
  test.each([
    ['null', null, 'row: expected an object, got null'],
    ['a list', [PLAIN], 'row: expected an object, got [{"_id":"6a64056a'],
    ['a text', 'lab/model', 'row: expected an object, got "lab/model"'],
    ['no _id', { ...PLAIN, _id: undefined }, '_id: expected 24 hexadecimal digits, got nothing'],
    ['a short _id', { ...PLAIN, _id: '6a64' }, '_id: expected 24 hexadecimal digits, got "6a64"'],
    ['an upper-case _id', { ...PLAIN, _id: HUB_ID.toUpperCase() }, '_id: expected 24 hexadecimal digits'],
    ['no id', { ...PLAIN, id: undefined }, 'id: expected owner/name, got nothing'],
    ['an id without owner', { ...PLAIN, id: 'gpt2' }, 'id: expected owner/name, got "gpt2"'],
    ['an id with an empty owner', { ...PLAIN, id: '/model' }, 'id: expected owner/name'],
    ['an id with an empty name', { ...PLAIN, id: 'lab/' }, 'id: expected owner/name'],
    [
      'an id of a megabyte',
      { ...PLAIN, id: `lab/${'x'.repeat(1 << 20)}` },
      'id: expected owner/name, got "lab/xxx',
    ],
    ['tags that are a text', { ...PLAIN, tags: 'en' }, 'tags: expected a list of texts, got "en"'],
    ['a tag that is a number', { ...PLAIN, tags: ['en', 5] }, 'tags[1]: expected a text, got 5'],
    ['a task that is a number', { ...PLAIN, pipeline_tag: 1 }, 'pipeline_tag: expected a text, got 1'],
    ['a library that is a list', { ...PLAIN, library_name: [] }, 'library_name: expected a text, got []'],
    ['gating that is true', { ...PLAIN, gated: true }, 'gated: expected false, "auto" or "manual", got true'],
    ['baseModels that are a text', { ...PLAIN, baseModels: 'a/b' }, 'baseModels.relation: expected'],
    [
      'an unknown relation',
      { ...PLAIN, baseModels: { relation: 'distill', models: [] } },
      'baseModels.relation: expected one of the Hub\'s four words, got "distill"',
    ],
    [
      'a base without _id',
      { ...PLAIN, baseModels: { relation: 'merge', models: [{ id: 'a/b' }] } },
      'baseModels.models[0]: expected _id and id, got {"id":"a/b"}',
    ],
  ])('for %s', (_, raw, reason) => {
    const met = reasonOf(raw)
    expect(met.startsWith(reason), met).toBe(true)
    expect(met.length).toBeLessThan(160)
  })

  test.each(['downloads', 'downloadsAllTime', 'likes'])('for a %s that is no count', field => {
    const noCounts = [
      '12',
      '1,234',
      12.5,
      true,
      -5,
      -1,
      JSON.parse('1e309'),
      2 ** 53,
      1e18,
      1e12 + 1,
      Number.NaN,
      [],
      {},
    ]
    for (const value of noCounts) {
      expect(reasonOf({ ...PLAIN, [field]: value }), String(value)).toMatch(
        new RegExp(`^${field}: expected a count, got `),
      )
    }
    expect(() => parseRepoRow({ ...PLAIN, [field]: 1e12 })).not.toThrow()
  })

  test('for downloads that are missing or null, but not for the counters the Hub may leave out', () => {
    expect(reasonOf({ ...PLAIN, downloads: undefined })).toBe('downloads: expected a count, got nothing')
    expect(reasonOf({ ...PLAIN, downloads: null })).toBe('downloads: expected a count, got null')
    expect(parseRepoRow({ ...PLAIN, downloadsAllTime: null, likes: null })).toMatchObject({
      downloadsAllTime: null,
      likes: null,
    })
  })

  test('for brackets nested a hundred thousand deep, without running out of stack', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(reasonOf({ ...PLAIN, downloads: deep })).toBe(
      'downloads: expected a count, got (nested too deeply to show)',
    )
    expect(reasonOf(deep)).toBe('row: expected an object, got (nested too deeply to show)')
  })
})

describe('dates', () => {
  test.each([
    ['with an offset', '2026-07-25T01:59:22+02:00', Date.UTC(2026, 6, 24, 23, 59, 22) / 1000],
    ['without a zone', '2026-07-24T23:59:22', BORN],
    ['without a time', '2026-07-24', BORN],
    ['in 1969', '1969-12-31T00:00:00.000Z', BORN],
    ['in 2999', '2999-01-01T00:00:00.000Z', BORN],
    ['on 30 February', '2026-02-30T99:00:00.000Z', BORN],
    ['empty', '', BORN],
    ['a number', 1_784_937_562, BORN],
  ])('%s never take this machine’s zone or crash; the _id says when instead', (_, createdAt, expected) => {
    const parsed = parseRepoRow({ ...PLAIN, createdAt, lastModified: createdAt })
    expect(parsed.createdAt).toBe(expected)
    expect(parsed.lastModifiedAt).toBe(expected === BORN ? null : expected)
  })

  /** The second of a text in the Hub's form by the general parser, within the Hub's years; null for none. */
  const secondBy = (text: string): number | null => {
    const isZoned = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text)
    const instant = isZoned ? Date.parse(text) : Number.NaN
    return instant >= Date.UTC(2016) && instant < Date.UTC(2100) ? Math.floor(instant / 1000) : null
  }
  const read = (text: string) => parseRepoRow({ ...PLAIN, lastModified: text }).lastModifiedAt

  test('of every day from 2016 to 2099 are the seconds that Date counts', () => {
    const wrong: string[] = []
    let days = 0
    for (let at = Date.UTC(2016); at < Date.UTC(2100); at += 86_400_000) {
      days += 1
      const text = new Date(at + (days % 86_400) * 1000 + (days % 1000)).toISOString()
      if (read(text) !== Math.floor(Date.parse(text) / 1000)) wrong.push(text)
    }
    expect(wrong).toEqual([])
    expect(days).toBe(84 * 365 + 21)
  })

  test('of any moment of these years are its second, and of any other moment none', () => {
    const inside = fc.integer({ min: Date.UTC(2016), max: Date.UTC(2100) - 1 })
    fc.assert(
      fc.property(inside, at => {
        expect(read(new Date(at).toISOString())).toBe(Math.floor(at / 1000))
      }),
      { numRuns: 3000 },
    )
    const outside = fc.oneof(
      fc.integer({ min: Date.UTC(1000), max: Date.UTC(2016) - 1 }),
      fc.integer({ min: Date.UTC(2100), max: Date.UTC(9999) }),
    )
    fc.assert(
      fc.property(outside, at => {
        expect(read(new Date(at).toISOString())).toBeNull()
      }),
    )
  })

  test.each([
    ['2016-01-01T00:00:00.000Z', Date.UTC(2016)],
    ['2015-12-31T23:59:59.999Z', null],
    ['2099-12-31T23:59:59.999Z', Date.UTC(2100) - 1000],
    ['2100-01-01T00:00:00.000Z', null],
    ['2024-02-28T23:59:59.999Z', Date.UTC(2024, 1, 28, 23, 59, 59)],
    ['2024-02-29T00:00:00.000Z', Date.UTC(2024, 1, 29)],
    ['2024-03-01T00:00:00.000Z', Date.UTC(2024, 2, 1)],
    ['2096-02-29T12:00:00.000Z', Date.UTC(2096, 1, 29, 12)],
    ['2026-02-28T00:00:00.000Z', Date.UTC(2026, 1, 28)],
    ['2026-04-31T24:00:00.001Z', null],
    ['2026-00-10T00:00:00.000Z', null],
    ['2026-13-10T00:00:00.000Z', null],
    ['2026-01-00T00:00:00.000Z', null],
    ['2026-01-32T00:00:00.000Z', null],
    ['2026-01-01T25:00:00.000Z', null],
    ['2026-01-01T00:60:00.000Z', null],
    ['2026-01-01T00:00:60.000Z', null],
    ['2026-01-01 00:00:00.000Z', null],
    ['2026-01-01t00:00:00.000Z', null],
    ['2026-01-01T00:00:00.000z', null],
    ['2026-01-01T00:00:00,000Z', null],
    ['2026/01/01T00:00:00.000Z', null],
    ['2026-01-01T-1:00:00.000Z', null],
    ['2026-01-01T 1:00:00.000Z', null],
    ['２026-01-01T00:00:00.000Z', null],
    ['+026-01-01T00:00:00.000Z', null],
  ])('at the edges are taken or refused as by the general parser: %s', (text, instant) => {
    expect(text).toHaveLength(24)
    expect(secondBy(text)).toBe(instant === null ? null : instant / 1000)
    expect(read(text)).toBe(secondBy(text))
  })

  test('in the Hub’s form, of any numbers and with any wrong character, are what the general parser says', () => {
    const number = (max: number, width: number) =>
      fc.integer({ min: 0, max }).map(value => String(value).padStart(width, '0'))
    const form = fc
      .tuple(
        fc.oneof(
          fc.integer({ min: 2014, max: 2101 }).map(String),
          number(9999, 4),
          fc.constantFrom('2000', '2020', '2024'),
        ),
        number(14, 2),
        number(33, 2),
        number(26, 2),
        number(62, 2),
        number(62, 2),
        number(999, 3),
      )
      .map(([year, month, day, hour, minute, second, milli]) => {
        return `${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`
      })
    const odd = fc.oneof(
      fc.constantFrom('', '00', ' ', '-', '+', ':', '.', '/', 'T', 'Z', 'e', '０'),
      fc.string(),
    )
    const spoilt = fc
      .tuple(form, fc.nat(23), odd)
      .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1))
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: form }, spoilt), text => {
        const second = secondBy(text)
        seen[second === null ? 'refused' : 'taken'] += 1
        expect(read(text)).toBe(second)
        expect(parseRepoRow({ ...PLAIN, createdAt: text }).createdAt).toBe(second ?? BORN)
      }),
      { numRuns: 4000 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(500)
  })

  test('the _id holds the second of birth', () => {
    expect(hubIdSeconds(HUB_ID)).toBe(BORN)
  })
})

test.each([
  '__proto__/constructor',
  'constructor/__proto__',
  'a/b/c',
  "'; DROP TABLE repo; --/x",
  '<script>/x',
  '\u202e/\u0000',
])('the hostile name %j is a name like any other', id => {
  const raw: unknown = JSON.parse(JSON.stringify({ ...PLAIN, id }))
  expect(parseRepoRow(raw)).toMatchObject({ repoId: id, bases: [] })
  expect(Object.hasOwn(Object.prototype, 'downloads30d')).toBe(false)
})

test('a __proto__ in the JSON gives a row nothing it does not have itself', () => {
  const raw: unknown = JSON.parse(`{"__proto__":{"_id":"${HUB_ID}","id":"a/b","downloads":1}}`)
  expect(readHubId(raw)).toBeNull()
  expect(reasonOf(raw)).toMatch(/^_id: /)
})

describe('a card', () => {
  const basesOf = (json: string) => parseRepoRow({ ...PLAIN, cardData: JSON.parse(json) }).bases
  const unresolved = (declared: string) => ({ declared, relation: 'undeclared', baseHubId: null })

  test('names the base of a row without base tags, by the Hub’s own relation word where it has one', () => {
    expect(basesOf('{"base_model":"gpt2"}')).toEqual([unresolved('gpt2')])
    expect(basesOf('{"base_model":["a/b"],"base_model_relation":"adapter"}')).toEqual([
      { declared: 'a/b', relation: 'adapter', baseHubId: null },
    ])
  })

  test('under the old name of the base the Hub resolved adds none', () => {
    const raw = {
      ...PLAIN,
      tags: ['base_model:meta-llama/Llama-3.1-8B', 'base_model:finetune:meta-llama/Llama-3.1-8B'],
      baseModels: { relation: 'finetune', models: [{ _id: HUB_ID, id: 'meta-llama/Llama-3.1-8B' }] },
      cardData: { base_model: 'meta-llama/Meta-Llama-3.1-8B' },
    }
    expect(parseRepoRow(raw).bases).toEqual([
      { declared: 'meta-llama/Llama-3.1-8B', relation: 'finetune', baseHubId: HUB_ID },
    ])
  })

  test.each([
    ['a __proto__ that names a base', '{"__proto__":{"base_model":"a/b"}}', []],
    ['a base called __proto__', '{"base_model":"__proto__"}', [unresolved('__proto__')]],
    ['a base called constructor', '{"base_model":["constructor"]}', [unresolved('constructor')]],
    ['numbers', '{"base_model":[1,2.5,1e309,-0]}', []],
    ['one number', '{"base_model":8}', []],
    ['lists in lists', '{"base_model":[["a/b"],[["c/d"]]]}', []],
    ['lists nested 100,000 deep', `{"base_model":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, []],
    [
      'objects nested 10,000 deep beside it',
      `{"x":${'{"a":'.repeat(1e4)}0${'}'.repeat(1e4)},"base_model":"a/b"}`,
      [unresolved('a/b')],
    ],
    ['a text of a megabyte', `{"base_model":"${'x'.repeat(1 << 20)}"}`, []],
    [
      'markup and SQL',
      '{"base_model":"\'; DROP TABLE repo; --<script>"}',
      [unresolved("'; DROP TABLE repo; --<script>")],
    ],
    ['half a character', '{"base_model":"\\ud800"}', []],
    ['a zero', '{"base_model":"a\\u0000b"}', [unresolved('a\u0000b')]],
    ['no object', '"base_model"', []],
  ])('with %s never costs the row', (_, json, bases) => {
    expect(basesOf(json)).toEqual(bases)
    expect(Object.hasOwn(Object.prototype, 'base_model')).toBe(false)
  })

  test('with 10,000 entries gives a hundred', () => {
    const listed = Array.from({ length: 10_000 }, (_, index) => `lab/${String(index).padStart(5, '0')}`)
    expect(basesOf(JSON.stringify({ base_model: listed }))).toEqual(listed.slice(0, 100).map(unresolved))
  })
})

test('only a plain true makes a row private', () => {
  expect(isPrivateRow({ private: true })).toBe(true)
  for (const value of [{ private: 'true' }, { private: 1 }, { private: false }, {}, null, [], 'private']) {
    expect(isPrivateRow(value)).toBe(false)
  }
})

test('any JSON value is understood, with counters that are safe and not negative, or is a RowShapeError', () => {
  const odd = fc.jsonValue()
  const count = fc.oneof(
    { weight: 4, arbitrary: fc.nat() },
    odd,
    fc.double(),
    fc.maxSafeInteger().map(String),
  )
  const hubId = fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 24, maxLength: 24 })
    .map(digits => digits.join(''))
  const name = fc.oneof(fc.constant('lab/model'), fc.constant('__proto__/constructor'), fc.string())
  const base = fc.record({ _id: fc.oneof(hubId, odd), id: fc.oneof(name, odd) }, { requiredKeys: [] })
  const row = fc.record(
    {
      _id: fc.oneof({ weight: 20, arbitrary: hubId }, { weight: 1, arbitrary: odd }),
      id: fc.oneof({ weight: 9, arbitrary: name }, { weight: 1, arbitrary: odd }),
      createdAt: fc.oneof(
        fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
        fc.string(),
        odd,
      ),
      lastModified: odd,
      private: odd,
      disabled: odd,
      gated: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(false, 'auto', 'manual') },
        { weight: 1, arbitrary: odd },
      ),
      downloads: count,
      downloadsAllTime: count,
      likes: count,
      safetensors: fc.oneof(odd, fc.record({ total: count })),
      tags: fc.oneof(
        { weight: 9, arbitrary: fc.array(fc.oneof(fc.string(), fc.constant('base_model:merge:a:b'))) },
        { weight: 1, arbitrary: odd },
      ),
      baseModels: fc.oneof(
        { weight: 5, arbitrary: fc.constant(null) },
        fc.record({
          relation: fc.constantFrom('merge', 'adapter', 'x'),
          models: fc.oneof(fc.array(base), odd),
        }),
        odd,
      ),
    },
    { requiredKeys: ['_id', 'id', 'downloads'] },
  )
  const outcomes = { understood: 0, refused: 0 }
  fc.assert(
    fc.property(fc.oneof({ weight: 6, arbitrary: row }, odd), value => {
      const raw: unknown = JSON.parse(JSON.stringify(value))
      try {
        const { downloads30d, downloadsAllTime, likes, parameters, hubId: id } = parseRepoRow(raw)
        outcomes.understood += 1
        expect(id).toMatch(/^[0-9a-f]{24}$/)
        expect(downloads30d).not.toBeNull()
        for (const counter of [downloads30d, downloadsAllTime, likes, parameters]) {
          if (counter === null) continue
          expect(Number.isSafeInteger(counter)).toBe(true)
          expect(counter).toBeGreaterThanOrEqual(0)
        }
      } catch (error) {
        if (!(error instanceof RowShapeError)) throw error
        outcomes.refused += 1
        expect(error.message).toMatch(/^[\w.[\]]+: expected .+, got ./s)
      }
    }),
    { numRuns: 3000 },
  )
  expect(outcomes.understood).toBeGreaterThan(100)
  expect(outcomes.refused).toBeGreaterThan(100)
})
