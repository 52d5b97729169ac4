/** The Hub's four words for how a derivative derives from a base (hub-docs, model-cards.md). */
export const DERIVATIVE_RELATIONS = ['finetune', 'adapter', 'merge', 'quantized'] as const

export type DerivativeRelation = (typeof DERIVATIVE_RELATIONS)[number]

/** What an edge may carry: one of the Hub's words, or `undeclared` where a tag names a base and no relation. */
export type EdgeRelation = DerivativeRelation | 'undeclared'

/** All of them; columns hold their places here. */
export const EDGE_RELATIONS: readonly EdgeRelation[] = [...DERIVATIVE_RELATIONS, 'undeclared']

export function isDerivativeRelation(text: string): text is DerivativeRelation {
  return (DERIVATIVE_RELATIONS as readonly string[]).includes(text)
}
