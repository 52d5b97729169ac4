import type { AnswerBasis, CrossoverAnswer } from './headline.ts'
import type { UtcDay } from './utc-day.ts'

/** One line of a chart. A null value is a gap: the line breaks there. */
export interface ChartSeries {
  key: string
  name: string
  points: readonly { day: UtcDay; value: number | null }[]
}

/** A chart of series over days, with everything that has to stand inside the image. */
export interface SeriesChart {
  title: string
  /** Unit and window of the values. */
  unit: string
  /** Scope, attribution and source in words. */
  definition: string
  basis: AnswerBasis
  series: readonly ChartSeries[]
  /** The crossover drawn as a band between its two days; null for none. */
  crossover: CrossoverAnswer | null
}
