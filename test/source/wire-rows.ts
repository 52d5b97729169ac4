import fc from 'fast-check'

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map(digits => digits.join(''))

/** An `_id` of any moment, most of them around the walk of the tests. */
export const hubIds = fc.oneof(
  hex(24),
  fc
    .tuple(fc.integer({ min: 0, max: 40 }), hex(2))
    .map(([second, end]) => (1_787_140_780 + second).toString(16) + end.padStart(16, '0')),
)

/** Texts that a page may hold: empty, long, beyond ASCII, halves of characters, look-alikes of JSON. */
export const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)),
  fc.constantFrom('', 'null', '"', '\\', '[]', '\ud83d', '模型', '\u0000', '\u2028', '__proto__'),
)

const names = fc.oneof(
  fc
    .tuple(fc.stringMatching(/^[\w.-]{1,12}$/), fc.stringMatching(/^[\w.-]{1,12}$/))
    .map(parts => parts.join('/')),
  texts.map(text => `lab/${text}x`),
)
const instants = fc.oneof(
  fc
    .date({ min: new Date('2022-03-02'), max: new Date('2026-11-23'), noInvalidDate: true })
    .map(date => date.toISOString()),
  fc.constantFrom('2026-02-29T00:00:00.000Z', '2026-08-19T12:00:00+02:00', '2026-08-19', 'soon', ''),
)
const counts = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 1e12 }),
  fc.constantFrom(0, -0, 2 ** 31, 3_400_000_000, 1e12),
)

/** Rows of the list as they should be. */
const goodRows = fc.record(
  {
    _id: hubIds,
    id: names,
    createdAt: instants,
    lastModified: instants,
    downloads: counts,
    downloadsAllTime: counts,
    likes: counts,
    pipeline_tag: texts,
    library_name: fc.oneof(fc.constantFrom('transformers', 'peft', 'gguf'), texts),
    tags: fc.array(
      fc.oneof(
        texts,
        names.map(name => `base_model:${name}`),
        names.map(name => `base_model:finetune:${name}`),
        fc.constantFrom('license:mit', 'license:', 'license:other'),
      ),
      { maxLength: 5 },
    ),
    baseModels: fc.record({
      relation: fc.constantFrom('finetune', 'adapter', 'merge', 'quantized'),
      models: fc.array(fc.record({ _id: hubIds, id: names }), { maxLength: 3 }),
    }),
    safetensors: fc.record({ total: fc.maxSafeNat() }),
    cardData: fc.oneof(
      fc.record({ base_model: fc.oneof(names, fc.array(names)) }),
      fc.record({ base_model: fc.jsonValue(), base_model_relation: fc.jsonValue() }),
    ),
    gated: fc.constantFrom(false, 'auto', 'manual'),
    disabled: fc.boolean(),
    private: fc.boolean().map(isPrivate => isPrivate && undefined),
  },
  { requiredKeys: ['_id', 'id', 'downloads'] },
)

const KEYS =
  '_id id createdAt lastModified downloads downloadsAllTime likes pipeline_tag library_name tags baseModels cardData safetensors gated disabled private'.split(
    ' ',
  )

/** The same with one member replaced by whatever JSON can say. */
const oddRows = fc
  .tuple(goodRows, fc.constantFrom(...KEYS), fc.jsonValue())
  .map(([row, key, value]) => ({ ...row, [key]: value }))

/** What may stand on a page: rows, rows of the caller's own, rows that are wrong somewhere, and what is no row. */
export const wireRows = fc.oneof(
  { weight: 6, arbitrary: goodRows },
  { weight: 3, arbitrary: oddRows },
  { weight: 1, arbitrary: goodRows.map(row => ({ ...row, private: true })) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
