import type { LooseCause } from '../domain/lineage.ts'
import type { Registry, ReuploadRule } from '../domain/registry.ts'
import { handleOf, isRepoId, nameOf } from '../domain/repo.ts'

/** No id on the Hub is longer; the reviewed patterns were judged for names of this length. */
const LONGEST_ID = 512

/** The model that a copy leads to, and the rule that says so. */
export interface ReuploadAnswer {
  repoId: string
  rule: ReuploadRule
}

/**
 * Finds the model of which a repository is a copy by the reviewed rules: single repositories first, then the patterns of
 * its handle in the order of the file. Null for whatever no rule is about. A declared base is stronger than any rule:
 * ask only for a repository that declares none, or is not in the file.
 */
export function createReuploadFinder({
  reuploads,
}: Pick<Registry, 'reuploads'>): (repoId: string) => ReuploadAnswer | null {
  const singles = new Map<string, ReuploadRule>()
  const byHandle = new Map<string, ReuploadRule[]>()
  for (const rule of reuploads) {
    const rules = byHandle.get(rule.handle)
    if (rule.repoId !== null) singles.set(rule.repoId, rule)
    else if (rules) rules.push(rule)
    else byHandle.set(rule.handle, [rule])
  }
  return repoId => {
    const single = singles.get(repoId)
    if (single !== undefined) return { repoId: single.to, rule: single }
    const rules = byHandle.get(handleOf(repoId))
    if (rules === undefined || repoId.length > LONGEST_ID || !isRepoId(repoId)) return null
    for (const rule of rules) {
      const taken = rule.pattern.exec(nameOf(repoId))
      if (taken === null) continue
      const target = rule.to.replace(/\$([1-9])/g, (_, group) => taken[Number(group)] ?? '')
      return isRepoId(target) ? { repoId: target, rule } : null
    }
    return null
  }
}

/** Where a declared id went, and by which kind of rule. */
export interface AliasAnswer {
  repoId: string
  rule: 'legacy-id' | 'renamed-handle'
}

/** Finds where a declared id went by the reviewed aliases: the id itself, else its handle. Null for any other text. */
export function createAliasFinder({
  aliases: { ids, handles },
}: Pick<Registry, 'aliases'>): (declared: string) => AliasAnswer | null {
  return declared => {
    const moved = ids.get(declared)
    if (moved !== undefined) return { repoId: moved.to, rule: 'legacy-id' }
    if (declared.length > LONGEST_ID || !isRepoId(declared)) return null
    const renamed = handles.get(handleOf(declared))
    if (renamed === undefined) return null
    const repoId = `${renamed.to}/${nameOf(declared)}`
    return { repoId: ids.get(repoId)?.to ?? repoId, rule: 'renamed-handle' }
  }
}

const ADDRESS = /^https?:\/\//i
const PATH_START = /^(?:[/~]|\.{1,2}(?:\/|$)|[A-Za-z]:\/)/
const BARE_NAME = /^[A-Za-z0-9][\w.-]*$/

/** What is wrong with a declared base that leads to no repository, by its form alone. */
export function looseCause(declared: string): Exclude<LooseCause, 'self'> {
  if (declared.length > LONGEST_ID) return 'malformed'
  if (ADDRESS.test(declared)) return 'address'
  const hasSecondSlash = declared.indexOf('/') !== declared.lastIndexOf('/')
  if (hasSecondSlash || declared.includes('\\') || PATH_START.test(declared)) return 'path'
  if (isRepoId(declared)) return 'absent'
  return BARE_NAME.test(declared) ? 'bare-name' : 'malformed'
}
