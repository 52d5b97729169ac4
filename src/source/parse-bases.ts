import { type DerivativeRelation, isDerivativeRelation } from '../domain/relation.ts'
import type { DeclaredBase } from '../domain/repo.ts'

export const BASE_TAG_PREFIX = 'base_model:'

interface BaseTag {
  declared: string
  relation: DerivativeRelation | null
}

/**
 * Reads one `base_model:…` tag with a bounded split: the rest after the relation word is the id and may itself hold
 * `:` or `\`. Null for any other tag.
 */
export function parseBaseTag(tag: string): BaseTag | null {
  if (!tag.startsWith(BASE_TAG_PREFIX)) return null
  const rest = tag.slice(BASE_TAG_PREFIX.length)
  const colon = rest.indexOf(':')
  const word = colon < 0 ? '' : rest.slice(0, colon)
  if (isDerivativeRelation(word)) return { declared: rest.slice(colon + 1), relation: word }
  return { declared: rest, relation: null }
}

const NONE: readonly DeclaredBase[] = []

function hasBaseTag(tags: readonly string[]): boolean {
  for (const tag of tags) if (tag.startsWith(BASE_TAG_PREFIX)) return true
  return false
}

/** What the Hub resolved: one relation, the bases' `_id` and current name. */
export interface ResolvedBases {
  relation: DerivativeRelation
  models: readonly { hubId: string; repoId: string }[]
}

/**
 * The declared bases of a repository: resolved ones from `baseModels`, the others from its tags. A bare
 * `base_model:X` tag counts only where no relation names X: the Hub writes tags in pairs. Sorted by text, each once.
 */
export function declaredBases(
  resolved: ResolvedBases | null,
  tags: readonly string[],
): readonly DeclaredBase[] {
  // Seven of ten repositories declare none.
  if (resolved === null && !hasBaseTag(tags)) return NONE
  const parsed: BaseTag[] = []
  for (const tag of tags) {
    const base = parseBaseTag(tag)
    if (base !== null) parsed.push(base)
  }
  return onlyBase(resolved, parsed) ?? everyBase(resolved, parsed)
}

/** The usual case: one resolved base, and tags that say the same; null for any other. */
function onlyBase(resolved: ResolvedBases | null, parsed: readonly BaseTag[]): DeclaredBase[] | null {
  const only = resolved?.models.length === 1 ? resolved.models[0]! : null
  if (resolved === null || only === null) return null
  const { relation } = resolved
  const isSame = (tag: BaseTag) =>
    tag.declared === only.repoId && (tag.relation === null || tag.relation === relation)
  return parsed.every(isSame) ? [{ declared: only.repoId, relation, baseHubId: only.hubId }] : null
}

function everyBase(resolved: ResolvedBases | null, parsed: readonly BaseTag[]): DeclaredBase[] {
  const bases = new Map<string, DeclaredBase>()
  const named = new Set<string>()
  for (const { hubId, repoId } of resolved?.models ?? []) {
    const relation = resolved?.relation ?? 'undeclared'
    bases.set(`${relation} ${repoId}`, { declared: repoId, relation, baseHubId: hubId })
    named.add(repoId)
  }
  // The Hub resolves a base to its current name, and a tag can still say an old one. When every relation tag has its
  // resolved base, a tag that matches none by name is such an old name, not a second base.
  const tagged = new Set(parsed.flatMap(({ declared, relation }) => (relation === null ? [] : [declared])))
  const isAllResolved = resolved !== null && tagged.size <= resolved.models.length
  for (const { declared, relation } of parsed) {
    if (relation === null) continue
    named.add(declared)
    if (isAllResolved) continue
    const key = `${relation} ${declared}`
    if (!bases.has(key)) bases.set(key, { declared, relation, baseHubId: null })
  }
  for (const { declared, relation } of parsed) {
    if (relation !== null || named.has(declared)) continue
    bases.set(`undeclared ${declared}`, { declared, relation: 'undeclared', baseHubId: null })
  }
  return [...bases.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, base]) => base)
}
