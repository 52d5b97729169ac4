/** Sorts the values in place and returns the middle one, or the mean of the two in the middle; NaN of none. */
export function medianOf(values: Float64Array): number {
  if (values.length === 0) return Number.NaN
  values.sort()
  const half = values.length >> 1
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2
}
