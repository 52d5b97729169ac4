import { isDerivativeRelation } from '../domain/relation.ts'
import type { Gating, RepoRow } from '../domain/repo.ts'
import { jsonStart } from './json-start.ts'
import { BASE_TAG_PREFIX, declaredBases, type ResolvedBases } from './parse-bases.ts'

/** A row does not have the shape the contract promises. The message is `path: expected X, got Y`. */
export class RowShapeError extends Error {
  override name = 'RowShapeError'
}

/** No counter on the Hub is near this; a larger one is a fault, not a record. */
const LARGEST_PLAUSIBLE_COUNT = 1e12
/** The Hub gives nothing an earlier date than its floor of 2022-03-02; last changes go back to 2016. */
const EARLIEST_INSTANT = Date.UTC(2016, 0, 1)
const LATEST_INSTANT = Date.UTC(2100, 0, 1)
/** A time without a zone would be read as this machine's own. */
const ZONED_INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/
/** Real ids have fewer than 200 characters; what is longer is not a name. */
const LONGEST_REPO_ID = 512

/** The row's `_id` when it can be read, whatever else is wrong with the row. */
export function readHubId(row: unknown): string | null {
  if (typeof row !== 'object' || row === null || !('_id' in row)) return null
  return typeof row._id === 'string' && isHubId(row._id) ? row._id : null
}

/** 24 lower-case hexadecimal digits; a loop, since every row of three million asks. */
function isHubId(text: string): boolean {
  if (text.length !== 24) return false
  for (let at = 0; at < 24; at += 1) {
    const unit = text.charCodeAt(at)
    const isDigit = (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 102)
    if (!isDigit) return false
  }
  return true
}

/** Whether the row is one of the caller's own private repositories, which the census never keeps. */
export function isPrivateRow(row: unknown): boolean {
  return typeof row === 'object' && row !== null && (row as { private?: unknown }).private === true
}

/** Seconds since the epoch in the first eight digits of an `_id`: the moment the Hub made the repository. */
export function hubIdSeconds(hubId: string): number {
  return Number.parseInt(hubId.slice(0, 8), 16)
}

/** Reads one row of the list. Throws a RowShapeError; absent fields are unknown (null), never zero. */
export function parseRepoRow(raw: unknown): RepoRow {
  return parseIdentifiedRow(raw, readHubId(raw))
}

/** The same for whoever has asked `readHubId` already. */
export function parseIdentifiedRow(raw: unknown, hubId: string | null): RepoRow {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw shape('row', 'an object', raw)
  const row = raw as Record<string, unknown>
  if (hubId === null) throw shape('_id', '24 hexadecimal digits', row._id)
  const repoId = row.id
  const isName = typeof repoId === 'string' && repoId.length <= LONGEST_REPO_ID
  const slash = isName ? repoId.indexOf('/') : -1
  if (!isName || slash < 1 || slash === repoId.length - 1) throw shape('id', 'owner/name', repoId)
  const tags = readTags(row.tags)
  const downloads30d = readCount(row.downloads, 'downloads')
  if (downloads30d === null) throw shape('downloads', 'a count', row.downloads)
  return {
    hubId,
    repoId,
    createdAt: readInstant(row.createdAt) ?? hubIdSeconds(hubId),
    lastModifiedAt: readInstant(row.lastModified),
    task: readText(row.pipeline_tag, 'pipeline_tag'),
    library: readText(row.library_name, 'library_name'),
    licence: tags.licence,
    parameters: readParameters(row.safetensors),
    gated: readGating(row.gated),
    isDisabled: row.disabled === true,
    downloads30d,
    downloadsAllTime: readCount(row.downloadsAllTime, 'downloadsAllTime'),
    likes: readCount(row.likes, 'likes'),
    bases: declaredBases(readBaseModels(row.baseModels), tags.bases, row.cardData),
  }
}

function shape(path: string, expected: string, met: unknown): RowShapeError {
  const got = met === undefined ? 'nothing' : jsonStart(met, 60)
  return new RowShapeError(`${path}: expected ${expected}, got ${got}`)
}

