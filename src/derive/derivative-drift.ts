import type { CheckDifference, CheckedPair, DerivativeDrift } from '../domain/derivative-check.ts'

/** Growth of the part of pairs that differ, and of the difference relative to the Hub's counts, that is let pass. */
const GROWTH_LET_PASS = { pairs: 0.05, difference: 0.01 } as const
/** Growth by so few pairs, or derivatives, says nothing: of few pairs each is a large part. */
const FEWEST = 3

/**
 * Whether our counts of derivatives drift from the Hub's (our own rule): over the (base, relation) pairs that both checks
 * made, the part of pairs that differ grew by more than 5 percentage points and by at least 3 pairs, or the sum of the
 * differences, without their signs, grew by more than 1 % of the Hub's sum and by at least 3 derivatives. Counts differ
 * every night, because the Hub counts at another moment; that they differ more than they did is what wants an eye: a field
 * that changed, a relation that we do not read, a sweep that missed a stretch. Null where they do not drift.
 */
export function derivativeDrift(
  before: readonly CheckedPair[],
  now: readonly CheckedPair[],
): DerivativeDrift | null {
  const keyOf = ({ repoKey, relation }: CheckedPair) => `${repoKey} ${relation}`
  const [then, today] = [new Set(before.map(keyOf)), new Set(now.map(keyOf))]
  const drift = {
    before: differenceOf(before.filter(pair => today.has(keyOf(pair)))),
    now: differenceOf(now.filter(pair => then.has(keyOf(pair)))),
  }
  return hasGrown(drift) ? drift : null
}

function differenceOf(pairs: readonly CheckedPair[]): CheckDifference {
  const known = pairs.filter(({ ours, hub }) => ours > 0 || hub > 0)
  return {
    pairs: known.length,
    differing: known.filter(({ ours, hub }) => ours !== hub).length,
    hub: known.reduce((sum, { hub }) => sum + hub, 0),
    difference: known.reduce((sum, { ours, hub }) => sum + Math.abs(ours - hub), 0),
  }
}

function hasGrown({ before, now }: DerivativeDrift): boolean {
  const pairs = share(now.differing, now.pairs) - share(before.differing, before.pairs)
  const difference = share(now.difference, now.hub) - share(before.difference, before.hub)
  return (
    (pairs > GROWTH_LET_PASS.pairs && now.differing - before.differing >= FEWEST) ||
    (difference > GROWTH_LET_PASS.difference && now.difference - before.difference >= FEWEST)
  )
}

/** Something against nothing is beyond every bound. */
function share(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole
}
