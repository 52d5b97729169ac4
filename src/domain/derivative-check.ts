/** Our count of a base's direct derivatives of one relation beside the Hub's. */
export interface CheckedPair {
  repoKey: number
  relation: string
  ours: number
  hub: number
}

/** How far our counts are from the Hub's, over pairs with a derivative by either count. */
export interface CheckDifference {
  pairs: number
  differing: number
  /** Derivatives by the Hub's counts, and the sum of the differences without their signs. */
  hub: number
  difference: number
}

/** Two checks over the pairs that both made, when the later is markedly further from the Hub. */
export interface DerivativeDrift {
  before: CheckDifference
  now: CheckDifference
}
