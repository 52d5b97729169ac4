import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Scope } from '../domain/registry.ts'

/** What decided about a repository's membership: `in`, or the rule that kept it out. */
export type ScopeVerdict = 'in' | 'task' | 'created' | 'name' | 'not-first-party' | 'derived-form'

/** Applies a scope's rules in the order of the ATOM policy (method.md 2.1); the first that fails decides, the publisher last. */
export function judgeScope(scope: Scope, repo: RepoFacts, attribution: Attribution): ScopeVerdict {
  if (scope.tasks !== null && (repo.task === null || !scope.tasks.has(repo.task))) return 'task'
  if (scope.createdAfter !== null && repo.createdOn <= scope.createdAfter) return 'created'
  const name = repo.repoId.slice(repo.repoId.indexOf('/') + 1)
  if (scope.rejectNames.some(pattern => pattern.test(name))) return 'name'
  if (scope.precisionSuffixes !== null && isDerivedForm(repo) && !hasSuffix(name, scope.precisionSuffixes)) {
    return 'derived-form'
  }
  // Last, so that this verdict means: only the publisher keeps it out.
  if (scope.firstParty && !isLab(attribution)) return 'not-first-party'
  return 'in'
}

function isLab(attribution: Attribution): boolean {
  return !['community', 'excluded', 'unreviewed', 'unresolved'].includes(attribution.line)
}

function isDerivedForm(repo: RepoFacts): boolean {
  return repo.bases.some(base => base.relation === 'quantized' || base.relation === 'adapter')
}

function hasSuffix(name: string, suffixes: readonly string[]): boolean {
  const lower = name.toLowerCase()
  return suffixes.some(
    suffix => lower.endsWith(`-${suffix.toLowerCase()}`) || lower.endsWith(`_${suffix.toLowerCase()}`),
  )
}
