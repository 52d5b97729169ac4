import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import { handleOf, nameOf } from '../domain/repo.ts'

/** What decided about a repository's membership: `in`, or the rule that kept it out. */
export type ScopeVerdict =
  | 'in'
  | 'not-listed'
  | 'task'
  | 'created'
  | 'name'
  | 'not-first-party'
  | 'derived-form'

/**
 * Applies a scope's rules in the order of the ATOM policy (method.md 2.1), a published list before all; the first that
 * fails decides, the publisher last. A list holds a repository by its current name alone: `RepoFacts` knows no other.
 */
export function judgeScope(
  scope: Scope,
  repo: RepoFacts,
  attribution: Attribution,
  registry: Pick<Registry, 'releaseDates'>,
): ScopeVerdict {
  if (scope.listed !== null && !scope.listed.has(repo.repoId)) return 'not-listed'
  if (scope.tasks !== null && (repo.task === null || !scope.tasks.has(repo.task))) return 'task'
  if (scope.createdAfter !== null && releasedOn(repo, registry) <= scope.createdAfter) return 'created'
  const name = nameOf(repo.repoId)
  if (scope.rejectNames.some(pattern => pattern.test(name))) return 'name'
  if (
    scope.precisionSuffixes !== null &&
    !hasSuffix(name, scope.precisionSuffixes) &&
    isDerivedForm(repo, scope)
  ) {
    return 'derived-form'
  }
  // Last, so that this verdict means: only the publisher keeps it out.
  if (scope.firstParty && !isLab(attribution)) return 'not-first-party'
  return 'in'
}

/** The reviewed day of release, else the day the repository was created (method.md 2.1). */
function releasedOn(repo: RepoFacts, { releaseDates }: Pick<Registry, 'releaseDates'>): string {
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
