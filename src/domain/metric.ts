/** What a published number means: printed, mirrored into the file, and documented from this one value. */
export interface MetricDefinition {
  key: string
  /** Raised whenever the rule changes a value. */
  version: number
  question: string
  formula: string
  unit: string
  caveat: string
  source: string
}
