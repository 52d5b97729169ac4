/**
 * The counters of one repository over the days on which it was listed in a complete sweep: a column each, ascending by day. A
 * day that is absent is a gap, never a zero. Unchanged days are in it: silence on an observed day is a fact.
 */
export interface CounterSeries {
  /** Days since 1970-01-01. */
  days: Int32Array
  /** The Hub's rolling 30-day counter; NaN for unknown. */
  downloads30d: Float64Array
  /** The Hub's lifetime counter; NaN for unknown. */
  downloadsAllTime: Float64Array
  /** NaN for unknown. */
  likes: Float64Array
}