function readCount(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null
  // "12" is refused on purpose: SQLite would turn it into 12 and nobody would know the Hub had changed.
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  if (!isCount || value > LARGEST_PLAUSIBLE_COUNT) throw shape(path, 'a count', value)
  return value
}

function readText(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw shape(path, 'a text', value)
  return value
}

/** What the census reads of a repository's tags. */
interface KeptTags {
  /** The first `license:` tag names it. */
  licence: string | null
  /** The `base_model:` tags, in their order. */
  bases: readonly string[]
}

const LICENCE_PREFIX = 'license:'
const NO_TAGS: readonly string[] = []

function readTags(value: unknown): KeptTags {
  if (value === undefined) return { licence: null, bases: NO_TAGS }
  if (!Array.isArray(value)) throw shape('tags', 'a list of texts', value)
  let licence: string | null = null
  let bases: string[] | null = null
  for (let index = 0; index < value.length; index += 1) {
    const tag: unknown = value[index]
    if (typeof tag !== 'string') throw shape(`tags[${index}]`, 'a text', tag)
    if (licence === null && tag.startsWith(LICENCE_PREFIX)) licence = tag.slice(LICENCE_PREFIX.length)
    else if (tag.startsWith(BASE_TAG_PREFIX)) {
      bases ??= []
      bases.push(tag)
    }
  }
  return { licence, bases: bases ?? NO_TAGS }
}

/** Seconds since the epoch; null for anything that is not a date between the Hub's floor and 2100. */
function readInstant(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const instant = hubInstant(value) ?? (ZONED_INSTANT.test(value) ? Date.parse(value) : Number.NaN)
  return instant >= EARLIEST_INSTANT && instant < LATEST_INSTANT ? Math.floor(instant / 1000) : null
}

/**
 * Milliseconds of a text in the Hub's own form, `2026-06-19T09:40:33.000Z`; null when it has any other, and for the last
 * days of a month, whose existence Date has to judge. Two such texts a row make the general parser a cost.
 */
function hubInstant(text: string): number | null {
  if (text.length !== 24) return null
  const isForm =
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(10) === 84 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58 &&
    text.charCodeAt(19) === 46 &&
    text.charCodeAt(23) === 90
  if (!isForm) return null
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const milli = digits(text, 20, 23)
  // -1 stands for what is no digit.
  const isPlain =
    year >= 1000 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60 &&
    milli >= 0
  if (!isPlain) return null
  return ((dayOfEra(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milli
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, counted in years that begin in March. */
function dayOfEra(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthsSinceMarch = month > 2 ? month - 3 : month + 9
  const leapDays = ((marchYear / 4) | 0) - ((marchYear / 100) | 0) + ((marchYear / 400) | 0)
  return marchYear * 365 + leapDays + (((153 * monthsSinceMarch + 2) / 5) | 0) + day - 719_469
}

/** The number that decimal digits write; -1 when one of them is none. */
function digits(text: string, from: number, until: number): number {
  let value = 0
  for (let at = from; at < until; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function readGating(value: unknown): Gating {
  if (value === undefined || value === null || value === false) return 'no'
  if (value === 'auto' || value === 'manual') return value
  throw shape('gated', 'false, "auto" or "manual"', value)
}

function readParameters(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('total' in value)) return null
  return typeof value.total === 'number' && Number.isSafeInteger(value.total) && value.total >= 0
    ? value.total
    : null
}

function readBaseModels(value: unknown): ResolvedBases | null {
  if (value === undefined || value === null) return null
  const { relation, models } = value as { relation?: unknown; models?: unknown }
  if (typeof relation !== 'string' || !isDerivativeRelation(relation)) {
    throw shape('baseModels.relation', "one of the Hub's four words", relation)
  }
  if (!Array.isArray(models)) throw shape('baseModels.models', 'a list', models)
  return {
    relation,
    models: models.map((model: unknown, index) => {
      const hubId = readHubId(model)
      const repoId = (model as { id?: unknown } | null)?.id
      if (hubId === null || typeof repoId !== 'string')
        throw shape(`baseModels.models[${index}]`, '_id and id', model)
      return { hubId, repoId }
    }),
  }
}
