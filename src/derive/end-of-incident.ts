import { DETECTOR_RULES } from './detector-rules.ts'

const { reachDays } = DETECTOR_RULES.series

/**
 * The last day of an incident that began on day `from` and was last seen at index `last`: null where nothing was observed after
 * it within the 60 days an event may look ahead, so that it may last.
 */
export function endOfIncident(days: Int32Array, from: number, last: number): number | null {
  return last + 1 < days.length && days[last + 1]! <= from + reachDays ? days[last]! : null
}
