import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import { handleOf, nameOf } from '../domain/repo.ts'
import { addDays, type UtcDay } from '../domain/utc-day.ts'

/** What decided about a repository's membership: `in`, or the rule that kept it out. */
export type ScopeVerdict =
  | 'in'
  | 'not-listed'
  | 'task'
  | 'created'
  | 'aged'
  | 'name'
  | 'not-first-party'
  | 'derived-form'

/** What a verdict rests on beside scope and repository. Made once for a day: three million verdicts ask it. */
export interface ScopeBasis extends Pick<Registry, 'releaseDates'> {
  /** By scope key: a repository created on this day or before is too old. */
  agedUntil: ReadonlyMap<string, UtcDay>
}

/** The basis of verdicts for one day. */
export function scopeBasis(
  { releaseDates, scopes }: Pick<Registry, 'releaseDates' | 'scopes'>,
  day: UtcDay,
): ScopeBasis {
  const aged = [...scopes.values()].flatMap(({ key, bornWithinDays }) =>
    bornWithinDays === null ? [] : [[key, addDays(day, -bornWithinDays)] as const],
  )
  return { releaseDates, agedUntil: new Map(aged) }
}

/**
 * Applies a scope's rules in the order of the ATOM policy (method.md 2.1), a published list before all; the first that
 * fails decides, the publisher last. A list holds a repository by its current name
 * or by one it had: a rename takes nothing off somebody else's list, and two names of one repository are one repository.
 */
export function judgeScope(
  scope: Scope,
  repo: RepoFacts,
  attribution: Attribution,
  basis: ScopeBasis,
): ScopeVerdict {
  if (scope.listed !== null && !isListed(scope.listed, repo)) return 'not-listed'
  if (scope.tasks !== null && (repo.task === null || !scope.tasks.has(repo.task))) return 'task'
  if (scope.createdAfter !== null && releasedOn(repo, basis) <= scope.createdAfter) return 'created'
  if (scope.bornWithinDays !== null && isAged(scope, repo, basis)) return 'aged'
  if (rejectedBy(scope, repo.repoId) !== undefined) return 'name'
  if (
    scope.precisionSuffixes !== null &&
    !hasSuffix(nameOf(repo.repoId), scope.precisionSuffixes) &&
    isDerivedForm(repo, scope)
  ) {
    return 'derived-form'
  }
  // Last, so that this verdict means: only the publisher keeps it out.
  if (scope.firstParty && !isLab(attribution)) return 'not-first-party'
  return 'in'
}

/** The first pattern of a scope that keeps a repository out by the name part of its id. */
export function rejectedBy({ rejectNames }: Scope, repoId: string): RegExp | undefined {
  if (rejectNames.length === 0) return undefined
  const name = nameOf(repoId)
  return rejectNames.find(pattern => pattern.test(name))
}

function isListed(listed: ReadonlySet<string>, { repoId, formerNames }: RepoFacts): boolean {
  return listed.has(repoId) || formerNames.some(name => listed.has(name))
}

function isAged(scope: Scope, repo: RepoFacts, { agedUntil }: ScopeBasis): boolean {
  const until = agedUntil.get(scope.key)
  return until !== undefined && repo.createdOn <= until
}

/** The reviewed day of release, else the day the repository was created (method.md 2.1). */
export function releasedOn(
  repo: Pick<RepoFacts, 'repoId' | 'createdOn'>,
  { releaseDates }: Pick<Registry, 'releaseDates'>,
): string {
  return releaseDates.get(repo.repoId)?.released ?? repo.createdOn
}

function isLab(attribution: Attribution): boolean {
  return !['community', 'excluded', 'unreviewed', 'unresolved'].includes(attribution.line)
}

function isDerivedForm(repo: RepoFacts, scope: Scope): boolean {
  return repo.bases.some(({ relation, repoId }) => {
    if (relation === 'adapter') return true
    return (
      relation === 'quantized' && !(repoId !== null && isStageOf(repo.repoId, repoId, scope.trainingWords))
    )
  })
}

/** Whether two repositories of one handle are stages of one model: their names differ by training words alone. */
function isStageOf(repoId: string, baseId: string, trainingWords: ReadonlySet<string>): boolean {
  const stem = (id: string) =>
    nameOf(id)
      .toLowerCase()
      .split(/[-_]/)
      .filter(word => !trainingWords.has(word))
      .join('-')
  return repoId !== baseId && handleOf(repoId) === handleOf(baseId) && stem(repoId) === stem(baseId)
}

function hasSuffix(name: string, suffixes: readonly string[]): boolean {
  const lower = name.toLowerCase()
  return suffixes.some(
    suffix => lower.endsWith(`-${suffix.toLowerCase()}`) || lower.endsWith(`_${suffix.toLowerCase()}`),
  )
}
