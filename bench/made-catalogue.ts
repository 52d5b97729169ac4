import type { CatalogueRow } from '../fixtures/miniature-hub/catalogue.ts'
import { addDays, parseUtcDay, type UtcDay } from '../src/domain/utc-day.ts'

const FIRST_NIGHT = parseUtcDay('2026-11-01')
const FIRST_SECOND = 0x62200000
const CREATED_OVER_SECONDS = 1_640 * 86_400
/** Share of repositories whose counters differ from one night to the next, as on the Hub. */
const CHANGED_SHARE = 0.3
/** Share that anybody ever downloaded. */
const USED_SHARE = 0.6
/** A quarter of the Hub names a base; every base here is one of the first repositories. */
const BASES = 200

const LABS =
  `Qwen deepseek-ai zai-org moonshotai baidu tencent MiniMaxAI internlm 01-ai stepfun-ai meta-llama google openai
  microsoft nvidia allenai ibm-granite apple Salesforce databricks mistralai HuggingFaceTB stabilityai CohereLabs tiiuae
  utter-project LGAI-EXAONE upstage sarvamai ai21labs`.split(/\s+/)
const TASKS = [
  'text-generation',
  'image-text-to-text',
  'text-classification',
  'text-to-image',
  'feature-extraction',
]
const RELATIONS = ['finetune', 'adapter', 'quantized', 'merge']

/** The UTC day of a night, counted from 0. */
export function dayOfNight(night: number): UtcDay {
  return addDays(FIRST_NIGHT, night)
}

/** Every row of one night of a made catalogue, ascending by `_id`; about 680 bytes a row on the wire. */
export function madeNight(night: number, models: number): CatalogueRow[] {
  return Array.from({ length: models }, (_, index) => madeRow(index, night, models))
}

function madeRow(index: number, night: number, models: number): CatalogueRow {
  const second = FIRST_SECOND + Math.floor((index / models) * CREATED_OVER_SECONDS)
  const createdAt = new Date(second * 1000).toISOString()
  const popularity = mixed(index, 1)
  const downloads = popularity < USED_SHARE ? 1 + Math.floor(1 / (popularity + 1e-6)) : 0
  // Those that are used most move every night.
  const moved = popularity < CHANGED_SHARE ? night : 0
  const base = repoId(Math.floor(mixed(index, 2) * BASES))
  const relation = RELATIONS[Math.floor(mixed(index, 3) * RELATIONS.length)]!
  const hasBase = index >= BASES && index % 4 === 0
  const task = TASKS[index % TASKS.length]!
  return {
    _id: second.toString(16) + index.toString(16).padStart(16, '0'),
    id: repoId(index),
    createdAt,
    lastModified: createdAt,
    likes: index % 50,
    downloads: downloads + moved,
    downloadsAllTime: downloads * 12 + moved,
    tags: [
      'transformers',
      'safetensors',
      task,
      'conversational',
      'en',
      'zh',
      'arxiv:2407.10671',
      'dataset:HuggingFaceH4/ultrachat_200k',
      'license:apache-2.0',
      ...(hasBase ? [`base_model:${base}`, `base_model:${relation}:${base}`] : []),
      'text-generation-inference',
      'endpoints_compatible',
      'region:us',
    ],
    pipeline_tag: task,
    library_name: 'transformers',
    safetensors: { parameters: { BF16: 7_000_000 + index }, total: 7_000_000 + index },
  }
}

function repoId(index: number): string {
  return index < BASES || index % 97 === 0
    ? `${LABS[index % LABS.length]}/Model-${index}-Instruct`
    : `person-${index % 9000}/model-${index}-finetuned`
}

/** A fraction, 0 or more and less than 1, that looks drawn and is the same on every machine and in every run. */
export function mixed(a: number, b: number): number {
  let bits = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35)
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d)
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39)
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32
}
