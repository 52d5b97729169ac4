import { z } from 'zod'
import { LAB_KINDS } from '../domain/registry.ts'

const text = z.string()

const countryTenure = z.strictObject({
  country: text,
  from: text.optional(),
  until: text.optional(),
  evidence: text,
})

const handleTenure = z.strictObject({
  handle: text,
  from: text.optional(),
  until: text.optional(),
  evidence: text.optional(),
})

/** One entry of `labs.yml` as written. Shapes only: what the words must mean is checked where a line can be named. */
export const labEntry = z.strictObject({
  key: text,
  name: text,
  kind: z.enum(LAB_KINDS),
  countries: z.array(countryTenure),
  secondCountry: text.optional(),
  handles: z.array(handleTenure),
  exceptions: z.array(z.strictObject({ repo: text, reason: text, evidence: text })).optional(),
  families: z.array(z.strictObject({ key: text, name: text, patterns: z.array(text) })).optional(),
  note: text.optional(),
  checked: text,
})
export type LabEntry = z.infer<typeof labEntry>

/** One entry of `regions.yml` as written. */
export const regionEntry = z.strictObject({
  key: text,
  name: text,
  countries: z.union([z.array(text), z.literal('rest')]),
})

/** One entry of `scopes.yml` as written. */
export const scopeEntry = z.strictObject({
  key: text,
  version: z.number(),
  title: text,
  definition: text,
  source: text,
  tasks: z.array(text).optional(),
  rejectNames: z.array(text).optional(),
  createdAfter: text.optional(),
  bornWithinDays: z.number().optional(),
  firstParty: z.boolean(),
  precisionSuffixes: z.array(text).optional(),
  trainingWords: z.array(text).optional(),
  list: text.optional(),
})
export type ScopeEntry = z.infer<typeof scopeEntry>

/** One entry of `release-dates.yml` as written. */
export const releaseDateEntry = z.strictObject({ repo: text, released: text, note: text })

/** One entry of `sizes.yml` as written. */
export const sizeEntry = z.strictObject({
  repo: text,
  totalB: z.number(),
  activeB: z.number().optional(),
  legacy: z.boolean().optional(),
  note: text.optional(),
})
export type SizeEntry = z.infer<typeof sizeEntry>

/** One entry of `re-uploads.yml` as written. */
export const reuploadEntry = z.strictObject({
  handle: text,
  suffixes: z.array(text).optional(),
  rules: z.array(z.strictObject({ pattern: text, to: text, reason: text, evidence: text })).optional(),
  repos: z.array(z.strictObject({ repo: text, to: text, reason: text, evidence: text })).optional(),
  checked: text,
})
export type ReuploadEntry = z.infer<typeof reuploadEntry>

/** One item under `ids` of `aliases.yml` as written. */
export const movedIdEntry = z.strictObject({ id: text, to: text, evidence: text, checked: text })

/** One item under `handles` of `aliases.yml` as written. */
export const renamedHandleEntry = z.strictObject({ handle: text, to: text, evidence: text, checked: text })

/** The names allowed inside the object at `path`, for the remedy of an unknown one. */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let here: z.core.$ZodType = schema
  for (const step of path) {
    if (here instanceof z.ZodOptional) here = here.unwrap()
    if (here instanceof z.ZodArray) here = here.element
    else if (here instanceof z.ZodObject) here = here.shape[String(step)]
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}
