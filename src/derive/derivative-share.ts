import type { Derivative, DerivativeShare, ShareCounter } from '../domain/derivative.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { Attributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'

export interface DerivativeShareRule {
  counter: ShareCounter
  threshold: number
  relations: readonly string[]
  createdFrom: string | null
}

/**
 * Share of derivatives with more than `threshold` downloads by region line of their immediate declared base
 * (method.md M5). Bases are judged as of `day`; several bases share one repository equally.
 */
export function derivativeShare(
  derivatives: Iterable<Derivative>,
  attributor: Attributor,
  day: UtcDay,
  rule: DerivativeShareRule,
): DerivativeShare {
  const weights = new Map<string, number>()
  const publishers = new Set<string>()
  let considered = 0
  let counterUnknown = 0
  let counted = 0
  for (const { repo, counters } of derivatives) {
    if (rule.createdFrom !== null && repo.createdOn < rule.createdFrom) continue
    const bases = repo.bases.filter(base => rule.relations.includes(base.relation))
    if (bases.length === 0) continue
    considered += 1
    const downloads = counters[rule.counter]
    if (downloads === null) {
      counterUnknown += 1
      continue
    }
    if (downloads <= rule.threshold) continue
    counted += 1
    publishers.add(repo.handle)
    const answers = attributeBases(attributor, { ...repo, bases }, day)
    for (const { line } of answers) weights.set(line, (weights.get(line) ?? 0) + 1 / answers.length)
  }
  const lines = [...weights.entries()]
    .map(([line, repos]) => ({ line, repos }))
    .sort((a, b) => b.repos - a.repos || (a.line < b.line ? -1 : 1))
  return { ...rule, considered, counterUnknown, counted, publishers: publishers.size, lines }
}
