import { MONTHLY_COUNTERS, RELATION_SET_KEYS, SHARE_THRESHOLDS } from '../domain/derivative.ts'
import type { MonthSpan, ShareAnswer, ShareChoice, ShareRange, ShareVariant } from '../domain/share-answer.ts'
import { TOTAL_ATTRIBUTIONS } from '../domain/total.ts'
import type { ShareSums } from './share-sums.ts'

/** Below this, one repository moves a share by more than a point: such combinations set no range. */
const LEAST_COUNTED = 100

/**
 * How far every other choice moves a share (method.md section 4, items 1, 7 and 8): each one at a time, and the range
 * of each watched line over all combinations. `spans`: the spans of months to compare, the choice's own among them.
 */
export function shareSensitivity(
  sums: ShareSums,
  choice: ShareChoice,
  spans: readonly MonthSpan[],
  watched: readonly string[],
): Pick<ShareAnswer, 'alternatives' | 'ranges' | 'combinations'> {
  const known = variantOf(sums, choice, watched).shares.map(({ share }) => share)
  const alternatives = othersOneByOne(choice, spans).map(({ changed, other }) => {
    const variant = variantOf(sums, other, watched)
    const shares = variant.shares.map(({ line, share }, index) => ({
      line,
      share,
      points: pointsBetween(known[index] ?? null, share),
    }))
    return { ...variant, shares, changed }
  })
  const all = everyCombination(spans).map(other => variantOf(sums, other, watched))
  const enough = all.filter(({ counted }) => counted >= LEAST_COUNTED)
  return {
    alternatives,
    ranges: watched.flatMap((line, index) => rangeOf(line, index, enough)),
    combinations: {
      enough: enough.length,
      tooFew: all.length - enough.length,
      leastCounted: LEAST_COUNTED,
    },
  }
}

function othersOneByOne(
  choice: ShareChoice,
  spans: readonly MonthSpan[],
): { changed: keyof ShareChoice; other: ShareChoice }[] {
  const others = <Key extends keyof ShareChoice>(changed: Key, values: readonly ShareChoice[Key][]) =>
    values
      .filter(value => JSON.stringify(value) !== JSON.stringify(choice[changed]))
      .map(value => ({ changed, other: { ...choice, [changed]: value } }))
  return [
    ...others('attribution', TOTAL_ATTRIBUTIONS),
    ...others('threshold', SHARE_THRESHOLDS),
    ...others('counter', MONTHLY_COUNTERS),
    ...others('relations', RELATION_SET_KEYS),
    ...others('isCapped', [false, true]),
    ...others('months', spans),
  ]
}

function everyCombination(spans: readonly MonthSpan[]): ShareChoice[] {
  return RELATION_SET_KEYS.flatMap(relations =>
    MONTHLY_COUNTERS.flatMap(counter =>
      SHARE_THRESHOLDS.flatMap(threshold =>
        TOTAL_ATTRIBUTIONS.flatMap(attribution =>
          [false, true].flatMap(isCapped =>
            spans.map(months => ({ relations, counter, threshold, attribution, isCapped, months })),
          ),
        ),
      ),
    ),
  )
}

function variantOf(sums: ShareSums, choice: ShareChoice, watched: readonly string[]): ShareVariant {
  const { counted, counterUnknown, lines } = sums.sum(choice)
  const shares = new Map(lines.map(({ line, share }) => [line, share]))
  return {
    choice,
    counted,
    counterUnknown,
    shares: watched.map(line => ({ line, share: shares.get(line) ?? null, points: null })),
  }
}

function pointsBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : (after - before) * 100
}

/** Of equal shares the first combination stands for all. */
function rangeOf(line: string, index: number, variants: readonly ShareVariant[]): ShareRange[] {
  const ends = variants.map(({ choice, counted, shares }) => ({
    share: shares[index]!.share ?? 0,
    counted,
    choice,
  }))
  const [first] = ends
  if (first === undefined) return []
  const lowest = ends.reduce((found, end) => (end.share < found.share ? end : found), first)
  const highest = ends.reduce((found, end) => (end.share > found.share ? end : found), first)
  return [{ line, lowest, highest }]
}
