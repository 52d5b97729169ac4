import type { DerivativeShare } from '../domain/derivative.ts'
import type { Registry } from '../domain/registry.ts'
import type { ShareMovement } from '../domain/registry-comparison.ts'
import { lineName, lineOrder } from './lines.ts'

/** The shares of one day, and the registry that judged them. */
export interface JudgedShares {
  registry: Registry
  shares: readonly DerivativeShare[]
}

/** Parts of repositories are sums of fractions, whose last digits depend on the order. */
const SMALLEST_PART = 1e-9

/**
 * What moves in every share of derivatives between two judgements of the same facts, given in the same order: the lines whose
 * part differs. Whom a share counts is a fact, and the same on both sides.
 */
export function shareMovements(before: JudgedShares, after: JudgedShares): ShareMovement[] {
  const order = [...new Set([...lineOrder(after.registry), ...lineOrder(before.registry)])]
  return after.shares.map((share, index) => {
    const { lines, ...rule } = share
    const was = partsOf(before.shares[index]!)
    const is = partsOf(share)
    return {
      ...rule,
      lines: order.flatMap(key => {
        const parts = { before: was.get(key) ?? 0, after: is.get(key) ?? 0 }
        const change = parts.after - parts.before
        if (Math.abs(change) < SMALLEST_PART) return []
        return [{ key, name: nameOf(key, before.registry, after.registry), ...parts, change }]
      }),
    }
  })
}

function partsOf({ lines, counted }: DerivativeShare): Map<string, number> {
  return new Map(lines.map(({ line, repos }) => [line, repos / counted]))
}

/** A line that only one registry has is named by that one. */
function nameOf(key: string, before: Registry, after: Registry): string {
  const name = lineName(after, key)
  return name === key ? lineName(before, key) : name
}
