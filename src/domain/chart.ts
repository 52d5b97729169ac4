import type { AnswerBasis, CrossoverAnswer } from './headline.ts'
import type { UtcDay } from './utc-day.ts'

/** One line of a chart. A null value is a gap: the line breaks there. */
export interface ChartSeries {
  key: string
  name: string
  points: readonly { day: UtcDay; value: number | null }[]
}

/** Why days of a chart are marked. */
export type AnnotationKind = 'hub-incident' | 'frozen' | 'held' | 'rejected' | 'gap' | 'spike' | 'restatement'

/** Days of a chart on which the counters say something else than what was downloaded. */
export interface ChartAnnotation {
  kind: AnnotationKind
  from: UtcDay
  /** The last day; null while it lasts. */
  until: UtcDay | null
  /** Short, without its days. A repository's name can be in it: text from outside. */
  label: string
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
  /** By day. */
  annotations: readonly ChartAnnotation[]
}
