import type { Evidence } from '../domain/counter-event.ts'
import { DETECTOR_RULES } from './detector-rules.ts'

const { ciSuspect: rules } = DETECTOR_RULES

/** A repository as the search looks at it. */
export interface SuspectCandidate {
  repoKey: number
  repoId: string
  downloads30d: number
  /** Null for unknown. */
  likes: number | null
  /** Null for unknown. */
  parameters: number | null
}

export interface CiSuspect {
  repoKey: number
  evidence: Evidence
}

const SIZE_CLASSES = ['<1B', '1-9B', '10-100B', '>100B', 'unknown'] as const
type SizeClass = (typeof SIZE_CLASSES)[number]

/**
 * Repositories whose downloads look like automatic tests (method.md M18), by repository key: a name on the list, or at least
 * 100,000 downloads in 30 days and more of them per like than 99.5 % of the size class. The classes are those of the repositories
 * given (all with at least `ciSuspect.population` downloads), of 200 and more; unknown likes are not judged, and none
 * count as one. Evidence: `perLike`, `percentile` (share of the class with fewer per like), `sizeClass`, `rule` (`name`,
 * `downloads-per-like`) and `listVersion`.
 */
export function findCiSuspects(repos: readonly SuspectCandidate[]): CiSuspect[] {
  const classes = new Map<SizeClass, number[]>(SIZE_CLASSES.map(sizeClass => [sizeClass, []]))
  for (const repo of repos) {
    const perLike = downloadsPerLike(repo)
    if (perLike !== null) classes.get(sizeClassOf(repo))!.push(perLike)
  }
  for (const values of classes.values()) values.sort((a, b) => a - b)
  const found: CiSuspect[] = []
  for (const repo of repos) {
    const sizeClass = sizeClassOf(repo)
    const values = classes.get(sizeClass)!
    const perLike = downloadsPerLike(repo)
    const rule = hasListedName(repo.repoId)
      ? 'name'
      : perLike !== null && repo.downloads30d >= rules.downloads30d && perLike > limitOf(values)
        ? 'downloads-per-like'
        : null
    if (rule === null) continue
    const percentile = perLike === null ? null : countBelow(values, perLike) / values.length
    const { listVersion } = rules
    found.push({ repoKey: repo.repoKey, evidence: { perLike, percentile, sizeClass, rule, listVersion } })
  }
  return found.sort((a, b) => a.repoKey - b.repoKey)
}

function downloadsPerLike({ downloads30d, likes }: SuspectCandidate): number | null {
  return likes === null || Number.isNaN(likes) ? null : downloads30d / Math.max(1, likes)
}

/** Names are compared in small letters: the Hub's are unique regardless of case. */
function hasListedName(repoId: string): boolean {
  const slash = repoId.indexOf('/')
  const handle = repoId.slice(0, Math.max(0, slash)).toLowerCase()
  const name = repoId.slice(slash + 1).toLowerCase()
  return rules.handles.some(listed => handle === listed) || rules.names.some(part => name.includes(part))
}

function sizeClassOf({ parameters }: SuspectCandidate): SizeClass {
  if (parameters === null || !(parameters > 0)) return 'unknown'
  if (parameters < 1e9) return '<1B'
  if (parameters < 10e9) return '1-9B'
  return parameters <= 100e9 ? '10-100B' : '>100B'
}

/** The percentile of ascending values, by nearest rank: of fewer than 200 it is the largest, which nobody is above. */
function limitOf(values: readonly number[]): number {
  return values[Math.ceil(rules.percentile * values.length) - 1]!
}

function countBelow(values: readonly number[], value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
