import { type DerivativeRelation, type EdgeRelation, isDerivativeRelation } from '../domain/relation.ts'
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
  // SQLite would keep half a character as bytes that read back as other text: the edge could never be ended.
  const rest = tag.slice(BASE_TAG_PREFIX.length).replace(HALF_CHARACTERS, '\ufffd')
  const colon = rest.indexOf(':')
  const word = colon < 0 ? '' : rest.slice(0, colon)
  if (isDerivativeRelation(word)) return { declared: rest.slice(colon + 1), relation: word }
  return { declared: rest, relation: null }
}

/** Half of a pair of UTF-16: no file of UTF-8 can hold it as written. */
const HALF_CHARACTERS = /\p{Surrogate}/gu

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
 * The declared bases of a repository: resolved ones from `baseModels`, others from its tags, and from its card
 * (`cardData` as received, whatever it is) those that neither names. A bare `base_model:X` tag counts only where no
 * relation names X: the Hub writes tags in pairs. Sorted by text, each once. Never throws.
 */
export function declaredBases(
  resolved: ResolvedBases | null,
  tags: readonly string[],
  card?: unknown,
): readonly DeclaredBase[] {
  const said = card === undefined ? null : readCard(card)
  // Seven of ten repositories declare none.
  if (resolved === null && said === null && !hasBaseTag(tags)) return NONE
  const parsed: BaseTag[] = []
  for (const tag of tags) {
    const base = parseBaseTag(tag)
    if (base !== null) parsed.push(base)
  }
  const bases = onlyBase(resolved, parsed) ?? everyBase(resolved, parsed)
  return said === null ? bases : withCard(bases, resolved, parsed, said)
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

/** What the author of a card wrote of its bases. */
interface CardBases {
  /** Each once, as written. */
  declared: ReadonlySet<string>
  relation: EdgeRelation
}

/** A name has fewer than 200 characters and a path of somebody's disk not many more. */
const LONGEST_CARD_TEXT = 512
/** The largest merges have some twenty bases. */
const MOST_CARD_BASES = 100
/**
 * The bases in `base_model`, a text or a list of texts; null for none. A card is whatever its author typed: what is
 * empty, too long, too many or no whole text is passed over, and never costs the row.
 */
function readCard(card: unknown): CardBases | null {
  if (typeof card !== 'object' || card === null) return null
  const { base_model: named, base_model_relation: word } = card as Record<string, unknown>
  const texts: readonly unknown[] = Array.isArray(named) ? named : [named]
  const declared = new Set<string>()
  for (const text of texts) {
    if (typeof text !== 'string' || text === '' || text.length > LONGEST_CARD_TEXT) continue
    if (text.search(HALF_CHARACTERS) >= 0) continue
    declared.add(text)
    if (declared.size === MOST_CARD_BASES) break
  }
  if (declared.size === 0) return null
  const isRelation = typeof word === 'string' && isDerivativeRelation(word)
  return { declared, relation: isRelation ? word : 'undeclared' }
}

/** Adds the texts of a card that neither a resolved base nor a tag names. */
function withCard(
  bases: readonly DeclaredBase[],
  resolved: ResolvedBases | null,
  parsed: readonly BaseTag[],
  { declared, relation }: CardBases,
): readonly DeclaredBase[] {
  const models = resolved?.models ?? []
  const named = new Set([...models.map(({ repoId }) => repoId), ...parsed.map(tag => tag.declared)])
  const unnamed = [...declared].filter(text => !named.has(text))
  // A card can still say a base's old name. Where as many bases were resolved to names that the card does not have,
  // each of its unnamed texts is such an old name, not one more base.
  const unsaid = models.filter(({ repoId }) => !declared.has(repoId))
  if (unnamed.length <= unsaid.length) return bases
  const added = unnamed.map(text => ({ declared: text, relation, baseHubId: null }))
  const key = (base: DeclaredBase) => `${base.relation} ${base.declared}`
  return [...bases, ...added].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
