import type { Registry } from '../domain/registry.ts'
import { nameOf } from '../domain/repo.ts'

/** How large a model is, in billions of parameters, and what said so. */
export interface ModelSize {
  totalB: number
  /** Parameters active for one token; null unless a person looked them up: never worked out from a name or from others. */
  activeB: number | null
  from: 'curated' | 'safetensors' | 'name'
}

/** The ATOM Project's buckets (method.md 2.1) by total parameters, each from its lower bound up to the next. */
const BUCKETS = [
  { bucket: '<1B', fromB: 0 },
  { bucket: '1-5B', fromB: 1 },
  { bucket: '5-10B', fromB: 5 },
  { bucket: '10-50B', fromB: 10 },
  { bucket: '50-100B', fromB: 50 },
  { bucket: '100-250B', fromB: 100 },
  { bucket: '250B+', fromB: 250 },
] as const

export type SizeBucket = (typeof BUCKETS)[number]['bucket']

/** The buckets, smallest first. */
export const SIZE_BUCKETS: readonly SizeBucket[] = BUCKETS.map(({ bucket }) => bucket)

/**
 * The size of a repository: the curated total, else the `parameters` of its safetensors header (a plain count), else a
 * number in its name (method.md 2.1); null when none of the three says anything. A safetensors sum can include vision
 * towers and prediction heads, and counts packed weights as fewer: that is what curated totals are for.
 */
export function sizeOf(
  repoId: string,
  parameters: number | null,
  { sizes }: Pick<Registry, 'sizes'>,
): ModelSize | null {
  const curated = sizes.get(repoId)
  if (curated !== undefined) return { totalB: curated.totalB, activeB: curated.activeB, from: 'curated' }
  if (parameters !== null && parameters > 0) {
    return { totalB: parameters / 1e9, activeB: null, from: 'safetensors' }
  }
  const totalB = totalInName(nameOf(repoId))
  return totalB === null ? null : { totalB, activeB: null, from: 'name' }
}

/** The bucket of a total in billions. Throws a RangeError for what is no positive number: an unknown size has no bucket. */
export function sizeBucket(totalB: number): SizeBucket {
  if (!(totalB > 0)) throw new RangeError(`not a number of parameters in billions: ${totalB}`)
  return BUCKETS.findLast(({ fromB }) => totalB >= fromB)!.bucket
}

// A letter before the number makes it something else: A3B is active, E4B effective, the 7B of 8x7B one expert. After a
// digit and "_" stand decimals (1_6b). M needs two digits: 1M is a context length. T is never read: in most names it counts tokens.
const IN_BILLIONS = /(?<![a-z0-9.]|\d_)(\d{1,4}(?:\.\d{1,3})?)b(?![a-z0-9])/gi
const IN_MILLIONS = /(?<![a-z0-9.]|\d_)(\d{2,4}(?:\.\d{1,3})?)m(?![a-z0-9])/gi
/** So many experts (`17B-16E`): the number in front is what is active. */
const EXPERTS = /(?<![a-z0-9.])\d{1,4}e(?![a-z0-9])/i

/** The one total a name states, in billions; null where it states none, or several and so perhaps an active count or tokens. */
function totalInName(name: string): number | null {
  if (EXPERTS.test(name)) return null
  for (const [pattern, billions] of [
    [IN_BILLIONS, 1],
    [IN_MILLIONS, 1e-3],
  ] as const) {
    const stated = [...name.matchAll(pattern)]
    if (stated.length === 0) continue
    const totalB = Number(stated[0]![1]) * billions
    return stated.length === 1 && totalB > 0 ? totalB : null
  }
  return null
}
